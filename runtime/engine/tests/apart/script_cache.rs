//! A cache that holds the script component only.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use guichet_engine::{CacheOptions, Engine, EngineOptions, Holds, NoImage, Programs, Walls};

use crate::session::{PATIENT, one_file, rust};

const APP: &str = "export default {};";

/// An engine with such a cache, and with a compiler or none.
fn engine(folder: &Path, has_compiler: bool) -> Engine {
    let built = Path::new(env!("CARGO_BIN_EXE_guichet-logic"));
    let programs = folder.join(if has_compiler { "whole" } else { "without" });
    fs::create_dir_all(&programs).unwrap();
    symlink(built, programs.join("guichet-logic")).unwrap();
    let compile = programs.join("guichet-compile");
    if has_compiler {
        symlink(built.with_file_name("guichet-compile"), compile).unwrap();
    } else {
        fs::write(compile, "no program").unwrap();
    }
    let cache = CacheOptions { folder: folder.join("code"), key: [3; 32], holds: Holds::ScriptComponent };
    let walls = Walls::Two(Programs::in_folder(&programs).unwrap());
    Engine::new(EngineOptions { cache: Some(cache), walls }).unwrap()
}

fn kept(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder.join("code")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn only_the_script_component_is_kept_and_it_is_not_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = engine(folder.path(), true);
    first.load(&rust()).unwrap().start(PATIENT).unwrap();
    assert!(kept(folder.path()).is_empty(), "what is of a package is not kept");
    first.load(&one_file(APP)).unwrap().start(PATIENT).unwrap();
    assert_eq!(kept(folder.path()).len(), 1);
    let image = tempfile::tempfile().unwrap();
    assert!(matches!(first.write_image(&image, &[5; 32], &one_file(APP), PATIENT), Err(NoImage::NoKey)));

    let second = engine(folder.path(), false);
    second.load(&one_file(APP)).unwrap().start(PATIENT).unwrap();
    assert!(second.load(&rust()).is_err(), "nothing can be compiled here");
}
