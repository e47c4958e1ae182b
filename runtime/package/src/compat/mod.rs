//! Looking at a package that nobody has to stand behind: as strictly as any, or with the layout of W3C's own test
//! packages bent into the one this crate reads.
//!
//! Bending says where files lie and what they are called, never what is accepted: archives are read by import's reader,
//! and what comes out of bending is checked as a [`PackageDraft`] and opened as a [`PackageFile`] like everything else.

mod bend;
mod logic;
mod page;

use std::fmt;

use guichet_contract::AppId;
use guichet_trust::digest::Digest;
use serde_json::{Map, Value};

pub use bend::Bend;

use crate::{
    Change, Limits, PackageDraft, PackageFile, Refusal, container,
    import::{self, Files},
    json,
    manifest::{MANIFEST_PATH, PageRoute, page_route},
};

/// Where the payload of W3C's test packages lies, beside the description of the test.
const PAYLOAD: &str = "src/";

/// How a package that is looked at must be laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// As MiniApp Packaging says, and nothing else.
    Strict,
    /// Also as W3C's own test packages are.
    Compat,
}

/// A package that was opened to be looked at; who sealed it, if anybody did, is nobody's business here.
#[derive(Debug)]
pub struct Look {
    /// The package, in our form.
    pub file: PackageFile,
    /// `app_id` as the manifest writes it.
    pub app_id: String,
    /// What import changed; empty if the package is one of ours.
    pub changes: Vec<Change>,
    /// What was bent; empty if the layout is strict.
    pub bent: Vec<Bend>,
}

impl Look {
    /// Opens a package to be looked at.
    ///
    /// A package that has our signing block is opened as ours and by nothing else. Any other is read as import reads it
    /// (stored or deflate, MiniApp Packaging, *Container*), refused by the same classes, and written again in our form.
    pub fn open(bytes: &[u8], layout: Layout, limits: &Limits) -> Result<Self, Refusal> {
        if container::has_own_block(bytes) {
            let file = PackageFile::open(bytes.to_vec(), limits)?;
            let app_id = file.manifest().app_id.to_string();
            return Ok(Self { file, app_id, changes: Vec::new(), bent: Vec::new() });
        }
        let (mut files, changes) = import::read(bytes, limits)?;
        let mut bent = Vec::new();
        let mut app_id = None;
        if layout == Layout::Compat {
            (files, app_id) = bend_all(files, &mut bent);
        }
        let file = PackageDraft::new(files, limits)?.unsealed()?;
        let app_id = app_id.unwrap_or_else(|| file.manifest().app_id.to_string());
        Ok(Self { file, app_id, changes, bent })
    }
}

/// Bends what needs it; what is wrong in any other way is left for those who check it afterwards.
fn bend_all(files: Files, bent: &mut Vec<Bend>) -> (Files, Option<String>) {
    let mut files = unwrap_payload(files, bent);
    let Some(Ok(Value::Object(mut manifest))) = files.get(MANIFEST_PATH).map(|bytes| json::parse(bytes)) else {
        return (files, None);
    };
    let app_id = stand_in(&mut manifest, bent);
    if app_id.is_some()
        && let (Ok(path), Ok(bytes)) = (MANIFEST_PATH.parse(), serde_json::to_vec(&manifest))
    {
        files.insert(path, bytes);
    }
    for route in routes(&manifest) {
        page::bend(&route, &manifest, &mut files, bent);
    }
    logic::bend(&manifest, &mut files, bent);
    (files, app_id)
}

/// The payload under `src/` becomes the root; what lies beside it describes the test and is no part of the app.
fn unwrap_payload(files: Files, bent: &mut Vec<Bend>) -> Files {
    if files.contains_key(MANIFEST_PATH) || !files.contains_key(format!("{PAYLOAD}{MANIFEST_PATH}").as_str()) {
        return files;
    }
    let mut left_out = Vec::new();
    let mut inside = Files::new();
    for (path, bytes) in files {
        match path.as_str().strip_prefix(PAYLOAD).and_then(|path| path.parse().ok()) {
            Some(path) => drop(inside.insert(path, bytes)),
            None => left_out.push(path),
        }
    }
    bent.push(Bend::Payload { folder: PAYLOAD, left_out });
    inside
}

/// An app id of W3C's grammar that is none of ours names no folder and no origin here; another stands in for it.
fn stand_in(manifest: &mut Map<String, Value>, bent: &mut Vec<Bend>) -> Option<String> {
    let written = manifest.get("app_id")?.as_str()?.to_owned();
    if written.is_empty() || written.parse::<AppId>().is_ok() {
        return None;
    }
    let digest: String = Digest::of(written.as_bytes()).to_string().chars().take(16).collect();
    let used: AppId = format!("compat.w3c-{digest}").parse().ok()?;
    manifest.insert("app_id".to_owned(), Value::String(used.to_string()));
    bent.push(Bend::AppId { written: written.clone(), used });
    Some(written)
}

/// The pages and the widgets' pages, as far as they are routes.
fn routes(manifest: &Map<String, Value>) -> Vec<PageRoute> {
    let list = |name: &str| manifest.get(name).and_then(Value::as_array).into_iter().flatten();
    let widgets = list("widgets").filter_map(|widget| widget.get("path"));
    let mut routes: Vec<PageRoute> =
        list("pages").chain(widgets).filter_map(|text| page_route(text.as_str()?)).collect();
    routes.sort();
    routes.dedup();
    routes
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Strict { "strict" } else { "compat" })
    }
}
