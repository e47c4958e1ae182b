//! Names that lead elsewhere, or that some system takes for another's.

use super::{
    Spoiling,
    zip::{Entry, Zip, entry},
};

fn add(zip: &mut Zip, name: &[u8]) {
    zip.entries.push(Entry { name: name.to_vec(), ..entry("", "evil") });
}

/// Adds one file of a name; most of these are refused for it.
macro_rules! named {
    ($($what:literal, $class:literal, $($name:expr),+;)*) => {
        &[$(($what, $class, |zip| { $(add(zip, $name.as_ref());)+ })),*]
    };
}

pub(super) const SPOILINGS: &[Spoiling] = named! {
    "parent folder", "path/dot-segment", "../evil.js";
    "parent folder inside", "path/dot-segment", "pages/../../evil.js";
    "this folder", "path/dot-segment", "./zz.js";
    "full-width dots", "path/dot-segment", "\u{ff0e}\u{ff0e}/evil.js";
    "two-dot leader", "path/dot-segment", "\u{2025}/evil.js";
    "absolute", "path/absolute", "/etc/passwd";
    "no name", "path/empty", "";
    "no name inside", "path/empty", "pages//evil.html";
    "backslash", "path/forbidden-character", "pages\\evil.html";
    "parent folder by backslash", "path/forbidden-character", "..\\evil.js";
    "drive", "path/forbidden-character", "C:evil.js";
    "network share", "path/forbidden-character", "\\\\host\\share\\evil.js";
    "alternate stream", "path/forbidden-character", "zz.js:stream";
    "NUL", "path/forbidden-character", "zz.js\0.png";
    "line break", "path/forbidden-character", "zz\n.js";
    "delete character", "path/forbidden-character", "zz\u{7f}.js";
    "private use", "path/forbidden-character", "zz\u{e000}.js";
    "noncharacter", "path/forbidden-character", "zz\u{fffe}.js";
    "tag character", "path/forbidden-character", "zz\u{e0041}.js";
    "wildcard", "path/forbidden-character", "zz*.js";
    "bidi override", "path/invisible-character", "zz\u{202e}gnp.js";
    "bidi isolate", "path/invisible-character", "zz\u{2066}gnp.js";
    "zero width space", "path/invisible-character", "zz\u{200b}.js";
    "soft hyphen", "path/invisible-character", "zz\u{ad}.js";
    "byte order mark", "path/invisible-character", "\u{feff}zz.js";
    "full-width slash", "path/lookalike-separator", "pages\u{ff0f}evil.html";
    "full-width backslash", "path/lookalike-separator", "pages\u{ff3c}evil.html";
    "division slash", "path/lookalike-separator", "pages\u{2215}evil.html";
    "fraction slash", "path/lookalike-separator", "pages\u{2044}evil.html";
    "big solidus", "path/lookalike-separator", "pages\u{29f8}evil.html";
    "sign that unfolds to a slash", "path/lookalike-separator", "zz\u{2105}.html";
    "reserved name", "path/reserved-name", "NUL.txt";
    "reserved port", "path/reserved-name", "zz/com1";
    "reserved name before a space", "path/reserved-name", "aux .js";
    "trailing dot", "path/trailing-dot-or-space", "zz.";
    "trailing space", "path/trailing-dot-or-space", "zz.js ";
    "trailing space of a folder", "path/trailing-dot-or-space", "zz /x.js";
    "long name", "path/name-too-long", "z".repeat(256);
    "4 000 levels", "path/too-deep", ["z"; 4000].join("/");
    "case collision", "path/collision", "APP.js";
    "folder case collision", "path/collision", "PAGES/zz.html";
    "case collision beyond ASCII", "path/collision", "straße.js", "STRASSE.js";
    "case collision of a ligature", "path/collision", "oﬃce.js", "office.js";
    "case collision of the long s", "path/collision", "app.cſs";
    "case collision of the final sigma", "path/collision", "ΑΣ.js", "ας.js";
    "case collision of the Kelvin sign", "path/not-normalized", "z\u{212a}.js", "zk.js";
    "NFD beside NFC", "path/not-normalized", "zé.js", "ze\u{301}.js";
    "NFD alone", "path/not-normalized", "ze\u{301}.js";
    "Manifest.json", "path/collision", "Manifest.json";
    "file and folder", "path/file-and-folder", "app.js/evil.js";
    "folder and file", "path/file-and-folder", "pages";
    "invalid UTF-8", "container/name-encoding", b"zz\xff.js";
    "overlong slash", "container/name-encoding", b"pages\xc0\xafevil.html";
    "lone surrogate", "container/name-encoding", b"zz\xed\xa0\x80.js";
};
