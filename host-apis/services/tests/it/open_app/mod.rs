//! What `open-app` promises, held against the twin in memory and the simulator of a developer's window; the window of a desktop
//! is held against it in a journey.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use guichet_contract::{AppId, Ask, Consent, DevicePolicy, Failure, Grants, Part, Permission, Services, Stop, Value};
use guichet_services::{
    Memory, Rehearsed,
    open_app::{Simulated, State},
};

/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(30);

fn app(name: &str) -> AppId {
    name.parse().unwrap()
}

fn grants(name: &str) -> Grants {
    let held: Vec<Permission> =
        serde_json::from_str(r#"[{"name":"host:open-app","scope":{"apps":["gov.example.tax"]}}]"#).unwrap();
    Grants::intersect(app(name), &held, &held, &DevicePolicy::default(), &Consent::default())
}

fn call(services: &dyn Services, app: &str, function: &str, arguments: &[&str]) -> Result<Value, Failure> {
    stoppable(services, app, function, arguments, |_| {})
}

fn stoppable(
    services: &dyn Services,
    app: &str,
    function: &str,
    arguments: &[&str],
    stop: impl FnOnce(Option<Stop>),
) -> Result<Value, Failure> {
    let arguments = arguments.iter().map(|text| Value::Text((*text).to_owned())).collect();
    match Ask::decode("open-app", function, arguments)? {
        Ask::Service(call) => {
            assert_eq!(call.untouched().is_some(), function == "open", "{function}");
            stop(call.stop());
            call.perform(&grants(app), services)
        }
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

fn class(result: Result<Value, Failure>) -> String {
    let failure = result.unwrap_err();
    failure.class().unwrap_or_else(|| panic!("{failure}")).to_owned()
}

/// Waits until the app that was opened knows by whom.
fn until_given(services: &dyn Services) -> Value {
    let deadline = Instant::now() + DEADLINE;
    loop {
        match call(services, "gov.example.tax", "given", &[]).unwrap() {
            Value::Null => assert!(Instant::now() < deadline, "nobody has opened it"),
            given => return given,
        }
    }
}

fn keeps_the_contract(services: &dyn Services, apps: &Simulated) {
    assert!(services.parts().contains(&Part::OpenApp));
    let open = |data: &str| call(services, "a.b", "open", &["gov.example.tax", data]);
    let text = |text: &str| Value::Text(text.to_owned());

    // The other app learns who has opened it and with what, and its answer comes back, once.
    apps.set(State::Waits);
    assert_eq!(call(services, "gov.example.tax", "given", &[]), Ok(Value::Null));
    thread::scope(|scope| {
        let opened = scope.spawn(|| open("bill 7"));
        let members = [("app", text("a.b")), ("data", text("bill 7"))];
        let given = Value::Record(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        assert_eq!(until_given(services), given);
        assert_eq!(call(services, "a.c", "given", &[]), Ok(Value::Null), "it is its own");
        assert_eq!(class(call(services, "a.c", "open", &["gov.example.tax", ""])), "open-app/busy");
        assert_eq!(class(call(services, "a.c", "answer", &["not mine"])), "open-app/not-asked");
        assert_eq!(call(services, "gov.example.tax", "answer", &["paid"]), Ok(Value::Null));
        assert_eq!(opened.join().unwrap(), Ok(text("paid")));
    });
    assert_eq!(class(call(services, "gov.example.tax", "answer", &["again"])), "open-app/not-asked");
    assert_eq!(apps.seen(), (vec![app("gov.example.tax")], vec![app("gov.example.tax")]));

    // Closed without an answer; given up; and whoever has opened it is gone.
    thread::scope(|scope| {
        let opened = scope.spawn(|| open(""));
        until_given(services);
        services.over(&app("gov.example.tax"));
        assert_eq!(opened.join().unwrap(), Ok(Value::Null));

        let (stops, stop) = std::sync::mpsc::channel();
        let given_up = move || {
            let arguments = ["gov.example.tax", ""];
            stoppable(services, "a.b", "open", &arguments, move |stop| stops.send(stop.unwrap()).unwrap())
        };
        let opened = scope.spawn(given_up);
        until_given(services);
        stop.recv_timeout(DEADLINE).unwrap().stop();
        assert_eq!(opened.join().unwrap(), Ok(Value::Null));

        let opened = scope.spawn(|| open(""));
        until_given(services);
        services.over(&app("a.b"));
        assert_eq!(opened.join().unwrap(), Ok(Value::Null));
        assert_eq!(class(call(services, "gov.example.tax", "answer", &["late"])), "open-app/not-asked");
    });

    // Only what the scope lists, and only what is here.
    let denied = call(services, "a.b", "open", &["gov.example.other", ""]).unwrap_err();
    assert_eq!(denied.case(), "denied", "{denied}");
    apps.set(State::Absent);
    assert_eq!(class(open("")), "open-app/not-here");
}

#[test]
fn the_twin_in_memory_keeps_the_contract() {
    let apps = Arc::<Simulated>::default();
    let services = Memory::default().with_parts(|parts| parts.with_apps(Arc::clone(&apps) as _));
    keeps_the_contract(&services, &apps);
}

#[test]
fn the_simulator_of_a_developers_window_keeps_the_contract() {
    let services = Rehearsed::default();
    keeps_the_contract(&services, &services.apps);
}

#[test]
fn where_apps_open_no_others_it_says_so() {
    let services = Rehearsed::default();
    services.apps.set(State::Missing);
    for services in [&Memory::default() as &dyn Services, &services] {
        assert!(!services.parts().contains(&Part::OpenApp));
        assert_eq!(class(call(services, "a.b", "given", &[])), "open-app/unsupported");
        insta::allow_duplicates! {
            insta::assert_snapshot!(call(services, "a.b", "open", &["gov.example.tax", ""]).unwrap_err(), @r#"open-app/unsupported: apps open no others here; hint: say where the other service is; an app that is nothing without it says "requires": ["open-app"]"#);
        }
    }
}
