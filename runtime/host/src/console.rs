//! What an app says on its console, kept on the device for its developers: one file for each app, never more than two MiB.
//!
//! Nothing here may keep an app from running: what cannot be written is missing, and the host's log says so once.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use guichet_contract::Level;
use serde_json::json;

use crate::session::LogLine;

/// Where an app's lines go, in its folder.
const NEW: &str = "console.jsonl";
/// Those before them.
const BEFORE: &str = "console.before.jsonl";
/// A file that has this many bytes gives way to a new one.
const MOST_BYTES: u64 = 1 << 20;

/// The console of one session.
pub(crate) struct Console {
    folder: PathBuf,
    sequence: u64,
    version_name: String,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    file: Option<File>,
    bytes: u64,
    is_broken: bool,
}

impl Console {
    /// The console of a release in the folder of its app.
    pub(crate) fn new(folder: PathBuf, sequence: u64, version_name: &str) -> Self {
        Self { folder, sequence, version_name: version_name.to_owned(), open: Mutex::default() }
    }

    /// Adds a line; `at_ms` is the time since 1970.
    pub(crate) fn write(&self, at_ms: u64, line: &LogLine) {
        let level = match line.level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let release = json!({"sequence": self.sequence, "version": self.version_name});
        let line = json!({"at": at_ms, "level": level, "page": line.page, "release": release, "text": line.text});
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.is_broken {
            return;
        }
        if let Err(error) = open.append(&self.folder, &format!("{line}\n")) {
            open.is_broken = true;
            tracing::warn!(folder = %self.folder.display(), %error, "an app's console is not kept");
        }
    }
}

impl Open {
    fn append(&mut self, folder: &Path, text: &str) -> io::Result<()> {
        if self.file.is_some() && self.bytes + text.len() as u64 > MOST_BYTES {
            self.file = None;
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let (mut file, mut bytes) = open(folder)?;
                if bytes + text.len() as u64 > MOST_BYTES {
                    fs::rename(folder.join(NEW), folder.join(BEFORE))?;
                    (file, bytes) = open(folder)?;
                }
                self.bytes = bytes;
                self.file.insert(file)
            }
        };
        self.bytes += text.len() as u64;
        file.write_all(text.as_bytes())
    }
}

fn open(folder: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().append(true).create(true).open(folder.join(NEW))?;
    let bytes = file.metadata()?.len();
    Ok((file, bytes))
}

/// The files in an app's folder that hold what it said.
pub(crate) fn files(folder: &Path) -> [PathBuf; 2] {
    [BEFORE, NEW].map(|name| folder.join(name))
}

/// What an app has said on a device, the oldest first, as lines of JSON; empty if it said nothing. `folder` is that of the
/// app in the home. May be asked while a host runs.
pub fn console(folder: &Path) -> io::Result<String> {
    let mut text = String::new();
    for path in files(folder) {
        match File::open(path) {
            Ok(file) => {
                let mut bytes = Vec::new();
                file.take(2 * MOST_BYTES).read_to_end(&mut bytes)?;
                text.push_str(&String::from_utf8_lossy(&bytes));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> LogLine {
        LogLine { level: Level::Warn, page: Some(2), text: text.to_owned() }
    }

    #[test]
    fn lines_have_their_time_level_page_and_release() {
        let folder = tempfile::tempdir().unwrap();
        let told = Console::new(folder.path().to_owned(), 7, "1.2");
        told.write(5, &line("a\n\u{1b}[31m"));
        told.write(6, &LogLine { page: None, level: Level::Debug, text: "b".to_owned() });
        insta::assert_snapshot!(console(folder.path()).unwrap(), @r#"
        {"at":5,"level":"warn","page":2,"release":{"sequence":7,"version":"1.2"},"text":"a\n\u001b[31m"}
        {"at":6,"level":"debug","page":null,"release":{"sequence":7,"version":"1.2"},"text":"b"}
        "#);
    }

    #[test]
    fn a_console_is_bounded_and_keeps_what_came_last() {
        let folder = tempfile::tempdir().unwrap();
        for session in 0..4 {
            let told = Console::new(folder.path().to_owned(), 1, "1");
            for number in 0..100 {
                told.write(session * 100 + number, &line(&"x".repeat(8_000)));
            }
        }
        let size = |name| fs::metadata(folder.path().join(name)).unwrap().len();
        assert!(size(NEW) <= MOST_BYTES && size(BEFORE) <= MOST_BYTES);
        let text = console(folder.path()).unwrap();
        let times: Vec<_> =
            text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["at"].as_u64()).collect();
        let first = 400 - times.len() as u64;
        assert!(times.len() > 100);
        assert_eq!(times, (first..400).map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn an_app_without_a_folder_runs_on_and_has_said_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        Console::new(gone.clone(), 1, "1").write(1, &line("lost"));
        assert_eq!(console(&gone).unwrap(), "");
        assert!(!gone.exists());
    }
}
