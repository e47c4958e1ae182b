//! How a person wants the console to look: theme, contrast, large type. A cookie says so, and every page is dressed by it
//! after it was drawn, so that no page can forget to.

use axum::{
    Form,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{frame::problem_page, words::Language};
use crate::http::{cookie, same_site};

const COOKIE: &str = "guichet_look";
/// What every page says of itself.
const PLAIN: &str = "data-terminal=\"console\"";
/// No page of ours comes near.
const MOST: usize = 16 << 20;

/// What may be chosen; the cookie holds these words, separated by dots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dress {
    theme: Option<&'static str>,
    is_contrast: bool,
    is_elder: bool,
}

impl Dress {
    fn of(words: &str) -> Self {
        let has = |word: &str| words.split('.').any(|it| it == word);
        Self {
            theme: ["light", "dark"].into_iter().find(|theme| has(theme)),
            is_contrast: has("more"),
            is_elder: has("elder"),
        }
    }

    pub(super) fn worn(headers: &HeaderMap) -> Self {
        Self::of(cookie(headers, COOKIE).unwrap_or_default())
    }

    fn words(self) -> String {
        let words = [self.theme, self.is_contrast.then_some("more"), self.is_elder.then_some("elder")];
        words.into_iter().flatten().collect::<Vec<_>>().join(".")
    }

    fn attributes(self) -> String {
        let mut text = PLAIN.to_owned();
        if let Some(theme) = self.theme {
            text.push_str(&format!(" data-theme=\"{theme}\""));
        }
        for (is_chosen, attribute) in
            [(self.is_contrast, " data-contrast=\"more\""), (self.is_elder, " data-mode=\"elder\"")]
        {
            text.push_str(if is_chosen { attribute } else { "" });
        }
        text
    }

    pub(super) fn is_theme(&self, theme: &str) -> bool {
        self.theme.unwrap_or_default() == theme
    }

    pub(super) fn is_contrast(&self) -> bool {
        self.is_contrast
    }

    pub(super) fn is_elder(&self) -> bool {
        self.is_elder
    }
}

/// Dresses the page that is answered.
pub(super) async fn dressed(request: Request, next: Next) -> Response {
    let dress = Dress::worn(request.headers());
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if dress == Dress::default() || !kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    match to_bytes(body, MOST).await {
        Ok(page) => {
            let page = String::from_utf8_lossy(&page).replacen(PLAIN, &dress.attributes(), 1);
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(page))
        }
        // It was in memory already: this is never read.
        Err(_) => Response::from_parts(parts, Body::empty()),
    }
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    theme: String,
    contrast: Option<String>,
    elder: Option<String>,
}

/// Keeps what was chosen, in this browser.
pub(super) async fn choose(headers: HeaderMap, Form(chosen): Form<Chosen>) -> Response {
    if let Err(foreign) = same_site(&headers) {
        return problem_page(foreign, Language::of(None, &headers));
    }
    let dress =
        Dress { is_contrast: chosen.contrast.is_some(), is_elder: chosen.elder.is_some(), ..Dress::of(&chosen.theme) };
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict", dress.words());
    let mut response = axum::response::Redirect::to("/account").into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_says_what_a_page_wears_and_nothing_else() {
        for (words, attributes) in [
            ("", "data-terminal=\"console\""),
            ("dark", "data-terminal=\"console\" data-theme=\"dark\""),
            (
                "light.more.elder",
                "data-terminal=\"console\" data-theme=\"light\" data-contrast=\"more\" data-mode=\"elder\"",
            ),
            ("\" onload=\"x", "data-terminal=\"console\""),
        ] {
            let dress = Dress::of(words);
            assert_eq!(dress.attributes(), attributes, "{words}");
            assert_eq!(Dress::of(&dress.words()), dress);
        }
    }
}
