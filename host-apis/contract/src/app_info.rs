//! `app-info`: what an app may know about itself and its terminal. The session performs it; no permission is needed.

use std::collections::BTreeMap;

use crate::{AppId, Value};

/// The record `info` of the WIT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The app.
    pub app_id: AppId,
    /// `version.code` of the manifest.
    pub version_code: u32,
    /// `version.name` of the manifest.
    pub version_name: String,
    /// The platform code the host implements.
    pub platform_code: u32,
    /// The language in use, a BCP 47 tag.
    pub lang: String,
    /// `desktop`, `kiosk`, `phone` or `web`.
    pub terminal: String,
}

impl From<Info> for Value {
    fn from(info: Info) -> Self {
        Self::Record(BTreeMap::from([
            ("app-id".to_owned(), Self::Text(info.app_id.into())),
            ("version-code".to_owned(), Self::Integer(info.version_code.into())),
            ("version-name".to_owned(), Self::Text(info.version_name)),
            ("platform-code".to_owned(), Self::Integer(info.platform_code.into())),
            ("lang".to_owned(), Self::Text(info.lang)),
            ("terminal".to_owned(), Self::Text(info.terminal)),
        ]))
    }
}
