//! The same store behind a web server.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use crate::{
    app::{App, PERMIT},
    device::{Terminal, id, options},
    store::Store,
};

/// A web server for one folder. It writes down what is asked for.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

/// A delta that is made when somebody asks for a package and has its dictionary.
pub(crate) struct OnRequest {
    /// `Available-Dictionary`.
    pub(crate) available: String,
    /// `Content-Encoding`, and what comes then.
    pub(crate) answer: (&'static str, Vec<u8>),
}

impl Server {
    fn start(folder: &Path) -> Self {
        Self::with(folder, None)
    }

    pub(crate) fn with(folder: &Path, on_request: Option<OnRequest>) -> Self {
        let on_request = Arc::new(on_request);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/static", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (folder, writing) = (folder.to_owned(), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (folder, writing, on_request) = (folder.clone(), Arc::clone(&writing), Arc::clone(&on_request));
                thread::spawn(move || answer(&stream.unwrap(), &folder, &writing, on_request.as_ref().as_ref()));
            }
        });
        Self { url, asked }
    }
}

/// Answers one request after the other until the other side has enough.
fn answer(stream: &TcpStream, folder: &Path, asked: &Mutex<Vec<String>>, on_request: Option<&OnRequest>) {
    let mut lines = BufReader::new(stream).lines();
    while let Some(Ok(request)) = lines.next() {
        let path = request.split(' ').nth(1).unwrap().strip_prefix("/static/").unwrap().to_owned();
        let headers: Vec<_> = lines.by_ref().map_while(|line| line.ok().filter(|line| !line.is_empty())).collect();
        let has = |name: &str, value: &str| {
            let mut pairs = headers.iter().filter_map(|header| header.split_once(": "));
            pairs.any(|(key, found)| key.eq_ignore_ascii_case(name) && found == value)
        };
        let made = on_request.filter(|made| {
            path.starts_with("packages/")
                && has("available-dictionary", &made.available)
                && has("accept-encoding", "dcb, dcz")
        });
        let (status, coding, body) = match (made, fs::read(PathBuf::from(folder).join(&path))) {
            (Some(OnRequest { answer: (coding, body), .. }), _) => ("200 OK", *coding, body.clone()),
            (None, Ok(body)) => ("200 OK", "identity", body),
            (None, Err(_)) => ("404 Not Found", "identity", b"not here".to_vec()),
        };
        asked.lock().unwrap().push(path);
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\ncontent-encoding: {coding}\r\n\r\n");
        let mut stream = stream;
        if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
            return;
        }
    }
}

#[test]
fn a_host_follows_installs_and_updates_over_http() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let server = Server::start(store.folder());
    let terminal = Terminal::new(&store);
    let mut trust = store.trust_file();
    trust.static_url = format!("{}/", server.url);
    let options = options(terminal.home(), trust, &terminal.clock);
    let terminal = terminal.reopened(options);
    terminal.host.refresh().unwrap();
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 1);
    assert!(terminal.home_page(PERMIT).contains("version 1"));

    store.release(&App::new(PERMIT, 2).seal("residence"));
    server.asked.lock().unwrap().clear();
    assert_eq!(terminal.host.refresh_and_stage(|_, _| {}).staged, [id(PERMIT)]);
    let asked = server.asked.lock().unwrap().clone();
    let blobs = asked.iter().filter(|path| path.starts_with("blobs/")).count();
    assert_eq!(blobs, 4, "the statement, the seals, the manifest and the page that changed: {asked:#?}");
    assert!(terminal.home_page(PERMIT).contains("version 2"));
}
