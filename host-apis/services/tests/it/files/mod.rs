//! What `files` promises, held against the twin in memory and the simulator of a developer's window.

mod contract;

use std::sync::Arc;

use guichet_contract::{Part, Services, Value};
use guichet_services::{
    Memory, Rehearsed,
    files::{Simulated, State},
};

use self::contract::{Bench, call, class, keeps_the_contract, pick};

/// A person who lives in memory.
struct InMemory<S> {
    services: S,
    files: Arc<Simulated>,
}

impl<S: Services> Bench for InMemory<S> {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn chooses(&self, file: Option<(&str, &[u8])>) -> Box<dyn FnOnce() + Send> {
        self.files.set(if file.is_some() { State::Ready } else { State::Nothing });
        if let Some((name, bytes)) = file {
            self.files.put(name, bytes.to_vec());
        }
        Box::new(|| {})
    }

    fn keeps(&self, is_kept: bool) -> Box<dyn FnOnce() + Send> {
        self.files.set(if is_kept { State::Ready } else { State::Nothing });
        Box::new(|| {})
    }

    fn kept(&self) -> Option<Vec<u8>> {
        self.files.saved().map(|(_, bytes)| bytes)
    }
}

#[test]
fn the_twin_in_memory_keeps_the_contract() {
    let files = Arc::<Simulated>::default();
    let services = Memory::default().with_parts(|parts| parts.with_chooser(Arc::clone(&files) as _));
    keeps_the_contract(&InMemory { services, files });
}

#[test]
fn the_simulator_of_a_developers_window_keeps_the_contract() {
    let services = Rehearsed::default();
    let files = Arc::clone(&services.files);
    keeps_the_contract(&InMemory { services, files });
}

#[test]
fn what_is_too_large_too_many_or_another_kind_is_not_opened() {
    let services = Rehearsed::default();
    services.files.put("film.mp4", vec![0]);
    assert_eq!(class(pick(&services, &["txt"])), "files/ending");
    services.files.put("large.txt", vec![0; (32 << 20) + 1]);
    assert_eq!(class(pick(&services, &["txt"])), "files/too-large");
    services.files.put("small.txt", vec![0]);
    for _ in 0..4 {
        pick(&services, &["txt"]).unwrap();
    }
    assert_eq!(class(pick(&services, &["txt"])), "files/too-many");
}

#[test]
fn a_terminal_without_files_says_so() {
    let services = Rehearsed::default();
    services.files.set(State::Offline);
    assert_eq!(class(pick(&services, &["txt"])), "files/unreachable");
    services.files.set(State::Missing);
    for services in [&Memory::default() as &dyn Services, &services] {
        assert!(!services.parts().contains(&Part::Files));
        assert_eq!(class(pick(services, &["txt"])), "files/unsupported");
        let save = vec![Value::Text("x.txt".to_owned()), Value::Bytes(vec![])];
        assert_eq!(class(call(services, "a.b", "save", save)), "files/unsupported");
    }
}
