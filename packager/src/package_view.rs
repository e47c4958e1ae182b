//! A package as people and programs are shown it.

use std::collections::BTreeMap;

use guichet_package::{Limits, PackageFile, Seals};
use serde::Serialize;

use crate::{lang::Lang, table};

/// What a package is, asks for and contains.
#[derive(Serialize)]
pub(crate) struct PackageView {
    pub(crate) app_id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) version: VersionView,
    pub(crate) platform: u32,
    pub(crate) logic: String,
    pub(crate) pages: Vec<String>,
    pub(crate) permissions: Vec<PermissionView>,
    pub(crate) sha256: String,
    pub(crate) length: u64,
    pub(crate) sealed_by: Vec<String>,
    pub(crate) files: Vec<FileView>,
}

#[derive(Serialize)]
pub(crate) struct VersionView {
    pub(crate) code: u32,
    pub(crate) name: String,
}

#[derive(Serialize)]
pub(crate) struct PermissionView {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) scope: BTreeMap<String, serde_json::Value>,
    pub(crate) reason: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct FileView {
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

impl PackageView {
    /// Looks at a package, with the names in one language.
    pub(crate) fn of(package: &PackageFile, lang: Lang) -> Self {
        let manifest = package.localized_manifest(lang.tag());
        let statement = package.statement();
        let permissions = manifest.req_permissions.iter().map(|request| PermissionView {
            name: request.permission.name.to_string(),
            scope: request.permission.scope.members().clone(),
            reason: request.reason.clone(),
        });
        let files = statement.files.iter().map(|file| FileView {
            path: file.path.to_string(),
            size: file.size,
            sha256: file.sha256.to_string(),
        });
        Self {
            app_id: statement.app_id.to_string(),
            name: manifest.name.clone(),
            description: manifest.description.clone(),
            version: VersionView { code: statement.version.code, name: statement.version.name.clone() },
            platform: statement.platform.min_code,
            logic: manifest.guichet.logic.as_ref().map_or("app.js", |path| path.as_str()).to_owned(),
            pages: manifest.pages.iter().map(ToString::to_string).collect(),
            permissions: permissions.collect(),
            sha256: package.digest().to_string(),
            length: package.bytes().len() as u64,
            sealed_by: sealed_by(package.seals_bytes()),
            files: files.collect(),
        }
    }

    /// The lines of the head: what each is, and what it says.
    pub(crate) fn fields(&self, lang: Lang) -> Vec<(&'static str, String)> {
        let word = |en: &'static str, zh: &'static str| if lang == Lang::Zh { zh } else { en };
        let sealed = match self.sealed_by.as_slice() {
            [] => word("not sealed", "没有封签").to_owned(),
            keys => keys.join(", "),
        };
        let mut pairs = vec![
            (word("app", "应用"), format!("{}  {}", table::plain(&self.name), self.app_id)),
            (word("version", "版本"), format!("{} ({})", table::plain(&self.version.name), self.version.code)),
            (word("platform", "平台"), self.platform.to_string()),
            (word("pages", "页面"), self.pages.join(", ")),
            (word("logic", "逻辑"), self.logic.clone()),
            (word("digest", "摘要"), self.sha256.clone()),
            (word("size", "大小"), table::bytes(self.length)),
            (word("sealed by", "封签密钥"), sealed),
        ];
        if let Some(description) = &self.description {
            pairs.insert(1, ("", table::plain(description)));
        }
        pairs
    }

    /// What it asks for, in text.
    pub(crate) fn permissions(&self, lang: Lang) -> String {
        let head = if lang == Lang::Zh { "权限" } else { "permissions" };
        if self.permissions.is_empty() {
            let none = if lang == Lang::Zh { "不要任何权限" } else { "asks for nothing" };
            return format!("{head}\n  {none}\n");
        }
        let rows = self.permissions.iter().map(|permission| {
            let scope = if permission.scope.is_empty() {
                String::new()
            } else {
                serde_json::json!(permission.scope).to_string()
            };
            vec![format!("  {}", permission.name), table::plain(permission.reason.as_deref().unwrap_or("")), scope]
        });
        format!("{head}\n{}", table::columns(&rows.collect::<Vec<_>>()))
    }

    /// The files, largest first, in text.
    pub(crate) fn files(&self, lang: Lang) -> String {
        let head = if lang == Lang::Zh { "文件" } else { "files" };
        let mut files: Vec<&FileView> = self.files.iter().collect();
        files.sort_by(|one, next| next.size.cmp(&one.size).then_with(|| one.path.cmp(&next.path)));
        let rows = files.into_iter().map(|file| vec![format!("  {}", file.path), table::bytes(file.size)]);
        format!("{head}\n{}", table::columns(&rows.collect::<Vec<_>>()))
    }
}

/// The ids of the keys that sealed it, whoever they belong to.
pub(crate) fn sealed_by(seals: Option<&[u8]>) -> Vec<String> {
    let seals = seals.and_then(|bytes| Seals::parse(bytes, &Limits::default()).ok());
    seals.into_iter().flat_map(|seals| seals.seals).map(|seal| seal.key.to_string()).collect()
}
