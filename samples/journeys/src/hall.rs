//! A hall with one kiosk: its operator, its policy, the unmodified program on a display of its own.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result};
use rustix::process::getuid;
use serde_json::Value;

use crate::{
    display::Display,
    picture::{self, Word},
    process::{Running, must, program},
    reader::Reader,
    town::Town,
    until::until,
};

/// How long the terminal may take until it serves: it installs what the store offers first.
const TO_SERVE: Duration = Duration::from_secs(90);

/// How long a state of a session may take.
pub const SOON: Duration = Duration::from_secs(60);

/// A driver for a card reader, in Python: its argument is a file that says `present` while a card is in it.
pub const CARD: &str = include_str!("card.py");

/// The user of whom nobody expects anything.
const NOBODY: u32 = 65534;

/// The middle of the button that ends a session.
const END: (u32, u32) = (950, 56);

/// The folder of whoever the kiosk runs as.
const USER: &str = "user";

/// A kiosk that serves. Its lines tell what becomes of its sessions.
pub struct Hall {
    /// What it says.
    pub kiosk: Running,
    /// What it shows.
    pub display: Display,
    memory: tempfile::TempDir,
    home: PathBuf,
    user: PathBuf,
}

/// The papers of a terminal: its policy and what lies beside it.
pub fn papers(folder: &Path, town: &Town, change: impl FnOnce(&mut Value)) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let (draft, policy, key) = (folder.join("draft.json"), folder.join("policy.json"), folder.join("operator.key"));
    if !key.exists() {
        must(program("guichet")?.args(["key", "new"]).arg(&key))?;
        fs::write(folder.join("operator.pub"), public(&key)?)?;
    }
    let new = ["policy", "new", "--hall", "市民中心", "--name", "3"];
    must(program("guichet")?.args(new).arg(&draft))?;
    let mut said: Value = serde_json::from_slice(&fs::read(&draft)?)?;
    change(&mut said);
    fs::write(&draft, serde_json::to_vec_pretty(&said)?)?;
    must(program("guichet")?.args(["policy", "sign"]).arg(&draft).arg("--key").arg(&key).arg("-o").arg(&policy))?;
    fs::copy(town.trust_file(), folder.join("guichet.trust.json"))?;
    Ok(policy)
}

fn public(key: &Path) -> Result<String> {
    let shown = must(program("guichet")?.args(["key", "show"]).arg(key))?;
    let public = shown.split_whitespace().find(|word| word.starts_with("ed25519:"));
    Ok(format!("{}\n", public.context("guichet key show names no key")?))
}

impl Hall {
    /// Opens it, and waits until it serves.
    pub fn open(folder: &Path, policy: &Path, arguments: &[&str]) -> Result<Self> {
        let mut hall = Self::begin(folder, policy, arguments)?;
        hall.kiosk.line("guichet-kiosk ready", TO_SERVE)?;
        Ok(hall)
    }

    /// Opens it where a screen reader listens, and waits until it serves.
    pub fn open_heard(folder: &Path, policy: &Path) -> Result<(Self, Reader)> {
        let display = Display::upright()?;
        let reader = Reader::listen(&display, folder)?;
        let mut command = program("guichet-kiosk")?;
        reader.listens_to(&mut command);
        let mut hall = Self::begin_on(display, command, folder, policy, &[])?;
        hall.kiosk.line("guichet-kiosk ready", TO_SERVE)?;
        Ok((hall, reader))
    }

    /// Opens it.
    pub fn begin(folder: &Path, policy: &Path, arguments: &[&str]) -> Result<Self> {
        let mut command = program("guichet-kiosk")?;
        let user = folder.join(USER);
        fs::create_dir_all(user.join("tmp"))?;
        command.env("HOME", &user).env("TMPDIR", user.join("tmp"));
        ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"].iter().for_each(|name| {
            command.env_remove(name);
        });
        Self::begin_with(command, folder, policy, arguments)
    }

    /// Opens it as systemd does, which listens to signs of life at this socket, and waits until it serves.
    pub fn open_below_systemd(folder: &Path, policy: &Path, socket: &Path) -> Result<Self> {
        let mut command = program("guichet-kiosk")?;
        command.env("NOTIFY_SOCKET", socket);
        let mut hall = Self::begin_with(command, folder, policy, &[])?;
        hall.kiosk.line("guichet-kiosk ready", TO_SERVE)?;
        Ok(hall)
    }

    /// Opens it in cage, as the unit of its package does, and waits until it serves. Cage draws into a window of the display, and
    /// does not begin for root, so somebody without rights begins it then.
    pub fn open_in_cage(folder: &Path, policy: &Path, arguments: &[&str]) -> Result<Self> {
        let runtime = folder.join("runtime");
        for made in [&runtime, &folder.join("terminal")] {
            fs::create_dir(made)?;
            fs::set_permissions(made, fs::Permissions::from_mode(0o700))?;
        }
        let mut command = if getuid().is_root() {
            for given in [folder.to_owned(), policy.parent().context("a policy lies in a folder")?.to_owned()] {
                fs::set_permissions(given, fs::Permissions::from_mode(0o755))?;
            }
            for given in [&runtime, &folder.join("terminal")] {
                chown(given, Some(NOBODY), Some(NOBODY))?;
            }
            let mut command = Command::new("setpriv");
            let (user, group) = (format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"));
            command.args([user.as_str(), group.as_str(), "--clear-groups", "cage"]);
            command
        } else {
            Command::new("cage")
        };
        command.args(["-d", "--"]).arg(program("guichet-kiosk")?.get_program());
        command.envs([("WLR_BACKENDS", "x11"), ("WLR_RENDERER", "pixman"), ("WLR_LIBINPUT_NO_DEVICES", "1")]);
        command.env("XDG_RUNTIME_DIR", &runtime).env("HOME", folder.join("terminal")).env_remove("WAYLAND_DISPLAY");
        // What cargo has put there is not everybody's to read, and the sandbox of pages would look for it.
        command.env_remove("LD_LIBRARY_PATH");
        let mut hall = Self::begin_with(command, folder, policy, arguments)?;
        hall.kiosk.line("guichet-kiosk ready", TO_SERVE)?;
        Ok(hall)
    }

    fn begin_with(command: Command, folder: &Path, policy: &Path, arguments: &[&str]) -> Result<Self> {
        Self::begin_on(Display::upright()?, command, folder, policy, arguments)
    }

    fn begin_on(
        display: Display,
        mut command: Command,
        folder: &Path,
        policy: &Path,
        arguments: &[&str],
    ) -> Result<Self> {
        let memory = tempfile::tempdir_in("/dev/shm")?;
        let (home, user) = (folder.join("terminal"), folder.join(USER));
        if command.get_program() == "setpriv" {
            chown(memory.path(), Some(NOBODY), Some(NOBODY))?;
        }
        command.arg("--policy").arg(policy).arg("--home").arg(&home).arg("--memory").arg(memory.path());
        command.args(["--refresh-seconds", "1"]).args(arguments).env("DISPLAY", display.name());
        let kiosk = Running::start("guichet-kiosk", &mut command)?;
        Ok(Self { kiosk, display, memory, home, user })
    }

    /// Waits until a word can be read on the glass, and touches it.
    pub fn find_and_click(&self, text: &str) -> Result<()> {
        let word = self.find(text)?;
        self.display.click(word.x, word.y)
    }

    /// Touches *End session* in the bar above an app: light on dark, it cannot be read.
    pub fn end(&self) -> Result<()> {
        self.display.click(END.0, END.1)
    }

    /// Waits until a word can be read on the glass.
    pub fn find(&self, text: &str) -> Result<Word> {
        let file = self.memory.path().with_extension("png");
        let found = until(&format!("`{text}` can be read"), SOON, || {
            self.display.picture(&file)?;
            Ok(picture::find_in_blocks_too(&file, text).ok())
        });
        let read = picture::text(&file).unwrap_or_default();
        let _ = fs::remove_file(&file);
        found.with_context(|| format!("the glass says: {read}\nthe kiosk has said:\n{}", self.kiosk.said()))
    }

    /// The folder in memory of all sessions.
    pub fn memory(&self) -> &Path {
        self.memory.path()
    }

    /// The own folder of whoever the kiosk runs as, with what is temporary: a library may note there what was used.
    pub fn user(&self) -> &Path {
        &self.user
    }

    /// The folder on the disk.
    pub fn home(&self) -> &Path {
        &self.home
    }
}
