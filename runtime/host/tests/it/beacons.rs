//! What the store hears about its releases: that something became of them, never where.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::{Value as Json, json};

use crate::{
    app::{App, PERMIT},
    device::{Terminal, options},
    store::Store,
};

const HOURS_MS: u64 = 3 * 60 * 60 * 1000;

/// A store's API that answers every request with one status, and hands over what it was sent.
fn api(status: &'static str) -> (String, mpsc::Receiver<(String, Json)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let (send, heard) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                request.extend(byte);
            }
            let head = String::from_utf8(request).unwrap();
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            stream.read_exact(&mut body).unwrap();
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            let _nobody_may_listen = send.send((head, serde_json::from_slice(&body).unwrap()));
        }
    });
    (url, heard)
}

fn terminal(store: &Store, api_url: &str, wanted: bool) -> Terminal {
    let terminal = Terminal::new(store);
    let mut trust = store.trust_file();
    trust.api_url = api_url.to_owned();
    let mut options = options(terminal.home(), trust, &terminal.clock);
    options.beacons = wanted;
    let terminal = terminal.reopened(options);
    terminal.host.refresh().unwrap();
    terminal
}

/// Installs the app, opens it, and lets its second release fail.
fn live_through(store: &mut Store, terminal: &Terminal) {
    store.release(&App::new(PERMIT, 1).seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    terminal.home_page(PERMIT);
    store.release(&App::new(PERMIT, 2).logic("throw new Error('oh');").seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    let running = terminal.launch(PERMIT);
    running.went_back();
    running.ending();
}

fn told(body: &Json) -> Vec<(u64, String)> {
    let beacons = body["beacons"].as_array().unwrap();
    let told = beacons.iter().map(|beacon| {
        assert_eq!((&beacon["app_id"], &beacon["channel"]), (&json!(PERMIT), &json!("stable")));
        assert_eq!(beacon.as_object().unwrap().len(), 4, "nothing else is told: {beacon}");
        (beacon["sequence"].as_u64().unwrap(), beacon["kind"].as_str().unwrap().to_owned())
    });
    told.collect()
}

#[test]
fn what_became_of_a_release_is_told_once_late_and_of_no_device() {
    let mut store = Store::new();
    let (url, heard) = api("202 Accepted");
    let terminal = terminal(&store, &url, true);
    live_through(&mut store, &terminal);
    let device = std::fs::read_to_string(terminal.home().join("device")).unwrap();
    // The queue is kept over a restart.
    let terminal = {
        let mut trust = store.trust_file();
        trust.api_url.clone_from(&url);
        let options = options(terminal.home(), trust, &terminal.clock);
        terminal.reopened(options)
    };
    terminal.live(HOURS_MS);
    terminal.host.refresh_and_stage(|_, _| {});
    let (head, body) = heard.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(head.starts_with("POST /api/v1/beacons HTTP/1.1"), "{head}");
    assert!(!head.to_lowercase().contains("authorization") && !format!("{head}{body}").contains(device.trim()));
    let of =
        |sequence: u64, kinds: &[&str]| kinds.iter().map(|kind| (sequence, (*kind).to_owned())).collect::<Vec<_>>();
    let mut expected = of(1, &["installed", "launched", "painted"]);
    expected.extend(of(2, &["installed", "launched", "error", "reverted"]));
    assert_eq!(told(&body), expected);
}

#[test]
fn a_store_that_does_not_take_them_changes_nothing() {
    let mut store = Store::new();
    let (url, heard) = api("503 Service Unavailable");
    let terminal = terminal(&store, &url, true);
    live_through(&mut store, &terminal);
    terminal.live(HOURS_MS);
    terminal.host.refresh_and_stage(|_, _| {});
    heard.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(terminal.home_page(PERMIT).contains("version 1"));
    assert_eq!(terminal.sequence(PERMIT), Some(1));
    // Nobody listens at this port at all.
    let nowhere = self::terminal(&Store::new(), "http://127.0.0.1:1/api/v1", true);
    nowhere.host.refresh_and_stage(|_, _| {});
}

#[test]
fn who_does_not_want_it_keeps_nothing() {
    let mut store = Store::new();
    let (url, heard) = api("202 Accepted");
    let terminal = terminal(&store, &url, false);
    live_through(&mut store, &terminal);
    terminal.live(HOURS_MS);
    terminal.host.refresh_and_stage(|_, _| {});
    assert!(!terminal.home().join("beacons.json").exists());
    assert!(heard.try_recv().is_err());
}
