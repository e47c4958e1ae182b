//! `guichet-logic`: the process that a session's logic runs in.

use std::{
    fs::File,
    os::{
        fd::{AsFd as _, AsRawFd as _},
        unix::net::UnixStream,
    },
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use wasmtime::component::{Component, InstancePre};

use super::{
    channel::{Broken, Channel},
    walls::{self, Limits},
    wire::{FromLogic, ToLogic},
};
use crate::{
    Ended, Event,
    engine::Shared,
    image::Image,
    logic,
    shapes::{self, Origin},
    state::{Sources, State},
};

/// The code of the script component, which a process that runs scripts, or waits, is started with.
const CODE: i32 = libc::STDOUT_FILENO;
/// What the host may say at once, in bytes. It is trusted; this only keeps a mistake small.
const MOST_BYTES: usize = 1 << 30;
/// Memory besides an app's own that this process may write to: messages, sources, and what wasmtime keeps.
const BESIDES_BYTES: u64 = 96 << 20;

/// A page that has asked again this soon is likely to go on, and to be woken takes as long as to answer: so long the next
/// question is looked for before the process sleeps. Another process has to hear the answer first, and the host what the
/// page says next.
const SOON: Duration = Duration::from_micros(600);

/// The most that an image may be long, in bytes.
const IMAGE_BYTES: u64 = 512 << 20;

/// What a process is for: the one word on its command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A session of a component.
    App,
    /// A session of a component that is not known yet: there is time for what the first loading costs more than the next.
    Waiting,
    /// A session of a script, whose memory may begin from an image.
    Script,
    /// A script is loaded, and its memory is written to an image.
    ToImage,
}

/// A moment at which walls can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It has just begun; system calls are not filtered yet.
    Begun,
    /// They are, and code is about to be loaded.
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
    let channel = Arc::new(Mutex::new(Channel::taking(UnixStream::from(socket))));
    let say = |message: &FromLogic| lock(&channel).send(&[&message.encode()], None);
    inside(Stage::Begun);
    let ready = landlock.map_err(|error| no_process(&error)).and_then(|landlock| {
        let shared = Arc::new(Shared::bare().map_err(|error| no_process(&error))?);
        // Asked of the system once, and kept.
        let _known = rustix::param::page_size();
        let file = std::io::stderr().as_fd().try_clone_to_owned().map_err(|error| no_process(&error))?;
        walls::filter(role == Role::ToImage).map_err(|error| no_process(&error))?;
        inside(Stage::Loading);
        let script = match role {
            Role::App => None,
            Role::Waiting => {
                practise(&shared)?;
                None
            }
            Role::Script | Role::ToImage => Some(load(&shared, CODE, Origin::Script)?),
        };
        Ok((landlock, shared, script, File::from(file)))
    });
    let (shared, script, file) = match ready {
        Ok((landlock, shared, script, file)) => {
            say(&FromLogic::Ready(landlock))?;
            (shared, script, file)
        }
        Err(ended) => return say(&FromLogic::Ended(ended, Vec::new())),
    };
    // From here on there is an app: one, until the end.
    let program = match script {
        Some(program) => Ok(program),
        None => {
            let ToLogic::Load = hear(&channel)? else { return Err(Broken::Gone) };
            let code = lock(&channel).take().ok_or(Broken::Gone)?;
            load(&shared, code.as_raw_fd(), Origin::App)
        }
    };
    let program = match program {
        Ok(program) => program,
        Err(ended) => return say(&FromLogic::Ended(ended, Vec::new())),
    };
    let ToLogic::Start(budget) = hear(&channel)? else { return Err(Broken::Gone) };
    let image = lock(&channel).take().map(File::from);
    lock(&channel).take_no_more();
    let memory_bytes = (budget.memory_bytes as u64).saturating_add(BESIDES_BYTES);
    if let Err(error) = walls::limit_memory(memory_bytes) {
        return say(&FromLogic::Ended(no_process(&error), Vec::new()));
    }
    inside(Stage::Running);
    let asked = Arc::clone(&channel);
    let sources: Sources = Arc::new(move |path| source(&asked, path));
    let loaded = logic::Loaded::new(shared, program, role.origin(), sources);
    let started = match (role, image) {
        (Role::Script, Some(image)) => match Image::read(image) {
            Ok(image) => loaded.start_from(&image, budget),
            Err(_) => loaded.start(budget),
        },
        (Role::App | Role::Waiting | Role::Script, _) => loaded.start(budget),
        (Role::ToImage, _) => loaded.start(budget).and_then(|mut logic| {
            logic.write_image(&file).map_err(|why| no_process(&why))?;
            Ok(logic)
        }),
    };
    let mut logic = match started {
        Ok(logic) => logic,
        Err(ended) => return say(&FromLogic::Ended(ended, Vec::new())),
    };
    say(&FromLogic::Booted(logic.memory_bytes() as u64))?;
    let mut answered = None;
    loop {
        let ToLogic::Event(at_ms, event) = hear(&channel)? else { return Err(Broken::Gone) };
        let is_asking = answered.is_some_and(|at: Instant| at.elapsed() <= SOON);
        inside(Stage::Event);
        let is_spoken_to = matches!(event, Event::Asked { .. });
        let said = match logic.handle(at_ms, event) {
            Ok(outputs) => FromLogic::Done(logic.memory_bytes() as u64, outputs),
            Err(ended) => FromLogic::Ended(ended, logic.last_words()),
        };
        say(&said)?;
        lock(&channel).look(is_asking.then_some(SOON));
        answered = is_spoken_to.then(Instant::now);
    }
}

impl Role {
    const ALL: [Self; 4] = [Self::App, Self::Waiting, Self::Script, Self::ToImage];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Waiting => "waiting",
            Self::Script => "script",
            Self::ToImage => "script-to-image",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    fn origin(self) -> Origin {
        match self {
            Self::App | Self::Waiting => Origin::App,
            Self::Script | Self::ToImage => Origin::Script,
        }
    }
}

fn lock(channel: &Mutex<Channel>) -> MutexGuard<'_, Channel> {
    channel.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hear(channel: &Mutex<Channel>) -> Result<ToLogic, Broken> {
    let message = lock(channel).receive(MOST_BYTES, None)?;
    ToLogic::decode(&message).map_err(|_| Broken::Gone)
}

/// Asks the host, who alone has the package. One that is gone has no source either.
fn source(channel: &Mutex<Channel>, path: &str) -> Option<String> {
    lock(channel).send(&[&FromLogic::Wants(path.to_owned()).encode()], None).ok()?;
    match hear(channel) {
        Ok(ToLogic::Source(source)) => source,
        _ => None,
    }
}

/// Loads the code that a session runs and raises the last wall: no code comes after it.
fn load(shared: &Shared, code: i32, origin: Origin) -> Result<InstancePre<State>, Ended> {
    let program = link(shared, code, origin)?;
    walls::no_more_code().map_err(|error| no_process(&error))?;
    Ok(program)
}

/// Loads the script component, makes an instance, and lets both go: what that needs of this program, of the allocator and of
/// the processor's description is at hand when an app's component comes.
fn practise(shared: &Arc<Shared>) -> Result<(), Ended> {
    let program = link(shared, CODE, Origin::Script)?;
    logic::Loaded::new(Arc::clone(shared), program, Origin::Script, Arc::new(|_| None)).practise()
}

fn link(shared: &Shared, code: i32, origin: Origin) -> Result<InstancePre<State>, Ended> {
    // SAFETY: the host gives only descriptors of code that it has compiled itself, or has found to bear its own tag, and
    // that is sealed: nobody can change it any more.
    #[expect(unsafe_code, reason = "wasmtime loads compiled code only by unsafe functions")]
    let component = unsafe { Component::deserialize_file(&shared.engine, format!("/proc/self/fd/{code}")) };
    let component = component.map_err(|error| no_process(&error.root_cause()))?;
    let linker = shapes::link(&shared.engine, &component, origin)?;
    linker.instantiate_pre(&component).map_err(|error| Ended::Compile(error.root_cause().to_string()))
}

fn no_process(why: &dyn std::fmt::Display) -> Ended {
    Ended::NoProcess(why.to_string())
}
