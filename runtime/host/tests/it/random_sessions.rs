//! Sessions that nobody thought up, over the samples: what was recorded runs again with the same outputs.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use guichet_package::{Limits, PackageDraft, PackageFile, PackagePath};
use serde_json::{Value as Json, json};

use crate::{
    app::{ESTIMATOR, PERMIT},
    device::Running,
    journal::{Recording, replay},
    store::{Store, key},
};

const STEPS: u64 = 24;

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

/// A sample as its department would publish it.
fn sample(folder: &str, publisher: &str) -> PackageFile {
    fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<PackagePath, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if ["src", "target", "Cargo.toml", "Cargo.lock", ".guichetignore"].contains(&name.as_str()) {
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
    PackageDraft::new(files, &Limits::default()).unwrap().seal(&key(publisher)).unwrap()
}

const PERMIT_FIELDS: &[(&str, &[&str])] = &[
    ("kind", &["first", "renewal", "", "other"]),
    ("name", &["张三", "欧阳娜娜", "", "Ada Lovelace", "x"]),
    ("id_number", &["11010519491231002X", "110105194912310021", "1", ""]),
    ("idNumber", &["11010519491231002X", "abc"]),
    ("phone", &["13800138000", "138 0013 8000", "1"]),
    ("address", &["河西路 12 号", "", "\u{202e}\"\\"]),
    ("since", &["2024-01-31", "2024-02-30", "31.1.2024"]),
    ("birth", &["1949-12-31", "2049-12-31"]),
];

const ESTIMATOR_FIELDS: &[(&str, &[&str])] = &[
    ("area", &["urban", "rural", "moon"]),
    ("adults", &["0", "1", "2", "99"]),
    ("children", &["0", "3", "-1"]),
    ("babies", &["0", "1"]),
    ("income", &["0", "2,000", "much", "99999999999999999999"]),
    ("rent", &["", "800", "1.5"]),
];

fn question(dice: &mut Dice, app: &str) -> (&'static str, Json) {
    if app == ESTIMATOR {
        return match dice.one(&["estimate", "estimate", "remembered", "forget", "rules", "nothing"]) {
            "estimate" => ("estimate", dice.fields(ESTIMATOR_FIELDS)),
            other => (other, dice.one(&["null", "{}", "[1]"]).parse().unwrap()),
        };
    }
    let names = [
        "overview",
        "draft",
        "keepDraft",
        "keepDraft",
        "discardDraft",
        "check",
        "summary",
        "submit",
        "application",
        "withdraw",
        "restore",
        "readIdNumber",
        "nothing",
    ];
    let name = dice.one(&names);
    let input = match name {
        "keepDraft" | "check" => json!({"step": dice.roll(6), "fields": dice.fields(PERMIT_FIELDS)}),
        "summary" | "submit" => json!({"fields": dice.fields(PERMIT_FIELDS)}),
        "readIdNumber" => json!({"text": dice.one(&["11010519491231002X", "１", ""])}),
        "application" | "withdraw" | "restore" => json!({"number": format!("R-{}", dice.roll(4))}),
        _ => dice.one(&["null", "{}", "\"x\"", "[[[]]]"]).parse().unwrap(),
    };
    (name, input)
}

fn step(dice: &mut Dice, recording: &Recording, app: &str, running: &Running, pages: &mut Vec<u32>) {
    let page = dice.one(pages);
    match dice.roll(12) {
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
    store.release(&sample("residence-permit", "residence"));
    store.release(&sample("benefit-estimator", "benefits"));
    let recording = Recording::of(&store, PERMIT);
    recording.terminal.install(ESTIMATOR).unwrap();
    let mut dice = Dice(seed);
    for session in 0..count {
        let app = if session % 2 == 0 { PERMIT } else { ESTIMATOR };
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
