//! A folder to work in and the program to run there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// A folder of its own for each test.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A desk with an app made from the template `page`.
    pub(crate) fn with_app() -> Self {
        let desk = Self::new();
        desk.ok(&["new", "app", "--app-id", "gov.example.repairs"]);
        desk
    }

    /// A desk with an app, a publisher's key and a sealed package.
    pub(crate) fn with_package() -> Self {
        let desk = Self::with_app();
        desk.ok(&["key", "new", "publisher.key"]);
        desk.ok(&["build", "app", "--key", "publisher.key", "-o", "app.ma"]);
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Changes a text in a file that must have it.
    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no {from}");
        self.write(name, text.replace(from, to));
    }

    /// The program, knowing nothing of whoever runs the test.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command.env_clear().env("LANG", "C.UTF-8").current_dir(self.folder.path()).args(arguments);
        command
    }

    /// Exit code, standard output and standard error as one text, without what differs from run to run.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        self.shown(&self.command(arguments).output().unwrap())
    }

    pub(crate) fn shown(&self, output: &Output) -> String {
        let text = format!(
            "exit: {}\n----- stdout\n{}----- stderr\n{}",
            output.status.code().unwrap(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        redacted(&text, self.folder.path())
    }

    /// What a run that must succeed prints on standard output.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "guichet {arguments:?}\n{}", self.shown(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a run with `--json` that must succeed prints.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ok(&[arguments, &["--json"]].concat())).unwrap()
    }
}

/// Digests, ports, sizes and the folder, in one place.
fn redacted(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "[DESK]");
    let mut shown = String::new();
    let mut word = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_hexdigit() && !character.is_ascii_uppercase() {
            word.push(character);
            continue;
        }
        shown.push_str(if word.len() == 64 { "[DIGEST]" } else { &word });
        word.clear();
        shown.push(character);
    }
    shown.pop();
    let lines = shown.lines().map(|line| match line.split_once("127.0.0.1:") {
        Some((before, after)) => {
            format!("{before}127.0.0.1:[PORT]{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None if line.starts_with("size ") => "size [SIZE]".to_owned(),
        None if line.starts_with("大小 ") => "大小 [SIZE]".to_owned(),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}
