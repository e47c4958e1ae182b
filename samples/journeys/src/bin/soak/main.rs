//! `guichet-soak`: opens, uses and closes many apps many times in one window, and says whether anything has grown.
//! `cargo xtask soak` builds everything and starts it. Ends with 1 if something has grown, and says what.

mod census;
mod device;
mod verdict;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Parser;

use self::{census::Census, device::Device};

#[derive(Parser)]
#[command(name = "guichet-soak")]
struct Arguments {
    /// How often every app is opened, used and closed
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    /// How many apps there are
    #[arg(long, default_value_t = 24)]
    apps: usize,
    /// The folder of the samples
    #[arg(long, default_value = "samples")]
    samples: PathBuf,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut device = Device::furnish(&arguments.samples, arguments.apps)?;
    println!("{}", Census::HEADER);
    let mut counted = Vec::new();
    for round in 1..=arguments.rounds {
        device.round(round)?;
        let census = device.settled()?;
        println!("{census}");
        counted.push(census);
    }
    let lost = device.close()?;
    let visits = arguments.apps * counted.len();
    println!("{visits} visits, {lost} of them left without having used anything");
    let verdicts = verdict::judge(&counted, arguments.apps);
    println!();
    verdicts.iter().for_each(|verdict| println!("{verdict}"));
    let grown: Vec<_> = verdicts.iter().filter(|verdict| verdict.has_grown()).map(|verdict| verdict.name).collect();
    if verdicts.is_empty() {
        eprintln!("{} rounds are too few to say whether anything grows; at least {}", counted.len(), verdict::LEAST);
        return Ok(ExitCode::FAILURE);
    }
    if lost > visits / 100 {
        eprintln!("too little was used to say whether anything grows");
        return Ok(ExitCode::FAILURE);
    }
    if grown.is_empty() {
        println!("{} apps, {} rounds: nothing has grown", arguments.apps, counted.len());
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{} apps, {} rounds: {} grew beyond its bound", arguments.apps, counted.len(), grown.join(", "));
    Ok(ExitCode::FAILURE)
}
