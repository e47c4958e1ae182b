//! `guichet-driver`: walls a vendor's driver in and becomes it. Started by a host, never by a person.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    guichet_services::driver::launch()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("error: drivers are walled in on Linux only");
    ExitCode::FAILURE
}
