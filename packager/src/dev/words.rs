//! What a developer types while `guichet dev` runs, and the same as flags.

use std::sync::LazyLock;

use clap::{ValueEnum, builder::PossibleValue};
use guichet_host::Profile;
use guichet_services::Simulation;
use serde_json::{Value as Json, json};

/// The terminal and the person at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProfileName(pub(crate) Profile);

/// All of them, as they are offered.
static PROFILES: LazyLock<Vec<ProfileName>> = LazyLock::new(|| Profile::ALL.map(ProfileName).to_vec());

impl ValueEnum for ProfileName {
    fn value_variants<'a>() -> &'a [Self] {
        &PROFILES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThemeName {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How the app reaches the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum NetworkName {
    /// As this machine does.
    #[default]
    Online,
    /// 400 ms before anything comes, then 50 kB a second.
    Slow,
    /// Not at all.
    Offline,
}

/// One thing that was typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Typed {
    /// Something is switched: what the window is told.
    Set(Json),
    /// A journey is recorded from now on, or no more.
    Record(bool),
    /// What can be typed.
    Help,
    /// The window closes.
    Quit,
    /// Nothing of the kind.
    Unknown(String),
}

/// The name of a value, as it is typed and as the window knows it.
pub(crate) fn name<T: ValueEnum>(value: T) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// All that can be typed, for the help.
pub(crate) fn all() -> [String; 4] {
    fn names<T: ValueEnum>() -> String {
        T::value_variants()
            .iter()
            .filter_map(ValueEnum::to_possible_value)
            .map(|value| value.get_name().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    }
    let devices = Simulation::all().map(|one| one.to_string()).collect::<Vec<_>>().join(" ");
    [names::<ProfileName>(), names::<ThemeName>(), names::<NetworkName>(), devices]
}

/// Simulated devices, as the window is told.
pub(crate) fn in_json(devices: &[Simulation]) -> Json {
    devices
        .iter()
        .map(|one| (one.device().to_owned(), Json::from(one.state())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Reads a line. Every word means one thing only.
pub(crate) fn read(line: &str) -> Option<Typed> {
    let word = line.trim();
    let is = |value: &str| value == word;
    Some(match word {
        "" => return None,
        "h" | "help" | "?" => Typed::Help,
        "q" | "quit" | "exit" => Typed::Quit,
        "record" => Typed::Record(true),
        "stop" => Typed::Record(false),
        "zh" => Typed::Set(json!({"lang": "zh-Hans"})),
        _ if ProfileName::from_str(word, false).is_ok() => Typed::Set(json!({"profile": word})),
        _ if ThemeName::from_str(word, false).is_ok() => Typed::Set(json!({"theme": word})),
        _ if NetworkName::from_str(word, false).is_ok() => Typed::Set(json!({"network": word})),
        _ if Simulation::list(word).is_ok() => {
            let devices = Simulation::list(word).unwrap_or_default();
            Typed::Set(json!({"devices": in_json(&devices)}))
        }
        _ if is("en") || is_tag(word) => Typed::Set(json!({"lang": word})),
        _ => Typed::Unknown(word.to_owned()),
    })
}

/// `en`, `en-GB`, `zh-Hans`: letters, then perhaps more of them after a hyphen. Longer words are typing mistakes.
fn is_tag(word: &str) -> bool {
    let mut parts = word.split('-');
    let is_language = |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase());
    parts.next().is_some_and(is_language)
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_one_thing() {
        let set = |line| match read(line) {
            Some(Typed::Set(set)) => set.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(set(" kiosk \n"), r#"{"profile":"kiosk"}"#);
        assert_eq!(set("dark"), r#"{"theme":"dark"}"#);
        assert_eq!(set("system"), r#"{"theme":"system"}"#);
        assert_eq!(set("offline"), r#"{"network":"offline"}"#);
        assert_eq!(set("printer=jam"), r#"{"devices":{"printer":"jam"}}"#);
        assert_eq!(read("printer=melted"), Some(Typed::Unknown("printer=melted".to_owned())));
        assert_eq!(set("zh"), r#"{"lang":"zh-Hans"}"#);
        assert_eq!(set("en-GB"), r#"{"lang":"en-GB"}"#);
        assert_eq!(read("\n"), None);
        assert_eq!(read("q"), Some(Typed::Quit));
        assert_eq!((read("record"), read("stop\n")), (Some(Typed::Record(true)), Some(Typed::Record(false))));
        assert_eq!(read("watch"), Some(Typed::Unknown("watch".to_owned())));
        assert_eq!(read("rm -rf"), Some(Typed::Unknown("rm -rf".to_owned())));
    }
}
