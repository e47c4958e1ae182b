//! Texts that look like keys and tokens: by the marks their makers gave them, or because nothing else is so random.

use std::{collections::BTreeMap, ops::Range};

/// What is wrong and what to do, in both languages; `{name}` stands for what it looks like.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// In English.
    pub en: (&'static str, &'static str),
    /// In Simplified Chinese.
    pub zh: (&'static str, &'static str),
}

/// About a secret that bears a mark: `check/secret`.
pub const MARKED: Words = Words {
    en: (
        "this looks like {name}, and everybody who gets the package can read it",
        "take it out and replace it where it is in force; let the department's server hold it",
    ),
    zh: ("这看起来是{name}，拿到这个包的人都能读到", "去掉它，并在生效的地方换掉；由部门的服务器保管"),
};

/// About a text that is as random as one: `check/random-text`.
pub const RANDOM: Words = Words {
    en: (
        "this text is as random as a key: {name}",
        "if it is a secret, take it out and replace it where it is in force; if it is public, leave it",
    ),
    zh: ("这段文字像密钥一样随机：{name}", "如果是密钥，去掉它，并在生效的地方换掉；如果可以公开，不必改"),
};

/// What a secret begins with, how many letters and digits follow at least, and what it is.
const MARKS: &[(&str, usize, &str)] = &[
    ("-----BEGIN PRIVATE KEY-----", 0, "PEM"),
    ("-----BEGIN RSA PRIVATE KEY-----", 0, "PEM"),
    ("-----BEGIN EC PRIVATE KEY-----", 0, "PEM"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----", 0, "SSH"),
    ("AKIA", 16, "AWS"),
    ("LTAI", 12, "Alibaba Cloud"),
    ("AKID", 28, "Tencent Cloud"),
    ("AIza", 35, "Google API"),
    ("ghp_", 36, "GitHub"),
    ("github_pat_", 36, "GitHub"),
    ("glpat-", 20, "GitLab"),
    ("sk_live_", 20, "Stripe"),
    ("xoxb-", 20, "Slack"),
];

/// Characters of a text that may be random: shorter ones are ids, longer ones are files.
const RANDOM_LENGTHS: Range<usize> = 32..129;
/// Bits that each of its characters says at least, in hundredths.
const LEAST_BITS: u32 = 420;

/// A text that looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its bytes in the file.
    pub span: Range<usize>,
    /// What it looks like, such as `AWS key`.
    pub name: String,
}

/// Finds secrets by their marks, in a text of any kind.
pub fn marked(text: &str) -> Vec<Secret> {
    let mut all = Vec::new();
    for (mark, least, maker) in MARKS {
        for (at, _) in text.match_indices(mark) {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let rest = text.get(at + mark.len()..).unwrap_or_default();
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            if length >= *least && !(*least > 0 && before.is_some_and(is_part)) {
                let end = if *least == 0 { at + mark.len() } else { at + mark.len() + length };
                all.push(Secret { span: at..end, name: format!("{maker} key") });
            }
        }
    }
    all
}

/// Finds texts in quotes that are as random as keys are. Only their beginning is told.
pub fn random(text: &str) -> Vec<Secret> {
    let mut all = Vec::new();
    let mut begin = None;
    for (at, byte) in text.bytes().enumerate() {
        match begin {
            Some((start, quote)) if byte == quote => {
                let inside = text.get(start..at).unwrap_or_default();
                // What closes one text may open the next, when the quotes are an apostrophe's.
                begin = Some((at + 1, quote));
                if is_random(inside) {
                    all.push(Secret { span: start..at, name: format!("{}…", inside.get(..6).unwrap_or_default()) });
                    begin = None;
                }
            }
            Some(_) if is_of_a_key(byte) => {}
            _ => begin = matches!(byte, b'"' | b'\'' | b'`').then_some((at + 1, byte)),
        }
    }
    all
}

fn is_of_a_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-')
}

fn is_random(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has = |is: fn(&u8) -> bool| bytes.iter().any(is);
    let kinds = has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    // Alphabets are no secrets, however many characters they have; neither are paths and words with hyphens.
    let next = bytes.windows(2).filter(|two| matches!(two, [a, b] if a.checked_add(1) == Some(*b))).count();
    let signs = bytes.iter().filter(|byte| matches!(byte, b'/' | b'-' | b'_')).count();
    RANDOM_LENGTHS.contains(&bytes.len())
        && kinds
        && next * 4 < bytes.len()
        && signs * 10 < bytes.len()
        && hundredths_of_bits(bytes) >= LEAST_BITS
}

/// What each character says on average (Shannon), in hundredths of a bit.
fn hundredths_of_bits(bytes: &[u8]) -> u32 {
    let mut counts = BTreeMap::<u8, u32>::new();
    for byte in bytes {
        *counts.entry(*byte).or_default() += 1;
    }
    let all = bytes.len() as f64;
    let bits: f64 = counts.values().map(|count| f64::from(*count) / all).map(|part| -part * part.log2()).sum();
    (bits * 100.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_where_they_begin_a_word() {
        let text = "a = 'AKIAABCDEFGHIJKLMNOP'; b = 'XAKIAABCDEFGHIJKLMNOP'; c = 'AKIA'\n-----BEGIN PRIVATE KEY-----";
        let found: Vec<_> = marked(text).into_iter().map(|it| (text[it.span].to_owned(), it.name)).collect();
        let pem = ("-----BEGIN PRIVATE KEY-----".to_owned(), "PEM key".to_owned());
        assert_eq!(found, [pem, ("AKIAABCDEFGHIJKLMNOP".to_owned(), "AWS key".to_owned())]);
    }

    #[test]
    fn a_random_text_is_found_and_alphabets_paths_and_digests_are_not() {
        let key = "q8Zr4TfW1xLp9KvB2nYc7HsDj3MgEa6U";
        let found = random(&format!("it's = \"{key}\"; x"));
        assert_eq!(found.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["q8Zr4T…"]);
        for quiet in [
            "\"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\"",
            "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
            "\"pages/home/2026/Annual-Report/of-the-Office/first-half\"",
            "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA1\"",
            key,
            "\"q8Zr4TfW1xLp9KvB2nYc7HsDj3MgEa6U",
        ] {
            assert_eq!(random(quiet), [], "{quiet}");
        }
    }
}
