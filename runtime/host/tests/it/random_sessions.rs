//! Sessions that nobody thought up, over the samples: what was recorded runs again with the same outputs.

mod questions;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use guichet_contract::network::{Body, Request, Response};
use guichet_package::{Limits, PackageDraft, PackageFile, PackagePath};
use guichet_services::Memory;
use serde_json::{Value as Json, json};

use crate::{
    app::{ESTIMATOR, PERMIT},
    device::Running,
    journal::{Recording, replay},
    store::{Store, department, key},
};
use questions::question;

const STEPS: u64 = 48;

/// SplitMix64: the same sessions every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }

    fn fields(&mut self, of: &[(&'static str, &[&'static str])]) -> Json {
        let mut fields = serde_json::Map::new();
        for (name, values) in of {
            if self.roll(8) > 0 {
                fields.insert((*name).to_owned(), json!(self.one(values)));
            }
        }
        Json::Object(fields)
    }
}

/// The samples, each as an app of one of the departments of the tests' store.
const SAMPLES: [(&str, &str); 5] = [
    ("residence-permit", PERMIT),
    ("benefit-estimator", ESTIMATOR),
    ("certificate-printer", CERTIFICATE),
    ("document-scan", SCAN),
    ("queue-board", QUEUE),
];
const CERTIFICATE: &str = "gov.example.residence.certificate";
const SCAN: &str = "gov.example.residence.scan";
const QUEUE: &str = "gov.example.benefits.queue";

/// A sample as a department would publish it. Where logic looks into what is personal, and may differ for it, nothing is.
fn sample(folder: &str, app: &str) -> PackageFile {
    fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<PackagePath, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if ["src", "target", "tests", "Cargo.toml", "Cargo.lock", ".guichetignore"].contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                walk(root, &path, files);
            } else {
                files.insert(name.parse().unwrap(), fs::read(&path).unwrap());
            }
        }
    }
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples")).join(folder);
    let mut files = BTreeMap::new();
    walk(&root, &root, &mut files);
    let text = files.get_mut("manifest.json").unwrap();
    let mut manifest: Json = serde_json::from_slice(text).unwrap();
    if manifest["app_id"] != app {
        manifest["app_id"] = json!(app);
        manifest["guichet"].as_object_mut().unwrap().remove("personal");
        *text = manifest.to_string().into_bytes();
    }
    let publisher = department(&app.parse().unwrap());
    PackageDraft::new(files, &Limits::default()).unwrap().seal(&key(publisher.as_str())).unwrap()
}

/// Parts with nothing wrong, and the hosts that the samples ask.
fn services() -> Memory {
    let answer = |request: &Request, status: u16, body: &str| Response {
        status,
        url: request.url.clone(),
        is_redirected: false,
        headers: Vec::new(),
        body: Body::Text(body.to_owned()),
    };
    let services = Memory::simulated(&[]);
    services.network.host("records.gov.example", move |request| {
        let bytes = request.body.as_ref().map_or(0, |body| body.as_bytes().len());
        answer(request, if bytes % 5 == 0 { 503 } else { 201 }, r#"{"number":"D-7"}"#)
    });
    services.network.host("queue.gov.example", move |request| {
        answer(request, 200, r#"{"windows":[{"window":1,"number":"A010"},{"window":2,"number":"B007"}]}"#)
    });
    services
}

fn step(dice: &mut Dice, recording: &Recording, app: &str, running: &Running, pages: &mut Vec<u32>) {
    let page = dice.one(pages);
    match dice.roll(16) {
        0 => running.session.hidden(),
        1 => running.session.shown(),
        2 => recording.terminal.live(dice.roll(100_000_000)),
        3 => running.session.back(),
        4 => {
            let route = dice.one(&["/pages/apply?step=2", "/pages/rules", "/pages/record?number=R-1", "/pages/none"]);
            if running.session.follow(route) {
                pages.push(pages.len() as u32 + 1);
            }
        }
        5 => running.session.page_message(page, r#"{"event":"loaded"}"#),
        6 => running.session.page_message(page, r#"{"event":"ready"}"#),
        7 => running
            .session
            .page_message(page, "{\"id\":1,\"interface\":\"storage\",\"function\":\"keys\",\"arguments\":[\"\"]}"),
        _ => {
            let (ask, input) = question(dice, app);
            let id = 1_000 + dice.roll(1_000_000);
            running.session.page_message(page, &json!({"id": id, "ask": ask, "input": input}).to_string());
        }
    }
}

fn sessions_run_again(count: u64, seed: u64) {
    let mut store = Store::new();
    for (folder, app) in SAMPLES {
        store.release(&sample(folder, app));
    }
    let recording = Recording::on(&store, PERMIT, Arc::new(services()));
    for (_, app) in &SAMPLES[1..] {
        recording.terminal.install(app).unwrap();
    }
    let mut dice = Dice(seed);
    for (session, (_, app)) in (0..count).zip(SAMPLES.iter().cycle()) {
        let running = recording.terminal.launch(app);
        let mut pages = vec![running.loaded()];
        for _ in 0..dice.roll(STEPS) {
            step(&mut dice, &recording, app, &running, &mut pages);
        }
        // All that was said before is done when this is answered, unless the person leaves in the middle of it.
        if dice.roll(4) > 0 {
            let _ = running.call(pages[0], "app-info", "get", json!([]));
        }
        assert!(running.close().is_closed(), "session {session} of seed {seed}");
    }
    let replayed = replay(&recording.end()).unwrap();
    assert_eq!(replayed.difference, None, "seed {seed}");
    assert_eq!((replayed.sessions, replayed.stopped.len(), replayed.is_cut_short), (count, 0, false));
    assert!(replayed.events > 8 * count && replayed.outputs > 4 * count, "{replayed:?}");
    println!("{count} sessions, {} events, {} outputs, all the same", replayed.events, replayed.outputs);
}

#[test]
fn random_sessions_of_the_samples_run_again_with_the_same_outputs() {
    sessions_run_again(20, 1);
}

#[test]
#[ignore = "minutes; `cargo xtask test --full` runs it"]
fn a_thousand_random_sessions_run_again_with_the_same_outputs() {
    sessions_run_again(1_000, 2);
}
