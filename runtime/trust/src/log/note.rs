//! Signed notes (`c2sp.org/signed-note`): a text, an empty line, and signature lines.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{LogReason, key::VerifierKey};
use crate::Refusal;

/// The longest note that is read, in bytes.
pub const MAX_NOTE: usize = 64 << 10;
/// The most signature lines that are read.
const MAX_SIGNATURES: usize = 100;

/// A note with its signatures, none of which has been judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    pub(super) name: String,
    pub(super) id: [u8; 4],
    pub(super) signature: Vec<u8>,
}

impl NoteSignature {
    /// `— <name> <base64>` and a newline.
    pub fn to_line(&self) -> String {
        let bytes = [&self.id[..], &self.signature].concat();
        format!("— {} {}\n", self.name, STANDARD.encode(bytes))
    }

    /// Reads lines such as a witness answers with.
    pub fn parse_lines(bytes: &[u8]) -> Result<Vec<Self>, Refusal> {
        let malformed = |why| Refusal::from(LogReason::Note(why));
        if bytes.len() > MAX_NOTE {
            return Err(malformed("it is too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        let text = text.strip_suffix('\n').ok_or_else(|| malformed("its last line has no end"))?;
        let lines: Vec<_> = text.split('\n').collect();
        if lines.len() > MAX_SIGNATURES {
            return Err(malformed("it has too many signatures"));
        }
        let signature = |line: &str| -> Option<Self> {
            let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
            let bytes = STANDARD.decode(encoded).ok()?;
            let (id, signature) = bytes.split_first_chunk()?;
            let is_whole = super::key::is_name(name) && !signature.is_empty();
            is_whole.then(|| Self { name: name.to_owned(), id: *id, signature: signature.to_vec() })
        };
        lines.iter().map(|line| signature(line).ok_or_else(|| malformed("a signature line is malformed"))).collect()
    }
}

impl SignedNote {
    pub(super) fn new(text: String, signatures: Vec<NoteSignature>) -> Self {
        Self { text, signatures }
    }

    /// Reads a note; at most [`MAX_NOTE`] bytes and 100 signatures.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let malformed = |why| Refusal::from(LogReason::Note(why));
        if bytes.len() > MAX_NOTE {
            return Err(malformed("it is too long"));
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        if whole.bytes().any(|b| b < b' ' && b != b'\n') {
            return Err(malformed("it has control characters"));
        }
        let (text, signatures) = whole.rsplit_once("\n\n").ok_or_else(|| malformed("it has no signatures"))?;
        Ok(Self { text: format!("{text}\n"), signatures: NoteSignature::parse_lines(signatures.as_bytes())? })
    }

    /// What was signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds a signature; one by the same key is replaced.
    pub fn add(&mut self, signature: NoteSignature) {
        self.signatures.retain(|other| (&other.name, other.id) != (&signature.name, signature.id));
        self.signatures.push(signature);
    }

    /// The note as it is published.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.text);
        for signature in &self.signatures {
            // Writing to a string cannot fail.
            let _ = write!(text, "{}", signature.to_line());
        }
        text
    }

    /// When `key` signed (for a witness, in seconds since 1970); none if it did not. A bad signature under a known name
    /// and id condemns the note, as the specification has it.
    pub fn signed_by(&self, key: &VerifierKey) -> Result<Option<u64>, Refusal> {
        let Some(signature) = self.signatures.iter().find(|signature| key.made(signature)) else { return Ok(None) };
        match key.verify(&self.text, &signature.signature) {
            Some(time) => Ok(Some(time)),
            None => Err(LogReason::Signature(key.name().to_owned()).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        log::{LogSigner, WitnessSigner, empty_root},
        sign::SecretKey,
    };

    fn log() -> LogSigner {
        LogSigner::new("log.example/guichet", SecretKey::generate([1; 32])).unwrap()
    }

    #[test]
    fn a_cosignature_names_its_time() {
        let witness = WitnessSigner::new("witness.example", SecretKey::generate([2; 32])).unwrap();
        let mut note = log().sign(0, empty_root());
        assert_eq!(note.signed_by(witness.key()).unwrap(), None);
        let signature = witness.cosign(&note, 1_679_315_147).unwrap();
        note.add(signature.clone());
        let note = SignedNote::parse(note.to_text().as_bytes()).unwrap();
        assert_eq!(note.signed_by(log().key()).unwrap(), Some(0));
        assert_eq!(note.signed_by(witness.key()).unwrap(), Some(1_679_315_147));
        // The time is signed too.
        let mut later = signature;
        later.signature[7] ^= 1;
        let mut altered = note.clone();
        altered.add(later);
        assert_eq!(altered.signed_by(witness.key()).unwrap_err().class(), "log/signature");
    }

    #[test]
    fn every_flipped_bit_of_a_note_is_noticed() {
        let text = log().sign(0, empty_root()).to_text().into_bytes();
        for bit in 0..text.len() * 8 {
            let mut altered = text.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let judged = SignedNote::parse(&altered).and_then(|note| note.signed_by(log().key()));
            assert!(!matches!(judged, Ok(Some(_))), "bit {bit}");
        }
    }

    #[test]
    fn malformed_notes_are_refused() {
        let good = log().sign(0, empty_root()).to_text();
        for bad in [
            String::new(),
            "text\n".to_owned(),
            good.trim_end().to_owned(),
            good.replace('—', "-"),
            good.replacen("log", "l\tg", 1),
            good.replacen("guichet 6", "guichet  6", 1),
            format!("{good}\n"),
            format!("{good}— x AA==\n"),
            format!("{good}— x+y AAAAAAAA\n"),
            format!("{good}{}", "— x AAAAAAAA\n".repeat(100)),
            "x".repeat(MAX_NOTE + 1),
        ] {
            assert_eq!(SignedNote::parse(bad.as_bytes()).map_err(|it| it.class()), Err("log/note"), "{bad:.200}");
        }
        assert_eq!(SignedNote::parse(b"\xff\n\n\n").unwrap_err().class(), "log/note");
    }
}
