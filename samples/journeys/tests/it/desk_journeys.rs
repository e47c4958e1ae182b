//! `guichet test` in the real window: the journeys of a template on two terminals, and one that finds something else.

use std::{fs, path::Path};

use guichet_journeys::{
    display::Display,
    picture,
    process::{Finished, must, program, run},
};
use serde_json::Value;

fn test(folder: &Path, arguments: &[&str]) -> (Finished, Value) {
    // Its own display comes and goes; the turn keeps other windows away meanwhile.
    let _turn = Display::start().unwrap();
    let mut command = program("guichet").unwrap();
    command.args(["--json", "test", "app"]).args(arguments).current_dir(folder).env_remove("DISPLAY");
    let finished = run(&mut command).unwrap();
    let report = serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:?}"));
    (finished, report)
}

fn app() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut new = program("guichet").unwrap();
    must(new.args(["new", "app", "--app-id", "gov.example.repairs"]).current_dir(folder.path())).unwrap();
    folder
}

#[test]
fn the_journeys_of_a_template_pass_on_two_terminals_with_pictures() {
    let folder = app();
    let (finished, report) = test(folder.path(), &["--only", "citizen", "--profile", "desktop", "--profile", "phone"]);
    assert!(finished.status.success(), "{report:#}");
    assert_eq!((&report["passed"], &report["failed"], &report["skipped"]), (&2.into(), &0.into(), &0.into()));
    for (one, profile, wide) in [(0, "desktop", 1000..1281), (1, "phone", 380..391)] {
        let outcome = &report["journeys"][one];
        assert_eq!(outcome["on"], profile);
        assert_eq!(outcome["pictures"].as_array().unwrap().len(), 2, "{outcome:#}");
        let path = folder.path().join("app/dist/journeys").join(profile).join("report.png");
        let (width, _) = picture::size(&path).unwrap();
        assert!(wide.contains(&width), "{profile} is {width} wide");
        fs::copy(&path, Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("desk-journeys-{profile}.png"))).unwrap();
    }
}

#[test]
fn what_is_not_seen_fails_with_file_line_and_what_is_seen_instead() {
    let folder = app();
    let journeys = "journey(\"a title\", async (app) => {\n  await app.open(\"pages/report\");\n  await app.see(\"哪里要修？\");\n  \
                    equal(await app.call(\"reports\"), []);\n  await app.back();\n  await app.tap(\"Nowhere\");\n});\n";
    fs::write(folder.path().join("app/tests/reports.js"), journeys).unwrap();
    let (finished, report) = test(folder.path(), &["--profile", "phone"]);
    assert_eq!(finished.status.code(), Some(1), "{report:#}");
    let outcome = &report["journeys"][0];
    assert_eq!((&outcome["on"], &outcome["end"]), (&"phone".into(), &"failed".into()));
    assert_eq!(outcome["where"], "tests/reports.js:6");
    let what = outcome["what"].as_str().unwrap();
    assert!(
        what.starts_with("waited 10 s in vain until `Nowhere` is there; the page shows: 返回 哪里要修？"),
        "{what}"
    );
}

/// axe-core is npm's, so this runs in `--full`, in a project that has it.
#[test]
#[ignore = "needs axe-core: cargo xtask test --full"]
fn axe_looks_at_the_pages_of_a_template_and_finds_a_field_without_a_label() {
    let folder = app();
    let modules =
        std::env::var("GUICHET_AXE").unwrap_or_else(|_| panic!("set GUICHET_AXE to a node_modules with axe-core"));
    std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).unwrap();
    let journeys = "journey(\"is accessible\", async (app) => {\n  await app.open();\n  await app.axe();\n  await app.tap(\"报修一处\");\n  \
                    await app.axe();\n});\n";
    fs::write(folder.path().join("app/tests/reports.js"), journeys).unwrap();
    let (finished, report) = test(folder.path(), &["--profile", "phone"]);
    assert!(finished.status.success(), "{report:#}");
    let page = folder.path().join("app/pages/report.html");
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text.replace("<label for=\"place\" data-say=\"report.place\"></label>", "")).unwrap();
    let (finished, report) = test(folder.path(), &["--profile", "phone"]);
    assert_eq!(finished.status.code(), Some(1), "{report:#}");
    let what = report["journeys"][0]["what"].as_str().unwrap();
    assert!(
        what.starts_with("axe: ") && what.contains("label (critical): Form elements must have labels: #place"),
        "{what}"
    );
}
