//! What is said when a store answers, refuses or is not there.

use serde_json::{Value, json};

use crate::{
    ports,
    program::Desk,
    server::{Answer, Server},
};

fn submission(state: &str) -> Value {
    json!({
        "id": "0193a1b2-0000-7000-8000-000000000001", "app_id": "gov.example.repairs", "department": "works",
        "channel": "stable", "names": {"default": "街面报修", "zh-Hans": "街面报修", "en": "Street repairs"},
        "glaze": "slate", "version": {"code": 1, "name": "1.0.0"}, "sequence": 1, "state": state,
        "package": {"sha256": "ab".repeat(32), "length": 20000}, "submitted_by": "Dev", "submitted_at_ms": 1_760_000_000_000_u64,
        "widens": ["host:storage"], "approvals_needed": 2, "approvals": []
    })
}

fn detail() -> Value {
    let mut detail = submission("changes_requested");
    let more = json!({
        "refusal_reason": "Say what the photo is for.\u{1b}[2J",
        "manifest": {"descriptions": {"en": "Street lights and pavements."}, "pages": ["pages/home"], "logic": "script", "min_platform": 1},
        "permissions": [{"name": "host:storage", "scope": {}, "reason": "Keeps your reports.", "widens": true, "before": null}],
        "removed": ["host:print"], "replaces": null, "files": [],
        "history": [
            {"at_ms": 1_760_000_000_000_u64, "by": "Dev", "state": "submitted"},
            {"at_ms": 1_760_000_600_000_u64, "by": "Rev", "state": "changes_requested", "note": "Say what the photo is for."}
        ]
    });
    for (name, value) in more.as_object().unwrap() {
        detail[name] = value.clone();
    }
    detail
}

fn problem(status: u16, class: &str, what: &str, hint: &str) -> Answer {
    let problem = guichet_api::Problem::new(status, class, what, hint);
    Answer { status, kind: "application/problem+json", body: serde_json::to_vec(&problem).unwrap() }
}

fn at(desk: &Desk, server: &Server, arguments: &[&str]) -> String {
    with_token("right", desk, server, arguments)
}

fn with_token(token: &str, desk: &Desk, server: &Server, arguments: &[&str]) -> String {
    let output = desk.command(arguments).env("GUICHET_STORE_URL", server.url()).env("GUICHET_TOKEN", token).output();
    desk.shown(&output.unwrap())
}

#[test]
fn a_store_that_is_not_there() {
    let desk = Desk::with_package();
    let port = ports::free().unwrap();
    let url = format!("http://127.0.0.1:{port}");
    insta::assert_snapshot!(desk.run(&["publish", "app.ma", "--token", "t", "--store", &url]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    sending app.ma to http://127.0.0.1:[PORT]
    error[store/unreachable]: could not reach http://127.0.0.1:[PORT]: nothing answers there
      hint: see that the store runs and that the address is right: --store URL or GUICHET_STORE_URL
    ");
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "status", "--token", "t", "--store", &url]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    错误[store/unreachable]: 连不上 http://127.0.0.1:[PORT]：那里没有回应
      建议: 看看商店是否在运行、地址是否正确：--store URL 或 GUICHET_STORE_URL
    ");
}

#[test]
fn something_that_is_not_a_store() {
    let desk = Desk::new();
    let server = Server::start(|_| Answer { status: 200, kind: "text/html", body: b"<h1>hello</h1>".to_vec() });
    insta::assert_snapshot!(at(&desk, &server, &["review", "list"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[store/not-a-store]: http://127.0.0.1:[PORT] answered with expected value at line 1 column 1, which a store does not
      hint: see that the address is a store's: --store URL or GUICHET_STORE_URL
    ");
    let server = Server::start(|_| Answer { status: 302, kind: "text/html", body: Vec::new() });
    insta::assert_snapshot!(at(&desk, &server, &["review", "list"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[store/not-a-store]: http://127.0.0.1:[PORT] answered with 302 Found, which a store does not
      hint: see that the address is a store's: --store URL or GUICHET_STORE_URL
    ");
}

#[test]
fn a_token_that_nobody_has_is_told_before_the_package_is_sent() {
    let desk = Desk::with_package();
    let server = Server::start(|request| {
        assert!(request.body.is_empty(), "nothing is sent to a store that does not know the token");
        problem(401, "access/unknown-token", "the token is missing or not known here", "ask for a new one")
    });
    insta::assert_snapshot!(with_token("wrong", &desk, &server, &["publish", "app.ma"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    sending app.ma to http://127.0.0.1:[PORT]
    error[access/unknown-token]: the token is missing or not known here
      hint: ask for a new one
    ");
    insta::assert_snapshot!(with_token("wrong", &desk, &server, &["--lang", "zh", "status"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    错误[access/unknown-token]: 商店不认识这个令牌
      详情: the token is missing or not known here
      建议: 核对 GUICHET_TOKEN；需要新的就找商店管理员
    ");
}

#[test]
fn a_package_is_sent_whole_and_what_comes_next_is_said() {
    let desk = Desk::with_package();
    let expected = desk.bytes("app.ma");
    let server = Server::start(move |request| {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api/v1/submissions"));
        assert_eq!(request.header("authorization"), Some("Bearer right"));
        assert_eq!(request.header("content-type"), Some("application/miniapp-pkg+zip"));
        assert_eq!(request.body, expected);
        Answer::json(201, &submission("submitted"))
    });
    insta::assert_snapshot!(at(&desk, &server, &["publish", "app.ma"]), @r"
    exit: 0
    ----- stdout
    submission  0193a1b2-0000-7000-8000-000000000001
    app         Street repairs  gov.example.repairs
    version     1.0.0 (1)
    state       submitted
    signed      0/2
    ----- stderr
    sending app.ma to http://127.0.0.1:[PORT]
    it asks for what no release of it was allowed before: host:storage
    next: reviewers of your department approve it, 2 in all; guichet status shows where it stands
    ");
    insta::assert_snapshot!(at(&desk, &server, &["--json", "publish", "app.ma"]).lines().take(4).collect::<Vec<_>>().join("\n"), @r#"
    exit: 0
    ----- stdout
    {
      "id": "0193a1b2-0000-7000-8000-000000000001",
    "#);
}

#[test]
fn a_draft_is_tried_out_handed_in_and_taken_back_with_the_stores_own_verbs() {
    const ID: &str = "0193a1b2-0000-7000-8000-000000000001";
    let desk = Desk::with_package();
    let server = Server::start(|request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        match (request.method.as_str(), request.path.rsplit('/').next().unwrap()) {
            ("POST", "submissions?draft=true&replaces=0193a1b2-0000-7000-8000-000000000002") => {
                Answer::json(201, &submission("draft"))
            }
            ("POST", "trial") if body == json!({"testers": ["Ana Sousa", "Rui"]}) => {
                Answer::json(200, &submission("trial"))
            }
            ("POST", "trial") if body == json!({"testers": []}) => Answer::json(200, &submission("draft")),
            ("POST", "handing-in") => Answer::json(200, &submission("submitted")),
            ("POST", "withdrawal") => Answer::json(200, &submission("draft")),
            ("POST", "archiving") => {
                let what = "the submission is released, so this can no longer be done";
                problem(
                    409,
                    "review/too-late",
                    what,
                    "look at its history; submit a new version if it still needs to change",
                )
            }
            other => panic!("{other:?} {body}"),
        }
    });
    let replaces = ["publish", "app.ma", "--draft", "--replaces", "0193a1b2-0000-7000-8000-000000000002"];
    insta::assert_snapshot!(at(&desk, &server, &replaces), @r"
    exit: 0
    ----- stdout
    submission  0193a1b2-0000-7000-8000-000000000001
    app         Street repairs  gov.example.repairs
    version     1.0.0 (1)
    state       draft
    ----- stderr
    sending app.ma to http://127.0.0.1:[PORT]
    it asks for what no release of it was allowed before: host:storage
    next: guichet trial 0193a1b2-0000-7000-8000-000000000001 --tester NAME, or guichet hand-in 0193a1b2-0000-7000-8000-000000000001
    ");
    insta::assert_snapshot!(at(&desk, &server, &["trial", ID, "--tester", "Ana Sousa", "--tester", "Rui"]), @r"
    exit: 0
    ----- stdout
    submission  0193a1b2-0000-7000-8000-000000000001
    app         Street repairs  gov.example.repairs
    version     1.0.0 (1)
    state       on trial
    ----- stderr
    next: send testers to http://127.0.0.1:[PORT]/trials/0193a1b2-0000-7000-8000-000000000001; then guichet hand-in 0193a1b2-0000-7000-8000-000000000001
    ");
    insta::assert_snapshot!(at(&desk, &server, &["--lang", "zh", "trial", ID, "--end"]), @r"
    exit: 0
    ----- stdout
    提交  0193a1b2-0000-7000-8000-000000000001
    应用  街面报修  gov.example.repairs
    版本  1.0.0 (1)
    状态  草稿
    ----- stderr
    下一步：guichet trial 0193a1b2-0000-7000-8000-000000000001 --tester 姓名，或者 guichet hand-in 0193a1b2-0000-7000-8000-000000000001
    ");
    insta::assert_snapshot!(at(&desk, &server, &["hand-in", ID]), @r"
    exit: 0
    ----- stdout
    submission  0193a1b2-0000-7000-8000-000000000001
    app         Street repairs  gov.example.repairs
    version     1.0.0 (1)
    state       submitted
    signed      0/2
    ----- stderr
    it asks for what no release of it was allowed before: host:storage
    next: reviewers of your department approve it, 2 in all; guichet status shows where it stands
    ");
    insta::assert_snapshot!(at(&desk, &server, &["--lang", "zh", "withdraw", ID]), @r"
    exit: 0
    ----- stdout
    提交  0193a1b2-0000-7000-8000-000000000001
    应用  街面报修  gov.example.repairs
    版本  1.0.0 (1)
    状态  草稿
    ----- stderr
    下一步：guichet trial 0193a1b2-0000-7000-8000-000000000001 --tester 姓名，或者 guichet hand-in 0193a1b2-0000-7000-8000-000000000001
    ");
    insta::assert_snapshot!(at(&desk, &server, &["archive", ID]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[review/too-late]: the submission is released, so this can no longer be done
      hint: look at its history; submit a new version if it still needs to change
    ");
    insta::assert_snapshot!(at(&desk, &server, &["withdraw", "../people"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[store/no-submission]: there is no submission of `../people` that you may see
      hint: guichet status without a name shows everything you may see
    ");
    insta::assert_snapshot!(at(&desk, &server, &["trial", ID]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error: the following required arguments were not provided:
      --tester <NAME>

    Usage: guichet trial --store <URL> --token <TOKEN> --tester <NAME> <SUBMISSION>

    For more information, try '--help'.
    ");
}

#[test]
fn a_refusal_of_the_store_is_a_refusal() {
    let desk = Desk::with_package();
    let server = Server::start(|_| {
        let what = "version code 1 of gov.example.repairs is not higher than 1, which was submitted before";
        problem(409, "submission/version-not-higher", what, "set \"code\" to 2 or more and build again")
    });
    insta::assert_snapshot!(at(&desk, &server, &["publish", "app.ma"]), @r#"
    exit: 2
    ----- stdout
    ----- stderr
    sending app.ma to http://127.0.0.1:[PORT]
    error[submission/version-not-higher]: version code 1 of gov.example.repairs is not higher than 1, which was submitted before
      hint: set "code" to 2 or more and build again
    "#);
}

#[test]
fn the_queue_and_a_submission_are_shown() {
    let desk = Desk::new();
    let server = Server::start(|request| match request.path.as_str() {
        "/api/v1/submissions" => {
            Answer::json(200, &json!({"items": [submission("submitted"), submission("released")]}))
        }
        "/api/v1/me" => {
            Answer::json(200, &json!({"id": "1", "name": "Rev", "role": "reviewer", "department": "works"}))
        }
        _ => Answer::json(200, &detail()),
    });
    insta::assert_snapshot!(at(&desk, &server, &["review", "list"]), @r"
    exit: 0
    ----- stdout
    submission                            app                  version    state      by   widens
    0193a1b2-0000-7000-8000-000000000001  gov.example.repairs  1.0.0 (1)  submitted  Dev  host:storage
    ----- stderr
    next: guichet review show 0193a1b2-0000-7000-8000-000000000001, then guichet review approve 0193a1b2-0000-7000-8000-000000000001 --key KEY
    ");
    insta::assert_snapshot!(at(&desk, &server, &["--lang", "zh", "status"]), @r"
    exit: 0
    ----- stdout
    提交                                  应用                 版本       状态      提交人  增加的权限
    0193a1b2-0000-7000-8000-000000000001  gov.example.repairs  1.0.0 (1)  等待审核  Dev     host:storage
    0193a1b2-0000-7000-8000-000000000001  gov.example.repairs  1.0.0 (1)  已发布    Dev     host:storage
    ----- stderr
    您是 Rev：审核人员 works
    ");
    insta::assert_snapshot!(at(&desk, &server, &["status", "gov.example.repairs"]), @r"
    exit: 0
    ----- stdout
    submission                            app                  version    state      by   widens
    0193a1b2-0000-7000-8000-000000000001  gov.example.repairs  1.0.0 (1)  submitted  Dev  host:storage
    0193a1b2-0000-7000-8000-000000000001  gov.example.repairs  1.0.0 (1)  released   Dev  host:storage
    ----- stderr
    ");
    insta::assert_snapshot!(at(&desk, &server, &["status", "gov.example.other"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[store/no-submission]: there is no submission of `gov.example.other` that you may see
      hint: guichet status without a name shows everything you may see
    ");
    insta::assert_snapshot!(at(&desk, &server, &["review", "show", "0193a1b2-0000-7000-8000-000000000001"]), @r"
    exit: 0
    ----- stdout
    submission  0193a1b2-0000-7000-8000-000000000001
    app         Street repairs  gov.example.repairs
    version     1.0.0 (1)
    state       changes requested
    reason      Say what the photo is for.\u{1b}[2J
    says        Street lights and pavements.
    by          Dev
    department  works
    pages       pages/home
    digest      [DIGEST]
    size [SIZE]

    permissions
      host:storage  + new        Keeps your reports.
      host:print    − no longer

    history
      2025-10-09 08:53 UTC  submitted          Dev
      2025-10-09 09:03 UTC  changes requested  Rev  Say what the photo is for.
    ----- stderr
    ");
    insta::assert_snapshot!(at(&desk, &server, &["review", "show", "../me"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[store/no-submission]: there is no submission of `../me` that you may see
      hint: guichet status without a name shows everything you may see
    ");
}

#[test]
fn an_empty_queue_is_good_news() {
    let server = Server::start(|_| Answer::json(200, &json!({"items": []})));
    insta::assert_snapshot!(at(&Desk::new(), &server, &["review", "list"]), @r"
    exit: 0
    ----- stdout
    ----- stderr
    Nothing is waiting for you.
    ");
}

#[test]
fn a_submission_is_sent_back_with_a_reason() {
    let server = Server::start(|request| {
        assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), json!({"reason": "Say why."}));
        let mut refused = submission("changes_requested");
        refused["refusal_reason"] = json!("Say why.");
        Answer::json(200, &refused)
    });
    let arguments = ["review", "refuse", "0193a1b2-0000-7000-8000-000000000001", "--reason", "Say why."];
    insta::assert_snapshot!(at(&Desk::new(), &server, &arguments), @r"
    exit: 0
    ----- stdout
    submission  0193a1b2-0000-7000-8000-000000000001
    app         Street repairs  gov.example.repairs
    version     1.0.0 (1)
    state       changes requested
    reason      Say why.
    ----- stderr
    ");
}
