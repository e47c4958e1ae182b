//! Processes that wait for an app: bound once, missed when they are dead, and no less walled than fresh ones.

use std::collections::BTreeSet;

use guichet_engine::{Ended, Engine, Event, Logic, Phase};

use crate::{
    hostile::{REFUSED, host, start, tries},
    session::{PATIENT, START_MS, launched, one_file, rust},
};

/// A host with processes that wait, and that try this once they are bound.
fn prepared(attack: &str) -> Engine {
    let engine = host(attack);
    engine.prepare();
    assert_eq!(engine.waiting().len(), 2, "one for a script and one for a component");
    engine
}

fn component(engine: &Engine) -> Result<Logic, Ended> {
    engine.load(&rust())?.start(PATIENT)
}

fn lives(process: u32) -> bool {
    // SAFETY: signal 0 is none; the call only asks.
    #[expect(unsafe_code, reason = "the standard library sends no signals")]
    let asked = unsafe { libc::kill(process.cast_signed(), 0) };
    asked == 0
}

#[test]
fn a_process_is_bound_to_one_session_and_to_no_other() {
    let engine = prepared("none");
    let mut seen = BTreeSet::new();
    let mut alive = Vec::new();
    for round in 0..3 {
        let waiting = engine.waiting();
        let first = [start(&engine, PATIENT).unwrap(), component(&engine).unwrap()];
        let ids: BTreeSet<u32> = first.iter().filter_map(Logic::process_id).collect();
        assert_eq!(ids, waiting.into_iter().collect(), "those that waited, round {round}");
        assert!(engine.waiting().is_empty(), "nobody waits now");
        let second = [start(&engine, PATIENT).unwrap(), component(&engine).unwrap()];
        for mut logic in first.into_iter().chain(second) {
            assert!(seen.insert(logic.process_id().unwrap()), "a process of its own, round {round}");
            logic.handle(START_MS, launched()).unwrap();
            alive.push(logic);
        }
        engine.prepare();
        engine.prepare();
        assert_eq!(engine.waiting().len(), 2, "no more than these wait");
    }
    // What a session leaves is not taken back.
    drop(alive);
    engine.prepare();
    assert!(engine.waiting().iter().all(|process| seen.insert(*process)));
}

#[test]
fn one_that_died_while_it_waited_is_missed_and_a_fresh_one_taken() {
    let engine = prepared("none");
    let kill = |process: &u32| {
        // SAFETY: the process is a child of this one that waits, so its number is its own.
        #[expect(unsafe_code, reason = "the standard library sends no signals")]
        unsafe {
            libc::kill(process.cast_signed(), libc::SIGKILL)
        };
    };
    let end_waiting = || {
        let dead = engine.waiting();
        dead.iter().for_each(kill);
        // A signal arrives when it arrives; from then on nothing may hang on it.
        while dead.iter().any(|process| lives(*process)) {
            std::thread::yield_now();
        }
        dead
    };
    let dead = end_waiting();
    for mut logic in [start(&engine, PATIENT).unwrap(), component(&engine).unwrap()] {
        assert!(!dead.contains(&logic.process_id().unwrap()));
        logic.handle(START_MS, launched()).unwrap();
    }
    // One that is found dead before it is needed is replaced.
    engine.prepare();
    let dead = end_waiting();
    engine.prepare();
    assert!(engine.waiting().iter().all(|process| !dead.contains(process) && lives(*process)));
}

#[test]
fn those_that_wait_are_gone_with_their_host() {
    let engine = prepared("none");
    let waiting = engine.waiting();
    assert!(waiting.iter().all(|process| lives(*process)));
    drop(engine);
    assert!(!waiting.iter().any(|process| lives(*process)));
}

#[test]
fn one_that_waited_is_held_as_a_fresh_one_is() {
    for call in
        ["open", "create", "execute", "fork", "socket", "kill-parent", "new-code", "page-to-code", "secret-file"]
    {
        let attack = format!("running.{call}");
        let engine = prepared(&attack);
        for ended in [start(&engine, PATIENT).map(drop), component(&engine).map(drop)] {
            assert_eq!(ended, Err(Ended::Trap(REFUSED.to_owned())), "{call}");
        }
        assert!(engine.waiting().is_empty(), "it was those that waited");
        // The component's code comes late, and the filter still before the component.
        assert_eq!(component(&engine).map(drop), Err(Ended::Trap(REFUSED.to_owned())), "{call}, fresh");
    }
    let engine = prepared("running.hoard");
    assert_eq!(start(&engine, PATIENT).map(drop), Err(tries("running.hoard")), "memory");
    let engine = prepared("event.leave");
    let mut logic = start(&engine, PATIENT).unwrap();
    let ended = logic.handle(START_MS, Event::Phase(Phase::Shown)).map(drop);
    assert_eq!(ended, Err(tries("event.leave")));
}

#[test]
fn a_descriptor_is_all_that_comes_late() {
    // What is wrong with an app is said by one that waited as by a fresh one.
    let engine = prepared("none");
    let broken = || engine.load(&one_file("throw new Error('no');")).unwrap().start(PATIENT).map(drop);
    let (waited, fresh) = (broken(), broken());
    assert!(matches!(waited, Err(Ended::Boot(_))), "{waited:?}");
    assert_eq!(waited, fresh);
}
