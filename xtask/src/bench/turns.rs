//! Running programs in turns, so that what else the machine does falls on all of them alike.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Runs each command once a round, each round beginning with the next, and returns the times of each command by round.
/// The first rounds warm the page cache and do not count.
pub(super) fn time(commands: &mut [Command], rounds: usize) -> Result<Vec<Vec<Duration>>> {
    const WARM: usize = 3;
    let mut times = vec![Vec::new(); commands.len()];
    for round in 0..WARM + rounds {
        for turn in 0..commands.len() {
            let index = (round + turn) % commands.len();
            let took = one(&mut commands[index])?;
            if round >= WARM {
                times[index].push(took);
            }
        }
    }
    Ok(times)
}

/// One process from start to exit.
fn one(command: &mut Command) -> Result<Duration> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let begun = Instant::now();
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    let took = begun.elapsed();
    if !status.success() {
        bail!("failed ({status}): {command:?}");
    }
    Ok(took)
}

/// The ratio of two commands, round by round.
pub(super) fn ratios(ours: &[Duration], peer: &[Duration]) -> Vec<f64> {
    ours.iter().zip(peer).map(|(ours, peer)| ours.as_secs_f64() / peer.as_secs_f64()).collect()
}

/// The most memory a program held at once, in MiB, as GNU `time` counts it.
pub(super) fn peak_memory(program: &Command) -> Result<f64> {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M"])
        .arg(program.get_program())
        .args(program.get_args())
        .stdout(Stdio::null())
        .output()
        .context("cannot start /usr/bin/time; install the package `time`")?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("failed ({}): {program:?}: {text}", output.status);
    }
    let kibibytes: f64 = text.trim().parse().with_context(|| format!("not a number of KiB: {text}"))?;
    Ok(kibibytes / 1024.0)
}
