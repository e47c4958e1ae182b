//! A case: a folder under fixtures/conformance with what goes in and what must come out.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::{Map, Value};

/// One folder. Those that need a window have `glass` in what is expected and are judged here as far as they can be.
#[derive(Debug)]
pub(crate) struct Case {
    /// The folder's name: the requirement's id, a hyphen and a name.
    pub(crate) name: String,
    pub(crate) input: Input,
    pub(crate) expected: Expected,
}

/// How the base app is changed, packed and launched.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// One sentence: what the clause wants here.
    pub(crate) about: String,
    /// Other requirements that the case shows, which the tidy tests look up.
    #[serde(default, rename = "also")]
    pub(crate) _also: Vec<String>,
    /// JSON pointers into the manifest, and what stands there.
    #[serde(default)]
    pub(crate) set: BTreeMap<String, Value>,
    /// JSON pointers of members that are left out.
    #[serde(default)]
    pub(crate) remove: Vec<String>,
    /// The text of the manifest, in place of all that.
    pub(crate) manifest: Option<String>,
    /// Files by path: their text, or null to leave one out.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, Option<String>>,
    /// How the files are packed.
    #[serde(default)]
    pub(crate) archive: Archive,
    /// The seal of a publisher, which makes it a package of ours.
    pub(crate) seal: Option<Seal>,
    #[serde(default)]
    pub(crate) launch: Launch,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Archive {
    /// The file as hexadecimal, in place of an archive.
    pub(crate) bytes: Option<String>,
    /// Whether every entry is deflated.
    pub(crate) deflate: bool,
    /// Whether the entries come in reverse order.
    pub(crate) reversed: bool,
    /// A folder that everything lies in.
    pub(crate) root: String,
    pub(crate) prefix: String,
    pub(crate) suffix: String,
    pub(crate) comment: String,
    /// How many bytes are cut off at the end.
    pub(crate) cut: usize,
    /// What is added to the offset of the directory.
    pub(crate) directory_shift: i32,
    /// The number of the disk in the end record.
    pub(crate) disk: u16,
    /// The number of entries in the end record.
    pub(crate) count: Option<u16>,
    /// Hexadecimal bytes at the end of the directory.
    pub(crate) in_directory: String,
    /// What stands between the entries and the directory.
    pub(crate) blocks: Vec<Block>,
    /// Entries by name, and what is changed in them.
    pub(crate) change: BTreeMap<String, Entry>,
    /// More entries, as they are.
    pub(crate) add: Vec<Entry>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Entry {
    pub(crate) name: Option<String>,
    pub(crate) name_hex: Option<String>,
    pub(crate) local_name: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) method: Option<u16>,
    pub(crate) flags: Option<u16>,
    pub(crate) crc: Option<u32>,
    pub(crate) local_crc: Option<u32>,
    pub(crate) size: Option<u32>,
    pub(crate) needed: Option<u16>,
    pub(crate) made_by: Option<u16>,
    pub(crate) attributes: u32,
    pub(crate) disk: u16,
    pub(crate) offset: Option<u32>,
    pub(crate) extra: String,
    pub(crate) hidden: bool,
    pub(crate) ghost: bool,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Block {
    pub(crate) magic: String,
    #[serde(default)]
    pub(crate) pairs: Vec<(u32, String)>,
    /// Another first size than the true one.
    pub(crate) size: Option<u64>,
    /// Bytes that stand behind it, where the directory should be.
    #[serde(default)]
    pub(crate) behind: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seal {
    /// The seed of the key that seals.
    pub(crate) key: u8,
    /// The seed of the key that the department lists.
    pub(crate) listed: u8,
    /// Whether a byte of a file is changed after the seal.
    #[serde(default)]
    pub(crate) altered: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Launch {
    /// What a server says the file is; without it, the file lies on this machine.
    pub(crate) served_as: Option<String>,
    /// The page that the address names.
    pub(crate) page: Option<String>,
    /// The person's language.
    pub(crate) lang: String,
    /// The platform code of the host.
    pub(crate) platform: u64,
}

impl Default for Launch {
    fn default() -> Self {
        Self { served_as: None, page: None, lang: "en".to_owned(), platform: 1 }
    }
}

/// What must come out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// What the letter of the text says of the package.
    pub(crate) w3c: W3c,
    /// Why strict differs from the letter, if it does.
    pub(crate) stricter: Option<String>,
    /// As W3C has it.
    pub(crate) strict: Verdict,
    /// With `--compat`; the same if it is not there.
    pub(crate) compat: Option<Verdict>,
    /// What a window must show; judged by `cargo xtask conformance`.
    #[serde(default, rename = "glass")]
    pub(crate) _glass: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum W3c {
    Accepted,
    Refused,
    /// The text says nothing, or two things.
    Silent,
}

/// What became of a package, or must.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Verdict {
    /// It can be launched.
    #[serde(rename = "accepted")]
    Accepted(Accepted),
    /// By this class.
    #[serde(rename = "refused")]
    Refused(String),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Accepted {
    /// Where the manifest was read otherwise than written, as JSON pointers.
    pub(crate) notes: Vec<String>,
    /// What a build and a store remark on, by class.
    pub(crate) findings: Vec<String>,
    /// What taking the archive over changed.
    pub(crate) changes: Vec<String>,
    /// What `--compat` bent.
    pub(crate) bent: Vec<String>,
    /// JSON pointers into the processed manifest, in the person's language, and what stands there.
    pub(crate) manifest: BTreeMap<String, Value>,
    pub(crate) start_page: String,
    pub(crate) query: String,
    /// Whether a page was asked for that is not there.
    pub(crate) fell_back: bool,
    pub(crate) locale: String,
}

impl Default for Accepted {
    fn default() -> Self {
        Self {
            notes: Vec::new(),
            findings: Vec::new(),
            changes: Vec::new(),
            bent: Vec::new(),
            manifest: BTreeMap::new(),
            start_page: "pages/home".to_owned(),
            query: String::new(),
            fell_back: false,
            locale: "en".to_owned(),
        }
    }
}

/// fixtures/conformance.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/conformance")
}

/// All cases, by name.
pub(crate) fn all() -> Vec<Case> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("input.json").is_file())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.into_iter().map(read).collect()
}

fn read(name: String) -> Case {
    let text = |file: &str| fs::read_to_string(folder().join(&name).join(file)).unwrap();
    let input = serde_json::from_str(&text("input.json")).unwrap_or_else(|why| panic!("{name}/input.json: {why}"));
    let expected =
        serde_json::from_str(&text("expected.json")).unwrap_or_else(|why| panic!("{name}/expected.json: {why}"));
    Case { name, input, expected }
}
