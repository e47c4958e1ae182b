//! What one file names of the others.

use std::ops::Range;

use super::{App, Edit, Found, rules};

/// What there is to say of a file that is named: nothing if it is there.
///
/// `file` is its path in the package, `url` what stands in `path` at `span`.
pub(super) fn named(app: &App<'_>, path: &str, file: &str, url: &str, span: Range<usize>) -> Option<Found> {
    if app.has(file) {
        return None;
    }
    let Some(real) = app.other_case(file).map(str::to_owned) else {
        return Some(Found::new(&rules::MISSING_FILE, path, span, url));
    };
    let name = real.rsplit('/').next().unwrap_or(&real).to_owned();
    let written = file.rsplit('/').next().unwrap_or(file);
    let mut found = Found::new(&rules::WRONG_CASE, path, span.clone(), &real);
    // Only the name itself is corrected; a folder written otherwise is left to the author.
    let is_name_only = real.strip_suffix(name.as_str()) == file.strip_suffix(written);
    let at = app.text(path).and_then(|text| text.get(span.clone())).and_then(|text| text.rfind(written));
    if let Some(at) = at.filter(|_| is_name_only) {
        let start = span.start + at;
        found.fix = Some(Edit { path: path.to_owned(), span: start..start + written.len(), with: name });
    }
    Some(found)
}
