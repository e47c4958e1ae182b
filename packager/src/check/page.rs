//! Pages, as a browser's tokenizer reads them.

use std::{collections::BTreeSet, ops::Range};

use guichet_package::{
    html::{resolve, tags},
    manifest::MANIFEST_PATH,
};
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use super::{App, Edit, Found, Origin, file, place, rules, style};

/// Reads one page.
pub(super) fn of(app: &App<'_>, path: &str, text: &str, origin: Origin) -> Vec<Found> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut page = Page { app, path, origin, all: Vec::new() };
    let (mut style_from, mut labels) = (None, Labels::default());
    for Ok(token) in Tokenizer::new_with_emitter(text, emitter) {
        match token {
            Token::StartTag(tag) => {
                let element = Element { name: String::from_utf8_lossy(&tag.name).into_owned(), tag };
                style_from = (element.name == "style").then_some(element.tag.span.end);
                labels.start(&element);
                page.judge(&element);
            }
            Token::EndTag(tag) => match (tag.name.as_slice(), style_from.take()) {
                (b"style", Some(from)) => {
                    let inside = text.get(from..tag.span.start).unwrap_or_default();
                    page.all.extend(style::of(app, path, inside, from));
                }
                (b"label", _) => labels.depth = labels.depth.saturating_sub(1),
                _ => {}
            },
            _ => {}
        }
    }
    for (span, name) in labels.without() {
        page.say(&rules::NO_LABEL, span, &name);
    }
    page.all
}

/// One start tag.
struct Element {
    name: String,
    tag: StartTag<usize>,
}

impl Element {
    fn whole(&self) -> Range<usize> {
        self.tag.span.start..self.tag.span.end
    }

    /// The value of an attribute, and where the whole attribute stands.
    fn value(&self, name: &str) -> Option<(String, Range<usize>)> {
        let (_, value) = self.tag.attributes.iter().find(|(known, _)| known.as_slice() == name.as_bytes())?;
        Some((String::from_utf8_lossy(value).into_owned(), value.span.start..value.span.end))
    }

    fn has(&self, attribute: &str) -> bool {
        self.value(attribute).is_some_and(|(value, _)| !value.trim().is_empty())
    }

    fn says(&self, attribute: &str, word: &str) -> bool {
        let value = self.value(attribute).map(|(value, _)| value.to_ascii_lowercase()).unwrap_or_default();
        value.split_whitespace().any(|known| known == word)
    }

    /// A page put together while it runs: `v-if`, `@click`.
    fn directive(&self) -> Option<(String, Range<usize>)> {
        let is_one = |name: &[u8]| name.starts_with(b"v-") || name.starts_with(b"@") || name.starts_with(b":");
        let (name, value) = self.tag.attributes.iter().find(|(name, _)| is_one(name))?;
        Some((String::from_utf8_lossy(name).into_owned(), value.span.start..value.span.end))
    }
}

/// Which fields have a label.
#[derive(Default)]
struct Labels {
    /// How many label elements are open.
    depth: usize,
    named: BTreeSet<String>,
    fields: Vec<(Range<usize>, String, Option<String>)>,
}

impl Labels {
    fn start(&mut self, element: &Element) {
        let is_field = match element.name.as_str() {
            "select" | "textarea" => true,
            "input" => !["hidden", "submit", "button", "reset", "image"].iter().any(|kind| element.says("type", kind)),
            _ => false,
        };
        if element.name == "label" {
            self.depth += 1;
            self.named.extend(element.value("for").map(|(id, _)| id));
        }
        let is_labelled = self.depth > 0 || ["aria-label", "aria-labelledby", "title"].iter().any(|it| element.has(it));
        if is_field && !is_labelled {
            self.fields.push((element.whole(), element.name.clone(), element.value("id").map(|(id, _)| id)));
        }
    }

    fn without(self) -> Vec<(Range<usize>, String)> {
        let is_named = |id: &Option<String>| id.as_ref().is_some_and(|id| self.named.contains(id));
        self.fields.into_iter().filter(|(_, _, id)| !is_named(id)).map(|(span, name, _)| (span, name)).collect()
    }
}

struct Page<'a> {
    app: &'a App<'a>,
    path: &'a str,
    origin: Origin,
    all: Vec<Found>,
}

impl Page<'_> {
    fn say(&mut self, rule: &'static rules::Rule, span: Range<usize>, name: &str) {
        self.all.push(Found::new(rule, self.path, span, name));
    }

    fn judge(&mut self, element: &Element) {
        let whole = element.whole();
        match element.name.as_str() {
            "html" if !element.has("lang") => self.language(element),
            "script" => self.script(element),
            "link" if element.says("rel", "stylesheet") || element.says("rel", "modulepreload") => {
                self.loads(element, "href", &rules::REMOTE_STYLE, true);
            }
            "img" | "source" | "video" | "audio" => {
                self.loads(element, "src", &rules::REMOTE_IMAGE, false);
                let is_told = element.value("alt").is_some() || element.says("role", "presentation");
                if element.name == "img" && !is_told && !element.says("aria-hidden", "true") {
                    self.say(&rules::NO_ALT, whole, "");
                }
            }
            "iframe" | "frame" | "object" | "embed" => self.say(&rules::FRAME, whole, &element.name),
            "form" if element.has("action") => self.say(&rules::FORM, whole, ""),
            "base" => self.say(&rules::BASE, whole, ""),
            "meta" if element.says("http-equiv", "refresh") => self.say(&rules::META_REFRESH, whole, ""),
            "a" => self.link(element),
            _ => {}
        }
        if let Some((_, span)) = element.directive() {
            self.say(&rules::TEMPLATE, span, "");
        }
        for (name, value) in &element.tag.attributes {
            let is_handler = name.len() > 3 && name.starts_with(b"on") && name.iter().all(u8::is_ascii_lowercase);
            if is_handler {
                let name = String::from_utf8_lossy(name).into_owned();
                self.say(&rules::INLINE_HANDLER, value.span.start..value.span.end, &name);
            }
        }
    }

    /// A page in no language is said in that of the app.
    fn language(&mut self, element: &Element) {
        let mut found = Found::new(&rules::NO_LANG, self.path, element.whole(), "");
        let lang = self.app.manifest.as_ref().and_then(|manifest| manifest.lang.clone());
        if let Some(lang) = lang.filter(|_| element.value("lang").is_none()) {
            let at = element.tag.span.start + "<html".len();
            found.fix = Some(Edit { path: self.path.to_owned(), span: at..at, with: format!(" lang=\"{lang}\"") });
        }
        self.all.push(found);
    }

    fn script(&mut self, element: &Element) {
        if let Some((src, span)) = element.value("src") {
            if resolve(&src, self.path).is_some_and(|file| file == "app.js") && !is_remote(&src) {
                let found = Found { is_certain: true, ..Found::new(&rules::APP_JS, self.path, span, "") };
                return self.all.push(found);
            }
            return self.loads(element, "src", &rules::REMOTE_SCRIPT, true);
        }
        let kind = element.value("type").map(|(kind, _)| kind.to_ascii_lowercase()).unwrap_or_default();
        if kind == "importmap" {
            self.say(&rules::IMPORT_MAP, element.whole(), "");
        } else if SCRIPTS.contains(&kind.as_str()) && self.origin != Origin::Build {
            // Of a build they are moved into files.
            self.say(&rules::INLINE_SCRIPT, element.whole(), "");
        }
    }

    /// What the page loads; `is_needed` if it is broken without.
    fn loads(&mut self, element: &Element, attribute: &str, remote: &'static rules::Rule, is_needed: bool) {
        let Some((url, span)) = element.value(attribute).filter(|(url, _)| !url.trim().is_empty()) else { return };
        let found = match resolve(&url, self.path) {
            _ if is_remote(&url) => Some(Found::new(remote, self.path, span, &url)),
            Some(file) => file::named(self.app, self.path, &file, &url, span),
            None => None,
        };
        self.all.extend(found.map(|found| Found { is_certain: is_needed, ..found }));
    }

    fn link(&mut self, element: &Element) {
        let Some((url, span)) = element.value("href") else { return };
        if url.trim().to_ascii_lowercase().starts_with("javascript:") {
            return self.say(&rules::JAVASCRIPT_URL, span, "");
        }
        let Some(file) = resolve(&url, self.path).filter(|_| !is_remote(&url)) else { return };
        if let Some(found) = file::named(self.app, self.path, &file, &url, span.clone()) {
            return self.all.push(found);
        }
        let Some(route) = file.strip_suffix(".html").filter(|route| !self.app.is_page(route)) else { return };
        let mut found = Found::new(&rules::UNLISTED_PAGE, self.path, span, route);
        let manifest = self.app.text(MANIFEST_PATH).unwrap_or_default();
        let pages = place::member(manifest, "/pages").map(|member| member.value);
        let is_filled = |list: &Range<usize>| manifest.get(list.clone()).is_some_and(|list| list.contains('"'));
        if let Some(pages) = pages.filter(is_filled) {
            let inner = manifest.get(..pages.end - 1).unwrap_or_default().trim_end().len();
            found.fix =
                Some(Edit { path: MANIFEST_PATH.to_owned(), span: inner..inner, with: format!(", \"{route}\"") });
        }
        self.all.push(found);
    }
}

/// What a script element may say it is, to be a script.
const SCRIPTS: [&str; 4] = ["", "module", "text/javascript", "application/javascript"];

/// The scripts that stand inside a page: each one's start tag and text.
pub(crate) fn inline_scripts(html: &str) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + '_ {
    let mut at = 0;
    tags(html).filter_map(move |tag| {
        if tag.name() != "script" || tag.range.start < at {
            return None;
        }
        let body = html.get(tag.range.end..)?;
        let text = body.get(..body.to_ascii_lowercase().find("</script")?)?;
        let kind = tag.attribute("type").unwrap_or_default().to_ascii_lowercase();
        if tag.attribute("src").is_some() || !SCRIPTS.contains(&kind.as_str()) || text.trim().is_empty() {
            return None;
        }
        at = tag.range.end + text.len();
        Some((tag.range.clone(), tag.range.end..at))
    })
}

/// Whether a URL leads to the network.
pub(super) fn is_remote(url: &str) -> bool {
    let url = url.trim().to_ascii_lowercase();
    url.starts_with("//") || url.starts_with("https:") || url.starts_with("http:")
}
