//! The style sheets and the scripts, under names that change with their content.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use guichet_trust::digest::Digest;

const TOKENS: &str = include_str!("../../assets/tokens.css");
const CONSOLE: &str = include_str!("../../assets/console.css");
const PASSKEY: &str = include_str!("../../assets/passkey.js");
const COMFORTS: &str = include_str!("../../assets/console.js");

/// Where a style sheet is found.
static TOKENS_NAME: LazyLock<String> = LazyLock::new(|| named("tokens", "css", TOKENS));
static CONSOLE_NAME: LazyLock<String> = LazyLock::new(|| named("console", "css", CONSOLE));
static PASSKEY_NAME: LazyLock<String> = LazyLock::new(|| named("passkey", "js", PASSKEY));
static COMFORTS_NAME: LazyLock<String> = LazyLock::new(|| named("console", "js", COMFORTS));

fn named(stem: &str, kind: &str, content: &str) -> String {
    let digest = Digest::of(content.as_bytes()).to_string();
    let (short, _) = digest.split_at(16);
    format!("{stem}.{short}.{kind}")
}

/// The addresses of the style sheets, in the order to link them.
pub(super) fn sheets() -> [String; 2] {
    [format!("/assets/{}", *TOKENS_NAME), format!("/assets/{}", *CONSOLE_NAME)]
}

/// The address of the script that makes pages more comfortable.
pub(super) fn console_script() -> String {
    format!("/assets/{}", *COMFORTS_NAME)
}

/// The address of the script that passkeys need.
pub(super) fn script() -> String {
    format!("/assets/{}", *PASSKEY_NAME)
}

pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let (content, kind) = match name {
        name if name == *TOKENS_NAME => (TOKENS, "text/css; charset=utf-8"),
        name if name == *CONSOLE_NAME => (CONSOLE, "text/css; charset=utf-8"),
        name if name == *COMFORTS_NAME => (COMFORTS, "text/javascript; charset=utf-8"),
        name if name == *PASSKEY_NAME => (PASSKEY, "text/javascript; charset=utf-8"),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, content).into_response()
}
