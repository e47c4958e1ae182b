//! The kiosk on a virtual display: a citizen with a card prints a certificate and walks away. The unmodified program, real
//! touches and keys, the real printer program; the reader is a driver with a card in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

use crate::{
    canary,
    hall::{CARD, Hall, SOON, papers},
    picture,
    printer::Printer,
    process::must,
    report::{Report, Step},
    touch::{self, Keys},
    town::{OFFICES, Office, Town},
    until::until,
};

/// Every step of the kiosk's demo, in order.
pub const STEPS: [&str; 10] =
    ["setup", "home", "card", "open", "fill", "print", "printed-pdf", "idle-warning", "wiped", "canaries"];

const RECORDS: Office =
    Office { id: "records", name_zh: "档案", name_en: "Records office", prefix: "gov.example.records" };

const CERTIFICATE: &str = "gov.example.records.certificate";

/// From the button that reads the card to the field, and from the word above the copies to the button that prints: light on dark,
/// it cannot be read. In pixels.
const BELOW_READ: u32 = 73;
const BELOW_COPIES: u32 = 176;

/// The middle of the button for the other language in the strip below an app, and what a notice is higher than. In pixels.
const LANGUAGE: (u32, u32) = (337, 1850);
const LEAST_NOTICE: u32 = 60;

/// What the page says when it has read the card.
const READ: &str = "Take";

/// Whose card it is, and what is typed over that: by it everything is found again that is left of them.
const HOLDER: &str = "王小明";
const CITIZEN: &str = "Lovelace";

/// Everything a running demo holds; dropped in this order.
struct Stage {
    hall: Option<Hall>,
    printer: Option<Printer>,
    _town: Option<Town>,
    out: PathBuf,
    folder: tempfile::TempDir,
    /// Lines of the kiosk when this citizen came.
    heard: usize,
}

/// Plays all steps and writes `report.json`, the pictures and the printed page into `out`.
pub fn play(samples: &Path, out: &Path, before: Vec<Step>) -> Result<Report> {
    let folder = tempfile::tempdir()?;
    let mut stage = Stage { hall: None, printer: None, _town: None, out: out.to_owned(), folder, heard: 0 };
    let mut report = Report::after(before);
    report.step("home", |facts| stage.home(samples, facts));
    report.step("card", |_| stage.card());
    report.step("open", |_| stage.open());
    report.step("fill", |facts| stage.fill(facts));
    report.step("print", |_| stage.print());
    report.step("printed-pdf", |facts| stage.printed(facts));
    report.step("idle-warning", |facts| stage.warned(facts));
    report.step("wiped", |facts| stage.wiped(facts));
    report.step("canaries", |facts| stage.canaries(facts));
    report.finish_as(out, &STEPS)
}

/// What stands in the field at this height: the frame around it would be read as letters.
fn written(picture: &Path, y: u32) -> Result<String> {
    let line = picture.with_extension("line.png");
    let part = format!("360x52+52+{}", y.saturating_sub(26));
    must(
        Command::new("convert")
            .arg(picture)
            .args(["-crop", &part, "-colorspace", "Gray", "-resize", "200%"])
            .arg(&line),
    )?;
    let said = must(Command::new("tesseract").arg(&line).args(["-", "--psm", "7"]).env("OMP_THREAD_LIMIT", "1"));
    fs::remove_file(&line)?;
    said
}

impl Stage {
    fn hall(&mut self) -> Result<&mut Hall> {
        self.hall.as_mut().context("there is no kiosk")
    }

    fn picture(&mut self, name: &str) -> Result<PathBuf> {
        let file = self.out.join(name);
        self.hall()?.display.picture(&file)?;
        Ok(file)
    }

    fn line(&mut self, text: &str) -> Result<()> {
        let heard = self.heard;
        self.hall()?.kiosk.line_since(heard, text, SOON)
    }

    fn card_state(&self) -> PathBuf {
        self.folder.path().join("card.state")
    }

    fn home(&mut self, samples: &Path, facts: &mut Map<String, Value>) -> Result<()> {
        let folder = self.folder.path().to_owned();
        let town = Town::found(&folder, &[RECORDS, OFFICES[0]])?;
        for (office, app) in [("records", samples.join("certificate-printer")), ("residence", canary::folder())] {
            let package = folder.join(format!("{office}.ma"));
            town.build(office, &app, &package)?;
            let submission = town.publish(office, &package)?;
            town.approve(office, &submission)?;
        }
        let printer = Printer::start(&folder.join("printer"), "application/pdf")?;
        fs::write(folder.join("card.py"), CARD)?;
        fs::write(self.card_state(), "empty")?;
        let script = folder.join("card.py");
        let reader = json!({ "driver": { "program": "/usr/bin/python3", "arguments": [&script, self.card_state()],
                                         "devices": [&script, self.card_state()] } });
        let policy = papers(&folder.join("papers"), &town, |policy| {
            policy["start"]["locale"] = "en".into();
            policy["idle"] = json!({ "warn_seconds": 32, "reset_seconds": 52 });
            policy["devices"] = json!({ "printers": [printer.device()], "readers": [reader] });
        })?;
        let hall = self.hall.insert(Hall::open(&folder, &policy, &[])?);
        hall.find("Certificates")?;
        (self.printer, self._town) = (Some(printer), Some(town));
        let file = self.picture("home.png")?;
        facts.insert("page_text".to_owned(), json!(picture::text(&file)?));
        Ok(())
    }

    fn card(&mut self) -> Result<()> {
        self.heard = self.hall()?.kiosk.heard();
        fs::write(self.card_state(), "present")?;
        self.line("session begun")?;
        self.picture("card.png").map(drop)
    }

    fn open(&mut self) -> Result<()> {
        self.hall()?.find_and_click("Certificates")?;
        self.line(&format!("opened {CERTIFICATE}"))?;
        self.hall()?.find("Read")?;
        self.picture("open.png").map(drop)
    }

    /// The name comes from the card; a person writes another over it, with the terminal's keys.
    fn fill(&mut self, facts: &mut Map<String, Value>) -> Result<()> {
        let read = self.hall()?.find("Read")?;
        self.hall()?.display.click(read.x, read.y)?;
        let out = self.out.join("fill.png");
        let hall = self.hall()?;
        until("the card was read", SOON, || {
            hall.display.picture(&out)?;
            Ok(picture::text(&out)?.contains(READ).then_some(()))
        })?;
        facts.insert("holder".to_owned(), json!(HOLDER));
        // Below the button that reads the card is the field.
        hall.display.click(read.x, read.y + BELOW_READ)?;
        until("the keyboard is there", SOON, || {
            hall.display.picture(&out)?;
            Ok((touch::seen(&out)? == Some(Keys::Letters)).then_some(()))
        })?;
        hall.display.key("ctrl+a")?;
        let (first, rest) = CITIZEN.split_at(1);
        touch::capital(&hall.display)?;
        touch::write(&hall.display, Keys::Letters, &first.to_lowercase())?;
        touch::write(&hall.display, Keys::Letters, rest)?;
        until("the name can be read", SOON, || {
            hall.display.picture(&out)?;
            Ok(written(&out, read.y + BELOW_READ)?.contains(CITIZEN).then_some(()))
        })?;
        facts.insert("keyboard".to_owned(), json!("the terminal's own"));
        touch::away(&hall.display, Keys::Letters)?;
        self.language(facts)
    }

    /// Somebody presses the button for the other language: what they have filled in stays, and a notice says what they can do.
    fn language(&mut self, facts: &mut Map<String, Value>) -> Result<()> {
        let hall = self.hall()?;
        let before = hall.find("Copies")?.y;
        let (x, y) = LANGUAGE;
        let lies = |hall: &Hall, what: &str, is_so: &dyn Fn(u32) -> bool| {
            until(what, SOON, || Ok(is_so(hall.find("Copies")?.y).then_some(())))
        };
        hall.display.click(x, y)?;
        lies(hall, "a notice lies above the page", &|now| now > before + LEAST_NOTICE)?;
        self.picture("language.png")?;
        let hall = self.hall()?;
        hall.display.click(x, y)?;
        lies(hall, "the notice is gone", &|now| now.abs_diff(before) < LEAST_NOTICE)?;
        facts.insert("language".to_owned(), json!("changed and changed back, and the page stayed as it was"));
        Ok(())
    }

    fn print(&mut self) -> Result<()> {
        let copies = self.hall()?.find("Copies")?;
        self.hall()?.display.click(copies.x, copies.y + BELOW_COPIES)?;
        let printer = self.printer.as_ref().context("there is no printer")?;
        until("a page lies in the tray", SOON, || Ok((!printer.tray()?.is_empty()).then_some(())))?;
        self.picture("print.png").map(drop)
    }

    fn printed(&mut self, facts: &mut Map<String, Value>) -> Result<()> {
        let tray = self.printer.as_ref().context("there is no printer")?.tray()?;
        let page = tray.first().context("nothing was printed")?;
        let kept = self.out.join("printed.pdf");
        until("the page is whole", SOON, || Ok(fs::read(page)?.ends_with(b"%%EOF\n").then_some(())))?;
        fs::copy(page, &kept)?;
        let text = must(Command::new("pdftotext").arg(&kept).arg("-"))?;
        ensure!(text.contains(CITIZEN), "the page does not name who it is for: {text}");
        must(
            Command::new("pdftoppm").args(["-r", "60", "-png", "-singlefile"]).arg(&kept).arg(self.out.join("printed")),
        )?;
        facts.insert("text".to_owned(), json!(text.trim()));
        Ok(())
    }

    /// Nobody takes the card or touches anything.
    fn warned(&mut self, facts: &mut Map<String, Value>) -> Result<()> {
        self.line("asked")?;
        self.hall()?.find("still")?;
        let file = self.picture("idle-warning.png")?;
        facts.insert("page_text".to_owned(), json!(picture::text(&file)?));
        Ok(())
    }

    fn wiped(&mut self, facts: &mut Map<String, Value>) -> Result<()> {
        self.line("session over idle")?;
        self.line("wiped in")?;
        self.line("session shown after")?;
        let heard = self.heard;
        let said = self.hall()?.kiosk.said();
        let since = |text: &str| said.lines().skip(heard).find(|line| line.contains(text)).map(str::to_owned);
        facts.insert("wiped".to_owned(), json!(since("wiped in")));
        facts.insert("shown".to_owned(), json!(since("session shown after")));
        self.picture("wiped.png").map(drop)
    }

    /// What is left of this citizen, and of one who writes twenty secrets.
    fn canaries(&mut self, facts: &mut Map<String, Value>) -> Result<()> {
        fs::write(self.card_state(), "empty")?;
        let spool = self.printer.as_ref().context("there is no printer")?.spool();
        let hall = self.hall.as_mut().context("there is no kiosk")?;
        let left = canary::search(CITIZEN, &[hall.memory(), hall.home(), &spool]);
        ensure!(left.is_empty(), "of the citizen there is still {left:?}");
        let outcome = canary::play(hall, &spool)?;
        facts.insert("written".to_owned(), json!(canary::WAYS));
        facts.insert("seen_during".to_owned(), json!(outcome.during));
        facts.insert("hits".to_owned(), json!(outcome.left.len()));
        ensure!(outcome.left.is_empty(), "found afterwards: {:?}", outcome.left);
        Ok(())
    }
}
