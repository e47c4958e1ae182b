//! A scanner that SANE knows, by its program `scanimage`: a backend that hangs or breaks is in a process of its own.

use std::{
    io::Read as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Instant,
};

use guichet_contract::{
    Stop,
    scan::{Colours, MAX_PAGE_BYTES, Order, PATIENCE},
};

use super::{ScannerPart, Trouble};
use crate::wait::{STEP, wait};

/// Most that is kept of what it says is wrong.
const MOST_SAID: u64 = 4096;

/// One scanner. SANE's own list of devices says how it is reached, over USB or a network.
#[derive(Debug)]
pub struct Sane {
    name: String,
    program: PathBuf,
    device: String,
    options: Vec<String>,
}

impl Sane {
    /// The device of this name of SANE's, such as `airscan:e0:Scanner`, with further options of its backend.
    pub fn new(name: &str, device: &str, options: &[&str]) -> Self {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Self { name: name.to_owned(), program: "/usr/bin/scanimage".into(), device: device.to_owned(), options }
    }

    fn start(&self, order: &Order) -> std::io::Result<Child> {
        let mode = match order.colours {
            Colours::Colour => "Color",
            Colours::Grey => "Gray",
        };
        Command::new(&self.program)
            .args([&format!("--device-name={}", self.device), "--format=jpeg", &format!("--mode={mode}")])
            .arg(format!("--resolution={}", order.resolution))
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }
}

impl ScannerPart for Sane {
    fn name(&self) -> &str {
        &self.name
    }

    fn page(&self, order: &Order, stop: &Stop) -> Result<Vec<u8>, Trouble> {
        let failed = |error| {
            tracing::warn!(%error, "scanimage cannot be run");
            Trouble::Unreachable
        };
        let mut child = self.start(order).map_err(failed)?;
        let (page, said) = (child.stdout.take(), child.stderr.take());
        // One more than a page may have shows that it is longer; who writes on then is ended.
        let most = MAX_PAGE_BYTES as u64 + 1;
        let reading = thread::spawn(move || {
            let mut bytes = Vec::new();
            page.map(|page| page.take(most).read_to_end(&mut bytes)).transpose().map(|_| bytes)
        });
        let hearing = thread::spawn(move || {
            let mut text = String::new();
            // What is no text says nothing.
            drop(said.map(|said| said.take(MOST_SAID).read_to_string(&mut text)));
            text
        });
        let deadline = Instant::now() + PATIENCE;
        let ended = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Ok(status),
                Ok(None) if stop.is_stopped() => break Err(Trouble::GivenUp),
                Ok(None) if Instant::now() >= deadline => break Err(Trouble::TooSlow),
                Ok(None) => wait(Instant::now() + STEP, stop),
                Err(error) => break Err(failed(error)),
            }
        };
        drop(child.kill());
        drop(child.wait());
        let bytes = reading.join().map_err(|_| Trouble::Unreachable)?;
        let said = hearing.join().unwrap_or_default();
        match ended? {
            status if status.success() => bytes.map_err(failed),
            // Its end is ended, and what it writes into is closed, when a page is longer than may be.
            _ if bytes.as_ref().is_ok_and(|bytes| bytes.len() > MAX_PAGE_BYTES) => bytes.map_err(failed),
            status => Err(trouble(status.code(), &said)),
        }
    }
}

/// What its exit status, which is one of SANE's (SANE standard, 4.2.7), says.
fn trouble(status: Option<i32>, said: &str) -> Trouble {
    match status {
        Some(3) => Trouble::Busy,
        Some(6) => Trouble::Jammed,
        Some(7) => Trouble::NoPaper,
        Some(8) => Trouble::CoverOpen,
        Some(10 | 11) => Trouble::Refused(said.trim().trim_start_matches("scanimage: ").to_owned()),
        _ => {
            tracing::warn!(?status, said, "scanimage has failed");
            Trouble::Unreachable
        }
    }
}
