//! What admission would say, and what only source text shows, each with its place.
//!
//! The package's own verifier speaks first; pages, scripts and styles are then read by parsers. Nothing is run. A bundle
//! holds code that never runs, so of what another tool has built only what certainly breaks a page is an error.

mod code;
mod file;
#[cfg(test)]
mod mistakes;
mod package;
mod page;
mod place;
mod rules;
mod secrets;
mod style;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Range,
};

use guichet_contract::network::Domain;
use guichet_package::{Manifest, PackagePath};

pub(crate) use page::inline_scripts;
pub(crate) use place::Place;
use rules::Rule;
pub(crate) use rules::Severity;

use crate::{lang::Lang, refusal_zh};

/// The files of an app.
pub(crate) type Files = BTreeMap<PackagePath, Vec<u8>>;

/// Where files come from, which says how much of them their author wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// An app's folder.
    Folder,
    /// What another tool has built; scripts inside its pages are going to be moved into files.
    Build,
    /// A package.
    Package,
}

/// One thing that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The stable word.
    pub(crate) class: &'static str,
    /// What it means for the app.
    pub(crate) severity: Severity,
    /// The file, in the package.
    pub(crate) path: String,
    /// The bytes in it; none if it is about the whole file.
    pub(crate) span: Option<Range<usize>>,
    /// The same in lines and columns.
    pub(crate) at: Option<Place>,
    /// Whether a page is broken by it for certain, whoever wrote the page.
    is_certain: bool,
    words: Words,
    /// A change that is safe to make without asking.
    pub(crate) fix: Option<Edit>,
}

#[derive(Clone, Debug)]
enum Words {
    Rule(&'static Rule, String),
    Refusal { what: String, hint: String },
}

/// Bytes of a file that are written otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The file.
    pub(crate) path: String,
    /// What is replaced.
    pub(crate) span: Range<usize>,
    /// What stands there instead.
    pub(crate) with: String,
}

impl Found {
    fn new(rule: &'static Rule, path: &str, span: impl Into<Option<Range<usize>>>, name: &str) -> Self {
        let words = Words::Rule(rule, name.to_owned());
        let (class, severity) = (rule.class, rule.severity);
        let (path, span) = (path.to_owned(), span.into());
        Self { class, severity, path, span, at: None, is_certain: false, words, fix: None }
    }

    /// The same in a longer text, of which it was a part.
    fn moved(mut self, base: usize) -> Self {
        self.span = self.span.map(|span| span.start + base..span.end + base);
        if let Some(fix) = self.fix.as_mut() {
            fix.span = fix.span.start + base..fix.span.end + base;
        }
        self
    }

    /// `path:line:column`, counted from 1 in characters.
    pub(crate) fn place(&self) -> String {
        match self.at {
            Some(Place { line, column, .. }) => format!("{}:{line}:{column}", self.path),
            None => self.path.clone(),
        }
    }

    /// Whether nothing is built because of it.
    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    fn name(&self) -> &str {
        match &self.words {
            Words::Rule(_, name) => name,
            Words::Refusal { what, .. } => what,
        }
    }

    /// What is wrong, and what to do.
    pub(crate) fn words(&self, lang: Lang) -> (String, String) {
        match &self.words {
            Words::Rule(rule, name) => rule.words(lang, name),
            Words::Refusal { what, hint } if lang == Lang::Zh => refusal_zh::words(self.class, what, hint),
            Words::Refusal { what, hint } => (what.clone(), hint.clone()),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En).0)
    }
}

/// What the parts know of the app.
struct App<'a> {
    files: &'a Files,
    manifest: Option<Manifest>,
    /// The hosts that it may reach; none if the manifest cannot be read.
    declared: Option<Vec<Domain>>,
}

impl<'a> App<'a> {
    fn new(files: &'a Files, manifest: Option<Manifest>) -> Self {
        let domains = |manifest: &Manifest| {
            let requests = manifest.req_permissions.iter().map(|request| &request.permission);
            let scopes = requests.filter(|permission| permission.name.as_str() == "host:network");
            let lists = scopes.filter_map(|permission| permission.scope.members().get("domains")?.as_array());
            lists.flatten().filter_map(|domain| domain.as_str()?.parse().ok()).collect()
        };
        let declared = manifest.as_ref().map(domains);
        Self { files, manifest, declared }
    }

    fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The file that differs from this path in the case of letters only.
    fn other_case(&self, path: &str) -> Option<&str> {
        self.files.keys().map(PackagePath::as_str).find(|known| known.eq_ignore_ascii_case(path))
    }

    fn is_page(&self, route: &str) -> bool {
        let Some(manifest) = &self.manifest else { return true };
        manifest
            .pages
            .iter()
            .chain(manifest.widgets.iter().map(|widget| &widget.path))
            .any(|page| page.as_str() == route)
    }

    fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.files.get(path)?).ok()
    }
}

/// Everything there is to say about the files of an app, by file and place.
pub(crate) fn check(files: &Files, origin: Origin) -> Vec<Found> {
    let mut all = admission(files);
    all.extend(sources(files, origin));
    sorted(all)
}

/// What the verifier of packages says.
pub(crate) fn admission(files: &Files) -> Vec<Found> {
    located(files, package::of(files))
}

/// What only the text of pages, scripts and styles shows.
pub(crate) fn sources(files: &Files, origin: Origin) -> Vec<Found> {
    code::with_room(|| read(files, origin))
}

fn read(files: &Files, origin: Origin) -> Vec<Found> {
    let app = App::new(files, package::manifest(files));
    let (mut all, mut used) = (Vec::new(), code::Used::default());
    for (path, bytes) in files {
        let path = path.as_str();
        if let Ok(text) = std::str::from_utf8(bytes) {
            all.extend(secrets::of(path, text));
            match path.rsplit_once('.').map(|(_, extension)| extension) {
                Some("html") => {
                    all.extend(page::of(&app, path, text, origin));
                    for script in inline_scripts(text).map(|(_, script)| script).filter(|_| origin == Origin::Build) {
                        let inside = text.get(script.clone()).unwrap_or_default();
                        all.extend(
                            code::of(&app, path, inside, &mut used).into_iter().map(|found| found.moved(script.start)),
                        );
                    }
                }
                Some("js" | "mjs") => all.extend(code::of(&app, path, text, &mut used)),
                Some("css") => all.extend(style::of(&app, path, text, 0)),
                _ => {}
            }
        }
        all.extend(package::image(path, bytes));
    }
    all.extend(package::permissions(&app, &used));
    if origin != Origin::Folder {
        let mut said = BTreeSet::new();
        all.retain(|found| found.is_certain || said.insert((found.class, found.path.clone(), found.name().to_owned())));
        for found in all.iter_mut().filter(|found| !found.is_certain) {
            found.severity = Severity::Remark;
        }
    }
    sorted(located(files, all))
}

/// The hosts that requests of scripts go to, as a scope has them.
pub(crate) fn hosts(files: &Files) -> BTreeSet<String> {
    code::with_room(|| hosts_of(files))
}

fn hosts_of(files: &Files) -> BTreeSet<String> {
    let (app, mut used) = (App::new(files, None), code::Used::default());
    for (path, bytes) in files {
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        match path.extension() {
            Some("js" | "mjs") => drop(code::of(&app, path.as_str(), text, &mut used)),
            Some("html") => {
                for script in inline_scripts(text).map(|(_, script)| script) {
                    drop(code::of(&app, path.as_str(), text.get(script).unwrap_or_default(), &mut used));
                }
            }
            _ => {}
        }
    }
    used.hosts
}

fn located(files: &Files, mut all: Vec<Found>) -> Vec<Found> {
    for found in &mut all {
        let text = files.get(found.path.as_str()).and_then(|bytes| std::str::from_utf8(bytes).ok());
        found.at = found.span.as_ref().zip(text).map(|(span, text)| Place::of(text, span));
    }
    all
}

/// By file and place, each once.
pub(crate) fn sorted(mut all: Vec<Found>) -> Vec<Found> {
    let start = |found: &Found| found.span.as_ref().map_or(0, |span| span.start);
    all.sort_by(|one, next| (&one.path, start(one), one.class).cmp(&(&next.path, start(next), next.class)));
    all.dedup_by(|one, next| {
        one.class == next.class && one.path == next.path && one.span == next.span && one.span.is_some()
    });
    all
}

/// The files after every safe change, and how many there were. Changes of one place are made one at a time.
pub(crate) fn fixed(files: &Files, found: &[Found]) -> (Files, usize) {
    let mut edits: Vec<&Edit> = found.iter().filter_map(|found| found.fix.as_ref()).collect();
    edits.sort_by(|one, next| (&next.path, next.span.start).cmp(&(&one.path, one.span.start)));
    edits.dedup_by(|one, next| {
        one.path == next.path && one.span.end > next.span.start && one.span.start < next.span.end || one == next
    });
    let mut files = files.clone();
    let mut made = 0;
    for edit in edits {
        let Some(bytes) = files.get_mut(edit.path.as_str()) else { continue };
        if edit.span.end <= bytes.len() && edit.span.start <= edit.span.end {
            bytes.splice(edit.span.clone(), edit.with.bytes());
            made += 1;
        }
    }
    (files, made)
}
