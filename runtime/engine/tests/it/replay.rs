//! A session is a function of its journal.

use guichet_contract::Value;
use guichet_engine::{Event, Output, Program};
use serde_json::Value as Json;

use crate::session::{PATIENT, Session, engine, rust, script};

/// Runs a session that stores, waits, is denied and rolls dice, and gives its journal and what it put out.
fn record(program: &Program) -> (Vec<(u64, Event)>, Vec<Output>) {
    let mut session = Session::launch(program);
    for handler in ["count", "count", "leave", "dice"] {
        let _ = session.ask(handler, Json::Null).unwrap();
    }
    (session.journal, session.outputs)
}

fn replay(program: &Program, journal: &[(u64, Event)]) -> Vec<Output> {
    let mut logic = engine().load(program).unwrap().start(PATIENT).unwrap();
    journal.iter().flat_map(|(at, event)| logic.handle(*at, event.clone()).unwrap()).collect()
}

#[test]
fn the_same_journal_gives_the_same_outputs() {
    for program in [dice(), rust()] {
        let (journal, outputs) = record(&program);
        assert!(outputs.len() > 8);
        assert_eq!(replay(&program, &journal), outputs);
    }
}

/// Controls: the check can fail.
#[test]
fn another_time_seed_or_result_gives_other_outputs() {
    for program in [dice(), rust()] {
        let (journal, outputs) = record(&program);
        let changed = |change: &dyn Fn(&mut (u64, Event))| {
            let mut journal = journal.clone();
            journal.iter_mut().for_each(change);
            replay(&program, &journal)
        };
        assert_ne!(changed(&|(at, _)| *at += 1), outputs, "time");
        assert_ne!(
            changed(&|(_, event)| if let Event::Launched { seed, .. } = event {
                seed.0 += 1
            }),
            outputs,
            "seed"
        );
        let stored = |entry: &mut (u64, Event)| {
            if let Event::Completed { result: Ok(value @ Value::Text(_)), .. } = &mut entry.1 {
                *value = Value::Text("41".to_owned());
            }
        };
        assert_ne!(changed(&stored), outputs, "a result");
    }
}

/// The demo app, which can also roll dice.
fn dice() -> Program {
    let Program::Script(mut sources) = script("demo") else { panic!("a script") };
    sources.get_mut("app.js").unwrap().push_str("\nexport const dice = () => [Math.random(), Date.now()];\n");
    Program::Script(sources)
}
