//! Glass: windows and views, and the composition root of the terminals that have them.
//!
//! Two programs are made of it: `guichet-desktop`, one window of one person, and `guichet-kiosk`, the terminal of a hall,
//! which gives every citizen a process of its own ([`kiosk()`]).

mod action;
mod answer;
mod bound;
mod crowd;
mod desk;
mod dev;
mod doorbell;
mod field;
mod glass;
mod grid;
mod home;
mod kiosk;
mod litter;
mod look;
mod machine;
mod mailbox;
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

/// What `guichet-desktop` does, from its command line to the end of its window.
pub fn desktop() -> ExitCode {
    let begun = Instant::now();
    memory::share_heaps();
    let (options, wanted) = match options::Options::read() {
        Ok(read) => read,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    // Who looks at a package is its developer.
    let looks = matches!(wanted, options::Wanted::File { .. });
    log(begun, if looks { "warn,console=info" } else { "warn" });
    match start::start(&options, wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// What `guichet-kiosk` does: it keeps the terminal of a hall, or is one of the processes that it has started for that.
pub fn kiosk() -> ExitCode {
    memory::share_heaps();
    kiosk::run()
}

/// Says what is worth a line on standard error, and traces the opening path if somebody wants that.
fn log(begun: Instant, usual: &str) {
    let filter = EnvFilter::try_from_env("GUICHET_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let is_terminal = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt::layer().with_ansi(is_terminal).with_writer(std::io::stderr).with_filter(filter);
    let trace =
        opening(begun).map(|trace| trace.with_filter(Targets::new().with_target(trace::TARGET, tracing::Level::TRACE)));
    tracing_subscriber::registry().with(log).with(trace).init();
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
