//! The doorbell of a running window: what a second process rings to hand over an address.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::Path,
};

use anyhow::{Context, Result, ensure};

/// Asks the window that has this home for an app, as a second process does.
pub fn ring(home: &Path, app_id: &str) -> Result<()> {
    let mut stream = UnixStream::connect(home.join("address")).context("no window has this home")?;
    stream.write_all(format!("guichet://miniapp/{app_id}\n").as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    ensure!(answer == "taken\n", "the window did not take it: {answer}");
    Ok(())
}
