//! Files that stay in memory while the programs that map them are measured.
//!
//! A machine may give memory back that was not used for a second, as virtual machines do; whoever then comes next reads
//! libraries from a disk, a page at a time. So what each program maps is locked in memory, ours and the peers' alike.

use std::{collections::BTreeSet, fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result};
use guichet_journeys::process::Running;

/// How long it may take until all are there.
const DEADLINE: Duration = Duration::from_secs(120);

/// The files, until this is dropped.
#[derive(Default)]
pub(crate) struct Held {
    files: BTreeSet<String>,
    keeper: Option<Running>,
}

impl Held {
    /// Notes what these processes map.
    pub(crate) fn note(&mut self, processes: &[u32]) {
        for pid in processes {
            let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
            self.files.extend(maps.lines().filter_map(|line| line.find('/').map(|at| line[at..].to_owned())));
        }
    }

    /// Holds what was noted. Where the system does not allow that, the files stay in memory as long as the system likes, which
    /// is said.
    pub(crate) fn hold(&mut self, folder: &Path) -> Result<()> {
        let is_file = |file: &&String| !file.starts_with("/dev/") && Path::new(file).is_file();
        let files: Vec<&str> = self.files.iter().filter(is_file).map(String::as_str).collect();
        let list = folder.join("mapped");
        fs::write(&list, files.join("\n") + "\n").with_context(|| format!("{}", list.display()))?;
        // It says that it has locked all when it has, and not when its output is full.
        let mut command = Command::new("stdbuf");
        command.args(["-oL", "vmtouch", "-l", "-f", "-m", "4G", "-b"]).arg(&list);
        let held = Running::start("vmtouch", &mut command).and_then(|mut keeper| {
            keeper.line("LOCKED", DEADLINE)?;
            Ok(keeper)
        });
        match held {
            Ok(keeper) => self.keeper = Some(keeper),
            Err(error) => eprintln!("files are not held in memory, so a start may read them from a disk: {error:#}"),
        }
        Ok(())
    }

    /// Whether they are held.
    pub(crate) fn is_held(&self) -> bool {
        self.keeper.is_some()
    }
}
