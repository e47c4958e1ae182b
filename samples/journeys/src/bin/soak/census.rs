//! What a window and all that it has started hold, counted from outside.

use std::{fmt, fs, path::Path};

use guichet_journeys::process::Running;

/// Counted between two rounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Census {
    /// The host and all that it has started, itself or through others.
    pub(crate) processes: u64,
    /// Those of them that draw pages.
    pub(crate) drawing: u64,
    /// Threads of all of them.
    pub(crate) threads: u64,
    /// Threads of the host.
    pub(crate) host_threads: u64,
    /// Open descriptors of all of them.
    pub(crate) descriptors: u64,
    /// Open descriptors of the host.
    pub(crate) host_descriptors: u64,
    /// Memory of all of them in KiB: the proportional set size, so that what is shared counts once.
    pub(crate) memory: u64,
    /// Memory of the host in KiB that belongs to no file.
    pub(crate) host_memory: u64,
    /// Files below the device's folder, its home and its folder for what is passing.
    pub(crate) files: u64,
    /// What they hold, in KiB.
    pub(crate) disk: u64,
}

impl Census {
    /// What stands above a table of them.
    pub(crate) const HEADER: &str =
        "processes  drawing  threads (host)  descriptors (host)  memory, KiB (host, anonymous)  files  disk, KiB";

    /// Counts.
    pub(crate) fn of(window: &Running, folder: &Path) -> Self {
        let mut census = Self::default();
        let host = window.id();
        for process in window.processes() {
            let place = format!("/proc/{process}");
            // One that has ended meanwhile holds nothing.
            let Ok(rollup) = fs::read_to_string(format!("{place}/smaps_rollup")) else { continue };
            let comm = fs::read_to_string(format!("{place}/comm")).unwrap_or_default();
            let (threads, descriptors) = (entries(&format!("{place}/task")), entries(&format!("{place}/fd")));
            census.processes += 1;
            census.drawing += u64::from(comm.starts_with("WebKitWebProces"));
            census.threads += threads;
            census.descriptors += descriptors;
            census.memory += kib(&rollup, "Pss:");
            if process == host {
                census.host_threads = threads;
                census.host_descriptors = descriptors;
                census.host_memory = kib(&rollup, "Anonymous:");
            }
        }
        (census.files, census.disk) = on_disk(folder);
        census.disk >>= 10;
        census
    }
}

/// What stays the same in a window in which nothing goes on any more.
pub(crate) fn still(window: &Running) -> Vec<(u32, u64, u64)> {
    let held =
        |process: u32| (process, entries(&format!("/proc/{process}/task")), entries(&format!("/proc/{process}/fd")));
    window.processes().into_iter().map(held).collect()
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processes, drawing, threads, host_threads, descriptors, host_descriptors, .. } = self;
        let Self { memory, host_memory, files, disk, .. } = self;
        write!(
            f,
            "{processes:>9}  {drawing:>7}  {threads:>7} {host_threads:>6}  {descriptors:>11} {host_descriptors:>6}"
        )?;
        write!(f, "  {memory:>11} {host_memory:>17}  {files:>5}  {disk:>9}")
    }
}

fn kib(rollup: &str, what: &str) -> u64 {
    let line = rollup.lines().find_map(|line| line.strip_prefix(what));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}

fn entries(folder: &str) -> u64 {
    fs::read_dir(folder).map_or(0, |entries| entries.count() as u64)
}

/// How many files there are below a folder, and how many bytes they hold.
fn on_disk(folder: &Path) -> (u64, u64) {
    let (mut files, mut bytes, mut folders) = (0, 0, vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(about) = entry.metadata() else { continue };
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                files += 1;
                bytes += about.len();
            }
        }
    }
    (files, bytes)
}
