//! A package as `guichet inspect` shows it: what it is, and besides who sealed it, what it weighs and how it looks.

use std::{cmp::Reverse, collections::BTreeMap};

use guichet_package::{PackageFile, PublisherKeys};
use serde::Serialize;
use serde_json::Value;

use crate::{lang::Lang, package_view::PackageView, table};

/// How hard the store compresses what it publishes.
const ZSTD_LEVEL: i32 = 15;

/// What a package is, who sealed it, what it weighs.
#[derive(Serialize)]
pub(crate) struct InspectView {
    #[serde(flatten)]
    package: PackageView,
    seals: Vec<SealView>,
    /// `window` of the manifest, as it is written.
    window: BTreeMap<String, Value>,
    /// The languages of `i18n/`.
    languages: Vec<String>,
    widgets: Vec<String>,
    sizes: Sizes,
    /// What of the manifest was ignored or defaulted.
    notes: Vec<String>,
}

#[derive(Serialize)]
struct SealView {
    key: String,
    /// Known if its list of keys was given and has the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<DepartmentView>,
}

#[derive(Serialize)]
struct DepartmentView {
    id: String,
    name: String,
    revoked: bool,
}

/// In bytes.
#[derive(Serialize)]
struct Sizes {
    files: u64,
    package: u64,
    /// What a terminal that has nothing yet would fetch.
    zst: u64,
    types: Vec<TypeView>,
}

#[derive(Serialize)]
struct TypeView {
    #[serde(rename = "type")]
    name: String,
    files: u64,
    bytes: u64,
}

impl InspectView {
    /// Looks at a package; the keys say whose seal it is, and do not judge it.
    pub(crate) fn of(package: &PackageFile, keys: Option<&PublisherKeys>, lang: Lang) -> Self {
        let view = PackageView::of(package, lang);
        let seals = view
            .sealed_by
            .iter()
            .map(|key| SealView { key: key.clone(), department: keys.and_then(|keys| department(key, keys, lang)) });
        let manifest: Value =
            package.file("manifest.json").and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
        let window = manifest.get("window").and_then(Value::as_object).cloned().unwrap_or_default();
        let window = window.into_iter().collect();
        let language = |path: &str| Some(path.strip_prefix("i18n/")?.strip_suffix(".json")?.to_owned());
        Self {
            seals: seals.collect(),
            window,
            languages: package.files().filter_map(|(path, _)| language(path.as_str())).collect(),
            widgets: package.manifest().widgets.iter().map(|widget| widget.path.to_string()).collect(),
            sizes: Sizes::of(package),
            notes: package.notes().iter().map(ToString::to_string).collect(),
            package: view,
        }
    }

    /// In text.
    pub(crate) fn text(&self, lang: Lang) -> String {
        let word = |en: &'static str, zh: &'static str| if lang == Lang::Zh { zh } else { en };
        let mut more = Vec::new();
        for department in self.seals.iter().filter_map(|seal| seal.department.as_ref()) {
            let name = format!("{} ({})", table::plain(&department.name), department.id);
            let revoked = if department.revoked { word(", revoked", "，已撤销") } else { "" };
            more.push((word("key of", "密钥属于"), format!("{name}{revoked}")));
        }
        if !self.window.is_empty() {
            let members = self.window.iter().map(|(name, value)| format!("{name} {value}"));
            more.push((word("window", "窗口"), table::plain(&members.collect::<Vec<_>>().join(", "))));
        }
        if !self.languages.is_empty() {
            more.push((word("languages", "语言"), self.languages.join(", ")));
        }
        if !self.widgets.is_empty() {
            more.push((word("widgets", "小部件"), self.widgets.join(", ")));
        }
        for note in &self.notes {
            more.push((word("note", "留意"), table::plain(note)));
        }
        let mut head = self.package.fields(lang);
        head.extend(more);
        let parts =
            [table::fields(head), self.package.permissions(lang), self.sizes.text(lang), self.package.files(lang)];
        parts.join("\n")
    }
}

fn department(key: &str, keys: &PublisherKeys, lang: Lang) -> Option<DepartmentView> {
    let listed = keys.keys.iter().find(|listed| listed.key.id().to_string() == key)?;
    let (id, name) = (keys.department.to_string(), keys.name_in(lang.tag()).to_owned());
    Some(DepartmentView { id, name, revoked: listed.revoked })
}

impl Sizes {
    fn of(package: &PackageFile) -> Self {
        let mut types: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (path, bytes) in package.files() {
            let kind = path.extension().map_or_else(|| "-".to_owned(), str::to_lowercase);
            let (files, sum) = types.entry(kind).or_default();
            (*files, *sum) = (*files + 1, *sum + bytes.len() as u64);
        }
        let mut types: Vec<_> =
            types.into_iter().map(|(name, (files, bytes))| TypeView { name, files, bytes }).collect();
        types.sort_by_key(|one| Reverse(one.bytes));
        Self {
            files: package.statement().total_bytes(),
            package: package.bytes().len() as u64,
            zst: zstd::encode_all(package.bytes(), ZSTD_LEVEL).map_or(0, |bytes| bytes.len() as u64),
            types,
        }
    }

    fn text(&self, lang: Lang) -> String {
        let word = |en: &'static str, zh: &'static str| if lang == Lang::Zh { zh } else { en };
        let all: u64 = self.types.iter().map(|one| one.files).sum();
        let row = |name: &str, files: Option<u64>, bytes: u64| {
            let files = files.map_or_else(String::new, |files| files.to_string());
            vec![format!("  {name}"), files, table::bytes(bytes)]
        };
        let mut rows: Vec<_> = self.types.iter().map(|one| row(&one.name, Some(one.files), one.bytes)).collect();
        rows.push(row(word("all files", "全部文件"), Some(all), self.files));
        rows.push(row(word("as .ma.zst", "压缩为 .ma.zst"), None, self.zst));
        format!("{}\n{}", word("sizes by type", "各类大小"), table::columns(&rows))
    }
}
