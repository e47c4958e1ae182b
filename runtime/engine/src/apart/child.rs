//! `guichet-logic`: the process that a session's logic runs in.

use std::{
    os::{fd::AsFd as _, unix::net::UnixStream},
    process::ExitCode,
    sync::Arc,
};

use wasmtime::component::{Component, InstancePre};

use super::{
    channel::{Broken, Channel},
    walls::{self, Limits},
    wire::{FromLogic, ToLogic},
};
use crate::{
    Ended,
    engine::Shared,
    logic,
    shapes::{self, Origin},
    state::State,
};

/// The code this process was started with.
const CODE: &str = "/proc/self/fd/1";
/// What the host may say at once, in bytes. It is trusted; this only keeps a mistake small.
const MOST_BYTES: usize = 1 << 30;
/// Memory besides an app's own that this process may write to: messages, sources, and what wasmtime keeps.
const BESIDES_BYTES: u64 = 96 << 20;

/// A moment at which walls can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The code is about to be loaded; system calls are not filtered yet.
    Loading,
    /// The app's own is about to run.
    Running,
    /// It is about to be given an event.
    Event,
}

/// Runs the process of a session's logic, until its host has no more to say.
pub fn run_logic() -> ExitCode {
    run_logic_with(|_| {})
}

/// The same, and does something between the walls, as an app would that has broken out of WebAssembly: for their tests.
#[doc(hidden)]
pub fn run_logic_with(inside: impl Fn(Stage)) -> ExitCode {
    // A host that is gone needs no reason.
    let _ = serve(inside);
    ExitCode::SUCCESS
}

fn serve(inside: impl Fn(Stage)) -> Result<(), Broken> {
    let is_script = std::env::args().nth(1).is_some_and(|argument| argument == Origin::Script.word());
    let landlock = walls::first(Limits { memory_bytes: None, file_bytes: 0, cpu_seconds: None });
    let socket = std::io::stdin().as_fd().try_clone_to_owned().map_err(|_| Broken::Gone)?;
    let mut channel = Channel::new(UnixStream::from(socket));
    let say = |message: &FromLogic, channel: &mut Channel| channel.send(&[&message.encode()], None);
    inside(Stage::Loading);
    let loaded = landlock.map_err(|error| no_process(&error)).and_then(|landlock| {
        let loaded = load(if is_script { Origin::Script } else { Origin::App })?;
        walls::last().map_err(|error| no_process(&error))?;
        Ok((landlock, loaded))
    });
    let (shared, program) = match loaded {
        Ok((landlock, loaded)) => {
            say(&FromLogic::Ready(landlock), &mut channel)?;
            loaded
        }
        Err(ended) => return say(&FromLogic::Ended(ended, Vec::new()), &mut channel),
    };
    let ToLogic::Start(budget, sources) = hear(&mut channel)? else { return Err(Broken::Gone) };
    let memory_bytes = (budget.memory_bytes as u64).saturating_add(BESIDES_BYTES);
    if let Err(error) = walls::limit_memory(memory_bytes) {
        return say(&FromLogic::Ended(no_process(&error), Vec::new()), &mut channel);
    }
    inside(Stage::Running);
    let mut logic = match logic::Loaded::new(shared, program, Arc::new(sources)).start(budget) {
        Ok(logic) => logic,
        Err(ended) => return say(&FromLogic::Ended(ended, Vec::new()), &mut channel),
    };
    say(&FromLogic::Booted(logic.memory_bytes() as u64), &mut channel)?;
    loop {
        let ToLogic::Event(at_ms, event) = hear(&mut channel)? else { return Err(Broken::Gone) };
        inside(Stage::Event);
        let said = match logic.handle(at_ms, event) {
            Ok(outputs) => FromLogic::Done(logic.memory_bytes() as u64, outputs),
            Err(ended) => FromLogic::Ended(ended, logic.last_words()),
        };
        say(&said, &mut channel)?;
    }
}

fn hear(channel: &mut Channel) -> Result<ToLogic, Broken> {
    let message = channel.receive(MOST_BYTES, None)?;
    ToLogic::decode(&message).map_err(|_| Broken::Gone)
}

fn load(origin: Origin) -> Result<(Arc<Shared>, InstancePre<State>), Ended> {
    let shared = Shared::bare().map_err(|error| no_process(&error))?;
    // SAFETY: the host gives only descriptors of code that it has compiled itself, or has found to bear its own tag, and
    // that is sealed: nobody can change it any more.
    #[expect(unsafe_code, reason = "wasmtime loads compiled code only by unsafe functions")]
    let component = unsafe { Component::deserialize_file(&shared.engine, CODE) };
    let component = component.map_err(|error| no_process(&error.root_cause()))?;
    let linker = shapes::link(&shared.engine, &component, origin)?;
    let program = linker.instantiate_pre(&component).map_err(|error| Ended::Compile(error.root_cause().to_string()))?;
    Ok((Arc::new(shared), program))
}

fn no_process(why: &dyn std::fmt::Display) -> Ended {
    Ended::NoProcess(why.to_string())
}
