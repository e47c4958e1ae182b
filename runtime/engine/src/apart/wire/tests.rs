//! Every message there and back, and bytes that are none.

use std::collections::BTreeMap;

use guichet_contract::{Failure, Value};

use super::*;
use crate::{PagePhase, Phase, convert::VALUE_BYTES, state::OUTPUT_BYTES};

fn values() -> Vec<Value> {
    let members = [("a".to_owned(), Value::Null), ("办".to_owned(), Value::List(vec![Value::Bool(true)]))];
    vec![
        Value::Bool(false),
        Value::Integer(i64::MIN),
        Value::Float(-0.5),
        Value::Text("证".to_owned()),
        Value::Bytes(vec![0, 255]),
        Value::Record(members.into()),
        Value::Record(BTreeMap::new()),
    ]
}

fn outputs() -> Vec<Output> {
    let (interface, function) = ("storage".to_owned(), "set".to_owned());
    vec![
        Output::Start { call: 7, interface: interface.clone(), function: function.clone(), arguments: values() },
        Output::Forget { call: u32::MAX },
        Output::Tell { interface, function, arguments: vec![] },
    ]
}

/// One of each, and one more in each list would be told by the compiler where it is written.
fn to_logic() -> Vec<ToLogic> {
    let text = |text: &str| text.to_owned();
    let completed = |result| Event::Completed { call: 3, result };
    let events = [
        Event::Launched {
            route: text("pages/a"),
            query: text("b=c"),
            lang: text("zh"),
            dir: text("rtl"),
            referrer: text("guichet://miniapp/x"),
            seed: (1, u64::MAX),
        },
        Event::Phase(Phase::Shown),
        Event::Phase(Phase::Hidden),
        Event::Phase(Phase::Unloaded),
        Event::Asked { id: 1, page: 2, name: text("quote"), input: text("{}") },
        completed(Ok(Value::List(values()))),
        completed(Err(Failure::Denied(text("d")))),
        completed(Err(Failure::Invalid(text("i")))),
        completed(Err(Failure::Unavailable(text("u")))),
    ];
    let phases = [PagePhase::Loaded, PagePhase::Ready, PagePhase::Shown, PagePhase::Hidden, PagePhase::Unloaded];
    let pages = phases.map(|phase| Event::Page { page: 4, route: text("r"), query: text(""), phase });
    let events = events.into_iter().chain(pages).map(|event| ToLogic::Event(1 << 40, event));
    let sources = [None, Some(text("export {};"))].map(ToLogic::Source);
    events.chain([ToLogic::Load, ToLogic::Start(Budget::default())]).chain(sources).collect()
}

fn from_logic() -> Vec<FromLogic> {
    let text = || "为什么".to_owned();
    let ended = [
        Ended::Compile(text()),
        Ended::CompileBudget(text()),
        Ended::NoProcess(text()),
        Ended::Boot(text()),
        Ended::Panic(text()),
        Ended::Trap(text()),
        Ended::Contract(text()),
        Ended::Stack,
        Ended::BootDeadline(1),
        Ended::Deadline(2),
        Ended::Memory(3),
        Ended::TooManyCalls(4),
        Ended::TooMuchOutput(5),
    ];
    let ended = ended.into_iter().map(|ended| FromLogic::Ended(ended, outputs()));
    ended
        .chain([
            FromLogic::Ready(6),
            FromLogic::Wants(text()),
            FromLogic::Booted(1 << 40),
            FromLogic::Done(9, outputs()),
        ])
        .collect()
}

#[test]
fn every_message_arrives_as_it_was_sent() {
    for message in to_logic() {
        assert_eq!(ToLogic::decode(&message.encode()).as_ref(), Ok(&message));
    }
    for message in from_logic() {
        assert_eq!(FromLogic::decode(&message.encode(), 1 << 20).as_ref(), Ok(&message));
    }
}

#[test]
fn no_bytes_make_a_reader_panic_or_read_more_than_there_is() {
    for message in from_logic() {
        let bytes = message.encode();
        for length in 0..bytes.len() {
            assert_eq!(FromLogic::decode(&bytes[..length], 1 << 20), Err(Malformed), "{message:?} cut at {length}");
        }
        assert_eq!(FromLogic::decode(&[&bytes[..], &[0]].concat(), 1 << 20), Err(Malformed), "{message:?} and more");
        for at in 0..bytes.len() {
            for value in [0, 1, 7, 8, 0x7f, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = value;
                let _ = FromLogic::decode(&changed, 1 << 20);
            }
        }
    }
}

#[test]
fn what_is_read_costs_no_more_than_its_budget() {
    let many = FromLogic::Done(
        0,
        vec![Output::Tell { interface: String::new(), function: String::new(), arguments: vec![Value::Null; 100] }],
    );
    let cost = OUTPUT_BYTES + 100 * VALUE_BYTES;
    assert_eq!(FromLogic::decode(&many.encode(), cost).as_ref(), Ok(&many));
    assert_eq!(FromLogic::decode(&many.encode(), cost - 1), Err(Malformed));
}

#[test]
fn values_nest_only_so_deep() {
    let nested = |depth| {
        let value = (0..depth).fold(Value::Null, |value, _| Value::List(vec![value]));
        let (interface, function) = (String::new(), String::new());
        FromLogic::Done(0, vec![Output::Tell { interface, function, arguments: vec![value] }])
    };
    assert_eq!(FromLogic::decode(&nested(DEEPEST).encode(), 1 << 20).as_ref(), Ok(&nested(DEEPEST)));
    assert_eq!(FromLogic::decode(&nested(DEEPEST + 1).encode(), 1 << 20), Err(Malformed));
}

#[test]
fn a_long_sentence_is_cut() {
    let long = FromLogic::Ended(Ended::Trap("办".repeat(9_999)), vec![]);
    let Ok(FromLogic::Ended(Ended::Trap(sentence), _)) = FromLogic::decode(&long.encode(), 1 << 20) else {
        panic!("an end")
    };
    assert!(sentence.len() <= writer::SENTENCE_BYTES && sentence.ends_with('办'));
}
