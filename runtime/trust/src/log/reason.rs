//! What can be wrong with a log, in words.

use crate::{Refusal, refusal::Reason};

/// One variant for each check of the log that can fail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogReason {
    #[error("`{0}` is not the key of a log or a witness")]
    Key(String),
    #[error("`{0}` cannot be the name of a log or a witness")]
    KeyName(String),
    #[error("the key of `{name}` is not {wanted}")]
    KeyRole { name: String, wanted: &'static str },
    #[error("a policy of `{quorum}` cannot be met or means nothing with {witnesses} witnesses")]
    Policy { quorum: String, witnesses: usize },
    #[error("the policy names one key twice")]
    OneKeyTwice,
    #[error("the note is malformed: {0}")]
    Note(&'static str),
    #[error("the checkpoint is malformed: {0}")]
    Checkpoint(&'static str),
    #[error("`{0}` has not signed this")]
    Unsigned(String),
    #[error("the signature of `{0}` is not over this")]
    Signature(String),
    #[error("the checkpoint is of the log `{found}`, not of `{expected}`")]
    Origin { expected: String, found: String },
    #[error("{found} of the {needed} witnesses it needs have signed")]
    Quorum { found: usize, needed: usize },
    #[error("the proof is malformed: {0}")]
    Proof(&'static str),
    #[error("the path does not lead from this leaf to the root of the checkpoint")]
    Inclusion,
    #[error("a tree of {size} leaves has no {index}")]
    Beyond { index: u64, size: u64 },
    #[error("the tree of {new} leaves does not begin with the tree of {old} leaves that was seen before")]
    Consistency { old: u64, new: u64 },
    #[error("the tree has {new} leaves, and one of {old} was seen before")]
    Smaller { old: u64, new: u64 },
    #[error("`{path}` is {found} bytes long, not {expected}")]
    Tile { path: String, expected: usize, found: usize },
    #[error("the bundle of leaves is malformed: {0}")]
    Entries(&'static str),
    #[error("the kept state of a log is not one")]
    Frontier,
}

impl LogReason {
    pub(crate) fn class(&self) -> &'static str {
        match self {
            Self::Key(_) | Self::KeyName(_) | Self::KeyRole { .. } => "log/key",
            Self::Policy { .. } | Self::OneKeyTwice => "log/policy",
            Self::Note(_) => "log/note",
            Self::Checkpoint(_) => "log/checkpoint",
            Self::Unsigned(_) | Self::Signature(_) => "log/signature",
            Self::Origin { .. } => "log/origin",
            Self::Quorum { .. } => "log/quorum",
            Self::Proof(_) => "log/proof",
            Self::Inclusion | Self::Beyond { .. } => "log/inclusion",
            Self::Consistency { .. } => "log/fork",
            Self::Smaller { .. } => "log/smaller",
            Self::Tile { .. } => "log/tile",
            Self::Entries(_) => "log/entries",
            Self::Frontier => "log/state",
        }
    }

    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Key(_) => "write it as `<name>+<8 hex>+<base64>`, as whoever holds it prints it",
            Self::KeyName(_) => "a name is like an address without `https://`: no spaces, no `+`",
            Self::KeyRole { .. } => "a log's key and a witness' key are two things: ask for the other one",
            Self::Policy { .. } => "write `none`, `any`, `all`, or how many of the witnesses must sign",
            Self::OneKeyTwice => "each key counts once: take the second one out",
            Self::Note(_) | Self::Checkpoint(_) | Self::Proof(_) | Self::Tile { .. } | Self::Entries(_) => {
                "the file was damaged, or another was served in its place: try again, then tell the store's operator"
            }
            Self::Unsigned(_) | Self::Signature(_) | Self::Origin { .. } => {
                "this is not the log that is trusted here: check the address and any mirror or proxy, then tell the store's operator"
            }
            Self::Quorum { .. } => {
                "try again later: the store waits for its witnesses; if it stays so, tell its operator"
            }
            Self::Inclusion | Self::Beyond { .. } => {
                "this was not published for everybody to see: tell the store's operator and the security office"
            }
            Self::Consistency { .. } => {
                "the log shows different histories to different people: keep both files and tell the security office"
            }
            Self::Smaller { .. } => {
                "an old state is being served: check the address and any mirror or proxy, then tell the store's operator"
            }
            Self::Frontier => "remove the file and begin anew; it holds nothing secret",
        }
    }
}

impl From<LogReason> for Refusal {
    fn from(reason: LogReason) -> Self {
        Reason::Log(reason).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_the_log_says_what_and_what_to_do() {
        let text = || "log.example".to_owned();
        let every = [
            LogReason::Key(text()),
            LogReason::KeyName("a b".to_owned()),
            LogReason::KeyRole { name: text(), wanted: "a log's key (type 0x01)" },
            LogReason::Policy { quorum: "4".to_owned(), witnesses: 3 },
            LogReason::OneKeyTwice,
            LogReason::Note("it is not UTF-8"),
            LogReason::Checkpoint("its size is no number"),
            LogReason::Unsigned(text()),
            LogReason::Signature(text()),
            LogReason::Origin { expected: text(), found: "log.other".to_owned() },
            LogReason::Quorum { found: 1, needed: 2 },
            LogReason::Proof("it has no checkpoint"),
            LogReason::Inclusion,
            LogReason::Beyond { index: 9, size: 5 },
            LogReason::Consistency { old: 4, new: 9 },
            LogReason::Smaller { old: 9, new: 4 },
            LogReason::Tile { path: "tile/0/000".to_owned(), expected: 8_192, found: 32 },
            LogReason::Entries("it ends early"),
            LogReason::Frontier,
        ];
        let text: String = every
            .into_iter()
            .map(Refusal::from)
            .map(|it| format!("error[{}]: {}\n  hint: {}\n", it.class(), it.what(), it.hint()))
            .collect();
        insta::assert_snapshot!(text);
    }
}
