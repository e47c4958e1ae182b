//! A screen reader: what the windows of a display tell through AT-SPI, and pressing what they offer.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{
    display::Display,
    process::{Running, must},
    until::{DEADLINE, until},
};

/// A session with the bus of screen readers, and a reader on it.
pub struct Reader {
    program: PathBuf,
    environment: Vec<(&'static str, String)>,
    _bus: Running,
}

/// Something a screen reader is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Its role, as AT-SPI names it.
    pub role: String,
    /// Its name.
    pub name: String,
    /// Whether it is on the glass now.
    pub is_shown: bool,
    /// Whether it can have the keys now.
    pub is_live: bool,
}

impl Reader {
    /// Builds it into a folder and starts a session bus, which starts that of screen readers when somebody asks for it.
    pub fn listen(display: &Display, folder: &Path) -> Result<Self> {
        let program = folder.join("reader");
        let flags = must(Command::new("pkg-config").args(["--cflags", "--libs", "atspi-2", "gobject-2.0"]))?;
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reader.c");
        must(Command::new("cc").arg("-o").arg(&program).arg(source).args(flags.split_whitespace()))?;

        let runtime = folder.join("runtime");
        fs::create_dir(&runtime)?;
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700))?;
        let runtime = runtime.to_str().context("a folder's name is text")?.to_owned();
        let mut environment = vec![("DISPLAY", display.name().to_owned()), ("XDG_RUNTIME_DIR", runtime)];
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address"]).envs(environment.iter().cloned());
        let mut bus = Running::start("dbus-daemon", &mut command)?;
        let is_address = |line: &str| line.starts_with("unix:");
        environment.push((
            "DBUS_SESSION_BUS_ADDRESS",
            bus.line_that("names its address", Duration::from_secs(20), is_address)?,
        ));
        Ok(Self { program, environment, _bus: bus })
    }

    /// Puts a program into this session.
    pub fn listens_to(&self, command: &mut Command) {
        command.envs(self.environment.iter().cloned());
    }

    /// All that is told now.
    pub fn told(&self) -> Result<Vec<Spoken>> {
        let tree = must(Command::new(&self.program).arg("tree").envs(self.environment.iter().cloned()))?;
        let spoken = |line: &str| {
            let (told, is_live) = line.rsplit_once('\t')?;
            let (told, is_shown) = told.rsplit_once('\t')?;
            let mut parts = told.splitn(3, '\t').skip(1).map(str::to_owned);
            let (is_shown, is_live) = (is_shown == "shown", is_live == "live");
            Some(Spoken { role: parts.next()?, name: parts.next()?, is_shown, is_live })
        };
        Ok(tree.lines().filter_map(spoken).collect())
    }

    /// Waits until something of this role and name is told.
    pub fn until(&self, role: &str, name: &str) -> Result<()> {
        let mut last = Vec::new();
        let told = until(&format!("a screen reader hears {role} `{name}`"), DEADLINE, || {
            last = self.told()?;
            Ok(last.iter().any(|spoken| spoken.role == role && spoken.name == name).then_some(()))
        });
        told.with_context(|| format!("it hears {last:#?}"))
    }

    /// Listens to what pages want said by itself: a line `hears` with each text, as it comes.
    pub fn hear(&self) -> Result<Running> {
        let mut command = Command::new(&self.program);
        let mut ear = Running::start("reader", command.arg("hear").envs(self.environment.iter().cloned()))?;
        ear.line("listens", DEADLINE)?;
        Ok(ear)
    }

    /// Presses something, as a person does by whom nothing is seen.
    pub fn press(&self, role: &str, name: &str) -> Result<()> {
        let mut command = Command::new(&self.program);
        must(command.args(["press", role, name]).envs(self.environment.iter().cloned())).map(drop)
    }
}
