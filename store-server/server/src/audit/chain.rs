//! The chain: what an entry's hash covers, and whether a row of entries is whole.

use std::fmt;

use guichet_trust::digest::Digest;
use serde::{Deserialize, Serialize};

/// What stands in the place of the hash before the first entry.
pub const START: &str = "guichet audit v1";

/// Whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was.
    Done,
    /// It was refused.
    Denied,
}

impl Outcome {
    /// Both, in the order of the list above.
    pub const ALL: [Self; 2] = [Self::Done, Self::Denied];

    /// The word that is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
        }
    }
}

/// One entry, as it is kept and exported: a line of JSON with its members in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// From 0, without gaps.
    pub position: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Who, by id; none for a command at the store itself.
    pub person: Option<String>,
    /// Who, by the name they had.
    pub name: String,
    /// What.
    pub deed: String,
    /// To what.
    pub about: String,
    /// Whose it is; none is the store's own.
    pub department: Option<String>,
    /// Whether it was done.
    pub outcome: Outcome,
    /// Why: in somebody's words, or the class of the refusal.
    pub why: Option<String>,
    /// How it was.
    pub before: Option<String>,
    /// How it is now.
    pub after: Option<String>,
    /// The hash of the entry before, or [`START`].
    pub previous: String,
    /// The hash of this one.
    pub hash: String,
}

impl Entry {
    /// SHA-256 over the line of JSON whose `hash` is empty.
    pub fn digest(&self) -> Digest {
        Digest::of(Self { hash: String::new(), ..self.clone() }.line().as_bytes())
    }

    /// The entry as it is exported.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The position at which it is seen.
    pub position: u64,
    /// What is wrong there.
    pub reason: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}: {}", self.position, self.reason)
    }
}

/// Follows entries from the first one, or from after `last`. Returns the last position and hash.
pub fn verify(
    last: Option<(u64, String)>,
    entries: impl IntoIterator<Item = Entry>,
) -> Result<Option<(u64, String)>, Fault> {
    let mut last = last;
    for entry in entries {
        let (position, previous) = match &last {
            None => (0, START),
            Some((position, hash)) => (position + 1, hash.as_str()),
        };
        let fault = |reason| Fault { position, reason };
        if entry.position != position {
            return Err(fault("it is missing"));
        }
        if entry.hash != entry.digest().to_string() {
            return Err(fault("it is not what was written"));
        }
        if entry.previous != previous {
            return Err(fault("it does not continue the one before"));
        }
        last = Some((position, entry.hash));
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        let mut all: Vec<Entry> = Vec::new();
        for position in 0..4 {
            let mut entry = Entry {
                position,
                at_ms: 1_795_420_800_000 + position,
                person: Some("0190".to_owned()),
                name: "Ana".to_owned(),
                deed: "role.change".to_owned(),
                about: "Rui".to_owned(),
                department: None,
                outcome: Outcome::Done,
                why: None,
                before: Some("developer".to_owned()),
                after: Some("reviewer".to_owned()),
                previous: all.last().map_or(START.to_owned(), |last| last.hash.clone()),
                hash: String::new(),
            };
            entry.hash = entry.digest().to_string();
            all.push(entry);
        }
        all
    }

    /// A change to entries, and the fault that it makes.
    type Change = (fn(&mut Vec<Entry>), u64, &'static str);

    #[test]
    fn a_chain_tells_where_it_was_touched() {
        assert_eq!(verify(None, entries()).unwrap().unwrap().0, 3);
        assert_eq!(verify(None, []), Ok(None));
        let changes: [Change; 6] = [
            (|all| all[1].after = Some("lead".to_owned()), 1, "it is not what was written"),
            (|all| drop(all.remove(2)), 2, "it is missing"),
            (|all| drop(all.remove(0)), 0, "it is missing"),
            (|all| all.swap(1, 2), 1, "it is missing"),
            (
                |all| {
                    all[1].name = "Eve".to_owned();
                    all[1].hash = all[1].digest().to_string();
                },
                2,
                "it does not continue the one before",
            ),
            (|all| all[0].outcome = Outcome::Denied, 0, "it is not what was written"),
        ];
        for (change, position, reason) in changes {
            let mut all = entries();
            change(&mut all);
            assert_eq!(verify(None, all), Err(Fault { position, reason }));
        }
    }

    #[test]
    fn an_entry_is_one_line_with_its_members_in_order() {
        insta::assert_snapshot!(entries()[0].line(), @r#"{"position":0,"at_ms":1795420800000,"person":"0190","name":"Ana","deed":"role.change","about":"Rui","department":null,"outcome":"done","why":null,"before":"developer","after":"reviewer","previous":"guichet audit v1","hash":"0783e033b118cc45ca5d556cb73f24182841ec823a94fc252d8f6a1c10ba33ce"}"#);
    }
}
