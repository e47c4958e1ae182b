//! `guichet-compile`: the process that a component is compiled in, and the host's side of it.
//!
//! What goes in is any department's; what comes out is trusted as code. So the process can do nothing but compute, and
//! the code it writes runs only behind the walls of a logic process.

use std::{
    fs::File,
    io::Write as _,
    os::{fd::AsFd as _, unix::net::UnixStream, unix::process::ExitStatusExt as _},
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use super::{
    channel::{Broken, Channel},
    code::Code,
    keeper::{Keeper, Program, described},
    walls::{self, Limits},
};
use crate::{Ended, engine::config};

/// What a component may be long, in bytes.
const WASM_BYTES: usize = 256 << 20;
const LIMITS: Limits = Limits { memory_bytes: Some(1 << 30), file_bytes: 512 << 20, cpu_seconds: Some(60) };
/// By the clock, on a machine that has other things to do.
const MOST: Duration = Duration::from_secs(180);
/// How long a process whose socket is closed may take to end.
const END: Duration = Duration::from_secs(5);
/// Longest sentence about what cannot be compiled, in bytes.
const SENTENCE_BYTES: usize = 4 << 10;
/// What is answered: the code is written; or, with a sentence, it is not.
const DONE: u8 = 0;
const REFUSED: u8 = 1;

/// Runs the process: one component in, its code out.
pub fn run_compiler() -> ExitCode {
    // A host that is gone needs no reason.
    let _ = serve();
    ExitCode::SUCCESS
}

fn serve() -> Result<(), Broken> {
    let raised = walls::first(LIMITS).map_err(|open| open.to_string());
    let socket = std::io::stdin().as_fd().try_clone_to_owned().map_err(|_| Broken::Gone)?;
    let mut channel = Channel::new(UnixStream::from(socket));
    let ready = raised.and_then(|_| {
        let room = std::io::stdout().as_fd().try_clone_to_owned().map_err(|error| error.to_string())?;
        let engine = wasmtime::Engine::new(&config()).map_err(|error| error.root_cause().to_string())?;
        walls::filter(false).and_then(|()| walls::no_more_code()).map_err(|open| open.to_string())?;
        Ok((File::from(room), engine))
    });
    let wasm = channel.receive(WASM_BYTES, None)?;
    let compiled = ready.and_then(|(mut room, engine)| {
        let code = engine.precompile_component(&wasm).map_err(|error| error.root_cause().to_string())?;
        room.write_all(&code).map_err(|error| error.to_string())
    });
    match compiled {
        Ok(()) => channel.send(&[&[DONE]], None),
        Err(why) => channel.send(
            &[&[REFUSED], why.get(..why.floor_char_boundary(SENTENCE_BYTES)).unwrap_or_default().as_bytes()],
            None,
        ),
    }
}

/// Compiles a component in a process of its own.
pub(crate) fn compile(keeper: &Keeper, program: &Path, wasm: &[u8]) -> Result<Code, Ended> {
    let no_process = |error: std::io::Error| Ended::NoProcess(format!("{}: {error}", program.display()));
    let room = Code::room().map_err(no_process)?;
    let descriptor = room.try_clone().map_err(no_process)?.into();
    let process = keeper
        .run(Program { path: program.to_owned(), argument: "component", code: Some(descriptor), image: None })
        .map_err(no_process)?;
    let mut channel = Channel::new(process.socket.try_clone().map_err(no_process)?);
    let deadline = Some(Instant::now() + MOST);
    let answer = channel.send(&[wasm], deadline).and_then(|()| channel.receive(SENTENCE_BYTES + 1, deadline));
    let cannot = |why: String| Err(Ended::Compile(why));
    let too_much = |what: String| Err(Ended::CompileBudget(what));
    match answer.as_deref() {
        Ok([DONE]) => Code::seal(room).map_err(no_process),
        Ok([REFUSED, why @ ..]) => cannot(String::from_utf8_lossy(why).into_owned()),
        Ok(_) | Err(Broken::TooMuch) => cannot("its compiler broke down".to_owned()),
        Err(Broken::Late) => too_much(too_slow()),
        Err(Broken::Gone) => match process.fate().wait(Instant::now() + END) {
            Some(status) => match status.signal() {
                Some(libc::SIGKILL | libc::SIGXCPU) => too_much(too_slow()),
                Some(libc::SIGABRT) => {
                    let most = LIMITS.memory_bytes.unwrap_or_default() >> 20;
                    too_much(format!("compiling it takes more than {most} MiB of memory"))
                }
                Some(libc::SIGXFSZ) => {
                    too_much(format!("its compiled code is longer than {} MiB", LIMITS.file_bytes >> 20))
                }
                _ => cannot(format!("its compiler broke down: {}", described(status))),
            },
            None => cannot("its compiler broke down".to_owned()),
        },
    }
}

fn too_slow() -> String {
    format!("compiling it takes more than {} s", LIMITS.cpu_seconds.unwrap_or_default())
}
