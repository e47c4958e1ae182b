//! `guichet-kiosk`: the terminal of a hall.

use std::process::ExitCode;

fn main() -> ExitCode {
    guichet_shell::kiosk()
}
