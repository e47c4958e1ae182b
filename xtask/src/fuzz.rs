//! `cargo xtask fuzz`: random inputs, led by what they reach, for every reader of what strangers hand in.
//!
//! The targets lie in `runtime/package/fuzz`, outside the workspace, because every crate there is compiled with
//! counters. They are built once and run side by side; what they have found stays in `target/fuzz`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::shell;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to fuzz; everything, side by side, if nothing is named
    #[arg(value_enum)]
    targets: Vec<Target>,
    /// How long, in seconds of the clock
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// Every reader that is fuzzed.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Target {
    /// Addresses of pages and apps
    Address,
    /// The judgement of a package
    Container,
    /// Taking over a package of another tool
    Import,
    /// The manifest and its localization resources
    Manifest,
    /// The statement and the other signed documents
    Statement,
}

/// Counters in every branch, as libFuzzer reads them; all of these are known to the stable compiler.
const COUNTERS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";
/// The longest input, in bytes: a hostile package needs no more, and more is only slower.
const LONGEST: usize = 64 << 10;

impl Target {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The inputs that are known to be good, relative to the root.
    fn seeds(self) -> &'static [&'static str] {
        match self {
            Self::Address => &["runtime/package/fuzz/seeds/address"],
            Self::Container => &["fixtures/formats/v1/package.ma"],
            Self::Import => &["fixtures/formats/v1/package.ma", "runtime/package/fuzz/seeds/import"],
            Self::Manifest => &["runtime/package/fuzz/seeds/manifest", "samples/residence-permit/manifest.json"],
            Self::Statement => &[
                "fixtures/formats/v1/statement.json",
                "fixtures/formats/v1/seals.json",
                "fixtures/formats/v1/release.json",
                "fixtures/formats/v1/brake.json",
                "fixtures/formats/v1/publisher-keys.json",
                "fixtures/formats/v1/guichet.trust.json",
            ],
        }
    }
}

/// Fuzzes what was asked for.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let targets = if arguments.targets.is_empty() { Target::value_variants() } else { &arguments.targets };
    fuzz(root, targets, arguments.seconds)
}

/// Fuzzes everything side by side for this many seconds of the clock.
pub(crate) fn all(root: &Path, seconds: u64) -> Result<()> {
    fuzz(root, Target::value_variants(), seconds)
}

fn fuzz(root: &Path, targets: &[Target], seconds: u64) -> Result<()> {
    let programs = build(root)?;
    let mut running = Vec::new();
    for target in targets {
        running.push((*target, start(root, &programs, *target, seconds)?));
    }
    let mut failed = Vec::new();
    for (target, (mut child, log)) in running {
        let status = child.wait()?;
        let said = fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))?;
        let lines: Vec<&str> = said.lines().collect();
        if status.success() {
            println!("fuzz {}: {}", target.name(), lines.last().unwrap_or(&"nothing was said"));
        } else {
            eprintln!("{}", lines[lines.len().saturating_sub(40)..].join("\n"));
            failed.push(format!("{} ({})", target.name(), log.display()));
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!(
        "inputs were found that must not be: {}\n  hint: run the program of target/fuzz on the file it names",
        failed.join(", ")
    )
}

/// Builds the targets; a target of its own keeps the counters out of build scripts and macros.
pub(crate) fn build(root: &Path) -> Result<PathBuf> {
    let version = Command::new("rustc").arg("-vV").output().context("cannot start rustc")?;
    let version = String::from_utf8(version.stdout)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let folder = root.join("target/fuzz");
    let mut command = Command::new("cargo");
    command
        .args(["build", "--release", "--quiet", "--locked", "--bins", "--target", host, "--target-dir"])
        .arg(&folder)
        .arg("--manifest-path")
        .arg(root.join("runtime/package/fuzz/Cargo.toml"))
        .env("RUSTFLAGS", COUNTERS)
        .current_dir(root);
    shell::finish(&mut command)?;
    Ok(folder.join(host).join("release"))
}

/// Starts one target; its inputs are kept from run to run, and what it says goes into its log.
fn start(root: &Path, programs: &Path, target: Target, seconds: u64) -> Result<(Child, PathBuf)> {
    let name = target.name();
    let folder = root.join("target/fuzz");
    let found = folder.join("found").join(&name);
    let crashes = folder.join("crashes");
    for folder in [&found, &crashes] {
        fs::create_dir_all(folder)?;
    }
    plant(root, target, &found)?;
    let log = folder.join(format!("{name}.log"));
    let child = Command::new(programs.join(&name))
        .arg(&found)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={LONGEST}"))
        .args(["-timeout=10", "-rss_limit_mb=512", "-print_final_stats=0", "-verbosity=1"])
        .arg(format!("-artifact_prefix={}/{name}-", crashes.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&log)?)
        .spawn()
        .with_context(|| format!("cannot start the target {name}"))?;
    Ok((child, log))
}

/// Lays the seeds into the folder of inputs.
fn plant(root: &Path, target: Target, found: &Path) -> Result<()> {
    for (number, seed) in target.seeds().iter().enumerate() {
        let seed = root.join(seed);
        let files = if seed.is_dir() {
            fs::read_dir(&seed)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?
        } else {
            vec![seed]
        };
        for file in files {
            let name = file.file_name().context("a seed has a name")?.to_string_lossy().into_owned();
            fs::copy(&file, found.join(format!("seed-{number}-{name}")))
                .with_context(|| format!("no seed {}", file.display()))?;
        }
    }
    Ok(())
}
