//! YARA over the files of a package: rules that come with the store, and those that its operator lays beside them.

use std::path::PathBuf;

use guichet_api::{CheckFinding, CheckWeight};

use super::{
    run::Broke,
    runner::{MOST_TIME, Tried, Turn, not_there},
    scratch::Scratch,
    words,
};

/// Some that every store begins with.
const RULES: &str = include_str!("../../assets/rules.yar");

/// Says which rules match which files. A rule with the tag `note` or `warning` weighs no more than that.
pub(super) async fn look(turn: &Turn<'_>) -> Result<Tried, Broke> {
    let Some(program) = turn.checks.find("yara") else { return Ok(not_there("yara")) };
    let scratch = Scratch::new(turn.store)?;
    let files = scratch.unpack(turn.package().await?, "files").await?;
    let mut rules = vec![scratch.write("rules.yar", RULES.as_bytes())?];
    rules.extend(own_rules(turn));
    let places: Vec<_> = rules.iter().map(PathBuf::as_path).chain([files.as_path()]).collect();
    let mut command = turn.caged(&program, &places);
    command.args(["--no-warnings", "--print-tags", "--recursive", "--no-follow-symlinks", "--threads=1"]);
    command.args(&rules).arg(&files);
    let ran = turn.run(command, None, MOST_TIME).await?;
    if !ran.status.success() {
        return Err(Broke::Early { status: ran.status, said: ran.said });
    }
    let prefix = format!("{}/", files.display());
    let text = String::from_utf8_lossy(&ran.answer).into_owned();
    Ok(Tried::Done(text.lines().filter_map(|line| matched(line, &prefix)).collect()))
}

/// The operator's own, each a file of the folder `yara` in the store's.
fn own_rules(turn: &Turn<'_>) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(turn.store.folder.rules()).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|kind| kind == "yar" || kind == "yara"));
    files.sort();
    files
}

/// `Rule [tag,tag] folder/path`.
fn matched(line: &str, prefix: &str) -> Option<CheckFinding> {
    let (rule, rest) = line.split_once(" [")?;
    let (tags, path) = rest.split_once("] ")?;
    let weight = match tags {
        tags if tags.split(',').any(|tag| tag == "note") => CheckWeight::Note,
        tags if tags.split(',').any(|tag| tag == "warning") => CheckWeight::Warning,
        _ => CheckWeight::Grave,
    };
    let path = path.strip_prefix(prefix).unwrap_or(path).to_owned();
    Some(CheckFinding { path: Some(path), ..words::finding("yara/match", weight, &words::YARA, rule) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_yara_is_a_finding() {
        let said = |line| {
            let found = matched(line, "/s/files/").unwrap();
            format!("{:?} {} {}", found.weight, found.path.unwrap(), found.what.en)
        };
        assert_eq!(said("Miner [] /s/files/a b.js"), "Grave a b.js the rule Miner matches");
        assert_eq!(said("Odd [x,note] /s/files/p/q.js"), "Note p/q.js the rule Odd matches");
        assert!(matched("error: nothing", "/s/").is_none());
    }
}
