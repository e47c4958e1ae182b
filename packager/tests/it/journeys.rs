//! Journeys without a window. Those that need one are in samples/journeys.

use crate::program::Desk;

/// A run without a window, without what differs from run to run.
fn run(desk: &Desk, arguments: &[&str]) -> String {
    let text = desk.run(&[&["test", "app", "--headless"], arguments].concat());
    let line = |line: &str| match line.rsplit_once(' ').filter(|_| line.ends_with(" ms")) {
        Some((before, _)) => format!("{} [TIME]", before.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end()),
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_journeys_of_a_template_pass_and_what_needs_a_window_is_skipped() {
    let desk = Desk::with_app();
    insta::assert_snapshot!(run(&desk, &["--junit", "out/junit.xml"]), @r"
    exit: 0
    ----- stdout
    passed   desktop  logic  tests/reports.js: a report is kept, taken back and put back [TIME]
    passed   phone    logic  tests/reports.js: a report is kept, taken back and put back [TIME]
    passed   desktop  logic  tests/reports.js: what is missing is named, and nothing is kept [TIME]
    passed   phone    logic  tests/reports.js: what is missing is named, and nothing is kept [TIME]
    passed   desktop  logic  tests/reports.js: without storage nothing is kept, and the page hears of it [TIME]
    passed   phone    logic  tests/reports.js: without storage nothing is kept, and the page hears of it [TIME]
    skipped  desktop  logic  tests/reports.js: a citizen reports a light and finds it again [TIME]
      --> `see` needs a window
    skipped  phone    logic  tests/reports.js: a citizen reports a light and finds it again [TIME]
      --> `see` needs a window
    passed: 6, failed: 0, skipped: 2
    ----- stderr
    packing app
    running the journeys in app/tests
    ");
    let junit = desk.read("out/junit.xml");
    assert!(
        junit.contains("<testsuites name=\"gov.example.repairs\" tests=\"8\" failures=\"0\" skipped=\"2\""),
        "{junit}"
    );
    let report = desk.json(&["test", "app", "--headless", "--only", "what is missing", "--profile", "kiosk"]);
    assert_eq!((&report["ok"], &report["passed"], &report["failed"]), (&true.into(), &1.into(), &0.into()));
    assert_eq!(report["journeys"][0]["name"], "what is missing is named, and nothing is kept");
    assert_eq!((&report["journeys"][0]["on"], &report["journeys"][0]["window"]), (&"kiosk".into(), &false.into()));
}

#[test]
fn every_profile_is_what_the_app_is_told_and_a_journey_is_run_where_it_is_meant() {
    let desk = Desk::with_app();
    let app = "export async function told() { const { terminal, lang } = await guichet.appInfo.get(); return `${terminal} ${lang}`; }\n";
    desk.write("app/app.js", app);
    desk.write(
        "app/tests/reports.js",
        "journey(\"is told\", async (app) => { throw new Error(await app.call(\"told\")); });\n\
         journey(\"is meant for two\", { profiles: [\"kiosk\", \"elder\"], lang: \"en\" }, async (app) => {\n\
         equal((await app.call(\"told\")).split(\" \")[1], \"en\");\n});\n",
    );
    insta::assert_snapshot!(run(&desk, &["--profile", "all", "--profile", "phone"]), @r"
    exit: 1
    ----- stdout
    FAILED  phone    logic  tests/reports.js: is told [TIME]
      --> tests/reports.js:1: phone zh-Hans
    FAILED  tablet   logic  tests/reports.js: is told [TIME]
      --> tests/reports.js:1: phone zh-Hans
    FAILED  desktop  logic  tests/reports.js: is told [TIME]
      --> tests/reports.js:1: desktop zh-Hans
    FAILED  kiosk    logic  tests/reports.js: is told [TIME]
      --> tests/reports.js:1: kiosk zh-Hans
    FAILED  elder    logic  tests/reports.js: is told [TIME]
      --> tests/reports.js:1: phone zh-Hans
    FAILED  reader   logic  tests/reports.js: is told [TIME]
      --> tests/reports.js:1: desktop zh-Hans
    passed  kiosk    logic  tests/reports.js: is meant for two [TIME]
    passed  elder    logic  tests/reports.js: is meant for two [TIME]
    passed: 2, failed: 6, skipped: 0
    ----- stderr
    packing app
    running the journeys in app/tests
    ");
    insta::assert_snapshot!(run(&desk, &["--profile", "phone", "--only", "two"]), @r"
    exit: 0
    ----- stdout
    skipped  kiosk  logic  tests/reports.js: is meant for two [TIME]
      --> none of its profiles was chosen
    passed: 0, failed: 0, skipped: 1
    ----- stderr
    packing app
    running the journeys in app/tests
    ");
    desk.replace("app/tests/reports.js", "\"kiosk\"", "\"watch\"");
    insta::assert_snapshot!(run(&desk, &[]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    packing app
    running the journeys in app/tests
    error[project/journeys-not-loaded]: the journeys cannot be loaded: a journey is not written as one: unknown variant `watch`, expected one of `phone`, `tablet`, `desktop`, `kiosk`, `elder`, `reader`
      --> app/tests
      hint: journeys are modules of their own: they import each other, and nothing of npm's or of the app's
    ");
}

/// All that can go wrong in a journey, and the journey after it goes on.
#[test]
fn a_journey_that_fails_says_what_and_where_and_the_next_one_runs() {
    let desk = Desk::with_app();
    desk.write(
        "app/tests/reports.js",
        r#"import { LIGHT } from "./lights.js";

journey("is not equal", async (app) => {
  await app.open();
  equal(await app.call("send", LIGHT), { number: 2 });
});
journey("names a handler that there is not", async (app) => {
  await app.call("post");
});
journey("forgets to await", async (app) => {
  app.open();
  await app.call("reports");
});
journey("ends too early", (app) => { app.open(); });
journey("expects a refusal", async (app) => {
  await rejects(app.call("send", LIGHT), "DeniedError");
});
journey("never ends", async (app) => {
  await app.open();
  for (;;);
});
journey("reaches nothing of the desk", async () => {
  equal([typeof process, typeof require, typeof document], ["undefined", "undefined", "undefined"]);
  await rejects(guichet.storage.set("a", "b"), "DeniedError");
});
journey("passes after all that", async (app) => {
  await app.open();
  equal(await app.call("reports"), []);
});
"#,
    );
    desk.write(
        "app/tests/lights.js",
        "export const LIGHT = { kind: \"light\", place: \"Mill Lane 3\", note: \"\" };\n",
    );
    insta::assert_snapshot!(run(&desk, &["--profile", "phone"]), @r#"
    exit: 1
    ----- stdout
    FAILED  phone  logic  tests/reports.js: is not equal [TIME]
      --> tests/reports.js:5: {"number":1} is not {"number":2}
    FAILED  phone  logic  tests/reports.js: names a handler that there is not [TIME]
      --> tests/reports.js:8: the logic has no handler 'post': app.js does not export it
      console: handler post: Error: the logic has no handler 'post': app.js does not export it
    FAILED  phone  logic  tests/reports.js: forgets to await [TIME]
      --> tests/reports.js:12: `call` was begun before `open` had ended: an await is missing
    FAILED  phone  logic  tests/reports.js: ends too early [TIME]
      --> tests/reports.js:14: it ended before `open` had: an await is missing
    FAILED  phone  logic  tests/reports.js: expects a refusal [TIME]
      --> tests/reports.js:16: it was done, and DeniedError was expected
    FAILED  phone  logic  tests/reports.js: never ends [TIME]
      --> logic/event-deadline: the app's logic worked on one event for more than [TIME]
    passed  phone  logic  tests/reports.js: reaches nothing of the desk [TIME]
    passed  phone  logic  tests/reports.js: passes after all that [TIME]
    passed: 2, failed: 6, skipped: 0
    ----- stderr
    packing app
    running the journeys in app/tests
    "#);
}

#[test]
fn what_cannot_be_run_is_told() {
    let desk = Desk::with_app();
    insta::assert_snapshot!(run(&desk, &["--tests", "none"]), @r#"
    exit: 1
    ----- stdout
    ----- stderr
    packing app
    error[project/no-journeys]: there are no journeys here (*.js)
      --> none
      hint: write one: journey("what is seen", async (app) => { await app.open(); await app.see("…"); })
    "#);
    desk.write("app/tests/reports.js", "import \"vue\";\n");
    insta::assert_snapshot!(run(&desk, &[]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    packing app
    running the journeys in app/tests
    error[project/journeys-not-loaded]: the journeys cannot be loaded: logic/boot-failed: the app's logic did not start: Error: tests/reports.js imports 'vue', which is not a path inside the package; it must begin with ./ or ../
      --> app/tests
      hint: journeys are modules of their own: they import each other, and nothing of npm's or of the app's
    ");
    insta::assert_snapshot!(run(&desk, &["--lang", "zh"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    正在打包 app
    正在运行 app/tests 里的旅程
    错误[project/journeys-not-loaded]: 旅程装载不了：logic/boot-failed: the app's logic did not start: Error: tests/reports.js imports 'vue', which is not a path inside the package; it must begin with ./ or ../
      --> app/tests
      建议: 旅程是独立的模块：可以互相导入，不能导入 npm 的包或应用的文件
    ");
    desk.write("app/tests/reports.js", "journey(\"no script\");\n");
    insta::assert_snapshot!(run(&desk, &[]), @r#"
    exit: 1
    ----- stdout
    ----- stderr
    packing app
    running the journeys in app/tests
    error[project/journeys-not-loaded]: the journeys cannot be loaded: logic/boot-failed: the app's logic did not start: TypeError: a journey is written journey("what is seen", async (app) => { … })
        at <anonymous> (steps.js:62:15)
        at <anonymous> (tests/reports.js:1:1)
      --> app/tests
      hint: journeys are modules of their own: they import each other, and nothing of npm's or of the app's
    "#);
    insta::assert_snapshot!(run(&desk, &["--profile", "watch"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error: invalid value 'watch' for '--profile <NAME>'
      [possible values: phone, tablet, desktop, kiosk, elder, reader, all]

    For more information, try '--help'.
    ");
    desk.replace("app/manifest.json", "\"pages\"", "\"pagess\"");
    insta::assert_snapshot!(run(&desk, &[]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    packing app
    error[manifest/missing-member]: the manifest has no `pages`
      --> app/manifest.json#/pages
      hint: add `pages`; MiniApp Manifest requires it
    ");
    insta::assert_snapshot!(desk.run(&["test", "app", "--from", "dist"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    packing app/dist
    error[project/not-built]: what another tool builds is not here yet
      --> app/dist
      hint: run its build first, such as npm run build; --from DIR names another folder
    ");
}

#[test]
fn journeys_are_in_no_package() {
    let desk = Desk::with_app();
    let built = desk.json(&["build", "app"]);
    let inspected = desk.json(&["inspect", built["file"].as_str().unwrap()]);
    let files = inspected["files"].as_array().unwrap();
    assert!(files.iter().all(|file| !file["path"].as_str().unwrap().starts_with("tests/")), "{files:?}");
}
