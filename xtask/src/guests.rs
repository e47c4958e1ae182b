//! `cargo xtask guests`: the WebAssembly guests, built into target/guests when their inputs have changed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::shell;

const TARGET: &str = "wasm32-unknown-unknown";

/// One guest: a crate outside the workspace, and everything that it is made of.
struct Guest {
    /// The crate's folder.
    folder: &'static str,
    /// What cargo calls the result.
    artifact: &'static str,
    /// What it is called in target/guests.
    name: &'static str,
    /// Folders besides its own.
    inputs: &'static [&'static str],
    /// Where a package of ours needs it too.
    beside: Option<&'static str>,
}

const GUESTS: &[Guest] = &[
    Guest {
        folder: "runtime/script",
        artifact: "script.wasm",
        name: "script.wasm",
        inputs: &["host-apis/wit"],
        beside: None,
    },
    Guest {
        folder: "runtime/engine/tests/guests",
        artifact: "test_guest.wasm",
        name: "test_guest.wasm",
        inputs: &["host-apis/wit", "host-apis/guest", "host-apis/examples"],
        beside: None,
    },
    Guest {
        folder: "samples/benefit-estimator",
        artifact: "benefit_estimator.wasm",
        name: "benefit-estimator.wasm",
        inputs: &["host-apis/wit", "host-apis/guest"],
        beside: Some("samples/benefit-estimator/logic.wasm"),
    },
];

/// Builds every guest whose inputs have changed since it was last built.
pub(crate) fn build(root: &Path) -> Result<()> {
    let guests = root.join("target/guests");
    fs::create_dir_all(&guests).context("cannot create target/guests")?;
    let mut compiler = None;
    for guest in GUESTS.iter().filter(|guest| root.join(guest.folder).join("Cargo.toml").is_file()) {
        let digest = digest(root, guest)?;
        let (built, stamp) = (guests.join(guest.name), guests.join(format!("{}.inputs", guest.name)));
        let beside = guest.beside.map(|path| root.join(path));
        let is_there = built.is_file() && beside.as_ref().is_none_or(|path| path.is_file());
        if is_there && fs::read_to_string(&stamp).is_ok_and(|old| old == digest) {
            continue;
        }
        if compiler.is_none() {
            compiler = Some(Compiler::find(root)?);
        }
        let Some(compiler) = &compiler else { bail!("there is no compiler for {TARGET}") };
        println!("building {}", guest.name);
        compiler.build(root, guest)?;
        let artifact = root.join("target/guests-build").join(TARGET).join("release").join(guest.artifact);
        copy(&artifact, &built)?;
        if let Some(beside) = beside {
            copy(&artifact, &beside)?;
        }
        fs::write(&stamp, digest).with_context(|| format!("cannot write {}", stamp.display()))?;
    }
    Ok(())
}

/// Which compiler makes guests.
enum Compiler {
    /// The one in use, whose target is installed.
    Installed,
    /// One made of Debian packages, because the target could not be installed.
    Made(PathBuf),
}

impl Compiler {
    fn find(root: &Path) -> Result<Self> {
        let toolchain = root.join("target/guest-toolchain");
        let made = toolchain.join("rustc");
        // The library comes last, so a toolchain that was only half made is made again.
        if made.is_file() && toolchain.join("usr/lib/rustlib").join(TARGET).join("lib").is_dir() {
            return Ok(Self::Made(made));
        }
        if has_target() || install_target() {
            return Ok(Self::Installed);
        }
        println!(
            "rustup cannot install {TARGET} here; making a compiler from Debian packages instead (about a minute)"
        );
        let script = root.join("xtask/guest-toolchain.sh");
        shell::finish(Command::new("sh").arg(script).arg(&toolchain)).context(
            "no compiler for the guests\n  hint: `rustup target add wasm32-unknown-unknown`, or run this on Debian 12",
        )?;
        Ok(Self::Made(made))
    }

    fn build(&self, root: &Path, guest: &Guest) -> Result<()> {
        // cargo itself may have started us; what it set for the workspace is not for guests.
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--locked", "--target", TARGET]).current_dir(root.join(guest.folder));
        cargo.env("CARGO_TARGET_DIR", root.join("target/guests-build"));
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env_remove("RUSTC_WRAPPER");
        if let Self::Made(rustc) = self {
            cargo.env("RUSTC", rustc);
        }
        if env::var_os("CC_wasm32_unknown_unknown").is_none() && shell::has_program("clang-19") {
            cargo.env("CC_wasm32_unknown_unknown", "clang-19").env("AR_wasm32_unknown_unknown", "llvm-ar-19");
        }
        shell::finish(&mut cargo).with_context(|| format!("{} was not built", guest.name))
    }
}

fn has_target() -> bool {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output();
    sysroot.is_ok_and(|output| {
        let sysroot = String::from_utf8_lossy(&output.stdout);
        Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib").is_dir()
    })
}

fn install_target() -> bool {
    Command::new("rustup").args(["target", "add", TARGET]).status().is_ok_and(|status| status.success()) && has_target()
}

/// A digest over the names and bytes of everything that a guest is made of.
fn digest(root: &Path, guest: &Guest) -> Result<String> {
    let mut files = Vec::new();
    for folder in [guest.folder].iter().chain(guest.inputs) {
        list(&root.join(folder), &mut files)?;
    }
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        digest.update(file.strip_prefix(root).unwrap_or(&file).to_string_lossy().as_bytes());
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    }
    Ok(hex::encode(digest.finalize()))
}

/// Sources only: no build products, no documents, no JavaScript apps of tests.
fn list(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            let is_input = match name.as_str() {
                "target" | "node_modules" | "dist" | "pages" | "i18n" => false,
                "js" => !folder.ends_with("guests"),
                _ => true,
            };
            if is_input {
                list(&path, into)?;
            }
        } else if ["rs", "toml", "lock", "wit", "js"].iter().any(|end| name.ends_with(&format!(".{end}"))) {
            into.push(path);
        }
    }
    Ok(())
}

/// Puts a file in place at once, so that nobody reads half of it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let part = to.with_extension("part");
    fs::copy(from, &part).with_context(|| format!("cannot copy {}", from.display()))?;
    fs::rename(&part, to).with_context(|| format!("cannot write {}", to.display()))
}
