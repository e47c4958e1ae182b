//! `guichet-publish-bench`: how long it takes from a reviewer's signature to a release that a terminal has fetched and
//! verified. Prints one JSON object of two lists of seconds; `cargo xtask bench publish` builds everything and starts it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::Parser;
use guichet_journeys::{
    browser::Browser,
    demo::sample,
    display::Display,
    process::programs,
    town::{OFFICES, Town},
    until::until,
    witnesses::Witness,
};
use serde_json::{Value, json};

const PERMIT: &str = "gov.example.residence.permit";

#[derive(Parser)]
struct Arguments {
    /// The folder of the samples
    #[arg(long, default_value = "samples")]
    samples: PathBuf,
    /// How often the terminal looks, in seconds
    #[arg(long, default_value_t = 5)]
    refresh_seconds: u64,
    /// How many releases to measure with all witnesses, and how many with one down
    #[arg(long, default_value_t = 10)]
    releases: usize,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let mut witnesses = Vec::new();
    let mut town = Town::found_with(folder.path(), &OFFICES, |town| {
        for number in 1..4 {
            witnesses.push(Witness::of(town, folder.path(), &format!("w{number}.example"))?);
        }
        Ok(())
    })?;
    let app = sample::copy(&arguments.samples, "residence-permit", folder.path())?;
    let mut bench = Bench { town: &town, folder: folder.path(), app, code: 1 };
    bench.approve(bench.submit()?)?;

    let display = Display::start()?;
    let (home, trust) = (folder.path().join("device"), town.trust_file());
    let (home_text, trust, every) =
        (home.to_string_lossy(), trust.to_string_lossy(), arguments.refresh_seconds.to_string());
    let switches =
        ["--automation", "--lang", "en", "--refresh-seconds", &every, "--trust", &trust, "--home", &home_text];
    let browser = Browser::start(&display, &programs()?.join("guichet-desktop"), &switches, &[])?;
    browser.turn_to("guichet-home")?;
    browser.click(&format!("[data-app-id='{PERMIT}'] [data-action='install']"))?;
    let state = home.join("apps").join(PERMIT).join("state.json");
    until("the first release is installed", Duration::from_secs(60), || Ok(state.is_file().then_some(())))?;

    let all = bench.measure(&state, arguments.releases)?;
    witnesses.first_mut().context("there are witnesses")?.stop()?;
    let one_down = bench.measure(&state, arguments.releases)?;
    browser.close()?;
    town.close()?;
    println!("{}", json!({"all": all, "one_down": one_down, "refresh_seconds": arguments.refresh_seconds}));
    Ok(())
}

struct Bench<'a> {
    town: &'a Town,
    folder: &'a Path,
    app: PathBuf,
    code: u64,
}

impl Bench<'_> {
    /// Builds and publishes the next version.
    fn submit(&self) -> Result<String> {
        let path = self.app.join("manifest.json");
        let mut manifest: Value = serde_json::from_slice(&fs::read(&path)?)?;
        manifest["version"] = json!({"code": self.code, "name": format!("{}.0.0", self.code)});
        fs::write(&path, serde_json::to_vec_pretty(&manifest)?)?;
        let package = self.folder.join(format!("permit-{}.ma", self.code));
        self.town.build("residence", &self.app, &package)?;
        self.town.publish("residence", &package)
    }

    fn approve(&mut self, submission: String) -> Result<()> {
        self.code += 1;
        self.town.approve("residence", &submission).map(drop)
    }

    /// The seconds from the last reviewer's command to the release being whole and verified on the terminal.
    fn measure(&mut self, state: &Path, releases: usize) -> Result<Vec<f64>> {
        let mut seconds = Vec::new();
        for _ in 0..releases {
            let submission = self.submit()?;
            let sequence = self.code;
            let begun = Instant::now();
            self.approve(submission)?;
            until("the terminal has the release", Duration::from_secs(120), || {
                let kept: Value = serde_json::from_slice(&fs::read(state)?)?;
                let has = |slot: &str| kept[slot].as_u64() == Some(sequence);
                Ok((has("staged") || has("current")).then_some(()))
            })?;
            seconds.push(begun.elapsed().as_secs_f64());
        }
        Ok(seconds)
    }
}
