//! Two packages compared, as people and programs are shown it.

use std::{fmt::Write as _, time::Duration};

use guichet_contract::Scope;
use guichet_package::{
    PackageDiff, PackageFile,
    diff::{FileChange, FileChangeKind, PermissionChange, PermissionChangeKind, Side},
    mentions::{
        calls::{self, Calls},
        domains::{self, Domains},
    },
};
use serde::Serialize;
use similar::TextDiff;

use crate::{lang::Lang, table};

/// Longer files are named and not compared line by line.
const MAX_TEXT_BYTES: usize = 256 << 10;
/// After this a comparison of lines gets coarser instead of slower.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is different.
#[derive(Serialize)]
pub(crate) struct DiffView {
    #[serde(flatten)]
    diff: PackageDiff,
    /// Host calls that are mentioned now and were not, with the files that mention them.
    calls_added: Calls,
    /// Host calls that are no longer mentioned.
    calls_removed: Calls,
    /// Hosts that addresses in the files name now and did not, with the files.
    domains_added: Domains,
    /// Hosts that are no longer named.
    domains_removed: Domains,
    /// Line by line, in the unified form, by path.
    texts: Vec<TextChange>,
}

#[derive(Serialize)]
struct TextChange {
    path: String,
    unified: String,
}

impl DiffView {
    /// Compares two packages.
    pub(crate) fn of(old: &PackageFile, new: &PackageFile) -> Self {
        let (old_calls, new_calls) = (calls::of(old), calls::of(new));
        let (old_domains, new_domains) = (domains::of(old), domains::of(new));
        let beyond = |these: &Calls, those: &Calls| -> Calls {
            let only = these.iter().filter(|(call, _)| !those.contains_key(*call));
            only.map(|(call, files)| (call.clone(), files.clone())).collect()
        };
        let diff = PackageDiff::of(old, new);
        let mut texts: Vec<TextChange> = diff.files.iter().filter_map(|file| text_change(file, old, new)).collect();
        texts.sort_by(|one, next| one.path.cmp(&next.path));
        Self {
            calls_added: beyond(&new_calls, &old_calls),
            calls_removed: beyond(&old_calls, &new_calls),
            domains_added: beyond(&new_domains, &old_domains),
            domains_removed: beyond(&old_domains, &new_domains),
            texts,
            diff,
        }
    }

    /// In text, the permissions first.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let word = |en: &'static str, zh: &'static str| if lang == Lang::Zh { zh } else { en };
        let mut parts = vec![self.head(lang), self.permissions(lang)];
        let mut pages = signed('+', &self.diff.pages_added);
        pages.extend(signed('-', &self.diff.pages_removed));
        parts.push(part(word("pages", "页面"), pages));
        let mut called = mentioned('+', &self.calls_added);
        called.extend(mentioned('-', &self.calls_removed));
        let head = word(
            "host calls mentioned (found in the code, not by running it)",
            "提到的平台接口（从代码里找出，没有运行）",
        );
        parts.push(part(head, called));
        let mut named = mentioned('+', &self.domains_added);
        named.extend(mentioned('-', &self.domains_removed));
        parts.push(part(word("domains named in files", "文件里写到的域名"), named));
        parts.push(part(word("files", "文件"), self.diff.files.iter().map(file_row).collect()));
        parts.extend(self.texts.iter().map(|text| shown(&text.unified)));
        parts.retain(|part| !part.is_empty());
        parts.join("\n")
    }

    fn head(&self, lang: Lang) -> String {
        let word = |en: &'static str, zh: &'static str| if lang == Lang::Zh { zh } else { en };
        let side = |side: &Side| {
            let version = format!("{} ({})", table::plain(&side.version.name), side.version.code);
            let platform = format!("{} {}", word("platform", "平台"), side.platform);
            vec![side.app_id.to_string(), version, platform, table::bytes(side.bytes)]
        };
        let row = |head: &str, cells: Vec<String>| [vec![head.to_owned()], cells].concat();
        let (old, new) = (&self.diff.old, &self.diff.new);
        let mut text = table::columns(&[row(word("old", "以前"), side(old)), row(word("new", "现在"), side(new))]);
        if old.app_id != new.app_id {
            text.push_str(word("these are two different apps\n", "这是两个不同的应用\n"));
        }
        if self.diff.files.is_empty() {
            text.push_str(word("the files are the same\n", "文件完全相同\n"));
        }
        text
    }

    fn permissions(&self, lang: Lang) -> String {
        let rows = self.diff.permissions.iter().map(|change| permission_row(change, lang)).collect();
        part(if lang == Lang::Zh { "权限" } else { "permissions" }, rows)
    }
}

fn part(head: &str, rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() { String::new() } else { format!("{head}\n{}", table::columns(&rows)) }
}

fn signed(sign: char, names: &[String]) -> Vec<Vec<String>> {
    names.iter().map(|name| vec![format!("{sign} {name}")]).collect()
}

fn mentioned(sign: char, calls: &Calls) -> Vec<Vec<String>> {
    let row = |(call, files): (&String, &std::collections::BTreeSet<String>)| {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        vec![format!("{sign} {}", table::plain(call)), files.join(", ")]
    };
    calls.iter().map(row).collect()
}

/// What widens is marked, so that it is seen without colours too.
fn permission_row(change: &PermissionChange, lang: Lang) -> Vec<String> {
    let (en, zh) = match change.kind {
        PermissionChangeKind::Added => ("new", "新增"),
        PermissionChangeKind::Widened => ("wider", "扩大"),
        PermissionChangeKind::Narrowed => ("narrower", "缩小"),
        PermissionChangeKind::Removed => ("gone", "去掉"),
    };
    let scopes = |scopes: &[Scope]| -> Vec<String> {
        let any = if lang == Lang::Zh { "不限" } else { "unlimited" };
        let text = |scope: &Scope| match scope.members() {
            members if members.is_empty() => any.to_owned(),
            members => table::plain(&serde_json::json!(members).to_string()),
        };
        scopes.iter().map(text).collect()
    };
    let (old, new) = (scopes(&change.old_scopes).join(", "), scopes(&change.new_scopes).join(", "));
    let sign = if change.widens() { "!" } else { " " };
    let scopes = match change.kind {
        PermissionChangeKind::Added => new,
        PermissionChangeKind::Removed => old,
        _ => format!("{old} -> {new}"),
    };
    vec![format!("{sign} {}", change.name), if lang == Lang::Zh { zh } else { en }.to_owned(), scopes]
}

fn file_row(change: &FileChange) -> Vec<String> {
    let sign = match change.kind {
        FileChangeKind::Added => '+',
        FileChangeKind::Changed => '~',
        FileChangeKind::Removed => '-',
    };
    let size = match (change.old_size, change.new_size) {
        (Some(old), Some(new)) if old != new => format!("{} -> {}", table::bytes(old), table::bytes(new)),
        (old, new) => table::bytes(old.or(new).unwrap_or_default()),
    };
    vec![format!("{sign} {}", change.path), size]
}

/// Line by line, if both sides are text that people read.
fn text_change(change: &FileChange, old: &PackageFile, new: &PackageFile) -> Option<TextChange> {
    let path = change.path.as_str();
    let text = |package: &PackageFile| match package.file(path) {
        None => Some(String::new()),
        Some(bytes) if bytes.len() > MAX_TEXT_BYTES || bytes.contains(&0) => None,
        Some(bytes) => String::from_utf8(bytes.to_vec()).ok(),
    };
    let (before, after) = (text(old)?, text(new)?);
    let name = |side: &str, is_there: bool| if is_there { format!("{side}/{path}") } else { "/dev/null".to_owned() };
    let (from, to) = (name("old", change.old_size.is_some()), name("new", change.new_size.is_some()));
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before.as_str(), after.as_str());
    let unified = diff.unified_diff().header(&from, &to).to_string();
    Some(TextChange { path: path.to_owned(), unified }).filter(|change| !change.unified.is_empty())
}

/// The files come from others: their lines keep tabs and nothing else that moves the cursor.
fn shown(unified: &str) -> String {
    let mut text = String::new();
    for line in unified.lines() {
        let parts: Vec<String> = line.split('\t').map(table::plain).collect();
        let _ = writeln!(text, "{}", parts.join("\t"));
    }
    text
}
