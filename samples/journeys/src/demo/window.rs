//! The main job in a window to look at: both samples published, a new version while it is open.

use std::path::Path;

use anyhow::{Context, Result};

use super::sample::{self, PERMIT};
use crate::{
    process::{Running, program},
    town::{OFFICES, Town},
};

/// Plays it and stays until the window is closed.
pub fn play(samples: &Path, out: &Path) -> Result<()> {
    let folder = tempfile::tempdir_in(out)?;
    println!("Opening a store with two departments, each with a developer and two reviewers …");
    let mut town = Town::found(folder.path(), &OFFICES)?;
    let mut permit = None;
    for (office, name) in [("residence", "residence-permit"), ("benefits", "benefit-estimator")] {
        let app = sample::copy(samples, name, folder.path())?;
        publish(&town, office, &app, &folder.path().join(format!("{name}-1.ma")))?;
        permit.get_or_insert(app);
    }

    let mut command = program("guichet-desktop")?;
    command
        .arg("--trust")
        .arg(town.trust_file())
        .arg("--home")
        .arg(folder.path().join("device"))
        .args(["--refresh-seconds", "5"]);
    let mut window = Running::start("guichet-desktop", &mut command)?;
    println!("The window is open. The store's console is at {}", town.url());
    println!("Sign in there as the residence office's first reviewer: {}", town.reviewers("residence")?[0].token);
    println!("Add “居住证办理 / Residence permit” and open it: version 2 is published as soon as it is open.");

    let deadline = std::time::Duration::from_secs(24 * 60 * 60);
    if window.line(&format!("opened {PERMIT}"), deadline).is_ok() {
        let app = permit.context("the permit sample was published")?;
        let mark = std::env::var("GUICHET_DEMO_MARK")
            .unwrap_or_else(|_| "7 号窗口周六也开放 · Counter 7 opens on Saturdays".to_owned());
        sample::second_version(&app, &mark)?;
        publish(&town, "residence", &app, &folder.path().join("residence-permit-2.ma"))?;
        println!("Version 2 is released; the window will tell within seconds.");
        window.wait()?;
    }
    town.close()
}

fn publish(town: &Town, office: &str, app: &Path, package: &Path) -> Result<()> {
    town.build(office, app, package)?;
    let submission = town.publish(office, package)?;
    let signatures = town.approve(office, &submission)?;
    println!("{}: released after {signatures} signature(s)", package.file_stem().unwrap_or_default().to_string_lossy());
    Ok(())
}
