//! What a witness is asked and what it answers (`c2sp.org/tlog-witness`, `add-checkpoint`): a decision without I/O.

use std::fmt::Write as _;

use super::{
    Checkpoint, LogReason, MAX_HASHES, MAX_NOTE, SignedNote, VerifierKey,
    checkpoint::{decimal, decode, encode},
    verify_consistency,
};
use crate::{Refusal, digest::Digest};

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the tree the witness saw last.
    pub old: u64,
    /// From that tree to the new one.
    pub path: Vec<Digest>,
    /// The new checkpoint.
    pub note: SignedNote,
}

/// The tree of one log that a witness saw last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How many leaves it has.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// What a witness answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: the tree grew, and it is to be remembered *before* it is cosigned.
    Cosign(Seen),
    /// 400: this is no request.
    Malformed(Refusal),
    /// 403: none of the signatures is by a key this log is known by.
    Unsigned,
    /// 404: this log is not known here.
    UnknownLog,
    /// 409: the tree seen last has this many leaves, or is another tree of that size.
    Conflict(u64),
    /// 422: the new tree does not begin with the one seen last.
    Inconsistent,
}

impl Answer {
    /// The status the protocol gives it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Cosign(_) => 200,
            Self::Malformed(_) => 400,
            Self::Unsigned => 403,
            Self::UnknownLog => 404,
            Self::Conflict(_) => 409,
            Self::Inconsistent => 422,
        }
    }
}

impl AddCheckpoint {
    /// The body as it is sent.
    pub fn to_text(&self) -> String {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.path {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", encode(hash));
        }
        text.push('\n');
        text.push_str(&self.note.to_text());
        text
    }

    /// Reads a body, at most twice [`MAX_NOTE`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let malformed = |why| Refusal::from(LogReason::Proof(why));
        if bytes.len() > 2 * MAX_NOTE {
            return Err(malformed("it is too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
        let (head, note) = text.split_once("\n\n").ok_or_else(|| malformed("it has no checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| decimal(line.strip_prefix("old ")?));
        let old = old.ok_or_else(|| malformed("its old size is not there"))?;
        let path = lines.map(|line| decode(line).ok_or_else(|| malformed("a line of its path is no hash")));
        let path: Vec<_> = path.take(MAX_HASHES + 1).collect::<Result<_, _>>()?;
        if path.len() > MAX_HASHES {
            return Err(malformed("its path is too long"));
        }
        Ok(Self { old, path, note: SignedNote::parse(note.as_bytes())? })
    }

    /// The log it is about, which may be said by anybody.
    pub fn origin(&self) -> Option<&str> {
        self.note.text().split('\n').next()
    }

    /// What a witness answers that knows these keys and has seen this tree of the log.
    pub fn judge(&self, logs: &[VerifierKey], seen: impl FnOnce(&str) -> Option<Seen>) -> Answer {
        let keys: Vec<_> = logs.iter().filter(|key| Some(key.name()) == self.origin()).collect();
        let Some(first) = keys.first() else { return Answer::UnknownLog };
        if !keys.iter().any(|key| matches!(self.note.signed_by(key), Ok(Some(_)))) {
            return Answer::Unsigned;
        }
        let new = match Checkpoint::parse(self.note.text()) {
            Ok(new) => new,
            Err(refusal) => return Answer::Malformed(refusal),
        };
        if self.old > new.size {
            return Answer::Malformed(LogReason::Beyond { index: self.old, size: new.size }.into());
        }
        let seen = seen(first.name()).unwrap_or(Seen { size: 0, root: super::empty_root() });
        if self.old != seen.size || (self.old == new.size && seen.root != new.root) {
            return Answer::Conflict(seen.size);
        }
        match verify_consistency((seen.size, &seen.root), (new.size, &new.root), &self.path) {
            Ok(()) => Answer::Cosign(Seen { size: new.size, root: new.root }),
            Err(_) => Answer::Inconsistent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        log::{Frontier, LogSigner, consistency_proof, leaf_hash},
        sign::SecretKey,
    };

    fn log(secret: u8) -> LogSigner {
        LogSigner::new("log.example", SecretKey::generate([secret; 32])).unwrap()
    }

    fn hash(number: u64, history: u8) -> Digest {
        leaf_hash(&[number as u8, if number < 3 { 0 } else { history }])
    }

    /// The tree of a history; all histories share their first three leaves.
    fn tree(size: u64, history: u8) -> Seen {
        let mut tree = Frontier::new();
        (0..size).for_each(|number| tree.append(hash(number, history)));
        Seen { size, root: tree.root() }
    }

    fn ask(old: u64, size: u64, history: u8, secret: u8) -> AddCheckpoint {
        let mut node = |level: u8, index: u64| -> Result<Digest, Refusal> {
            let mut part = Frontier::new();
            (index << level..(index + 1) << level).for_each(|number| part.append(hash(number, history)));
            Ok(part.root())
        };
        let path = consistency_proof(u64::min(old, size), size, &mut node).unwrap();
        AddCheckpoint { old, path, note: log(secret).sign(size, tree(size, history).root) }
    }

    fn status(asked: &AddCheckpoint, seen: Option<Seen>) -> u16 {
        let sent = AddCheckpoint::parse(asked.to_text().as_bytes()).unwrap();
        assert_eq!(&sent, asked);
        sent.judge(&[log(1).key().clone()], |_| seen).status()
    }

    #[test]
    fn each_question_has_the_status_of_the_specification() {
        // First sight, growth, standing still, and the empty tree.
        assert_eq!(status(&ask(0, 5, 0, 1), None), 200);
        assert_eq!(status(&ask(5, 9, 0, 1), Some(tree(5, 0))), 200);
        assert_eq!(status(&ask(5, 5, 0, 1), Some(tree(5, 0))), 200);
        assert_eq!(status(&ask(0, 0, 0, 1), None), 200);
        // Another key under the name, another name.
        assert_eq!(status(&ask(0, 5, 0, 2), None), 403);
        let known = [LogSigner::new("log.other", SecretKey::generate([1; 32])).unwrap().key().clone()];
        assert_eq!(ask(0, 5, 0, 1).judge(&known, |_| None).status(), 404);
        // The old size is not the one seen last, in both directions, or beyond the new one.
        assert_eq!(ask(0, 5, 0, 1).judge(&[log(1).key().clone()], |_| Some(tree(4, 0))), Answer::Conflict(4));
        assert_eq!(status(&ask(4, 5, 0, 1), None), 409);
        assert_eq!(status(&ask(6, 5, 0, 1), Some(tree(6, 0))), 400);
        // A history that is another one.
        assert_eq!(status(&ask(5, 9, 1, 1), Some(tree(5, 0))), 422);
        assert_eq!(status(&ask(5, 5, 1, 1), Some(tree(5, 0))), 409);
        // Something where nothing may stand.
        let stray = AddCheckpoint { path: vec![leaf_hash(b"")], ..ask(0, 5, 0, 1) };
        assert_eq!(status(&stray, None), 422);
        assert_eq!(status(&AddCheckpoint { path: vec![leaf_hash(b"")], ..ask(5, 5, 0, 1) }, Some(tree(5, 0))), 422);
    }

    #[test]
    fn a_shrunken_tree_is_never_cosigned() {
        for size in 0..9 {
            for old in 0..=size {
                let answer = ask(old, size, 0, 1).judge(&[log(1).key().clone()], |_| Some(tree(9, 0)));
                assert_eq!(answer, Answer::Conflict(9));
            }
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let good = ask(5, 9, 0, 1).to_text();
        for (from, to) in [("old 5", "old 05"), ("old 5", "new 5"), ("\n\n", "\n"), ("old 5\n", "old 5\nAAAA\n")] {
            assert!(AddCheckpoint::parse(good.replacen(from, to, 1).as_bytes()).is_err(), "{from} to {to}");
        }
        let hash = format!("{}\n", encode(&leaf_hash(b"")));
        let long = good.replacen("old 5\n", &format!("old 5\n{}", hash.repeat(64)), 1);
        assert!(AddCheckpoint::parse(long.as_bytes()).is_err());
        assert!(AddCheckpoint::parse(&vec![b'x'; 2 * MAX_NOTE + 1]).is_err());
    }
}
