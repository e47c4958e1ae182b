//! What a package holds that the release before did not: files, lines of text, host calls, hosts.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use guichet_package::{
    PackageDiff, PackageFile,
    diff::{FileChange, FileChangeKind},
    mentions::{calls, domains},
};
use similar::{ChangeTag, TextDiff};

use crate::{
    database::{
        people::Person,
        submissions::{self as records, SubmissionRecord},
    },
    error::NotDone,
    problems,
    store::{Store, blocking},
    submissions,
};

/// Longer files are named and not compared line by line.
const MOST_TEXT: usize = 256 << 10;
/// After this a comparison of lines gets coarser instead of slower.
const PATIENCE: Duration = Duration::from_secs(1);
/// Lines that are the same around those that are not.
const AROUND: usize = 3;

/// Two packages compared, or one with nothing.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Files that are not the same, the largest first.
    pub files: Vec<FileChange>,
    /// How many files there are now.
    pub all_files: usize,
    /// Bytes of all files before, if there was a release before.
    pub bytes_before: Option<u64>,
    /// Bytes of all files now.
    pub bytes: u64,
    /// Host calls in code, and what a component imports.
    pub calls: Mentioned,
    /// Hosts that the files name.
    pub hosts: Mentioned,
}

/// What files mention, with the files.
#[derive(Debug, Default)]
pub struct Mentioned {
    /// Now and not before.
    pub added: BTreeMap<String, BTreeSet<String>>,
    /// Before and no longer.
    pub removed: BTreeMap<String, BTreeSet<String>>,
    /// As before.
    pub kept: BTreeMap<String, BTreeSet<String>>,
}

/// One line of a file, on one side or on both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number before, from 1.
    pub old: Option<usize>,
    /// Its number now, from 1.
    pub new: Option<usize>,
    /// The text.
    pub text: String,
}

/// How a file changed.
#[derive(Debug)]
pub enum FileText {
    /// Line by line, in pieces with some lines around each.
    Lines(Vec<Vec<Line>>),
    /// It is no text, or too long for one.
    Bytes,
    /// Both sides have the same bytes.
    Same,
}

/// Compares a submission's package with the release that it would follow, or did.
pub async fn compare(store: &Store, record: &SubmissionRecord) -> Result<Comparison, NotDone> {
    let (old, new) = sides(store, record).await?;
    Ok(blocking("compare two packages", move || of(old.as_ref(), &new)).await?)
}

/// One file of a submission that this person may see, line by line.
pub async fn text(
    store: &Store,
    person: &Person,
    id: &str,
    path: &str,
) -> Result<(SubmissionRecord, FileText), NotDone> {
    let record = submissions::readable(store, person, id).await?;
    let (old, new) = sides(store, &record).await?;
    let is_there = |package: &PackageFile| package.file(path).is_some();
    if !is_there(&new) && !old.as_ref().is_some_and(is_there) {
        return Err(problems::no_such_page("GET", path).into());
    }
    let path = path.to_owned();
    let lines = blocking("compare two files", move || {
        let before = old.as_ref().and_then(|package| package.file(&path));
        lines(before.unwrap_or_default(), new.file(&path).unwrap_or_default())
    });
    Ok((record, lines.await?))
}

async fn sides(store: &Store, record: &SubmissionRecord) -> Result<(Option<PackageFile>, PackageFile), NotDone> {
    let new = submissions::open(store, record).await?;
    let before = records::last_released_before(&mut *store.database.read().await?, record).await?;
    let old = match before {
        Some(before) => Some(submissions::open(store, &before).await.map_err(|not_done| match not_done {
            NotDone::Failed(error) => error.of_the_one_before().into(),
            refused => refused,
        })?),
        None => None,
    };
    Ok((old, new))
}

fn of(old: Option<&PackageFile>, new: &PackageFile) -> Comparison {
    let bytes = |package: &PackageFile| package.statement().files.iter().map(|file| file.size).sum();
    let added = |package: &PackageFile| {
        let change = |file: &guichet_package::FileEntry| FileChange {
            path: file.path.clone(),
            kind: FileChangeKind::Added,
            old_size: None,
            new_size: Some(file.size),
        };
        let mut files: Vec<FileChange> = package.statement().files.iter().map(change).collect();
        files.sort_by_key(|file| std::cmp::Reverse(file.new_size));
        files
    };
    Comparison {
        files: old.map_or_else(|| added(new), |old| PackageDiff::of(old, new).files),
        all_files: new.statement().files.len(),
        bytes_before: old.map(bytes),
        bytes: bytes(new),
        calls: Mentioned::of(old.map(calls::of).unwrap_or_default(), calls::of(new)),
        hosts: Mentioned::of(old.map(domains::of).unwrap_or_default(), domains::of(new)),
    }
}

impl Mentioned {
    fn of(old: BTreeMap<String, BTreeSet<String>>, new: BTreeMap<String, BTreeSet<String>>) -> Self {
        let (kept, added) = new.into_iter().partition(|(name, _)| old.contains_key(name));
        let kept: BTreeMap<_, _> = kept;
        let removed = old.into_iter().filter(|(name, _)| !kept.contains_key(name)).collect();
        Self { added, removed, kept }
    }

    /// Whether nothing is mentioned on either side.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.kept.is_empty()
    }
}

fn lines(before: &[u8], after: &[u8]) -> FileText {
    let text = |bytes: &[u8]| match bytes.len() > MOST_TEXT || bytes.contains(&0) {
        true => None,
        false => String::from_utf8(bytes.to_vec()).ok(),
    };
    if before == after {
        return FileText::Same;
    }
    let (Some(before), Some(after)) = (text(before), text(after)) else { return FileText::Bytes };
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before.as_str(), after.as_str());
    let piece = |ops: Vec<similar::DiffOp>| {
        let line = |change: similar::Change<&str>| {
            let (old, new) = (change.old_index().map(|at| at + 1), change.new_index().map(|at| at + 1));
            let (old, new) = match change.tag() {
                ChangeTag::Equal => (old, new),
                ChangeTag::Delete => (old, None),
                ChangeTag::Insert => (None, new),
            };
            Line { old, new, text: change.value().trim_end_matches(['\n', '\r']).to_owned() }
        };
        ops.iter().flat_map(|op| diff.iter_changes(op).map(line).collect::<Vec<_>>()).collect()
    };
    FileText::Lines(diff.grouped_ops(AROUND).into_iter().map(piece).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_and_bytes_are_not_shown() {
        let before = "a\nb\nc\n".repeat(4);
        let after = before.replacen("b\n", "B\nbb\n", 1);
        let FileText::Lines(pieces) = lines(before.as_bytes(), after.as_bytes()) else { panic!("it is text") };
        let shown: Vec<String> =
            pieces.concat().iter().map(|line| format!("{:?} {:?} {}", line.old, line.new, line.text)).collect();
        assert_eq!(
            shown,
            [
                "Some(1) Some(1) a",
                "Some(2) None b",
                "None Some(2) B",
                "None Some(3) bb",
                "Some(3) Some(4) c",
                "Some(4) Some(5) a",
                "Some(5) Some(6) b",
            ]
        );
        assert!(matches!(lines(b"a", b"a"), FileText::Same));
        assert!(matches!(lines(b"a", b"\0"), FileText::Bytes));
        assert!(matches!(lines(b"a", &[0xff]), FileText::Bytes));
    }
}
