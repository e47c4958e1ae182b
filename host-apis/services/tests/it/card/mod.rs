//! What `card` promises, held against the twin in memory, the simulator of a developer's window, and a real daemon with a
//! virtual reader behind the driver for PC/SC.

mod vpcd;

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use guichet_contract::{AppId, Ask, Consent, DevicePolicy, Failure, Grants, Part, Permission, Services, Value};
use guichet_services::{
    Memory, Rehearsed,
    card::{Program, Simulated, State},
};

/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// An applet that the card has not got.
const OTHER: &str = "A000000003000000";
/// READ BINARY of all there is, and SELECT of the file with the holder's name.
const READ: [u8; 5] = [0x00, 0xb0, 0x00, 0x00, 0x00];
const HOLDER: [u8; 7] = [0x00, 0xa4, 0x02, 0x0c, 0x02, 0x01, 0x01];

/// A terminal with one reader, whose card is in our hand.
pub(crate) trait Bench {
    fn services(&self) -> &dyn Services;
    /// Puts the card into the reader, or takes it out.
    fn card(&mut self, is_there: bool);
    /// Unplugs the reader, or plugs it in.
    fn connected(&mut self, is_connected: bool);
}

/// A reader in memory.
struct InMemory<S> {
    services: S,
    reader: Arc<Simulated>,
}

impl<S: Services> Bench for InMemory<S> {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn card(&mut self, is_there: bool) {
        self.reader.set(if is_there { State::Present } else { State::Empty });
    }

    fn connected(&mut self, is_connected: bool) {
        self.reader.set(if is_connected { State::Present } else { State::Offline });
    }
}

fn app(name: &str) -> AppId {
    name.parse().unwrap()
}

fn grants(name: &str) -> Grants {
    let held = format!(r#"[{{"name":"host:card","scope":{{"applets":["{}","{OTHER}"]}}}}]"#, Program::APPLET);
    let held: Vec<Permission> = serde_json::from_str(&held).unwrap();
    Grants::intersect(app(name), &held, &held, &DevicePolicy::default(), &Consent::default())
}

fn call(services: &dyn Services, app: &str, function: &str, arguments: Vec<Value>) -> Result<Value, Failure> {
    match Ask::decode("card", function, arguments)? {
        Ask::Service(call) => {
            assert!(call.stop().is_some(), "{function} waits for others");
            call.perform(&grants(app), services)
        }
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn member(value: &Value, name: &str) -> Value {
    match value {
        Value::Record(members) => members[name].clone(),
        other => panic!("{other:?} is no record"),
    }
}

fn connect(services: &dyn Services, app: &str, applet: &str) -> Result<Value, Failure> {
    call(services, app, "connect", vec![text(applet), Value::Null])
}

fn exchange(services: &dyn Services, app: &str, connection: &Value, command: &[u8]) -> Result<(Vec<u8>, i64), Failure> {
    let answer = call(services, app, "exchange", vec![connection.clone(), Value::Bytes(command.to_vec())])?;
    match (member(&answer, "data"), member(&answer, "status")) {
        (Value::Bytes(data), Value::Integer(status)) => Ok((data, status)),
        other => panic!("{other:?}"),
    }
}

fn class<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
    let failure = result.unwrap_err();
    failure.class().unwrap_or_else(|| panic!("{failure}")).to_owned()
}

/// Asks until it is answered with this class, or with something good if there is none.
fn until<T: std::fmt::Debug>(wanted: Option<&str>, ask: impl Fn() -> Result<T, Failure>) -> Option<T> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let said = match (ask(), wanted) {
            (Ok(found), None) => return Some(found),
            (Err(failure), Some(wanted)) if failure.class() == Some(wanted) => return None,
            (said, _) => said,
        };
        assert!(Instant::now() < deadline, "not {wanted:?} but {said:?}");
        thread::park_timeout(Duration::from_millis(20));
    }
}

fn wait_for(services: &dyn Services, slot: &str) -> Result<Value, Failure> {
    call(services, "a.b", "wait-for", vec![text(slot), Value::Integer(30)])
}

/// All of the contract, in one go: starting a real daemon takes longer than using it.
fn keeps_the_contract(bench: &mut dyn Bench) {
    assert!(bench.services().parts().contains(&Part::Card));
    let reader = until(None, || wait_for(bench.services(), "present")).unwrap();
    let Value::List(readers) = call(bench.services(), "a.b", "readers", vec![]).unwrap() else { panic!("no list") };
    assert!(readers.contains(&reader), "{readers:?}");

    // An applet is selected by the host, and tells what is asked of it.
    let connection = connect(bench.services(), "a.b", Program::APPLET).unwrap();
    assert_eq!(member(&connection, "reader"), member(&reader, "name"));
    assert_eq!(member(&connection, "selected"), Value::Bytes(b"\x6f\x0c\x84\x0a\xf0GUICHET\x00\x01".to_vec()));
    let number = member(&connection, "number");
    assert_eq!(exchange(bench.services(), "a.b", &number, &HOLDER), Ok((vec![], 0x9000)));
    assert_eq!(exchange(bench.services(), "a.b", &number, &READ), Ok(("王小明".as_bytes().to_vec(), 0x9000)));
    assert_eq!(exchange(bench.services(), "a.b", &number, &[0x00, 0xca, 0x00, 0x00]), Ok((vec![], 0x6d00)));

    // Nobody else has it meanwhile.
    assert_eq!(class(connect(bench.services(), "a.c", Program::APPLET)), "card/in-use");
    assert_eq!(class(exchange(bench.services(), "a.c", &number, &READ)), "card/not-connected");
    assert_eq!(
        class(exchange(bench.services(), "a.b", &number, &[0, 0xa4, 4, 0, 5, 0xa0, 0, 0, 0, 3])),
        "card/foreign"
    );

    // Who has it next begins anew.
    assert_eq!(call(bench.services(), "a.b", "disconnect", vec![number.clone()]), Ok(Value::Null));
    assert_eq!(call(bench.services(), "a.b", "disconnect", vec![number.clone()]), Ok(Value::Null), "it is over");
    assert_eq!(class(exchange(bench.services(), "a.b", &number, &READ)), "card/not-connected");
    let next = until(None, || connect(bench.services(), "a.c", Program::APPLET)).unwrap();
    assert_eq!(
        exchange(bench.services(), "a.c", &member(&next, "number"), &READ),
        Ok((vec![], 0x6986)),
        "no file is open"
    );
    bench.services().over(&app("a.c"));
    assert_eq!(class(exchange(bench.services(), "a.c", &member(&next, "number"), &READ)), "card/not-connected");

    // A card without the applet.
    assert_eq!(class(connect(bench.services(), "a.b", OTHER)), "card/no-applet");

    // Taken away in the middle, and put back.
    let connection = until(None, || connect(bench.services(), "a.b", Program::APPLET)).unwrap();
    let number = member(&connection, "number");
    bench.card(false);
    wait_for(bench.services(), "empty").unwrap();
    until(Some("card/no-card"), || connect(bench.services(), "a.c", Program::APPLET));
    assert_eq!(class(exchange(bench.services(), "a.b", &number, &READ)), "card/removed");
    assert_eq!(class(exchange(bench.services(), "a.b", &number, &READ)), "card/not-connected");
    bench.card(true);
    wait_for(bench.services(), "present").unwrap();
    let connection = until(None, || connect(bench.services(), "a.b", Program::APPLET)).unwrap();

    // Unplugged in the middle, and plugged in.
    bench.connected(false);
    until(Some("card/unreachable"), || call(bench.services(), "a.b", "readers", vec![]));
    let gone = class(exchange(bench.services(), "a.b", &member(&connection, "number"), &READ));
    assert!(["card/unreachable", "card/removed"].contains(&gone.as_str()), "{gone}");
    bench.connected(true);
    until(None, || connect(bench.services(), "a.b", Program::APPLET));
    bench.services().over(&app("a.b"));
}

#[test]
fn the_twin_in_memory_keeps_the_contract() {
    let reader = Arc::new(Simulated::new("Reader"));
    let services = Memory::default().with_reader(Arc::clone(&reader));
    keeps_the_contract(&mut InMemory { services, reader });
}

#[test]
fn the_simulator_of_a_developers_window_keeps_the_contract() {
    let services = Rehearsed::default();
    let reader = Arc::clone(&services.reader);
    keeps_the_contract(&mut InMemory { services, reader });
}

#[test]
fn a_simulated_card_can_have_expired_or_be_mute() {
    let services = Rehearsed::default();
    let expiry = || {
        let connection = connect(&services, "a.b", Program::APPLET)?;
        let number = member(&connection, "number");
        exchange(&services, "a.b", &number, &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x01, 0x03])?;
        let read = exchange(&services, "a.b", &number, &READ).map(|(data, _)| String::from_utf8(data).unwrap());
        services.over(&app("a.b"));
        read
    };
    assert_eq!(expiry().unwrap(), "2099-12-31");
    services.reader.set(State::Expired);
    assert_eq!(expiry().unwrap(), "2020-01-31");
    services.reader.set(State::Mute);
    assert_eq!(class(expiry()), "card/mute");
    assert_eq!(class(call(&services, "a.b", "wait-for", vec![text("present"), Value::Integer(0)])), "card/timeout");
}

#[test]
fn a_terminal_without_a_reader_says_so() {
    let services = Memory::default();
    assert_eq!(call(&services, "a.b", "readers", vec![]), Ok(Value::List(vec![])));
    assert_eq!(class(connect(&services, "a.b", Program::APPLET)), "card/unsupported");
    assert_eq!(class(wait_for(&services, "present")), "card/unsupported");
}
