//! What is not acceptable, and how that is said: class, place and hint, in both languages and in JSON.

use std::fs;

use crate::program::Desk;

/// What building an app says after something was done to it.
fn build_after(change: impl FnOnce(&Desk)) -> String {
    let desk = Desk::with_app();
    change(&desk);
    desk.run(&["build", "app"])
}

#[test]
fn a_folder_without_a_manifest() {
    insta::assert_snapshot!(build_after(|desk| fs::remove_file(desk.path("app/manifest.json")).unwrap()), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[project/no-manifest]: the folder has no manifest.json, so it is not an app
      --> app
      hint: name the folder that holds manifest.json, or make an app with guichet new
    ");
}

#[test]
fn a_manifest_that_is_not_json() {
    insta::assert_snapshot!(build_after(|desk| desk.replace("app/manifest.json", "\"name\":", "name:")), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[manifest/not-json]: the manifest is not JSON: key must be a string at line 4 column 3
      --> app/manifest.json
      hint: correct the JSON at that line
    ");
}

#[test]
fn what_w3c_lets_a_host_put_up_with() {
    insta::assert_snapshot!(build_after(|desk| fs::remove_file(desk.path("app/common/icon.svg")).unwrap()), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[check/missing-icon]: the icon `common/icon.svg` is named and is not there
      --> app/manifest.json#/icons/0/src
      hint: add common/icon.svg, or correct the manifest
    ");
    let advised = build_after(|desk| desk.write("app/draft.txt", "nobody names it"));
    assert!(advised.starts_with("exit: 0"), "{advised}");
    let advice = "note: draft.txt: the file is neither declared nor referenced, so no host reads it; leave it out, name it where it is used, or put it into common/";
    assert!(advised.contains(advice), "{advised}");
    let desk = Desk::with_app();
    desk.write("app/draft.txt", "nobody names it");
    let advised = desk.run(&["--lang", "zh", "build", "app"]);
    assert!(advised.contains("draft.txt：这个文件没有声明，也没有被引用，终端不会读它；"), "{advised}");
}

#[test]
fn a_manifest_with_wrong_types() {
    insta::assert_snapshot!(build_after(|desk| desk.replace("app/manifest.json", "\"code\": 1", "\"code\": \"1\"")), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[manifest/wrong-type]: `version.code` is not a number
      --> app/manifest.json#/version/code
      hint: write a number there
    ");
    insta::assert_snapshot!(build_after(|desk| desk.replace("app/manifest.json", "gov.example.repairs", "Repairs")), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[manifest/app-id]: `Repairs` cannot be an app id here
      --> app/manifest.json#/app_id
      hint: write two or more labels of a-z, 0-9 and -, each beginning with a letter, joined by dots, such as gov.example.residence
    ");
    insta::assert_snapshot!(build_after(|desk| desk.replace("app/manifest.json", "slate", "gold")), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[manifest/extension]: `guichet.glaze` is not one of celadon, indigo, plum, ochre, persimmon, moss, rose and slate
      --> app/manifest.json#/guichet/glaze
      hint: write one of celadon, indigo, plum, ochre, persimmon, moss, rose and slate there, or leave it out
    ");
}

#[test]
fn a_page_that_is_not_there() {
    insta::assert_snapshot!(build_after(|desk| fs::remove_file(desk.path("app/pages/report.html")).unwrap()), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[layout/missing-page]: the page `pages/report.html` is named and is not there
      --> app/manifest.json#/pages/1
      hint: add pages/report.html, or take the page out of the manifest
    ");
}

#[test]
fn a_member_that_is_only_odd_is_noted() {
    insta::assert_snapshot!(build_after(|desk| desk.replace("app/manifest.json", "\"lang\"", "\"colour\": \"red\", \"lang\"")), @r"
    exit: 0
    ----- stdout
    package  app/dist/gov.example.repairs-1.ma
    app      gov.example.repairs 1.0.0 (1)
    digest   [DIGEST]
    size [SIZE]
    ----- stderr
    packing app
    note: manifest.json: /colour: ignored, because it is not a member we know
    not sealed yet; next: guichet seal --key KEY app/dist/gov.example.repairs-1.ma
    ");
}

#[test]
fn a_file_name_that_no_package_may_have() {
    insta::assert_snapshot!(build_after(|desk| desk.write("app/common/what?:*.txt", "x")), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[path/forbidden-character]: `common/what?:*.txt` has the character U+003F in it, which file names may not have
      --> app/common/what?:*.txt
      hint: rename the file; W3C MiniApp Packaging lists the characters under File Names
    ");
}

#[test]
fn a_logic_component_that_was_not_built() {
    let desk = Desk::new();
    desk.ok(&["new", "app", "--template", "component", "--yes"]);
    insta::assert_snapshot!(desk.run(&["build", "app"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[layout/missing-logic]: the component `logic.wasm` is named and is not there
      --> app/manifest.json#/guichet/logic
      hint: build the component first, or correct the manifest
    ");
}

#[test]
fn a_folder_that_is_not_there() {
    insta::assert_snapshot!(Desk::new().run(&["build", "nowhere"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    packing nowhere
    error[project/no-folder]: there is no folder here
      --> nowhere
      hint: name the app's folder, or make one with guichet new
    ");
}

#[test]
fn a_folder_that_is_not_empty_is_not_written_to() {
    let desk = Desk::with_app();
    insta::assert_snapshot!(desk.run(&["new", "app", "--yes"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[project/folder-not-empty]: the folder is not empty, and nothing was written
      --> app
      hint: choose a new folder
    ");
}

#[test]
fn one_altered_byte_is_seen() {
    let desk = Desk::with_package();
    let mut bytes = desk.bytes("app.ma");
    let at = bytes.windows(6).position(|window| window == b"KINDS.").unwrap();
    bytes[at] ^= 1;
    desk.write("altered.ma", &bytes);
    insta::assert_snapshot!(desk.run(&["verify", "--unsealed", "altered.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[container/checksum]: the file's bytes are not those that were packed
      --> altered.ma: app.js
      hint: fetch the package again; if it stays so, ask its publisher
    ");
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "verify", "--unsealed", "altered.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    错误[container/checksum]: 文件的内容与打包时不同
      --> altered.ma: app.js
      详情: the file's bytes are not those that were packed
      建议: 重新取这个包；还是这样就问它的发布部门
    ");
    insta::assert_snapshot!(desk.run(&["--json", "verify", "--unsealed", "altered.ma"]), @r#"
    exit: 2
    ----- stdout
    {
      "class": "container/checksum",
      "what": "the file's bytes are not those that were packed",
      "where": "altered.ma: app.js",
      "hint": "fetch the package again; if it stays so, ask its publisher"
    }
    ----- stderr
    "#);
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "--json", "inspect", "altered.ma"]), @r#"
    exit: 2
    ----- stdout
    {
      "class": "container/checksum",
      "what": "文件的内容与打包时不同",
      "where": "altered.ma: app.js",
      "detail": "the file's bytes are not those that were packed",
      "hint": "重新取这个包；还是这样就问它的发布部门"
    }
    ----- stderr
    "#);
}

#[test]
fn half_a_package_and_no_package() {
    let desk = Desk::with_package();
    let bytes = desk.bytes("app.ma");
    desk.write("half.ma", &bytes[..bytes.len() / 2]);
    insta::assert_snapshot!(desk.run(&["inspect", "half.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[container/truncated]: the package ends too early
      --> half.ma
      hint: fetch the package again; if it stays so, ask its publisher
    ");
    desk.write("text.ma", "hello");
    insta::assert_snapshot!(desk.run(&["inspect", "text.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[container/not-a-zip]: the file is not a MiniApp package
      --> text.ma
      hint: choose a .ma file
    ");
    insta::assert_snapshot!(desk.run(&["inspect", "nothing.ma"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[file/unreadable]: could not read the file: No such file or directory (os error 2)
      --> nothing.ma
      hint: see that the file is there and that you may read it
    ");
}

#[test]
fn an_unsealed_package_is_not_published_nor_verified() {
    let desk = Desk::with_app();
    desk.ok(&["build", "app", "-o", "app.ma"]);
    insta::assert_snapshot!(desk.run(&["publish", "app.ma", "--token", "t"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[seal/missing]: the package has no seal
      --> app.ma
      hint: seal it with the publisher's key: guichet seal --key KEY app.ma
    ");
    desk.write("keys.json", "{}");
    insta::assert_snapshot!(desk.run(&["verify", "--keys", "keys.json", "app.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[seal/missing]: the package has no seal
      --> app.ma
      hint: seal it with the publisher's key: guichet seal --key KEY app.ma
    ");
}

#[test]
fn a_keys_document_that_is_none() {
    let desk = Desk::with_package();
    desk.write("keys.json", "{}");
    insta::assert_snapshot!(desk.run(&["verify", "--keys", "keys.json", "app.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[json/shape]: the list of publisher keys cannot be read: the JSON does not have the expected members: missing field `format`
      --> keys.json
      hint: compare it with docs/reference/formats.md
    ");
}
