//! Every page on every terminal, in both languages, light and dark: seen by the very program that citizens have, and looked
//! at by axe-core. It is `guichet test` that does it, with journeys made for the purpose.
//!
//! WebKit builds a sandbox of its own, which needs to mount: the wall here is bubblewrap, without a network, with one folder
//! to write to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use guichet_api::{CheckFinding, CheckWeight, Said};
use serde::Deserialize;
use serde_json::json;

use super::{
    run::{self, Broke},
    runner::{Tried, Turn, answered, not_there},
    scratch::Scratch,
    words,
};
use crate::{error::NotDone, submissions};

/// How long all pages on all terminals may take.
const MOST_TIME: Duration = Duration::from_secs(900);
/// The most pages that are looked at.
const MOST_PAGES: usize = 24;
/// The terminals, and people at them, as `guichet test` calls them; the reader sees what the desktop shows.
const TERMINALS: [&str; 5] = ["desktop", "phone", "tablet", "kiosk", "elder"];
const LANGUAGES: [&str; 2] = ["zh-Hans", "en"];
/// How GTK, and WebKit with it, is told that it is dark.
const DARK: (&str, &str) = ("GTK_THEME", "Adwaita:dark");
const MOST_FINDINGS: usize = 100;

/// What `guichet test --json` answers.
#[derive(Deserialize)]
pub(super) struct Run {
    pub(super) journeys: Vec<Outcome>,
}

/// One journey on one terminal.
#[derive(Deserialize)]
pub(super) struct Outcome {
    pub(super) name: String,
    pub(super) on: String,
    pub(super) end: String,
    #[serde(default)]
    pub(super) what: Option<String>,
    #[serde(default, rename = "where")]
    pub(super) place: Option<String>,
}

/// What one file needs to lie beside the store.
pub(super) async fn look(turn: &Turn<'_>) -> Result<Tried, Broke> {
    let programs = match Programs::find(turn) {
        Ok(programs) => programs,
        Err(missing) => return Ok(missing),
    };
    let package = submissions::open(turn.store, &turn.record).await;
    let package = package.map_err(|not_done| match not_done {
        NotDone::Failed(error) => error.into(),
        refused @ NotDone::Refused(_) => Broke::NoAnswer(format!("{refused:?}")),
    })?;
    let pages: Vec<String> = package.manifest().pages.iter().map(ToString::to_string).take(MOST_PAGES).collect();
    let scratch = Scratch::new(turn.store)?;
    scratch.write("app.ma", package.bytes())?;
    let axe = turn.checks.axe();
    if let Some(axe) = &axe {
        scratch.write("node_modules/axe-core/axe.min.js", axe.as_bytes())?;
    }
    scratch.write("tests/pages.js", journeys(&pages, axe.is_some()).as_bytes())?;
    let (mut findings, mut seen) = (Vec::new(), BTreeSet::new());
    for (folder, terminals, theme) in [("light", &TERMINALS[..], None), ("dark", &["desktop"][..], Some(DARK))] {
        let mut command = programs.walled(scratch.path(), theme);
        command.args(["--json", "--lang", "en", "test", "app.ma", "--tests", "tests"]);
        command.args(terminals.iter().flat_map(|name| ["--profile", name]));
        command.arg("--pictures").arg(format!("pictures/{folder}"));
        let ran = turn.run(command, None, MOST_TIME).await?;
        if ran.answer.is_empty() && ran.said.contains("bwrap:") {
            return Ok(no_wall(&ran.said));
        }
        for outcome in answered::<Run>(&ran)?.journeys {
            let Some(found) = finding(&outcome, theme.is_some()) else { continue };
            if seen.insert((found.path.clone(), found.what.en.clone())) {
                findings.push(found);
            }
        }
    }
    keep(&scratch.path().join("pictures"), &turn.store.folder.pictures(turn.record.package))?;
    findings.truncate(MOST_FINDINGS);
    Ok(Tried::Done(findings))
}

/// A journey for each page and language. A picture is called by both, so that it can be told from others.
fn journeys(pages: &[String], has_axe: bool) -> String {
    let axe = if has_axe { "await app.axe();" } else { "" };
    format!(
        "for (const [page, picture] of {}) for (const lang of {})\n  \
         journey(page, {{ lang }}, async (app) => {{ await app.open(page); await app.picture(`${{picture}} ${{lang}}`); {axe} }});\n",
        json!(pages.iter().map(|page| (page, picture_name(page))).collect::<Vec<_>>()),
        json!(LANGUAGES),
    )
}

/// What stands for a page in the name of a picture.
pub(super) fn picture_name(page: &str) -> String {
    page.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' }).collect()
}

/// What it takes to see a page.
pub(super) struct Programs(BTreeMap<&'static str, PathBuf>);

impl Programs {
    /// Finds them, or says what is missing.
    pub(super) fn find(turn: &Turn<'_>) -> Result<Self, Tried> {
        let mut programs = BTreeMap::new();
        for name in ["bwrap", "guichet", "guichet-desktop", "WebKitWebDriver", "Xvfb"] {
            let path = turn.checks.find(name).ok_or_else(|| not_there(name))?;
            programs.insert(name, path);
        }
        Ok(Self(programs))
    }

    fn program(&self, name: &str) -> PathBuf {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// `guichet` behind a wall: no network, nobody else's processes, and one folder to write to.
    pub(super) fn walled(&self, scratch: &Path, theme: Option<(&str, &str)>) -> Command {
        let mut command = run::process(Path::new("/usr/bin/nice"));
        command.arg("-n10").arg(self.program("bwrap"));
        command.args(["--unshare-net", "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--new-session"]);
        command.args(["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]);
        // What is secret of the store and of people is not there.
        for folder in ["/tmp", "/run", "/root", "/home", "/var/lib", "/mnt"] {
            command.args(["--tmpfs", folder]);
        }
        for folder in self.0.values().filter_map(|path| path.parent()).filter(|path| !path.starts_with("/usr")) {
            command.arg("--ro-bind").args([folder, folder]);
        }
        command.arg("--bind").arg(scratch).arg("/tmp/check").args(["--chdir", "/tmp/check"]);
        command.args(["--setenv", "HOME", "/tmp", "--setenv", "XDG_RUNTIME_DIR", "/tmp"]);
        if let Some((name, value)) = theme {
            command.args(["--setenv", name, value]);
        }
        command.arg("--").arg(self.program("guichet"));
        command
    }
}

/// Why a check is skipped: nothing stands between pages and the machine.
pub(super) fn no_wall(said: &str) -> Tried {
    Tried::Skipped(Said {
        en: format!("no wall can be built here for programs that draw pages: {said}"),
        zh: format!("这里无法为显示页面的程序设置隔离：{said}"),
    })
}

fn finding(outcome: &Outcome, is_dark: bool) -> Option<CheckFinding> {
    let what = outcome.what.as_deref().filter(|_| outcome.end != "passed")?;
    let (class, words, what) = match what.strip_prefix("axe: ") {
        Some(found) => ("page/axe", &words::AXE, found.to_owned()),
        None => {
            let dark = if is_dark { ", dark" } else { "" };
            ("page/not-seen", &words::NOT_SEEN, format!("{}{dark}: {what}", outcome.on))
        }
    };
    let path = Some(format!("{}.html", outcome.name));
    Some(CheckFinding { path, ..words::finding(class, CheckWeight::Warning, words, &what) })
}

/// Moves the pictures to where they are shown from, in the place of those of an earlier look.
fn keep(from: &Path, to: &Path) -> Result<(), Broke> {
    let failed = |error: std::io::Error| Broke::NoAnswer(format!("{}: {error}", to.display()));
    if !from.is_dir() {
        return Ok(());
    }
    if to.exists() {
        fs::remove_dir_all(to).map_err(failed)?;
    }
    let parent = to.parent().unwrap_or(to);
    fs::create_dir_all(parent).and_then(|()| fs::rename(from, to)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_journey_for_each_page_and_language() {
        let text = journeys(&["pages/home".to_owned(), "pages/a\"b".to_owned()], true);
        insta::assert_snapshot!(text, @r#"
        for (const [page, picture] of [["pages/home","pages-home"],["pages/a\"b","pages-a-b"]]) for (const lang of ["zh-Hans","en"])
          journey(page, { lang }, async (app) => { await app.open(page); await app.picture(`${picture} ${lang}`); await app.axe(); });
        "#);
    }

    #[test]
    fn what_is_not_seen_and_what_axe_finds_are_told_apart() {
        let outcome = |what: Option<&str>| Outcome {
            name: "pages/home".to_owned(),
            on: "phone".to_owned(),
            end: if what.is_some() { "failed" } else { "passed" }.to_owned(),
            what: what.map(str::to_owned),
            place: None,
        };
        let said = |what| {
            let found = finding(&outcome(Some(what)), true).unwrap();
            format!("{} {} {}", found.class, found.path.unwrap(), found.what.en)
        };
        assert_eq!(finding(&outcome(None), false), None);
        assert_eq!(
            said("axe: label (critical): x: input"),
            "page/axe pages/home.html some people cannot use this: label (critical): x: input"
        );
        assert_eq!(
            said("waited in vain"),
            "page/not-seen pages/home.html the page is not seen as it should be: phone, dark: waited in vain"
        );
    }
}
