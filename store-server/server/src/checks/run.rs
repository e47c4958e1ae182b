//! Running the process of a check: fed, listened to, and ended when its time is up.

use std::{
    io::{Read, Write as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

use super::{task::MOST_ANSWER, waits::Waits};
use crate::{blobs::Failure, error::StoreError};

/// How often to look whether the server is being stopped.
const LOOK: Duration = Duration::from_millis(100);
/// Bytes of what a broken process says about it.
const MOST_SAID: u64 = 4 << 10;

/// A process that came to its end.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) status: ExitStatus,
    pub(super) answer: Vec<u8>,
    pub(super) said: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broke {
    #[error("the process did not start: {0}")]
    Start(std::io::Error),
    #[error("it took longer than {} s", .0.as_secs())]
    Late(Duration),
    #[error("the store was stopped")]
    Stopped,
    #[error("that it begins could not be kept: {0}")]
    NotBegun(StoreError),
    #[error("the package cannot be had now: {place}: {source}")]
    NoPackage {
        /// Which object of the bucket; for whoever runs the store, and nobody else.
        place: String,
        source: Failure,
    },
    #[error("the package of the release before cannot be had now: {place}: {source}")]
    NoPackageBefore {
        /// The same.
        place: String,
        source: Failure,
    },
    #[error("it answered too much")]
    Much,
    #[error("it ended early ({status}): {said}")]
    Early { status: ExitStatus, said: String },
    #[error("its answer is not one: {0}")]
    NoAnswer(String),
}

impl From<StoreError> for Broke {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Bucket { place, source, .. } | StoreError::Package { place, source } => {
                Self::NoPackage { place, source }
            }
            StoreError::PackageBefore { place, source } => Self::NoPackageBefore { place, source },
            error => Self::NoAnswer(error.to_string()),
        }
    }
}

impl Broke {
    /// What it waits for, if it has only to be tried again.
    pub(super) fn waits(&self) -> Option<Waits> {
        match self {
            Self::NoPackage { source, .. } => Some(Waits::for_it(source)),
            Self::NoPackageBefore { source, .. } => Some(Waits::for_the_one_before(source)),
            _ => None,
        }
    }
}

/// This program as another process, which is told nothing but its words.
pub(super) fn process(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8").current_dir("/");
    command
}

/// Runs a process to its end, for at most so long.
pub(super) fn run(mut command: Command, input: Vec<u8>, most: Duration, stop: &AtomicBool) -> Result<Ran, Broke> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().map_err(Broke::Start)?;
    let group = Pid::from_child(&child);
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (tell, ended) = channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            // One that does not listen says so by how it ends.
            let _ = stdin.map(|mut stdin| stdin.write_all(&input));
        });
        let answer = scope.spawn(move || read(stdout, MOST_ANSWER + 1));
        let said = scope.spawn(move || read(stderr, MOST_SAID));
        scope.spawn(move || {
            // Whoever waits may have given up.
            let _ = tell.send(child.wait());
        });
        let status = wait(&ended, group, most, stop);
        // What it left behind would keep its output open.
        let _ = kill_process_group(group, Signal::KILL);
        let answer = answer.join().unwrap_or_default();
        let said = String::from_utf8_lossy(&said.join().unwrap_or_default()).trim().to_owned();
        let status = status?;
        if answer.len() as u64 > MOST_ANSWER {
            return Err(Broke::Much);
        }
        Ok(Ran { status, answer, said })
    })
}

fn read(from: Option<impl Read>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What was read until it broke is what there is.
        let _ = from.take(most).read_to_end(&mut bytes);
    }
    bytes
}

fn wait(
    ended: &Receiver<std::io::Result<ExitStatus>>,
    group: Pid,
    most: Duration,
    stop: &AtomicBool,
) -> Result<ExitStatus, Broke> {
    let begun = Instant::now();
    loop {
        let why = match ended.recv_timeout(LOOK) {
            Ok(status) => return status.map_err(Broke::Start),
            Err(RecvTimeoutError::Disconnected) => return Err(Broke::Stopped),
            Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => Broke::Stopped,
            Err(RecvTimeoutError::Timeout) if begun.elapsed() > most => Broke::Late(most),
            Err(RecvTimeoutError::Timeout) => continue,
        };
        // It is gone already, or is now.
        let _ = kill_process_group(group, Signal::KILL);
        return Err(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = process(Path::new("/bin/sh"));
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_process_is_fed_and_listened_to_and_ends_with_its_time_or_the_server() {
        let (going, stopped) = (AtomicBool::new(false), AtomicBool::new(true));
        let long = Duration::from_secs(60);
        let ran = run(shell("cat; echo no >&2; exit 3"), b"fed".to_vec(), long, &going).unwrap();
        assert_eq!((ran.status.code(), ran.answer, ran.said), (Some(3), b"fed".to_vec(), "no".to_owned()));
        let late = run(shell("sleep 600 & sleep 600"), Vec::new(), Duration::ZERO, &going).unwrap_err();
        assert!(matches!(late, Broke::Late(_)), "{late}");
        let told = run(shell("sleep 600"), Vec::new(), long, &stopped).unwrap_err();
        assert!(matches!(told, Broke::Stopped), "{told}");
        let much = run(shell("exec cat /dev/zero"), Vec::new(), long, &going).unwrap_err();
        assert!(matches!(much, Broke::Much), "{much}");
    }
}
