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
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/static", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (folder, writing) = (folder.to_owned(), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (folder, writing) = (folder.clone(), Arc::clone(&writing));
                thread::spawn(move || answer(&stream.unwrap(), &folder, &writing));
            }
        });
        Self { url, asked }
    }
}

/// Answers one request after the other until the other side has enough.
fn answer(stream: &TcpStream, folder: &Path, asked: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream).lines();
    while let Some(Ok(request)) = lines.next() {
        let path = request.split(' ').nth(1).unwrap().strip_prefix("/static/").unwrap().to_owned();
        while lines.next().unwrap().is_ok_and(|header| !header.is_empty()) {}
        let (status, body) = match fs::read(PathBuf::from(folder).join(&path)) {
            Ok(body) => ("200 OK", body),
            Err(_) => ("404 Not Found", b"not here".to_vec()),
        };
        asked.lock().unwrap().push(path);
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
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
