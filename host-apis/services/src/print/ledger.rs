//! What printers on a network have been given, written where it outlives whoever gave it: so that a document which was not
//! printed is taken back when its owner is gone, even if all that knew of it has crashed.

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{Ipp, PrinterPart as _};

/// Where jobs can be taken back by whoever knows their numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The printer's address.
    pub printer: String,
    /// What it is known by, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// One job: a number at a place, and nothing of who printed or what.
#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    place: Place,
    job: u32,
}

/// The file that jobs are noted in.
#[derive(Debug)]
pub(super) struct Ledger(PathBuf);

impl Ledger {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Notes a job; one that cannot be noted is taken back by nobody.
    pub(super) fn note(&self, place: Place, job: u32) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(&Line { place, job })?;
        line.push(b'\n');
        OpenOptions::new().create(true).append(true).open(&self.0)?.write_all(&line)
    }
}

/// Takes back all jobs of a file: how many were, and how many are over already or lie at a printer that does not answer.
pub fn take_back_jobs(noted: &[u8]) -> (usize, usize) {
    let lines = noted.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    let take_back = |Line { place, job }: Line| {
        let printer = Ipp::new("", &place.printer, place.certificate.as_deref());
        printer.is_ok_and(|printer| printer.cancel(job).is_ok())
    };
    let done: Vec<bool> = lines.map(take_back).collect();
    let back = done.iter().filter(|is_back| **is_back).count();
    (back, done.len() - back)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_where_a_job_lies_and_nothing_of_whose_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs");
        let ledger = Ledger::new(&path);
        let place = Place { printer: "ipp://127.0.0.1:9/a".to_owned(), certificate: None };
        ledger.note(place.clone(), 7).unwrap();
        ledger.note(place, 8).unwrap();
        let noted = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            noted,
            "{\"printer\":\"ipp://127.0.0.1:9/a\",\"job\":7}\n{\"printer\":\"ipp://127.0.0.1:9/a\",\"job\":8}\n"
        );
        assert_eq!(take_back_jobs(noted.as_bytes()), (0, 2), "nobody answers there");
        assert_eq!(take_back_jobs(b"half a li"), (0, 0));
    }
}
