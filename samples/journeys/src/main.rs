//! `guichet-demo`: plays the main job with real programs; `cargo xtask demo` builds everything and starts it.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;
use clap::Parser;
use guichet_journeys::{
    demo::{self, Sabotage},
    report::Step,
};

/// Plays the main job, from a department's folder to a citizen's window.
#[derive(Parser)]
#[command(name = "guichet-demo")]
struct Arguments {
    /// Where the report and the pictures go
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A citizen at a kiosk, instead of the way of a release
    #[arg(long, requires = "headless")]
    kiosk: bool,
    /// On a virtual display, through WebKitWebDriver
    #[arg(long)]
    headless: bool,
    /// Damages something on purpose
    #[arg(long, value_enum)]
    sabotage: Option<Sabotage>,
    /// Steps already done, as JSON
    #[arg(long, default_value = "[]")]
    before: String,
    /// The folder of the samples
    #[arg(long, default_value = "samples")]
    samples: PathBuf,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let before: Vec<Step> = serde_json::from_str(&arguments.before)?;
    std::fs::create_dir_all(&arguments.out)?;
    if !arguments.headless {
        return demo::window::play(&arguments.samples, &arguments.out).map(|()| ExitCode::SUCCESS);
    }
    if arguments.kiosk {
        let report = demo::kiosk::play(&arguments.samples, &arguments.out, before)?;
        return Ok(judged(report.ok, &arguments.out));
    }
    let mark = std::env::var("GUICHET_DEMO_MARK").unwrap_or_else(|_| "Counter 7 opens on Saturdays".to_owned());
    let report = demo::headless::play(&arguments.samples, &arguments.out, &mark, before, arguments.sabotage)?;
    Ok(judged(report.ok, &arguments.out))
}

fn judged(is_ok: bool, out: &Path) -> ExitCode {
    println!("{} {}", if is_ok { "all steps ok:" } else { "a step failed:" }, out.join("report.json").display());
    if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
