//! `guichet-desktop`: the composition root of a desktop terminal.

mod action;
mod answer;
mod bound;
mod desk;
mod dev;
mod doorbell;
mod gauge;
mod glass;
mod home;
mod litter;
mod look;
mod machine;
mod memory;
mod options;
mod origin;
mod pool;
mod preview;
mod report;
mod sandbox;
mod scan;
mod settings;
mod start;
mod trace;
mod view;

use std::{io::IsTerminal, path::Path, process::ExitCode, time::Instant};

use tracing_subscriber::{EnvFilter, filter::Targets, prelude::*};

use self::trace::Trace;

fn main() -> ExitCode {
    let begun = Instant::now();
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
    let log = tracing_subscriber::fmt::layer().with_ansi(is_terminal).with_writer(std::io::stderr).with_filter(filter);
    let trace =
        opening(begun).map(|trace| trace.with_filter(Targets::new().with_target(trace::TARGET, tracing::Level::TRACE)));
    tracing_subscriber::registry().with(log).with(trace).init();
    match start::start(&options, wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// The trace that the environment asks for. One that cannot be written keeps nobody from the window.
fn opening(begun: Instant) -> Option<Trace> {
    let path = std::env::var_os(trace::VARIABLE).filter(|path| !path.is_empty())?;
    let path = Path::new(&path);
    let refused = |error: &std::io::Error| {
        let variable = trace::VARIABLE;
        eprintln!(
            "warning: no trace of the opening path: {}: {error}\n  hint: give {variable} a file in a folder that is there",
            path.display()
        );
    };
    Trace::into(path, begun).inspect_err(refused).ok()
}
