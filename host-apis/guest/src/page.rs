//! `page`: the state that the app's pages see.

use serde::Serialize;

use crate::bindings::guichet::app::page;

/// Merges a patch (RFC 7396) into the state that every page of the app sees as an `update` event.
///
/// # Panics
///
/// If the patch cannot be written as JSON, such as a map whose keys are not texts.
pub fn update(patch: &impl Serialize) {
    match serde_json::to_string(patch) {
        Ok(json) => page::update(&json),
        Err(error) => panic!("page::update needs a value that JSON can hold: {error}"),
    }
}
