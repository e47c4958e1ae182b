//! The bound on the memory of what draws pages, held from outside: a page may be busy, or its process no longer ours.
//!
//! What the first thread of this program has started is WebKit's: a tree of processes for each app's pages. What runs apps'
//! logic is started by another thread, and has bounds of its own.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use guichet_host::Problem;
use rustix::process::{Pid, Signal, kill_process};

use crate::memory;

/// Most memory that the pages of one app may take, in KiB.
const MOST_KIB: u64 = 1 << 20;

/// And no more than this part of all there is.
const PART: u64 = 4;

/// The fastest that a page is expected to take memory, in KiB per second.
const FASTEST_KIB: u64 = 4 << 20;

/// Bounds of the time between two looks.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(500));

/// How long after a process was ended its view may still say so.
const ECHO: Duration = Duration::from_secs(5);

/// What [`harden::watch`](crate::view) says of a process that has ended, however it did.
const CRASHED: &str = "page/crashed";

/// The thread that looks; it ends with this.
pub(crate) struct Bound {
    most_kib: u64,
    ended: Arc<Mutex<Option<Instant>>>,
    _until_dropped: Sender<()>,
}

impl Bound {
    /// Starts to look. To be called by the thread that makes the views, which is the first.
    pub(crate) fn hold() -> io::Result<Self> {
        let most_kib = memory::total_kib().map_or(MOST_KIB, most_kib);
        let ended = Arc::<Mutex<Option<Instant>>>::default();
        let (noted, (until_dropped, dropped)) = (Arc::clone(&ended), channel::<()>());
        thread::Builder::new().name("bound".to_owned()).spawn(move || {
            let mut pause = PAUSES.0;
            while dropped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                pause = pause_before(look(most_kib, &noted), most_kib);
            }
        })?;
        Ok(Self { most_kib, ended, _until_dropped: until_dropped })
    }

    /// The same problem, or the true one if a process has ended because it was ended for its memory.
    pub(crate) fn explain(&self, problem: Problem, now: Instant) -> Problem {
        let ended = *self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ours = ended.is_some_and(|ended| now.saturating_duration_since(ended) < ECHO);
        if problem.class == CRASHED && is_ours { took_too_much(self.most_kib) } else { problem }
    }
}

/// Ends the trees that take too much; says how much the largest of the others takes, in KiB.
fn look(most_kib: u64, ended: &Mutex<Option<Instant>>) -> u64 {
    let first = std::process::id();
    let mut largest = 0;
    for root in children(first, first) {
        let tree = tree(root);
        let taken: u64 = tree.iter().filter_map(|process| taken_kib(&read(*process, "status")?)).sum();
        if taken <= most_kib {
            largest = largest.max(taken);
            continue;
        }
        tracing::warn!(root, taken_kib = taken, most_kib, "what draws a page took too much memory and is ended");
        *ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        // From the leaves up: the sandbox around it ends with it, and is not there to be asked any more.
        for process in tree.into_iter().rev() {
            let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
            if let Some(Err(error)) = pid.map(|pid| kill_process(pid, Signal::KILL)) {
                tracing::debug!(process, %error, "it had ended already");
            }
        }
    }
    largest
}

fn most_kib(total_kib: u64) -> u64 {
    MOST_KIB.min(total_kib / PART)
}

/// Looks sooner the less there is left of what the largest may take.
fn pause_before(largest_kib: u64, most_kib: u64) -> Duration {
    let left = most_kib.saturating_sub(largest_kib);
    Duration::from_millis(left.saturating_mul(1000) / FASTEST_KIB).clamp(PAUSES.0, PAUSES.1)
}

fn took_too_much(most_kib: u64) -> Problem {
    Problem {
        class: "page/memory",
        what: format!("the pages took more than {} MiB of memory", most_kib >> 10),
        place: None,
        hint: "open it again; its department has to correct it".to_owned(),
    }
}

/// A process and all below it, parents first.
fn tree(root: u32) -> Vec<u32> {
    let mut all = vec![root];
    let mut at = 0;
    while let Some(parent) = all.get(at).copied() {
        at += 1;
        for task in std::fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten() {
            let task = task.file_name().to_str().and_then(|task| task.parse().ok());
            all.extend(task.into_iter().flat_map(|task| children(parent, task)));
        }
    }
    all
}

/// What a thread of a process has started and not yet seen end.
fn children(process: u32, task: u32) -> Vec<u32> {
    let children = read(process, &format!("task/{task}/children")).unwrap_or_default();
    children.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

fn read(process: u32, what: &str) -> Option<String> {
    std::fs::read_to_string(format!("/proc/{process}/{what}")).ok()
}

/// Memory of a process that belongs to no file, in KiB, wherever it lies.
fn taken_kib(status: &str) -> Option<u64> {
    let kib = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches("kB").trim().parse().ok()
    };
    Some(kib("RssAnon:")? + kib("RssShmem:").unwrap_or_default() + kib("VmSwap:").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crashed() -> Problem {
        Problem { class: CRASHED, what: "Crashed".to_owned(), place: None, hint: String::new() }
    }

    fn bound(ended: Option<Instant>) -> Bound {
        Bound { most_kib: MOST_KIB, ended: Arc::new(Mutex::new(ended)), _until_dropped: channel().0 }
    }

    #[test]
    fn a_page_that_was_ended_for_its_memory_is_said_to_be() {
        let now = Instant::now();
        let problem = bound(Some(now)).explain(crashed(), now + Duration::from_secs(1));
        insta::assert_snapshot!(format!("error[{}]: {}\nhint: {}", problem.class, problem.what, problem.hint), @r"
        error[page/memory]: the pages took more than 1024 MiB of memory
        hint: open it again; its department has to correct it
        ");
        let other = Problem { class: "page/deadline", ..crashed() };
        assert_eq!(bound(Some(now)).explain(other, now).class, "page/deadline");
        assert_eq!(bound(None).explain(crashed(), now).class, CRASHED);
        assert_eq!(bound(Some(now)).explain(crashed(), now + ECHO).class, CRASHED, "long after");
    }

    #[test]
    fn what_belongs_to_no_file_counts_in_memory_or_out_of_it() {
        let status =
            "Name:\tx\nVmSwap:\t     300 kB\nRssAnon:\t    1000 kB\nRssFile:\t    9000 kB\nRssShmem:\t      20 kB\n";
        assert_eq!(taken_kib(status), Some(1320));
        assert_eq!(taken_kib("Name:\tkernel thread\n"), None);
    }

    #[test]
    fn a_small_machine_gives_a_part() {
        assert_eq!(most_kib(16 << 20), 1 << 20);
        assert_eq!(most_kib(2 << 20), 512 << 10);
    }

    #[test]
    fn the_less_is_left_the_sooner_it_looks() {
        assert_eq!(pause_before(0, 1 << 20), Duration::from_millis(250));
        assert_eq!(pause_before(512 << 10, 1 << 20), Duration::from_millis(125));
        assert_eq!(pause_before(2 << 20, 1 << 20), PAUSES.0);
        assert_eq!(pause_before(0, 1 << 30), PAUSES.1);
    }

    #[test]
    fn a_tree_of_processes_is_ended_when_all_of_it_takes_too_much() {
        use std::{
            io::{BufRead as _, BufReader},
            process::{Command, Stdio},
        };
        let script = "exec 3<&0; sh -c 'echo $$; read line <&3' & echo $$; wait";
        let mut outer =
            Command::new("sh").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(outer.stdout.take().unwrap()).lines();
        let mut said: Vec<u32> = lines.take(2).map(|line| line.unwrap().parse().unwrap()).collect();
        let mut found = tree(outer.id());
        assert_eq!(found.first(), Some(&outer.id()), "parents first");
        said.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, said);
        assert!(taken_kib(&read(outer.id(), "status").unwrap()).unwrap() > 0);
        drop(outer.stdin.take());
        outer.kill().unwrap();
        outer.wait().unwrap();
    }
}
