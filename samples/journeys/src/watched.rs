//! A kiosk whose pages a WebDriver reads: what stands on the glass in any language, and where. Touches are real.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::json;

use crate::{
    browser::Browser,
    display::Display,
    hall::{Hall, SOON},
    picture,
    process::{must, programs},
    until::until,
};

/// The host's own pages, and those of all apps.
pub const HOME: &str = "guichet-home://home/index.html";
const APPS: &str = "guichet-app://";

/// The glass, and the bar above an app, in pixels.
const WIDTH: u32 = 1080;
const BAR: u32 = 112;

/// The program that mounts, in a namespace of its own, where nobody has to have rights.
const IN_A_NAMESPACE: &str = "/usr/bin/unshare";

/// A kiosk whose first session can be read.
pub struct Watched {
    /// Reads its pages.
    pub browser: Browser,
    /// What it shows.
    pub display: Display,
    /// The kiosk's number, if one of its folders is a small one that others do not see.
    inside: Option<u32>,
    memory: tempfile::TempDir,
    home: PathBuf,
}

/// How much room a kiosk has, in megabytes.
#[derive(Clone, Copy)]
enum Room {
    AsMuchAsTheMachine,
    Memory(u32),
    Disk(u32),
}

impl Watched {
    /// Opens it with these apps, and waits until somebody may come.
    pub fn open(folder: &Path, policy: &Path, apps: &[&str]) -> Result<Self> {
        Self::with(folder, policy, apps, Room::AsMuchAsTheMachine)
    }

    /// The same with so many megabytes for all that citizens enter.
    pub fn with_memory(folder: &Path, policy: &Path, apps: &[&str], megabytes: u32) -> Result<Self> {
        Self::with(folder, policy, apps, Room::Memory(megabytes))
    }

    /// The same on a disk of so many megabytes, with what it has installed before.
    pub fn with_disk(folder: &Path, policy: &Path, apps: &[&str], megabytes: u32) -> Result<Self> {
        Self::with(folder, policy, apps, Room::Disk(megabytes))
    }

    fn with(folder: &Path, policy: &Path, apps: &[&str], room: Room) -> Result<Self> {
        // What the store offers is installed before: a window with older apps goes before anybody sees it, and the driver with it.
        let hall = Hall::open(folder, policy, &[])?;
        let is_there = |app: &&str| hall.home().join("apps").join(app).join("state.json").exists();
        until("all is installed", SOON, || Ok(apps.iter().all(is_there).then_some(())))?;
        let home = hall.home().to_owned();
        drop(hall);
        let display = Display::upright()?;
        let memory = tempfile::tempdir_in("/dev/shm")?;
        let kiosk = programs()?.join("guichet-kiosk").display().to_string();
        let text = |path: &Path| path.display().to_string();
        let mut arguments = vec![
            "--policy".to_owned(),
            text(policy),
            "--home".to_owned(),
            text(&home),
            "--memory".to_owned(),
            text(memory.path()),
            "--refresh-seconds".to_owned(),
            "1".to_owned(),
            "--automation".to_owned(),
        ];
        let mounted = match room {
            Room::AsMuchAsTheMachine => None,
            Room::Memory(megabytes) => {
                Some((format!("mount -t tmpfs -o size={megabytes}m tmpfs \"$1\""), text(memory.path())))
            }
            Room::Disk(megabytes) => {
                let small = format!("mount -t tmpfs -o size={megabytes}m tmpfs \"$1.small\"");
                fs::create_dir_all(home.with_extension("small"))?;
                let filled = "cp -a \"$1/.\" \"$1.small\" && mount --bind \"$1.small\" \"$1\"";
                Some((format!("{small} && {filled}"), text(&home)))
            }
        };
        let mut program = kiosk.clone();
        let is_inside = mounted.is_some();
        if let Some((mount, place)) = mounted {
            let mut before: Vec<_> =
                ["--user", "--map-root-user", "--mount", "sh", "-c"].into_iter().map(str::to_owned).collect();
            before.extend([format!("{mount} && shift && exec \"$@\""), "sh".to_owned(), place, kiosk]);
            before.append(&mut arguments);
            (program, arguments) = (IN_A_NAMESPACE.to_owned(), before);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let browser = Browser::start(&display, Path::new(&program), &arguments, &[])?;
        let mut watched = Self { browser, display, inside: None, memory, home };
        watched.says(0, "guichet-kiosk ready")?;
        if is_inside {
            watched.inside = Some(watched.kiosk()?);
        }
        watched.browser.turn_to(HOME)?;
        Ok(watched)
    }

    /// The process of the kiosk itself.
    fn kiosk(&self) -> Result<u32> {
        let pattern = self.memory.path().display().to_string();
        let found = must(Command::new("pgrep").args([
            "--oldest",
            "--full",
            "--",
            &format!("guichet-kiosk.*{pattern}.*--automation"),
        ]))?;
        Ok(found.trim().parse()?)
    }

    /// How many lines it has said so far.
    pub fn heard(&self) -> usize {
        self.browser.said().lines().count()
    }

    /// Waits for a line after the first `heard` ones.
    pub fn says(&self, heard: usize, text: &str) -> Result<()> {
        let seen = until(&format!("the kiosk says `{text}`"), SOON, || {
            Ok(self.browser.said().lines().skip(heard).any(|line| line.contains(text)).then_some(()))
        });
        seen.with_context(|| format!("it said:\n{}", self.browser.said()))
    }

    /// Waits until these words can be read on the glass, whichever window it is: the driver knows the first one only.
    pub fn sees(&self, text: &str) -> Result<()> {
        let file = self.memory.path().with_extension("png");
        let found = until(&format!("`{text}` can be read"), SOON, || {
            self.display.picture(&file)?;
            Ok(picture::text(&file)?.contains(text).then_some(()))
        });
        drop(fs::remove_file(&file));
        found
    }

    /// Touches a word that can be read on the glass.
    pub fn touch_word(&self, word: &str) -> Result<()> {
        let file = self.memory.path().with_extension("png");
        let found = until(&format!("`{word}` can be read"), SOON, || {
            self.display.picture(&file)?;
            Ok(picture::find(&file, word).ok())
        });
        drop(fs::remove_file(&file));
        found.and_then(|word| self.display.click(word.x, word.y))
    }

    /// Opens an app from the home page, and turns to it.
    pub fn open_app(&self, app: &str) -> Result<()> {
        self.touch(&format!("button.door[data-app-id='{app}']"))?;
        self.browser.turn_to(&format!("{APPS}{app}"))
    }

    /// Home from the app that is open and read. With the focus the keyboard goes, and the strip below the app is there again.
    pub fn leave_app(&self) -> Result<()> {
        self.browser.ask("document.activeElement.blur(); return 1")?;
        self.browser.turn_to(HOME)?;
        let state = "const { kiosk, mode } = guichetHome.state; return";
        let is_away = "mode === 'app' && !kiosk.typing && !document.getElementById('strip').hidden";
        self.browser.until("nobody types", &format!("{state} {is_away}"))?;
        self.touch("[data-action=close-app]")?;
        self.browser.until("the home page is there", &format!("{state} mode === 'home'"))?;
        Ok(())
    }

    /// Touches what a selector finds in the page that is read, once it can be seen and has got its words.
    pub fn touch(&self, selector: &str) -> Result<()> {
        let script = format!(
            "const found = document.querySelector({}); if (!found || found.disabled || found.hasAttribute('data-fresh') || !found.innerText.trim()) return null;\n\
             found.scrollIntoView({{ block: 'center' }}); const r = found.getBoundingClientRect();\n\
             return r.width && [r.left + r.width / 2, r.top + r.height / 2, innerWidth, location.href];",
            json!(selector)
        );
        let place =
            self.browser.until(&format!("{selector} can be touched"), &script).with_context(|| self.browser.said())?;
        let number = |at: usize| place[at].as_f64().unwrap_or_default();
        let scale = f64::from(WIDTH) / number(2).max(1.0);
        let above = if place[3].as_str().unwrap_or_default().starts_with(APPS) { BAR } else { 0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place on the glass")]
        let pixels = |css: f64| (css * scale).max(0.0).round() as u32;
        self.display.click(pixels(number(0)), pixels(number(1)) + above)
    }

    /// Waits until an element says this, and gives all it says.
    pub fn reads(&self, selector: &str, text: &str) -> Result<String> {
        let script = format!(
            "const said = document.querySelector({})?.innerText ?? ''; return said.includes({}) && said;",
            json!(selector),
            json!(text)
        );
        let said =
            self.browser.until(&format!("{selector} says `{text}`"), &script).with_context(|| self.browser.said())?;
        Ok(said.as_str().unwrap_or_default().to_owned())
    }

    /// Where what citizens enter can be seen from here.
    pub fn memory(&self) -> PathBuf {
        self.place(self.memory.path())
    }

    /// The folders of the sessions that are there, the one that waits for the next citizen last.
    pub fn rooms(&self) -> Result<Vec<PathBuf>> {
        let mut rooms = Vec::new();
        for own in fs::read_dir(self.memory())?.flatten().filter_map(|own| fs::read_dir(own.path()).ok()) {
            for room in own.flatten() {
                let number = room.file_name().to_str().and_then(|name| name.strip_prefix('s')?.parse::<u64>().ok());
                rooms.extend(number.map(|number| (number, room.path())));
            }
        }
        rooms.sort();
        Ok(rooms.into_iter().map(|(_, room)| room).collect())
    }

    /// The process that would take away what the next citizen leaves.
    pub fn keeper_of_the_next(&self) -> Result<Pid> {
        let name = self.rooms()?.pop().and_then(|room| Some(room.file_name()?.to_str()?.to_owned()));
        let pattern =
            format!("guichet-kiosk.*--keep {}/.*/{}$", self.memory.path().display(), name.context("nobody waits")?);
        let found = must(Command::new("pgrep").args(["--full", "--", &pattern]))?;
        Pid::from_raw(found.trim().parse()?).context("it has no number")
    }

    /// Where what is installed can be seen from here.
    pub fn home(&self) -> PathBuf {
        self.place(&self.home)
    }

    fn place(&self, path: &Path) -> PathBuf {
        match self.inside {
            Some(kiosk) => Path::new(&format!("/proc/{kiosk}/root")).join(path.strip_prefix("/").unwrap_or(path)),
            None => path.to_owned(),
        }
    }

    /// Fills the folder in memory to the last byte; what is dropped makes room again.
    pub fn fill_memory(&self) -> Result<Filled> {
        self.fill(&self.memory())
    }

    /// Fills the disk to the last byte.
    pub fn fill_disk(&self) -> Result<Filled> {
        self.fill(&self.home())
    }

    fn fill(&self, folder: &Path) -> Result<Filled> {
        if self.inside.is_none() {
            bail!("{} is everybody's", folder.display());
        }
        let filled = |number: &u32| folder.join(format!("filled-{number}"));
        let file =
            (0..).find(|number| !filled(number).exists()).map(|number| filled(&number)).context("no name is free")?;
        let mut out = fs::File::create(&file)?;
        let full = std::io::copy(&mut std::io::repeat(0), &mut out);
        match full {
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => Ok(Filled(file)),
            other => bail!("{} cannot be filled: {other:?}", folder.display()),
        }
    }

    /// Ends it.
    pub fn close(self) -> Result<()> {
        self.end()
    }

    /// The driver's own session ends with the first citizen's window, and so it ends no kiosk.
    fn end(&self) -> Result<()> {
        let Some(kiosk) = self.kiosk().ok().and_then(|kiosk| Pid::from_raw(kiosk.cast_signed())) else { return Ok(()) };
        kill_process(kiosk, Signal::TERM)?;
        until("the kiosk is gone", SOON, || Ok(test_kill_process(kiosk).is_err().then_some(())))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("the kiosk stays: {error:#}");
        }
    }
}

/// A file that leaves no room beside it.
pub struct Filled(PathBuf);

impl Drop for Filled {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}
