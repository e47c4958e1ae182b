//! What a process of ours takes from itself before it meets what it must not trust. Nothing here can be taken back.
//!
//! In this order: [`first`] when the process begins, [`filter`] when its threads run, and [`no_more_code`] when the app's code
//! is loaded. What Landlock a kernel has not got is not there; a system-call filter there always is, or the process does not
//! go on.

use std::{collections::BTreeMap, io};

use landlock::{ABI, Access as _, AccessFs, AccessNet, LandlockStatus, Ruleset, RulesetAttr as _, Scope};
use libc::c_long;
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen::Dword, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// The rules that are known here; an older kernel holds those it knows.
const LANDLOCK: ABI = ABI::V10;
/// Room on the stack of the first thread, in bytes: a guest's own and some for the host.
const STACK_BYTES: u64 = 8 << 20;
/// Descriptors, all together.
const DESCRIPTORS: u64 = 16;
/// The first descriptor that nobody has given on purpose.
const FIRST_STRAY: u32 = 3;

/// How much of what is limited by number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Memory that can be written, in bytes.
    pub(crate) memory_bytes: Option<u64>,
    /// The length of a file, in bytes; 0: none can be written.
    pub(crate) file_bytes: u64,
    /// Seconds of computing.
    pub(crate) cpu_seconds: Option<u64>,
}

/// A wall could not be raised.
#[derive(Debug, thiserror::Error)]
#[error("{wall}: {why}")]
pub(crate) struct Open {
    wall: &'static str,
    why: String,
}

/// Ends with its parent, gains nothing, shows nothing, opens nothing, reaches nobody: the version of Landlock that holds,
/// 0 for none.
pub(crate) fn first(limits: Limits) -> Result<u8, Open> {
    control("its end with its parent", libc::PR_SET_PDEATHSIG, libc::SIGKILL.unsigned_abs().into())?;
    control("no new privileges", libc::PR_SET_NO_NEW_PRIVS, 1)?;
    control("its secrecy", libc::PR_SET_DUMPABLE, 0)?;
    drop_capabilities()?;
    close_strays();
    let limit = |resource, most: u64| {
        let open = |error: rustix::io::Errno| Open { wall: "limits", why: error.to_string() };
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).map_err(open)
    };
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, limits.file_bytes)?;
    limit(Resource::Nofile, DESCRIPTORS)?;
    limit(Resource::Memlock, 0)?;
    limit(Resource::Msgqueue, 0)?;
    // Where the owner of the machine allows less, less it is.
    let _ = limit(Resource::Stack, STACK_BYTES);
    if let Some(seconds) = limits.cpu_seconds {
        limit(Resource::Cpu, seconds)?;
    }
    if let Some(bytes) = limits.memory_bytes {
        limit(Resource::Data, bytes)?;
    }
    landlock()
}

/// Only computes, talks through the descriptors it has, and loads code: any other call to the system ends the process.
///
/// One that is to write an image writes to any place of it.
pub(crate) fn filter(writes_image: bool) -> Result<(), Open> {
    raise(calls(writes_image).and_then(|rules| program(rules, SeccompAction::KillProcess, SeccompAction::Allow)))
}

/// Loads no more code. This is a list of what [`filter`] still allows, a short one: the system compiles it while an app that
/// is opened waits.
pub(crate) fn no_more_code() -> Result<(), Open> {
    raise(loading().and_then(|rules| program(rules, SeccompAction::Allow, SeccompAction::KillProcess)))
}

fn raise(program: Result<BpfProgram, seccompiler::BackendError>) -> Result<(), Open> {
    let open = |why: String| Open { wall: "the filter of system calls", why };
    let program = program.map_err(|error| open(error.to_string()))?;
    seccompiler::apply_filter_all_threads(&program).map_err(|error| open(error.to_string()))
}

/// Limits memory that can be written; allowed after [`last`].
pub(crate) fn limit_memory(bytes: u64) -> Result<(), Open> {
    setrlimit(Resource::Data, Rlimit { current: Some(bytes), maximum: Some(bytes) })
        .map_err(|error| Open { wall: "the limit on memory", why: error.to_string() })
}

/// Finding code, and raising the last wall behind it. Landlock lets nothing be opened but what is there by descriptor.
const OPENING: [c_long; 3] = [libc::SYS_openat, libc::SYS_statx, libc::SYS_seccomp];

/// Calls, each with the conditions under which it is meant; without one, always.
type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// What computing, talking and loading code need.
fn calls(writes_image: bool) -> Result<Rules, seccompiler::BackendError> {
    /// Computing: memory, threads that are there already, time, the end.
    const COMPUTING: [c_long; 19] = [
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_mprotect,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_getrandom,
        libc::SYS_rt_sigreturn,
        libc::SYS_rt_sigprocmask,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    /// Talking through what is open already.
    const TALKING: [c_long; 8] = [
        libc::SYS_read,
        libc::SYS_pread64,
        libc::SYS_lseek,
        libc::SYS_write,
        libc::SYS_recvfrom,
        libc::SYS_recvmsg,
        libc::SYS_sendto,
        libc::SYS_close,
    ];
    /// Writing an image, whose holes are not written.
    const WRITING: [c_long; 2] = [libc::SYS_pwrite64, libc::SYS_ftruncate];
    let own_memory_limit = || {
        let data = u64::from(libc::RLIMIT_DATA);
        SeccompRule::new(vec![argument(0, SeccompCmpOp::Eq, 0)?, argument(1, SeccompCmpOp::Eq, data)?])
    };
    // Asked before a descriptor is closed, in programs that are built with checks.
    let is_open = || {
        let get = u64::from(libc::F_GETFD.unsigned_abs());
        SeccompRule::new(vec![argument(1, SeccompCmpOp::Eq, get)?])
    };
    // So a program that gives up is seen to have given up.
    let own_threads = || {
        let own = u64::from(std::process::id());
        SeccompRule::new(vec![argument(0, SeccompCmpOp::Eq, own)?])
    };
    // What is forbidden next is allowed until then.
    let no_new_privileges = || {
        let option = u64::from(libc::PR_SET_NO_NEW_PRIVS.unsigned_abs());
        SeccompRule::new(vec![argument(0, SeccompCmpOp::Eq, option)?])
    };
    let writing = WRITING.into_iter().filter(|_| writes_image);
    let plain = COMPUTING.into_iter().chain(TALKING).chain(OPENING).chain(writing).map(|call| (call, Vec::new()));
    let limited = [
        (libc::SYS_prlimit64, vec![own_memory_limit()?]),
        (libc::SYS_fcntl, vec![is_open()?]),
        (libc::SYS_tgkill, vec![own_threads()?]),
        (libc::SYS_prctl, vec![no_new_privileges()?]),
    ];
    Ok(plain.chain(limited).collect())
}

/// What only loading code needs.
fn loading() -> Result<Rules, seccompiler::BackendError> {
    let new_code = || {
        let exec = u64::from(libc::PROT_EXEC.unsigned_abs());
        SeccompRule::new(vec![argument(2, SeccompCmpOp::MaskedEq(exec), exec)?])
    };
    let plain = OPENING.into_iter().chain([libc::SYS_prctl]).map(|call| (call, Vec::new()));
    let limited = [(libc::SYS_mmap, vec![new_code()?]), (libc::SYS_mprotect, vec![new_code()?])];
    Ok(plain.chain(limited).collect())
}

fn argument(at: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(at, Dword, operator, value)
}

/// What is not in the rules gets one answer, and what is in them the other.
fn program(rules: Rules, others: SeccompAction, these: SeccompAction) -> Result<BpfProgram, seccompiler::BackendError> {
    SeccompFilter::new(rules, others, these, std::env::consts::ARCH.try_into()?)?.try_into()
}

fn landlock() -> Result<u8, Open> {
    let closed = || {
        Ruleset::default()
            .handle_access(AccessFs::from_all(LANDLOCK))?
            .handle_access(AccessNet::from_all(LANDLOCK))?
            .scope(Scope::from_all(LANDLOCK))?
            .create()?
            .restrict_self()
    };
    let status = closed().map_err(|error| Open { wall: "Landlock", why: error.to_string() })?;
    Ok(match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi as u8,
        _ => 0,
    })
}

fn control(wall: &'static str, option: i32, value: u64) -> Result<(), Open> {
    // SAFETY: these options take a number and touch no memory of ours.
    #[expect(unsafe_code, reason = "the standard library has no prctl")]
    let done = unsafe { libc::prctl(option, value, 0, 0, 0) };
    if done == 0 { Ok(()) } else { Err(Open { wall, why: io::Error::last_os_error().to_string() }) }
}

/// A host that runs as root must not lend that to an app.
fn drop_capabilities() -> Result<(), Open> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    /// `_LINUX_CAPABILITY_VERSION_3`, whose sets are two times three words.
    const VERSION: u32 = 0x2008_0522;
    let header = Header { version: VERSION, pid: 0 };
    let none: [[u32; 3]; 2] = [[0; 3]; 2];
    // SAFETY: capset reads a header and, for this version, two sets of three words; both live longer than the call.
    #[expect(unsafe_code, reason = "the standard library has no capset")]
    let done = unsafe { libc::syscall(libc::SYS_capset, &raw const header, none.as_ptr()) };
    let open = || Open { wall: "capabilities", why: io::Error::last_os_error().to_string() };
    if done == 0 { Ok(()) } else { Err(open()) }
}

/// Closes what the host's libraries left open for any child.
fn close_strays() {
    // SAFETY: this process has just begun, and nothing in it owns a descriptor above the standard ones.
    #[expect(unsafe_code, reason = "the standard library cannot close what it has not opened")]
    let closed = unsafe { libc::syscall(libc::SYS_close_range, FIRST_STRAY, u32::MAX, 0) };
    if closed != 0 {
        let most = rustix::process::getrlimit(Resource::Nofile).current.unwrap_or(1 << 16).min(1 << 16);
        for descriptor in FIRST_STRAY..u32::try_from(most).unwrap_or(1 << 16) {
            // SAFETY: as above.
            #[expect(unsafe_code, reason = "the standard library cannot close what it has not opened")]
            unsafe {
                libc::close(descriptor.cast_signed())
            };
        }
    }
}
