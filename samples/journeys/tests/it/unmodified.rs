//! The unmodified `guichet-desktop`, with real clicks and keys, judged by the picture of its window.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Result;
use guichet_journeys::{
    display::Display,
    picture::{self, Word},
    process::{Running, program},
    town::{OFFICES, Town},
    until::until,
};

/// The program of the engine that loads files for pages.
const LOADS: &str = "WebKitNetworkProcess";
const DEADLINE: Duration = Duration::from_secs(60);

/// Where the window writes its trace, in the folder of the journey.
const TRACE: &str = "trace.json";

/// The middle of the arrow that leads back, in the bar above an app.
const BACK: (u32, u32) = (38, 27);

/// The unmodified program on a display of its own.
pub(crate) struct Window {
    display: Display,
    program: Running,
    picture: PathBuf,
}

impl Window {
    pub(crate) fn open(town: &Town, folder: &Path, options: &[&str], picture: &str) -> Result<Self> {
        let display = Display::start()?;
        let mut command = program("guichet-desktop")?;
        command
            .arg("--trust")
            .arg(town.trust_file())
            .arg("--home")
            .arg(folder.join("device"))
            .args(["--lang", "en"])
            .args(options)
            .env("DISPLAY", display.name())
            .env("GUICHET_TRACE", folder.join(TRACE));
        let mut program = Running::start("guichet-desktop", &mut command)?;
        program.line("guichet-desktop ready", DEADLINE)?;
        Ok(Self { display, program, picture: Path::new(env!("CARGO_TARGET_TMPDIR")).join(picture) })
    }

    /// Waits until a word can be read in the window, and says where.
    fn word(&self, text: &str) -> Result<Word> {
        let picture = &self.picture;
        until(&format!("`{text}` can be read"), DEADLINE, || {
            self.display.picture(picture)?;
            Ok(picture::find(picture, text).ok())
        })
        .map_err(|error| error.context(format!("the window says: {}", picture::text(picture).unwrap_or_default())))
    }

    /// Waits until this app is open.
    pub(crate) fn opens(&mut self, app_id: &str) -> Result<()> {
        self.program.line(&format!("opened {app_id}"), DEADLINE).map(drop)
    }

    /// Waits until a text can be read in the window, wherever it stands.
    pub(crate) fn says(&self, text: &str) -> Result<()> {
        until(&format!("the window says `{text}`"), DEADLINE, || {
            self.display.picture(&self.picture)?;
            Ok(picture::text(&self.picture)?.contains(text).then_some(()))
        })
    }

    fn click(&self, text: &str) -> Result<()> {
        let word = self.word(text)?;
        self.display.click(word.x, word.y)
    }
}

/// Builds, publishes and approves an app of the residence office; `source` lies in the folder of the samples.
fn release(town: &Town, folder: &Path, source: &str) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let package = folder.join("app.ma");
    town.build("residence", &samples.join(source), &package).unwrap();
    let submission = town.publish("residence", &package).unwrap();
    town.approve("residence", &submission).unwrap();
}

#[test]
fn a_citizen_adds_a_service_opens_it_and_begins_a_form() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    release(&town, folder.path(), "residence-permit");

    // The last picture stays in the target folder, for whoever wants to see what the journey saw.
    let mut window = Window::open(&town, folder.path(), &[], "window.png").unwrap();
    let drawing = |window: &Window, most| {
        until(&format!("{most} processes draw"), DEADLINE, || {
            Ok((window.program.descendants("WebKitWebProcess")? == most).then_some(()))
        })
    };
    drawing(&window, 2).expect("the home page's, and one that is nobody's yet");
    window.click("Add").unwrap();
    // The arch stands above its name and the word “Details”.
    window.word("added.").unwrap();
    let details = window.word("Details").unwrap();
    window.display.click(details.x, details.y - 130).unwrap();
    window.program.line("opened gov.example.residence.permit", DEADLINE).unwrap();
    the_trace_has_the_opening_path(&folder.path().join(TRACE));
    drawing(&window, 3).expect("the app has it, and there is another for the next one");
    assert_eq!(window.program.named(LOADS).len(), 1, "all of them load through one process");
    if !Path::new("/dev/dri").exists() {
        let loaded = std::fs::read_to_string(format!("/proc/{}/maps", window.program.id())).unwrap();
        assert!(!loaded.contains("libGLX_"), "no graphics card, and yet a driver for the screen");
    }
    // By keyboard: the first thing the Tab key reaches on the page is its one main action.
    window.click("Need").unwrap();
    window.display.key("Tab").unwrap();
    window.display.key("Return").unwrap();
    let name = window.word("Name").unwrap();
    window.display.click(name.x + 100, name.y + 68).unwrap();
    window.display.write("Ada Lovelace").unwrap();
    window.word("Lovelace").unwrap();
    assert!(window.program.is_running().unwrap(), "{}", window.program.said());
}

/// What pages load their files through ends, whyever: a page that is there goes on, and the next one loads through another.
#[test]
fn pages_go_on_when_the_process_that_loads_them_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    release(&town, folder.path(), "journeys/tests/it/visits/hall");

    let options = ["--open", "guichet://miniapp/gov.example.residence.hall"];
    let mut window = Window::open(&town, folder.path(), &options, "loads.png").unwrap();
    window.program.line("opened gov.example.residence.hall", DEADLINE).unwrap();
    let name = window.word("name").unwrap();
    let loads = window.program.named(LOADS);
    assert_eq!(loads.len(), 1);
    assert!(std::process::Command::new("kill").args(["-9", &loads[0].to_string()]).status().unwrap().success());
    until("it has ended", DEADLINE, || Ok((!window.program.named(LOADS).contains(&loads[0])).then_some(()))).unwrap();
    window.display.click(name.x + 120, name.y).unwrap();
    window.display.write("Lovelace").unwrap();
    window.says("Lovelace").unwrap();
    window.click("Directory").unwrap();
    window.says("All services").unwrap();
    assert_eq!(window.program.named(LOADS).len(), 1, "there is another");
    assert!(window.program.is_running().unwrap(), "{}", window.program.said());
}

/// GUICHET_TRACE, while the program still runs: JSON, with what happens between a wish and the first picture.
fn the_trace_has_the_opening_path(path: &Path) {
    let trace: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let at = |phase: &str, name: &str, about: &str, of: &str| {
        let is_it = |event: &&serde_json::Value| {
            event["ph"] == phase && event["name"] == name && (about.is_empty() || event["args"][about] == of)
        };
        let event = events.iter().find(is_it).unwrap_or_else(|| panic!("no {name} in {trace:#}"));
        event["ts"].as_u64().unwrap()
    };
    for (name, about, of) in [("sandbox", "", ""), ("metadata", "", ""), ("window", "", ""), ("view", "id", "home")] {
        assert!(at("X", "start", "", "") <= at("X", name, about, of), "{name}");
    }
    let permit = "gov.example.residence.permit";
    let path = [
        at("X", "view", "id", "view-1"),
        at("X", "verify", "app", permit),
        at("X", "logic", "app", permit),
        at("i", "logic ready", "app", permit),
    ];
    assert!(path.is_sorted(), "{path:?}");
    let path = [
        at("X", "verify", "app", permit),
        at("i", "page asked for", "id", "view-1"),
        at("i", "page there", "", ""),
        at("i", "page loaded", "", ""),
        at("i", "first paint", "", ""),
    ];
    assert!(path.is_sorted(), "{path:?}");
    assert!(at("i", "first data", "id", "view-1") >= path[2]);
}

/// A WebDriver drives one view of an app, so this is seen in the unmodified window only.
#[test]
fn l6_back_finds_the_page_below_as_it_was_left_and_one_process_draws_both() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    release(&town, folder.path(), "journeys/tests/it/visits/hall");

    let options = ["--open", "guichet://miniapp/gov.example.residence.hall", "--no-warm-view"];
    let mut window = Window::open(&town, folder.path(), &options, "below.png").unwrap();
    window.program.line("opened gov.example.residence.hall", DEADLINE).unwrap();
    let name = window.word("name").unwrap();
    window.display.click(name.x + 120, name.y).unwrap();
    window.display.write("Lovelace").unwrap();
    window.says("Lovelace").unwrap();
    let drawn = window.program.descendants("WebKitWebProcess").unwrap();

    for _ in 0..2 {
        window.click("Directory").unwrap();
        window.says("All services").unwrap();
        assert_eq!(window.program.descendants("WebKitWebProcess").unwrap(), drawn, "no process more");
        let (x, y) = BACK;
        window.display.click(x, y).unwrap();
        // What nobody has stored anywhere is still there.
        window.says("Lovelace").unwrap();
    }
    // The page below has the keyboard again, on the link that led away.
    window.display.key("Return").unwrap();
    window.says("All services").unwrap();
    assert!(window.program.is_running().unwrap(), "{}", window.program.said());
}
