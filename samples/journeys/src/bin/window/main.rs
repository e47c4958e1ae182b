//! `guichet-window-bench`: what the window costs beside a bare one of the same engine. Prints one JSON object of lists of
//! figures; `cargo xtask bench open, bridge, memory` build everything, start it and make rows of them.

mod bridge;
mod held;
mod memory;
mod open;
mod page;
mod spoken;
mod stage;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};

#[derive(Parser)]
struct Arguments {
    /// What to measure
    what: What,
    /// The bare window
    #[arg(long)]
    bare: PathBuf,
    /// Chromium, if there is one
    #[arg(long)]
    chromium: Option<PathBuf>,
    /// Scripts and style sheets of a real page
    #[arg(long)]
    bundle: Vec<PathBuf>,
    /// How many times each way is measured
    #[arg(long, default_value_t = 11)]
    rounds: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Open,
    Bridge,
    Memory,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let figures = match arguments.what {
        What::Open => open::measure(&arguments)?,
        What::Bridge => bridge::measure(&arguments)?,
        What::Memory => memory::measure(&arguments)?,
    };
    println!("{figures}");
    Ok(())
}
