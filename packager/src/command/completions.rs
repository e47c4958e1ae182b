//! `guichet completions`: what a shell needs to complete this program's commands and flags.

use clap::Command;
use clap_complete::Shell;
use serde::Serialize;

use crate::{exit_status::ExitStatus, failure::Failure, printer::Printer};

#[derive(Serialize)]
struct Completions<'a> {
    shell: String,
    script: &'a str,
}

/// Writes the script to standard output.
pub(crate) fn run(shell: Shell, mut program: Command, printer: Printer) -> Result<ExitStatus, Failure> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut program, "guichet", &mut bytes);
    let script = String::from_utf8_lossy(&bytes);
    printer.result(&Completions { shell: shell.to_string(), script: &script }, |_| script.to_string());
    Ok(ExitStatus::Done)
}
