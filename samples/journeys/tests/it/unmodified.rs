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

const DEADLINE: Duration = Duration::from_secs(60);

struct Window {
    display: Display,
    program: Running,
    picture: PathBuf,
}

impl Window {
    fn open(town: &Town, folder: &Path) -> Result<Self> {
        let display = Display::start()?;
        let mut command = program("guichet-desktop")?;
        command
            .arg("--trust")
            .arg(town.trust_file())
            .arg("--home")
            .arg(folder.join("device"))
            .args(["--lang", "en"])
            .env("DISPLAY", display.name());
        let mut program = Running::start("guichet-desktop", &mut command)?;
        program.line("guichet-desktop ready", DEADLINE)?;
        Ok(Self { display, program, picture: Path::new(env!("CARGO_TARGET_TMPDIR")).join("window.png") })
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

    fn click(&self, text: &str) -> Result<()> {
        let word = self.word(text)?;
        self.display.click(word.x, word.y)
    }
}

#[test]
fn a_citizen_adds_a_service_opens_it_and_begins_a_form() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let package = folder.path().join("permit.ma");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    town.build("residence", &samples.join("residence-permit"), &package).unwrap();
    let submission = town.publish("residence", &package).unwrap();
    town.approve("residence", &submission).unwrap();

    // The last picture stays in the target folder, for whoever wants to see what the journey saw.
    let mut window = Window::open(&town, folder.path()).unwrap();
    window.click("Add").unwrap();
    // The arch stands above its name and the word “Details”.
    window.word("added.").unwrap();
    let details = window.word("Details").unwrap();
    window.display.click(details.x, details.y - 130).unwrap();
    window.program.line("opened gov.example.residence.permit", DEADLINE).unwrap();
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
