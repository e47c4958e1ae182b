//! What a person has chosen on this terminal, kept between starts.

use std::{fs, io, path::Path};

use guichet_contract::AppId;
use serde::{Deserialize, Serialize};

/// Choices of the person at this terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// `zh-Hans` or `en`.
    pub(crate) lang: String,
    /// Larger and shorter pages.
    pub(crate) elder: bool,
    /// High contrast.
    pub(crate) contrast: bool,
    /// `light` or `dark`; none: as the system has it.
    pub(crate) theme: Option<String>,
    /// The app opened last.
    pub(crate) last: Option<Last>,
}

/// The app opened last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Last {
    /// Which.
    pub(crate) app_id: AppId,
    /// When, in milliseconds since 1970.
    pub(crate) opened_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { lang: "zh-Hans".to_owned(), elder: false, contrast: false, theme: None, last: None }
    }
}

const FILE: &str = "shell.json";

impl Settings {
    /// What was kept below this home; the defaults if nothing was, or if it cannot be read.
    pub(crate) fn read(home: &Path) -> Option<Self> {
        let text = fs::read(home.join(FILE)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Keeps the choices: written beside the old ones, then put in their place.
    pub(crate) fn keep(&self, home: &Path) -> io::Result<()> {
        let new = home.join("shell.json.new");
        fs::write(&new, serde_json::to_vec_pretty(self)?)?;
        fs::rename(new, home.join(FILE))
    }

    /// The language of the host's page that fits a locale such as `zh_CN.UTF-8` or a tag such as `en`.
    pub(crate) fn language_for(locale: &str) -> Option<&'static str> {
        match locale.split(['-', '_', '.', '@']).next() {
            Some("zh") => Some("zh-Hans"),
            Some("" | "C" | "POSIX") | None => None,
            Some(_) => Some("en"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_leads_to_a_language_of_the_page() {
        for (locale, lang) in [
            ("zh_CN.UTF-8", Some("zh-Hans")),
            ("zh", Some("zh-Hans")),
            ("zh-Hans", Some("zh-Hans")),
            ("en_GB.UTF-8", Some("en")),
            ("fr", Some("en")),
            ("C.UTF-8", None),
            ("", None),
        ] {
            assert_eq!(Settings::language_for(locale), lang, "{locale}");
        }
    }

    #[test]
    fn what_is_kept_is_read_again_and_damage_is_forgotten() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(Settings::read(home.path()), None);
        let last = Some(Last { app_id: "a.b".parse().unwrap(), opened_ms: 7 });
        let settings = Settings { elder: true, last, ..Settings::default() };
        settings.keep(home.path()).unwrap();
        assert_eq!(Settings::read(home.path()), Some(settings));
        fs::write(home.path().join(FILE), "{").unwrap();
        assert_eq!(Settings::read(home.path()), None);
    }
}
