//! `cargo xtask demo`: sets up, builds, and hands over to the program that plays the main job.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result};
use serde_json::json;

use crate::{setup, shell};

/// The switches of `cargo xtask demo`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// No window to look at: a virtual display, pictures and a report
    #[arg(long, requires = "out")]
    headless: bool,
    /// A citizen at a kiosk, instead of the way of a release
    #[arg(long, requires = "headless")]
    kiosk: bool,
    /// Where the report and the pictures go
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Damages something on purpose, to see that it is noticed
    #[arg(long, value_name = "WHAT", value_parser = ["blob"])]
    sabotage: Option<String>,
}

/// One finished step, as the report wants it.
fn step(name: &str, begun: Instant, done: &Result<()>) -> serde_json::Value {
    let error = done.as_ref().err().map(|error| format!("{error:#}"));
    json!({"name": name, "ok": error.is_none(), "ms": u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX), "error": error})
}

/// Plays it; the demo program's failure is ours.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let out = match &arguments.out {
        Some(out) => std::path::absolute(out)?,
        None => root.join("target/demo"),
    };
    if arguments.kiosk {
        return kiosk(root, &out);
    }
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make the folder {}", out.display()))?;

    let mut steps = Vec::new();
    let begun = Instant::now();
    let set_up = setup::run(root);
    steps.push(step("setup", begun, &set_up));
    let begun = Instant::now();
    let built = set_up.and_then(|()| shell::run(root, "cargo", &["build", "--workspace"]));
    steps.push(step("build", begun, &built));
    if let Err(error) = built {
        let report = json!({"ok": false, "steps": steps});
        std::fs::write(out.join("report.json"), serde_json::to_vec_pretty(&report)?)?;
        return Err(error);
    }

    let mut command = Command::new(target_dir(root).join("debug/guichet-demo"));
    command.arg("--out").arg(&out).arg("--before").arg(serde_json::to_string(&steps)?).current_dir(root);
    if arguments.headless {
        command.arg("--headless");
    }
    if let Some(what) = &arguments.sabotage {
        command.args(["--sabotage", what]);
    }
    shell::finish(&mut command)
}

/// The kiosk's demo: its set-up is one step.
fn kiosk(root: &Path, out: &Path) -> Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    let begun = Instant::now();
    let built = setup::run(root).and_then(|()| shell::run(root, "cargo", &["build", "--workspace"]));
    let steps = [step("setup", begun, &built)];
    if let Err(error) = built {
        let report = json!({"ok": false, "steps": steps});
        std::fs::write(out.join("report.json"), serde_json::to_vec_pretty(&report)?)?;
        return Err(error);
    }
    let mut command = Command::new(target_dir(root).join("debug/guichet-demo"));
    command.args(["--kiosk", "--headless", "--out"]).arg(out).arg("--before").arg(serde_json::to_string(&steps)?);
    shell::finish(command.current_dir(root))
}

/// Where cargo puts what it builds.
fn target_dir(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}
