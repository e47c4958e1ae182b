//! Which checkpoints may be believed: those signed by this log, and by enough of these witnesses.

use super::{Checkpoint, LogReason, Role, SignedNote, VerifierKey};
use crate::Refusal;

/// Log AND k of n witnesses. The word for k is that of a group in `c2sp.org/tlog-policy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    log: VerifierKey,
    witnesses: Vec<VerifierKey>,
    quorum: Quorum,
}

/// How many witnesses must have signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum(usize);

/// A checkpoint that may be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// The tree.
    pub checkpoint: Checkpoint,
    /// When the newest of the cosignatures was made, in seconds since 1970; 0 if none is needed.
    pub time: u64,
}

impl Quorum {
    /// `none`, `any`, `all` or a number, of `witnesses` there are.
    pub fn parse(text: &str, witnesses: usize) -> Result<Self, Refusal> {
        let wrong = || Refusal::from(LogReason::Policy { quorum: text.to_owned(), witnesses });
        let needed = match text {
            "none" => return Ok(Self(0)),
            "any" => 1,
            "all" => witnesses,
            number => super::checkpoint::decimal(number).and_then(|n| n.try_into().ok()).ok_or_else(wrong)?,
        };
        if (1..=witnesses).contains(&needed) { Ok(Self(needed)) } else { Err(wrong()) }
    }

    /// More than half: two majorities share a witness, so a log that splits its view is seen by one that signs only once.
    pub fn majority(witnesses: usize) -> Self {
        Self(if witnesses == 0 { 0 } else { witnesses / 2 + 1 })
    }

    /// How many.
    pub fn needed(self) -> usize {
        self.0
    }

    /// The text it is read from.
    pub fn to_text(self) -> String {
        if self.0 == 0 { "none".to_owned() } else { self.0.to_string() }
    }
}

impl Policy {
    /// A policy of keys that differ. Two names of one key are one witness, and the log is no witness of itself.
    pub fn new(log: VerifierKey, witnesses: Vec<VerifierKey>, quorum: Quorum) -> Result<Self, Refusal> {
        let log = log.as_role(Role::Log)?;
        let witnesses: Vec<_> =
            witnesses.into_iter().map(|key| key.as_role(Role::Witness)).collect::<Result<_, _>>()?;
        let mut keys: Vec<_> = witnesses.iter().chain([&log]).map(VerifierKey::public).collect();
        keys.sort();
        if keys.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            return Err(LogReason::OneKeyTwice.into());
        }
        if quorum.0 > witnesses.len() {
            return Err(LogReason::Policy { quorum: quorum.to_text(), witnesses: witnesses.len() }.into());
        }
        Ok(Self { log, witnesses, quorum })
    }

    /// Reads the three texts of a trust file.
    pub fn parse(log: &str, witnesses: &[String], quorum: &str) -> Result<Self, Refusal> {
        let keys: Vec<VerifierKey> = witnesses.iter().map(|key| key.parse()).collect::<Result<_, _>>()?;
        Self::new(log.parse()?, keys, Quorum::parse(quorum, witnesses.len())?)
    }

    /// The log's key; its name is the origin.
    pub fn log(&self) -> &VerifierKey {
        &self.log
    }

    /// The witnesses' keys.
    pub fn witnesses(&self) -> &[VerifierKey] {
        &self.witnesses
    }

    /// How many of them must have signed.
    pub fn quorum(&self) -> Quorum {
        self.quorum
    }

    /// The checkpoint of a note that may be believed.
    pub fn open(&self, note: &SignedNote) -> Result<Witnessed, Refusal> {
        let checkpoint = self.of_the_log(note)?;
        let mut times = Vec::new();
        for witness in &self.witnesses {
            times.extend(note.signed_by(witness)?);
        }
        if times.len() < self.quorum.0 {
            return Err(LogReason::Quorum { found: times.len(), needed: self.quorum.0 }.into());
        }
        Ok(Witnessed { checkpoint, time: times.into_iter().max().unwrap_or(0) })
    }

    /// The checkpoint of a note that the log has signed, whoever else has.
    pub fn of_the_log(&self, note: &SignedNote) -> Result<Checkpoint, Refusal> {
        if note.signed_by(&self.log)?.is_none() {
            return Err(LogReason::Unsigned(self.log.name().to_owned()).into());
        }
        let checkpoint = Checkpoint::parse(note.text())?;
        if checkpoint.origin != self.log.name() {
            return Err(LogReason::Origin { expected: self.log.name().to_owned(), found: checkpoint.origin }.into());
        }
        Ok(checkpoint)
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
        LogSigner::new("log.example", SecretKey::generate([1; 32])).unwrap()
    }

    fn witness(number: u8) -> WitnessSigner {
        WitnessSigner::new(&format!("w{number}.example"), SecretKey::generate([number; 32])).unwrap()
    }

    fn policy(quorum: &str) -> Policy {
        let witnesses: Vec<_> = [11, 12, 13].map(|number| witness(number).key().to_string()).into();
        Policy::parse(&log().key().to_string(), &witnesses, quorum).unwrap()
    }

    fn note(witnesses: &[u8]) -> SignedNote {
        let mut note = log().sign(0, empty_root());
        for number in witnesses {
            let signature = witness(*number).cosign(&note, 1_000 + u64::from(*number)).unwrap();
            note.add(signature);
        }
        note
    }

    #[test]
    fn as_many_witnesses_as_the_policy_says_and_no_stranger() {
        for (quorum, signers, is_enough) in [
            ("none", &[][..], true),
            ("any", &[], false),
            ("any", &[12], true),
            ("2", &[11], false),
            ("2", &[11, 11], false),
            ("2", &[11, 99], false),
            ("2", &[11, 13], true),
            ("all", &[11, 12], false),
            ("3", &[11, 12, 13], true),
        ] {
            let judged = policy(quorum).open(&note(signers));
            assert_eq!(judged.is_ok(), is_enough, "{quorum} {signers:?}");
            if let Ok(witnessed) = judged {
                let newest = signers.iter().map(|number| 1_000 + u64::from(*number)).max().unwrap_or(0);
                assert_eq!((witnessed.checkpoint.size, witnessed.time), (0, newest));
            }
        }
        assert_eq!(policy("2").open(&note(&[11])).unwrap_err().class(), "log/quorum");
    }

    #[test]
    fn a_note_of_another_log_is_refused() {
        let other = LogSigner::new("log.example", SecretKey::generate([3; 32])).unwrap().sign(0, empty_root());
        assert_eq!(policy("none").open(&other).unwrap_err().class(), "log/signature");
        // The same key signs for a log of another name: not this tree.
        let text = other.text().replace("log.example", "log.other");
        let mut foreign = SignedNote::parse(format!("{text}\n— a AAAAAAAA\n").as_bytes()).unwrap();
        let signature = SecretKey::generate([1; 32]).sign_exactly(text.as_bytes()).to_bytes();
        let line = crate::log::NoteSignature::parse_lines(
            log().sign(0, empty_root()).to_text().rsplit_once("\n\n").unwrap().1.as_bytes(),
        );
        let mut line = line.unwrap().remove(0);
        line.signature = signature.to_vec();
        foreign.add(line);
        assert_eq!(policy("none").open(&foreign).unwrap_err().class(), "log/origin");
    }

    #[test]
    fn policies_that_would_not_hold_are_refused() {
        let (log, w) = (log().key().to_string(), |number| witness(number).key().to_string());
        let class = |witnesses: &[String], quorum: &str| Policy::parse(&log, witnesses, quorum).unwrap_err().class();
        for quorum in ["", "0", "4", "02", "+2", "two", "-1"] {
            assert_eq!(class(&[w(11), w(12), w(13)], quorum), "log/policy", "{quorum}");
        }
        assert_eq!(class(&[], "any"), "log/policy");
        assert_eq!(class(&[w(11), w(11)], "2"), "log/policy");
        let alias = WitnessSigner::new("another.name", SecretKey::generate([11; 32])).unwrap().key().to_string();
        assert_eq!(class(&[w(11), alias], "2"), "log/policy");
        let own = WitnessSigner::new("log.example", SecretKey::generate([1; 32])).unwrap().key().to_string();
        assert_eq!(class(&[own], "any"), "log/policy");
        assert_eq!(class(std::slice::from_ref(&log), "any"), "log/key");
        assert_eq!(Policy::parse(&w(11), &[], "none").unwrap_err().class(), "log/key");
        assert_eq!([0, 1, 2, 3, 4, 5].map(|n| Quorum::majority(n).needed()), [0, 1, 2, 2, 3, 3]);
    }
}
