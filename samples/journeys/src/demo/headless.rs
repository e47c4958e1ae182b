//! The main job on a virtual display: every step judged, pictures taken, a report written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::sample::{self, ESTIMATOR, PERMIT};
use crate::{
    browser::Browser,
    display::Display,
    process::programs,
    report::{Report, Step},
    town::{OFFICES, Town},
};

/// What the demo can damage on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Sabotage {
    /// Flips one byte of every published file of the permit sample between approval and installation.
    Blob,
}

/// The name the citizen types in version 1 and finds again in version 2.
const CITIZEN: &str = "林望舒";

/// Everything a running demo holds; dropped in this order.
struct Stage {
    browser: Option<Browser>,
    town: Option<Town>,
    display: Option<Display>,
    folder: tempfile::TempDir,
    permit: PathBuf,
    submission: String,
}

/// Plays all steps and writes `report.json` and the pictures into `out`.
pub fn play(samples: &Path, out: &Path, mark: &str, before: Vec<Step>, sabotage: Option<Sabotage>) -> Result<Report> {
    let folder = tempfile::tempdir()?;
    let mut stage =
        Stage { browser: None, town: None, display: None, permit: PathBuf::new(), submission: String::new(), folder };
    let mut report = Report::after(before);
    report.step("store-up", |_| stage.store_up(samples));
    report.step("publish-v1", |_| stage.publish_first());
    report.step("refuse-self-approval", |facts| stage.refuse_self_approval(facts));
    report.step("approve-v1", |facts| stage.approve_first(facts, samples, sabotage));
    report.step("install", |facts| stage.install(facts));
    report.step("home", |facts| stage.home(facts, out));
    report.step("open-v1", |facts| stage.open_first(facts, out));
    report.step("fill-form", |facts| stage.fill_form(facts, out));
    report.step("publish-v2", |_| stage.publish_second(mark));
    report.step("approve-v2", |facts| stage.approve_second(facts));
    report.step("update-notice", |facts| stage.update_notice(facts, out));
    report.step("open-v2", |facts| stage.open_second(facts, out, mark));
    report.step("data-kept", |facts| stage.data_kept(facts));
    report.step("teardown", |_| stage.tear_down());
    report.finish(out)
}

impl Stage {
    fn town(&self) -> Result<&Town> {
        self.town.as_ref().context("there is no store")
    }

    fn browser(&mut self) -> Result<&mut Browser> {
        self.browser.as_mut().context("there is no window")
    }

    fn picture(&self, file: &Path) -> Result<()> {
        self.display.as_ref().context("there is no display")?.picture(file)
    }

    fn store_up(&mut self, samples: &Path) -> Result<()> {
        self.permit = sample::copy(samples, "residence-permit", self.folder.path())?;
        self.town = Some(Town::found(self.folder.path(), &OFFICES)?);
        Ok(())
    }

    fn publish_first(&mut self) -> Result<()> {
        let package = self.folder.path().join("permit-1.ma");
        self.town()?.build("residence", &self.permit, &package)?;
        self.submission = self.town()?.publish("residence", &package)?;
        Ok(())
    }

    fn refuse_self_approval(&mut self, facts: &mut Map<String, Value>) -> Result<()> {
        let town = self.town()?;
        let refused = town.approve_as(town.developer("residence")?, &self.submission)?;
        ensure!(refused.status.code() == Some(2), "the publisher could approve: {} {}", refused.stdout, refused.stderr);
        ensure!(refused.stderr.contains("hint:"), "the refusal has no hint: {}", refused.stderr);
        facts.insert("message".to_owned(), json!(refused.stderr.trim()));
        Ok(())
    }

    fn approve_first(
        &mut self,
        facts: &mut Map<String, Value>,
        samples: &Path,
        sabotage: Option<Sabotage>,
    ) -> Result<()> {
        let signatures = self.town()?.approve("residence", &self.submission)?;
        let estimator = sample::copy(samples, "benefit-estimator", self.folder.path())?;
        let package = self.folder.path().join("estimator-1.ma");
        let town = self.town()?;
        town.build("benefits", &estimator, &package)?;
        let submission = town.publish("benefits", &package)?;
        town.approve("benefits", &submission)?;
        facts.insert("signatures".to_owned(), json!(signatures));
        if sabotage == Some(Sabotage::Blob) {
            flip_published_blobs(&town.store_folder(), &self.permit.join("app.css"))?;
        }
        Ok(())
    }

    fn install(&mut self, facts: &mut Map<String, Value>) -> Result<()> {
        let display = self.display.insert(Display::start()?);
        let town = self.town.as_ref().context("there is no store")?;
        let (home, trust) = (self.folder.path().join("device"), town.trust_file());
        let (home, trust) = (home.to_string_lossy(), trust.to_string_lossy());
        let arguments = ["--automation", "--lang", "en", "--refresh-seconds", "1", "--trust", &trust, "--home", &home];
        let browser =
            self.browser.insert(Browser::start(display, &programs()?.join("guichet-desktop"), &arguments, &[])?);
        browser.turn_to("guichet-home")?;
        for app in [PERMIT, ESTIMATOR] {
            browser.click(&format!("[data-app-id='{app}'] [data-action='install']"))?;
            let ended = format!(
                "const s = window.guichetHome.state; if (s.error) return {{error: s.error}}; \
                 return (s.library || []).find((one) => one.app_id === '{app}' && one.installed) || null"
            );
            let ended = browser.until(&format!("{app} is installed"), &ended)?;
            if let Some(error) = ended.get("error") {
                bail!("{app} was not installed: {error}");
            }
            if app == PERMIT {
                report_download(facts, &ended["installed"])?;
            }
        }
        Ok(())
    }

    fn home(&mut self, facts: &mut Map<String, Value>, out: &Path) -> Result<()> {
        let browser = self.browser()?;
        browser.until("both services stand on the home page", &format!(
            "return [...document.querySelectorAll('.bay')].map((bay) => bay.dataset.appId).filter((id) => ['{PERMIT}', '{ESTIMATOR}'].includes(id)).length === 2"
        ))?;
        browser.ask("scrollTo(0, 0)")?;
        facts.insert("page_text".to_owned(), json!(browser.page_text()?));
        self.picture(&out.join("home.png"))
    }

    fn open_first(&mut self, facts: &mut Map<String, Value>, out: &Path) -> Result<()> {
        self.open_permit()?;
        let browser = self.browser()?;
        let text = browser.page_text()?;
        ensure!(!text.is_empty(), "the page is empty");
        facts.insert("page_text".to_owned(), json!(text));
        browser.drawn()?;
        self.picture(&out.join("open-v1.png"))
    }

    fn open_permit(&mut self) -> Result<()> {
        let browser = self.browser()?;
        browser.turn_to("guichet-home")?;
        browser.click(&format!(".bay[data-app-id='{PERMIT}'] [data-action='open']"))?;
        browser.turn_to(PERMIT)?;
        browser
            .until(
                "the app's page is ready",
                "return document.readyState === 'complete' && !!document.querySelector('#start')?.innerText.trim()",
            )
            .map(drop)
    }

    fn fill_form(&mut self, facts: &mut Map<String, Value>, out: &Path) -> Result<()> {
        let browser = self.browser()?;
        browser.click("#start")?;
        browser.fill("#name", CITIZEN)?;
        browser.leave("#name")?;
        browser.until("the draft is kept", "return document.querySelector('#draft-note')?.dataset.saved === 'true'")?;
        facts.insert("page_text".to_owned(), json!(browser.page_text()?));
        self.picture(&out.join("fill-form.png"))
    }

    fn publish_second(&mut self, mark: &str) -> Result<()> {
        sample::second_version(&self.permit, mark)?;
        let package = self.folder.path().join("permit-2.ma");
        self.town()?.build("residence", &self.permit, &package)?;
        self.submission = self.town()?.publish("residence", &package)?;
        Ok(())
    }

    fn approve_second(&mut self, facts: &mut Map<String, Value>) -> Result<()> {
        let signatures = self.town()?.approve("residence", &self.submission)?;
        facts.insert("signatures".to_owned(), json!(signatures));
        Ok(())
    }

    fn update_notice(&mut self, facts: &mut Map<String, Value>, out: &Path) -> Result<()> {
        let browser = self.browser()?;
        browser.turn_to("guichet-home")?;
        browser.until(
            "the window tells of the new version",
            "return !!document.querySelector('[data-notice=\"update\"]')",
        )?;
        facts.insert(
            "notice".to_owned(),
            browser.ask("return document.querySelector('[data-notice=\"update\"]').innerText")?,
        );
        self.picture(&out.join("update-notice.png"))
    }

    fn open_second(&mut self, facts: &mut Map<String, Value>, out: &Path, mark: &str) -> Result<()> {
        let browser = self.browser()?;
        browser.click("[data-notice='update'] [data-action='update-now']")?;
        browser.until(
            "the new version is in use",
            &format!("return window.guichetHome.state.app?.status === 'running' && window.guichetHome.state.library.some((one) => one.app_id === '{PERMIT}' && one.installed?.version_code === 2)"),
        )?;
        let installed = browser.ask(&format!(
            "return window.guichetHome.state.library.find((one) => one.app_id === '{PERMIT}').installed"
        ))?;
        report_download(facts, &installed)?;
        browser.turn_to(PERMIT)?;
        browser
            .until("the new version's notice is on the page", "return document.querySelector('#notice')?.innerText")?;
        let text = browser.page_text()?;
        ensure!(one_line(&text).contains(&one_line(mark)), "the page does not show the mark `{mark}`:\n{text}");
        facts.insert("page_text".to_owned(), json!(text));
        browser.drawn()?;
        self.picture(&out.join("open-v2.png"))
    }

    fn data_kept(&mut self, facts: &mut Map<String, Value>) -> Result<()> {
        let browser = self.browser()?;
        browser.click("#start")?;
        let name = browser.until("the draft is there again", "return document.querySelector('#name')?.value")?;
        ensure!(name == json!(CITIZEN), "the draft says {name}");
        facts.insert("draft_name".to_owned(), name);
        Ok(())
    }

    fn tear_down(&mut self) -> Result<()> {
        let closed = self.browser.take().map_or(Ok(()), Browser::close);
        let stopped = self.town.take().map_or(Ok(()), |mut town| town.close());
        self.display = None;
        closed.and(stopped)
    }
}

/// A text as a page shows it: any white space is one space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `sequence` and `bytes_downloaded` of an installed release, as the window knows them.
fn report_download(facts: &mut Map<String, Value>, installed: &Value) -> Result<()> {
    for fact in ["sequence", "bytes_downloaded"] {
        let value =
            installed[fact].as_u64().with_context(|| format!("the window does not tell {fact}: {installed}"))?;
        facts.insert(fact.to_owned(), json!(value));
    }
    Ok(())
}

/// Flips one byte in the published form of a file, compressed sibling included.
fn flip_published_blobs(store: &Path, original: &Path) -> Result<()> {
    let wanted = fs::read(original)?;
    let mut flipped = 0;
    for folder in fs::read_dir(store.join("static/blobs"))? {
        for blob in fs::read_dir(folder?.path())? {
            let blob = blob?.path();
            if blob.extension().is_some() || fs::read(&blob)? != wanted {
                continue;
            }
            for file in [blob.clone(), blob.with_extension("zst")] {
                let Ok(mut bytes) = fs::read(&file) else { continue };
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                fs::write(&file, bytes)?;
                flipped += 1;
            }
        }
    }
    ensure!(flipped > 0, "no published blob has the bytes of {}", original.display());
    Ok(())
}
