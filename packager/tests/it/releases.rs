//! Releases that are out: halted, let go on, gone back from and taken back, by the store's own verbs.

use serde_json::{Value, json};

use crate::{
    program::Desk,
    server::{Answer, Server},
};

const ID: &str = "0193a1b2-0000-7000-8000-000000000009";

fn submission(kind: &str, sequence: u64, state: &str, channel: &str) -> Value {
    json!({
        "id": ID, "kind": kind, "app_id": "gov.example.repairs", "department": "works", "channel": channel,
        "names": {"default": "街面报修", "en": "Street repairs"}, "glaze": "slate", "version": {"code": sequence, "name": format!("1.{sequence}.0")},
        "sequence": sequence, "state": state, "package": {"sha256": "ab".repeat(32), "length": 20000}, "submitted_by": "Dev",
        "submitted_at_ms": 1_760_000_000_000_u64, "widens": [], "approvals_needed": 1, "approvals": []
    })
}

/// A store with three releases in `stable` and one in `trial`, which says back what it was asked.
fn store() -> Server {
    Server::start(|request| {
        let body = || serde_json::from_slice::<Value>(&request.body).unwrap();
        let reach = || Answer::json(200, &json!({"app_id": "gov.example.repairs", "channel": "stable", "sequence": 3}));
        assert_eq!(request.header("authorization"), Some("Bearer right"));
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/api/v1/apps/gov.example.repairs/stable/halt") => {
                assert_eq!(body(), json!({"reason": "It loses drafts."}));
                reach()
            }
            ("POST", "/api/v1/apps/gov.example.repairs/stable/resume") => {
                assert_eq!(body(), json!({"reason": "The fee is right."}));
                reach()
            }
            ("POST", "/api/v1/apps/gov.example.repairs/stable/revert") => {
                assert_eq!(body()["reason"], "It loses drafts.");
                let mut proposed = submission("revert", 4, "submitted", "stable");
                proposed["version"] = json!({"code": body()["to"], "name": "1.x"});
                Answer::json(201, &proposed)
            }
            ("POST", "/api/v1/apps/gov.example.repairs/stable/recall") => {
                Answer::json(201, &submission("recall", 4, "submitted", "stable"))
            }
            ("POST", _) => {
                let problem =
                    guichet_api::Problem::new(404, "release/not-found", "it has never been released", "name another");
                Answer { status: 404, kind: "application/problem+json", body: serde_json::to_vec(&problem).unwrap() }
            }
            ("GET", path) if path.starts_with("/api/v1/submissions/") => {
                let mut detail = submission("package", 3, "released", "stable");
                let more = json!({
                    "manifest": {"descriptions": {}, "pages": ["pages/home"], "logic": "script", "min_platform": 1},
                    "permissions": [], "removed": [], "replaces": null, "files": [],
                    "history": [
                        {"at_ms": 1_760_000_000_000_u64, "by": "Dev", "state": "submitted"},
                        {"at_ms": 1_760_000_600_000_u64, "by": "Rev", "state": "released", "note": "Good.\u{1b}[2J"}
                    ]
                });
                more.as_object().unwrap().iter().for_each(|(name, value)| detail[name] = value.clone());
                Answer::json(200, &detail)
            }
            _ => Answer::json(
                200,
                &json!({"items": [
                    submission("package", 3, "released", "stable"), submission("package", 7, "released", "trial"),
                    submission("recall", 2, "released", "stable"), submission("package", 1, "released", "stable"),
                ]}),
            ),
        }
    })
}

fn at(server: &Server, arguments: &[&str]) -> String {
    let desk = Desk::new();
    let output = desk.command(arguments).env("GUICHET_STORE_URL", server.url()).env("GUICHET_TOKEN", "right").output();
    desk.shown(&output.unwrap())
}

#[test]
fn a_release_is_halted_and_goes_on() {
    let server = store();
    insta::assert_snapshot!(at(&server, &["halt", "gov.example.repairs", "--reason", "It loses drafts."]), @r"
    exit: 0
    ----- stdout
    app      gov.example.repairs
    channel  stable
    up to    3
    state    halted
    ----- stderr
    no terminal takes it any more; what is installed goes on. next: guichet revert gov.example.repairs --reason TEXT, or guichet resume gov.example.repairs
    ");
    insta::assert_snapshot!(at(&server, &["--lang", "zh", "resume", "gov.example.repairs", "--reason", "The fee is right."]), @r"
    exit: 0
    ----- stdout
    应用  gov.example.repairs
    通道  stable
    截至  3
    状态  已恢复
    ----- stderr
    ");
    insta::assert_snapshot!(at(&server, &["--json", "halt", "gov.example.repairs", "--reason", "It loses drafts."]), @r#"
    exit: 0
    ----- stdout
    {
      "app_id": "gov.example.repairs",
      "channel": "stable",
      "sequence": 3
    }
    ----- stderr
    "#);
    insta::assert_snapshot!(at(&server, &["halt", "gov.example.repairs", "--channel", "trial", "--reason", "x"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[release/not-found]: it has never been released
      hint: name another
    ");
    insta::assert_snapshot!(at(&server, &["halt", "gov.example.repairs"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error: the following required arguments were not provided:
      --reason <TEXT>

    Usage: guichet halt --reason <TEXT> --store <URL> --token <TOKEN> <APP_ID>

    For more information, try '--help'.
    ");
}

#[test]
fn going_back_means_the_release_before_unless_another_is_named() {
    let server = store();
    insta::assert_snapshot!(at(&server, &["rollback", "gov.example.repairs", "--reason", "It loses drafts."]), @r"
    exit: 0
    ----- stdout
    submission  0193a1b2-0000-7000-8000-000000000009
    app         Street repairs  gov.example.repairs
    version     1.x (1)
    state       submitted
    kind        goes back
    signed      0/1
    ----- stderr
    proposed: the contents of release 1 again. next: reviewers sign it with guichet review approve 0193a1b2-0000-7000-8000-000000000009 --key KEY --revert
    ");
    let named = at(&server, &["revert", "gov.example.repairs", "--to", "2", "--reason", "It loses drafts."]);
    assert!(named.contains("the contents of release 2 again"), "{named}");
    insta::assert_snapshot!(at(&server, &["rollback", "gov.example.repairs", "--channel", "trial", "--reason", "x"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[release/nothing-before]: gov.example.repairs has no release before its newest, so there is nothing to go back to
      hint: hold it back with guichet halt gov.example.repairs, or take it back with guichet recall gov.example.repairs
    ");
    insta::assert_snapshot!(at(&server, &["--lang", "zh", "rollback", "gov.example.repairs", "--channel", "trial", "--reason", "x"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    错误[release/nothing-before]: gov.example.repairs 在最新的发布之前没有别的发布，没有可以换回的
      建议: 用 guichet halt gov.example.repairs 暂停，或用 guichet recall gov.example.repairs 收回
    ");
}

#[test]
fn an_app_is_taken_back() {
    insta::assert_snapshot!(at(&store(), &["recall", "gov.example.repairs", "--reason", "It is not ours."]), @r"
    exit: 0
    ----- stdout
    submission  0193a1b2-0000-7000-8000-000000000009
    app         Street repairs  gov.example.repairs
    version     1.4.0 (4)
    state       submitted
    kind        takes back
    signed      0/1
    ----- stderr
    proposed: to take the app back. next: reviewers sign it with guichet review approve 0193a1b2-0000-7000-8000-000000000009 --key KEY --recall
    ");
}

#[test]
fn what_happened_is_shown_in_order() {
    let server = store();
    insta::assert_snapshot!(at(&server, &["logs", "gov.example.repairs", "--last", "1"]), @r"
    exit: 0
    ----- stdout
    2025-10-09 08:53 UTC  1.3.0 (3)  submitted  Dev
    2025-10-09 09:03 UTC  1.3.0 (3)  released   Rev  Good.\u{1b}[2J
    ----- stderr
    ");
    insta::assert_snapshot!(at(&server, &["--lang", "zh", "logs", "gov.example.repairs", "--last", "1"]), @r"
    exit: 0
    ----- stdout
    2025-10-09 08:53 UTC  1.3.0 (3)  等待审核  Dev
    2025-10-09 09:03 UTC  1.3.0 (3)  已发布    Rev  Good.\u{1b}[2J
    ----- stderr
    ");
    insta::assert_snapshot!(at(&server, &["logs", "gov.example.other"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[store/no-submission]: there is no submission of `gov.example.other` that you may see
      hint: guichet status without a name shows everything you may see
    ");
}
