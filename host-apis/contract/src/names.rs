//! Names that become folders, host names and metadata targets, so that they can only be made by parsing.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A text is not a name of the kind that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct InvalidName {
    /// What was given.
    pub text: String,
    /// What it should have been, with its grammar.
    pub wanted: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $wanted:literal, $is:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                let is: fn(&str) -> bool = $is;
                if is(text) { Ok(Self(text.to_owned())) } else { Err(InvalidName { text: text.to_owned(), wanted: $wanted }) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// The identity of a MiniApp (MiniApp Manifest, `app_id`), such as `gov.example.residence.permit`.
    ///
    /// `[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+`, at most 128 bytes, labels at most 63: narrower than W3C's, because it
    /// becomes a host name, a folder and a target path.
    AppId,
    "an app id: two or more labels of a-z, 0-9 and -, each beginning with a letter, joined by dots",
    |text| text.len() <= 128 && text.contains('.') && text.split('.').all(|label| is_label(label, 1, 63))
);

name!(
    /// A publisher: a department that seals packages. `[a-z][a-z0-9-]{1,62}`.
    Department,
    "a department: 2 to 63 of a-z, 0-9 and -, beginning with a letter",
    |text| is_label(text, 2, 63)
);

name!(
    /// A line of releases of one app: `stable`, `trial`, or `[a-z][a-z0-9-]{0,31}`.
    Channel,
    "a channel: 1 to 32 of a-z, 0-9 and -, beginning with a letter",
    |text| is_label(text, 1, 32)
);

impl AppId {
    /// Whether this app lies under a registered prefix: the prefix itself, or the prefix, a dot and more labels.
    pub fn is_under(&self, prefix: &AppId) -> bool {
        self.0.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl Channel {
    /// The channel every citizen's terminal follows.
    pub fn stable() -> Self {
        Self("stable".to_owned())
    }
}

fn is_label(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_id_is_a_dotted_name() {
        for good in ["a.b", "gov.example.residence", "x.y-1.z2"] {
            assert!(good.parse::<AppId>().is_ok(), "{good}");
        }
        let long_label = format!("a.{}", "b".repeat(64));
        let long = vec!["abcdefgh"; 15].join(".");
        for bad in ["", "a", "a.", ".a", "A.b", "a.1b", "a..b", "a.b_c", "a.b/c", "a.é", "a.b\0", &long_label, &long] {
            assert!(bad.parse::<AppId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_prefix_ends_at_a_dot() {
        let id: AppId = "gov.example.residence".parse().unwrap();
        assert!(id.is_under(&"gov.example".parse().unwrap()));
        assert!(id.is_under(&id));
        assert!(!id.is_under(&"gov.exam".parse().unwrap()));
        assert!(!id.is_under(&"gov.example.residence.permit".parse().unwrap()));
    }

    #[test]
    fn departments_and_channels_are_single_labels() {
        assert!("residence".parse::<Department>().is_ok());
        assert!("a".parse::<Department>().is_err());
        assert!("a.b".parse::<Department>().is_err());
        assert!("stable".parse::<Channel>().is_ok());
        assert!("x".repeat(33).parse::<Channel>().is_err());
    }
}
