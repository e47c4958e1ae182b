//! `guichet-kiosk`: the terminal of a hall. Every citizen has a process of their own, and nothing of it is left when they go.
//!
//! ```text
//! supervisor ──► library (a thread): the store ─► releases on the disk ─► a stock in memory
//!    │
//!    ├─► keeper ─► window of the citizen who is there, and all it starts     one folder in memory
//!    └─► keeper ─► window of the next one, ready and not seen yet              another
//! ```
//!
//! All are this program, told apart by a hidden switch. Invariants: what a citizen enters is in their own folder in memory
//! and in processes below their own keeper, and nowhere else; the next one is let in only after that keeper has said that
//! both are gone; whatever dies, the keeper takes all away. Decision 0045 has the reasons.

mod backoff;
mod duty;
mod enrol;
mod error;
pub(crate) mod idle;
mod keeper;
mod library;
mod options;
mod room;
pub(crate) mod seat;
mod session;
mod sorry;
mod staff;
mod supervisor;
mod telling;
mod tree;
mod watchdog;

use std::{fs, path::Path, process::ExitCode, time::Instant};

use self::{
    error::KioskError,
    options::{Options, Role},
};

/// Keeps a terminal, or is what the switch says.
pub(crate) fn run() -> ExitCode {
    let begun = Instant::now();
    let options = match Options::read() {
        Ok(options) => options,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    crate::log(begun, "warn");
    match options.role() {
        Role::Keeper(room) => keeper::keep(room, &options.of_a_window()),
        Role::Window(room) => session::sit(room, &options),
        Role::Sorry(why) => sorry::show(why, options.staff_door),
        Role::Staff(lang) => staff::window::show(lang),
        Role::Manual(folder) => match write_page(folder) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        },
        Role::Newcomer { store, code } => match enrol::enrol(&options, store, code) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        },
        Role::Supervisor => match supervisor::run(&options) {
            Ok(never) => match never {},
            Err(error) => failed(&error),
        },
    }
}

fn write_page(folder: &Path) -> Result<(), KioskError> {
    let section = folder.join("man1");
    let path = section.join("guichet-kiosk.1");
    let written = fs::create_dir_all(section).and_then(|()| Options::page()).and_then(|page| fs::write(&path, page));
    written.map_err(|error| KioskError::Unwritten(path, error))
}

fn failed(error: &KioskError) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(error.exit_code())
}
