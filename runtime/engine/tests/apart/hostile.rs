//! Somebody has broken out of WebAssembly. Whatever is tried, the app ends with a sentence, and nothing else is hurt.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{OnceLock, mpsc},
    time::{Duration, Instant},
};

use guichet_engine::{
    Budget, CacheOptions, Ended, Engine, EngineOptions, Event, Holds, Logic, Phase, Program, Programs, Walls,
};
use insta::assert_snapshot;

use crate::session::{PATIENT, START_MS, Session, launched, one_file, rust};

const APP: &str = "export const count = () => 1;";
/// The system has refused, said the error's number.
pub(crate) const REFUSED: &str = "it wanted something of the system that no app may have";

/// A host whose logic processes try this. Its compiled code is that of every other test here.
pub(crate) fn host(attack: &str) -> Engine {
    static CACHE: OnceLock<PathBuf> = OnceLock::new();
    let bin = |name: &str| Path::new(env!("CARGO_BIN_EXE_guichet-logic")).with_file_name(name);
    let base = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let cache = CACHE.get_or_init(|| base.join("code")).clone();
    let folder = base.join("attacks").join(attack);
    fs::create_dir_all(&folder).unwrap();
    for (name, program) in [("guichet-logic", "guichet-logic-hostile"), ("guichet-compile", "guichet-compile")] {
        let _ = fs::remove_file(folder.join(name));
        symlink(bin(program), folder.join(name)).unwrap();
    }
    let walls = Walls::Two(Programs::in_folder(&folder).unwrap());
    let cache = CacheOptions { folder: cache, key: [9; 32], holds: Holds::Everything };
    Engine::new(EngineOptions { cache: Some(cache), walls }).unwrap()
}

pub(crate) fn start(engine: &Engine, budget: Budget) -> Result<Logic, Ended> {
    engine.load(&one_file(APP))?.start(budget)
}

/// What the app ends with, and not before its time.
pub(crate) fn tries(attack: &str) -> Ended {
    tries_within(attack, PATIENT)
}

fn tries_within(attack: &str, budget: Budget) -> Ended {
    let engine = host(attack);
    match attack.split_once('.').unwrap().0 {
        "event" => {
            let mut logic = start(&engine, budget).unwrap();
            let ended = logic.handle(START_MS, launched());
            let ended = ended.and_then(|_| logic.handle(START_MS, Event::Phase(Phase::Shown))).unwrap_err();
            assert_eq!(logic.handle(START_MS, Event::Phase(Phase::Shown)), Err(ended.clone()), "{attack} stays ended");
            ended
        }
        _ => start(&engine, budget).map(|_| "started").unwrap_err(),
    }
}

/// What Landlock this kernel has.
fn landlock() -> i64 {
    const VERSION: u32 = 1;
    // SAFETY: asked for its version, the call takes no pointer.
    #[expect(unsafe_code, reason = "the standard library does not know Landlock")]
    unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, 0, 0, VERSION)
    }
}

/// What no process may have from the moment when its threads run.
const FORBIDDEN: [&str; 24] = [
    "remove",
    "execute",
    "fork",
    "clone3",
    "socket",
    "netlink",
    "connect",
    "ptrace",
    "read-parent",
    "kill-parent",
    "tgkill-parent",
    "limit-parent",
    "own-processes",
    "secret-file",
    "ring",
    "bpf",
    "show",
    "terminal",
    "flags",
    "copy",
    "user",
    "namespace",
    "faults",
    "keys",
];
/// What loading code needs, or is like it.
const LOADING: [&str; 8] = ["open", "create", "list", "look", "new-code", "page-to-code", "filter", "keep-privileges"];

fn left_with(code: i32) -> Ended {
    Ended::Trap(format!("its process left with code {code}"))
}

/// The system has answered with an error.
fn refused(error: i32) -> Ended {
    left_with(100 + error)
}

#[test]
fn the_filter_ends_whoever_wants_more_than_to_compute() {
    for call in FORBIDDEN.into_iter().chain(LOADING) {
        assert_eq!(tries(&format!("running.{call}")), Ended::Trap(REFUSED.to_owned()), "{call}");
    }
    assert!(!Path::new("/tmp/guichet-was-here").exists());
}

#[test]
fn who_waits_for_code_can_load_it_and_nothing_more() {
    for call in FORBIDDEN {
        assert_eq!(tries(&format!("loading.{call}")), Ended::Trap(REFUSED.to_owned()), "{call}");
    }
    for call in ["new-code", "page-to-code", "look", "keep-privileges"] {
        assert_eq!(tries(&format!("loading.{call}")), left_with(7), "{call}");
    }
    for call in ["open", "create", "list"].into_iter().filter(|_| landlock() >= 1) {
        assert_eq!(tries(&format!("loading.{call}")), refused(libc::EACCES), "{call}");
    }
}

#[test]
fn landlock_holds_before_the_filter_does() {
    for (call, since, error) in [
        ("open", 1, libc::EACCES),
        ("create", 1, libc::EACCES),
        ("list", 1, libc::EACCES),
        ("connect", 4, libc::EACCES),
        ("kill-parent", 6, libc::EPERM),
    ] {
        if landlock() >= since {
            assert_eq!(tries(&format!("begun.{call}")), refused(error), "{call}");
        }
    }
    // Its privileges are gone too, root's as well.
    assert_eq!(tries("begun.ptrace"), refused(libc::EPERM));
}

#[test]
fn memory_is_bounded_outside_webassembly_too() {
    let Ended::Trap(sentence) = tries("running.hoard") else { panic!("it was not stopped") };
    let pieces: usize = sentence.rsplit(' ').next().unwrap().parse().unwrap();
    let most = (PATIENT.memory_bytes >> 20) + 96;
    assert!((4..=most / 4).contains(&pieces), "{pieces} times 4 MiB of {most}");
    assert_snapshot!(tries("running.stack"), @"the app's logic crashed: its process was ended by signal 6");
}

#[test]
fn who_is_silent_is_ended_from_outside() {
    let (at_boot, at_event) = (Budget { boot_ms: 100, ..PATIENT }, Budget { event_ms: 100, ..PATIENT });
    for (attack, budget, ended) in [
        ("running.silence", at_boot, Ended::BootDeadline(100)),
        ("running.half", at_boot, Ended::BootDeadline(100)),
        ("event.silence", at_event, Ended::Deadline(100)),
    ] {
        let begun = Instant::now();
        assert_eq!(tries_within(attack, budget), ended, "{attack}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{attack}");
    }
}

#[test]
fn what_is_no_message_is_no_answer() {
    assert_snapshot!(tries("event.garbage"), @"the app's logic broke the contract with its host: its process sent more than an event may put out");
    assert_eq!(tries("event.long"), tries("event.garbage"));
    assert_snapshot!(tries("event.nothing"), @"the app's logic broke the contract with its host: its process sent what is no message");
    for attack in ["unknown", "count", "deep", "wide"] {
        assert_eq!(tries(&format!("event.{attack}")), tries("event.nothing"), "{attack}");
    }
    assert_snapshot!(tries("event.again"), @"the app's logic broke the contract with its host: its process spoke out of turn");
    assert_snapshot!(tries("event.call"), @"the app's logic broke the contract with its host: its process numbers its calls wrongly");
    assert_eq!(tries("event.calls"), tries("event.call"));
}

#[test]
fn a_process_that_dies_is_missed_at_once() {
    assert_snapshot!(tries("running.leave"), @"the app's logic crashed: its process left with code 3");
    assert_snapshot!(tries("event.abort"), @"the app's logic crashed: its process was ended by signal 6");
    // While nobody asks it anything.
    let engine = host("event.flood");
    let mut logic = start(&engine, PATIENT).unwrap();
    logic.check().unwrap();
    let (sender, ended) = mpsc::channel();
    logic.at_end(move || sender.send(()).unwrap());
    drop(logic);
    ended.recv_timeout(Duration::from_secs(60)).unwrap();
}

#[test]
fn who_computes_while_it_is_asked_nothing_is_ended() {
    let engine = host("event.restless");
    let mut logic = start(&engine, PATIENT).unwrap();
    let (sender, ended) = mpsc::channel();
    logic.at_end(move || sender.send(()).unwrap());
    assert_eq!(logic.handle(START_MS, launched()), Ok(vec![]));
    ended.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_snapshot!(logic.check().unwrap_err(), @"the app's logic crashed: its process went on computing while it was asked nothing");
    assert_eq!(logic.handle(START_MS, Event::Phase(Phase::Shown)), Err(logic.check().unwrap_err()));
}

#[test]
fn a_flood_waits_in_the_system_and_not_in_the_host() {
    let engine = host("event.flood");
    let mut logic = start(&engine, PATIENT).unwrap();
    // Each event finds an answer that nobody has asked for; the flood itself stands still.
    for _ in 0..100 {
        assert_eq!(logic.handle(START_MS, Event::Phase(Phase::Shown)), Ok(vec![]));
    }
}

#[test]
fn other_apps_answer_while_one_is_ended() {
    let busy = std::thread::spawn(|| tries_within("event.silence", Budget { event_ms: 1_000, ..PATIENT }));
    let mut honest = Session::launch(&rust());
    let mut answers = 0;
    while !busy.is_finished() {
        assert_eq!(honest.ask("from", serde_json::Value::Null).unwrap().unwrap(), 7);
        answers += 1;
    }
    assert_eq!(busy.join().unwrap(), Ended::Deadline(1_000));
    assert!(answers > 10, "only {answers} answers");
}

#[test]
fn a_program_that_cannot_start_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["guichet-logic", "guichet-compile"] {
        fs::write(folder.path().join(name), "no program").unwrap();
    }
    let walls = Walls::Two(Programs::in_folder(folder.path()).unwrap());
    let engine = Engine::new(EngineOptions { cache: None, walls }).unwrap();
    let ended = start(&engine, PATIENT).map(|_| "started").unwrap_err().to_string();
    let ended = ended.replace(&folder.path().display().to_string(), "FOLDER");
    assert_snapshot!(ended, @"the app's logic has no process to run in: FOLDER/guichet-compile: Permission denied (os error 13); hint: close other apps; if it stays so, install this host again");
    fs::remove_file(folder.path().join("guichet-logic")).unwrap();
    let missing = Programs::in_folder(folder.path()).unwrap_err().to_string();
    assert_snapshot!(missing.replace(&folder.path().display().to_string(), "FOLDER"), @"FOLDER/guichet-logic is missing; hint: install all programs of this host into one folder");
}

/// The bytes of memory that this process has held at most.
fn peak_bytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

/// Every bomb, one after another, in a process that does nothing else.
#[test]
#[ignore = "run by the test below, alone in its process"]
fn bombs() {
    let honest = host("none");
    start(&honest, PATIENT).unwrap();
    let before = peak_bytes();
    for attack in ["garbage", "long", "deep", "wide", "count", "hoard", "stack", "calls"] {
        tries(&format!("event.{attack}"));
    }
    for handler in ["hoard", "panic", "spin"] {
        let mut session = start_rust(&honest);
        let question = Event::Asked { id: 1, page: 1, name: handler.to_owned(), input: "null".to_owned() };
        session.handle(START_MS, launched()).unwrap();
        let _ = session.handle(START_MS, question);
    }
    let grown = peak_bytes() - before;
    println!("the host grew by {} KiB", grown >> 10);
    assert!(grown <= 64 << 20, "the host grew by {} MiB", grown >> 20);
}

fn start_rust(engine: &Engine) -> Logic {
    let program: Program = rust();
    engine.load(&program).unwrap().start(Budget::default()).unwrap()
}

#[test]
fn no_bomb_grows_the_host() {
    let this = std::env::current_exe().unwrap();
    let alone =
        std::process::Command::new(this).args(["--exact", "hostile::bombs", "--ignored", "--nocapture"]).output();
    let alone = alone.unwrap();
    assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stderr));
}
