//! Listeners that count whatever reaches them: HTTP, WebSocket and anything else on TCP, UDP, and names that are looked up.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::{IpAddr, TcpListener, TcpStream, UdpSocket},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use anyhow::{Result, ensure};

use crate::{
    process::must,
    until::{DEADLINE, until},
};

/// Listens for everything a page could send to this machine, and writes down the first line of it.
#[derive(Debug)]
pub struct Sink {
    /// The TCP and UDP port.
    pub port: u16,
    heard: Arc<Heard>,
    names: PathBuf,
    shim: PathBuf,
}

/// What the listeners have heard.
#[derive(Debug, Default)]
struct Heard {
    /// The kind and the way of each.
    ways: Mutex<BTreeSet<(Kind, String)>>,
    /// Connections that have been taken and not been read.
    open: AtomicUsize,
    /// How often the listeners have heard from the journey itself.
    own: AtomicUsize,
}

/// What can reach a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A request of HTTP.
    Http,
    /// A request of HTTP that is to become a WebSocket.
    WebSocket,
    /// A connection that says something else, or nothing.
    Tcp,
    /// A datagram.
    Udp,
}

/// What the journey itself says, to hear when all that came before was counted.
const OWN: &[u8] = b"the journey";

impl Sink {
    /// Opens a TCP and a UDP port of the same number; `site` is a folder that is served, so that a page can come from it.
    pub fn open(folder: &Path, site: Option<PathBuf>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let datagrams = UdpSocket::bind(("127.0.0.1", port))?;
        let heard = Arc::<Heard>::default();
        let (connected, sent) = (Arc::clone(&heard), Arc::clone(&heard));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                connected.open.fetch_add(1, SeqCst);
                let (heard, site) = (Arc::clone(&connected), site.clone());
                thread::spawn(move || {
                    answer(stream, &heard, site.as_deref());
                    heard.open.fetch_sub(1, SeqCst);
                });
            }
        });
        thread::spawn(move || {
            let mut buffer = [0; 2048];
            while let Ok(length) = datagrams.recv(&mut buffer) {
                match buffer.get(..length) {
                    Some(OWN) => drop(sent.own.fetch_add(1, SeqCst)),
                    _ => sent.note(Kind::Udp, "a datagram"),
                }
            }
        });
        let (names, shim) = (folder.join("names.txt"), folder.join("names.so"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/names.c");
        must(Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).arg("-ldl"))?;
        Ok(Self { port, heard, names, shim })
    }

    /// What has arrived so far.
    pub fn seen(&self) -> BTreeSet<(Kind, String)> {
        self.heard.ways.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The names that were looked up so far, but those that any program of this machine looks up for itself.
    pub fn names(&self) -> BTreeSet<String> {
        let names = fs::read_to_string(&self.names).unwrap_or_default();
        let own = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let is_local = |name: &str| name == "localhost" || name == own.trim() || name.parse::<IpAddr>().is_ok();
        names.lines().filter(|name| !is_local(name)).map(str::to_owned).collect()
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
        self.catch_up()?;
        ensure!(self.seen().is_empty(), "the sink was reached by: {:?}", self.seen());
        ensure!(self.names().is_empty(), "names were looked up: {:?}", self.names());
        Ok(())
    }

    /// Waits until all is counted that has come before now.
    fn catch_up(&self) -> Result<()> {
        let before = self.heard.own.load(SeqCst);
        let here = ("127.0.0.1", self.port);
        TcpStream::connect(here)?.write_all(OWN)?;
        UdpSocket::bind("127.0.0.1:0")?.send_to(OWN, here)?;
        until("the listeners have counted all that has come", DEADLINE, || {
            let is_done = self.heard.own.load(SeqCst) >= before + 2 && self.heard.open.load(SeqCst) == 0;
            Ok(is_done.then_some(()))
        })
    }
}

impl Heard {
    fn note(&self, kind: Kind, way: &str) {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner).insert((kind, way.to_owned()));
    }
}

/// Writes down what a connection wants, and answers so kindly that no way fails for want of an answer.
fn answer(mut stream: TcpStream, heard: &Heard, site: Option<&Path>) {
    let mut buffer = [0; 4096];
    let length =
        stream.set_read_timeout(Some(Duration::from_secs(2))).and_then(|()| stream.read(&mut buffer)).unwrap_or(0);
    if buffer.get(..length) == Some(OWN) {
        heard.own.fetch_add(1, SeqCst);
        return;
    }
    let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned();
    let target = text.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default().trim_start_matches('/');
    let file = site.and_then(|site| fs::read(site.join(path)).ok());
    if file.is_none() {
        if !text.starts_with(|c: char| c.is_ascii_uppercase()) {
            heard.note(Kind::Tcp, "a connection");
        } else if text.to_ascii_lowercase().contains("\r\nupgrade: websocket\r\n") {
            heard.note(Kind::WebSocket, path);
        } else {
            heard.note(Kind::Http, path);
        }
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
