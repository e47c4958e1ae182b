//! The pictures of a submission's pages, beside those of the release before.

use std::path::{Path, PathBuf};

use guichet_api::PagePicture;

use super::pages::picture_name;
use crate::{
    database::{
        people::Person,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    problems,
    store::{Store, blocking},
    submissions,
};

/// What was taken of a submission's pages, in the order of the pages; nothing before they were looked at.
pub async fn of(store: &Store, person: &Person, id: &str) -> Result<Vec<PagePicture>, NotDone> {
    let record = submissions::readable(store, person, id).await?;
    let now = store.folder.pictures(record.package);
    if !now.is_dir() {
        return Ok(Vec::new());
    }
    let package = submissions::open(store, &record).await?;
    let pages: Vec<String> = package.manifest().pages.iter().map(ToString::to_string).collect();
    let before = before(store, &record).await?;
    Ok(blocking("compare pictures", move || compared(&pages, &now, before.as_deref())).await?)
}

/// Where the pictures of the release before lie, if there are any.
async fn before(store: &Store, record: &SubmissionRecord) -> Result<Option<PathBuf>, StoreError> {
    let last = records::last_released_before(&mut *store.database.read().await?, record).await?;
    Ok(last.map(|last| store.folder.pictures(last.package)).filter(|folder| folder.is_dir()))
}

fn compared(pages: &[String], now: &Path, before: Option<&Path>) -> Vec<PagePicture> {
    let mut all = Vec::new();
    for page in pages {
        for (theme, terminal, language) in kinds() {
            let name = format!("{theme}.{terminal}.{language}.{}", picture_name(page));
            let read = |folder: &Path| std::fs::read(file(folder, &name)?).ok();
            let Some(bytes) = read(now) else { continue };
            let old = before.and_then(read);
            all.push(PagePicture {
                page: page.clone(),
                terminal: terminal.to_owned(),
                theme: theme.to_owned(),
                language: language.to_owned(),
                changed: old.as_ref().is_some_and(|old| *old != bytes),
                before: old.is_some(),
                name,
            });
        }
    }
    all
}

/// Every way in which a page is looked at.
fn kinds() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let light = ["desktop", "phone", "tablet", "kiosk", "elder"].map(|terminal| ("light", terminal));
    let all = light.into_iter().chain([("dark", "desktop")]);
    all.flat_map(|(theme, terminal)| ["zh-Hans", "en"].map(|language| (theme, terminal, language)))
}

/// The file of a picture: `theme.terminal.language.page`; none if it is called otherwise.
fn file(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut parts = name.splitn(4, '.');
    let kind = (parts.next()?, parts.next()?, parts.next()?);
    let page = parts.next().filter(|page| picture_name(page) == *page)?;
    let (theme, terminal, language) = kinds().find(|known| *known == kind)?;
    Some(folder.join(theme).join(terminal).join(format!("{page} {language}.png")))
}

/// One of them, or the same of the release before: a PNG.
pub async fn one(store: &Store, person: &Person, id: &str, name: &str, is_before: bool) -> Result<Vec<u8>, NotDone> {
    let record = submissions::readable(store, person, id).await?;
    let folder = match is_before {
        true => before(store, &record).await?,
        false => Some(store.folder.pictures(record.package)),
    };
    let path = folder.and_then(|folder| file(&folder, name));
    let read = blocking("read a picture", move || path.and_then(|path| std::fs::read(path).ok())).await?;
    read.ok_or_else(|| problems::no_such_picture(name).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_taken_is_found() {
        let at = |name| file(Path::new("/p"), name).map(|path| path.display().to_string());
        assert_eq!(at("dark.desktop.en.pages-home").unwrap(), "/p/dark/desktop/pages-home en.png");
        for name in ["dark.phone.en.pages-home", "light.phone.en.../x", "light.phone.en.a.b", "light.phone.en", "x"] {
            assert_eq!(at(name), None, "{name}");
        }
    }
}
