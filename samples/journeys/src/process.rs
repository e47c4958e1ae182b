//! Programs of ours that run beside a journey and never outlive it.

use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::until::until;

/// The folder of the programs that were built together with this one.
pub fn programs() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let mut folder = own.parent().context("a program lies in a folder")?;
    if folder.ends_with("deps") {
        folder = folder.parent().context("deps lies in a folder")?;
    }
    Ok(folder.to_owned())
}

/// One of our programs, ready for arguments.
pub fn program(name: &str) -> Result<Command> {
    let path = programs()?.join(name);
    if !path.is_file() {
        bail!("{} is not built\n  hint: cargo build --workspace", path.display());
    }
    Ok(Command::new(path))
}

/// What a finished program said.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// Runs a program to its end.
pub fn run(command: &mut Command) -> Result<Finished> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {command:?}"))?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok(Finished { status: output.status, stdout: text(&output.stdout), stderr: text(&output.stderr) })
}

/// Runs a program that must succeed, and gives its standard output.
pub fn must(command: &mut Command) -> Result<String> {
    let finished = run(command)?;
    if !finished.status.success() {
        bail!("{command:?} ended with {}\n{}{}", finished.status, finished.stdout, finished.stderr);
    }
    Ok(finished.stdout)
}

/// A program that runs until it is stopped or dropped.
pub struct Running {
    name: String,
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Running {
    /// Starts it and begins to listen to what it says.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let lines = Arc::new(Mutex::new(Vec::new()));
        if let Some(stdout) = child.stdout.take() {
            listen(stdout, lines.clone());
        }
        if let Some(stderr) = child.stderr.take() {
            listen(stderr, lines.clone());
        }
        Ok(Self { name: name.to_owned(), child, lines })
    }

    /// Waits for a line that contains a text, and gives the line.
    pub fn line(&mut self, text: &str, deadline: Duration) -> Result<String> {
        self.line_that(&format!("says `{text}`"), deadline, |line| line.contains(text))
    }

    /// Waits for a line of a certain kind, and gives it.
    pub fn line_that(&mut self, what: &str, deadline: Duration, is_it: impl Fn(&str) -> bool) -> Result<String> {
        let lines = self.lines.clone();
        let child = &mut self.child;
        let seen = until(&format!("{} {what}", self.name), deadline, || {
            let ended = child.try_wait()?;
            let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            match (lines.iter().find(|line| is_it(line)), ended) {
                (Some(line), _) => Ok(Some(line.clone())),
                (None, Some(status)) => bail!("it ended with {status}"),
                (None, None) => Ok(None),
            }
        });
        seen.with_context(|| format!("{} said:\n{}", self.name, self.said()))
    }

    /// All it has said so far.
    pub fn said(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Asks it to end and waits; after ten seconds it is killed.
    pub fn stop(mut self) -> Result<()> {
        self.end()
    }

    /// Waits until it ends by itself, however long that takes.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Waits until it ends by itself, but no longer than this.
    pub fn wait_until(&mut self, deadline: Duration) -> Result<ExitStatus> {
        let child = &mut self.child;
        let ended = until(&format!("{} ends", self.name), deadline, || Ok(child.try_wait()?));
        ended.with_context(|| format!("{} said:\n{}", self.name, self.said()))
    }

    /// How many lines it has said so far.
    pub fn heard(&self) -> usize {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Waits for a line of a certain kind after the first `heard` ones.
    pub fn line_since(&mut self, heard: usize, text: &str, deadline: Duration) -> Result<()> {
        let (lines, child) = (self.lines.clone(), &mut self.child);
        let seen = until(&format!("{} says `{text}` again", self.name), deadline, || {
            let ended = child.try_wait()?;
            let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            match (lines.iter().skip(heard).any(|line| line.contains(text)), ended) {
                (true, _) => Ok(Some(())),
                (false, Some(status)) => bail!("it ended with {status}"),
                (false, None) => Ok(None),
            }
        });
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        seen.with_context(|| {
            format!("{} said since:\n{}", self.name, lines.get(heard..).unwrap_or_default().join("\n"))
        })
    }

    /// Its process and all that it has started, itself or through others.
    pub fn processes(&self) -> Vec<u32> {
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

    /// How many processes of this name it has started, itself or through others.
    pub fn descendants(&self, name: &str) -> Result<usize> {
        Ok(self.named(name).len())
    }

    /// The numbers of the programs of that name that it and its own have started.
    pub fn named(&self, name: &str) -> Vec<u32> {
        // The kernel keeps the first 15 bytes of a name.
        let name = name.get(..15).unwrap_or(name);
        let is_it =
            |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim_end() == name);
        self.processes().into_iter().filter(is_it).collect()
    }

    /// Ends it and waits until the programs it has started itself are gone too; what does not go is killed.
    pub fn stop_with_children(self) -> Result<()> {
        let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.child.id()))?;
        let children: Vec<i32> = children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect();
        self.stop()?;
        for child in children {
            let gone =
                until(
                    "a program's own programs are gone",
                    Duration::from_secs(10),
                    || Ok(is_gone(child).then_some(())),
                );
            if let (Err(_), Some(pid)) = (gone, Pid::from_raw(child)) {
                kill_process(pid, Signal::KILL)?;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM)?;
        }
        let ended = until("it ends", Duration::from_secs(10), || Ok(self.child.try_wait()?));
        if ended.is_err() {
            self.child.kill()?;
            self.child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("{} could not be stopped: {error:#}", self.name);
        }
    }
}

/// Whether a process has ended, even if nobody has taken note of it yet.
fn is_gone(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.map_or(true, |stat| stat.rsplit_once(')').is_some_and(|(_, state)| state.trim_start().starts_with('Z')))
}

fn listen(stream: impl Read + Send + 'static, lines: Arc<Mutex<Vec<String>>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    });
}
