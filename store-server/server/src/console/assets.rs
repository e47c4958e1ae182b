//! The style sheets, under names that change with their content.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use guichet_trust::digest::Digest;

const TOKENS: &str = include_str!("../../assets/tokens.css");
const CONSOLE: &str = include_str!("../../assets/console.css");

/// Where a style sheet is found.
static TOKENS_NAME: LazyLock<String> = LazyLock::new(|| named("tokens", TOKENS));
static CONSOLE_NAME: LazyLock<String> = LazyLock::new(|| named("console", CONSOLE));

fn named(stem: &str, content: &str) -> String {
    let digest = Digest::of(content.as_bytes()).to_string();
    let (short, _) = digest.split_at(16);
    format!("{stem}.{short}.css")
}

/// The addresses of the style sheets, in the order to link them.
pub(super) fn sheets() -> [String; 2] {
    [format!("/assets/{}", *TOKENS_NAME), format!("/assets/{}", *CONSOLE_NAME)]
}

pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let content = match name {
        name if name == *TOKENS_NAME => TOKENS,
        name if name == *CONSOLE_NAME => CONSOLE,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, content).into_response()
}
