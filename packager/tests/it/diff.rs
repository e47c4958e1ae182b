//! What a reviewer is shown first: what a new version may do that the old one could not.

use crate::program::Desk;

/// A desk with `old.ma` and, after a change to the app, `new.ma`.
fn two(change: impl FnOnce(&Desk)) -> Desk {
    let desk = Desk::with_app();
    desk.write("app/manifest.json", MANIFEST);
    desk.ok(&["build", "app", "-o", "old.ma"]);
    change(&desk);
    desk.ok(&["build", "app", "-o", "new.ma"]);
    desk
}

const MANIFEST: &str = r#"{
  "app_id": "gov.example.repairs",
  "name": "Repairs",
  "icons": [{ "src": "common/icon.svg" }],
  "pages": ["pages/home", "pages/report"],
  "platform_version": { "min_code": 1 },
  "version": { "code": 1, "name": "1.0.0" },
  "req_permissions": [
    { "name": "host:network", "scope": { "domains": ["a.example"] } },
    { "name": "host:print", "scope": { "copies": 9 } },
    { "name": "host:scan" }
  ]
}
"#;

fn changed(desk: &Desk) {
    desk.replace("app/manifest.json", r#""code": 1, "name": "1.0.0""#, r#""code": 2, "name": "1.1.0""#);
    desk.replace("app/manifest.json", r#"["a.example"]"#, r#"["a.example", "b.example"]"#);
    desk.replace("app/manifest.json", r#""copies": 9"#, r#""copies": 2"#);
    desk.replace("app/manifest.json", r#"{ "name": "host:scan" }"#, r#"{ "name": "host:storage" }"#);
    desk.replace("app/manifest.json", r#"["pages/home", "pages/report"]"#, r#"["pages/home", "pages/print"]"#);
    desk.write("app/pages/print.html", "<script>guichet.print.page()</script>\n\u{1b}[2J\u{202e}\n");
    desk.write("app/common/photo.bin", [0; 3000]);
}

#[test]
fn the_permissions_come_first_and_what_widens_is_marked() {
    let desk = two(changed);
    insta::assert_snapshot!(desk.run(&["diff", "old.ma", "new.ma"]), @r#"
    exit: 0
    ----- stdout
    old  gov.example.repairs  1.0.0 (1)  platform 1  18.11 KiB
    new  gov.example.repairs  1.1.0 (2)  platform 1  21.10 KiB

    permissions
    ! host:storage  new       unlimited
    ! host:network  wider     {"domains":["a.example"]} -> {"domains":["a.example","b.example"]}
      host:print    narrower  {"copies":9} -> {"copies":2}
      host:scan     gone      unlimited

    pages
    + pages/print
    - pages/report

    host calls mentioned (found in the code, not by running it)
    + guichet.print.page  pages/print.html

    files
    + common/photo.bin  2.93 KiB
    ~ manifest.json     414 B -> 429 B
    + pages/print.html  46 B

    --- old/manifest.json
    +++ new/manifest.json
    @@ -2,12 +2,12 @@
       "app_id": "gov.example.repairs",
       "name": "Repairs",
       "icons": [{ "src": "common/icon.svg" }],
    -  "pages": ["pages/home", "pages/report"],
    +  "pages": ["pages/home", "pages/print"],
       "platform_version": { "min_code": 1 },
    -  "version": { "code": 1, "name": "1.0.0" },
    +  "version": { "code": 2, "name": "1.1.0" },
       "req_permissions": [
    -    { "name": "host:network", "scope": { "domains": ["a.example"] } },
    -    { "name": "host:print", "scope": { "copies": 9 } },
    -    { "name": "host:scan" }
    +    { "name": "host:network", "scope": { "domains": ["a.example", "b.example"] } },
    +    { "name": "host:print", "scope": { "copies": 2 } },
    +    { "name": "host:storage" }
       ]
     }

    --- /dev/null
    +++ new/pages/print.html
    @@ -0,0 +1,2 @@
    +<script>guichet.print.page()</script>
    +\u{1b}[2J\u{202e}
    ----- stderr
    "#);
    let zh = desk.run(&["--lang", "zh", "diff", "old.ma", "new.ma"]);
    insta::assert_snapshot!(zh.split("\n页面\n").next().unwrap(), @r#"
    exit: 0
    ----- stdout
    以前  gov.example.repairs  1.0.0 (1)  平台 1  18.11 KiB
    现在  gov.example.repairs  1.1.0 (2)  平台 1  21.10 KiB

    权限
    ! host:storage  新增  不限
    ! host:network  扩大  {"domains":["a.example"]} -> {"domains":["a.example","b.example"]}
      host:print    缩小  {"copies":9} -> {"copies":2}
      host:scan     去掉  不限
    "#);
}

#[test]
fn the_same_is_there_for_programs() {
    let desk = two(changed);
    let diff = desk.json(&["diff", "old.ma", "new.ma"]);
    assert_eq!(diff["permissions"][0]["name"], "host:storage");
    assert_eq!(diff["permissions"][0]["kind"], "added");
    assert_eq!(diff["permissions"][1]["new_scopes"], serde_json::json!([{"domains": ["a.example", "b.example"]}]));
    assert_eq!(diff["pages_added"], serde_json::json!(["pages/print"]));
    assert_eq!(diff["calls_added"], serde_json::json!({"guichet.print.page": ["pages/print.html"]}));
    assert_eq!(diff["files"][0]["path"], "common/photo.bin");
    let texts: Vec<&str> =
        diff["texts"].as_array().unwrap().iter().map(|text| text["path"].as_str().unwrap()).collect();
    assert_eq!(texts, ["manifest.json", "pages/print.html"]);
}

#[test]
fn a_package_does_not_differ_from_itself() {
    let desk = Desk::with_package();
    insta::assert_snapshot!(desk.run(&["diff", "app.ma", "app.ma"]), @r"
    exit: 0
    ----- stdout
    old  gov.example.repairs  1.0.0 (1)  platform 1  18.34 KiB
    new  gov.example.repairs  1.0.0 (1)  platform 1  18.34 KiB
    the files are the same
    ----- stderr
    ");
}

#[test]
fn a_package_that_is_refused_is_not_compared() {
    let desk = Desk::with_package();
    desk.write("other.ma", "PK");
    insta::assert_snapshot!(desk.run(&["diff", "app.ma", "other.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[container/not-a-zip]: the file is not a MiniApp package
      --> other.ma
      hint: choose a .ma file
    ");
}

#[test]
fn calls_in_code_and_domains_in_files_are_named() {
    let desk = two(|desk| {
        desk.write(
            "app/pages/extra.js",
            "// guichet.card.read\nconst { timer } = guichet;\nguichet['print'].page('https://forms.example/a');\n",
        );
        desk.write(
            "app/common/data.css",
            "a { background: url(//cdn.example/x.png) } /* http://old.example:8080/ */\n",
        );
        desk.replace("app/manifest.json", r#""code": 1, "name": "1.0.0""#, r#""code": 2, "name": "1.1.0""#);
    });
    let said = desk.run(&["diff", "old.ma", "new.ma"]);
    let found = said.split_once("host calls").unwrap().1.split("\nfiles\n").next().unwrap();
    insta::assert_snapshot!(format!("host calls{found}"), @r"
    host calls mentioned (found in the code, not by running it)
    + guichet.print.page  pages/extra.js
    + guichet.timer       pages/extra.js

    domains named in files
    + cdn.example       common/data.css
    + forms.example     pages/extra.js
    + old.example:8080  common/data.css
    ");
    let diff = desk.json(&["diff", "old.ma", "new.ma"]);
    assert_eq!(diff["domains_added"]["forms.example"], serde_json::json!(["pages/extra.js"]));
    assert_eq!(diff["domains_removed"], serde_json::json!({}));
    let back = desk.json(&["diff", "new.ma", "old.ma"]);
    assert_eq!(back["domains_removed"], diff["domains_added"]);
}
