//! A small HTTP server inside the test, which answers what the test says.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(status: u16, value: &impl serde::Serialize) -> Self {
        Self { status, kind: "application/json", body: serde_json::to_vec(value).unwrap() }
    }

    pub(crate) fn bytes(body: Option<Vec<u8>>) -> Self {
        let status = if body.is_some() { 200 } else { 404 };
        Self { status, kind: "application/octet-stream", body: body.unwrap_or_default() }
    }
}

/// Answers until the test ends.
pub(crate) struct Server {
    url: String,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self::serve(listener, answer);
        Self { url }
    }

    /// Answers on a listener whose address had to be known before.
    pub(crate) fn serve(listener: TcpListener, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) {
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let answer = answer.clone();
                thread::spawn(move || handle(stream.unwrap(), answer.as_ref()));
            }
        });
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

fn handle(stream: TcpStream, answer: &dyn Fn(&Request) -> Answer) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim().split_once(':') {
            Some((name, value)) => headers.push((name.to_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let mut request = Request { method, path, headers, body: Vec::new() };
    let length: usize = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut stream = stream;
    // A real store says what it thinks of a token before it takes a package.
    let waits = request.header("expect").is_some();
    if waits && request.header("authorization") == Some("Bearer right") {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
    }
    if !waits || request.header("authorization") == Some("Bearer right") {
        request.body = vec![0; length];
        reader.read_exact(&mut request.body).unwrap();
    }
    let Answer { status, kind, body } = answer(&request);
    let head = format!(
        "HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // A client that has heard enough may be gone.
    drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)));
}
