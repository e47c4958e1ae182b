//! Checkpoints (`c2sp.org/tlog-checkpoint`): which log, how many leaves, which root.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{LogReason, key::is_name};
use crate::{Refusal, digest::Digest};

/// A tree as a log has signed it. Extension lines are not written, and refused when read: nobody audits them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// How many leaves the tree has.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, encode(&self.root))
    }

    /// Reads the text of a note.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = |why| Refusal::from(LogReason::Checkpoint(why));
        let mut lines = text.strip_suffix('\n').ok_or_else(|| malformed("its last line has no end"))?.split('\n');
        let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(malformed("it has not three lines"));
        };
        if !is_name(origin) {
            return Err(malformed("its origin is no name"));
        }
        let size = decimal(size).ok_or_else(|| malformed("its size is no number"))?;
        let root = decode(root).ok_or_else(|| malformed("its root is no hash"))?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

/// A number without a sign or leading zeroes.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

pub(super) fn encode(hash: &Digest) -> String {
    STANDARD.encode(hash.as_bytes())
}

pub(super) fn decode(text: &str) -> Option<Digest> {
    STANDARD.decode(text).ok()?.try_into().ok().map(Digest::from_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_its_text() {
        let text = "log.example/guichet\n20852163\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
        let read = Checkpoint::parse(text).unwrap();
        assert_eq!((read.origin.as_str(), read.size), ("log.example/guichet", 20_852_163));
        assert_eq!(read.to_text(), text);
        for (from, to) in [
            ("20852163", "020852163"),
            ("20852163", "+20852163"),
            ("20852163", "-1"),
            ("20852163", "99999999999999999999"),
            ("20852163", ""),
            ("47DE", "47D"),
            ("uFU=", "uFV="),
            ("uFU=\n", "uFU="),
            ("uFU=\n", "uFU=\nextension\n"),
            ("log.example", "log example"),
            ("log.example/guichet", ""),
        ] {
            let refused = Checkpoint::parse(&text.replacen(from, to, 1)).map_err(|refusal| refusal.class());
            assert_eq!(refused, Err("log/checkpoint"), "{from} to {to}");
        }
    }
}
