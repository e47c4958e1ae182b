//! What the process of a check takes from itself before it meets what it must not trust. Nothing here can be taken back.
//!
//! What Landlock a kernel has not got is not there; limits and a filter of system calls there always are, or the process
//! does not go on.

use std::{ffi::OsString, io, path::Path};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _,
    RulesetError, Scope, path_beneath_rules,
};
use libc::c_long;
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen::Dword, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// The rules that are known here; an older kernel holds those it knows.
const LANDLOCK: ABI = ABI::V6;
/// Memory that our own code may write to, in bytes: two packages, and all they hold.
const OWN_MEMORY: u64 = 1 << 30;
/// The same of another program.
const OTHER_MEMORY: u64 = 3 << 30;
/// Seconds of computing.
const CPU_SECONDS: u64 = 60;
/// Descriptors, all together.
const DESCRIPTORS: u64 = 64;
/// What every program reads.
const SYSTEM: [&str; 9] =
    ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/zero", "/dev/null"];

/// A wall could not be raised.
#[derive(Debug, thiserror::Error)]
pub(super) enum Open {
    #[error("no limits: {0}")]
    Limits(#[from] io::Error),
    #[error("no Landlock: {0}")]
    Landlock(#[from] RulesetError),
    #[error("no filter of system calls: {0}")]
    Filter(String),
}

impl From<rustix::io::Errno> for Open {
    fn from(error: rustix::io::Errno) -> Self {
        Self::Limits(error.into())
    }
}

/// Only computes, and talks through the descriptors it has: any other call to the system ends the process.
pub(super) fn close() -> Result<(), Open> {
    limit(OWN_MEMORY)?;
    ruleset()?.restrict_self()?;
    apply(&computing().map_err(filter)?)
}

/// What another program may touch.
pub(super) struct Around<'a> {
    pub(super) readable: &'a [OsString],
    pub(super) program: &'a OsString,
}

/// Reads what every program reads, and what it is given; writes no file, and reaches nobody.
pub(super) fn around(around: &Around<'_>) -> Result<(), Open> {
    limit(OTHER_MEMORY)?;
    let given = around.readable.iter().chain([around.program]).map(Path::new);
    let readable = SYSTEM.iter().map(Path::new).chain(given);
    let rules = ruleset()?.add_rules(path_beneath_rules(readable, AccessFs::from_read(LANDLOCK)))?;
    rules.restrict_self()?;
    apply(&alone().map_err(filter)?)
}

fn limit(memory: u64) -> Result<(), Open> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let limit = |resource, most| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    limit(Resource::Core, 0)?;
    limit(Resource::Data, memory)?;
    limit(Resource::Cpu, CPU_SECONDS)?;
    limit(Resource::Nofile, DESCRIPTORS)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Memlock, 0)?;
    limit(Resource::Msgqueue, 0)?;
    Ok(())
}

/// Restricting also gives up every new privilege.
fn ruleset() -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?
        .create()
}

fn filter(error: seccompiler::BackendError) -> Open {
    Open::Filter(error.to_string())
}

fn apply(program: &BpfProgram) -> Result<(), Open> {
    seccompiler::apply_filter(program).map_err(|error| Open::Filter(error.to_string()))
}

/// Computing, and talking through what is open already.
fn computing() -> Result<BpfProgram, seccompiler::BackendError> {
    const ALLOWED: [c_long; 23] = [
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_rt_sigreturn,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigaction,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_lseek,
        libc::SYS_close,
        libc::SYS_fstat,
    ];
    let exec = u64::from(libc::PROT_EXEC.unsigned_abs());
    let no_new_code = || {
        let argument = SeccompCondition::new(2, Dword, SeccompCmpOp::MaskedEq(exec), 0)?;
        SeccompRule::new(vec![argument])
    };
    // So a program that gives up is seen to have given up.
    let own_threads = || {
        let own = u64::from(std::process::id());
        SeccompRule::new(vec![SeccompCondition::new(0, Dword, SeccompCmpOp::Eq, own)?])
    };
    let limited = [
        (libc::SYS_mmap, vec![no_new_code()?]),
        (libc::SYS_mprotect, vec![no_new_code()?]),
        (libc::SYS_tgkill, vec![own_threads()?]),
    ];
    let plain = ALLOWED.into_iter().map(|call| (call, Vec::new()));
    let rules = plain.chain(limited).collect();
    SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, architecture()?)?.try_into()
}

/// What another program never needs here: reaching others, looking into them, other views of the machine.
fn alone() -> Result<BpfProgram, seccompiler::BackendError> {
    const DENIED: [c_long; 17] = [
        libc::SYS_socket,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_io_uring_setup,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_userfaultfd,
        libc::SYS_kill,
    ];
    let rules = DENIED.into_iter().map(|call| (call, Vec::new())).collect();
    let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    SeccompFilter::new(rules, SeccompAction::Allow, denied, architecture()?)?.try_into()
}

fn architecture() -> Result<seccompiler::TargetArch, seccompiler::BackendError> {
    std::env::consts::ARCH.try_into()
}

#[cfg(test)]
mod tests {
    use std::{os::unix::process::ExitStatusExt as _, process::Command};

    use super::*;

    /// Set in the process that closes itself in.
    const INSIDE: &str = "GUICHET_TEST_INSIDE";

    #[test]
    fn our_own_code_that_was_taken_over_opens_nothing() {
        match std::env::var(INSIDE).as_deref() {
            Ok("computes") => {
                close().unwrap();
                // Not printed by the test harness, which would need more than computing.
                std::process::exit(if vec![1_u8; 1 << 20].iter().map(|one| u64::from(*one)).sum::<u64>() == 1 << 20 {
                    7
                } else {
                    8
                });
            }
            Ok(deed) => {
                close().unwrap();
                match deed {
                    "reads" => drop(std::fs::read("/etc/hostname")),
                    "connects" => drop(std::net::TcpStream::connect("127.0.0.1:1")),
                    "runs" => drop(Command::new("/bin/true").status()),
                    _ => {}
                }
                std::process::exit(9);
            }
            Err(_) => {}
        }
        let inside = |deed: &str| {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "checks::cage::tests::our_own_code_that_was_taken_over_opens_nothing"]);
            command.env(INSIDE, deed).output().unwrap().status
        };
        assert_eq!(inside("computes").code(), Some(7));
        for deed in ["reads", "connects", "runs"] {
            assert_eq!(inside(deed).signal(), Some(libc::SIGSYS), "{deed}");
        }
    }
}
