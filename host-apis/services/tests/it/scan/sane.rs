//! The test scanner of SANE, which fails as it is told: one for every state, since a scanner's options do not change.

use std::sync::{Arc, Mutex};

use guichet_contract::{Services, Stop, scan::Order};
use guichet_services::{
    Device, Parts,
    scan::{Sane, ScannerPart, State, Trouble},
};

use super::{Bench, keeps_the_contract, page};

const NAME: &str = "Flatbed";

/// SANE's test scanner, told what to do before each page.
#[derive(Debug, Default)]
struct Told(Mutex<State>);

impl ScannerPart for Told {
    fn name(&self) -> &str {
        NAME
    }

    fn page(&self, order: &Order, stop: &Stop) -> Result<Vec<u8>, Trouble> {
        let fails = |how: &str| vec![format!("--read-return-value=SANE_STATUS_{how}")];
        let (device, options) = match *self.0.lock().unwrap() {
            State::Ready => ("test:0", vec!["--test-picture=Color pattern".to_owned()]),
            State::Slow => ("test:0", ["--read-delay=yes", "--read-delay-duration=200000"].map(str::to_owned).to_vec()),
            State::Busy => ("test:0", fails("DEVICE_BUSY")),
            State::Empty => ("test:0", fails("NO_DOCS")),
            State::Jam => ("test:0", fails("JAMMED")),
            State::Open => ("test:0", fails("COVER_OPEN")),
            State::Offline | State::Missing => ("nowhere:0", Vec::new()),
        };
        // A page of that size takes the slow scanner minutes.
        let slow = ["-x", "200", "-y", "200"];
        let options: Vec<&str> = options.iter().map(String::as_str).chain(slow).collect();
        Sane::new(NAME, device, &options).page(order, stop)
    }
}

struct Scanner {
    services: Device,
    told: Arc<Told>,
}

impl Bench for Scanner {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn set(&self, state: State) {
        *self.told.0.lock().unwrap() = state;
    }
}

#[test]
fn sane_keeps_the_contract() {
    assert!(std::path::Path::new("/usr/bin/scanimage").exists(), "there is no scanimage; hint: cargo xtask setup");
    let told = Arc::<Told>::default();
    let parts = Parts::default().with_scanners(vec![Arc::clone(&told) as _]);
    keeps_the_contract(&Scanner { services: Device::new("/nowhere".into()).with_parts(parts), told });
}

#[test]
fn a_scanner_of_the_list_scans() {
    let parts = Parts::parse(br#"{"scanners":[{"name":"Flatbed","sane":"test:0"}]}"#).unwrap();
    assert!(page(&Device::new("/nowhere".into()).with_parts(parts), &[]).is_ok());
}
