//! Finds the script component, which is built for another target and embedded in this crate.

use std::{env, path::PathBuf};

fn main() {
    let guests = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../target/guests");
    let script = guests.join("script.wasm");
    println!("cargo::rerun-if-changed={}", script.display());
    if script.is_file() {
        println!("cargo::rustc-env=GUICHET_SCRIPT_WASM={}", script.display());
    } else {
        println!(
            "cargo::error=the script component is not built: {} is missing; hint: run `cargo xtask setup`",
            script.display()
        );
    }
}
