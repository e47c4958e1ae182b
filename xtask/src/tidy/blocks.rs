//! Console blocks of documents are run as they are written, or it is said here why not. That their commands parse is tested
//! in `packager/src/reference.rs` and `store-server/server/tests/it/guides.rs`.

use std::collections::BTreeSet;

use super::{root, tracked};

/// What becomes of the console blocks of one document.
enum Blocks {
    /// This test runs them.
    RunBy(&'static str),
    /// They are run in no test as they stand, and this is why.
    Shown(&'static str),
}

use Blocks::{RunBy, Shown};

const DOCUMENTS: &[(&str, Blocks)] = &[
    ("README.md", Shown("xtask itself: CI runs these two commands, with all tests in them")),
    ("docs/conformance.md", Shown("xtask itself: CI runs the suite")),
    ("docs/guides/air-gap.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/guides/air-gap.zh-Hans.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/guides/database-and-backup.md", RunBy("store-server/server/tests/it/databases.rs")),
    ("docs/guides/database-and-backup.zh-Hans.md", RunBy("store-server/server/tests/it/databases.rs")),
    ("docs/guides/editors.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/guides/editors.zh-Hans.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/guides/existing-app.md", RunBy("samples/journeys/tests/it/existing_app.rs")),
    ("docs/guides/existing-app.zh-Hans.md", RunBy("samples/journeys/tests/it/existing_app.rs")),
    ("docs/guides/first-app.md", RunBy("samples/journeys/tests/it/first_app.rs")),
    ("docs/guides/first-app.zh-Hans.md", RunBy("samples/journeys/tests/it/first_app.rs")),
    ("docs/guides/hall.md", RunBy("samples/journeys/tests/it/hall.rs")),
    ("docs/guides/hall.zh-Hans.md", RunBy("samples/journeys/tests/it/hall.rs")),
    ("docs/guides/journeys.md", RunBy("samples/journeys/tests/it/desk_journeys.rs")),
    ("docs/guides/journeys.zh-Hans.md", RunBy("samples/journeys/tests/it/desk_journeys.rs")),
    ("docs/guides/key-ceremony.md", RunBy("store-server/server/tests/it/ceremony.rs")),
    ("docs/guides/key-ceremony.zh-Hans.md", RunBy("store-server/server/tests/it/ceremony.rs")),
    ("docs/guides/people-and-roles.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/guides/people-and-roles.zh-Hans.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/guides/record-and-replay.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/guides/record-and-replay.zh-Hans.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/guides/witness-and-monitor.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/guides/witness-and-monitor.zh-Hans.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/reference/cli.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/reference/formats.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/roles/developer.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/roles/developer.zh-Hans.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/roles/kiosk.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/roles/kiosk.zh-Hans.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/roles/operator.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/roles/operator.zh-Hans.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/roles/reviewer.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("docs/roles/reviewer.zh-Hans.md", RunBy("samples/journeys/tests/it/roles.rs")),
    ("host-apis/types/README.md", RunBy("samples/journeys/tests/it/types.rs")),
    ("packager/templates/component/README.md", RunBy("samples/journeys/tests/it/whole_way.rs")),
    ("packager/templates/page/README.md", RunBy("samples/journeys/tests/it/whole_way.rs")),
    ("packager/templates/vue/README.md", RunBy("samples/journeys/tests/it/whole_way.rs")),
    (
        "samples/README.md",
        Shown("xtask does these steps with target folders of its own: guests.rs builds, test.rs runs the tests"),
    ),
];

/// Documents with commands in blocks of their own that are to be typed by hand (`sh`), and why no test runs them as they stand.
const BY_HAND: &[(&str, &str)] = &[
    ("docs/guides/first-app.md", "a window that stays until it is closed: dev.rs"),
    ("docs/guides/first-app.zh-Hans.md", "a window that stays until it is closed: dev.rs"),
    (
        "docs/guides/hall.md",
        "root, or a device: hall.rs enrols in a folder of its own and looks whether the rest is a script",
    ),
    ("docs/guides/hall.zh-Hans.md", "the same as in English, which hall.rs sees to"),
];

#[test]
fn every_document_with_console_blocks_is_run_or_says_why_not() {
    let listed: BTreeSet<String> = DOCUMENTS.iter().map(|(path, _)| (*path).to_owned()).collect();
    let found = with_blocks("console");
    assert_eq!(found, listed, "the table of xtask/src/tidy/blocks.rs says what becomes of each document's commands");
    let by_hand: BTreeSet<String> = BY_HAND.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(with_blocks("sh"), by_hand, "xtask/src/tidy/blocks.rs says why no test runs what is typed by hand");
    assert!(BY_HAND.iter().all(|(_, why)| why.len() > 10));
}

/// Documents with blocks of this kind.
fn with_blocks(kind: &str) -> BTreeSet<String> {
    let fence = format!("\n```{kind}\n");
    let has_blocks = |path: &std::path::PathBuf| {
        path.extension().is_some_and(|extension| extension == "md")
            && std::fs::read_to_string(root().join(path)).unwrap().contains(&fence)
    };
    tracked().into_iter().filter(has_blocks).map(|path| path.display().to_string()).collect()
}

#[test]
fn a_test_that_is_said_to_run_a_document_names_it() {
    for (document, blocks) in DOCUMENTS {
        match blocks {
            Shown(why) => assert!(why.len() > 10, "{document}"),
            RunBy(test) => {
                let text = std::fs::read_to_string(root().join(test)).unwrap();
                let name = document.rsplit('/').next().unwrap_or(document);
                assert!(text.contains(name), "{test} does not name {document}");
            }
        }
    }
}
