//! The main job, and that its demo notices damage.

use std::path::{Path, PathBuf};

use guichet_journeys::{
    demo::{Sabotage, headless::play},
    picture,
    report::{STEPS, Step},
};

pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// `setup` and `build` are done before any test runs.
fn before() -> Vec<Step> {
    let done = |name: &str| Step { name: name.to_owned(), ok: true, ms: 0, error: None, facts: Default::default() };
    STEPS[..2].iter().copied().map(done).collect()
}

#[test]
fn from_a_folder_to_a_window_and_a_new_version_while_it_is_open() {
    let out = tempfile::tempdir().unwrap();
    let report = play(&samples(), out.path(), "Ferry 42 runs daily", before(), None).unwrap();
    assert!(report.ok, "{report:#?}");
    assert_eq!(report.get("install").unwrap().facts["sequence"], 1);
    assert_eq!(report.get("open-v2").unwrap().facts["sequence"], 2);
    let (first, second) = (
        &report.get("install").unwrap().facts["bytes_downloaded"],
        &report.get("open-v2").unwrap().facts["bytes_downloaded"],
    );
    assert!(second.as_u64() < first.as_u64(), "the new version brought {second} bytes, the first {first}");
    let text = picture::text(&out.path().join("open-v2.png")).unwrap();
    assert!(text.contains("Ferry 42 runs daily"), "the picture says: {text}");
}

#[test]
fn a_flipped_byte_of_a_published_blob_is_noticed_and_named() {
    let out = tempfile::tempdir().unwrap();
    let report = play(&samples(), out.path(), "never shown", before(), Some(Sabotage::Blob)).unwrap();
    assert!(!report.ok);
    let install = report.get("install").unwrap();
    assert!(install.error.as_ref().unwrap().contains("blob"), "{install:#?}");
    assert!(report.get("teardown").unwrap().ok, "{report:#?}");
}
