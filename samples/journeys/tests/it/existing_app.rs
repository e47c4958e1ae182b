//! What another tool has built, packed and opened: a small build here, npm's own Vue project in `--full`.

use std::{fs, path::Path, process::Command, time::Duration};

use guichet_journeys::{
    display::Display,
    look::look,
    picture,
    process::{Running, must, program, programs},
};
use serde_json::{Value, json};

/// As Vite writes it: a module with `crossorigin`, absolute URLs, and a router on the hash.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <title>Street repairs</title>
    <script>globalThis.fromThePage = "inline";</script>
    <script type="module" crossorigin src="/assets/index-Cx1.js"></script>
    <link rel="stylesheet" crossorigin href="/assets/index-Dy2.css">
  </head>
  <body><div id="app"></div></body>
</html>
"#;

const MODULE: &str = r##"const app = document.querySelector("#app");
const said = async (start) => { try { return await start(); } catch (error) { return `${error.name}: ${error.message.split(";")[0]}`; } };
const request = (url) => new Promise((done) => {
  const made = new XMLHttpRequest();
  made.onloadend = () => done(made.status || "no answer");
  made.open("GET", url);
  made.send();
});
const route = () => location.hash.slice(1) || "/";
const show = async () => {
  const { default: lazy } = await import("./lazy-Ez3.js");
  const lines = [
    `route ${route()}`, lazy, globalThis.fromThePage,
    `file ${await said(async () => (await (await fetch("/data.json")).json()).town)}`,
    `other ${await said(() => fetch("https://other.example/x"))}`,
    `cookies ${await said(() => fetch("https://data.example.gov/x", { credentials: "include" }))}`,
    `request ${await request("https://other.example/x")}`,
    `own request ${await request("data.json")}`,
  ];
  app.innerHTML = "";
  for (const line of lines) app.append(Object.assign(document.createElement("p"), { textContent: line }));
};
addEventListener("hashchange", show);
location.hash = "#/reports/7";
"##;

fn build(folder: &Path) {
    for (path, text) in [
        ("dist/index.html", PAGE),
        ("dist/assets/index-Cx1.js", MODULE),
        ("dist/assets/index-Cx1.js.map", "{}"),
        ("dist/assets/lazy-Ez3.js", "export default \"lazy chunk\";"),
        ("dist/assets/index-Dy2.css", "body { background: #a0c4ff; font: 28px sans-serif }"),
        ("dist/data.json", r#"{"town": "Example Town"}"#),
        ("dist/favicon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("package.json", r#"{"version": "2.1.0"}"#),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn guichet(folder: &Path, arguments: &[&str]) -> Value {
    let mut command = program("guichet").unwrap();
    command.args(["--json", "build"]).args(arguments).current_dir(folder).env_remove("GUICHET_KEY");
    serde_json::from_str(&must(&mut command).unwrap()).unwrap()
}

#[test]
fn a_build_of_another_tool_opens_as_an_app() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let given = ["--from", "dist", "--app-id", "gov.example.repairs", "--domain", "data.example.gov", "--yes"];
    let built = guichet(folder.path(), &given);
    assert_eq!(built["version"], json!({"code": 1, "name": "2.1.0"}));
    assert_eq!(built["web"][0]["class"], "web/undeclared-host", "{built:#}");
    let again = guichet(folder.path(), &["--from", "dist"]);
    assert_eq!(again["sha256"], built["sha256"], "nothing is asked, and the same comes out");

    let display = Display::start().unwrap();
    let looked = look(&display, &folder.path().join("gov.example.repairs-1.ma"), "look", &[]).unwrap();
    assert!(looked.finished.status.success(), "{}\n{:#}", looked.finished.stderr, looked.report);
    let text = looked.report["page_text"].as_str().unwrap_or_default().to_owned();
    fs::copy(&looked.picture, Path::new(env!("CARGO_TARGET_TMPDIR")).join("existing-app.png")).unwrap();
    for line in [
        "route /reports/7",
        "lazy chunk",
        "inline",
        "file Example Town",
        "other TypeError: network/not-declared: the permission `host:network` for other.example is missing",
        "cookies TypeError: fetch: the host keeps no cookies",
        "request no answer",
        "own request 200",
    ] {
        assert!(text.contains(line), "{line}: {text}\n{}", looked.finished.stderr);
    }
    let (width, height) = picture::size(&looked.picture).unwrap();
    assert_eq!(picture::color(&looked.picture, width / 2, height - 20).unwrap(), "#a0c4ff", "the style sheet counts");
}

/// The commands of a guide's console blocks.
fn commands(guide: &str) -> String {
    let blocks = guide.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("$ ")).map(|line| format!("{line}\n")).collect()
}

fn replay(guide: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap();
    let guide = fs::read_to_string(root.join("docs/guides").join(guide)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let display = Display::start().unwrap();
    let old = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths(std::iter::once(programs().unwrap()).chain(std::env::split_paths(&old))).unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-c", &format!("set -euo pipefail\n{}", commands(&guide))]).current_dir(folder.path());
    bash.env("PATH", path).env("DISPLAY", display.name()).env("GUICHET_HOME", folder.path().join("home"));
    let mut bash = Running::start("bash", bash.env_remove("GUICHET_KEY")).unwrap();
    let status = bash.wait_until(Duration::from_secs(600)).unwrap();
    assert!(status.success(), "{}", bash.said());
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("repairs/look.json")).unwrap()).unwrap();
    let text = report["page_text"].as_str().unwrap_or_default();
    assert!(text.contains("Count is 0"), "Vue has drawn its page: {report:#}");
    fs::copy(folder.path().join("repairs/look.png"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("vue.png")).unwrap();
}

#[test]
#[ignore = "asks npm for Vite and Vue: `cargo xtask test --full`"]
fn the_guides_move_a_vue_app_as_they_are_written() {
    replay("existing-app.md");
    replay("existing-app.zh-Hans.md");
}
