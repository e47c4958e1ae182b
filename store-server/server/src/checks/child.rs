//! The process of a check: this program, begun with a word that no person types.

use std::{
    env,
    ffi::OsString,
    io::{Read as _, Write as _},
    os::unix::process::CommandExt as _,
    process::{Command, ExitCode},
};

use super::{
    cage::{self, Around},
    look,
    task::Given,
};

/// The word with which the process of a check begins.
pub const WORD: &str = "guichet-store-check";
/// What stands before a program that is to be run in a cage.
const RUN: &str = "run";

/// Is the process of a check, if the program was begun as one. To be asked before there are threads.
pub fn child() -> Option<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    if arguments.next()? != WORD {
        return None;
    }
    let done = match arguments.next() {
        Some(word) if word == RUN => run(arguments),
        _ => look_at(),
    };
    Some(done.map_or_else(
        |why| {
            eprintln!("{why}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    ))
}

fn look_at() -> Result<(), String> {
    cage::close().map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    let given = Given::parse(&bytes).ok_or("there is nothing to look at")?;
    drop(bytes);
    let answer = serde_json::to_vec(&look::at(&given)).map_err(|error| error.to_string())?;
    std::io::stdout().lock().write_all(&answer).map_err(|error| error.to_string())
}

/// Becomes a program that may read these places and nothing else: `run PLACE… -- PROGRAM ARGUMENT…`.
fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), String> {
    let all: Vec<OsString> = arguments.collect();
    let mut parts = all.splitn(2, |word| word == "--");
    let (places, command) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (program, arguments) = command.split_first().ok_or("there is nothing to run")?;
    cage::around(&Around { readable: places, program }).map_err(|error| error.to_string())?;
    Err(Command::new(program).args(arguments).exec().to_string())
}

/// The words after the program's own name that run another in a cage.
pub(super) fn caged(places: &[OsString], program: &std::path::Path) -> Vec<OsString> {
    let words = [OsString::from(WORD), OsString::from(RUN)].into_iter().chain(places.iter().cloned());
    words.chain([OsString::from("--"), program.as_os_str().to_owned()]).collect()
}
