//! A guest in Rust, made with the guest library: the same world, the same outputs.

use guichet_engine::{Event, Output, PagePhase};
use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::session::{Session, rust};

fn ask(name: &str, input: Json) -> String {
    let answer = Session::launch(&rust()).ask(name, input).unwrap();
    answer.map_or_else(|error| format!("error: {error}"), |json| json.to_string())
}

#[test]
fn it_counts_as_the_demo_app_does() {
    let mut guest = Session::launch(&rust());
    assert_eq!(guest.ask("count", Json::Null).unwrap(), Ok(json!(1)));
    assert_eq!(guest.ask("count", Json::Null).unwrap(), Ok(json!(2)));
    assert_snapshot!(guest.said("page", "update"), @r#"
    ["{\"count\":1}"]
    ["{\"count\":2}"]
    "#);
    assert_snapshot!(guest.said("log", "write"), @r#"["info","launched pages/index from=home zh-Hans"]"#);
}

#[test]
fn calls_bring_values_and_failures() {
    assert_snapshot!(ask("bytes", Json::Null), @"[0,255,7]");
    assert_snapshot!(ask("whoami", Json::Null), @r#""gov.example.desk 3""#);
    assert_snapshot!(ask("leave", Json::Null), @"error: navigation.navigate needs a permission");
}

#[test]
fn handlers_read_and_write_json() {
    assert_snapshot!(ask("add", json!({"a": 1, "b": 2})), @r#"{"total":3}"#);
    assert_snapshot!(ask("add", json!({"a": u32::MAX, "b": 2})), @"error: the sum is too large");
    assert_snapshot!(ask("add", json!({"a": 1})), @"error: add cannot read its input: missing field `b` at line 1 column 7");
    assert_snapshot!(ask("from", Json::Null), @"7");
    assert_snapshot!(ask("missing", Json::Null), @"error: the logic has no handler 'missing'");
    assert_snapshot!(ask("dice", Json::Null), @r#"["8743281815811444574",1790000000000]"#);
}

#[test]
fn page_events_reach_it() {
    let mut guest = Session::launch(&rust());
    guest
        .run(Event::Page { page: 2, route: "pages/a".to_owned(), query: String::new(), phase: PagePhase::Hidden }, 0)
        .unwrap();
    assert_snapshot!(guest.said("page", "update"), @r#"["{\"page\":2,\"phase\":\"PagePhase::Hidden\",\"route\":\"pages/a\"}"]"#);
}

#[test]
fn tasks_run_beside_each_other() {
    let mut guest = Session::launch(&rust());
    assert_eq!(guest.ask("twice", Json::Null).unwrap(), Ok(json!("first")));
    assert_snapshot!(guest.said("page", "update"), @r#"["{\"spawned\":true}"]"#);
}

#[test]
fn a_dropped_call_is_forgotten() {
    let mut guest = Session::launch(&rust());
    assert_eq!(guest.ask("hurry", Json::Null).unwrap(), Ok(json!("did not wait")));
    assert!(guest.outputs.contains(&Output::Forget { call: 1 }));
}
