//! What a package is, whose seal it has, what it weighs.

use serde_json::json;

use crate::program::Desk;

const MANIFEST: &str = r##"{
  "app_id": "gov.example.small",
  "name": "Small",
  "icons": [{ "src": "common/icon.svg" }],
  "pages": ["pages/home"],
  "platform_version": { "min_code": 1 },
  "version": { "code": 7, "name": "0.7.0" },
  "widgets": [{ "name": "Next", "path": "widgets/next" }],
  "window": { "orientation": "landscape", "background_color": "#112233" },
  "req_permissions": [
    { "name": "host:network", "reason": "Asks the office.", "scope": { "domains": ["a.example"] } },
    { "name": "host:print" }
  ]
}
"##;

/// A small app in the folder `app`, sealed in `app.ma`.
fn small() -> Desk {
    let desk = Desk::new();
    for (name, text) in [
        ("manifest.json", MANIFEST),
        ("app.js", "export default {};\n"),
        ("app.css", ""),
        ("pages/home.html", "<h1>Home</h1>\n"),
        ("widgets/next.html", "<h1>Next</h1>\n"),
        ("common/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"),
        ("i18n/zh-Hans.json", r#"{"manifest": {"name": "小", "req_permissions": {"host:network": "问办公室。"}}}"#),
    ] {
        desk.write(&format!("app/{name}"), text);
    }
    desk.ok(&["key", "new", "publisher.key"]);
    desk.ok(&["build", "app", "--key", "publisher.key", "-o", "app.ma"]);
    let key = desk.json(&["key", "show", "publisher.key"])["key"].clone();
    let keys = json!({
        "format": 1, "department": "works", "keys": [{"key": key, "revoked": false}],
        "name": {"en": "Public works", "zh-Hans": "市政"}, "prefixes": ["gov.example"],
    });
    desk.write("keys.json", keys.to_string());
    desk
}

/// Without the size that depends on the compressor.
fn shown(desk: &Desk, arguments: &[&str]) -> String {
    let text = desk.run(arguments);
    text.lines().filter(|line| !line.contains(".ma.zst")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_package_is_shown_with_its_seal_sizes_window_and_languages() {
    let desk = small();
    insta::assert_snapshot!(shown(&desk, &["inspect", "--keys", "keys.json", "app.ma"]), @r##"
    exit: 0
    ----- stdout
    app        Small  gov.example.small
    version    0.7.0 (7)
    platform   1
    pages      pages/home
    logic      app.js
    digest     [DIGEST]
    size [SIZE]
    sealed by  [DIGEST]
    key of     Public works (works)
    window     background_color "#112233", orientation "landscape"
    languages  zh-Hans
    widgets    widgets/next

    permissions
      host:network  Asks the office.  {"domains":["a.example"]}
      host:print

    sizes by type
      json        2  588 B
      svg         1  42 B
      html        2  28 B
      js          1  19 B
      css         1  0 B
      all files   7  677 B

    files
      manifest.json      503 B
      i18n/zh-Hans.json  85 B
      common/icon.svg    42 B
      app.js             19 B
      pages/home.html    14 B
      widgets/next.html  14 B
      app.css            0 B
    ----- stderr
    "##);
    let zh = shown(&desk, &["--lang", "zh", "inspect", "--keys", "keys.json", "app.ma"]);
    insta::assert_snapshot!(zh.split("\n文件\n").next().unwrap(), @r##"
    exit: 0
    ----- stdout
    应用      小  gov.example.small
    版本      0.7.0 (7)
    平台      1
    页面      pages/home
    逻辑      app.js
    摘要      [DIGEST]
    大小 [SIZE]
    封签密钥  [DIGEST]
    密钥属于  市政 (works)
    窗口      background_color "#112233", orientation "landscape"
    语言      zh-Hans
    小部件    widgets/next

    权限
      host:network  问办公室。  {"domains":["a.example"]}
      host:print

    各类大小
      json            2  588 B
      svg             1  42 B
      html            2  28 B
      js              1  19 B
      css             1  0 B
      全部文件        7  677 B
    "##);
}

#[test]
fn the_same_is_there_for_programs() {
    let desk = small();
    let view = desk.json(&["inspect", "--keys", "keys.json", "app.ma"]);
    assert_eq!(view["seals"][0]["department"], json!({"id": "works", "name": "Public works", "revoked": false}));
    assert_eq!(view["window"], json!({"orientation": "landscape", "background_color": "#112233"}));
    assert_eq!((&view["languages"], &view["widgets"]), (&json!(["zh-Hans"]), &json!(["widgets/next"])));
    let sizes = &view["sizes"];
    assert_eq!((&sizes["package"], &view["length"]), (&view["length"], &json!(desk.bytes("app.ma").len())));
    assert!(sizes["zst"].as_u64().unwrap() < sizes["package"].as_u64().unwrap());
    assert_eq!(sizes["types"][0], json!({"type": "json", "files": 2, "bytes": 588}));
    // Without the list nobody knows whose key it is.
    let view = desk.json(&["inspect", "app.ma"]);
    assert_eq!(view["seals"], json!([{"key": view["sealed_by"][0]}]));
}

#[test]
fn a_list_that_is_none_is_refused() {
    let desk = small();
    desk.write("keys.json", r#"{"format":1}"#);
    let output = desk.command(&["--json", "inspect", "--keys", "keys.json", "app.ma"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
