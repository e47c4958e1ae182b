//! Texts that look like keys and tokens.

use guichet_package::mentions::secrets::{Secret, marked, random};

use super::{Found, rules};

/// Finds secrets in a text of any kind.
pub(super) fn of(path: &str, text: &str) -> Vec<Found> {
    let found = |rule| move |Secret { span, name }: Secret| Found::new(rule, path, span, &name);
    let mut all: Vec<Found> = marked(text).into_iter().map(found(&rules::SECRET)).collect();
    all.extend(random(text).into_iter().map(found(&rules::RANDOM_TEXT)));
    all
}
