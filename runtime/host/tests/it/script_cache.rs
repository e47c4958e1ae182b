//! Looks and replays leave nothing behind but what the platform has compiled for itself.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use guichet_host::{Look, LookOptions, LookTerminal, Replayer, Start, Walls};
use guichet_services::Memory;

use crate::{
    app::{App, PERMIT},
    device::Running,
    journal::Recording,
};

/// The cache of all tests that are not about it.
pub(crate) fn shared() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("script")
}

/// The kinds of files in a folder.
fn kinds(folder: &Path) -> Vec<String> {
    let kind = |path: &Path| path.extension().map_or("key", |kind| kind.to_str().unwrap()).to_owned();
    let mut kinds: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| kind(&entry.unwrap().path())).collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn a_look_keeps_the_script_component_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("script");
    let options = LookOptions {
        services: Arc::new(Memory::default()),
        lang: "en".to_owned(),
        terminal: LookTerminal::Desktop,
        walls: Walls::One,
        script_cache: Some(cache.clone()),
        recorder: None,
        plays: None,
    };
    let look = Look::open(App::new(PERMIT, 1).seal("residence"), options).unwrap();
    let running = Running::by(|sink| look.launch(&Start::default(), sink)).unwrap();
    running.loaded();
    running.close();
    assert_eq!(kinds(&cache), ["cwasm", "key"]);
}

#[test]
fn a_replay_keeps_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("script");
    let replayer = Replayer::new(Walls::One, Some(&cache)).unwrap();
    let recording = Recording::with("export default {};");
    recording.terminal.launch(PERMIT).loaded();
    assert_eq!(replayer.replay(&recording.end()[..], None).unwrap().sessions, 1);
    assert_eq!(kinds(&cache), ["cwasm", "key"]);
}
