//! `network` against a real TLS server, by names and addresses of the test's own.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use guichet_contract::{
    Consent, DevicePolicy, Failure, Grants, Permission, Services as _,
    network::{
        Answer, Body, Exchange, Header, MAX_RESPONSE_BYTES, Method, Network, PATIENCE, Redirect, Request, Response,
        Stop,
    },
};
use guichet_services::{
    Memory,
    network::{Https, Ways},
};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use ureq::tls::{Certificate, RootCerts};

type Stream = StreamOwned<ServerConnection, std::net::TcpStream>;

/// A public address; the one who has it listens on this machine.
const PUBLIC: &str = "93.184.215.14";

/// A TLS server that is `data.example`, and says what it was asked.
struct Server {
    address: SocketAddr,
    asked: mpsc::Receiver<String>,
}

impl Server {
    fn start(answer: impl Fn(&mut Stream) -> io::Result<()> + Send + 'static) -> Self {
        let chain = CertificateDer::pem_slice_iter(include_bytes!("tls/host.pem")).collect::<Result<_, _>>().unwrap();
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/host.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (said, asked) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
                if let Some(request) = head(&mut stream) {
                    said.send(request).unwrap();
                    // A client that has had enough closes.
                    let _ = answer(&mut stream);
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                }
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> String {
        self.asked.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

/// A request's head and body; none if the handshake failed.
fn head(stream: &mut Stream) -> Option<String> {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        text.push(byte[0]);
    }
    let head = String::from_utf8(text).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}

fn says(head: &'static str, body: &'static [u8]) -> impl Fn(&mut Stream) -> io::Result<()> + Send + 'static {
    move |stream| {
        let length = body.len();
        stream.write_all(format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n").as_bytes())?;
        stream.write_all(body)
    }
}

fn trusted() -> RootCerts {
    RootCerts::new_with_certs(&[Certificate::from_pem(include_bytes!("tls/ca.pem")).unwrap()])
}

/// The way to a server: these addresses for every name, and whoever has one of them is the server.
fn way(found: &'static [&'static str], server: SocketAddr) -> Ways {
    let resolve = move |_: &str, port| Ok(found.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), port)).collect());
    Ways { resolve: Arc::new(resolve), place: Arc::new(move |_| server), roots: trusted() }
}

fn request(method: Method, url: &str) -> Request {
    Request { method, url: url.parse().unwrap(), headers: Vec::new(), body: None, redirect: Redirect::Follow }
}

fn ask(network: &dyn Network, request: Request, patience: Duration, stop: &Stop) -> Result<Response, Failure> {
    let held: Vec<Permission> =
        serde_json::from_str(r#"[{"name":"host:network","scope":{"domains":["data.example","other.example"]}}]"#)
            .unwrap();
    let grants = Grants::intersect("a.b".parse().unwrap(), &held, &held, &DevicePolicy::default(), &Consent::default());
    let permit = grants.permit(Exchange { request, patience, stop: stop.clone() }).unwrap();
    network.exchange(permit).map(|Answer { response, .. }| response)
}

fn get(ways: Ways, url: &str) -> Result<Response, Failure> {
    ask(&Https::by(ways), request(Method::Get, url), PATIENCE, &Stop::default())
}

fn why(failed: Result<Response, Failure>) -> String {
    failed.unwrap_err().to_string()
}

#[test]
fn a_request_arrives_and_names_no_device() {
    let server = Server::start(says("201 Created\r\nX-Kind: Answer\r\nset-cookie: a=b", "办好了".as_bytes()));
    let sent = Request {
        headers: vec![Header { name: "content-type".to_owned(), value: "text/plain".to_owned() }],
        body: Some(Body::Text("办".to_owned())),
        ..request(Method::Post, "https://data.example/cases?a=b")
    };
    let network = Https::by(way(&[PUBLIC], server.address));
    let response = ask(&network, sent, PATIENCE, &Stop::default()).unwrap();
    assert_eq!((response.status, &response.body), (201, &Body::Text("办好了".to_owned())));
    assert!(response.headers.contains(&Header { name: "x-kind".to_owned(), value: "Answer".to_owned() }));
    let asked = server.asked();
    let mut lines: Vec<_> = asked.lines().filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "POST /cases?a=b HTTP/1.1",
            "accept-encoding: gzip",
            "accept: */*",
            "content-length: 3",
            "content-type: text/plain",
            "host: data.example",
            "办",
        ]
    );
    ask(&network, request(Method::Get, "https://data.example/"), PATIENCE, &Stop::default()).unwrap();
    assert!(!server.asked().contains("cookie"), "nothing is kept");
}

#[test]
fn bytes_are_bytes_and_a_redirect_is_an_answer() {
    let server = Server::start(says("302 Found\r\nlocation: https://other.example/", &[0xff, 0, 1]));
    let response = get(way(&[PUBLIC], server.address), "https://data.example/").unwrap();
    assert_eq!((response.status, response.body), (302, Body::Bytes(vec![0xff, 0, 1])));
    server.asked();
    assert!(server.asked.try_recv().is_err(), "nothing is followed");
}

#[test]
fn a_host_that_cannot_prove_its_name_is_not_asked() {
    let server = Server::start(says("200 OK", b""));
    let untrusted = Ways { roots: RootCerts::WebPki, ..way(&[PUBLIC], server.address) };
    insta::assert_snapshot!(why(get(untrusted, "https://data.example/")), @"network/certificate: data.example cannot prove that it is that host; hint: check the clock of the device; if it is right, tell the host's operator: its certificate is not valid");
    let other = why(get(way(&[PUBLIC], server.address), "https://other.example/"));
    assert!(other.starts_with("network/certificate: other.example"), "{other}");
    assert!(server.asked.try_recv().is_err());
}

#[test]
fn a_name_that_leads_inside_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let inside = listener.local_addr().unwrap();
    for address in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:192.168.0.1", "fd00::1"] {
        let resolve = move |_: &str, port| Ok(vec![SocketAddr::new(address.parse().unwrap(), port)]);
        let ways = Ways { resolve: Arc::new(resolve), place: Arc::new(move |_| inside), roots: trusted() };
        let refused = why(get(ways, "https://data.example/"));
        assert!(refused.starts_with("network/address: data.example"), "{address}: {refused}");
    }
    insta::assert_snapshot!(why(get(way(&["10.0.0.1"], inside), "https://data.example/")), @"network/address: data.example leads to an address of this machine or of an inner network; hint: apps reach public addresses only");
    assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock, "nobody came");
}

#[test]
fn a_name_is_resolved_once_and_only_its_public_addresses_are_tried() {
    let server = Server::start(says("200 OK", b"x"));
    let (lookups, tried) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let (counted, kept, address) = (Arc::clone(&lookups), Arc::clone(&tried), server.address);
    // A name server that says another thing the second time.
    let resolve = move |_: &str, port| {
        let ips: &[&str] =
            if counted.fetch_add(1, Ordering::SeqCst) == 0 { &["10.0.0.1", PUBLIC] } else { &["127.0.0.1"] };
        Ok(ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), port)).collect())
    };
    let place = move |judged: SocketAddr| {
        kept.lock().unwrap().push(judged.to_string());
        address
    };
    let ways = Ways { resolve: Arc::new(resolve), place: Arc::new(place), roots: trusted() };
    get(ways, "https://data.example/").unwrap();
    assert_eq!(lookups.load(Ordering::SeqCst), 1);
    assert_eq!(*tried.lock().unwrap(), [format!("{PUBLIC}:443")]);
}

#[test]
fn without_a_network_it_says_so() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nowhere = Ways { resolve: Arc::new(|_, _| Err(io::Error::other("no name"))), ..way(&[], closed) };
    insta::assert_snapshot!(why(get(nowhere, "https://data.example/")), @"network/offline: data.example cannot be found; hint: keep what was entered and try again when there is a network");
    insta::assert_snapshot!(why(get(way(&[PUBLIC], closed), "https://data.example/")), @"network/offline: data.example cannot be reached; hint: keep what was entered and try again when there is a network");
    insta::assert_snapshot!(why(ask(Memory::default().network(), request(Method::Get, "https://data.example/"), PATIENCE, &Stop::default())), @"network/offline: data.example cannot be found; hint: keep what was entered and try again when there is a network");
}

#[test]
fn a_response_has_a_limit() {
    let body: &'static [u8] = vec![b'x'; MAX_RESPONSE_BYTES + 1].leak();
    let (exact, over) = (Server::start(says("200 OK", &body[1..])), Server::start(says("200 OK", body)));
    let response = get(way(&[PUBLIC], exact.address), "https://data.example/").unwrap();
    assert_eq!(response.body.as_bytes().len(), MAX_RESPONSE_BYTES);
    insta::assert_snapshot!(why(get(way(&[PUBLIC], over.address), "https://data.example/")), @"network/too-large: data.example answers with more than 4 MiB; hint: ask for less at once, page by page");
    let flood = Server::start(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        (0..2000).try_for_each(|_| stream.write_all(format!("x: {}\r\n", "y".repeat(1000)).as_bytes()))
    });
    let why = why(get(way(&[PUBLIC], flood.address), "https://data.example/"));
    assert!(why.starts_with("network/too-large: data.example answers with a head"), "{why}");
}

#[test]
fn half_an_answer_is_none() {
    let cut = Server::start(|stream| stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"));
    insta::assert_snapshot!(why(get(way(&[PUBLIC], cut.address), "https://data.example/")), @"network/cut-off: data.example stopped in the middle of its answer; hint: try again");
    let garbage = Server::start(|stream| stream.write_all(b"hello\r\n\r\n"));
    let why = why(get(way(&[PUBLIC], garbage.address), "https://data.example/"));
    assert!(why.starts_with("network/bad-answer: data.example does not answer as HTTP has it"), "{why}");
}

/// A cable that is pulled says no goodbye, neither of TLS nor of TCP.
#[test]
fn a_network_that_goes_away_in_the_middle_is_said_and_comes_back() {
    let is_there = Arc::new(AtomicBool::new(false));
    for (begun, class) in
        [("", "network/offline"), ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", "network/cut-off")]
    {
        let is_back = Arc::clone(&is_there);
        let server = Server::start(move |stream| {
            if is_back.load(Ordering::SeqCst) {
                return says("200 OK", b"whole")(stream);
            }
            stream.write_all(begun.as_bytes())?;
            stream.flush()?;
            stream.sock.shutdown(std::net::Shutdown::Both)
        });
        let network = Https::by(way(&[PUBLIC], server.address));
        let ask = || ask(&network, request(Method::Get, "https://data.example/"), PATIENCE, &Stop::default());
        is_there.store(false, Ordering::SeqCst);
        let failure = ask().unwrap_err();
        assert_eq!((failure.case(), failure.class()), ("unavailable", Some(class)), "{failure}");
        is_there.store(true, Ordering::SeqCst);
        assert_eq!(ask().unwrap().body.as_bytes(), b"whole");
    }
}

#[test]
fn nobody_is_waited_for_in_vain() {
    let (hold, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let silent = Server::start(move |_| held.lock().unwrap().recv().map_err(io::Error::other));
    let network = Https::by(way(&[PUBLIC], silent.address));
    let short =
        ask(&network, request(Method::Get, "https://data.example/"), Duration::from_millis(300), &Stop::default());
    insta::assert_snapshot!(why(short), @"network/timeout: data.example has not answered in time; hint: try again later");
    hold.send(()).unwrap();
    silent.asked();

    let stop = Stop::default();
    let raised = stop.clone();
    let asking = thread::spawn(move || {
        ask(&network, request(Method::Get, "https://data.example/"), Duration::from_secs(600), &raised)
    });
    silent.asked();
    stop.stop();
    insta::assert_snapshot!(why(asking.join().unwrap()), @"network/given-up: data.example was not waited for; hint: none is needed: the app gave up");
}

#[test]
fn the_twin_has_the_hosts_it_is_given() {
    let memory = Memory::default();
    memory.network.host("data.example", |request| Response {
        status: 200,
        url: request.url.clone(),
        is_redirected: false,
        headers: Vec::new(),
        body: Body::Text(request.method.as_str().to_owned()),
    });
    let response = ask(memory.network(), request(Method::Put, "https://data.example/"), PATIENCE, &Stop::default());
    assert_eq!(response.unwrap().body, Body::Text("PUT".to_owned()));
}
