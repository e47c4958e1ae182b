//! A stack of more pages than a window keeps the documents of, in the unmodified window: a WebDriver has one view for all.

use std::path::Path;

use guichet_journeys::{
    display::Display,
    process::{Running, must, program},
    reader::Reader,
    until::{DEADLINE, until},
};

/// Documents that are kept.
const KEPT: usize = 6;
/// Pages that are opened, one on the other.
const PAGES: usize = KEPT + 2;

#[test]
fn back_loads_a_page_anew_whose_document_was_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("deep.ma");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/stack/deep");
    let mut build = program("guichet").unwrap();
    must(build.env_remove("GUICHET_KEY").arg("build").arg(source).arg("-o").arg(&package)).unwrap();
    let display = Display::start().unwrap();
    let reader = Reader::listen(&display, folder.path()).unwrap();
    let mut command = program("guichet-desktop").unwrap();
    reader.listens_to(&mut command);
    command.arg("--open").arg(&package).args(["--unsealed", "--lang", "en"]);
    let mut window = Running::start("guichet-desktop", &mut command).unwrap();
    window.line("opened gov.example.residence.deep", DEADLINE).unwrap();

    let is_seen = |level: usize, document: usize| {
        let heading = format!("Level {level}, document {document}");
        let is_it = until(&heading, DEADLINE, || {
            let told = reader.told()?;
            Ok(told.iter().any(|spoken| spoken.is_shown && spoken.name == heading).then_some(()))
        });
        is_it.unwrap_or_else(|error| panic!("{error}: {:#?}", reader.told().unwrap()));
    };
    for level in 0..PAGES - 1 {
        is_seen(level, 1);
        reader.press("link", "Deeper").unwrap();
    }
    is_seen(PAGES - 1, 1);
    for level in (0..PAGES - 1).rev() {
        reader.press("push button", "Back").unwrap();
        is_seen(level, if level < PAGES - KEPT { 2 } else { 1 });
    }
    window.stop().unwrap();
}
