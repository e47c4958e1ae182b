//! An app's folder: which of its files belong in the package.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use guichet_package::{PackagePath, path::PathRefusal};
use ignore::{DirEntry, WalkBuilder};

use crate::failure::Failure;

/// The file that lists, in the syntax of .gitignore, what else is left out.
pub(crate) const IGNORE_FILE: &str = ".guichetignore";

/// What was found in a folder.
#[derive(Debug)]
pub(crate) struct Project {
    /// What belongs in the package.
    pub(crate) files: BTreeMap<PackagePath, Vec<u8>>,
    /// Symbolic links, which never belong.
    pub(crate) links: Vec<String>,
}

impl Project {
    /// Reads a folder. The order in which the system lists it, and the modes and times of files, make no difference.
    pub(crate) fn read(directory: &Path) -> Result<Self, Failure> {
        if !directory.is_dir() {
            return Err(Failure::NoFolder { path: directory.to_owned() });
        }
        let mut project = Self { files: BTreeMap::new(), links: Vec::new() };
        let walk = WalkBuilder::new(directory)
            .standard_filters(false)
            .hidden(true)
            .follow_links(false)
            .add_custom_ignore_filename(IGNORE_FILE)
            .filter_entry(|entry| entry.depth() == 0 || belongs(entry))
            .build();
        for entry in walk {
            let entry = entry.map_err(|source| Failure::List { path: directory.to_owned(), source })?;
            let Some(kind) = entry.file_type() else { continue };
            if kind.is_symlink() {
                project.links.push(relative(directory, entry.path()));
            } else if kind.is_file() {
                let path = relative(directory, entry.path());
                let bytes =
                    fs::read(entry.path()).map_err(|source| Failure::Read { path: entry.path().to_owned(), source })?;
                let path: PackagePath =
                    path.parse().map_err(|refusal: PathRefusal| Failure::package(refusal, entry.path()))?;
                project.files.insert(path, bytes);
            }
        }
        project.links.sort();
        Ok(project)
    }
}

/// `dist/` at the top, node_modules, the build folder of a Cargo project, and README files never belong.
fn belongs(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    if folder {
        let of_cargo = || entry.path().with_file_name("Cargo.toml").is_file();
        !(name == "dist" && entry.depth() == 1 || name == "node_modules" || name == "target" && of_cargo())
    } else {
        !(name == "README" || name.starts_with("README."))
    }
}

fn relative(directory: &Path, path: &Path) -> String {
    let inside: PathBuf = path.strip_prefix(directory).unwrap_or(path).components().collect();
    inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paths: &[&str], ignore: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        for path in paths {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        fs::write(folder.path().join(IGNORE_FILE), ignore).unwrap();
        let found: Vec<String> = Project::read(folder.path()).unwrap().files.keys().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_made_or_fetched_or_hidden_does_not_belong() {
        check(
            &[
                "manifest.json",
                "common/dist/kept.js",
                "dist/old.ma",
                ".git/config",
                "node_modules/x/index.js",
                "pages/.swp",
                "README.md",
                "pages/README.zh-Hans.md",
                "logic/Cargo.toml",
                "logic/target/debug/x",
                "common/target/kept.png",
            ],
            "",
            &["common/dist/kept.js", "common/target/kept.png", "logic/Cargo.toml", "manifest.json"],
        );
    }

    #[test]
    fn the_ignore_file_reads_like_gitignore() {
        check(
            &["app.js", "app.js.map", "logic/src/lib.rs", "pages/notes.txt", "pages/kept.map.html"],
            "*.map\n/logic/\nnotes.txt\n",
            &["app.js", "pages/kept.map.html"],
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_left_out_and_named() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("secret.txt")).unwrap();
        let project = Project::read(folder.path()).unwrap();
        assert!(project.files.is_empty());
        assert_eq!(project.links, ["secret.txt"]);
    }
}
