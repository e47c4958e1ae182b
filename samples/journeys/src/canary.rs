//! Twenty secrets that an app writes in one session, each in another way, and the search for them afterwards.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{
    hall::{Hall, SOON},
    until::until,
};

/// How many there are.
pub const WAYS: usize = 20;

/// The app that writes them.
pub const APP: &str = "gov.example.residence.canary";

/// The folder of that app.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("canary")
}

/// Typed by the citizen; nothing else on this machine says it.
pub const SEED: &str = "qzvxkjwh";

/// Typed behind what was pasted: when this is kept, so is that.
const DONE: &str = "jwqhvxzk";

/// From the word above the field into the field, in pixels.
const BELOW_THE_WORD: u32 = 89;

/// What became of the secrets.
#[derive(Debug)]
pub struct Outcome {
    /// Where they were found while the citizen was there: the search can find some.
    pub during: BTreeSet<String>,
    /// The places in which the page itself found some then, among those in which it looks in the next session.
    pub control: BTreeSet<String>,
    /// Where they were found from the next session.
    pub left: BTreeSet<String>,
}

/// Opens the app and waits until it has looked through every API.
fn open(hall: &mut Hall) -> Result<()> {
    let heard = hall.kiosk.heard();
    hall.find_and_click("Canary")?;
    hall.kiosk.line_since(heard, &format!("opened {APP}"), SOON)?;
    until("the page has looked", SOON, || Ok((!search("looked:[", &[hall.memory()]).is_empty()).then_some(())))
}

/// One citizen writes them all and goes; the next one looks, through the same app and with what can be pasted.
pub fn play(hall: &mut Hall, spool: &Path) -> Result<Outcome> {
    open(hall)?;
    hall.display.write(SEED)?;
    hall.display.key("ctrl+a")?;
    hall.display.key("ctrl+c")?;
    hall.display.key("Return")?;
    let found = |hall: &Hall| search(SEED, &[hall.memory(), hall.home(), spool, Path::new("/dev/shm")]);
    // The last but one is on its way when the first page says what became of all.
    let during = until("the secrets are written", SOON, || {
        let found = found(hall);
        Ok(found.iter().any(|place| place.starts_with("cnry-01-")).then_some(found))
    })?;
    let written =
        until("all ways were tried", SOON, || Ok((!search("\"network\":", &[hall.memory()]).is_empty()).then_some(())));
    written?;
    let control = noted("control", hall.memory());
    let heard = hall.kiosk.heard();
    hall.end()?;
    hall.kiosk.line_since(heard, "session over button", SOON)?;
    hall.kiosk.line_since(heard, "session shown", SOON)?;

    open(hall)?;
    let field = hall.find("Seed")?;
    hall.display.key("ctrl+v")?;
    hall.display.middle_click(field.x, field.y + BELOW_THE_WORD)?;
    hall.display.write(DONE)?;
    let kept = || Ok((!search(DONE, &[hall.memory()]).is_empty()).then_some(()));
    until("what was pasted is kept", SOON, kept)?;
    // What the printer itself keeps of a job for a while is not the terminal's.
    let mut left = search(SEED, &[hall.memory(), hall.home(), hall.user(), Path::new("/dev/shm")]);
    left.extend(noted("looked", hall.memory()).into_iter().map(|place| format!("the page itself finds {place}")));
    for pid in hall.kiosk.processes() {
        let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        left.extend(ways_in(SEED, &arguments).into_iter().map(|way| format!("{way} in the arguments of a process")));
    }
    left.extend(ways_in(SEED, hall.kiosk.said().as_bytes()).into_iter().map(|way| format!("{way} in the log")));
    Ok(Outcome { during, control, left })
}

/// Secrets of a seed that lie in these files and folders, wherever in them: as bytes, as UTF-16, with or without the way.
pub fn search(seed: &str, places: &[&Path]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for place in all_below(places) {
        if place.to_string_lossy().contains(seed) {
            found.insert(format!("the name {}", place.display()));
        }
        if fs::symlink_metadata(&place).is_ok_and(|about| about.is_file()) {
            let bytes = fs::read(&place).unwrap_or_default();
            let ways = ways_in(seed, &bytes);
            found.extend(ways.into_iter().map(|way| format!("{way} in {}", place.display())));
        }
    }
    found
}

/// These places and all that lies below them; what links lead to is not.
fn all_below(places: &[&Path]) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut left: Vec<PathBuf> = places.iter().map(|place| (*place).to_owned()).collect();
    while let Some(place) = left.pop() {
        let Ok(about) = fs::symlink_metadata(&place) else { continue };
        if about.is_dir() {
            left.extend(fs::read_dir(&place).into_iter().flatten().flatten().map(|entry| entry.path()));
        }
        all.push(place);
    }
    all
}

/// What the app has noted under this word, wherever in a folder: `word:[one another]`.
fn noted(word: &str, folder: &Path) -> BTreeSet<String> {
    let begins = format!("{word}:[");
    let mut all = BTreeSet::new();
    for path in all_below(&[folder]) {
        // A folder has no bytes.
        let bytes = fs::read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lists = text.split(&begins).skip(1).filter_map(|rest| rest.split_once(']'));
        all.extend(lists.flat_map(|(list, _)| list.split_whitespace().map(str::to_owned)));
    }
    all
}

/// Which secrets of a seed are in some bytes; `seed` if it stands there alone.
pub fn ways_in(seed: &str, bytes: &[u8]) -> BTreeSet<String> {
    let narrow: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    [bytes, &narrow].into_iter().flat_map(|bytes| ways_of(seed.as_bytes(), bytes)).collect()
}

fn ways_of(seed: &[u8], bytes: &[u8]) -> BTreeSet<String> {
    const BEFORE: usize = "cnry-00-".len();
    let at = bytes.windows(seed.len().max(1)).enumerate().filter(|(_, window)| *window == seed).map(|(at, _)| at);
    at.map(|at| {
        let way = at.checked_sub(BEFORE).and_then(|from| bytes.get(from..at)).map(String::from_utf8_lossy);
        way.filter(|way| way.starts_with("cnry-")).map_or_else(|| "seed".to_owned(), |way| way.into_owned())
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        let wide: Vec<u8> = "cnry-07-abc".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(ways_in("abc", b"..cnry-03-abc.."), BTreeSet::from(["cnry-03-".to_owned()]));
        assert_eq!(ways_in("abc", &wide), BTreeSet::from(["cnry-07-".to_owned()]));
        assert_eq!(ways_in("abc", b"abc"), BTreeSet::from(["seed".to_owned()]));
        assert!(ways_in("abc", b"cnry-03-abd").is_empty());
    }

    #[test]
    fn what_an_app_has_noted_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("db"), b"\xff..looked:[a:cnry-01-x b]..looked:[]..looked:[half").unwrap();
        assert_eq!(noted("looked", folder.path()), BTreeSet::from(["a:cnry-01-x".to_owned(), "b".to_owned()]));
        assert!(noted("control", folder.path()).is_empty());
    }

    #[test]
    fn a_folder_is_searched_to_its_bottom() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/c"), "x cnry-19-abc").unwrap();
        fs::write(folder.path().join("abc"), "").unwrap();
        assert_eq!(search("abc", &[folder.path()]).len(), 2);
    }
}
