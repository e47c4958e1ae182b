//! Pages as W3C's tests write them: a component's `<template>` instead of a document, in a file beside its own folder.

use std::ops::Range;

use serde_json::{Map, Value};

use super::{Bend, Files, logic};
use crate::{
    PackagePath,
    html::{head_start, resolve, tags, url_path},
    manifest::PageRoute,
};

/// `<text>` as the components of MiniApps have it; a page's own rules win over it.
const TEXT_STYLE: &str = "<style>:where(text) { display: inline-block }</style>";

/// URLs of these attributes are relative to the page.
const URL_ATTRIBUTES: [&str; 4] = ["href", "src", "poster", "data"];

/// Makes a document of the page that a route names, where the route says.
pub(super) fn bend(route: &PageRoute, manifest: &Map<String, Value>, files: &mut Files, bent: &mut Vec<Bend>) {
    let Ok(place) = route.html().parse::<PackagePath>() else { return };
    let Some((file, css, js)) = find(route, files) else { return };
    let Some(html) = files.get(&file).and_then(|bytes| std::str::from_utf8(bytes).ok()) else { return };
    let text = html.strip_prefix('\u{feff}').unwrap_or(html);
    let template = template(text);
    let is_elsewhere = file != place;
    if template.is_none() && !is_elsewhere {
        return;
    }
    // Companions keep their place: a style sheet's URLs are relative to itself.
    let mut head = String::new();
    if files.contains_key(css.as_str()) {
        head += &format!("<link rel=\"stylesheet\" href=\"/{}\">", url_path(&css));
    }
    let script = js.parse::<PackagePath>().ok().filter(|script| files.contains_key(script));
    let mut scripts = Vec::new();
    if let Some(script) = script {
        let source = files.get(&script).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        if logic::calls_global_state(&source)
            && let Ok(shim) = logic::PAGE_SHIM_PATH.parse()
        {
            files.insert(shim, logic::PAGE_SHIM.as_bytes().to_vec());
            head += &format!("<script defer src=\"/{}\"></script>", logic::PAGE_SHIM_PATH);
            scripts.push(Bend::GlobalState { script: script.clone() });
        }
        let kind = if is_module(&source) {
            scripts.push(Bend::PageModule { script: script.clone() });
            "type=\"module\""
        } else {
            "defer"
        };
        head += &format!("<script {kind} src=\"/{}\"></script>", url_path(&js));
    }
    let Some(html) = files.get(&file).and_then(|bytes| std::str::from_utf8(bytes).ok()) else { return };
    let text = html.strip_prefix('\u{feff}').unwrap_or(html);
    let document = match &template {
        Some(template) => document(text, template, &head, manifest),
        None => {
            let at = head_start(text);
            format!("{}{head}{}", text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default())
        }
    };
    let document = if is_elsewhere { absolute(&document, file.as_str()) } else { document };
    files.insert(place, document.into_bytes());
    if is_elsewhere {
        bent.push(Bend::PageFile { route: route.to_string(), file: file.clone() });
    }
    if template.is_some() {
        bent.push(Bend::Template { page: file });
    }
    bent.append(&mut scripts);
}

/// The file of a page, and where its style sheet and its script would lie.
fn find(route: &PageRoute, files: &Files) -> Option<(PackagePath, String, String)> {
    let beside = |route: &str| {
        let html = format!("{route}.html").parse::<PackagePath>().ok().filter(|html| files.contains_key(html))?;
        Some((html, format!("{route}.css"), format!("{route}.js")))
    };
    let folder = || {
        let (folder, name) = route.as_str().rsplit_once('/')?;
        (folder.rsplit('/').next() == Some(name)).then_some(folder)
    };
    beside(route.as_str()).or_else(|| beside(folder()?))
}

/// The content of a page's one template, and what follows it, if the page is nothing but that.
struct Template {
    content: Range<usize>,
    rest: Range<usize>,
}

fn template(html: &str) -> Option<Template> {
    let mut depth = 0_u32;
    let mut content: Option<Range<usize>> = None;
    let mut end = 0;
    for tag in tags(html) {
        match (tag.name().as_str(), &content) {
            ("template", None) if depth == 0 => {
                if !is_blank(html.get(..tag.range.start)?) {
                    return None;
                }
                depth = 1;
                content = Some(tag.range.end..html.len());
            }
            ("template", Some(_)) if end == 0 => depth += 1,
            ("/template", Some(found)) if end == 0 => {
                depth -= 1;
                if depth == 0 {
                    end = tag.range.end;
                    content = Some(found.start..tag.range.start);
                }
            }
            // Blocks of a component may follow: they are kept as they are.
            ("script" | "style" | "/script" | "/style", Some(_)) => {}
            (_, Some(_)) if end == 0 => {}
            _ => return None,
        }
    }
    Some(Template { content: content?, rest: end..html.len() }).filter(|_| end > 0)
}

/// Whether there is nothing but spaces and comments.
fn is_blank(html: &str) -> bool {
    let mut rest = html.trim_start();
    while let Some(comment) = rest.strip_prefix("<!--") {
        match comment.find("-->") {
            Some(end) => rest = comment.get(end + 3..).unwrap_or_default().trim_start(),
            None => return false,
        }
    }
    rest.is_empty()
}

fn document(html: &str, template: &Template, head: &str, manifest: &Map<String, Value>) -> String {
    let text = |name: &str| manifest.get(name).and_then(Value::as_str);
    let plain = |value: &&str| value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let lang = text("lang").filter(plain).map(|lang| format!(" lang=\"{lang}\"")).unwrap_or_default();
    let dir = text("dir").filter(|dir| ["ltr", "rtl", "auto"].contains(dir));
    let dir = dir.map(|dir| format!(" dir=\"{dir}\"")).unwrap_or_default();
    let title = text("name").unwrap_or_default().replace('&', "&amp;").replace('<', "&lt;");
    let content = html.get(template.content.clone()).unwrap_or_default();
    let rest = html.get(template.rest.clone()).unwrap_or_default();
    format!(
        "<!doctype html>\n<html{lang}{dir}>\n<head><meta charset=\"utf-8\"><title>{title}</title>{TEXT_STYLE}{head}</head>\n<body>{content}{rest}</body>\n</html>\n"
    )
}

/// The page with every relative URL written from the root, because it is served from another folder than it lay in.
fn absolute(html: &str, page: &str) -> String {
    let attributes: Vec<_> = tags(html).flat_map(|tag| tag.attributes().collect::<Vec<_>>()).collect();
    let mut out = html.to_owned();
    for attribute in attributes.into_iter().rev() {
        let is_url = URL_ATTRIBUTES.iter().any(|name| attribute.name.eq_ignore_ascii_case(name));
        let value = attribute.value.trim();
        if !is_url || value.starts_with('/') {
            continue;
        }
        let after = value.find(['?', '#']).map_or("", |at| value.get(at..).unwrap_or_default());
        if let Some(path) = resolve(value, page) {
            out.replace_range(attribute.range, &format!("/{}{after}", url_path(&path)));
        }
    }
    out
}

/// Whether a script is a module: a line of it begins with `export` or `import`.
fn is_module(source: &str) -> bool {
    let begins = |line: &str, word: &str| {
        line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '{', '*', '"', '\'', '\t']))
    };
    source.lines().map(str::trim_start).any(|line| begins(line, "export") || begins(line, "import"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(html: &str) -> Option<&str> {
        template(html).and_then(|template| html.get(template.content))
    }

    #[test]
    fn a_template_is_unwrapped_only_if_the_page_is_nothing_else() {
        assert_eq!(
            content("<!-- x -->\n<template>\n<div><text>a</text></div></template>\n"),
            Some("\n<div><text>a</text></div>")
        );
        assert_eq!(content("<TEMPLATE lang='x'>a</TEMPLATE><style>b</style><script>c</script>"), Some("a"));
        assert_eq!(content("<template>a<template>b</template>c</template>"), Some("a<template>b</template>c"));
        for html in [
            "<p>a</p>",
            "a<template>b</template>",
            "<html><body><template>a</template></body></html>",
            "<template>a</template><p>b</p>",
            "<template>a</template><template>b</template>",
            "<template>a",
            "</template>",
            "<!-- <template>a</template> -->",
            "",
        ] {
            assert_eq!(content(html), None, "{html}");
        }
    }

    #[test]
    fn relative_urls_are_written_from_the_root() {
        let html = r##"<img src=logo.png><a href="../x.html?a=1#b">x</a><a href="#top"><link href='/app.css'><img src="https://a.b/c"><script src=./y.js></script>"##;
        insta::assert_snapshot!(
            absolute(html, "pages/home.html"),
            @r##"<img src=/pages/logo.png><a href="/x.html?a=1#b">x</a><a href="#top"><link href='/app.css'><img src="https://a.b/c"><script src=/pages/y.js></script>"##
        );
    }

    #[test]
    fn a_script_with_exports_is_a_module() {
        assert!(is_module(" export default {\n}"));
        assert!(is_module("import './x.js'"));
        assert!(!is_module("// export default\nexported = 1; import('./x.js')"));
    }
}
