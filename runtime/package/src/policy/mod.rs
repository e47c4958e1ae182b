//! What one terminal of a hall is for, as its operator has signed it: which apps, which parts, when, and how it begins.
//!
//! A policy only narrows: nothing in it makes a terminal show what was not approved. Every member is known and every
//! number has bounds, because a terminal in a hall must not guess what was meant.

mod apps;
mod hours;
mod pin;
mod signed;

use guichet_contract::AppId;
use guichet_trust::{canonical, metadata::Expiry, sign::PublicKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::{
    apps::AppPattern,
    hours::{Day, Hours, TimeOfDay},
    pin::PinHash,
    signed::{PolicyRefusal, SignedPolicy},
};
use crate::{
    Refusal,
    document::{self, Document, DocumentFault, DocumentRefusal, FORMAT},
};

/// The most bytes of a policy, and of the file it is signed in.
pub const MOST_BYTES: u64 = 256 << 10;
/// The most patterns of apps, and the most lines of hours.
const MOST_LINES: usize = 1_000;
/// How long people have at least to say that they are still there, in seconds (WCAG 2.2, 2.2.1: twenty).
const TO_ANSWER: u32 = 20;
/// The most characters of the name of a hall or a terminal.
const MOST_NAME: usize = 64;

/// What one terminal is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// 1.
    pub format: u32,
    /// Counts up with every policy of this terminal, and never goes back.
    pub sequence: u64,
    /// When it was written.
    pub issued: Expiry,
    /// When it ends; a terminal without a newer one is then out of service.
    pub expires: Expiry,
    /// The terminal it is for.
    pub terminal: TerminalName,
    /// The apps that are offered; absent: all that the store has for this terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apps: Option<Vec<AppPattern>>,
    /// How each citizen's session begins.
    #[serde(default, skip_serializing_if = "is_default")]
    pub start: Start,
    /// When a session ends by itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub idle: Idle,
    /// When the terminal is in service, in its local time; absent or empty: always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Hours>,
    /// Its parts, with the members of `devices.json`; absent: that file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<Value>,
    /// What it does without the store.
    #[serde(default, skip_serializing_if = "is_default")]
    pub network: Network,
    /// Who may see the page for staff; absent: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<Staff>,
}

/// Which terminal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalName {
    /// The hall it stands in.
    pub hall: String,
    /// Its name there.
    pub name: String,
}

/// How each citizen's session begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Start {
    /// The language.
    pub locale: Locale,
    /// For whom the pages are laid out.
    pub mode: Mode,
    /// How strong the contrast is.
    pub contrast: Contrast,
}

/// A language that the terminal's own pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Locale {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh-Hans")]
    ZhHans,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Locale {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::En => "en",
        }
    }
}

/// For whom the pages are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Everybody.
    #[default]
    Standard,
    /// Larger, and fewer things at once.
    Elder,
}

/// How strong the contrast is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contrast {
    /// As designed.
    #[default]
    Standard,
    /// More.
    More,
}

/// When a session ends by itself, in seconds since anybody touched anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Idle {
    /// Then a person is asked whether they are still there.
    pub warn_seconds: u32,
    /// Then the session ends; but see [`Self::ends_after`].
    pub reset_seconds: u32,
}

impl Idle {
    /// When the session ends, in seconds: people have at least 20 after the warning.
    pub fn ends_after(&self) -> u32 {
        self.reset_seconds.max(self.warn_seconds.saturating_add(TO_ANSWER))
    }
}

impl Default for Idle {
    fn default() -> Self {
        Self { warn_seconds: 60, reset_seconds: 90 }
    }
}

/// What a terminal does without the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// How many days it serves citizens without having heard from the store.
    pub max_offline_days: u32,
}

impl Default for Network {
    fn default() -> Self {
        Self { max_offline_days: 7 }
    }
}

/// Who may see the page for staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    /// The hash of the PIN.
    pub pin: PinHash,
}

impl Policy {
    /// Reads a policy as it was signed: the canonical bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        check_length(bytes)?;
        document::parse(bytes)
    }

    /// Reads a policy as a person writes it: any JSON with the same members.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        check_length(bytes)?;
        let refuse = |refusal| document::refuse::<Self>(DocumentFault::Json(refusal));
        let policy: Self = canonical::parse_as(bytes).map_err(refuse)?;
        policy.to_bytes().map(|_| policy)
    }

    /// The canonical bytes, which are signed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        if self.format != FORMAT {
            return Err(document::refuse::<Self>(DocumentFault::Format(self.format)));
        }
        document::to_bytes(self)
    }

    /// Whether an app is offered.
    pub fn offers(&self, app: &AppId) -> bool {
        self.apps.as_ref().is_none_or(|apps| apps.iter().any(|pattern| pattern.covers(app)))
    }

    /// Whether the terminal is in service on this day, at this minute of it, in local time.
    pub fn is_open(&self, day: Day, minute: u16) -> bool {
        self.hours.is_empty() || self.hours.iter().any(|hours| hours.cover(day, minute))
    }

    /// Refuses a policy that has ended.
    pub fn check_current(&self, now_ms: u64) -> Result<(), PolicyRefusal> {
        if self.expires.is_past(now_ms) { Err(PolicyRefusal::Expired { expires: self.expires }) } else { Ok(()) }
    }
}

/// The operator's public key, from a text that holds it once, as `guichet key show` prints it.
pub fn operator_key(text: &str) -> Result<PublicKey, guichet_trust::Refusal> {
    let mut keys = text.split_whitespace().filter(|word| word.starts_with("ed25519:"));
    match (keys.next(), keys.next()) {
        (Some(key), None) => key.parse(),
        _ => text.chars().take(80).collect::<String>().trim().parse(),
    }
}

fn check_length(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() as u64 <= MOST_BYTES {
        return Ok(());
    }
    let fault = DocumentFault::TooLarge { most: MOST_BYTES };
    Err(DocumentRefusal { document: Policy::NAME, fault }.into())
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl TerminalName {
    fn is_shown_as_written(text: &str) -> bool {
        let plain = |c: char| {
            !c.is_control()
                && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        (1..=MOST_NAME).contains(&text.chars().count()) && text.trim() == text && text.chars().all(plain)
    }

    /// Whether both names are one line that is shown as it is written.
    pub fn is_sound(&self) -> bool {
        Self::is_shown_as_written(&self.hall) && Self::is_shown_as_written(&self.name)
    }
}

impl Document for Policy {
    const NAME: &'static str = "the policy";

    fn format(&self) -> u32 {
        self.format
    }

    fn check(&self) -> Result<(), DocumentFault> {
        let invalid = |member, wanted| Err(DocumentFault::Invalid { member, wanted });
        if self.sequence == 0 {
            return invalid("sequence", "a number of at least 1");
        }
        if self.expires <= self.issued {
            return invalid("expires", "later than `issued`");
        }
        if !TerminalName::is_shown_as_written(&self.terminal.hall) {
            return invalid("terminal.hall", "one line of 1 to 64 characters");
        }
        if !TerminalName::is_shown_as_written(&self.terminal.name) {
            return invalid("terminal.name", "one line of 1 to 64 characters");
        }
        if self.apps.as_ref().is_some_and(|apps| apps.len() > MOST_LINES) {
            return invalid("apps", "a list of at most 1000 patterns");
        }
        if !(10..=3600).contains(&self.idle.warn_seconds) {
            return invalid("idle.warn_seconds", "between 10 and 3600");
        }
        if !(self.idle.warn_seconds + 5..=7200).contains(&self.idle.reset_seconds) {
            return invalid("idle.reset_seconds", "between 5 seconds after the warning and 7200");
        }
        if self.hours.len() > MOST_LINES {
            return invalid("hours", "a list of at most 1000 lines");
        }
        if self.hours.iter().any(|hours| !hours.is_sound()) {
            return invalid("hours", "lines with days, and with `from` before `to`");
        }
        if self.devices.as_ref().is_some_and(|devices| !devices.is_object()) {
            return invalid("devices", "an object with the members of devices.json");
        }
        if !(1..=365).contains(&self.network.max_offline_days) {
            return invalid("network.max_offline_days", "between 1 and 365");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
