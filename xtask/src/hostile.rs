//! `cargo xtask hostile`: runs every attack of `samples/hostile` in a window, and writes their table into docs/SECURITY.md.
//!
//! What the table says comes of an attack is what its test expects, so a test that passes is what makes the table true.

pub(crate) mod list;

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::shell;

const DOCUMENT: &str = "docs/SECURITY.md";
const SAMPLES: &str = "samples/hostile";
/// Attacks for which a MiniApp is not enough, or of which there are too many for one each.
const ELSEWHERE: &str = "elsewhere.json";
const BEGIN: &str = "<!-- written by cargo xtask hostile -->";
const END: &str = "<!-- until here -->";
/// Where those are tested that have a sample.
const JOURNEY: &str = "samples/journeys/tests/it/attacks.rs::every_attack_comes_to_what_its_table_says";
/// The kinds, in their order.
const KINDS: [&str; 9] = [
    "time and memory",
    "storage",
    "bridge",
    "view",
    "exfiltration",
    "permissions",
    "out of WebAssembly",
    "cache",
    "update",
];

/// What to do.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Runs nothing and only writes the table of docs/SECURITY.md
    #[arg(long)]
    table: bool,
}

/// One row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attack {
    /// One of [`KINDS`].
    kind: String,
    /// What is tried.
    attack: String,
    /// When it has failed.
    holds: String,
    /// What comes of it.
    result: String,
    /// The same for each time it is opened again.
    #[serde(default)]
    again: Vec<Again>,
    /// The sample, if it has one.
    #[serde(default)]
    sample: Option<String>,
    /// `file::function` of the test.
    #[serde(default)]
    pub(crate) test: Option<String>,
    /// The names of the list that it answers.
    #[serde(default)]
    pub(crate) answers: Vec<String>,
    /// What only those who put the MiniApp together need.
    #[serde(default, rename = "permissions")]
    _permissions: Vec<String>,
    #[serde(default, rename = "component")]
    _component: Option<String>,
    #[serde(default, rename = "name")]
    _name: Option<String>,
    #[serde(default, rename = "shown")]
    _shown: Option<String>,
    #[serde(default, rename = "full")]
    _full: bool,
}

/// An app that is opened again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    after: String,
    result: String,
}

impl Attack {
    /// The file and the function of its test.
    pub(crate) fn test(&self) -> Option<(&str, &str)> {
        self.test.as_deref()?.split_once("::")
    }

    /// The class with which it ends, if that is all that comes of it.
    pub(crate) fn class(&self) -> Option<&str> {
        Some(&*self.result).filter(|result| result.contains('/') && !result.contains([' ', '`']))
    }

    /// What comes of it, each time it is opened.
    fn results(&self) -> String {
        let shown = self.class().map_or_else(|| cell(&self.result), |class| format!("`{class}`"));
        let again = self.again.iter().map(|Again { after, result }| format!("; {after}: {}", cell(result)));
        std::iter::once(shown).chain(again).collect()
    }

    /// Where it is tested, in few words.
    fn tested(&self) -> String {
        match (self.test(), &self.sample) {
            (Some(_), Some(_)) if self.test.as_deref() == Some(JOURNEY) => "`attacks`".to_owned(),
            (Some((file, function)), _) => format!("`{}` `{function}`", place(file)),
            (None, _) => String::new(),
        }
    }
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    if !arguments.table {
        shell::Compiler::Plain.build_programs_and_tests(root)?;
        let mut test = Command::new("cargo");
        // The whole workspace: a part of it would build its dependencies anew, with fewer features.
        test.args(["test", "--quiet", "--workspace", "--test", "it", "--", "--nocapture", "attacks::"]);
        shell::finish(test.current_dir(root))?;
    }
    Ok(fs::write(root.join(DOCUMENT), document(root)?)?)
}

/// All rows, in the order of the table.
pub(crate) fn attacks(root: &Path) -> Result<Vec<Attack>> {
    let folder = root.join(SAMPLES);
    let mut all: Vec<Attack> = serde_json::from_slice(&fs::read(folder.join(ELSEWHERE))?)?;
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.join("attack.json").is_file() {
            names.insert(path.file_name().and_then(|name| name.to_str()).context("a name is text")?.to_owned());
        }
    }
    for name in names {
        let text = fs::read(folder.join(&name).join("attack.json"))?;
        let attack: Attack = serde_json::from_slice(&text).with_context(|| name.clone())?;
        all.push(Attack { sample: Some(name), test: Some(JOURNEY.to_owned()), ..attack });
    }
    if let Some(stray) = all.iter().find(|attack| !KINDS.contains(&attack.kind.as_str())) {
        bail!("`{}` is of no kind: {}", stray.attack, stray.kind);
    }
    let mut rows = BTreeSet::new();
    if let Some(twin) = all.iter().find(|attack| !rows.insert((&attack.sample, &attack.attack, &attack.test))) {
        bail!("`{}` stands in {ELSEWHERE} twice with the same test", twin.attack);
    }
    all.sort_by_key(|attack| {
        let kind = KINDS.iter().position(|kind| *kind == attack.kind);
        (kind, attack.sample.is_none(), attack.sample.clone())
    });
    Ok(all)
}

/// The document as it must be.
pub(crate) fn document(root: &Path) -> Result<String> {
    let text = fs::read_to_string(root.join(DOCUMENT))?;
    let mark = |mark: &str| format!("{DOCUMENT} has no mark {mark}");
    let (before, rest) = text.split_once(BEGIN).with_context(|| mark(BEGIN))?;
    let (_, after) = rest.split_once(END).with_context(|| mark(END))?;
    let attacks = attacks(root)?;
    let listed = list::table(&list::read(root)?, &attacks);
    Ok(format!("{before}{BEGIN}\n\n{}\n{listed}\n{END}{after}", table(&attacks)))
}

fn table(attacks: &[Attack]) -> String {
    let mut out =
        String::from("| attack | sample | holds if | tested by | result |\n| --- | --- | --- | --- | --- |\n");
    let mut kind = "";
    for attack in attacks {
        if attack.kind != kind {
            kind = &attack.kind;
            let _ = writeln!(out, "| **{kind}** | | | | |");
        }
        let tested = attack.tested();
        let sample = attack.sample.as_ref().map(|name| format!("`{name}`")).unwrap_or_default();
        let result = attack.results();
        let _ =
            writeln!(out, "| {} | {sample} | {} | {tested} | {result} |", cell(&attack.attack), cell(&attack.holds));
    }
    out
}

/// A test's file in few words: its room and its name.
fn place(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".rs");
    let room = file.split("/tests/").next().and_then(|room| room.split("/src/").next()).unwrap_or(file);
    format!("{room}: {name}")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
