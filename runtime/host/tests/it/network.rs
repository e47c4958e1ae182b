//! `network` from pages and logic, with hosts that exist in memory only.

use std::{
    sync::{Arc, Mutex, atomic::AtomicU64, mpsc},
    time::{Duration, Instant},
};

use guichet_contract::network::{Body, Header, MAX_LOGIC_BYTES, MAX_RESPONSE_BYTES, Request, Response};
use guichet_host::{Host, HostOptions};
use guichet_services::Memory;
use serde_json::{Value as Json, json};

use crate::{
    app::{App, PERMIT},
    device::{Running, options},
    store::{NOW, Store},
};

/// A running app that may ask `data.example`, and what the hosts were asked.
struct Online {
    running: Running,
    asked: Arc<Mutex<Vec<Request>>>,
    memory: Arc<Memory>,
    host: Host,
    _home: tempfile::TempDir,
    _store: Store,
}

fn response(request: &Request, status: u16, headers: &[(&str, &str)], body: Body) -> Response {
    let header = |(name, value): &(&str, &str)| Header { name: (*name).to_owned(), value: (*value).to_owned() };
    Response {
        status,
        url: request.url.clone(),
        is_redirected: false,
        headers: headers.iter().map(header).collect(),
        body,
    }
}

fn text(text: &str) -> Body {
    Body::Text(text.to_owned())
}

/// The hosts there are: one that is declared, and one that is not.
fn answer(request: &Request) -> Response {
    let url = request.url.to_string();
    match url.trim_start_matches("https://data.example") {
        "/json" => {
            response(request, 200, &[("content-type", "application/json"), ("set-cookie", "a=b")], text(r#"{"办":1}"#))
        }
        "/bytes" => response(request, 200, &[], Body::Bytes(vec![0xff, 0])),
        "/large-text" => response(request, 200, &[], Body::Text("x".repeat(MAX_RESPONSE_BYTES))),
        "/large-bytes" => response(request, 200, &[], Body::Bytes(vec![0xff; MAX_LOGIC_BYTES])),
        "/too-large-bytes" => response(request, 200, &[], Body::Bytes(vec![0xff; MAX_LOGIC_BYTES + 1])),
        "/moved" => response(request, 302, &[("location", "/json")], text("")),
        "/out" => response(request, 302, &[("location", "https://evil.example/")], text("")),
        "/echo" => {
            response(request, 201, &[("x-method", request.method.as_str())], request.body.clone().unwrap_or(text("")))
        }
        _ => response(request, 404, &[], text("no")),
    }
}

fn online(logic: &str, slow: Option<Arc<Mutex<mpsc::Receiver<()>>>>) -> Online {
    let memory = Memory::default();
    let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
    for host in ["data.example", "evil.example"] {
        let (asked, slow) = (Arc::clone(&asked), slow.clone());
        memory.network.host(host, move |request| {
            asked.lock().unwrap().push(request.clone());
            if let Some(slow) = &slow {
                slow.lock().unwrap().recv().unwrap_or_default();
            }
            answer(request)
        });
    }
    let asks = json!([
        {"name": "host:network", "reason": "to ask the office", "scope": {"domains": ["data.example"]}},
        {"name": "host:storage", "reason": "to keep drafts"},
    ]);
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).manifest("req_permissions", asks).logic(logic).seal("residence"));
    let home = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicU64::new(NOW));
    let memory = Arc::new(memory);
    let services = Arc::clone(&memory) as _;
    let host = Host::open(HostOptions { services, ..options(home.path(), store.trust_file(), &clock) }).unwrap();
    host.refresh().unwrap();
    host.install(&PERMIT.parse().unwrap(), &mut |_| {}).unwrap();
    let running = Running::start(&host, PERMIT);
    Online { running, asked, memory, host, _home: home, _store: store }
}

fn fetch(app: &Online, page: u32, method: &str, url: &str) -> Result<Json, (String, String)> {
    app.running.call(page, "network", "fetch", json!([{"method": method, "url": url, "headers": []}]))
}

#[test]
fn a_page_asks_a_declared_host_and_no_other() {
    let app = online("export default {};", None);
    let page = app.running.loaded();
    assert_eq!(
        fetch(&app, page, "GET", "https://data.example/moved").unwrap(),
        json!({
            "status": 200, "url": "https://data.example/json", "is-redirected": true,
            "headers": [{"name": "content-type", "value": "application/json"}], "body": "{\"办\":1}",
        })
    );
    assert_eq!(fetch(&app, page, "GET", "https://data.example/bytes").unwrap()["body"], json!({"$bytes": "/wA="}));
    for url in ["https://evil.example/", "https://data.example/out", "https://data.example:8443/"] {
        let (name, why) = fetch(&app, page, "GET", url).unwrap_err();
        assert_eq!(name, "DeniedError", "{url}: {why}");
    }
    let (name, why) = fetch(&app, page, "GET", "http://data.example/").unwrap_err();
    assert_eq!(name, "InvalidError", "{why}");
    let hosts: Vec<_> = app.asked.lock().unwrap().iter().map(|request| request.url.domain().to_string()).collect();
    assert_eq!(hosts, ["data.example"; 4], "two, one, and the one that redirects out");
}

#[test]
fn a_withdrawn_permission_reaches_nothing() {
    let app = online("export default {};", None);
    let page = app.running.loaded();
    app.host.withdraw(&PERMIT.parse().unwrap(), &"host:network".parse().unwrap()).unwrap();
    assert_eq!(fetch(&app, page, "GET", "https://data.example/json").unwrap_err().0, "DeniedError");
    assert!(app.asked.lock().unwrap().is_empty());
}

#[test]
fn a_slow_host_keeps_nobody_waiting() {
    let (go, gone) = mpsc::channel();
    let app = online("export default {};", Some(Arc::new(Mutex::new(gone))));
    let page = app.running.loaded();
    let message = json!({"id": 900, "interface": "network", "function": "fetch", "arguments": [{"method": "GET", "url": "https://data.example/json", "headers": []}]});
    app.running.session.page_message(page, &message.to_string());
    assert_eq!(app.running.call(page, "storage", "keys", json!([""])).unwrap(), json!([]), "answered meanwhile");
    go.send(()).unwrap();
    let told = app.running.until_told(page, "the answer", |told| told["id"] == 900);
    assert_eq!(told["ok"]["status"], 200);
}

#[test]
fn a_network_that_goes_away_in_the_middle_of_a_request_costs_nothing_but_the_request() {
    let (go, gone) = mpsc::channel();
    let app = online(LOGIC, Some(Arc::new(Mutex::new(gone))));
    let page = app.running.loaded();
    let kept = || app.running.call(page, "storage", "get", json!(["draft"])).unwrap();
    app.running.call(page, "storage", "set", json!(["draft", "王小明"])).unwrap();
    let ask = |id: u32, message: Json| {
        let mut message = message;
        message["id"] = id.into();
        app.running.session.page_message(page, &message.to_string());
    };
    let fetch = json!({"interface": "network", "function": "fetch", "arguments": [{"method": "GET", "url": "https://data.example/json", "headers": []}]});
    // Both are on their way, the page's and the logic's, when it goes.
    ask(900, fetch.clone());
    ask(901, json!({"ask": "plainly", "input": null}));
    let deadline = Instant::now() + Duration::from_secs(60);
    while app.asked.lock().unwrap().is_empty() {
        assert!(Instant::now() < deadline, "nobody asks");
        std::thread::yield_now();
    }
    app.memory.network.cut(true);
    (0..2).for_each(|_| go.send(()).unwrap());
    let told = |id: u32| app.running.until_told(page, "the answer", |told| told["id"] == id);
    let why = told(900)["error"]["message"].as_str().unwrap().to_owned();
    let said = told(901)["ok"].as_str().unwrap().to_owned();
    // One is in the middle of its answer, and the other comes after it.
    let cut = "network/cut-off: data.example stopped in the middle of its answer";
    let offline = "network/offline: data.example cannot be reached";
    let is = |first: &str, second: &str| why.starts_with(first) && said == format!("TypeError: {second}");
    assert!(is(cut, offline) || is(offline, cut), "{why} and {said}");
    assert_eq!(kept(), "王小明", "nothing is lost");

    app.memory.network.cut(false);
    (0..2).for_each(|_| go.send(()).unwrap());
    ask(902, fetch);
    assert_eq!(told(902)["ok"]["status"], 200);
    ask(903, json!({"ask": "plainly", "input": null}));
    assert_eq!(told(903)["ok"], 200);
}

/// What logic does with `fetch`, in its own words.
const LOGIC: &str = r#"
const said = async (start) => {
  try {
    return await start();
  } catch (error) {
    return `${error.name}: ${error.message.split(";")[0]}`;
  }
};
const at = "https://data.example";
export const reads = async () => {
  const response = await fetch(`${at}/moved`);
  const copy = response.clone();
  const { 办: done } = await response.json();
  return {
    done, text: await copy.text(), ok: response.ok, status: response.status, url: response.url, redirected: response.redirected,
    type: response.headers.get("Content-Type"), cookie: response.headers.get("set-cookie"), again: await said(() => response.text()),
    bytes: [...new Uint8Array(await (await fetch(`${at}/bytes`)).arrayBuffer())],
    missing: (await fetch(`${at}/nowhere`)).status,
  };
};
export const sends = async () => {
  const post = await fetch(new Request(`${at}/echo`, { method: "post", body: JSON.stringify({ a: 1 }), headers: { Accept: "text/plain" } }));
  const put = await fetch(`${at}/echo`, { method: "PUT", body: new Uint8Array([1, 255]), headers: new Headers([["x-a", "1"], ["X-A", "2"]]) });
  return [post.headers.get("x-method"), await post.json(), post.ok, put.headers.get("x-method"), [...await put.bytes()]];
};
export const cannot = async () => [
  await said(() => fetch("https://evil.example/")),
  await said(() => fetch(`${at}/out`)),
  await said(() => fetch(`${at}/moved`, { redirect: "error" })),
  await said(() => fetch("./data.json")),
  await said(() => fetch(at, { credentials: "include" })),
  await said(() => fetch(at, { mode: "no-cors" })),
  await said(() => fetch(at, { method: "GET", body: "x" })),
  await said(() => fetch(at, { method: "POST", body: { a: 1 } })),
  await said(() => fetch(at, { headers: { Cookie: "a=b" } })),
  await said(() => fetch(at, { headers: { "a b": "c" } })),
  await said(() => fetch(at, { signal: AbortSignal.abort() })),
  await said(() => Response.json({ a: 1 }).blob()),
];
export const plainly = () => said(async () => (await fetch(`${at}/json`)).status);
export const gives_up = async () => {
  const controller = new AbortController();
  const pending = said(() => fetch(`${at}/json`, { signal: controller.signal }));
  controller.abort();
  const late = said(() => fetch(`${at}/json`, { signal: AbortSignal.timeout(5) }));
  const reason = said(() => fetch(`${at}/json`, { signal: AbortSignal.any([AbortSignal.abort(new Error("mine"))]) }));
  return [await pending, await late, await reason];
};
export const large = async (kind) => {
  const response = await fetch(`${at}/${kind}`);
  return (await response.arrayBuffer()).byteLength;
};
export default {};
"#;

#[test]
fn logic_fetches_as_a_browser_does() {
    let app = online(LOGIC, None);
    let page = app.running.loaded();
    assert_eq!(
        app.running.ask(page, "reads", Json::Null).unwrap(),
        json!({
            "done": 1, "text": "{\"办\":1}", "ok": true, "status": 200, "url": "https://data.example/json", "redirected": true,
            "type": "application/json", "cookie": null, "again": "TypeError: the body has been read already",
            "bytes": [255, 0], "missing": 404,
        })
    );
    assert_eq!(app.running.ask(page, "sends", Json::Null).unwrap(), json!(["POST", {"a": 1}, true, "PUT", [1, 255]]));
    let asked = app.asked.lock().unwrap();
    let headers = |request: &Request| {
        let line = |header: &Header| format!("{}: {}", header.name, header.value);
        request.headers.iter().map(line).collect::<Vec<_>>().join(", ")
    };
    let echoes: Vec<_> =
        asked.iter().filter(|request| request.url.to_string().ends_with("/echo")).map(headers).collect();
    assert_eq!(echoes, ["accept: text/plain, content-type: text/plain;charset=UTF-8", "x-a: 1, 2"]);
}

#[test]
fn what_logic_cannot_fetch_says_why() {
    let app = online(LOGIC, None);
    let page = app.running.loaded();
    let answer = app.running.ask(page, "cannot", Json::Null).unwrap();
    let lines: Vec<_> = answer.as_array().unwrap().iter().map(|line| line.as_str().unwrap_or("?")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    TypeError: network/not-declared: the permission `host:network` for evil.example is missing
    TypeError: network/not-declared: the permission `host:network` for evil.example, to which a redirect leads, is missing
    TypeError: network/redirected: data.example redirects, and the request says `redirect: "error"`
    TypeError: fetch: './data.json' is no address of a host
    TypeError: fetch: the host keeps no cookies
    TypeError: fetch: `no-cors` is not needed here
    TypeError: Request: GET has no body
    TypeError: fetch: such a body cannot be sent
    TypeError: network.fetch: the header `cookie` is the host's
    TypeError: Headers: 'a b' is not the name of a header
    AbortError: The operation was aborted.
    TypeError: fetch: logic has no Blob
    "#);
}

#[test]
fn logic_gives_up_what_it_does_not_want() {
    let (go, gone) = mpsc::channel();
    let app = online(LOGIC, Some(Arc::new(Mutex::new(gone))));
    let page = app.running.loaded();
    assert_eq!(
        app.running.ask(page, "gives_up", Json::Null).unwrap(),
        json!(["AbortError: The operation was aborted.", "TimeoutError: The operation timed out.", "Error: mine"])
    );
    drop(go);
}

#[test]
fn the_largest_response_reaches_logic_within_an_event() {
    let app = online(LOGIC, None);
    let page = app.running.loaded();
    let large = |kind: &str| app.running.ask(page, "large", json!(kind));
    assert_eq!(large("large-text"), Ok(json!(MAX_RESPONSE_BYTES)));
    assert_eq!(large("large-bytes"), Ok(json!(MAX_LOGIC_BYTES)));
    let (_, why) = large("too-large-bytes").unwrap_err();
    insta::assert_snapshot!(why, @"network/too-large: logic takes at most 1 MiB of bytes at once; hint: fetch it in the page, or ask for less");
    let page_gets = fetch(&app, page, "GET", "https://data.example/too-large-bytes").unwrap();
    assert_eq!(page_gets["status"], 200, "a page takes it");
}
