//! `guichet-desktop`: the citizen's window on a desktop.

use std::process::ExitCode;

fn main() -> ExitCode {
    guichet_shell::desktop()
}
