//! What somebody is told.

use std::{
    fmt,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use guichet_package::LogLeaf;
use guichet_trust::{Refusal, log::Policy};
use serde::Serialize;

use crate::error::StoreError;

/// One thing to be told. Its JSON has the member `kind`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Alarm {
    /// A release of what is watched.
    Release {
        /// The number of its leaf.
        index: u64,
        /// What the log says of it.
        leaf: Box<LogLeaf>,
    },
    /// A leaf that says nothing that can be read.
    Unreadable {
        /// Its number.
        index: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The log is not what it was, or not what was signed.
    Unbelievable {
        /// The log.
        log: String,
        /// The class of the refusal.
        class: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl Alarm {
    pub(super) fn release(index: u64, leaf: LogLeaf) -> Self {
        Self::Release { index, leaf: Box::new(leaf) }
    }

    pub(super) fn unreadable(index: u64, reason: &str) -> Self {
        Self::Unreadable { index, reason: reason.to_owned() }
    }

    pub(super) fn unbelievable(policy: &Policy, refusal: &Refusal) -> Self {
        Self::Unbelievable { log: policy.log().name().to_owned(), class: refusal.class(), reason: refusal.what() }
    }

    /// The alarm on one line, for programs.
    pub fn to_json(&self) -> String {
        // Text, numbers and lists of them always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Starts a program with the alarm on its input, and waits until it has taken it.
    pub(super) fn run(&self, program: &Path) -> Result<(), StoreError> {
        let failed = || StoreError::file("run", program);
        let mut child = Command::new(program).stdin(Stdio::piped()).spawn().map_err(failed())?;
        if let Some(mut input) = child.stdin.take() {
            // A program that needs no more than the call closes its input; how it ended says whether that was right.
            let _ = writeln!(input, "{}", self.to_json());
        }
        let status = child.wait().map_err(failed())?;
        if status.success() {
            Ok(())
        } else {
            let reason = format!("`{}` ended with {status}", program.display());
            Err(StoreError::Document { operation: "deliver an alarm", reason })
        }
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release { index, leaf } => {
                let LogLeaf { app_id, channel, sequence, version, department, .. } = leaf.as_ref();
                write!(
                    f,
                    "release {index}: {app_id} {} ({channel} {sequence}) of {department}, approved by",
                    version.name
                )?;
                let approvals: Vec<String> = leaf.approvals.iter().map(ToString::to_string).collect();
                let short = approvals.iter().map(|id| id.get(..12).unwrap_or(id));
                short.into_iter().try_for_each(|id| write!(f, " {id}"))
            }
            Self::Unreadable { index, reason } => write!(f, "unreadable {index}: {reason}"),
            Self::Unbelievable { log, class, reason } => write!(f, "error[{class}]: {log}: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_are_for_people_and_for_programs() {
        let unreadable = Alarm::unreadable(7, "this is not JSON");
        insta::assert_snapshot!(unreadable, @"unreadable 7: this is not JSON");
        insta::assert_snapshot!(unreadable.to_json(), @r#"{"kind":"unreadable","index":7,"reason":"this is not JSON"}"#);
        let forked =
            Alarm::Unbelievable { log: "log.example".to_owned(), class: "log/fork", reason: "it forked".to_owned() };
        insta::assert_snapshot!(forked, @"error[log/fork]: log.example: it forked");
        insta::assert_snapshot!(forked.to_json(), @r#"{"kind":"unbelievable","log":"log.example","class":"log/fork","reason":"it forked"}"#);
    }
}
