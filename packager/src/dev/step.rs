//! What has to be run before a folder can be packed: logic in Rust, pages that Vite builds, or what the developer names.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use guichet_package::manifest::process;

use super::pack::Source;

/// What runs first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing.
    None,
    /// `cargo build --release` in this folder; what comes out of it is copied to this path.
    Cargo {
        /// The folder of the crate.
        folder: PathBuf,
        /// Where the manifest wants the component.
        logic: PathBuf,
    },
    /// A line for the shell, in the app's folder.
    Line(String),
}

/// How a step went wrong.
#[derive(Debug)]
pub(crate) enum StepFailure {
    /// It could not be started, or its outcome not be used.
    Io(io::Error),
    /// It ended so.
    Ended(ExitStatus),
    /// No component came out.
    NoComponent(PathBuf),
}

impl From<io::Error> for StepFailure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Step {
    /// What a folder needs, by what lies in it; and where what is packed is built, if not in the folder itself.
    pub(crate) fn of(directory: &Path, from: Option<PathBuf>, line: Option<&str>) -> (Self, Option<PathBuf>) {
        if let Some(line) = line {
            return (Self::Line(line.to_owned()), from);
        }
        if from.is_some() {
            return (Self::None, from);
        }
        if let Some(built) = built_by_another(directory) {
            return (Self::Line("npm run build".to_owned()), Some(built));
        }
        let has = |name: &str| directory.join(name).is_file();
        let manifest = fs::read(directory.join("manifest.json")).ok();
        let logic = manifest.and_then(|bytes| process(&bytes).ok()).and_then(|(manifest, _)| manifest.guichet.logic);
        match logic {
            Some(logic) if has("logic/Cargo.toml") => {
                let logic = directory.join(logic.as_str());
                (Self::Cargo { folder: directory.join("logic"), logic }, None)
            }
            _ => (Self::None, None),
        }
    }

    /// Whether a change of this path makes it necessary to run it again.
    pub(crate) fn concerns(&self, source: &Source, path: &Path) -> bool {
        match self {
            Self::None => false,
            Self::Cargo { folder, .. } => path.starts_with(folder),
            // What it has made is not what it is made of.
            Self::Line(_) => {
                let is_made = source.from.as_ref().is_some_and(|from| path.starts_with(from));
                !is_made && path != source.directory.join("manifest.json")
            }
        }
    }

    /// Runs it; what it says is seen.
    pub(crate) fn run(&self, directory: &Path) -> Result<(), StepFailure> {
        match self {
            Self::None => Ok(()),
            Self::Line(line) => {
                let mut command = shell(line);
                ended(command.current_dir(directory).stdin(Stdio::null()).stdout(io::stderr()).status()?)
            }
            Self::Cargo { folder, logic } => {
                let mut command = Command::new("cargo");
                command.args(["build", "--release", "--quiet"]).current_dir(folder).stdin(Stdio::null());
                // It is built for terminals, whatever this program was built with.
                command.env_remove("CARGO_TARGET_DIR").stdout(io::stderr());
                ended(command.status()?)?;
                let made = newest(&folder.join("target/wasm32-unknown-unknown/release"))?;
                let made = made.ok_or_else(|| StepFailure::NoComponent(folder.clone()))?;
                let bytes = fs::read(made)?;
                if fs::read(logic).ok().as_ref() != Some(&bytes) {
                    fs::write(logic, bytes)?;
                }
                Ok(())
            }
        }
    }
}

fn ended(status: ExitStatus) -> Result<(), StepFailure> {
    if status.success() { Ok(()) } else { Err(StepFailure::Ended(status)) }
}

#[cfg(unix)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    command
}

#[cfg(not(unix))]
fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.args(["/C", line]);
    command
}

/// Where another tool builds what is packed, if one does: there is a build for npm to run, and no logic of our own.
pub(crate) fn built_by_another(directory: &Path) -> Option<PathBuf> {
    let package = directory.join("package.json");
    (builds(&package) && !directory.join("app.js").is_file()).then(|| directory.join("dist"))
}

/// Whether npm has something to run.
fn builds(package: &Path) -> bool {
    let text = fs::read_to_string(package).unwrap_or_default();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    package.get("scripts").and_then(|scripts| scripts.get("build")).is_some()
}

/// The component that was built last.
fn newest(folder: &Path) -> io::Result<Option<PathBuf>> {
    let mut found = None;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == "wasm") {
            let built = entry.metadata()?.modified()?;
            if found.as_ref().is_none_or(|(before, _)| *before < built) {
                found = Some((built, entry.path()));
            }
        }
    }
    Ok(found.map(|(_, path)| path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    const MANIFEST: &str = r#"{"app_id": "gov.example.app", "name": "A", "icons": [{"src": "i.svg"}], "pages": ["pages/a"],
        "version": {"code": 1, "name": "1.0.0"}, "platform_version": {"min_code": 1}, "guichet": {"logic": "logic.wasm"}}"#;

    #[test]
    fn each_template_is_known_by_what_lies_in_it() {
        let plain = folder(&[("manifest.json", "{}"), ("app.js", "")]);
        assert_eq!(Step::of(plain.path(), None, None), (Step::None, None));
        let vue = folder(&[("manifest.json", "{}"), ("package.json", r#"{"scripts": {"build": "vite build"}}"#)]);
        let (step, from) = Step::of(vue.path(), None, None);
        assert_eq!((step, from), (Step::Line("npm run build".to_owned()), Some(vue.path().join("dist"))));
        let rust = folder(&[("manifest.json", MANIFEST), ("app.js", ""), ("logic/Cargo.toml", "")]);
        let cargo = Step::Cargo { folder: rust.path().join("logic"), logic: rust.path().join("logic.wasm") };
        assert_eq!(Step::of(rust.path(), None, None), (cargo.clone(), None));
        let source = |folder: &tempfile::TempDir, from| Source { directory: folder.path().to_owned(), from };
        assert!(cargo.concerns(&source(&rust, None), &rust.path().join("logic/src/lib.rs")));
        assert!(!cargo.concerns(&source(&rust, None), &rust.path().join("pages/a.html")));
        let line = Step::Line("npm run build".to_owned());
        let built = source(&vue, Some(vue.path().join("dist")));
        assert!(line.concerns(&built, &vue.path().join("src/App.vue")));
        assert!(!line.concerns(&built, &vue.path().join("dist/index.html")), "it would run for ever");
    }

    #[test]
    fn what_the_developer_names_wins() {
        let vue = folder(&[("package.json", r#"{"scripts": {"build": "vite build"}}"#)]);
        let out = Some(PathBuf::from("out"));
        assert_eq!(Step::of(vue.path(), out.clone(), None), (Step::None, out.clone()));
        assert_eq!(Step::of(vue.path(), out.clone(), Some("make")), (Step::Line("make".to_owned()), out));
    }

    #[test]
    fn a_step_that_fails_says_how() {
        let folder = folder(&[]);
        assert!(Step::Line("exit 0".to_owned()).run(folder.path()).is_ok());
        let failed = Step::Line("exit 3".to_owned()).run(folder.path());
        assert!(matches!(failed, Err(StepFailure::Ended(status)) if status.code() == Some(3)));
    }
}
