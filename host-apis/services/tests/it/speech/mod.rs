//! What `speech` promises, held against the twin in memory, the simulator of a developer's window, and eSpeak NG.

mod espeak;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel},
    },
    thread,
    time::Duration,
};

use guichet_contract::{
    Ask, Consent, DevicePolicy, Failure, Grants, Part, Permission, Services, Stop, Value, speech::Utterance,
};
use guichet_services::{
    Memory, Rehearsed,
    speech::{Mute, Simulated, State, VoicePart},
};

/// A terminal with a voice that can be held in the middle of a text.
pub(crate) trait Bench {
    fn services(&self) -> &dyn Services;
    /// From now on no text comes to its end; or all that are held do.
    fn hold(&self, is_held: bool);
    /// How many texts have been heard to their end, as soon as it is so many or nothing comes any more.
    fn heard(&self, many: usize) -> usize;
}

/// A voice in memory.
struct InMemory<S> {
    services: S,
    voice: Arc<Simulated>,
}

impl<S: Services> Bench for InMemory<S> {
    fn services(&self) -> &dyn Services {
        &self.services
    }

    fn hold(&self, is_held: bool) {
        self.voice.set(if is_held { State::Slow } else { State::Ready });
    }

    fn heard(&self, _: usize) -> usize {
        self.voice.said().len()
    }
}

fn call(services: &dyn Services, app: &str, function: &str, arguments: Vec<Value>) -> Result<Value, Failure> {
    let held = [Permission::unlimited("host:speech".parse().unwrap())];
    let grants = Grants::intersect(app.parse().unwrap(), &held, &held, &DevicePolicy::default(), &Consent::default());
    match Ask::decode("speech", function, arguments)? {
        Ask::Service(call) => {
            assert!(call.stop().is_some(), "{function} waits for others");
            call.perform(&grants, services)
        }
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn say(services: &dyn Services, app: &str, words: &str, lang: &str) -> Result<Value, Failure> {
    call(services, app, "say", vec![text(words), text(lang)])
}

fn outcome(services: &dyn Services, app: &str, number: i64) -> Result<Value, Failure> {
    call(services, app, "wait-for", vec![Value::Integer(number)])
}

fn class<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
    let failure = result.unwrap_err();
    failure.class().unwrap_or_else(|| panic!("{failure}")).to_owned()
}

fn keeps_the_contract(bench: &dyn Bench) {
    let services = bench.services();
    assert!(services.parts().contains(&Part::Speech));
    let Value::List(languages) = call(services, "a.b", "languages", vec![]).unwrap() else { panic!("no list") };
    assert!(languages.contains(&text("zh")) && languages.contains(&text("en")), "{languages:?}");

    // One after the other, each to its end.
    assert_eq!(say(services, "a.b", "请取走您的证明。", "zh-Hans"), Ok(Value::Integer(1)));
    assert_eq!(say(services, "a.b", "Please take your certificate.", "en-GB"), Ok(Value::Integer(2)));
    for number in [2, 1] {
        assert_eq!(outcome(services, "a.b", number), Ok(text("spoken")));
    }
    assert_eq!(bench.heard(2), 2);
    assert_eq!(class(say(services, "a.b", "x", "xx")), "speech/no-voice");
    assert_eq!(class(outcome(services, "a.b", 3)), "speech/unknown-text");

    // Another app's turn comes after, and only its own is stopped.
    bench.hold(true);
    assert_eq!(say(services, "a.b", "one", "en"), Ok(Value::Integer(3)));
    assert_eq!(say(services, "a.b", "two", "en"), Ok(Value::Integer(4)));
    assert_eq!(say(services, "a.c", "three", "en"), Ok(Value::Integer(1)));
    assert_eq!(call(services, "a.b", "stop", vec![]), Ok(Value::Null));
    for number in [3, 4] {
        assert_eq!(outcome(services, "a.b", number), Ok(text("stopped")));
    }
    bench.hold(false);
    assert_eq!(outcome(services, "a.c", 1), Ok(text("spoken")));
    assert_eq!(bench.heard(3), 3, "what was stopped was not heard to its end");

    // No more in line than may be, and nothing after the session.
    bench.hold(true);
    for _ in 0..20 {
        say(services, "a.b", "again", "en").unwrap();
    }
    assert_eq!(class(say(services, "a.b", "once more", "en")), "speech/too-many");
    services.over(&"a.b".parse().unwrap());
    assert_eq!(class(outcome(services, "a.b", 5)), "speech/unknown-text");
    bench.hold(false);
    assert_eq!(say(services, "a.b", "anew", "en"), Ok(Value::Integer(1)), "it counts anew");
    assert_eq!(outcome(services, "a.b", 1), Ok(text("spoken")));
    assert_eq!(bench.heard(4), 4);
}

#[test]
fn the_twin_in_memory_keeps_the_contract() {
    let voice = Arc::<Simulated>::default();
    let services = Memory::default().with_parts(|parts| parts.with_voice(Arc::clone(&voice) as _));
    keeps_the_contract(&InMemory { services, voice });
}

#[test]
fn the_simulator_of_a_developers_window_keeps_the_contract() {
    let services = Rehearsed::default();
    let voice = Arc::clone(&services.voice);
    keeps_the_contract(&InMemory { services, voice });
}

#[test]
fn a_text_is_said_as_fast_as_it_should_be() {
    let services = Rehearsed::default();
    call(&services, "a.b", "say", vec![text("慢一点"), text("zh"), Value::Integer(70)]).unwrap();
    outcome(&services, "a.b", 1).unwrap();
    let said: Vec<_> = services.voice.said().into_iter().map(|said| (said.lang, said.speed)).collect();
    assert_eq!(said, [("zh".to_owned(), 70)]);
}

#[test]
fn a_terminal_without_a_voice_says_so() {
    let services = Rehearsed::default();
    services.voice.set(State::Mute);
    assert_eq!(class(say(&services, "a.b", "x", "en")), "speech/mute");
    services.voice.set(State::Missing);
    for services in [&Memory::default() as &dyn Services, &services] {
        assert!(!services.parts().contains(&Part::Speech));
        assert_eq!(call(services, "a.b", "languages", vec![]), Ok(Value::List(vec![])));
        assert_eq!(class(say(services, "a.b", "x", "en")), "speech/unsupported");
        assert_eq!(class(call(services, "a.b", "stop", vec![])), "speech/unsupported");
    }
}

/// A voice that says when it begins, and needs a while to fall silent.
#[derive(Debug)]
struct Slow {
    begun: Sender<()>,
    is_silent: Arc<AtomicBool>,
}

impl VoicePart for Slow {
    fn languages(&self) -> Result<Vec<String>, Mute> {
        Ok(vec!["en".to_owned()])
    }

    fn speak(&self, _: &Utterance, stop: &Stop) -> Result<(), Mute> {
        self.begun.send(()).unwrap();
        while !stop.is_stopped() {
            thread::yield_now();
        }
        thread::park_timeout(Duration::from_millis(50));
        self.is_silent.store(true, Ordering::SeqCst);
        Ok(())
    }
}

#[test]
fn nothing_is_heard_once_its_session_is_over() {
    let (begun, begins) = channel();
    let is_silent = Arc::<AtomicBool>::default();
    let voice = Slow { begun, is_silent: Arc::clone(&is_silent) };
    let services = Memory::default().with_parts(|parts| parts.with_voice(Arc::new(voice)));
    say(&services, "a.b", "one", "en").unwrap();
    begins.recv().unwrap();
    services.over(&"a.b".parse().unwrap());
    assert!(is_silent.load(Ordering::SeqCst), "it was still heard");
}
