//! The whole way of an app, as a department's developer goes it: from nothing, or from a project of npm's, to a citizen's window.
//! Each template, its README's commands run as they stand, and one app that was moved; every step by the programs themselves,
//! with a real store.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use guichet_journeys::{
    browser::Browser,
    display::Display,
    guide::{self, commands},
    process::{must, program, programs, run},
    town::{Office, Town},
};
use serde_json::Value;

use crate::unmodified::Window;

const OFFICE: Office = Office { id: "works", name_zh: "市政", name_en: "Works office", prefix: "gov.example.works" };
const PROFILES: [&str; 4] = ["phone", "desktop", "kiosk", "reader"];

/// A project on its way.
struct App {
    town: Town,
    project: PathBuf,
    app_id: String,
    /// Whether another tool builds it, into `dist`.
    is_built: bool,
    /// Whether somebody else made it.
    is_moved: bool,
    /// What its first page says in English.
    says: &'static str,
    _folder: tempfile::TempDir,
}

impl App {
    /// Somebody's first hour: a store that knows them, and a folder.
    fn begin(name: &str, is_built: bool, says: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let town = Town::found(folder.path(), &[OFFICE]).unwrap();
        let (project, app_id) = (folder.path().join(name), format!("{}.{name}", OFFICE.prefix));
        Self { town, project, app_id, is_built, is_moved: false, says, _folder: folder }
    }

    fn of_template(name: &str, is_built: bool, says: &'static str) -> Self {
        let app = Self::begin(name, is_built, says);
        let new = ["new", name, "--template", name, "--app-id", &app.app_id];
        must(program("guichet").unwrap().args(new).current_dir(app.folder())).unwrap();
        app
    }

    fn folder(&self) -> &Path {
        self.project.parent().unwrap()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        must(Command::new(program).args(arguments).current_dir(&self.project).env_remove("CARGO_TARGET_DIR")).unwrap()
    }

    /// `guichet`, told where the build is if another tool makes it.
    fn guichet(&self, arguments: &[&str]) -> String {
        let mut command = program("guichet").unwrap();
        command.args(arguments).args(if self.is_built { &["--from", "dist"][..] } else { &[] });
        must(command.current_dir(&self.project).env_remove("GUICHET_KEY").env_remove("DISPLAY")).unwrap()
    }

    /// Its first page in the developer's window.
    fn is_developed(&self) {
        let display = Display::large().unwrap();
        let guichet = programs().unwrap().join("guichet");
        let words = ["--lang", "en", "dev", self.project.to_str().unwrap(), "--automation"];
        let browser = Browser::start(&display, &guichet, &words, &[]).unwrap();
        browser.turn_to(&format!("guichet-app://{}", self.app_id)).unwrap();
        let says = format!("return document.body.innerText.includes('{}')", self.says);
        browser.until("the developer sees the first page", &says).unwrap();
        browser.close().unwrap();
    }

    /// Its journeys, on four terminals.
    fn is_tested(&self) {
        // Their display is their own; the turn keeps other windows away meanwhile.
        let _turn = Display::start().unwrap();
        let profiles: Vec<&str> = PROFILES.iter().flat_map(|profile| ["--profile", profile]).collect();
        let mut command = program("guichet").unwrap();
        command.args(["--json", "test"]).args(&profiles).args(if self.is_built {
            &["--from", "dist"][..]
        } else {
            &[]
        });
        let finished = run(command.current_dir(&self.project).env_remove("DISPLAY")).unwrap();
        let report: Value = serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:?}"));
        assert_eq!((&report["failed"], &report["skipped"]), (&0.into(), &0.into()), "{report:#}");
        for profile in PROFILES {
            let seen = |one: &&Value| one["on"] == profile && one["window"] == true && one["end"] == "passed";
            let outcome = report["journeys"].as_array().unwrap().iter().find(seen);
            let outcome = outcome.unwrap_or_else(|| panic!("nothing was seen on {profile}: {report:#}"));
            let picture = self.project.join(outcome["pictures"][0].as_str().unwrap());
            assert!(picture.components().any(|part| part.as_os_str() == profile), "{}", picture.display());
        }
    }

    /// All that its README types, until its developer has published it. The home is ours: cargo, rustup and npm have theirs
    /// there. Whoever keeps the store is told of the key between. Gives the submission.
    fn does_what_its_readme_says(&self) -> String {
        let display = Display::start().unwrap();
        let script = commands(self.project.join("README.md").to_str().unwrap()).unwrap();
        // The window that stays is looked at and closed; journeys have a display of their own.
        let look = format!("DISPLAY={} guichet-desktop --screenshot look.png --open ", display.name());
        let script = script.replace("guichet-desktop --open ", &look);
        let publish = script.find("guichet publish ").unwrap_or_else(|| panic!("nothing is published:\n{script}"));
        let developer = self.town.developer(OFFICE.id).unwrap();
        let home = std::env::var("HOME").unwrap();
        let environment =
            [("HOME", home.as_str()), ("GUICHET_STORE_URL", self.town.url()), ("GUICHET_TOKEN", &developer.token)];
        let run = |script: &str| guide::run(script, &self.project, &environment).unwrap();
        run(&script[..publish]);
        let shown = run("guichet key show publisher.key");
        let key = shown.split_whitespace().find(|word| word.starts_with("ed25519:")).unwrap();
        self.town.store(&["keys", "publisher", "add", "--department", OFFICE.id, "--key", key]).unwrap();
        let said = run(&script[publish..]);
        let mut words = said.split(|character: char| !character.is_ascii_hexdigit() && character != '-');
        words.find(|word| word.len() == 36).unwrap_or_else(|| panic!("{said}")).to_owned()
    }

    fn is_checked(&self) {
        let checked: Value = serde_json::from_str(&self.guichet(&["--json", "check"])).unwrap();
        assert_eq!(checked["ok"], true, "{checked:#}");
        // What comes out of `guichet new` leaves nothing to be said.
        assert!(self.is_moved || checked["findings"] == Value::Array(vec![]), "{checked:#}");
    }

    /// Built, sealed by its developer and published. Gives the submission.
    fn is_published(&self) -> String {
        let package = self.folder().join("app.ma");
        let path = package.to_str().unwrap();
        self.guichet(&["build", "-o", path]);
        let key = &self.town.developer(OFFICE.id).unwrap().key;
        must(program("guichet").unwrap().args(["seal", path, "--key"]).arg(key)).unwrap();
        self.town.publish(OFFICE.id, &package).unwrap()
    }

    /// A citizen's own window, which nobody drives.
    fn is_opened(&self) {
        let address = format!("guichet://miniapp/{}", self.app_id);
        let name = self.project.file_name().unwrap().to_str().unwrap();
        let picture = format!("whole-way-{name}.png");
        let mut window = Window::open(&self.town, self.folder(), &["--open", &address], &picture).unwrap();
        window.opens(&self.app_id).unwrap();
        window.says(self.says).unwrap();
    }

    fn goes_on(&self) {
        let is_published = (!self.is_moved).then(|| self.does_what_its_readme_says());
        self.is_developed();
        self.is_tested();
        self.is_checked();
        let submission = is_published.unwrap_or_else(|| self.is_published());
        self.town.approve(OFFICE.id, &submission).unwrap();
        self.is_opened();
    }
}

#[test]
fn the_readme_of_the_template_page_works_as_it_is_written() {
    App::of_template("page", false, "").does_what_its_readme_says();
}

#[test]
#[ignore = "the whole way takes minutes: cargo xtask test --full"]
fn the_template_page() {
    App::of_template("page", false, "No reports yet").goes_on();
}

#[test]
#[ignore = "compiles logic for minutes: cargo xtask test --full"]
fn the_template_component() {
    App::of_template("component", false, "How many working days").goes_on();
}

#[test]
#[ignore = "asks npm for Vite and Vue: cargo xtask test --full"]
fn the_template_vue() {
    App::of_template("vue", true, "No reports yet").goes_on();
}

/// What a person does with npm's own scaffold: it counts.
const COUNTS: &str = "journey(\"counts\", async (app) => {\n  await app.open();\n  await app.tap(\"Count is 0\");\n  \
    await app.see(\"Count is 1\");\n  await app.picture(\"counted\");\n});\n";

#[test]
#[ignore = "asks npm for Vite and Vue: cargo xtask test --full"]
fn a_vue_app_of_npm_s_that_was_moved() {
    let app = App { is_moved: true, ..App::begin("moved", true, "Documentation") };
    let create = ["create", "--yes", "vite@9", "moved", "--", "--template", "vue", "--no-interactive"];
    must(Command::new("npm").args(create).current_dir(app.folder())).unwrap();
    for words in [&["install", "--no-audit", "--no-fund"][..], &["run", "build"]] {
        app.run("npm", words);
    }
    app.guichet(&["build", "--app-id", &app.app_id, "--name", "Street repairs", "--yes"]);
    fs::create_dir(app.project.join("tests")).unwrap();
    fs::write(app.project.join("tests/counts.js"), COUNTS).unwrap();
    app.goes_on();
}
