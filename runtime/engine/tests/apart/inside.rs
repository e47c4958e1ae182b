//! A logic process in which an app has broken out of WebAssembly, and tries what the name of its folder says.
//!
//! What is refused by the system ends the process; what is not refused leaves with [`DONE`], or with the number that the
//! system has answered.

use std::process::ExitCode;

/// Nothing stood in the way.
#[cfg(target_os = "linux")]
const DONE: i32 = 7;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    use guichet_engine::apart::{Stage, run_logic_with};
    let name = std::env::args().next().unwrap_or_default();
    let attack = std::path::Path::new(&name).parent().and_then(|folder| folder.file_name()).unwrap_or_default();
    let attack = attack.to_string_lossy().into_owned();
    run_logic_with(|stage| {
        let Some((when, what)) = attack.split_once('.') else { return };
        let is_now = match stage {
            Stage::Begun => when == "begun",
            Stage::Loading => when == "loading",
            Stage::Running => when == "running",
            Stage::Event => when == "event",
        };
        if is_now {
            attempt(what);
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
fn attempt(what: &str) {
    match what {
        "silence" => loop {
            std::thread::yield_now();
        },
        // The event is over, and the host waits for nothing.
        "restless" => {
            say(&frame(&[&done()[..], &[0; 4]].concat()));
            loop {
                std::hint::spin_loop();
            }
        }
        "leave" => leave(3),
        "abort" => std::process::abort(),
        "hoard" => leave(hoard()),
        "stack" => leave(dig(0)),
        "garbage" => say_for_ever(&[0xff; 1 << 16]),
        "long" => say(&u32::MAX.to_le_bytes()),
        "half" => say(&[0, 16, 0, 0, 2]),
        "nothing" => say(&frame(&[])),
        "unknown" => say(&frame(&[9])),
        "again" => say(&frame(&[0, 7])),
        "count" => say(&frame(&[&done()[..], &u32::MAX.to_le_bytes()].concat())),
        "deep" => say(&frame(&deep())),
        "wide" => say(&frame(&wide())),
        "call" => say(&frame(&call(5))),
        "calls" => (0..2).for_each(|_| say(&frame(&call(1)))),
        "flood" => say_for_ever(&frame(&[&done()[..], &[0; 4]].concat())),
        name => ask_the_system(name),
    }
}

/// The beginning of what says that an event is over.
#[cfg(target_os = "linux")]
fn done() -> [u8; 9] {
    [2, 0, 0, 0, 0, 0, 0, 0, 0]
}

/// A thing told with one argument, a list in a list in a list…
#[cfg(target_os = "linux")]
fn deep() -> Vec<u8> {
    let head = [&done()[..], &[1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]].concat();
    head.into_iter().chain([7, 1, 0, 0, 0].into_iter().cycle().take(3 << 20)).collect()
}

/// A thing told with one argument, a list of a million nothings.
#[cfg(target_os = "linux")]
fn wide() -> Vec<u8> {
    let count: u32 = 3 << 20;
    let head = [&done()[..], &[1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7], &count.to_le_bytes()].concat();
    head.into_iter().chain(std::iter::repeat_n(0, count as usize)).collect()
}

/// A call of that number.
#[cfg(target_os = "linux")]
fn call(number: u8) -> Vec<u8> {
    [&done()[..], &[1, 0, 0, 0, 0, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat()
}

#[cfg(target_os = "linux")]
fn frame(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u32).to_le_bytes()[..], message].concat()
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "who has broken out asks nobody")]
fn say(bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        // SAFETY: the bytes live until the call is over.
        let count = unsafe { libc::write(0, rest.as_ptr().cast(), rest.len()) };
        match usize::try_from(count) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(_) => leave(4),
        }
    }
}

#[cfg(target_os = "linux")]
fn say_for_ever(bytes: &[u8]) {
    loop {
        say(bytes);
    }
}

#[cfg(target_os = "linux")]
fn leave(code: i32) {
    std::process::exit(code);
}

/// Takes memory until there is no more: how many times 4 MiB there were.
#[cfg(target_os = "linux")]
fn hoard() -> i32 {
    let mut kept = Vec::new();
    loop {
        let mut piece: Vec<u8> = Vec::new();
        if kept.try_reserve(1).is_err() || piece.try_reserve_exact(4 << 20).is_err() {
            return kept.len() as i32;
        }
        piece.resize(4 << 20, 1);
        kept.push(piece);
    }
}

#[cfg(target_os = "linux")]
#[expect(unconditional_recursion, reason = "that is the attack")]
fn dig(depth: i32) -> i32 {
    std::hint::black_box([depth; 1000]);
    dig(depth + 1) + 1
}

/// One call to the system, by its own door.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "who has broken out asks nobody")]
fn ask_the_system(name: &str) {
    use libc::*;
    let file = c"/etc/passwd".as_ptr() as c_long;
    let new = c"/tmp/guichet-was-here".as_ptr() as c_long;
    let port = sockaddr_in {
        sin_family: AF_INET as u16,
        sin_port: 9u16.to_be(),
        sin_addr: in_addr { s_addr: u32::from_ne_bytes([127, 0, 0, 1]) },
        sin_zero: [0; 8],
    };
    let parent = || c_long::from(std::os::unix::process::parent_id());
    let exec = c_long::from(PROT_READ | PROT_EXEC);
    let anonymous = c_long::from(MAP_PRIVATE | MAP_ANONYMOUS);
    let page = || {
        // SAFETY: a fresh page of its own.
        unsafe {
            mmap(std::ptr::null_mut(), 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) as c_long
        }
    };
    let cwd = c_long::from(AT_FDCWD);
    let (call, arguments): (c_long, [c_long; 6]) = match name {
        "open" => (SYS_openat, [cwd, file, 0, 0, 0, 0]),
        "create" => (SYS_openat, [cwd, new, c_long::from(O_CREAT | O_WRONLY), 0o600, 0, 0]),
        "remove" => (SYS_unlinkat, [cwd, new, 0, 0, 0, 0]),
        "list" => (SYS_openat, [cwd, c"/".as_ptr() as c_long, c_long::from(O_DIRECTORY), 0, 0, 0]),
        "look" => (SYS_statx, [0, c"".as_ptr() as c_long, AT_EMPTY_PATH.into(), 0, page(), 0]),
        "filter" => (SYS_seccomp, [c_long::from(SECCOMP_GET_ACTION_AVAIL), 0, 0, 0, 0, 0]),
        "keep-privileges" => (SYS_prctl, [PR_SET_NO_NEW_PRIVS.into(), 1, 0, 0, 0, 0]),
        "execute" => (SYS_execve, [c"/bin/true".as_ptr() as c_long, 0, 0, 0, 0, 0]),
        "fork" => (SYS_clone, [c_long::from(SIGCHLD), 0, 0, 0, 0, 0]),
        "clone3" => (SYS_clone3, [0; 6]),
        "socket" => (SYS_socket, [AF_INET.into(), SOCK_STREAM.into(), 0, 0, 0, 0]),
        "netlink" => (SYS_socket, [AF_NETLINK.into(), SOCK_RAW.into(), 0, 0, 0, 0]),
        "connect" => {
            // SAFETY: numbers only.
            let socket = unsafe { syscall(SYS_socket, AF_INET, SOCK_STREAM, 0) };
            (SYS_connect, [socket, &raw const port as c_long, size_of_val(&port) as c_long, 0, 0, 0])
        }
        "ptrace" => (SYS_ptrace, [PTRACE_ATTACH.into(), parent(), 0, 0, 0, 0]),
        "read-parent" => (SYS_process_vm_readv, [parent(), 0, 0, 0, 0, 0]),
        "kill-parent" => (SYS_kill, [parent(), 0, 0, 0, 0, 0]),
        "tgkill-parent" => (SYS_tgkill, [parent(), parent(), 0, 0, 0, 0]),
        "limit-parent" => (SYS_prlimit64, [parent(), RLIMIT_DATA.into(), 0, 0, 0, 0]),
        "own-processes" => (SYS_prlimit64, [0, RLIMIT_NPROC.into(), 0, 0, 0, 0]),
        "new-code" => (SYS_mmap, [0, 4096, exec, anonymous, -1, 0]),
        "page-to-code" => (SYS_mprotect, [page(), 4096, exec, 0, 0, 0]),
        "secret-file" => (SYS_memfd_create, [file, 0, 0, 0, 0, 0]),
        "ring" => (SYS_io_uring_setup, [1, 0, 0, 0, 0, 0]),
        "bpf" => (SYS_bpf, [0; 6]),
        "show" => (SYS_prctl, [PR_SET_DUMPABLE.into(), 1, 0, 0, 0, 0]),
        "terminal" => (SYS_ioctl, [0, TIOCSTI as c_long, file, 0, 0, 0]),
        "flags" => (SYS_fcntl, [0, F_SETFL.into(), O_NONBLOCK.into(), 0, 0, 0]),
        "copy" => (SYS_dup, [0; 6]),
        "user" => (SYS_setuid, [0; 6]),
        "namespace" => (SYS_unshare, [CLONE_NEWUSER.into(), 0, 0, 0, 0, 0]),
        "faults" => (SYS_userfaultfd, [0; 6]),
        "keys" => (SYS_keyctl, [0; 6]),
        other => panic!("nobody knows how to try {other}"),
    };
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: none; that is what is tried.
    let answer = unsafe { syscall(call, a, b, c, d, e, f) };
    let error = std::io::Error::last_os_error().raw_os_error().unwrap_or_default();
    leave(if answer >= 0 { DONE } else { 100 + error });
}
