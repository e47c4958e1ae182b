//! Takes from itself what no driver needs, and becomes the driver.
//!
//! A driver reads programs and libraries of the system, and reads and writes the devices that it is given. It connects to the
//! ports that it is given, gains no privileges, and ends with the host. What Landlock a kernel has not got is not there; the
//! limits always are.

use std::{
    env,
    ffi::OsString,
    io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, NetPort, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError,
    Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

/// The rules that are known here; an older kernel holds those it knows.
const LANDLOCK: ABI = ABI::V6;
/// Memory that can be written, in bytes.
const MEMORY_BYTES: u64 = 256 << 20;
/// Descriptors, all together.
const DESCRIPTORS: u64 = 64;
/// The length of a file that is written, in bytes; devices have none.
const FILE_BYTES: u64 = 1 << 20;
/// What every program reads.
const SYSTEM: [&str; 8] =
    ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/zero"];

/// What is to be run, and what it may touch.
#[derive(Debug, Default)]
struct Wanted {
    devices: Vec<PathBuf>,
    ports: Vec<u16>,
    command: Vec<OsString>,
}

/// What `guichet-driver` does: `guichet-driver [--device PATH]… [--port N]… -- PROGRAM [ARGUMENT]…`.
pub fn launch() -> ExitCode {
    let wanted = match Wanted::read(env::args_os().skip(1)) {
        Some(wanted) => wanted,
        None => {
            eprintln!("usage: guichet-driver [--device PATH]… [--port N]… -- PROGRAM [ARGUMENT]…");
            return ExitCode::from(2);
        }
    };
    let error = run(&wanted);
    eprintln!("error: the driver cannot be started: {error}");
    ExitCode::FAILURE
}

impl Wanted {
    fn read(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut wanted = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--device") => wanted.devices.push(arguments.next()?.into()),
                Some("--port") => wanted.ports.push(arguments.next()?.to_str()?.parse().ok()?),
                Some("--") => {
                    wanted.command = arguments.collect();
                    return (!wanted.command.is_empty()).then_some(wanted);
                }
                _ => return None,
            }
        }
        None
    }
}

/// Comes back only if it fails.
fn run(wanted: &Wanted) -> io::Error {
    let Some((program, arguments)) = wanted.command.split_first() else { return io::ErrorKind::InvalidInput.into() };
    if let Err(error) = limit() {
        return error;
    }
    if let Err(error) = wall(wanted, Path::new(program)) {
        return io::Error::other(error);
    }
    Command::new(program).args(arguments).exec()
}

fn limit() -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let limit = |resource, most| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    limit(Resource::Core, 0)?;
    limit(Resource::Data, MEMORY_BYTES)?;
    limit(Resource::Nofile, DESCRIPTORS)?;
    limit(Resource::Fsize, FILE_BYTES)?;
    limit(Resource::Memlock, 0)?;
    limit(Resource::Msgqueue, 0)?;
    Ok(())
}

/// Restricting also gives up every new privilege.
fn wall(wanted: &Wanted, program: &Path) -> Result<(), RulesetError> {
    let readable = SYSTEM.iter().map(Path::new).chain([program]);
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?
        .create()?
        .add_rules(path_beneath_rules(readable, AccessFs::from_read(LANDLOCK)))?
        .add_rules(path_beneath_rules(&wanted.devices, AccessFs::from_all(LANDLOCK)))?
        .add_rules(wanted.ports.iter().map(|port| Ok::<_, RulesetError>(NetPort::new(*port, AccessNet::ConnectTcp))))?;
    rules.restrict_self().map(drop)
}
