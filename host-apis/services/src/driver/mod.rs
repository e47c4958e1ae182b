//! Drivers: programs of vendors that stand for a device, out of our process.
//!
//! The protocol is in docs/reference/drivers.md. A driver is started with one end of a socket as its standard input, walled
//! in by `guichet-driver`, asked one thing at a time in lines of JSON, and started again when it has died. What it says is
//! not trusted: whatever is not an answer ends it.

#[cfg(target_os = "linux")]
mod launch;
mod process;
mod serve;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use guichet_contract::Value;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

#[cfg(target_os = "linux")]
pub use launch::launch;
pub use process::Driver;
pub use serve::{Performs, serve};

/// The version of the protocol.
pub const VERSION: u32 = 1;
/// How long a driver may take to begin.
const TO_BEGIN: Duration = Duration::from_secs(10);
/// How long a driver may take to answer.
const TO_ANSWER: Duration = Duration::from_secs(10);
/// Longest line of a driver, in bytes.
const LONGEST_ANSWER: usize = 256 << 10;
/// Longest line to a driver, in bytes: the largest document, as text.
const LONGEST_QUESTION: usize = 4 << 20;

/// Which program it is, and what it may touch besides programs and libraries of the system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The program, by its whole path.
    pub program: PathBuf,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Devices and other files that it may read and write.
    #[serde(default)]
    pub devices: Vec<PathBuf>,
    /// TCP ports that it may connect to.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// What is in its environment besides `PATH` and `LANG`.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
}

/// The first line of a driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version of the protocol.
    #[serde(rename = "guichet-driver")]
    pub version: u32,
    /// What it calls itself, for logs.
    pub name: String,
    /// The interfaces it performs.
    pub parts: Vec<String>,
}

/// One line to a driver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Grows with every question.
    pub id: u64,
    /// A function of the WIT: `print.submit`.
    pub call: String,
    /// Its arguments, as on the bridge: bytes are `{"$bytes": "<base64>"}`.
    pub arguments: Vec<Json>,
}

/// One line of a driver: what the call brings, or a word of why not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Of the question.
    pub id: u64,
    /// What it brings.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub ok: Option<Json>,
    /// Why it brings nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

/// `null` is something, too: what a call brings that brings nothing.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

/// Why a driver did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The class without its interface: `busy`, `form`, `unknown-job` or `refused`.
    pub class: String,
    /// For whoever looks after the device.
    #[serde(default)]
    pub what: String,
}

impl Refusal {
    /// Its words, as they may stand in a message: one short line.
    pub(crate) fn in_one_line(&self) -> String {
        self.what.chars().filter(|c| !c.is_control()).take(200).collect()
    }
}

/// What came of a question to a driver.
pub type Answered = Result<Value, Trouble>;

/// Why a question to a driver brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It said no.
    Refused(Refusal),
    /// It is not there, not in time, or does not keep to the protocol.
    Gone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_an_answer_and_no_answer_is_none() {
        let read = |line: &str| serde_json::from_str::<Answer>(line).unwrap();
        assert_eq!(read(r#"{"id":1,"ok":null}"#).ok, Some(Json::Null));
        assert_eq!(read(r#"{"id":1}"#).ok, None);
        let refusal = read(r#"{"id":1,"refusal":{"class":"busy"}}"#).refusal.unwrap();
        assert_eq!((refusal.class.as_str(), refusal.what.as_str()), ("busy", ""));
        let answer = Answer { id: 1, ok: Some(Json::Null), refusal: None };
        assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"id":1,"ok":null}"#);
    }
}
