//! The program `tuf_client`, driven as a suite of tests for TUF clients would: folders, addresses and exit codes.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use guichet_trust::{
    digest::Digest,
    metadata::{Document, TargetFile},
};
use serde_json::json;

use crate::store::{DAY, NOW, PERMIT, Store, forge, public, signed};

#[path = "../../examples/tuf_client.rs"]
#[allow(dead_code, reason = "its main is not called")]
mod tuf_client;

/// What the web server answers with besides the store's files.
#[derive(Default)]
struct Shared {
    files: std::collections::BTreeMap<String, Vec<u8>>,
    /// Every request, in order, and never more than is asked for.
    requests: Vec<String>,
    /// What to answer for a path instead.
    instead: Option<(String, &'static str)>,
}

/// A store behind a web server, and the folders of a client.
struct House {
    store: Store,
    shared: Arc<Mutex<Shared>>,
    stop: Arc<AtomicBool>,
    address: std::net::SocketAddr,
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let (shared, stop) = (Arc::new(Mutex::new(Shared::default())), Arc::new(AtomicBool::new(false)));
        let address = listener.local_addr().unwrap();
        let (state, stopping) = (Arc::clone(&shared), Arc::clone(&stop));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopping.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&state);
                thread::spawn(move || answer(&stream.unwrap(), &state));
            }
        });
        let house = Self { store: Store::new(), shared, stop, address, folder: tempfile::tempdir().unwrap() };
        house.publish();
        house.put(PERMIT, b"permit 1");
        fs::write(house.folder.path().join("first.json"), &house.store.files["1.root.json"]).unwrap();
        house
    }

    /// Serves what the store has now.
    fn publish(&self) {
        let files = self.store.files.iter().map(|(name, bytes)| (format!("/metadata/{name}"), bytes.clone()));
        self.shared.lock().unwrap().files.extend(files);
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let path = format!("/targets/{}", TargetFile::of(bytes).hashed_path(path));
        self.shared.lock().unwrap().files.insert(path, bytes.to_vec());
    }

    fn metadata(&self) -> PathBuf {
        self.folder.path().join("metadata")
    }

    fn targets(&self) -> PathBuf {
        self.folder.path().join("targets")
    }

    fn at(&self, now: u64, words: &[&str]) -> Result<(), String> {
        let arguments = words.iter().map(|word| (*word).to_owned());
        self.shared.lock().unwrap().requests.clear();
        let folder = self.metadata().display().to_string();
        let arguments = ["--metadata-dir".to_owned(), folder].into_iter().chain(arguments);
        tuf_client::run(arguments, now).map_err(|error| error.to_string())
    }

    fn init(&self) -> Result<(), String> {
        self.at(NOW, &["init", &self.folder.path().join("first.json").display().to_string()])
    }

    fn refresh(&self) -> Result<(), String> {
        self.refresh_at(NOW)
    }

    fn refresh_at(&self, now: u64) -> Result<(), String> {
        self.at(now, &["--metadata-url", &format!("http://{}/metadata/", self.address), "refresh"])
    }

    fn download(&self, names: &[&str]) -> Result<(), String> {
        let (metadata, targets) =
            (format!("http://{}/metadata", self.address), format!("http://{}/targets/", self.address));
        let folder = self.targets().display().to_string();
        let mut words = vec!["--metadata-url", &metadata];
        names.iter().for_each(|name| words.extend(["--target-name", name]));
        words.extend(["--target-dir", &folder, "--target-base-url", &targets, "download"]);
        self.at(NOW, &words)
    }

    fn requests(&self) -> Vec<String> {
        self.shared.lock().unwrap().requests.clone()
    }

    /// Every trusted document by its name and version.
    fn trusted(&self) -> Vec<String> {
        let mut names: Vec<_> = names(&self.metadata());
        names.sort();
        let version = |name: &String| {
            let bytes = fs::read(self.metadata().join(name)).unwrap();
            format!("{} {}", name.trim_end_matches(".json"), signed(&bytes)["version"])
        };
        names.iter().map(version).collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn answer(stream: &TcpStream, shared: &Mutex<Shared>) {
    let mut lines = BufReader::new(stream).lines();
    let path = lines.next().unwrap().unwrap().split(' ').nth(1).unwrap().to_owned();
    while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
    let mut shared = shared.lock().unwrap();
    shared.requests.push(path.clone());
    let instead = shared.instead.as_ref().filter(|(wanted, _)| *wanted == path).map(|(_, what)| *what);
    let (status, body) = match (instead, shared.files.get(&path)) {
        (Some("hang up"), _) => return,
        // More than anybody will read: the reader has to stop by itself.
        (Some("endless"), _) => {
            drop(shared);
            let mut stream = stream;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            while stream.write_all(&[b' '; 4096]).is_ok() {}
            return;
        }
        (Some(status), _) => (status, Vec::new()),
        (None, Some(bytes)) => ("200 OK", bytes.clone()),
        (None, None) => ("404 Not Found", Vec::new()),
    };
    let mut stream = stream;
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

#[test]
fn init_asks_nobody_and_refresh_asks_for_what_is_needed() {
    let house = House::new();
    assert_eq!(house.init(), Ok(()));
    assert_eq!(house.requests(), [""; 0]);
    assert_eq!(house.refresh(), Ok(()));
    let requests =
        ["/metadata/2.root.json", "/metadata/timestamp.json", "/metadata/2.snapshot.json", "/metadata/1.targets.json"];
    assert_eq!(house.requests(), requests);
    assert_eq!(house.trusted(), ["root 1", "snapshot 2", "targets 1", "timestamp 2"]);
    for (name, served) in
        [("root", "1.root"), ("timestamp", "timestamp"), ("snapshot", "2.snapshot"), ("targets", "1.targets")]
    {
        let kept = fs::read(house.metadata().join(format!("{name}.json"))).unwrap();
        assert_eq!(kept, house.store.files[&format!("{served}.json")], "{name}");
    }
    assert_eq!(house.refresh(), Ok(()));
    assert_eq!(house.requests(), ["/metadata/2.root.json", "/metadata/timestamp.json"]);
}

#[test]
fn a_first_root_that_does_not_hold_is_refused_without_a_request() {
    let mut house = House::new();
    let mut without = signed(&house.store.files["1.root.json"]);
    without.as_object_mut().unwrap().remove("version");
    for bad in
        [forge(&without, &["root"]), forge(&signed(&house.store.files["1.root.json"]), &["other"]), b"{}".to_vec()]
    {
        fs::write(house.folder.path().join("first.json"), &bad).unwrap();
        assert!(house.init().is_err());
        assert!(house.refresh().is_err());
        // Even if somebody put it there.
        fs::create_dir_all(house.metadata()).unwrap();
        fs::write(house.metadata().join("root.json"), &bad).unwrap();
        assert!(house.refresh().is_err());
        assert_eq!(house.requests(), [""; 0]);
    }
    house.store.reroot(&["root"], |_| {});
}

#[test]
fn what_was_trusted_stays_when_a_later_step_fails() {
    let mut house = House::new();
    house.init().unwrap();
    house.refresh().unwrap();
    // A timestamp for a snapshot that is not there.
    let mut timestamp = signed(house.store.timestamp.bytes());
    timestamp["version"] = json!(3);
    timestamp["meta"]["snapshot.json"] = json!({"version": 3});
    house.store.timestamp = Document::parse(forge(&timestamp, &["timestamp"])).unwrap();
    house.store.serve();
    house.publish();
    assert!(house.refresh().is_err());
    assert_eq!(house.requests().last().unwrap(), "/metadata/3.snapshot.json");
    assert_eq!(house.trusted(), ["root 1", "snapshot 2", "targets 1", "timestamp 3"]);
    // A snapshot for targets that are not there.
    let mut snapshot = signed(house.store.snapshot.bytes());
    snapshot["version"] = json!(3);
    snapshot["meta"]["targets.json"] = json!({"version": 2});
    house.store.snapshot = Document::parse(forge(&snapshot, &["snapshot"])).unwrap();
    house.store.serve();
    house.publish();
    assert!(house.refresh().is_err());
    assert_eq!(house.requests().last().unwrap(), "/metadata/2.targets.json");
    assert_eq!(house.trusted(), ["root 1", "snapshot 3", "targets 1", "timestamp 3"]);
    // What is older than what was trusted is refused still.
    house.store.retarget(|_| {});
    house.publish();
    assert_eq!(house.refresh(), Ok(()));
    assert_eq!(house.trusted(), ["root 1", "snapshot 4", "targets 2", "timestamp 4"]);
}

#[test]
fn a_fast_forward_is_undone_by_new_online_keys() {
    let mut house = House::new();
    house.init().unwrap();
    let mut timestamp = signed(house.store.timestamp.bytes());
    timestamp["version"] = json!(9_999_999);
    let honest = house.store.timestamp.clone();
    house.store.timestamp = Document::parse(forge(&timestamp, &["timestamp"])).unwrap();
    house.store.serve();
    house.publish();
    house.refresh().unwrap();
    house.store.timestamp = honest;
    house.store.serve();
    house.publish();
    let refused = house.refresh().unwrap_err();
    insta::assert_snapshot!(refused, @"the timestamp went back from version 9999999 to 2 (in timestamp.json)");
    house.store.reroot(&["root"], |root| root.set_role("timestamp", &public(&["timestamp-2"]), 1).unwrap());
    house.publish();
    // The new root counts at once, and the old timestamp and snapshot are forgotten, though nothing newer is there yet.
    assert!(house.refresh().is_err());
    assert_eq!(house.trusted(), ["root 2", "targets 1"]);
    house.store.online[1] = "timestamp-2";
    house.store.stamp();
    house.publish();
    assert_eq!(house.refresh(), Ok(()));
    assert_eq!(house.trusted(), ["root 2", "snapshot 2", "targets 1", "timestamp 3"]);
}

#[test]
fn only_an_answer_ends_the_chain_of_roots() {
    for (answer, goes_on) in
        [("404 Not Found", true), ("403 Forbidden", true), ("500 Oops", false), ("hang up", false), ("endless", false)]
    {
        let house = House::new();
        house.init().unwrap();
        house.shared.lock().unwrap().instead = Some(("/metadata/2.root.json".to_owned(), answer));
        assert_eq!(house.refresh().is_ok(), goes_on, "{answer}");
        assert_eq!(house.requests().len(), if goes_on { 4 } else { 1 }, "{answer}");
    }
}

#[test]
fn endless_answers_end_at_what_was_announced_or_allowed() {
    for path in ["/metadata/timestamp.json", "/metadata/2.snapshot.json", "/metadata/1.targets.json"] {
        let house = House::new();
        house.init().unwrap();
        house.shared.lock().unwrap().instead = Some((path.to_owned(), "endless"));
        assert!(house.refresh().is_err(), "{path}");
    }
    let house = House::new();
    house.init().unwrap();
    let target = format!("/targets/{}", TargetFile::of(b"permit 1").hashed_path(PERMIT));
    house.shared.lock().unwrap().instead = Some((target, "endless"));
    assert!(house.download(&[PERMIT]).is_err());
    assert!(!house.targets().exists());
}

#[test]
fn a_target_is_downloaded_once() {
    let mut house = House::new();
    house.init().unwrap();
    assert_eq!(house.download(&[PERMIT]), Ok(()));
    let place = house.targets().join(names(&house.targets()).pop().unwrap());
    assert_eq!(fs::read(&place).unwrap(), b"permit 1");
    assert_eq!(house.trusted(), ["residence 1", "root 1", "snapshot 2", "targets 1", "timestamp 2"]);
    assert_eq!(house.download(&[PERMIT]), Ok(()));
    assert_eq!(house.requests(), ["/metadata/2.root.json", "/metadata/timestamp.json"]);
    // Spoilt, it is fetched again; replaced in the metadata, it is replaced under the same name.
    fs::write(&place, b"permit !").unwrap();
    assert_eq!(house.download(&[PERMIT]), Ok(()));
    assert_eq!(fs::read(&place).unwrap(), b"permit 1");
    house.store.release("residence", PERMIT, b"permit 2", &["ana"]);
    house.publish();
    assert!(house.download(&[PERMIT]).is_err(), "the repository does not have it yet");
    assert_eq!(fs::read(&place).unwrap(), b"permit 1");
    house.put(PERMIT, b"permit 2");
    assert_eq!(house.download(&[PERMIT]), Ok(()));
    assert_eq!(fs::read(&place).unwrap(), b"permit 2");
    // Something else at its address is not taken.
    let address = format!("/targets/{}", TargetFile::of(b"permit 2").hashed_path(PERMIT));
    house.shared.lock().unwrap().files.insert(address, b"permit X".to_vec());
    fs::remove_file(&place).unwrap();
    assert!(house.download(&[PERMIT]).unwrap_err().contains("SHA-256"));
    assert!(!place.exists());
}

#[test]
fn several_targets_are_one_update_and_the_first_failure_ends_it() {
    let mut house = House::new();
    let (tax, odd) = ("apps/tax/gov.example.tax/stable.json", "apps/tax/a b/?税.json");
    house.store.release("tax", tax, b"tax", &["cy"]);
    house.store.release("tax", odd, b"odd", &["cy"]);
    house.publish();
    house.put(tax, b"tax");
    house.init().unwrap();
    let digest = Digest::of(b"odd");
    let address = format!("/targets/apps/tax/a%20b/{digest}.%3F%E7%A8%8E.json");
    house.shared.lock().unwrap().files.insert(address, b"odd".to_vec());
    assert!(house.download(&[PERMIT, odd, "apps/tax/none/stable.json", tax]).is_err());
    let mut got = names(&house.targets());
    got.sort();
    assert_eq!(got, ["apps%2Fresidence%2Fgov.example.permit%2Fstable.json", "apps%2Ftax%2Fa%20b%2F%3F%E7%A8%8E.json"]);
    assert_eq!(house.requests().iter().filter(|path| path.ends_with("timestamp.json")).count(), 1);
    assert_eq!(house.download(&[tax]), Ok(()));
}

#[test]
fn without_consistent_snapshots_names_are_plain() {
    let mut house = House::new();
    let mut root = signed(house.store.root.bytes());
    root["consistent_snapshot"] = json!(false);
    root["version"] = json!(2);
    house.store.files.insert("2.root.json".to_owned(), forge(&root, &["root"]));
    for (plain, name) in [("snapshot", "2.snapshot"), ("targets", "1.targets"), ("residence", "1.residence")] {
        house.store.files.insert(format!("{plain}.json"), house.store.files[&format!("{name}.json")].clone());
    }
    house.publish();
    house.shared.lock().unwrap().files.insert(format!("/targets/{PERMIT}"), b"permit 1".to_vec());
    house.init().unwrap();
    assert_eq!(house.download(&[PERMIT]), Ok(()));
    let expected = ["3.root", "timestamp", "snapshot", "targets", "residence"].map(|it| format!("/metadata/{it}.json"));
    assert_eq!(house.requests()[1..6], expected);
    assert_eq!(house.requests()[6..], [format!("/targets/{PERMIT}")]);
}

#[test]
fn time_is_that_of_the_start() {
    let mut house = House::new();
    house.init().unwrap();
    house.refresh().unwrap();
    assert!(house.refresh_at(NOW + 2 * DAY).unwrap_err().contains("expired"), "the timestamp lasts a day");
    house.store.now = NOW + 2 * DAY;
    house.store.stamp();
    house.publish();
    assert_eq!(house.refresh_at(NOW + 2 * DAY), Ok(()), "an expired timestamp is replaced by a fresh one");
    assert!(house.refresh_at(NOW + 8 * DAY).is_err());
}

#[test]
fn what_is_not_asked_for_rightly_is_not_done() {
    let house = House::new();
    for words in [
        &["refresh"][..],
        &["init"],
        &[],
        &["--metadata-url", "http://127.0.0.1:9/", "--unknown", "x", "refresh"],
        &["--metadata-url"],
        &["--metadata-url", "http://127.0.0.1:9/", "download"],
    ] {
        assert!(house.at(NOW, words).is_err(), "{words:?}");
    }
}
