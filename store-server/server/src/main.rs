//! `guichet-store`: reads the command line, wires the store together, and says how it ended.

use std::{error::Error, io::IsTerminal, process::ExitCode};

use clap::{Parser, error::ErrorKind};
use guichet_store::{
    checks,
    commands::{CommandLine, run},
    error::NotDone,
};
use tracing_subscriber::EnvFilter;

const FAILED: u8 = 1;
const REFUSED: u8 = 2;
const WRONG_USAGE: u8 = 64;

fn main() -> ExitCode {
    checks::child().unwrap_or_else(store)
}

#[tokio::main]
async fn store() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(terminal).with_writer(std::io::stderr).init();
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => return usage(&error),
    };
    match run(line).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(NotDone::Refused(problem)) => {
            eprintln!("{problem}");
            // A log or a record that cannot be believed is not a command that went wrong.
            let is_disbelieved = ["log/", "audit/"].iter().any(|kind| problem.class.starts_with(kind));
            ExitCode::from(if is_disbelieved { REFUSED } else { FAILED })
        }
        Err(NotDone::Failed(error)) => {
            eprintln!("error: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  cause: {cause}");
                source = cause.source();
            }
            ExitCode::from(FAILED)
        }
    }
}

fn usage(error: &clap::Error) -> ExitCode {
    // Nobody reads it any more: the exit code says the same.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(WRONG_USAGE),
    }
}
