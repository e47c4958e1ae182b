//! What `clipboard` promises, held against the twin in memory and the simulator of a developer's window.

mod contract;

use std::sync::Arc;

use guichet_contract::{Part, Services, Value};
use guichet_services::{
    Memory, Rehearsed,
    clipboard::{ClipboardPart as _, Simulated, State},
};

use self::contract::{Bench, call, keeps_the_contract};

/// A clipboard in memory.
struct InMemory<S> {
    services: S,
    board: Arc<Simulated>,
}

impl<S: Services> Bench for InMemory<S> {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn copy_elsewhere(&self, text: &str) {
        self.board.put(Some(text.to_owned()));
    }

    fn paste_elsewhere(&self) -> String {
        self.board.read().unwrap().unwrap_or_default()
    }
}

fn class(result: Result<Value, guichet_contract::Failure>) -> Option<String> {
    result.unwrap_err().class().map(str::to_owned)
}

#[test]
fn the_twin_in_memory_keeps_the_contract() {
    let board = Arc::<Simulated>::default();
    let services = Memory::default().with_parts(|parts| parts.with_clipboard(Arc::clone(&board) as _));
    keeps_the_contract(&InMemory { services, board });
}

#[test]
fn the_simulator_of_a_developers_window_keeps_the_contract() {
    let services = Rehearsed::default();
    let board = Arc::clone(&services.board);
    keeps_the_contract(&InMemory { services, board });
}

#[test]
fn a_terminal_without_a_clipboard_says_so() {
    let services = Rehearsed::default();
    services.board.set(State::Offline);
    assert_eq!(class(call(&services, true, None)).as_deref(), Some("clipboard/unreachable"));
    services.board.set(State::Missing);
    for services in [&Memory::default() as &dyn Services, &services] {
        assert!(!services.parts().contains(&Part::Clipboard));
        for text in [Some("x"), None] {
            assert_eq!(class(call(services, true, text)).as_deref(), Some("clipboard/unsupported"));
        }
    }
}
