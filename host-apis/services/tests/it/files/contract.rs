//! The contract itself; the dialogs of a screen are held against it in the crate that has screens.

use std::thread;

use guichet_contract::{Ask, Consent, DevicePolicy, Failure, Grants, Part, Permission, Services, Value};

/// A terminal and the person at it.
pub(crate) trait Bench {
    fn services(&self) -> &dyn Services;
    /// What the person does when a dialog comes: chooses this file, or nothing.
    fn chooses(&self, file: Option<(&str, &[u8])>) -> Box<dyn FnOnce() + Send>;
    /// What the person does when a dialog comes: keeps what is offered, or not.
    fn keeps(&self, is_kept: bool) -> Box<dyn FnOnce() + Send>;
    /// What was kept.
    fn kept(&self) -> Option<Vec<u8>>;
}

pub(crate) fn call(
    services: &dyn Services,
    app: &str,
    function: &str,
    arguments: Vec<Value>,
) -> Result<Value, Failure> {
    let held: Vec<Permission> =
        serde_json::from_str(r#"[{"name":"host:files","scope":{"endings":["txt","pdf"]}}]"#).unwrap();
    let grants = Grants::intersect(app.parse().unwrap(), &held, &held, &DevicePolicy::default(), &Consent::default());
    match Ask::decode("files", function, arguments)? {
        Ask::Service(call) => {
            assert!(call.stop().is_some(), "{function} waits for others");
            let opens_a_dialog = ["pick", "save"].contains(&function);
            assert_eq!(call.untouched().is_some(), opens_a_dialog, "{function}");
            call.perform(&grants, services)
        }
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(crate) fn pick(services: &dyn Services, endings: &[&str]) -> Result<Value, Failure> {
    call(services, "a.b", "pick", vec![Value::List(endings.iter().map(|ending| text(ending)).collect())])
}

fn while_the_person<T>(does: Box<dyn FnOnce() + Send>, ask: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let person = scope.spawn(does);
        let answer = ask();
        person.join().unwrap();
        answer
    })
}

fn record(number: i64, name: &str, size: i64) -> Value {
    let members = [("number", Value::Integer(number)), ("name", text(name)), ("size", Value::Integer(size))];
    Value::Record(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn read(services: &dyn Services, app: &str, number: i64, offset: i64, most: i64) -> Result<Value, Failure> {
    call(services, app, "read", [number, offset, most].map(Value::Integer).to_vec())
}

pub(crate) fn class(result: Result<Value, Failure>) -> String {
    let failure = result.unwrap_err();
    failure.class().unwrap_or_else(|| panic!("{failure}")).to_owned()
}

pub(crate) fn keeps_the_contract(bench: &dyn Bench) {
    let services = bench.services();
    assert!(services.parts().contains(&Part::Files));

    // What the person chooses is read piece by piece, by the app it was chosen for.
    let chosen = while_the_person(bench.chooses(Some(("lease.TXT", b"of 18 Mill Lane"))), || pick(services, &["txt"]));
    assert_eq!(chosen, Ok(record(1, "lease.TXT", 15)));
    assert_eq!(read(services, "a.b", 1, 3, 2), Ok(Value::Bytes(b"18".to_vec())));
    assert_eq!(read(services, "a.b", 1, 0, 1 << 20), Ok(Value::Bytes(b"of 18 Mill Lane".to_vec())));
    assert_eq!(read(services, "a.b", 1, 15, 5), Ok(Value::Bytes(vec![])));
    assert_eq!(class(read(services, "a.c", 1, 0, 5)), "files/not-open");
    for _ in 0..2 {
        assert_eq!(call(services, "a.b", "close", vec![Value::Integer(1)]), Ok(Value::Null));
    }
    assert_eq!(class(read(services, "a.b", 1, 0, 5)), "files/not-open");

    // Nothing chosen is no failure; nothing outside the scope is asked for.
    assert_eq!(while_the_person(bench.chooses(None), || pick(services, &["pdf", "txt"])), Ok(Value::Null));
    assert_eq!(pick(services, &["txt", "exe"]).unwrap_err().case(), "denied");

    // What is kept lies where the person wants it, or nowhere.
    let save = |name: &str| call(services, "a.b", "save", vec![text(name), Value::Bytes(b"kept".to_vec())]);
    assert_eq!(while_the_person(bench.keeps(false), || save("certificate.txt")), Ok(Value::Bool(false)));
    assert_eq!(bench.kept(), None);
    assert_eq!(while_the_person(bench.keeps(true), || save("certificate.txt")), Ok(Value::Bool(true)));
    assert_eq!(bench.kept().as_deref(), Some(&b"kept"[..]));
    assert_eq!(save("certificate.exe").unwrap_err().case(), "denied");

    // Closed with the session.
    let chosen = while_the_person(bench.chooses(Some(("lease.txt", b"x"))), || pick(services, &["txt"]));
    assert_eq!(chosen, Ok(record(2, "lease.txt", 1)));
    services.over(&"a.b".parse().unwrap());
    assert_eq!(class(read(services, "a.b", 2, 0, 5)), "files/not-open");
}
