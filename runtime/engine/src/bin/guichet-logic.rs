//! `guichet-logic`: one session's logic, in a process that can do nothing else. Started by a host, never by a person.

use std::process::ExitCode;

fn main() -> ExitCode {
    guichet_engine::apart::run_logic()
}
