//! Components that attack whoever compiles or starts them, byte by byte, so that no compiler has to be there.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The logic of an attack that is a component.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Logic {
    /// The engine's test guest, which has handlers for attacks.
    Guest,
    /// Its start function lets a table grow for ever.
    Tables,
    /// It begins with a table of 2³² - 1 entries.
    VastTable,
    /// It has a million functions.
    Functions,
}

impl Logic {
    /// The component.
    pub(crate) fn bytes(self) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Guest => {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/guests/test_guest.wasm");
                fs::read(&path).with_context(|| format!("{}: `cargo xtask setup` builds it", path.display()))?
            }
            // loop; ref.null func; i32.const 1000; table.grow 0; drop; br 0; end
            Self::Tables => component(&[
                (TABLE, &[1, 0x70, 0, 0]),
                (START, &[0]),
                (CODE, &[1, 16, 0, 0x03, 0x40, 0xd0, 0x70, 0x41, 0xe8, 0x07, 0xfc, 0x0f, 0, 0x1a, 0x0c, 0, 0x0b, 0x0b]),
            ]),
            Self::VastTable => {
                component(&[(TABLE, &[1, 0x70, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]), (CODE, &[1, 2, 0, 0x0b])])
            }
            Self::Functions => functions(1_000_000),
        })
    }
}

const TYPE: u8 = 1;
const FUNCTION: u8 = 3;
const TABLE: u8 = 4;
const START: u8 = 8;
const CODE: u8 = 10;

/// A component that makes an instance of one module, whose function 0 takes and gives nothing.
fn component(sections: &[(u8, &[u8])]) -> Vec<u8> {
    let first = [(TYPE, &[1, 0x60, 0, 0][..]), (FUNCTION, &[1, 0])];
    let sections = first.iter().chain(sections).flat_map(|(id, content)| section(*id, content));
    let module: Vec<u8> = b"\0asm\x01\0\0\0".iter().copied().chain(sections).collect();
    // Core module, and a core instance of it that is given nothing.
    [b"\0asm\x0d\0\x01\0", &section(1, &module)[..], &section(2, &[1, 0, 0, 0])].concat()
}

/// A component with so many functions that do nothing.
fn functions(number: usize) -> Vec<u8> {
    let kinds = [leb(number), vec![0; number]].concat();
    let code = [leb(number), [2, 0, 0x0b].repeat(number)].concat();
    let sections = [section(TYPE, &[1, 0x60, 0, 0]), section(FUNCTION, &kinds), section(CODE, &code)].concat();
    let module = [b"\0asm\x01\0\0\0", &sections[..]].concat();
    [b"\0asm\x0d\0\x01\0", &section(1, &module)[..]].concat()
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], leb(content.len()).as_slice(), content].concat()
}

/// A number as WebAssembly writes it (LEB128).
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
