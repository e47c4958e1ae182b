//! What machines see of a submission: every page on every terminal, by the real window behind a wall, beside the release
//! before.

use std::{fs, path::Path, time::Duration};

use guichet_journeys::{
    process::must,
    town::{OFFICES, Town},
    until::until,
};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(600);

/// An app of one page, which says what is new in each version.
fn app(folder: &Path, code: u32, text: &str) {
    let manifest = json!({
        "app_id": "gov.example.residence.hours", "name": "Hours", "lang": "en",
        "icons": [{"src": "common/icon.svg", "sizes": "any"}], "pages": ["pages/home"],
        "platform_version": {"min_code": 1}, "version": {"code": code, "name": format!("{code}.0.0")},
    });
    let page = format!(
        "<!doctype html><html lang=\"en\"><title>Hours</title><meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"stylesheet\" href=\"home.css\"><main><h1>{text}</h1></main>"
    );
    let style = ":root { color-scheme: light dark } body { font-family: sans-serif }";
    let icon = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    for (path, text) in [
        ("manifest.json", manifest.to_string().as_str()),
        ("app.js", "export {};"),
        ("app.css", ""),
        ("pages/home.html", &page),
        ("pages/home.css", style),
        ("common/icon.svg", icon),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The second is true of version 2 only.
const HOURS: &str = "journey('hours are said', async (app) => { await app.open(); await app.see('Monday'); });
journey('Saturdays are said', async (app) => { await app.open(); await app.see('Saturday'); });
";

fn asked(town: &Town, path: &str) -> Value {
    let token = &town.developer("residence").unwrap().token;
    let url = format!("{}/api/v1/submissions/{path}", town.url());
    let answer = ureq::get(&url).header("Authorization", format!("Bearer {token}")).call();
    answer.unwrap().body_mut().read_json().unwrap()
}

/// The checks of a submission, once none is waiting or under way.
fn ended(town: &Town, id: &str) -> Vec<Value> {
    let checks = until("the checks have ended", DEADLINE, || {
        let checks = asked(town, &format!("{id}/checks"));
        let all = checks["items"].as_array().unwrap();
        let is_ended = |check: &Value| !["waiting", "running"].contains(&check["state"].as_str().unwrap());
        Ok(all.iter().all(is_ended).then_some(all.clone()))
    });
    checks.unwrap()
}

fn named<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    checks.iter().find(|check| check["name"] == name).unwrap()
}

#[test]
#[ignore = "needs axe-core: cargo xtask test --full"]
fn axe_finds_a_field_without_a_label_before_people_decide() {
    assert!(std::env::var_os("GUICHET_AXE").is_some(), "where the store finds axe-core");
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found(folder.path(), &OFFICES).unwrap();
    town.close().unwrap();
    town.open_with(&["--checks", "on"]).unwrap();
    let (app_folder, package) = (folder.path().join("hours"), folder.path().join("hours.ma"));
    app(&app_folder, 1, "Your street</h1><input><h1>Hours");
    town.build("residence", &app_folder, &package).unwrap();
    let id = town.publish("residence", &package).unwrap();
    let checks = ended(&town, &id);
    let pages = named(&checks, "pages");
    let found: Vec<&Value> = pages["findings"].as_array().unwrap().iter().collect();
    let labels = found.iter().filter(|found| found["what"]["en"].as_str().unwrap().contains("label")).count();
    assert!(labels > 0 && found.iter().all(|found| found["class"] == "page/axe"), "{pages:#}");
    assert!(found.iter().all(|found| found["path"] == "pages/home.html"), "{pages:#}");
}

#[test]
#[ignore = "opens two dozen windows: cargo xtask test --full"]
fn every_page_is_seen_on_every_terminal_before_people_decide_and_beside_the_release_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found(folder.path(), &OFFICES).unwrap();
    town.close().unwrap();
    town.open_with(&["--checks", "on"]).unwrap();
    let (app_folder, package) = (folder.path().join("hours"), folder.path().join("hours.ma"));
    for (code, text) in [(1, "Monday to Friday"), (2, "Monday to Saturday")] {
        app(&app_folder, code, text);
        town.build("residence", &app_folder, &package).unwrap();
        let journeys = folder.path().join("journeys");
        fs::create_dir_all(&journeys).unwrap();
        fs::write(journeys.join("hours.js"), HOURS).unwrap();
        let mut publish = town.guichet(town.developer("residence").unwrap()).unwrap();
        let said = must(publish.args(["--json", "publish"]).arg(&package).arg("--tests").arg(&journeys)).unwrap();
        let id = serde_json::from_str::<Value>(&said).unwrap()["id"].as_str().unwrap().to_owned();
        // Nobody waits for the pictures.
        assert_eq!(town.state("residence", &id).unwrap(), "in_review");
        let checks = ended(&town, &id);
        let pages = named(&checks, "pages");
        assert_eq!((&pages["state"], &pages["findings"]), (&json!("done"), &json!([])), "{pages:#}");
        let run = named(&checks, "journeys");
        let (all, failed) = match code {
            1 => ("passed: 2, failed: 2, skipped: 0", 2),
            _ => ("passed: 4, failed: 0, skipped: 0", 0),
        };
        assert_eq!(run["why"]["en"], all, "{run:#}");
        assert_eq!(run["findings"].as_array().unwrap().len(), failed, "{run:#}");
        for found in run["findings"].as_array().unwrap() {
            assert_eq!((&found["path"], &found["line"]), (&json!("tests/hours.js"), &json!(2)), "{found:#}");
        }
        let pictures = asked(&town, &format!("{id}/pictures"));
        let pictures = pictures["items"].as_array().unwrap();
        assert_eq!(pictures.len(), 12, "five terminals and the dark, in two languages: {pictures:#?}");
        for picture in pictures {
            assert_eq!((picture["before"] == true, picture["changed"] == true), (code == 2, code == 2), "{picture}");
        }
        town.approve("residence", &id).unwrap();
    }
}
