//! From an empty folder to a package that others can judge.

use crate::program::Desk;

#[test]
fn a_new_app_is_built_verified_and_inspected() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.run(&["new", "app", "--app-id", "gov.example.repairs"]), @r"
    exit: 0
    ----- stdout
    ----- stderr
    made app: 21 files
    next: cd app, then guichet dev opens it in a window; README.md says more
    ");
    desk.ok(&["key", "new", "publisher.key"]);
    insta::assert_snapshot!(desk.run(&["build", "app", "--key", "publisher.key"]), @r"
    exit: 0
    ----- stdout
    package  app/dist/gov.example.repairs-1.ma
    app      gov.example.repairs 1.0.0 (1)
    digest   [DIGEST]
    size [SIZE]
    ----- stderr
    packing app
    next: guichet publish app/dist/gov.example.repairs-1.ma
    ");
    let package = "app/dist/gov.example.repairs-1.ma";
    insta::assert_snapshot!(desk.run(&["verify", "--unsealed", package]), @r"
    exit: 0
    ----- stdout
    app       gov.example.repairs
    contents  [DIGEST]
    verdict   good, the seal was not judged
    ----- stderr
    ");
    let inspected = desk.run(&["inspect", package]);
    insta::assert_snapshot!(inspected.split("\nsizes by type\n").next().unwrap(), @r##"
    exit: 0
    ----- stdout
    app        Street repairs  gov.example.repairs
               A street light out, a broken pavement: tell us here.
    version    1.0.0 (1)
    platform   1
    pages      pages/home, pages/report
    logic      app.js
    digest     [DIGEST]
    size [SIZE]
    sealed by  [DIGEST]
    window     background_color "#eff3f1"
    languages  en, zh-Hans

    permissions
      host:storage  Keeps your reports and your draft on this device.
    "##);
}

#[test]
fn the_same_is_said_in_chinese() {
    let desk = Desk::with_app();
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "build", "app"]), @r"
    exit: 0
    ----- stdout
    软件包  app/dist/gov.example.repairs-1.ma
    应用    gov.example.repairs 1.0.0 (1)
    摘要    [DIGEST]
    大小 [SIZE]
    ----- stderr
    正在打包 app
    还没有封签；下一步：guichet seal --key KEY app/dist/gov.example.repairs-1.ma
    ");
    let inspected = desk.run(&["--lang", "zh", "inspect", "app/dist/gov.example.repairs-1.ma"]);
    insta::assert_snapshot!(inspected.split("\n各类大小\n").next().unwrap(), @r##"
    exit: 0
    ----- stdout
    应用      街面报修  gov.example.repairs
              路灯不亮、路面破损，在这里告诉我们。
    版本      1.0.0 (1)
    平台      1
    页面      pages/home, pages/report
    逻辑      app.js
    摘要      [DIGEST]
    大小 [SIZE]
    封签密钥  没有封签
    窗口      background_color "#eff3f1"
    语言      en, zh-Hans

    权限
      host:storage  在这台设备上保存您的报修记录和草稿。
    "##);
}

#[test]
fn both_templates_build_without_a_note() {
    for template in ["page", "component"] {
        let desk = Desk::new();
        desk.ok(&["new", "app", "--template", template, "--yes"]);
        // Stands for the component that cargo would build.
        desk.write("app/logic.wasm", b"\0asm\x0d\0\x01\0");
        let built = desk.json(&["build", "app"]);
        assert_eq!(built["notes"], serde_json::json!([]), "{template}");
        assert_eq!(built["app_id"], "org.example.app");
        let packed: Vec<String> = desk.json(&["inspect", built["file"].as_str().unwrap()])["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["path"].as_str().unwrap().to_owned())
            .collect();
        let stray =
            |path: &&String| ["logic/", "README", ".d.ts", "jsconfig", ".git"].iter().any(|part| path.contains(part));
        assert_eq!(packed.iter().find(stray), None, "{template}");
    }
}

#[test]
fn a_package_sealed_later_is_the_package_sealed_at_once() {
    let desk = Desk::with_package();
    desk.ok(&["build", "app", "-o", "later.ma"]);
    assert_ne!(desk.bytes("later.ma"), desk.bytes("app.ma"));
    insta::assert_snapshot!(desk.run(&["seal", "later.ma", "--key", "publisher.key"]), @r"
    exit: 0
    ----- stdout
    package    later.ma
    digest     [DIGEST]
    sealed by  [DIGEST]
    ----- stderr
    next: guichet publish later.ma
    ");
    assert_eq!(desk.bytes("later.ma"), desk.bytes("app.ma"));
}

#[test]
fn the_seal_is_judged_by_a_keys_document_at_hand() {
    let desk = Desk::with_package();
    let key = desk.json(&["key", "show", "publisher.key"])["key"].clone();
    let listed = |prefix: &str, revoked: bool| {
        let document = serde_json::json!({
            "department": "works", "format": 1, "keys": [{"key": key, "revoked": revoked}],
            "name": {"en": "Public works", "zh-Hans": "市政"}, "prefixes": [prefix],
        });
        desk.write("keys.json", document.to_string());
        desk.run(&["verify", "--keys", "keys.json", "app.ma"])
    };
    insta::assert_snapshot!(listed("gov.example", false), @r"
    exit: 0
    ----- stdout
    app        gov.example.repairs
    contents   [DIGEST]
    sealed by  works, [DIGEST]
    verdict    good
    ----- stderr
    ");
    insta::assert_snapshot!(listed("gov.other", false), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[seal/foreign-app-id]: the app id `gov.example.repairs` does not belong to the department `works`
      --> app.ma: app_id
      hint: use an app id under gov.other
    ");
    insta::assert_snapshot!(listed("gov.example", true), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[seal/revoked-key]: the key that sealed this package was revoked
      --> app.ma: key [DIGEST]
      hint: seal the package again with a key that is listed, and publish it again
    ");
}

#[test]
fn a_link_is_left_out_and_said() {
    let desk = Desk::with_app();
    std::os::unix::fs::symlink("/etc/passwd", desk.path("app/common/secret.txt")).unwrap();
    insta::assert_snapshot!(desk.run(&["build", "app"]), @r"
    exit: 0
    ----- stdout
    package  app/dist/gov.example.repairs-1.ma
    app      gov.example.repairs 1.0.0 (1)
    digest   [DIGEST]
    size [SIZE]
    ----- stderr
    packing app
    note: common/secret.txt is a symbolic link and is left out
    not sealed yet; next: guichet seal --key KEY app/dist/gov.example.repairs-1.ma
    ");
}
