//! Pages that lie beside each other, in the unmodified window: turning from one to another loses nothing of what was typed.

use std::{fs, path::Path};

use guichet_journeys::{
    display::Display,
    picture::{self, Word},
    process::{Running, must, program},
    until::{DEADLINE, until},
};

/// Two tabs, and a page that is opened from the second.
const MANIFEST: &str = r#"{
  "app_id": "gov.example.tabs", "name": "Library", "icons": [{ "src": "icon.svg" }],
  "platform_version": { "min_code": 1 }, "version": { "code": 1, "name": "1.0.0" },
  "pages": ["pages/search", "pages/loans", "pages/loan"],
  "guichet": { "tabs": [{ "page": "pages/search", "name": "Searching" }, { "page": "pages/loans", "name": "Borrowed" }] }
}"#;

fn page(body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><title>Library</title></head><body style='font:32px sans-serif'>{body}</body></html>"
    )
}

fn app(folder: &Path) {
    let search = page("<p>Author</p><p><input style='font:inherit' aria-label='Author'></p>");
    let loans = page("<p>Nothing overdue</p><p><a href='/pages/loan.html'>Renewal</a></p>");
    let loan = page("<p>Extended</p>");
    fs::create_dir_all(folder.join("pages")).unwrap();
    for (path, text) in [
        ("manifest.json", MANIFEST),
        ("icon.svg", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><path d='M4 4h16v16H4z'/></svg>"),
        ("app.js", ""),
        ("app.css", ""),
        ("pages/search.html", &search),
        ("pages/loans.html", &loans),
        ("pages/loan.html", &loan),
    ] {
        fs::write(folder.join(path), text).unwrap();
    }
}

#[test]
fn turning_to_another_tab_and_back_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (source, package) = (folder.path().join("library"), folder.path().join("library.ma"));
    app(&source);
    must(program("guichet").unwrap().arg("build").arg(&source).arg("-o").arg(&package)).unwrap();
    let display = Display::start().unwrap();
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--open").arg(&package).args(["--unsealed", "--lang", "en"]).env("DISPLAY", display.name());
    let mut window = Running::start("guichet-desktop", &mut command).unwrap();
    window.line("opened gov.example.tabs", DEADLINE).unwrap();
    // The last picture stays in the target folder, for whoever wants to see what the journey saw.
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tabs.png");
    let word = |text: &str| -> Word {
        let found = until(&format!("`{text}` can be read"), DEADLINE, || {
            display.picture(&picture)?;
            Ok(picture::find(&picture, text).ok())
        });
        found.unwrap_or_else(|error| panic!("{error:#}: {}", picture::text(&picture).unwrap_or_default()))
    };
    let click = |text: &str| {
        let word = word(text);
        display.click(word.x, word.y).unwrap();
    };
    word("Searching");
    let author = word("Author");
    display.click(author.x + 20, author.y + 60).unwrap();
    display.write("Lovelace").unwrap();
    word("Lovelace");

    click("Borrowed");
    word("overdue");
    click("Renewal");
    word("Extended");
    until("what lies on a tab has Back instead of a row of tabs", DEADLINE, || {
        display.picture(&picture)?;
        Ok(picture::find(&picture, "Searching").is_err().then_some(()))
    })
    .unwrap();
    // The middle of the arrow that leads back.
    display.click(38, 27).unwrap();
    word("overdue");
    click("Searching");
    word("Lovelace");
    window.stop().unwrap();
}
