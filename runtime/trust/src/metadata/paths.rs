//! Target paths, the patterns a delegation covers them with, and role names: all become file names and addresses.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Whether `path` can name a target: relative, segments joined by `/`, none of them empty, `.` or `..`.
pub fn is_target_path(path: &str) -> bool {
    path.len() <= 1024
        && !path.chars().any(|c| c.is_control() || c == '\\')
        && path.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

/// Whether a role may be given this name: 1 to 128 letters, digits, `-` and `_`.
pub fn is_role_name(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Whether a role of somebody else's making may have this name; TUF leaves names open, so it is encoded wherever it
/// becomes part of an address or a file name.
pub(crate) fn may_name_a_role(name: &str) -> bool {
    (1..=255).contains(&name.len()) && !name.chars().any(char::is_control)
}

/// What the names of a role's hash bins begin with. No department's name has the `_`, so that none can be taken for a bin.
pub fn bins_name(role: &str) -> String {
    format!("{role}_bin")
}

/// The role whose hash bin would have this name.
pub fn owner_of_bin(name: &str) -> Option<&str> {
    let (owner, number) = name.rsplit_once("_bin-")?;
    let is_number = !number.is_empty() && number.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (is_number && !owner.is_empty()).then_some(owner)
}

/// What RFC 3986 section 2.3 leaves as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The name of a role as a part of addresses and file names: all but letters, digits, `-`, `_`, `.` and `~` in percent
/// encoding. A name such as `3.root`, which would become that of a root, has its dots encoded too.
pub fn file_stem(role: &str) -> String {
    let stem = utf8_percent_encode(role, ENCODED).to_string();
    let is_root = stem.strip_suffix(".root").is_some_and(|version| version.bytes().all(|b| b.is_ascii_digit()));
    if is_root { stem.replace('.', "%2E") } else { stem }
}

/// The role a file name was made of by [`file_stem`].
pub fn role_of(stem: &str) -> Option<String> {
    let role = percent_decode_str(stem).decode_utf8().ok()?.into_owned();
    (file_stem(&role) == stem).then_some(role)
}

/// Whether every reader understands `pattern` alike: `*` and `?` only, no sets of characters.
pub(crate) fn is_pattern(pattern: &str) -> bool {
    is_target_path(pattern) && !pattern.contains(['[', ']'])
}

/// Whether `pattern` covers `path` (TUF 4.5, PATHPATTERN): `*` and `?` stand for parts of one segment, never for `/`.
pub fn matches(pattern: &str, path: &str) -> bool {
    // A set of characters means different things to different readers; covering nothing is the safe reading.
    if !is_pattern(pattern) {
        return false;
    }
    let mut patterns = pattern.split('/');
    let mut segments = path.split('/');
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return true,
            (Some(pattern), Some(segment)) if segment_matches(pattern, segment) => {}
            _ => return false,
        }
    }
}

/// Greedy with one point of return, so that no pattern takes more than `pattern * text` steps.
fn segment_matches(pattern: &str, text: &str) -> bool {
    let (mut rest, mut text) = (pattern.chars(), text.chars());
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let mut next = rest.clone();
        match next.next() {
            Some('*') => {
                retry = Some((next.clone(), text.clone()));
                rest = next;
                continue;
            }
            Some(wanted) => {
                let mut after = text.clone();
                if after.next().is_some_and(|found| wanted == '?' || wanted == found) {
                    (rest, text) = (next, after);
                    continue;
                }
            }
            None if text.as_str().is_empty() => return true,
            None => {}
        }
        // The last `*` takes one more character, if there is one.
        let Some((after_star, mut taken)) = retry.take() else { return false };
        if taken.next().is_none() {
            return false;
        }
        (rest, text) = (after_star.clone(), taken.clone());
        retry = Some((after_star, taken));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_its_segment() {
        for (pattern, path, covered) in [
            ("apps/residence/*/*", "apps/residence/gov.example.permit/stable.json", true),
            ("apps/residence/*/*", "apps/residence/stable.json", false),
            ("apps/residence/*/*", "apps/residence/a/b/c.json", false),
            ("apps/residence/*/*", "apps/residences/a/b.json", false),
            ("apps/residence/*/*", "keys/residence.json", false),
            ("*", "a", true),
            ("*", "a/b", false),
            ("*.json", ".json", true),
            ("*.json", "a.json.zst", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "acb", false),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("a**c", "ac", true),
            ("", "", false),
            ("[a]", "a", false),
            ("[a]", "[a]", false),
            ("a/../b", "a/../b", false),
        ] {
            assert_eq!(matches(pattern, path), covered, "{pattern} {path}");
        }
    }

    #[test]
    fn a_cruel_pattern_ends_soon() {
        let pattern = "*a".repeat(400);
        assert!(!matches(&pattern, &format!("{}b", "a".repeat(1000))));
    }

    #[test]
    fn paths_and_names_that_leave_their_folder_are_none() {
        assert!(is_target_path("apps/a/b/c.json"));
        for path in ["", "/a", "a/", "a//b", "a/./b", "../a", "a/..", "a\\b", "a\0b", "a\nb", &"x".repeat(1025)] {
            assert!(!is_target_path(path), "{path:?}");
        }
        for name in ["residence", "residence-wide", "bin_0a"] {
            assert!(is_role_name(name), "{name}");
        }
        for name in ["", ".", "..", ".a", "3.root", "a/b", "a b", "é", &"x".repeat(129)] {
            assert!(!is_role_name(name), "{name:?}");
        }
    }

    #[test]
    fn a_role_of_any_name_stays_in_its_folder() {
        for (role, stem) in [
            ("residence-wide", "residence-wide"),
            ("a.b~c", "a.b~c"),
            ("?", "%3F"),
            ("#", "%23"),
            ("%", "%25"),
            ("../x", "..%2Fx"),
            ("/x", "%2Fx"),
            ("\\", "%5C"),
            ("税务", "%E7%A8%8E%E5%8A%A1"),
            ("3.root", "3%2Eroot"),
            (".root", "%2Eroot"),
            ("a.root", "a.root"),
        ] {
            assert_eq!(file_stem(role), stem);
            assert_eq!(role_of(stem).as_deref(), Some(role));
        }
        // A second spelling is no second name.
        for stem in ["%3f", "%41", "3.root", "?", "%FF", "%"] {
            assert_eq!(role_of(stem), None, "{stem}");
        }
    }
}
