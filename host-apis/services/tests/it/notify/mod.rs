//! What `notify` promises, held against the twin in memory and the simulator of a developer's window.

mod contract;

use std::sync::Arc;

use guichet_contract::{Ask, Failure, Part, Services, Value};
use guichet_services::{
    Memory, Rehearsed,
    notify::{Simulated, State},
};

use self::contract::{Bench, call, keeps_the_contract, show};

/// Notices in memory.
struct InMemory<S> {
    services: S,
    notices: Arc<Simulated>,
}

impl<S: Services> Bench for InMemory<S> {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn seen(&self) -> usize {
        self.notices.shown().len()
    }
}

fn class(result: Result<Value, Failure>) -> String {
    let failure = result.unwrap_err();
    failure.class().unwrap_or_else(|| panic!("{failure}")).to_owned()
}

#[test]
fn the_twin_in_memory_keeps_the_contract() {
    let notices = Arc::<Simulated>::default();
    let services = Memory::default().with_parts(|parts| parts.with_notices(Arc::clone(&notices) as _));
    keeps_the_contract(&InMemory { services, notices });
}

#[test]
fn the_simulator_of_a_developers_window_keeps_the_contract() {
    let services = Rehearsed::default();
    let notices = Arc::clone(&services.notices);
    keeps_the_contract(&InMemory { services, notices });
}

#[test]
fn an_app_shows_thirty_notices_and_no_more() {
    let services = Rehearsed::default();
    for number in 1..=30 {
        assert_eq!(show(&services, "a.b", "x"), Ok(Value::Integer(number)));
        services.notices.clear();
    }
    insta::assert_snapshot!(show(&services, "a.b", "x").unwrap_err(), @"notify/too-many: the app has shown 30 notices since it was opened; hint: show what matters most, and the rest on the page");
}

#[test]
fn a_terminal_that_shows_no_notices_says_so() {
    let services = Rehearsed::default();
    services.notices.set(State::Offline);
    assert_eq!(class(show(&services, "a.b", "x")), "notify/unreachable");
    services.notices.set(State::Missing);
    for services in [&Memory::default() as &dyn Services, &services] {
        assert!(!services.parts().contains(&Part::Notify));
        assert_eq!(class(show(services, "a.b", "x")), "notify/unsupported");
        assert_eq!(class(call(services, "a.b", "withdraw", vec![Value::Integer(1)])), "notify/unsupported");
    }
}

#[test]
fn a_title_is_one_line() {
    let why = |title: &str| Ask::decode("notify", "show", vec![Value::Text(title.to_owned())]).unwrap_err().to_string();
    insta::assert_snapshot!(why("two\nlines"), @"notify.show: title must be one line of 1 to 100 bytes");
}
