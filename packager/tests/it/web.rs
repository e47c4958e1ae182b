//! `guichet build --from`: what another tool has built, and the questions it leaves.

use crate::program::Desk;

const PAGE: &str = "<!doctype html><html lang=\"en\"><head><title>Street repairs</title>\n\
    <script type=\"module\" crossorigin src=\"/assets/index.js\"></script></head><body></body></html>";

fn desk(page: &str, script: &str) -> Desk {
    let desk = Desk::new();
    desk.write("app/dist/index.html", page);
    desk.write("app/dist/assets/index.js", script);
    desk.write("app/dist/assets/index.js.map", "{}");
    desk
}

#[test]
fn the_answers_are_kept_and_nothing_is_asked_again() {
    let desk = desk(PAGE, "fetch('https://data.example.gov/x').then(show)");
    insta::assert_snapshot!(desk.run(&["build", "app", "--from", "dist"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    packing app/dist
    error[usage/nobody-to-ask]: there is no terminal to ask on, and no --app-id was given
      hint: give --app-id, or --yes to take what the program would suggest
    ");
    let given = ["build", "app", "--from", "dist", "--app-id", "gov.example.repairs", "--domain", "data.example.gov"];
    insta::assert_snapshot!(desk.run(&given), @r"
    exit: 0
    ----- stdout
    package  app/gov.example.repairs-1.ma
    app      gov.example.repairs 1.0.0 (1)
    digest   [DIGEST]
    size [SIZE]
    ----- stderr
    packing app/dist
    made app/manifest.json from the answers; change it there from now on
    not sealed yet; next: guichet seal --key KEY app/gov.example.repairs-1.ma
    ");
    insta::assert_snapshot!(desk.read("app/manifest.json"), @r#"
    {
      "app_id": "gov.example.repairs",
      "name": "Street repairs",
      "icons": [{ "src": "common/icon.svg" }],
      "lang": "en",
      "version": { "code": 1, "name": "1.0.0" },
      "platform_version": { "min_code": 1 },
      "pages": ["index"],
      "req_permissions": [{ "name": "host:network", "reason": "Asks data.example.gov and sends to it what you enter.", "scope": { "domains": ["data.example.gov"] } }]
    }
    "#);
    let first = desk.bytes("app/gov.example.repairs-1.ma");
    desk.ok(&["build", "app", "--from", "dist"]);
    assert_eq!(desk.bytes("app/gov.example.repairs-1.ma"), first);
    desk.replace("app/manifest.json", "\"code\": 1, \"name\": \"1.0.0\"", "\"code\": 2, \"name\": \"1.1.0\"");
    desk.ok(&["build", "app", "--from", "dist"]);
    desk.ok(&["verify", "--unsealed", "app/gov.example.repairs-2.ma"]);
}

#[test]
fn what_cannot_work_is_named_and_what_breaks_a_page_is_refused() {
    let desk = desk(PAGE, "let a = 1;\nif (navigator.serviceWorker) navigator.serviceWorker.register('/sw.js');");
    let build = ["build", "app", "--from", "dist", "--app-id", "gov.example.repairs"];
    insta::assert_snapshot!(desk.run(&build).split("----- stderr\n").nth(1).unwrap(), @r"
    packing app/dist
    made app/manifest.json from the answers; change it there from now on
    note: assets/index.js:2:5: there are no service workers: every file is on the device already; take it out; the app works offline without it
    not sealed yet; next: guichet seal --key KEY app/gov.example.repairs-1.ma
    ");
    desk.write("app/dist/index.html", PAGE.replace("/assets/", "https://cdn.example/"));
    insta::assert_snapshot!(desk.run(&["build", "app", "--from", "dist"]).split("note:").next().unwrap(), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app/dist
    ");
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "build", "app", "--from", "dist"]).split("错误").nth(1).unwrap(), @r"
    [web/remote-script]: 页面从网络加载脚本 https://cdn.example/index.js，而页面访问不了网络
      --> app/dist/index.html:2:35
      建议: 用 npm 安装，让它打进构建结果，或把文件放进包里
    ");
    let empty = Desk::new();
    empty.write("dist/readme.txt", "x");
    insta::assert_snapshot!(empty.run(&["build", "--from", "dist", "--yes"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing dist
    error[web/no-pages]: the folder has no page (*.html), so there is nothing to open
      --> dist
      hint: build first, and give the folder the tool has built into, such as dist
    ");
}

#[test]
fn a_project_of_npm_s_is_known_by_its_build_and_told_if_there_is_none_yet() {
    let desk = Desk::new();
    desk.ok(&["new", "app", "--template", "vue", "--app-id", "gov.example.repairs"]);
    for command in ["build", "check", "test"] {
        let said = desk.run(&[command, "app"]);
        assert!(
            said.contains("error[project/not-built]: what another tool builds is not here yet"),
            "{command}: {said}"
        );
        assert!(said.contains("--> app/dist"), "{command}: {said}");
    }
    desk.write("app/dist/index.html", "<!doctype html><html lang=\"en\"><title>Repairs</title><p>Here</p></html>");
    desk.write("app/dist/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    let checked = desk.json(&["check", "app"]);
    assert_eq!(checked["ok"], true, "{checked:#}");
    let built = desk.json(&["build", "app"]);
    assert_eq!(built["app_id"], "gov.example.repairs", "{built:#}");
}
