//! `guichet test` in the real window: the journeys of a template on every terminal, and some that find something else.

use std::{fs, path::Path};

use guichet_journeys::{
    display::Display,
    guide::{self, commands_in_both},
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
fn the_journeys_of_a_template_pass_on_every_terminal_with_pictures() {
    let folder = app();
    let (finished, report) = test(folder.path(), &["--only", "citizen", "--profile", "all"]);
    assert!(finished.status.success(), "{report:#}");
    assert_eq!((&report["passed"], &report["failed"], &report["skipped"]), (&6.into(), &0.into(), &0.into()));
    let wide = [("phone", 390), ("tablet", 820), ("desktop", 1280), ("kiosk", 1080), ("elder", 820), ("reader", 1280)];
    for (one, (profile, expected)) in wide.into_iter().enumerate() {
        let outcome = &report["journeys"][one];
        assert_eq!((&outcome["on"], &outcome["window"]), (&profile.into(), &true.into()));
        assert_eq!(outcome["pictures"].as_array().unwrap().len(), 2, "{outcome:#}");
        let path = folder.path().join("app/dist/journeys").join(profile).join("report.png");
        let (width, _) = picture::size(&path).unwrap();
        // What is missing is the scroll bar.
        assert!((expected - 20..=expected).contains(&width), "{profile} is {width} wide");
        fs::copy(&path, Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("desk-journeys-{profile}.png"))).unwrap();
    }
}

/// What is seen and cannot be heard or reached, and what is heard and cannot be seen.
#[test]
fn a_reader_s_journey_hears_the_page_and_uses_the_keyboard_and_an_elder_s_page_is_larger() {
    let folder = app();
    let page = "<!doctype html><html lang=en><meta charset=utf-8><title>Desk</title><link rel=stylesheet href=../app.css>\
        <script type=module src=home.js></script><main><h1 id=wide></h1><p aria-hidden=true>For eyes only</p>\
        <button aria-label=Close id=shut>x</button><div role=button id=away>Go away</div>\
        <label><input type=checkbox id=agree> I agree</label><label>Kind <select id=kind><option>Light<option>Road</select></label>\
        <ul><li><strong>One</strong> <button>Open</button><li><strong>Two</strong> <button>Open</button></ul><p id=said></p></main></html>";
    let script = "const draw = () => { wide.textContent = `wide ${innerWidth}`; };\n\
        draw();\naddEventListener('resize', draw);\nconst say = (text) => { said.textContent = text; };\n\
        shut.onclick = (event) => say(`closed ${event.detail}`); agree.onchange = () => say(`agreed ${agree.checked}`);\n\
        kind.onchange = () => say(`of kind ${kind.value}`);\n\
        for (const item of document.querySelectorAll('li')) item.lastElementChild.onclick = () => say(`opened ${item.firstChild.textContent}`);\n";
    let both = "await app.choose(\"Kind\", \"Road\");\n  await app.see(\"of kind Road\");\n  \
        await app.tap(\"Open\", { in: \"Two\" });\n  await app.see(\"opened Two\");\n";
    let journeys = "journey(\"hears\", async (app) => {\n  await app.open();\n  await app.gone(\"For eyes only\");\n  await app.see(\"Close\");\n  \
        await app.tap(\"Close\");\n  await app.see(\"closed 0\");\n  await app.tap(\"I agree\");\n  await app.see(\"agreed true\");\n  BOTH});\n\
        journey(\"reaches\", async (app) => {\n  await app.open();\n  await app.tap(\"Go away\");\n});\n\
        journey(\"is large\", { profiles: [\"elder\"] }, async (app) => {\n  await app.open();\n  await app.see(\"wide 54\");\n  BOTH});\n"
        .replace("BOTH", both);
    for (file, text) in [("pages/home.html", page), ("pages/home.js", script), ("tests/reports.js", journeys.as_str())]
    {
        fs::write(folder.path().join("app").join(file), text).unwrap();
    }
    let (_, report) = test(folder.path(), &["--profile", "reader"]);
    assert_eq!(
        (&report["passed"], &report["failed"], &report["skipped"]),
        (&1.into(), &1.into(), &1.into()),
        "{report:#}"
    );
    assert_eq!(report["journeys"][1]["what"], "`Go away` is there, and nobody reaches it with the keyboard");
    let (_, report) = test(folder.path(), &["--profile", "elder"]);
    let ends: Vec<&Value> = (0..3).map(|one| &report["journeys"][one]["end"]).collect();
    assert_eq!(ends, ["failed", "passed", "passed"], "{report:#}");
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

/// The guide *Journeys*: what both languages type, run as it stands.
#[test]
fn the_guides_work_as_they_are_written() {
    let script = commands_in_both("docs/guides/journeys.md", "docs/guides/journeys.zh-Hans.md").unwrap();
    assert!(script.contains("guichet test repairs\n"), "{script}");
    let _turn = Display::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    guide::run(&script, folder.path(), &[]).unwrap();
    for made in
        ["repairs/dist/journeys.xml", "repairs/dist/journeys/desktop/home.png", "repairs/dist/journeys/phone/home.png"]
    {
        assert!(folder.path().join(made).is_file(), "{made}");
    }
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
