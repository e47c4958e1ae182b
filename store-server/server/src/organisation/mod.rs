//! Signing in through an organisation's identity provider (OpenID Connect 1.0): the code flow with PKCE. It says who
//! somebody is at the organisation; who that is at the store, somebody here has said before.

mod asked;
mod link;
pub mod problems;
mod provider;

use std::path::Path;

use openidconnect::ClientSecret;
use serde::Deserialize;

pub(crate) use link::join;
pub use link::{link, linked, unlink};
pub use provider::{Organisation, Returned, Subject};

use crate::error::{NotDone, StoreError};

/// What an operator writes about the organisation, as JSON.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The issuer, as its own documents say it: `https://id.example`.
    pub issuer: String,
    /// What the organisation knows this store by.
    pub client_id: String,
    /// The secret that goes with it; none if PKCE is enough there.
    #[serde(default)]
    pub client_secret: Option<ClientSecret>,
    /// What people call their account there, in English and in Chinese.
    pub name: Names,
}

/// A name in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

impl Settings {
    /// Reads the file, and refuses what could never work.
    pub fn read(path: &Path) -> Result<Self, NotDone> {
        let bytes = std::fs::read(path).map_err(StoreError::file("read", path))?;
        let wrong = |reason: &str| problems::settings(&path.display().to_string(), reason);
        let settings: Self = serde_json::from_slice(&bytes).map_err(|error| wrong(&error.to_string()))?;
        if !is_safe(&settings.issuer) {
            return Err(wrong("the issuer is an address that begins with https://").into());
        }
        if [&settings.client_id, &settings.name.en, &settings.name.zh].into_iter().any(String::is_empty) {
            return Err(wrong("client_id and both names have to be there").into());
        }
        Ok(settings)
    }
}

/// Whether nobody between could change what is said; on one machine there is nobody.
fn is_safe(address: &str) -> bool {
    let Ok(address) = address.parse::<axum::http::Uri>() else { return false };
    let is_here = address.host().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"));
    address.scheme_str() == Some("https") || (address.scheme_str() == Some("http") && is_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, NotDone> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("organisation.json");
        std::fs::write(&path, text).unwrap();
        Settings::read(&path)
    }

    #[test]
    fn what_could_never_work_is_refused() {
        let good = r#"{"issuer":"https://id.example","client_id":"guichet","name":{"en":"Staff","zh":"员工"}}"#;
        assert!(read(good).is_ok());
        assert!(read(&good.replace("https://id.example", "http://localhost:9")).is_ok());
        for (from, to) in [
            ("https:", "http:"),
            ("https://id.example", "nonsense"),
            ("guichet", ""),
            ("员工", ""),
            ("\"client_id\"", "\"client\""),
            ("}}", "}"),
        ] {
            let refused = read(&good.replace(from, to)).unwrap_err();
            assert!(format!("{refused:?}").contains("organisation/settings"), "{from} {to}: {refused:?}");
        }
    }
}
