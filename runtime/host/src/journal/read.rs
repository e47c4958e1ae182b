//! Reading a journal: its lines, one after another, with what must hold of every one.

use std::io::{BufRead, Read as _};

use serde_json::Value as Json;

use super::{FORMAT, JournalRefusal, MAX_LINE_BYTES};

/// The lines of a journal behind its first one.
pub(super) struct Lines<R> {
    journal: R,
    /// Which line was read last, 1, 2, 3….
    pub(super) line: u64,
    /// The last one is not whole.
    pub(super) is_cut_short: bool,
}

impl<R: BufRead> Lines<R> {
    /// Refused if the first line is none of a journal that this program reads.
    pub(super) fn of(journal: R) -> Result<Self, JournalRefusal> {
        let mut lines = Self { journal, line: 0, is_cut_short: false };
        let text = lines.text()?;
        let first = serde_json::from_slice::<Json>(&text).ok().filter(|line| line["journal"] == "guichet");
        match first.ok_or(JournalRefusal::NotAJournal)?["format"].as_u64() {
            Some(1..=FORMAT) => Ok(lines),
            Some(format) => Err(JournalRefusal::Format(format)),
            None => Err(JournalRefusal::NotAJournal),
        }
    }

    /// The next whole line; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Json>, JournalRefusal> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        if text.last() != Some(&b'\n') {
            self.is_cut_short = true;
            return Ok(None);
        }
        let line = serde_json::from_slice(&text);
        line.map(Some).map_err(|_| JournalRefusal::Malformed { line: self.line, why: "it is not JSON" })
    }

    fn text(&mut self) -> Result<Vec<u8>, JournalRefusal> {
        let mut text = Vec::new();
        (&mut self.journal).take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut text)?;
        self.line += 1;
        if text.len() > MAX_LINE_BYTES {
            return Err(JournalRefusal::Malformed { line: self.line, why: "it is too long" });
        }
        Ok(text)
    }
}
