//! `guichet-demo`: plays the main job with real programs; `cargo xtask demo` builds everything and starts it.

use std::{path::PathBuf, process::ExitCode};

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
    let mark = std::env::var("GUICHET_DEMO_MARK").unwrap_or_else(|_| "Counter 7 opens on Saturdays".to_owned());
    let report = demo::headless::play(&arguments.samples, &arguments.out, &mark, before, arguments.sabotage)?;
    println!(
        "{} {}",
        if report.ok { "all steps ok:" } else { "a step failed:" },
        arguments.out.join("report.json").display()
    );
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
