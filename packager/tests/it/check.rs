//! `guichet check`: what it prints, changes and ends with.

use crate::program::Desk;

#[test]
fn a_good_app_and_its_package_are_clean() {
    let desk = Desk::with_app();
    insta::assert_snapshot!(desk.run(&["check", "app"]), @r"
    exit: 0
    ----- stdout
    Nothing was found.
    ----- stderr
    ");
    desk.ok(&["build", "app", "-o", "app.ma"]);
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "check", "app.ma"]), @r"
    exit: 0
    ----- stdout
    没有发现问题。
    ----- stderr
    ");
    assert_eq!(desk.json(&["check", "app"]), serde_json::json!({"ok": true, "fixed": 0, "findings": []}));
}

/// A desk whose app has mistakes of three kinds, two of which `--fix` mends.
fn with_mistakes() -> Desk {
    let desk = Desk::with_app();
    desk.replace("app/pages/home.html", "src=\"home.js\"", "src=\"Home.js\"");
    desk.replace("app/pages/home.html", "<html lang=\"zh-Hans\">", "<html>");
    desk.replace("app/pages/home.html", "<main>", "<main onclick=\"go()\">");
    desk
}

#[test]
fn one_line_a_finding_and_what_is_safe_is_changed() {
    let desk = with_mistakes();
    insta::assert_snapshot!(desk.run(&["check", "app"]), @r#"
    exit: 2
    ----- stdout
    app/pages/home.html:2:1: remark[web/no-lang]: the page does not say its language, so a screen reader guesses; hint: write it: <html lang="en">
    app/pages/home.html:9:27: error[web/wrong-case]: the file is `pages/home.js`, and capital letters count; hint: write the file's name as it is
    app/pages/home.html:12:11: error[web/inline-handler]: onclick="…" is a script inside the page and never runs; hint: add a listener in the page's script: element.addEventListener(…)
    errors: 2, remarks: 1, --fix can change: 2
    ----- stderr
    "#);
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "check", "app", "--fix"]), @r#"
    exit: 2
    ----- stdout
    app/pages/home.html:12:11: 错误[web/inline-handler]: onclick="…" 是写在页面里的脚本，不会运行; 建议: 在页面的脚本里加监听：element.addEventListener(…)
    错误: 1，留意: 0，已改: 2
    ----- stderr
    "#);
    assert!(desk.read("app/pages/home.html").contains("src=\"home.js\""));
    desk.replace("app/pages/home.html", "<main onclick=\"go()\">", "<main>");
    desk.ok(&["check", "app"]);
}

#[test]
fn programs_read_where_it_begins_and_ends() {
    let desk = with_mistakes();
    let output = desk.command(&["check", "app", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["ok"], false);
    insta::assert_snapshot!(serde_json::to_string_pretty(&said["findings"][1]).unwrap(), @r#"
    {
      "class": "web/wrong-case",
      "column": 27,
      "end_column": 40,
      "end_line": 9,
      "fixable": true,
      "hint": "write the file's name as it is",
      "line": 9,
      "path": "pages/home.html",
      "severity": "error",
      "what": "the file is `pages/home.js`, and capital letters count"
    }
    "#);
}

#[test]
fn what_another_tool_has_built_is_checked_as_it_would_be_packed() {
    let desk = Desk::new();
    let page = "<!doctype html><html lang=\"en\"><head><script type=\"module\" src=\"/a.js\"></script></head></html>";
    desk.write("app/dist/index.html", page);
    desk.write("app/dist/a.js", "let a;\nnew WebSocket(a)");
    desk.write("app/package.json", "{}");
    insta::assert_snapshot!(desk.run(&["check", "app", "--from", "dist"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[project/no-manifest]: the folder has no manifest.json, so it is not an app
      --> app
      hint: name the folder that holds manifest.json, or make an app with guichet new
    ");
    desk.ok(&["build", "app", "--from", "dist", "--app-id", "gov.example.app", "--name", "App", "--yes"]);
    insta::assert_snapshot!(desk.run(&["check", "app", "--from", "dist"]), @r"
    exit: 0
    ----- stdout
    app/dist/a.js:2:1: remark[web/channel]: WebSocket reaches nothing: only requests by fetch and XMLHttpRequest are carried; hint: ask from time to time with fetch
    errors: 0, remarks: 1
    ----- stderr
    ");
    desk.write("app/dist/index.html", page.replace("/a.js", "https://cdn.example/a.js"));
    insta::assert_snapshot!(desk.run(&["check", "app", "--from", "dist"]), @r"
    exit: 2
    ----- stdout
    app/dist/a.js:2:1: remark[web/channel]: WebSocket reaches nothing: only requests by fetch and XMLHttpRequest are carried; hint: ask from time to time with fetch
    app/dist/index.html:1:60: error[web/remote-script]: the page loads the script https://cdn.example/a.js from the network, and a page reaches no network; hint: install it with npm so that it is built in, or copy the file into the package
    errors: 1, remarks: 1
    ----- stderr
    ");
    let output = desk.run(&["check", "app"]);
    assert!(output.contains("check what it has built with guichet check --from dist"), "{output}");
}
