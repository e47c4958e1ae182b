//! Listeners that count whatever reaches them: HTTP, WebSocket and anything else on TCP, UDP, and names that are looked up.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use anyhow::{Result, ensure};

use crate::process::must;

/// Listens for everything a page could send to this machine, and writes down the first line of it.
#[derive(Debug)]
pub struct Sink {
    /// The TCP and UDP port.
    pub port: u16,
    seen: Arc<Mutex<BTreeSet<String>>>,
    names: PathBuf,
    shim: PathBuf,
}

impl Sink {
    /// Opens a TCP and a UDP port of the same number; `site` is a folder that is served, so that a page can come from it.
    pub fn open(folder: &Path, site: Option<PathBuf>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let datagrams = UdpSocket::bind(("127.0.0.1", port))?;
        let seen: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let (connected, sent) = (seen.clone(), seen.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, site) = (connected.clone(), site.clone());
                thread::spawn(move || answer(stream, &seen, site.as_deref()));
            }
        });
        thread::spawn(move || {
            while datagrams.recv_from(&mut [0; 2048]).is_ok() {
                sent.lock().unwrap_or_else(PoisonError::into_inner).insert("a datagram".to_owned());
            }
        });
        let (names, shim) = (folder.join("names.txt"), folder.join("names.so"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/names.c");
        must(Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).arg("-ldl"))?;
        Ok(Self { port, seen, names, shim })
    }

    /// What has arrived so far.
    pub fn seen(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The sink's names that were looked up so far.
    pub fn names(&self) -> BTreeSet<String> {
        let names = fs::read_to_string(&self.names).unwrap_or_default();
        names.lines().filter(|name| name.ends_with("sink.test")).map(str::to_owned).collect()
    }

    /// What the page needs to know to find the sink.
    pub fn query(&self) -> String {
        format!("port={}&host=sink.test", self.port)
    }

    /// Has a program's lookups written down.
    pub fn watch(&self, command: &mut Command) {
        command.envs(self.environment());
    }

    /// The same, as variables of its environment.
    pub fn environment(&self) -> [(&str, &Path); 2] {
        [("LD_PRELOAD", &self.shim), ("SINK_NAMES", &self.names)]
    }

    /// Fails if anything has arrived or was looked up.
    pub fn is_empty(&self) -> Result<()> {
        ensure!(self.seen().is_empty(), "the sink was reached by: {:?}", self.seen());
        ensure!(self.names().is_empty(), "names were looked up: {:?}", self.names());
        Ok(())
    }
}

/// Writes down what a connection wants, and answers so kindly that no way fails for want of an answer.
fn answer(mut stream: TcpStream, seen: &Mutex<BTreeSet<String>>, site: Option<&Path>) {
    let mut buffer = [0; 4096];
    let length =
        stream.set_read_timeout(Some(Duration::from_secs(2))).and_then(|()| stream.read(&mut buffer)).unwrap_or(0);
    let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned();
    let target = text.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default().trim_start_matches('/');
    let file = site.and_then(|site| fs::read(site.join(path)).ok());
    if file.is_none() {
        let way = if text.starts_with(|c: char| c.is_ascii_uppercase()) { path } else { "a connection" };
        seen.lock().unwrap_or_else(PoisonError::into_inner).insert(way.to_owned());
    }
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        _ => "text/javascript",
    };
    let body = file.unwrap_or_default();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // A page that goes away in the middle has been counted already.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}
