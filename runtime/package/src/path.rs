//! A file's path inside a package (P-N1): safe on every file system, and never two paths for one file (P-N4).

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicase::UniCase;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::refusal::Words;

/// Deepest nesting: a file lies in at most 15 folders.
pub const MAX_LEVELS: usize = 16;
/// Longest file or folder name, in bytes of UTF-8 (MiniApp Packaging, *File Names*).
pub const MAX_NAME_BYTES: usize = 255;

/// Names that Windows takes for devices, whatever the extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A relative path such as `pages/home.html`, in UTF-8 and NFC, that no file system reads as something else.
///
/// Invariant: it follows MiniApp Packaging's *File Names*, has no dot segments, and its order is the order of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PackagePath(String);

/// A text is not a path that a package may have, or two paths cannot stand beside each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` {}", fault.words().1)]
pub struct PathRefusal {
    /// The path as it was given; control characters are escaped.
    pub path: String,
    /// What is wrong with it.
    pub fault: PathFault,
}

/// What can be wrong with a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// Nothing, or nothing between two `/`.
    Empty,
    /// It begins with `/`.
    Absolute,
    /// `.` or `..` as a name.
    DotSegment,
    /// A character of the forbidden list.
    ForbiddenCharacter(char),
    /// A character that changes how the rest is displayed, or shows nothing.
    InvisibleCharacter(char),
    /// A character that looks like a separator, or that some systems turn into one.
    LookalikeSeparator(char),
    /// It is not in Unicode Normalization Form C.
    NotNormalized,
    /// A name ends with a dot or a space.
    TrailingDotOrSpace,
    /// A name that Windows takes for a device.
    ReservedName,
    /// A name of more than 255 bytes.
    NameTooLong,
    /// More than 16 levels.
    TooDeep,
    /// It is the same as this other one after case folding.
    Collision(String),
    /// It is a file here and a folder of this other path.
    FileAndFolder(String),
}

impl PackagePath {
    /// The path as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name after the last `/`.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// What stands after the last dot of the name, if there is one.
    pub fn extension(&self) -> Option<&str> {
        self.name().rsplit_once('.').map(|(_, extension)| extension)
    }

    /// The paths must be able to lie in one tree on every file system: unique after full case folding, folder by
    /// folder, and none both a file and a folder.
    pub fn check_together<'a>(paths: impl Iterator<Item = &'a Self>) -> Result<(), PathRefusal> {
        Self::check_tree(paths, [].iter())
    }

    /// The same for files and folders that are named for themselves.
    pub(crate) fn check_tree<'a>(
        files: impl Iterator<Item = &'a Self>,
        folders: impl Iterator<Item = &'a Self>,
    ) -> Result<(), PathRefusal> {
        // Folded names by the folder they lie in, so that a long path is not kept once for each of its folders.
        let mut seen: BTreeMap<(usize, String), Place<'_>> = BTreeMap::new();
        let root = 0;
        for (path, ends_in_file) in files.map(|path| (path, true)).chain(folders.map(|path| (path, false))) {
            let ends = path.0.match_indices('/').map(|(at, _)| (at, false)).chain([(path.0.len(), ends_in_file)]);
            let (mut folder, mut start) = (root, 0);
            for (end, is_file) in ends {
                let (name, part) = (&path.0[start..end], &path.0[..end]);
                let refuse = |fault| Err(PathRefusal { path: path.0.clone(), fault });
                let number = seen.len() + 1;
                let place = seen.entry((folder, fold(name))).or_insert(Place { part, is_file, number });
                match place {
                    Place { number: of, .. } if *of == number => {}
                    Place { part: other, .. } if *other != part => {
                        return refuse(PathFault::Collision((*other).to_owned()));
                    }
                    Place { part: other, is_file: was_file, .. } if *was_file != is_file => {
                        return refuse(PathFault::FileAndFolder((*other).to_owned()));
                    }
                    Place { part: other, is_file: true, .. } => {
                        return refuse(PathFault::Collision((*other).to_owned()));
                    }
                    _ => {}
                }
                (folder, start) = (place.number, end + 1);
            }
        }
        Ok(())
    }
}

/// A file or folder that is named by the paths of one tree.
struct Place<'a> {
    /// The path up to here, as the first path has it.
    part: &'a str,
    is_file: bool,
    /// From 1, in the order in which they were found; 0 is the root.
    number: usize,
}

/// Canonical decomposition, full case folding, composition (CHARMOD-NORM, canonical case fold normalization).
fn fold(text: &str) -> String {
    let decomposed: String = text.nfd().collect();
    UniCase::unicode(decomposed).to_folded_case().nfc().collect()
}

impl FromStr for PackagePath {
    type Err = PathRefusal;

    fn from_str(text: &str) -> Result<Self, PathRefusal> {
        match fault_of(text) {
            None => Ok(Self(text.to_owned())),
            Some(fault) => Err(PathRefusal { path: text.escape_debug().to_string(), fault }),
        }
    }
}

fn fault_of(text: &str) -> Option<PathFault> {
    if text.is_empty() {
        return Some(PathFault::Empty);
    }
    if text.starts_with('/') {
        return Some(PathFault::Absolute);
    }
    if let Some(character) = text.chars().find(|c| is_forbidden(*c)) {
        return Some(PathFault::ForbiddenCharacter(character));
    }
    if let Some(character) = text.chars().find(|c| is_invisible(*c)) {
        return Some(PathFault::InvisibleCharacter(character));
    }
    if let Some(character) = text.chars().find(|c| is_lookalike_separator(*c)) {
        return Some(PathFault::LookalikeSeparator(character));
    }
    if !is_nfc(text) {
        return Some(PathFault::NotNormalized);
    }
    if text.split('/').count() > MAX_LEVELS {
        return Some(PathFault::TooDeep);
    }
    text.split('/').find_map(fault_of_name)
}

fn fault_of_name(name: &str) -> Option<PathFault> {
    match name {
        "" => Some(PathFault::Empty),
        _ if is_dots(name) => Some(PathFault::DotSegment),
        _ if name.ends_with(['.', ' ']) => Some(PathFault::TrailingDotOrSpace),
        _ if name.len() > MAX_NAME_BYTES => Some(PathFault::NameTooLong),
        _ if is_device(name) => Some(PathFault::ReservedName),
        _ => None,
    }
}

/// MiniApp Packaging, *File Names* (P-N2); U+002E is judged as the last character only, as in EPUB OCF (P-N3, D7).
fn is_forbidden(character: char) -> bool {
    let code = u32::from(character);
    matches!(character, '"' | '*' | ':' | '<' | '>' | '?' | '\\' | '|')
        || matches!(
            code,
            0..=0x1f | 0x7f..=0x9f | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfff0..=0xffff | 0xe0000..=0xe0fff | 0xf0000..
        )
        || code & 0xfffe == 0xfffe
}

/// Ours: a name must read as what it is, so no bidirectional controls, no zero-width space, no byte order mark.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// Ours: full-width and mathematical slashes, and characters that compatibility normalization turns into slashes.
fn is_lookalike_separator(character: char) -> bool {
    matches!(character, '\u{2044}' | '\u{2215}' | '\u{2216}' | '\u{29f5}' | '\u{29f8}' | '\u{29f9}')
        || !character.is_ascii() && [character].into_iter().nfkc().any(|c| matches!(c, '/' | '\\'))
}

/// `.` and `..`, also when written with full-width or other dots.
fn is_dots(name: &str) -> bool {
    let plain: String = name.nfkc().take(3).collect();
    plain == "." || plain == ".."
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_lowercase();
    let is_port = |prefix| stem.strip_prefix(prefix).is_some_and(|rest: &str| matches!(rest.as_bytes(), [b'1'..=b'9']));
    DEVICES.contains(&stem.as_str()) || is_port("com") || is_port("lpt")
}

impl PathFault {
    fn words(&self) -> (&'static str, String, &'static str) {
        const RENAME: &str = "rename the file";
        match self {
            Self::Empty => ("path/empty", "has an empty name in it".into(), "write the path as in pages/home.html"),
            Self::Absolute => {
                ("path/absolute", "begins with `/`".into(), "write the path relative to the package's root")
            }
            Self::DotSegment => {
                ("path/dot-segment", "has `.` or `..` in it".into(), "write the path without dot segments")
            }
            Self::ForbiddenCharacter(c) => (
                "path/forbidden-character",
                format!("has the character U+{:04X} in it, which file names may not have", u32::from(*c)),
                "rename the file; W3C MiniApp Packaging lists the characters under File Names",
            ),
            Self::InvisibleCharacter(c) => (
                "path/invisible-character",
                format!("has the invisible character U+{:04X} in it", u32::from(*c)),
                RENAME,
            ),
            Self::LookalikeSeparator(c) => (
                "path/lookalike-separator",
                format!("has the character U+{:04X} in it, which reads as `/` or `\\`", u32::from(*c)),
                RENAME,
            ),
            Self::NotNormalized => (
                "path/not-normalized",
                "is not in Unicode Normalization Form C".into(),
                "rename the file; some systems store accents as separate characters",
            ),
            Self::TrailingDotOrSpace => {
                ("path/trailing-dot-or-space", "has a name that ends with a dot or a space".into(), RENAME)
            }
            Self::ReservedName => ("path/reserved-name", "has a name that Windows takes for a device".into(), RENAME),
            Self::NameTooLong => ("path/name-too-long", "has a name of more than 255 bytes".into(), "shorten the name"),
            Self::TooDeep => ("path/too-deep", "is more than 16 levels deep".into(), "use fewer folders"),
            Self::Collision(other) => (
                "path/collision",
                format!("is the same as `{other}` where case does not count"),
                "rename one of them: not every terminal tells them apart",
            ),
            Self::FileAndFolder(other) => (
                "path/file-and-folder",
                format!("meets `{other}`, so that one name is both a file and a folder"),
                "rename one of them",
            ),
        }
    }
}

impl PathRefusal {
    pub(crate) fn words(&self) -> Words {
        let (class, what, hint) = self.fault.words();
        Words::new(class, format!("`{}` {what}", self.path), hint)
    }
}

impl TryFrom<String> for PackagePath {
    type Error = PathRefusal;

    fn try_from(text: String) -> Result<Self, PathRefusal> {
        text.parse()
    }
}

impl From<PackagePath> for String {
    fn from(path: PackagePath) -> String {
        path.0
    }
}

impl fmt::Display for PackagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for PackagePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, class: &str) {
        let refusal = text.parse::<PackagePath>().unwrap_err();
        assert_eq!(refusal.words().class, class, "{text:?}");
    }

    #[test]
    fn ordinary_paths_are_paths() {
        for good in [
            "app.js",
            "pages/home/home.html",
            "i18n/zh-Hans.json",
            "common/图标.png",
            "a b.txt",
            ".well/x",
            "común.css",
            "con1/x",
            "COM0",
        ] {
            assert!(good.parse::<PackagePath>().is_ok(), "{good}");
        }
    }

    #[test]
    fn every_forbidden_character_is_refused() {
        let listed = [
            '"', '*', ':', '<', '>', '?', '\\', '|', '\0', '\u{1f}', '\u{7f}', '\u{80}', '\u{9f}', '\u{e000}',
            '\u{f8ff}',
        ];
        let more = [
            '\u{fdd0}',
            '\u{fdef}',
            '\u{fff0}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{e0001}',
            '\u{e007f}',
            '\u{f0000}',
            '\u{10ffff}',
        ];
        for character in listed.into_iter().chain(more) {
            check(&format!("pages/a{character}b.html"), "path/forbidden-character");
        }
    }

    #[test]
    fn what_a_file_system_would_read_otherwise_is_refused() {
        check("", "path/empty");
        check("a//b", "path/empty");
        check("a/", "path/empty");
        check("/etc/passwd", "path/absolute");
        check("../a", "path/dot-segment");
        check("a/./b", "path/dot-segment");
        check("a/b.", "path/trailing-dot-or-space");
        check("a /b", "path/trailing-dot-or-space");
        check("C:/x", "path/forbidden-character");
        check("a\\b", "path/forbidden-character");
        check("x/NUL", "path/reserved-name");
        check("com1.txt", "path/reserved-name");
        check("abc\u{202e}gpj.exe", "path/invisible-character");
        check("a\u{ff0f}b", "path/lookalike-separator");
        check("a\u{ff3c}b", "path/lookalike-separator");
        check("a\u{2215}b", "path/lookalike-separator");
        check("\u{2105}.html", "path/lookalike-separator");
        check("\u{ff0e}\u{ff0e}/a", "path/dot-segment");
        check("\u{2025}/a", "path/dot-segment");
        check("e\u{301}.html", "path/not-normalized");
        check(&"a".repeat(256), "path/name-too-long");
        check(&["a"; 17].join("/"), "path/too-deep");
        assert!(["a"; 16].join("/").parse::<PackagePath>().is_ok());
        assert!("a".repeat(255).parse::<PackagePath>().is_ok());
    }

    fn check_pair(one: &str, other: &str, class: Option<&str>) {
        let paths: [PackagePath; 2] = [one.parse().unwrap(), other.parse().unwrap()];
        let refusal = PackagePath::check_together(paths.iter()).err();
        assert_eq!(refusal.map(|refusal| refusal.words().class), class, "{one} {other}");
    }

    #[test]
    fn paths_are_unique_after_full_case_folding() {
        check_pair("a.html", "b.html", None);
        check_pair("pages/a", "pages/b", None);
        check_pair("x/a", "y/A", None);
        check_pair("a.html", "A.html", Some("path/collision"));
        check_pair("pages/a", "Pages/b", Some("path/collision"));
        check_pair("straße", "STRASSE", Some("path/collision"));
        check_pair("oﬃce", "OFFICE", Some("path/collision"));
        check_pair("poſt", "post", Some("path/collision"));
        check_pair("ΑΣ", "ας", Some("path/collision"));
        check_pair("a", "a/b", Some("path/file-and-folder"));
        check_pair("a/b", "a", Some("path/file-and-folder"));
        check_pair("a", "a", Some("path/collision"));
    }
}
