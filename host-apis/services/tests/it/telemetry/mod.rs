//! What `telemetry` promises, held against the real part, the twin in memory and the simulator of a developer's window.

use std::sync::Arc;

use guichet_contract::{Ask, Consent, DevicePolicy, Failure, Grants, Part, Permission, Services, Value};
use guichet_services::{
    Memory, Rehearsed,
    telemetry::{Simulated, State, Waiting},
};

fn count(services: &dyn Services, app: &str, event: &str, value: Option<&str>) -> Result<Value, Failure> {
    let held: Permission =
        serde_json::from_str(r#"{"name":"host:telemetry","scope":{"events":["sent","left:form","left:paper"]}}"#)
            .unwrap();
    let held = [held];
    let grants = Grants::intersect(app.parse().unwrap(), &held, &held, &DevicePolicy::default(), &Consent::default());
    let value = value.map_or(Value::Null, |value| Value::Text(value.to_owned()));
    match Ask::decode("telemetry", "count", vec![Value::Text(event.to_owned()), value])? {
        Ask::Service(call) => call.perform(&grants, services),
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

fn taken(services: &dyn Services, app: &str) -> Vec<(String, u32)> {
    let taken = services.telemetry().take(&app.parse().unwrap());
    taken.into_iter().map(|(event, count)| (event.to_string(), count)).collect()
}

fn keeps_the_contract(services: &dyn Services) {
    assert!(services.parts().contains(&Part::Telemetry));
    for (event, value) in [("sent", None), ("left", Some("form")), ("sent", None)] {
        assert_eq!(count(services, "a.b", event, value), Ok(Value::Null));
    }
    assert_eq!(count(services, "a.c", "sent", None), Ok(Value::Null));

    // What is not declared is not counted, whatever it is.
    for (event, value) in [("opened", None), ("left", None), ("sent", Some("form"))] {
        let denied = count(services, "a.b", event, value).unwrap_err();
        assert!(matches!(&denied, Failure::Denied(why) if why.contains(event)), "{denied}");
    }
    for words in ["张三", "3301-2026-0042 ", "Sent", ""] {
        assert!(matches!(count(services, "a.b", "left", Some(words)), Err(Failure::Invalid(_))), "{words}");
    }

    // Each app's own, and taken once.
    assert_eq!(taken(services, "a.b"), [("left:form".to_owned(), 1), ("sent".to_owned(), 2)]);
    assert_eq!(taken(services, "a.b"), []);

    // A session counts so much and no more; the next one begins anew, and what was counted outlives the session.
    for _ in 3..200 {
        assert_eq!(count(services, "a.b", "sent", None), Ok(Value::Null));
    }
    let too_many = count(services, "a.b", "sent", None).unwrap_err();
    assert_eq!(too_many.class(), Some("telemetry/too-many"));
    services.over(&"a.b".parse().unwrap());
    assert_eq!(count(services, "a.b", "sent", None), Ok(Value::Null));
    assert_eq!(taken(services, "a.b"), [("sent".to_owned(), 198)]);
    assert_eq!(taken(services, "a.c"), [("sent".to_owned(), 1)]);
}

#[test]
fn what_waits_for_the_host_keeps_the_contract() {
    keeps_the_contract(&Memory::default().with_parts(|parts| parts.with_counter(Arc::<Waiting>::default())));
}

#[test]
fn the_twin_in_memory_keeps_the_contract() {
    keeps_the_contract(&Memory::default().with_parts(|parts| parts.with_counter(Arc::<Simulated>::default())));
}

#[test]
fn the_simulator_of_a_developers_window_keeps_the_contract() {
    keeps_the_contract(&Rehearsed::default());
}

#[test]
fn a_terminal_that_counts_nothing_says_so() {
    let services = Rehearsed::default();
    services.counter.set(State::Missing);
    for services in [&Memory::default() as &dyn Services, &services] {
        assert!(!services.parts().contains(&Part::Telemetry));
        assert_eq!(count(services, "a.b", "sent", None).unwrap_err().class(), Some("telemetry/unsupported"));
    }
    insta::assert_snapshot!(count(&services, "a.b", "sent", None).unwrap_err(), @"telemetry/unsupported: nothing is counted on this terminal; hint: go on without; nobody else misses it");
}

#[test]
fn what_was_asked_wrongly_says_how() {
    let services = Rehearsed::default();
    insta::assert_snapshot!(count(&services, "a.b", "left", Some("by Ana")).unwrap_err(), @"telemetry.count: event must be an event, with a value or without, each 1 to 32 of a-z, 0-9 and -");
    insta::assert_snapshot!(count(&services, "a.b", "opened", None).unwrap_err(), @r#"the permission `host:telemetry` for {"events":["opened"]} is missing; hint: ask for it in manifest.json: "req_permissions": [{"name": "host:telemetry", "reason": "…", "scope": {"events":["opened"]}}]"#);
    for _ in 0..200 {
        count(&services, "a.b", "sent", None).unwrap();
    }
    insta::assert_snapshot!(count(&services, "a.b", "sent", None).unwrap_err(), @"telemetry/too-many: the app has counted 200 events since it was opened; hint: count what an app is judged by, and not every step of it");
}
