//! Updating by dictionary: a good delta is all that comes, and a bad one costs its bytes and nothing else.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use guichet_package::{
    PackageFile,
    delta::{
        Coding, DeltaEntry, DeltaIndex,
        make::{self, Effort},
    },
};

use crate::{
    app::{App, PERMIT},
    device::{Terminal, options},
    http::{OnRequest, Server},
    store::{Store, digest_of},
};

/// The script of the form, large enough to be worth a delta.
const SCRIPT: &str = "pages/form.js";

fn app(code: u32) -> App {
    let line = |number: u32| format!("step({number}, {});\n", number.wrapping_mul(2_654_435_761));
    let text: String = (0..2000).map(line).collect();
    App::new(PERMIT, code).file(SCRIPT, &format!("{text}version({code});\n"))
}

/// A terminal with the first release, and a store that has published the second as package and blobs.
struct Scene {
    store: Store,
    terminal: Terminal,
    old: PackageFile,
    new: PackageFile,
}

impl Scene {
    fn new() -> Self {
        let mut store = Store::new();
        let (old, new) = (app(1).seal("residence"), app(2).seal("residence"));
        store.release(&old);
        let terminal = Terminal::with(&store, PERMIT);
        store.release(&new);
        Self { store, terminal, old, new }
    }

    fn delta(&self, coding: Coding) -> Vec<u8> {
        self.delta_to(coding, self.new.bytes())
    }

    fn delta_to(&self, coding: Coding, result: &[u8]) -> Vec<u8> {
        match coding {
            Coding::Dcb => make::dcb(self.old.bytes(), result, Effort::Quick).unwrap(),
            Coding::Dcz => make::dcz(self.old.bytes(), result, Effort::Quick).unwrap(),
            Coding::Bsdiff => make::bsdiff(self.old.bytes(), result).unwrap().unwrap(),
        }
    }

    /// Publishes a delta, and an index that speaks of it.
    fn publish(&self, coding: Coding, delta: &[u8]) {
        let (old, new) = (self.old.digest(), self.new.digest());
        self.store.put(&format!("delta/{old}/{new}.{coding}"), delta);
        let entry = DeltaEntry { dictionary: old, coding: coding.to_string(), length: delta.len() as u64 };
        self.store.put(&format!("delta/{new}.json"), &DeltaIndex::new(vec![entry]).to_bytes());
    }

    /// Without this file, the second release can only come by a delta or as a package.
    fn lose_script(&self) {
        self.store.lose_blob(self.new.file(SCRIPT).unwrap());
    }

    /// Updates, and says how many bytes came.
    fn update(&self) -> u64 {
        self.terminal.host.refresh().unwrap();
        let installed = self.terminal.install(PERMIT).unwrap();
        assert_eq!(installed.sequence, 2);
        assert!(self.terminal.home_page(PERMIT).contains("version 2"));
        for (path, bytes) in self.new.files() {
            let cached = self.terminal.cached(&digest_of(&self.new, path.as_str()));
            assert_eq!(fs::read(cached).unwrap(), bytes, "{path}");
        }
        installed.bytes_downloaded
    }
}

#[test]
fn a_delta_of_any_form_is_all_that_comes() {
    for coding in Coding::ALL {
        let scene = Scene::new();
        let delta = scene.delta(coding);
        scene.publish(coding, &delta);
        scene.lose_script();
        let came = scene.update();
        assert!((delta.len() as u64..delta.len() as u64 + 300).contains(&came), "{coding}: {came}");
        assert!(came < 3000, "{coding}: {came}");
    }
}

#[test]
fn a_bad_delta_costs_its_bytes_and_nothing_else() {
    let good = Scene::new().delta(Coding::Dcb);
    let mut altered = good.clone();
    *altered.last_mut().unwrap() ^= 0x55;
    altered[40] ^= 0x10;
    let mut of_another = good.clone();
    of_another[10] ^= 1;
    let scene = Scene::new();
    let flood = scene.delta_to(Coding::Dcb, &vec![0; 2 << 20]);
    // Its result is a package, but not the one that was approved.
    let backwards = scene.delta_to(Coding::Dcb, scene.old.bytes());
    let cut = good[..good.len() / 2].to_vec();
    for (what, delta) in [
        ("altered", altered),
        ("of another", of_another),
        ("flood", flood),
        ("backwards", backwards),
        ("cut", cut),
        ("empty", Vec::new()),
    ] {
        let scene = Scene::new();
        scene.publish(Coding::Dcb, &delta);
        let came = scene.update();
        assert!(came > delta.len() as u64, "{what}: {came}");
    }
}

#[test]
fn an_index_that_lies_costs_a_request() {
    for index in [
        "not json".to_owned(),
        format!(
            r#"{{"format":1,"deltas":[{{"coding":"dcb","dictionary":"{}","length":9}}]}}"#,
            Scene::new().old.digest()
        ),
        " ".repeat(100 << 10),
    ] {
        let scene = Scene::new();
        scene.store.put(&format!("delta/{}.json", scene.new.digest()), index.as_bytes());
        scene.update();
    }
}

#[test]
fn a_delta_longer_than_its_index_says_is_not_read_to_its_end() {
    let scene = Scene::new();
    let mut delta = scene.delta(Coding::Dcb);
    scene.publish(Coding::Dcb, &delta);
    delta.extend([0; 1000]);
    scene.store.put(&format!("delta/{}/{}.dcb", scene.old.digest(), scene.new.digest()), &delta);
    scene.update();
}

#[test]
fn a_dictionary_that_was_damaged_here_is_no_dictionary() {
    let scene = Scene::new();
    scene.publish(Coding::Dcb, &scene.delta(Coding::Dcb));
    let cached = scene.terminal.cached(&digest_of(&scene.old, SCRIPT));
    fs::write(cached, "altered").unwrap();
    let came = scene.update();
    assert!(came > 5000, "the files came: {came}");
}

#[test]
fn where_a_file_is_lost_the_package_helps() {
    let scene = Scene::new();
    scene.lose_script();
    scene.terminal.host.refresh().unwrap();
    assert_eq!(scene.terminal.install(PERMIT).unwrap_err().class(), "store/file-missing");
    scene.store.put_container(&scene.new);
    assert!(scene.update() >= scene.new.bytes().len() as u64);
}

/// The terminal of a scene, with its store behind a web server.
fn over_http(scene: Scene, on_request: Option<OnRequest>) -> (Scene, Server) {
    let server = Server::with(scene.store.folder(), on_request);
    let mut trust = scene.store.trust_file();
    trust.static_url = format!("{}/", server.url);
    let options = options(scene.terminal.home(), trust, &scene.terminal.clock);
    let Scene { store, terminal, old, new } = scene;
    (Scene { store, terminal: terminal.reopened(options), old, new }, server)
}

#[test]
fn a_store_that_makes_deltas_on_request_is_asked_for_one() {
    for coding in [Coding::Dcb, Coding::Dcz] {
        let scene = Scene::new();
        scene.lose_script();
        let available = format!(":{}:", STANDARD.encode(scene.old.digest().as_bytes()));
        let on_request = OnRequest { available, answer: (coding.as_str(), scene.delta(coding)) };
        let (scene, server) = over_http(scene, Some(on_request));
        assert!(scene.update() < 2500);
        let asked = server.asked.lock().unwrap();
        assert!(asked.contains(&format!("packages/{}.ma", scene.new.digest())), "{asked:#?}");
    }
}

#[test]
fn a_server_that_only_has_files_is_not_taken_at_its_word() {
    let scene = Scene::new();
    scene.store.put_container(&scene.new);
    let (scene, _server) = over_http(scene, None);
    let came = scene.update();
    assert!(came < scene.new.bytes().len() as u64, "the package was left unread: {came}");
}
