//! A session recorded in the unmodified window is played again, logic and pages, and an altered page is found.

use std::{
    fs,
    path::{Path, PathBuf},
};

use guichet_journeys::{
    demo::sample,
    display::Display,
    picture::{self, Word},
    process::{Finished, Running, must, program, run},
    until::{DEADLINE, until},
};
use serde_json::{Value, json};

/// What is typed, and must not be in the file: whole, and all of it that is long enough to be known.
const NAME: &str = "Ada Lovelace";
const PHONE: &str = "13800138000";

/// The names under which the sample keeps what it is told about a person.
const PERSONAL: [&str; 11] =
    ["name", "id_number", "phone", "street", "door", "expires", "move_in", "proof_date", "number", "birth", "text"];

fn build(source: &Path, package: &Path) {
    must(program("guichet").unwrap().arg("build").arg(source).arg("-o").arg(package)).unwrap();
}

/// The sample in a folder of its own, declaring what is personal. As it lies in the repository it declares nothing: its
/// logic looks into what is entered, and so a redacted session could go another way when it is run again (0024).
fn declared(into: &Path) -> PathBuf {
    fs::create_dir(into).unwrap();
    let folder = sample::copy(&super::main_job::samples(), "residence-permit", into).unwrap();
    let manifest = folder.join("manifest.json");
    let mut json: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    json["guichet"]["personal"] = json!(PERSONAL);
    fs::write(&manifest, serde_json::to_vec_pretty(&json).unwrap()).unwrap();
    folder
}

fn replay(journal: &Path, arguments: &[&str], package: Option<&Path>) -> Finished {
    let mut command = program("guichet").unwrap();
    command.arg("replay").arg(journal).args(arguments).env_remove("DISPLAY");
    if let Some(package) = package {
        command.arg("--package").arg(package);
    }
    run(&mut command).unwrap()
}

/// Begins an application and types a name and a number, as a citizen does; the draft is kept by itself.
fn record(package: &Path, journal: &Path) {
    let display = Display::start().unwrap();
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--open").arg(package).args(["--unsealed", "--lang", "en", "--record"]).arg(journal);
    let mut window = Running::start("guichet-desktop", command.env("DISPLAY", display.name())).unwrap();
    window.line("opened gov.example.residence.permit", DEADLINE).unwrap();
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("glass.png");
    let word = |text: &str| -> Word {
        let found = until(&format!("`{text}` can be read"), DEADLINE, || {
            display.picture(&picture)?;
            Ok(picture::find(&picture, text).ok())
        });
        found.unwrap_or_else(|error| panic!("{error:#}: {}", picture::text(&picture).unwrap_or_default()))
    };
    let say = |text: &str| {
        until(&format!("the journal has {text}"), DEADLINE, || {
            Ok(fs::read_to_string(journal)?.contains(text).then_some(()))
        })
        .unwrap();
    };
    word("Need");
    display.click(640, 400).unwrap();
    display.key("Tab").unwrap();
    display.key("Return").unwrap();
    let name = word("Name");
    display.click(name.x + 100, name.y + 68).unwrap();
    display.write(NAME).unwrap();
    display.key("Tab").unwrap();
    display.key("Tab").unwrap();
    display.write(PHONE).unwrap();
    word("Draft");
    // The window is closed when the page has come to rest with all that was typed.
    say("\"rest\":{");
    let rests = || fs::read_to_string(journal).unwrap().matches("\"rest\":").count();
    let before = rests();
    display.key("Tab").unwrap();
    until("the page rests again", DEADLINE, || Ok((rests() > before).then_some(()))).unwrap();
    window.stop().unwrap();
}

#[test]
fn what_was_recorded_in_the_window_is_played_again_and_an_altered_page_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (package, journal) = (folder.path().join("permit.ma"), folder.path().join("permit.journal"));
    build(&declared(&folder.path().join("recorded")), &package);
    record(&package, &journal);
    fs::copy(&journal, Path::new(env!("CARGO_TARGET_TMPDIR")).join("glass.journal")).unwrap();

    let recorded = fs::read_to_string(&journal).unwrap();
    for typed in [NAME, PHONE, "Ada Lov", "Lovelace", "1380013"] {
        let line = recorded.lines().position(|line| line.contains(typed) && !line.contains("\"program\""));
        assert_eq!(line, None, "`{typed}` is in the journal: {:?}", line.and_then(|at| recorded.lines().nth(at)));
    }

    let same = replay(&journal, &[], None);
    assert_eq!(same.status.code(), Some(0), "{}{}", same.stdout, same.stderr);
    let same = replay(&journal, &["--glass", "--json"], None);
    assert_eq!(same.status.code(), Some(0), "{}{}", same.stdout, same.stderr);
    let pages = serde_json::from_str::<Value>(&same.stdout).unwrap()["pages"].clone();
    assert!(
        pages["same"] == true && pages["rests"].as_u64() > Some(3) && pages["inputs"].as_u64() > Some(30),
        "{pages}"
    );

    let altered = declared(&folder.path().join("altered"));
    let page = altered.join("pages/apply.html");
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains(r#"id="phone" name="phone""#));
    fs::write(&page, html.replace(r#"id="phone" name="phone""#, r#"id="phone" name="phone" disabled"#)).unwrap();
    let other = folder.path().join("altered.ma");
    build(&altered, &other);
    let differs = replay(&journal, &["--glass", "--json"], Some(&other));
    assert_eq!(differs.status.code(), Some(1), "{}{}", differs.stdout, differs.stderr);
    let report: Value = serde_json::from_str(&differs.stdout).unwrap();
    assert_eq!(report["difference"], Value::Null, "the logic is the same");
    let found = &report["pages"]["difference"];
    assert_eq!(found["route"], "pages/apply", "{found}");
    assert!(found["place"].as_str().unwrap().ends_with("input#phone @disabled"), "{found}");
    assert_eq!((&found["expected"], &found["got"]), (&Value::Null, &Value::from("")), "{found}");
}
