//! A page whose scripts all lie in files.

use crate::check::inline_scripts;

/// The page with each script that stood inside it as `<page>.inline-<n>.js` beside it, and these files.
///
/// They lie beside the page, so what a module imports by a relative name is still there.
pub(super) fn without_inline_scripts(html: &str, page: &str) -> (String, Vec<(String, String)>) {
    let stem = page.strip_suffix(".html").unwrap_or(page);
    let name = stem.rsplit('/').next().unwrap_or(stem);
    let (mut moved, mut scripts, mut at) = (String::with_capacity(html.len()), Vec::new(), 0);
    for (tag, script) in inline_scripts(html) {
        let number = scripts.len() + 1;
        let opening = html.get(tag.clone()).unwrap_or_default().trim_end_matches('>').trim_end_matches('/');
        moved.push_str(html.get(at..tag.start).unwrap_or_default());
        moved.push_str(&format!("{opening} src=\"./{name}.inline-{number}.js\">"));
        at = script.end;
        scripts.push((format!("{stem}.inline-{number}.js"), html.get(script).unwrap_or_default().to_owned()));
    }
    moved.push_str(html.get(at..).unwrap_or_default());
    (moved, scripts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_inside_a_page_move_out_of_it() {
        let html = "<head><script>let a = '<b>';</script><script type=\"application/json\">{}</script></head>\
            <SCRIPT type=module>import './x.js'</SCRIPT><script src=\"a.js\"></script><script></script>";
        let (moved, scripts) = without_inline_scripts(html, "pages/home.html");
        assert_eq!(
            moved,
            "<head><script src=\"./home.inline-1.js\"></script><script type=\"application/json\">{}</script></head>\
             <SCRIPT type=module src=\"./home.inline-2.js\"></SCRIPT><script src=\"a.js\"></script><script></script>"
        );
        let expected = [("pages/home.inline-1.js", "let a = '<b>';"), ("pages/home.inline-2.js", "import './x.js'")];
        assert_eq!(scripts, expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
        assert_eq!(without_inline_scripts("<script>never ends", "a.html").1, []);
    }
}
