//! What the store hears about its releases: that something became of them, never where.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use guichet_host::counted_in;
use guichet_services::{Device, Parts, telemetry::Waiting};
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

/// A terminal that counts, with an app that counts `sent` whenever it is asked.
fn counting(store: &mut Store, api_url: &str, wanted: bool) -> Terminal {
    let events = json!([{"name": "host:telemetry", "reason": "x", "scope": {"events": ["sent", "left:form"]}}]);
    let logic = "export default {}; export const count = ({ event, value }) => guichet.telemetry.count(event, value);";
    store.release(&App::new(PERMIT, 1).logic(logic).manifest("req_permissions", events).seal("residence"));
    let terminal = Terminal::new(store);
    let mut trust = store.trust_file();
    trust.api_url = api_url.to_owned();
    let parts = Parts::default().with_counter(Arc::<Waiting>::default());
    let mut options = options(terminal.home(), trust, &terminal.clock);
    options.services = Arc::new(Device::new(terminal.home().join("apps")).with_parts(parts));
    options.beacons = wanted;
    let terminal = terminal.reopened(options);
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    terminal
}

/// Opens the app and has it count; what a page is told of each.
fn counts(terminal: &Terminal, events: &[Json]) -> Vec<Result<Json, (String, String)>> {
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    running.ready(page);
    let told = events.iter().map(|event| running.ask(page, "count", event.clone())).collect();
    running.close();
    told
}

fn told_counts(body: &Json) -> Vec<(&str, u64)> {
    let counts = body["counts"].as_array().unwrap().iter();
    counts
        .map(|count| {
            assert_eq!(
                (&count["app_id"], &count["channel"], &count["sequence"]),
                (&json!(PERMIT), &json!("stable"), &json!(1))
            );
            assert_eq!(count.as_object().unwrap().len(), 5, "nothing else is told: {count}");
            (count["event"].as_str().unwrap(), count["count"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn what_apps_count_waits_for_the_store_and_is_told_once() {
    let (sent, left) = (json!({"event": "sent"}), json!({"event": "left", "value": "form"}));
    let (url, heard) = api("503 Service Unavailable");
    let mut store = Store::new();
    let terminal = counting(&mut store, &url, true);
    assert_eq!(
        counts(&terminal, &[sent.clone(), left, sent.clone()]),
        [Ok(Json::Null), Ok(Json::Null), Ok(Json::Null)]
    );
    let denied = counts(&terminal, &[json!({"event": "opened"})]).remove(0).unwrap_err();
    assert!(denied.1.contains("host:telemetry"), "{denied:?}");
    terminal.live(HOURS_MS);
    terminal.host.refresh_and_stage(|_, _| {});
    let (_, body) = heard.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(told_counts(&body), [("sent", 2), ("left:form", 1)]);

    // The store was down: it waits over a restart, and what comes meanwhile is added.
    let (url, heard) = api("202 Accepted");
    let mut trust = store.trust_file();
    trust.api_url = url;
    let parts = Parts::default().with_counter(Arc::<Waiting>::default());
    let mut options = options(terminal.home(), trust, &terminal.clock);
    options.services = Arc::new(Device::new(terminal.home().join("apps")).with_parts(parts));
    let terminal = terminal.reopened(options);
    assert_eq!(counts(&terminal, &[sent]), [Ok(Json::Null)]);
    terminal.live(HOURS_MS);
    terminal.host.refresh_and_stage(|_, _| {});
    let (_, body) = heard.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(told_counts(&body), [("sent", 3), ("left:form", 1)]);
}

#[test]
fn a_session_that_sends_nothing_leaves_its_counts_to_another_home() {
    let mut store = Store::new();
    let session = counting(&mut store, "", false);
    assert_eq!(counted_in(session.home()), None, "nothing is counted yet");
    assert_eq!(counts(&session, &[json!({"event": "sent"})]), [Ok(Json::Null)]);
    let line = counted_in(session.home()).unwrap();
    assert!(!line.contains('\n'));
    let (url, heard) = api("202 Accepted");
    let mut store = Store::new();
    let terminal = counting(&mut store, &url, true);
    terminal.host.gather(&line);
    terminal.host.gather(&line);
    terminal.host.gather("[{\"event\": \"张三\"}]");
    terminal.live(HOURS_MS);
    terminal.host.refresh_and_stage(|_, _| {});
    let (_, body) = heard.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(told_counts(&body), [("sent", 2)]);
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
