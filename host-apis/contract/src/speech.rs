//! `speech`: texts read aloud.

use crate::{
    Arguments, Call, Failure, InvalidArguments, Permission, PermissionName, Permit, Services, Value, words::words,
};

/// Longest text, in bytes.
pub const MAX_TEXT_BYTES: usize = 4_000;
/// Most texts of one app that are not over.
pub const MAX_IN_LINE: usize = 20;
/// How fast it may be, in percent.
pub const SPEEDS: std::ops::RangeInclusive<u32> = 50..=200;
/// Longest tag of a language, in bytes.
const MAX_TAG_BYTES: usize = 35;

words! {
    /// How the reading of a text went.
    Outcome {
        /// To its end.
        Spoken = "spoken",
        /// Stopped before.
        Stopped = "stopped",
        /// The voice has failed.
        Failed = "failed",
    }
}

/// A text that is to be read aloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utterance {
    /// What is said.
    pub text: String,
    /// The first part of the tag of its language, in lower case: `zh`.
    pub lang: String,
    /// How fast, in percent of what is usual.
    pub speed: u32,
}

/// What a terminal must provide for `speech` to work. Each app sees its own texts only.
pub trait Speech: Send + Sync {
    /// The languages that can be spoken.
    fn languages(&self, permit: Permit<Languages>) -> Result<Vec<String>, Failure>;
    /// Puts a text in line; its number.
    fn say(&self, permit: Permit<Say>) -> Result<u32, Failure>;
    /// Waits until a text is over.
    fn wait_for(&self, permit: Permit<WaitFor>) -> Result<Outcome, Failure>;
    /// Stops what is spoken for the app, and drops what waits.
    fn stop(&self, permit: Permit<Stop>) -> Result<(), Failure>;
}

/// Asks for the languages that can be spoken.
#[derive(Debug, Default)]
pub struct Languages {
    /// Raised when nobody wants the answer any more.
    pub stop: crate::Stop,
}

/// Puts a text in line.
#[derive(Debug)]
pub struct Say {
    /// What is to be read aloud.
    pub utterance: Utterance,
    /// Raised when nobody wants the answer any more.
    pub stop: crate::Stop,
}

/// Waits until a text is over.
#[derive(Debug)]
pub struct WaitFor {
    /// The number of the text.
    pub number: u32,
    /// Raised when nobody wants the answer any more.
    pub stop: crate::Stop,
}

/// Stops what is spoken for the app.
#[derive(Debug, Default)]
pub struct Stop {
    /// Raised when nobody wants the answer any more.
    pub stop: crate::Stop,
}

/// A reply of this interface, as a [`Value`].
#[derive(Debug)]
pub struct Reply<T>(pub T);

macro_rules! speech_call {
    ($call:ident, $method:ident, $reply:ty) => {
        impl Call for $call {
            type Reply = Reply<$reply>;

            fn needs(&self) -> Permission {
                Permission::unlimited(permission_name())
            }

            fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Self::Reply, Failure> {
                services.speech().$method(permit).map(Reply)
            }

            fn stop(&self) -> Option<crate::Stop> {
                Some(self.stop.clone())
            }
        }
    };
}

speech_call!(Languages, languages, Vec<String>);
speech_call!(Say, say, u32);
speech_call!(WaitFor, wait_for, Outcome);
speech_call!(Stop, stop, ());

impl From<Reply<Vec<String>>> for Value {
    fn from(Reply(languages): Reply<Vec<String>>) -> Self {
        Self::List(languages.into_iter().map(Self::Text).collect())
    }
}

impl From<Reply<u32>> for Value {
    fn from(Reply(number): Reply<u32>) -> Self {
        Self::Integer(number.into())
    }
}

impl From<Reply<Outcome>> for Value {
    fn from(Reply(outcome): Reply<Outcome>) -> Self {
        outcome.into()
    }
}

impl From<Reply<()>> for Value {
    fn from(_: Reply<()>) -> Self {
        Self::Null
    }
}

/// The name of the permission.
pub(crate) fn permission_name() -> PermissionName {
    PermissionName::host("speech")
}

impl Languages {
    pub(crate) fn decode(arguments: Arguments) -> Result<Self, InvalidArguments> {
        arguments.end().map(|()| Self::default())
    }
}

impl Say {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let text = arguments.text("text")?;
        if !(1..=MAX_TEXT_BYTES).contains(&text.len()) || text.contains('\0') {
            return Err(arguments.wrong("text", "1 to 4000 bytes long"));
        }
        let tag = arguments.text("lang")?;
        let first = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let is_tag = tag.len() <= MAX_TAG_BYTES && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_tag || !(2..=3).contains(&first.len()) || !first.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Err(arguments.wrong("lang", "a BCP 47 tag, such as zh-Hans"));
        }
        let speed = match arguments.value() {
            None | Some(Value::Null) => Some(100),
            Some(Value::Integer(percent)) => u32::try_from(percent).ok().filter(|percent| SPEEDS.contains(percent)),
            Some(_) => None,
        };
        let speed = speed.ok_or_else(|| arguments.wrong("speed", "a whole number from 50 to 200"))?;
        let utterance = Utterance { text, lang: first, speed };
        arguments.end().map(|()| Self { utterance, stop: crate::Stop::default() })
    }
}

impl WaitFor {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let number = u32::try_from(arguments.integer("number", u32::MAX.into())?).unwrap_or(u32::MAX);
        arguments.end().map(|()| Self { number, stop: crate::Stop::default() })
    }
}

impl Stop {
    pub(crate) fn decode(arguments: Arguments) -> Result<Self, InvalidArguments> {
        arguments.end().map(|()| Self::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str, lang: &str, speed: Value) -> Result<Utterance, String> {
        let arguments = vec![Value::Text(text.to_owned()), Value::Text(lang.to_owned()), speed];
        Say::decode(Arguments::new("speech.say", arguments)).map(|say| say.utterance).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn a_text_has_a_language_and_a_speed() {
        let utterance = |lang: &str, speed| Utterance { text: "x".to_owned(), lang: lang.to_owned(), speed };
        assert_eq!(say("x", "zh-Hans-CN", Value::Null), Ok(utterance("zh", 100)));
        assert_eq!(say("x", "EN", Value::Integer(50)), Ok(utterance("en", 50)));
        insta::assert_snapshot!(say("", "zh", Value::Null).unwrap_err(), @"speech.say: text must be 1 to 4000 bytes long");
        insta::assert_snapshot!(say("x", "zh", Value::Integer(201)).unwrap_err(), @"speech.say: speed must be a whole number from 50 to 200");
        for tag in ["", "-w", "z", "../../x", "zh Hans", "english"] {
            let why = say("x", tag, Value::Null).unwrap_err();
            assert_eq!(why, "speech.say: lang must be a BCP 47 tag, such as zh-Hans", "{tag}");
        }
    }
}
