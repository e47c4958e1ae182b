//! Texts that look like keys and tokens, by the marks their makers gave them.

use super::{Found, rules};

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

/// Finds secrets in a text of any kind.
pub(super) fn of(path: &str, text: &str) -> Vec<Found> {
    let mut all = Vec::new();
    for (mark, least, maker) in MARKS {
        for (at, _) in text.match_indices(mark) {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let rest = text.get(at + mark.len()..).unwrap_or_default();
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            if length >= *least && !(*least > 0 && before.is_some_and(is_part)) {
                let end = if *least == 0 { at + mark.len() } else { at + mark.len() + length };
                all.push(Found::new(&rules::SECRET, path, at..end, &format!("{maker} key")));
            }
        }
    }
    all
}
