//! `guichet.tabs`: pages that lie beside each other, one press away.

use serde_json::Value;

use super::{PageRoute, process::page};

/// Fewest and most tabs.
const COUNT: std::ops::RangeInclusive<usize> = 2..=5;
/// Longest name of a tab, in characters.
const MOST_NAME: usize = 16;

/// What a list of tabs has to be.
pub(super) const WANTED: &str =
    "2 to 5 objects with `page`, each another one of `pages`, and `name`, a text of 1 to 16 characters";

/// A page that is one press away from the others of its kind, whichever of them is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Its page, one of the manifest's `pages`.
    pub page: PageRoute,
    /// What stands on it, localizable.
    pub name: String,
}

/// Reads the tabs of an app with these pages; nothing if they are not as wanted.
pub(super) fn tabs(value: &Value, pages: &[PageRoute]) -> Option<Vec<Tab>> {
    let items = value.as_array().filter(|items| COUNT.contains(&items.len()))?;
    let mut tabs: Vec<Tab> = Vec::with_capacity(items.len());
    for item in items {
        let page = page(item.get("page")?.as_str()?).ok().filter(|page| pages.contains(page))?;
        let name = item.get("name")?.as_str()?.trim();
        let is_new = tabs.iter().all(|tab| tab.page != page);
        if !is_new || !(1..=MOST_NAME).contains(&name.chars().count()) {
            return None;
        }
        tabs.push(Tab { page, name: name.to_owned() });
    }
    Some(tabs)
}
