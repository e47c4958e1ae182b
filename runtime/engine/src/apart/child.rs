//! `guichet-logic`: the process that a session's logic runs in.

use std::{
    fs::File,
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
    image::Image,
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

/// The most that an image may be long, in bytes.
const IMAGE_BYTES: u64 = 512 << 20;

/// What a process is for: the one word on its command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A session of a component.
    App,
    /// A session of a script.
    Script,
    /// A session of a script whose memory begins from an image.
    FromImage,
    /// A script is loaded, and its memory is written to an image.
    ToImage,
}

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
    let role = std::env::args().nth(1).and_then(|word| Role::of(&word)).ok_or(Broken::Gone)?;
    let file_bytes = if role == Role::ToImage { IMAGE_BYTES } else { 0 };
    let landlock = walls::first(Limits { memory_bytes: None, file_bytes, cpu_seconds: None });
    let socket = std::io::stdin().as_fd().try_clone_to_owned().map_err(|_| Broken::Gone)?;
    let mut channel = Channel::new(UnixStream::from(socket));
    let say = |message: &FromLogic, channel: &mut Channel| channel.send(&[&message.encode()], None);
    inside(Stage::Loading);
    let loaded = landlock.map_err(|error| no_process(&error)).and_then(|landlock| {
        let image =
            std::io::stderr().as_fd().try_clone_to_owned().map(File::from).map_err(|error| no_process(&error))?;
        let (shared, program) = load(role.origin())?;
        walls::last(role == Role::ToImage).map_err(|error| no_process(&error))?;
        Ok((landlock, shared, program, image))
    });
    let (shared, program, image) = match loaded {
        Ok((landlock, shared, program, image)) => {
            say(&FromLogic::Ready(landlock), &mut channel)?;
            (shared, program, image)
        }
        Err(ended) => return say(&FromLogic::Ended(ended, Vec::new()), &mut channel),
    };
    let ToLogic::Start(budget, sources) = hear(&mut channel)? else { return Err(Broken::Gone) };
    let memory_bytes = (budget.memory_bytes as u64).saturating_add(BESIDES_BYTES);
    if let Err(error) = walls::limit_memory(memory_bytes) {
        return say(&FromLogic::Ended(no_process(&error), Vec::new()), &mut channel);
    }
    inside(Stage::Running);
    let loaded = logic::Loaded::new(shared, program, role.origin(), Arc::new(sources));
    let started = match role {
        Role::App | Role::Script => loaded.start(budget),
        Role::FromImage => match Image::read(image) {
            Ok(image) => loaded.start_from(&image, budget),
            Err(_) => loaded.start(budget),
        },
        Role::ToImage => loaded.start(budget).and_then(|mut logic| {
            logic.write_image(&image).map_err(|why| no_process(&why))?;
            Ok(logic)
        }),
    };
    let mut logic = match started {
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

impl Role {
    const ALL: [Self; 4] = [Self::App, Self::Script, Self::FromImage, Self::ToImage];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Script => "script",
            Self::FromImage => "script-from-image",
            Self::ToImage => "script-to-image",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    fn origin(self) -> Origin {
        if self == Self::App { Origin::App } else { Origin::Script }
    }
}

fn hear(channel: &mut Channel) -> Result<ToLogic, Broken> {
    let message = channel.receive(MOST_BYTES, None)?;
    ToLogic::decode(&message).map_err(|_| Broken::Gone)
}

fn load(origin: Origin) -> Result<(Arc<Shared>, InstancePre<State>), Ended> {
    let shared = Shared::bare().map_err(|error| no_process(&error))?;
    // Asked of the system once, and kept.
    let _known = rustix::param::page_size();
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
