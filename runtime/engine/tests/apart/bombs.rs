//! Components made to cost whoever compiles them everything: the compiler's process is stopped at its limits, with a sentence
//! that says which, and its host goes on.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use guichet_engine::{Program, Wasm};
use insta::assert_snapshot;

use crate::{
    bytes::{leb, section},
    session::{Session, engine, rust},
};

/// A component of one module, with so many functions of this body; all of type `(i32) -> i32`.
fn component(functions: usize, body: &[u8]) -> Program {
    let types = [&leb(1)[..], &[0x60, 1, 0x7f, 1, 0x7f]].concat();
    let kinds = [leb(functions), vec![0; functions]].concat();
    let code = [leb(body.len()), body.to_vec()].concat();
    let code = [leb(functions), code.repeat(functions)].concat();
    let module = [b"\0asm\x01\0\0\0", &section(1, &types)[..], &section(3, &kinds), &section(10, &code)].concat();
    Program::Component(Wasm::new([b"\0asm\x0d\0\x01\0", &section(1, &module)[..]].concat()))
}

/// A component of functions whose values meet again and again: small to write down, long to find registers for.
fn tangle(functions: usize, locals: usize, turns: usize) -> Program {
    let turn = |turn: usize| {
        let (one, other) = (leb(1 + turn * 7 % locals), leb(1 + turn * 13 % locals));
        [&[0x20][..], &one, &[0x04, 0x40, 0x20], &other, &[0x20], &one, &[0x6a, 0x21], &other, &[0x0b]].concat()
    };
    let turns: Vec<u8> = (0..turns).flat_map(turn).collect();
    let sum: Vec<u8> = (1..=locals).flat_map(|local| [&[0x20][..], &leb(local), &[0x6a]].concat()).collect();
    let head = [&[1][..], &leb(locals), &[0x7f, 0x03, 0x40]].concat();
    component(functions, &[&head[..], &turns, &[0x20, 0, 0x0d, 0, 0x0b, 0x20, 0], &sum, &[0x0b]].concat())
}

/// What comes of loading it; and the host goes on.
fn ends(program: &Program) -> String {
    let ended = engine().load(program).map(|_| "it was compiled").unwrap_err();
    let mut honest = Session::launch(&rust());
    assert_eq!(honest.ask("from", serde_json::Value::Null).unwrap().unwrap(), 7);
    ended.to_string()
}

#[test]
fn a_component_that_takes_all_memory_to_compile_is_refused() {
    assert_snapshot!(ends(&tangle(1, 1_000, 20_000)), @"the app's logic cannot be compiled: compiling it takes more than 1024 MiB of memory; hint: split its largest functions, and build it for size and not for speed");
}

/// What the kernel says of each compiler this program has begun.
fn compilers() -> Vec<String> {
    let ours = format!("PPid:\t{}\n", std::process::id());
    let status = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("status")).ok();
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| status(entry.ok()?));
    all.filter(|status| status.starts_with("Name:\tguichet-compile\n") && status.contains(&ours)).collect()
}

/// So what a component makes of its compiler stays in there.
#[test]
fn who_compiles_is_behind_the_walls_of_whoever_runs() {
    let walls = ["CapEff:\t0000000000000000\n", "NoNewPrivs:\t1\n", "Seccomp:\t2\n"];
    let compiling = thread::spawn(|| engine().load(&tangle(1, 1_000, 20_000)).map(drop));
    let deadline = Instant::now() + Duration::from_secs(60);
    let is_walled = |status: &String| walls.iter().all(|wall| status.contains(wall));
    while !compilers().iter().any(is_walled) {
        assert!(!compiling.is_finished() && Instant::now() < deadline, "{:?}", compilers());
        thread::yield_now();
    }
    compiling.join().unwrap().unwrap_err();
}

#[test]
fn a_component_beyond_what_webassembly_allows_is_refused_at_once() {
    let locals = [&[1][..], &leb(50_001), &[0x7f, 0x20, 0, 0x0b]].concat();
    assert_snapshot!(ends(&component(1, &locals)), @"the app's logic cannot be loaded: Invalid input WebAssembly code at offset 35: too many locals: locals exceed maximum; hint: build it against the WIT world guichet:app/mini-app");
}

#[test]
#[ignore = "a minute of computing; run by cargo xtask test --full"]
fn a_component_that_takes_minutes_to_compile_is_refused() {
    assert_snapshot!(ends(&tangle(150, 300, 5_000)), @"the app's logic cannot be compiled: compiling it takes more than 60 s; hint: split its largest functions, and build it for size and not for speed");
}

#[test]
#[ignore = "the better part of a minute; run by cargo xtask test --full"]
fn a_million_functions_are_refused() {
    assert_snapshot!(ends(&component(1_000_000, &[0, 0x20, 0, 0x0b])), @"the app's logic cannot be compiled: compiling it takes more than 1024 MiB of memory; hint: split its largest functions, and build it for size and not for speed");
}
