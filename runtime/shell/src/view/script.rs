//! The scripts that hand the host's words to a page.

use std::ptr;

use gtk::glib::translate::ToGlibPtr as _;
use guichet_host::Watch;
use webkit2gtk::{WebView, ffi};

use super::lane::CALL;

/// How a deed begins that a session wants done again.
const PLAY: &str = "{\"play\":";

/// Runs a script in the document of a view, and has nobody told what it gives: the engine then need not write that down for
/// this process, and this process need not read it.
pub(super) fn run(view: &WebView, script: &str) {
    let Ok(length) = script.len().try_into() else { return };
    // SAFETY: the view lives as long as its reference; the engine reads `length` bytes of the script before it returns, and
    // decodes them itself; no world and no name mean the page's own; no callback is called, so it needs no data.
    #[expect(unsafe_code, reason = "the bindings ask for what a script gives in each of their functions")]
    unsafe {
        ffi::webkit_web_view_evaluate_javascript(
            view.to_glib_none().0,
            script.as_ptr().cast(),
            length,
            ptr::null(),
            ptr::null(),
            ptr::null_mut(),
            None,
            ptr::null_mut(),
        );
    }
}

/// The script that hands a JSON text to a page that is watched, or not.
pub(super) fn handing(json: &str, watch: Watch) -> String {
    match watch {
        Watch::Nothing => received(json),
        Watch::Plays(_) if json.starts_with(PLAY) => done_again(json),
        _ => told(json),
    }
}

/// The script that hands a JSON text to the bridge.
///
/// JSON is JavaScript (since ES2019 even U+2028 and U+2029 may stand in a string), but for one name: a member `__proto__`
/// would be the object's prototype and not a member.
fn received(json: &str) -> String {
    if json.contains(r#""__proto__""#) {
        return format!("__guichet.receive({})", serde_json::Value::from(json));
    }
    format!("__guichet.receive({json})")
}

/// The same, and whoever watches the page knows that it was told something.
fn told(json: &str) -> String {
    let is_answer = json.contains(CALL);
    format!("dispatchEvent(new CustomEvent('guichet-told', {{ detail: {is_answer} }}));{}", received(json))
}

/// The script that has something done with a page as a person did it.
fn done_again(json: &str) -> String {
    let deed = json.strip_prefix(PLAY).and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    format!("dispatchEvent(new CustomEvent('guichet-play', {{ detail: {} }}))", serde_json::Value::from(deed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_no_member_in_javascript_goes_as_a_text() {
        assert_eq!(received(r#"{"id":1,"ok":null}"#), r#"__guichet.receive({"id":1,"ok":null})"#);
        assert_eq!(received(r#"{"ok":{"__proto__":1}}"#), r#"__guichet.receive("{\"ok\":{\"__proto__\":1}}")"#);
    }

    #[test]
    fn whoever_watches_knows_what_a_page_was_told() {
        let answer = told(r#"{"id":1,"ok":null}"#);
        assert!(
            answer.starts_with("dispatchEvent(new CustomEvent('guichet-told', { detail: true }));__guichet"),
            "{answer}"
        );
        assert!(told(r#"{"update":{},"state":{}}"#).contains("detail: false"));
        let deed = done_again(r#"{"play":{"do":"click","at":[1]}}"#);
        assert_eq!(
            deed,
            r#"dispatchEvent(new CustomEvent('guichet-play', { detail: "{\"do\":\"click\",\"at\":[1]}" }))"#
        );
    }
}
