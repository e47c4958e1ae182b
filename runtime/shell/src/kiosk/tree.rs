//! All that a process has started, itself or through others, and the end of it.

use std::{collections::BTreeMap, fs};

use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, wait},
};

/// From now on whoever loses its parent below this process becomes a child of this process, so that nobody gets out of the
/// tree by leaving its parent.
pub(super) fn keep_orphans() -> rustix::io::Result<()> {
    set_child_subreaper(Some(getpid()))
}

/// The processes below one, in no order. Those of other namespaces are among them.
pub(super) fn below(root: Pid) -> Vec<Pid> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        if let Some(parent) = parent_in(&stat) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut all, mut parents) = (Vec::new(), vec![root.as_raw_nonzero().get()]);
    while let Some(parent) = parents.pop() {
        let of_this = children.remove(&parent).unwrap_or_default();
        all.extend(of_this.iter().filter_map(|pid| Pid::from_raw(*pid)));
        parents.extend(of_this);
    }
    all
}

/// The parent in `/proc/<pid>/stat`; the name before it may hold anything.
fn parent_in(stat: &str) -> Option<i32> {
    let (_, after) = stat.rsplit_once(')')?;
    after.split_whitespace().nth(1)?.parse().ok()
}

/// Kills everything below this process, which keeps its orphans, and comes back when nothing is left.
pub(super) fn fell() {
    loop {
        for pid in below(getpid()) {
            // Whoever has ended meanwhile needs no signal.
            let _ = kill_process(pid, Signal::KILL);
        }
        // Each end brings the orphans up, which are killed in the next turn.
        match wait(WaitOptions::empty()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use rustix::process::test_kill_process;

    use super::*;

    /// Set in the process that keeps its orphans: it would keep those of all tests beside it.
    const INSIDE: &str = "GUICHET_TEST_KEEPS_ORPHANS";

    #[test]
    fn the_name_of_a_process_does_not_hide_its_parent() {
        assert_eq!(parent_in("17 (bash) S 4 17 17 0"), Some(4));
        assert_eq!(parent_in("17 (a) S 1 (b) R 9 1 1"), Some(9));
        assert_eq!(parent_in("17"), None);
    }

    #[test]
    fn what_is_started_is_below() {
        let mut child = Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
        assert!(below(getpid()).contains(&pid));
        assert!(!below(pid).contains(&pid), "nobody is below itself");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn what_a_driver_has_started_twice_removed_dies_with_the_tree() {
        if std::env::var_os(INSIDE).is_none() {
            let name = "kiosk::tree::tests::what_a_driver_has_started_twice_removed_dies_with_the_tree";
            let mut alone = Command::new(std::env::current_exe().unwrap());
            let alone = alone.args(["--exact", name, "--nocapture"]).env(INSIDE, "1").status().unwrap();
            return assert!(alone.success());
        }
        keep_orphans().unwrap();
        // Its parent has ended, and so has the parent of that one; it has a session of its own.
        let twice = "sh -c 'setsid sleep 600 >/dev/null 2>&1 & echo $!'";
        let said = Command::new("sh").args(["-c", twice]).output().unwrap();
        let orphan: i32 = String::from_utf8(said.stdout).unwrap().trim().parse().unwrap();
        let orphan = Pid::from_raw(orphan).unwrap();
        assert!(below(getpid()).contains(&orphan), "it is kept");
        fell();
        assert_eq!(test_kill_process(orphan), Err(Errno::SRCH));
    }
}
