//! What `guichet` and the console say in Chinese of a refusal is one sentence, wherever somebody reads it. What to do about it differs: there
//! a command, here a page.

use std::collections::BTreeMap;

use super::root;

/// What a table says of each class: a class is followed by that.
fn said(path: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join(path)).unwrap().replace("\\\"", "");
    let table = text.split_once("const WORDS").and_then(|(_, rest)| rest.split_once("\n];")).unwrap().0;
    let literals: Vec<&str> = table.split('"').skip(1).step_by(2).collect();
    let is_class =
        |text: &str| text.contains('/') && text.bytes().all(|b| b.is_ascii_lowercase() || b"/-".contains(&b));
    let pairs = literals.windows(2).filter(|pair| is_class(pair[0]));
    pairs.map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

#[test]
fn what_was_refused_is_called_the_same_at_the_desk_and_in_the_console() {
    let (desk, console) =
        (said("packager/src/refusal_zh.rs"), said("store-server/server/src/console/problem_words.rs"));
    let both: Vec<_> = desk.iter().filter_map(|(class, what)| Some((class, what, console.get(class)?))).collect();
    assert!(both.len() > 20, "{both:?}");
    let differ: Vec<_> = both.iter().filter(|(_, desk, console)| desk != console).collect();
    assert!(differ.is_empty(), "{differ:#?}");
}
