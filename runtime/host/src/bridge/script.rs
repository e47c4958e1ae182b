//! The script that is put into every page before its own: `bridge.js` with the table of host APIs and the launch.

use serde::Serialize;

/// The page's side of the bridge.
const BRIDGE: &str = include_str!("bridge.js");
/// `fetch` and XMLHttpRequest, on the bridge.
const FETCH: &str = include_str!("fetch.js");
/// What host APIs there are, generated from the WIT.
const TABLE: &str = include_str!("api.js");

/// What every page of a session knows from the beginning.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Launch<'a> {
    pub(crate) page_path: &'a str,
    pub(crate) referrer_info: &'a str,
    pub(crate) lang: &'a str,
    pub(crate) dir: &'a str,
}

/// The whole script for a session.
pub(crate) fn script(launch: &Launch<'_>) -> String {
    let launch = serde_json::to_string(launch).unwrap_or_else(|_| "{}".to_owned());
    BRIDGE
        .replace("__GUICHET_TABLE__", TABLE.trim_end().trim_end_matches(';'))
        .replace("__GUICHET_FETCH__", FETCH.trim_end())
        .replace("__GUICHET_LAUNCH__", &launch)
}
