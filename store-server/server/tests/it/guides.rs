//! The command lines of `guichet-store` in documents: each of them parses.

use std::{fs, path::Path};

use clap::Parser as _;
use guichet_store::commands::CommandLine;

/// RFC 8032, section 7.1, test 1.
const KEY: &str = "ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// The key of a witness.
const NOTE_KEY: &str = "witness.audit.example+d85b6660+BKe7s7AVx3VEv4VX2TvZCTHo44dEPmWRw4HOuH8GFEX5";

/// The words of every command in the console blocks of a document.
fn commands(document: &str) -> Vec<Vec<String>> {
    let blocks = document.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let joined = blocks.map(|block| block.replace("\\\n", " ")).collect::<Vec<_>>().join("\n");
    let lines = joined.lines().filter_map(|line| line.strip_prefix("$ "));
    let words = lines.filter_map(|line| line.split_once("guichet-store ").filter(|(before, _)| before.is_empty()));
    // What another command prints there is a key.
    let shown = |word: String| match word.as_str() {
        "$log" | "$witness" => NOTE_KEY.to_owned(),
        _ if word.starts_with("$(") => KEY.to_owned(),
        _ => word,
    };
    words.map(|(_, rest)| split(rest).into_iter().map(shown).collect()).collect()
}

/// Words as a shell splits them, as far as documents need: quotes, and an end at what the shell itself does.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for character in text.chars() {
        match (character, quote) {
            ('\'' | '"', None) => quote = Some(character),
            (_, Some(open)) if character == open => quote = None,
            (' ', None) => words.push(std::mem::take(&mut word)),
            ('|' | '>' | '&' | ';', None) => break,
            _ => word.push(character),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_of_the_store_in_a_guide_parses() {
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides");
    let mut parsed = 0;
    for entry in fs::read_dir(guides).unwrap() {
        let path = entry.unwrap().path();
        for words in commands(&fs::read_to_string(&path).unwrap()) {
            let line = ["guichet-store".to_owned()].into_iter().chain(words.clone());
            if let Err(error) = CommandLine::try_parse_from(line) {
                panic!("{}: {words:?}\n{error}", path.display());
            }
            parsed += 1;
        }
    }
    assert!(parsed > 30, "{parsed}");
}
