//! `guichet-desktop`: the composition root of a desktop terminal.

mod action;
mod answer;
mod desk;
mod doorbell;
mod glass;
mod home;
mod look;
mod machine;
mod memory;
mod options;
mod origin;
mod pool;
mod profile;
mod report;
mod sandbox;
mod scan;
mod settings;
mod start;
mod view;

use std::{io::IsTerminal, process::ExitCode};

use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let (options, wanted) = match options::Options::read() {
        Ok(read) => read,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    let filter = EnvFilter::try_from_env("GUICHET_LOG").unwrap_or_else(|_| {
        // Who looks at a package is its developer.
        let looks = matches!(wanted, options::Wanted::File { .. });
        EnvFilter::new(if looks { "warn,console=info" } else { "warn" })
    });
    let is_terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(is_terminal).with_writer(std::io::stderr).init();
    match start::start(&options, wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}
