//! A program whose lines are stamped when they arrive.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use guichet_journeys::until::until;
use rustix::process::{Pid, Signal, kill_process};

const DEADLINE: Duration = Duration::from_secs(60);

/// A running program that says what it does.
pub(crate) struct Spoken {
    child: Child,
    lines: Receiver<(Instant, String)>,
    /// When it was started.
    pub(crate) begun: Instant,
}

impl Spoken {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let begun = Instant::now();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let stdout = child.stdout.take().context("its output is a pipe")?;
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send((Instant::now(), line));
            }
        });
        Ok(Self { child, lines, begun })
    }

    /// Waits for a line that contains a text: when it came, and the line.
    pub(crate) fn line(&self, text: &str) -> Result<(Instant, String)> {
        loop {
            let said = self.lines.recv_timeout(DEADLINE);
            let (at, line) = said.with_context(|| format!("it does not say `{text}`"))?;
            if line.contains(text) {
                return Ok((at, line));
            }
        }
    }

    /// Gives it a line to read.
    pub(crate) fn tell(&mut self, line: &str) -> Result<()> {
        let stdin = self.child.stdin.as_mut().context("its input is a pipe")?;
        Ok(writeln!(stdin, "{line}")?)
    }

    /// Its process and all that it has started, itself or through others.
    pub(crate) fn processes(&self) -> Vec<u32> {
        let (mut all, mut parents) = (Vec::new(), vec![self.child.id()]);
        while let Some(parent) = parents.pop() {
            all.push(parent);
            for task in std::fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().filter_map(Result::ok) {
                let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
                parents.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
            }
        }
        all
    }

    /// How many processes draw pages.
    pub(crate) fn drawing(&self) -> usize {
        let name = |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        self.processes().iter().filter(|pid| name(pid).starts_with("WebKitWebProces")).count()
    }

    /// Ends it, and waits until all it has started are gone too.
    pub(crate) fn stop(mut self) -> Result<()> {
        let all = self.processes();
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM)?;
        }
        self.child.wait()?;
        let is_there = |pid: &u32| std::path::Path::new(&format!("/proc/{pid}")).exists();
        until("all its processes are gone", DEADLINE, || Ok((!all.iter().any(is_there)).then_some(())))
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
