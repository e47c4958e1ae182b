//! What an instance may have of each thing that is counted: just so many, and not one more.

use guichet_engine::{Ended, Program, Wasm};

use crate::{
    bytes::section,
    session::{PATIENT, engine},
};

const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// A number with its sign as WebAssembly writes it, in three bytes.
fn signed(number: u32) -> [u8; 3] {
    let low = |shift: u32| (number >> shift & 0x7f) as u8;
    [0x80 | low(0), 0x80 | low(7), low(14)]
}

/// The code section of a module with one function of its own.
fn code(body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).unwrap();
    section(10, &[&[1, length], body].concat())
}

/// What becomes of a component that exports no logic: `Contract` if its start function came to its end.
fn ends(component: Vec<u8>) -> Ended {
    let program = engine().load(&Program::Component(Wasm::new(component))).unwrap();
    program.start(PATIENT).map(drop).unwrap_err()
}

/// Its start function lets a table grow by so many at once, and traps if it could.
fn grows_a_table(elements: u32) -> Vec<u8> {
    let grow = [&[0, 0xd0, 0x70, 0x41][..], &signed(elements), &[0xfc, 0x0f, 0, 0x41, 0x7f, 0x47]].concat();
    let body = [&grow[..], &[0x04, 0x40, 0x00, 0x0b, 0x0b]].concat();
    let sections = [section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(4, &[1, 0x70, 0, 0]), section(8, &[0])];
    let module = [MODULE, &sections.concat(), &code(&body)].concat();
    [COMPONENT, &section(1, &module), &section(2, &[1, 0, 0, 0])].concat()
}

/// Its start function makes so many handles of a resource of its own, and keeps them.
fn makes_handles(handles: u32) -> Vec<u8> {
    let once = [0x41, 0, 0x10, 0, 0x1a, 0x20, 0, 0x41, 1, 0x6a, 0x22, 0, 0x41];
    let body = [&[1, 1, 0x7f, 0x03, 0x40][..], &once, &signed(handles), &[0x49, 0x0d, 0, 0x0b, 0x0b]].concat();
    let types = section(1, &[2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0]);
    let import = section(2, &[&[1, 0, 3][..], b"new", &[0, 0]].concat());
    let module = [MODULE, &types, &import, &section(3, &[1, 1]), &section(8, &[1]), &code(&body)].concat();
    let resource = section(7, &[1, 0x3f, 0x7f, 0]);
    let new = section(8, &[1, 0x02, 0]);
    let exports = [&[1, 1, 3][..], b"new", &[0, 0]].concat();
    let instances = section(2, &[&[2][..], &exports, &[0, 0, 1, 0, 0x12, 0]].concat());
    [COMPONENT, &resource, &new, &section(1, &module), &instances].concat()
}

#[test]
fn a_table_ends_at_a_bound() {
    assert!(matches!(ends(grows_a_table(1 << 16)), Ended::Trap(_)), "it could grow");
    let ended = ends(grows_a_table((1 << 16) + 1));
    assert!(matches!(ended, Ended::Compile(_)), "{ended:?}");
}

#[test]
fn handles_end_at_a_bound() {
    let ended = ends(makes_handles(4096));
    assert!(matches!(ended, Ended::Compile(_)), "{ended:?}");
    insta::assert_snapshot!(ends(makes_handles(4097)), @"the app's logic broke the contract with its host: cannot allocate another handle: store handle limit exceeded");
}
