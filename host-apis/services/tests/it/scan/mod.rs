//! What `scan` promises, held against the twin in memory, the simulator of a developer's window, and SANE's own test scanner.

mod sane;

use std::{
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use guichet_contract::{Ask, Consent, DevicePolicy, Failure, Grants, Part, Permission, Services, Stop, Value};
use guichet_services::{
    Memory, Rehearsed,
    scan::{Simulated, State},
};

/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// A terminal with one scanner, whose misfortunes are in our hand.
pub(crate) trait Bench {
    fn services(&self) -> &dyn Services;
    /// From now on it is like this; `slow` is that a page comes to no end.
    fn set(&self, state: State);
}

/// A scanner in memory.
struct InMemory<S> {
    services: S,
    scanner: Arc<Simulated>,
}

impl<S: Services> Bench for InMemory<S> {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn set(&self, state: State) {
        self.scanner.set(state);
    }
}

fn decoded(function: &str, arguments: Vec<Value>) -> (Box<dyn guichet_contract::ServiceCall>, Stop) {
    match Ask::decode("scan", function, arguments).unwrap() {
        Ask::Service(call) => {
            let stop = call.stop().unwrap();
            (call, stop)
        }
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

fn grants() -> Grants {
    let held = [Permission::unlimited("host:scan".parse().unwrap())];
    Grants::intersect("a.b".parse().unwrap(), &held, &held, &DevicePolicy::default(), &Consent::default())
}

fn order(members: &[(&str, Value)]) -> Vec<Value> {
    vec![Value::Record(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())]
}

fn page(services: &dyn Services, members: &[(&str, Value)]) -> Result<Vec<u8>, Failure> {
    match decoded("page", order(members)).0.perform(&grants(), services)? {
        Value::Bytes(bytes) => Ok(bytes),
        other => panic!("{other:?} is no picture"),
    }
}

fn class<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
    let failure = result.unwrap_err();
    failure.class().unwrap_or_else(|| panic!("{failure}")).to_owned()
}

fn names(services: &dyn Services) -> Value {
    decoded("scanners", vec![]).0.perform(&grants(), services).unwrap()
}

pub(crate) fn keeps_the_contract(bench: &dyn Bench) {
    let services = bench.services();
    assert!(services.parts().contains(&Part::Scan));
    let Value::List(scanners) = names(services) else { panic!("no list") };
    let [Value::Text(name)] = &scanners[..] else { panic!("{scanners:?}") };

    // A page is a JPEG, in grey or in colours, by the first scanner or the one that is named.
    let colour = [("colours", Value::Text("colour".to_owned())), ("scanner", Value::Text(name.clone()))];
    for members in [&[][..], &colour, &[("resolution", Value::Integer(75))]] {
        let jpeg = page(services, members).unwrap();
        assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]) && jpeg.ends_with(&[0xff, 0xd9]), "{members:?}");
    }
    assert_eq!(class(page(services, &[("scanner", Value::Text("another".to_owned()))])), "scan/no-such-scanner");

    // What a person has to do is said, and when it is done all is well.
    for (state, wanted) in [
        (State::Empty, "scan/no-paper"),
        (State::Open, "scan/cover-open"),
        (State::Jam, "scan/jammed"),
        (State::Busy, "scan/busy"),
        (State::Offline, "scan/unreachable"),
    ] {
        bench.set(state);
        assert_eq!(class(page(services, &[])), wanted);
        bench.set(State::Ready);
        assert!(page(services, &[]).is_ok(), "after {wanted}");
    }

    // One page at a time; one that nobody wants any more is given up.
    bench.set(State::Slow);
    let last = Mutex::new(Stop::default());
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            loop {
                let (first, stop) = decoded("page", order(&[]));
                *last.lock().unwrap() = stop;
                let said = class(first.perform(&grants(), services));
                // The one that only looks may have had its turn just then.
                if said != "scan/busy" {
                    return said;
                }
            }
        });
        let deadline = Instant::now() + DEADLINE;
        loop {
            let (second, enough) = decoded("page", order(&[]));
            enough.stop();
            let said = class(second.perform(&grants(), services));
            if said == "scan/busy" {
                break;
            }
            assert!(said == "scan/given-up" && Instant::now() < deadline, "{said}");
        }
        last.lock().unwrap().stop();
        assert_eq!(first.join().unwrap(), "scan/given-up");
    });
    bench.set(State::Ready);
    assert!(page(services, &[]).is_ok());
}

#[test]
fn the_twin_in_memory_keeps_the_contract() {
    let scanner = Arc::new(Simulated::new("Flatbed"));
    let services = Memory::default().with_parts(|parts| parts.with_scanners(vec![Arc::clone(&scanner) as _]));
    keeps_the_contract(&InMemory { services, scanner });
}

#[test]
fn the_simulator_of_a_developers_window_keeps_the_contract() {
    let services = Rehearsed::default();
    let scanner = Arc::clone(&services.scanner);
    keeps_the_contract(&InMemory { services, scanner });
}

#[test]
fn a_terminal_without_a_scanner_says_so() {
    let rehearsed = Rehearsed::default();
    rehearsed.scanner.set(State::Missing);
    for services in [&Memory::default() as &dyn Services, &rehearsed] {
        assert!(!services.parts().contains(&Part::Scan));
        assert_eq!(names(services), Value::List(vec![]));
        assert_eq!(class(page(services, &[])), "scan/unsupported");
    }
}

#[test]
fn an_order_that_no_scanner_takes_says_why() {
    let why = |member: &str, value| Ask::decode("scan", "page", order(&[(member, value)])).unwrap_err().to_string();
    insta::assert_snapshot!(why("resolution", Value::Integer(600)), @"scan.page: resolution must be a whole number from 75 to 300");
    insta::assert_snapshot!(why("colours", Value::Text("red".to_owned())), @"scan.page: colours must be colour or grey");
}
