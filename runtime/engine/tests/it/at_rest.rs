//! The script component keeps all of its state in one memory: what images rest on, looked for in every instruction.

use std::{fs, path::Path};

use wasmparser::{Encoding, Operator, Parser, Payload, TypeRef};

#[test]
fn the_script_component_keeps_everything_in_one_memory() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/guests/script.wasm");
    assert_eq!(outside_of_memory(&fs::read(path).unwrap()), Vec::<String>::new());
}

/// Everything a component does that an image of its memory would not hold.
fn outside_of_memory(wasm: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut memories = 0;
    let mut globals_set = Vec::new();
    let mut module = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            Payload::Version { encoding: Encoding::Module, .. } => module += 1,
            Payload::MemorySection(section) => memories += section.count(),
            Payload::StartSection { .. } => found.push(format!("module {module} has a start function")),
            Payload::ImportSection(section) => {
                let is_global = |ty: &TypeRef| matches!(ty, TypeRef::Global(global) if global.mutable);
                for import in section.into_imports() {
                    if is_global(&import.unwrap().ty) {
                        found.push(format!("module {module} imports a mutable global"));
                    }
                }
            }
            Payload::ComponentTypeSection(section) => {
                for ty in section {
                    if matches!(ty.unwrap(), wasmparser::ComponentType::Resource { .. }) {
                        found.push("a resource is defined".to_owned());
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader().unwrap() {
                    match operator.unwrap() {
                        Operator::GlobalSet { global_index } if !globals_set.contains(&(module, global_index)) => {
                            globals_set.push((module, global_index));
                        }
                        operator @ (Operator::TableSet { .. }
                        | Operator::TableGrow { .. }
                        | Operator::TableFill { .. }
                        | Operator::TableCopy { .. }
                        | Operator::TableInit { .. }
                        | Operator::ElemDrop { .. }
                        | Operator::DataDrop { .. }
                        | Operator::MemoryInit { .. }) => found.push(format!("module {module} uses {operator:?}")),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    if memories != 1 {
        found.push(format!("there are {memories} memories"));
    }
    if globals_set.len() > 1 {
        found.push(format!("more than the stack pointer is set: {globals_set:?}"));
    }
    found
}

/// Controls: the search can find.
#[test]
fn what_lies_outside_of_memory_is_found() {
    // (module (table 1 funcref) (memory 1) (memory 1) (global (mut i32) ..) x2 (func i32.const 0 global.set 0
    //   i32.const 0 global.set 1 i32.const 0 ref.null func table.set 0) (start 0))
    let module: &[u8] = &[
        0, b'a', b's', b'm', 1, 0, 0, 0, // module
        1, 4, 1, 0x60, 0, 0, // type
        3, 2, 1, 0, // function
        4, 4, 1, 0x70, 0, 1, // table
        5, 5, 2, 0, 1, 0, 1, // memories
        6, 11, 2, 0x7f, 1, 0x41, 0, 0x0b, 0x7f, 1, 0x41, 0, 0x0b, // globals
        8, 1, 0, // start
        10, 18, 1, 16, 0, // code
        0x41, 0, 0x24, 0, 0x41, 0, 0x24, 1, 0x41, 0, 0xd0, 0x70, 0x26, 0, 0x0b,
    ];
    assert_eq!(
        outside_of_memory(module),
        [
            "module 1 has a start function",
            "module 1 uses TableSet { table: 0 }",
            "there are 2 memories",
            "more than the stack pointer is set: [(1, 0), (1, 1)]"
        ]
    );
}
