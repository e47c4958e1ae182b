//! Which apps are meant.

use std::{fmt, str::FromStr};

use guichet_contract::{AppId, InvalidName};
use serde::{Deserialize, Serialize};

/// One app, or with `.*` at its end all apps under a prefix: `gov.example.permit`, `gov.example.*`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AppPattern {
    /// This app.
    One(AppId),
    /// Every app whose id begins with these labels and has more.
    Under(AppId),
}

impl AppPattern {
    /// Whether an app is meant.
    pub fn covers(&self, app: &AppId) -> bool {
        match self {
            Self::One(one) => app == one,
            Self::Under(prefix) => app != prefix && app.is_under(prefix),
        }
    }
}

impl FromStr for AppPattern {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match text.strip_suffix(".*") {
            Some(prefix) => prefix.parse().map(Self::Under),
            None => text.parse().map(Self::One),
        }
    }
}

impl fmt::Display for AppPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(app) => app.fmt(f),
            Self::Under(prefix) => write!(f, "{prefix}.*"),
        }
    }
}

impl TryFrom<String> for AppPattern {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<AppPattern> for String {
    fn from(pattern: AppPattern) -> String {
        pattern.to_string()
    }
}
