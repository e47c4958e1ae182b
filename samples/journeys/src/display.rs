//! A display of our own, so that journeys neither need nor disturb anybody's screen.

use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Result, ensure};

use crate::{
    process::{Running, must},
    until::until,
};

/// Windows of journeys take turns: two at once on two cores would look like windows that hang.
static TURN: Mutex<()> = Mutex::new(());

/// Since when a server remembers what clients have told it.
enum Since {
    /// Since it was started.
    Started,
    /// Since it was last without a client.
    LastClient,
}

/// An X server that nobody sees.
pub struct Display {
    /// Ended before the server, so that it does not die of a lost display.
    manager: Option<Running>,
    _server: Running,
    name: String,
    _turn: MutexGuard<'static, ()>,
}

impl Display {
    /// Waits for its turn and starts one of 1280 by 800 with 24 bits of colour.
    pub fn start() -> Result<Self> {
        Self::of("1280x800x24", Since::Started)
    }

    /// The same of 2200 by 1300, on which a desktop and a panel have room beside each other.
    pub fn large() -> Result<Self> {
        Self::of("2200x1300x24", Since::Started)
    }

    /// One of 1080 by 1920, as a kiosk stands.
    pub fn upright() -> Result<Self> {
        Self::of("1080x1920x24", Since::Started)
    }

    /// One of 1280 by 800 on which each program is the first: it begins anew when the last client is gone, as a kiosk's,
    /// which has one program only. One client at a time: whoever connects while it begins anew is ended.
    pub fn of_firsts() -> Result<Self> {
        Self::of("1280x800x24", Since::LastClient)
    }

    fn of(screen: &str, keeps: Since) -> Result<Self> {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp"]);
        command.arg(match keeps {
            Since::Started => "-noreset",
            Since::LastClient => "-reset",
        });
        let mut server = Running::start("Xvfb", &mut command)?;
        let number = server
            .line_that("names its display", Duration::from_secs(20), |line| line.trim().parse::<u32>().is_ok())?;
        Ok(Self { manager: None, _server: server, name: format!(":{}", number.trim()), _turn: turn })
    }

    /// Puts a window manager on it, as a desktop has one: without, no window fills the screen by asking for it.
    pub fn with_window_manager(mut self) -> Result<Self> {
        let mut command = Command::new("openbox");
        command.arg("--sm-disable").env("DISPLAY", &self.name);
        let mut manager = Running::start("openbox", &mut command)?;
        until("the window manager is there", Duration::from_secs(20), || {
            ensure!(manager.is_running()?, "openbox has ended and said:\n{}", manager.said());
            Ok(self.input(&["get_num_desktops"]).ok())
        })?;
        self.manager = Some(manager);
        Ok(self)
    }

    /// Its name for the environment variable DISPLAY.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes a picture of all that is on it.
    pub fn picture(&self, file: &Path) -> Result<()> {
        must(Command::new("import").args(["-silent", "-window", "root"]).arg(file).env("DISPLAY", &self.name)).map(drop)
    }

    /// Real input: moves the pointer there and clicks.
    pub fn click(&self, x: u32, y: u32) -> Result<()> {
        self.input(&["mousemove", &x.to_string(), &y.to_string(), "click", "1"])
    }

    /// Real input: pastes there what was selected last, whoever has selected it.
    pub fn middle_click(&self, x: u32, y: u32) -> Result<()> {
        self.input(&["mousemove", &x.to_string(), &y.to_string(), "click", "2"])
    }

    /// Real input: types a text where the focus is.
    pub fn write(&self, text: &str) -> Result<()> {
        self.input(&["type", "--delay", "20", text])
    }

    /// Real input: one key, named as xdotool names it.
    pub fn key(&self, key: &str) -> Result<()> {
        self.input(&["key", key])
    }

    /// The windows that can be seen and lie on nothing but the screen, with their places, as the server names them.
    pub fn windows(&self) -> Result<BTreeSet<String>> {
        let tree = must(Command::new("xwininfo").args(["-root", "-tree"]).env("DISPLAY", &self.name))?;
        // The children of the root window are indented by five spaces, and theirs by more.
        let own = tree.lines().filter_map(|line| line.strip_prefix("     ").filter(|rest| rest.starts_with("0x")));
        let ids = own.filter_map(|line| line.split_whitespace().next());
        let mut seen = BTreeSet::new();
        for id in ids {
            let about = must(Command::new("xwininfo").args(["-id", id]).env("DISPLAY", &self.name)).unwrap_or_default();
            let part = |name: &str| {
                about.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap_or_default().trim().to_owned()
            };
            // The toolkit has windows of one pixel beside the screen, which hold the pointer while something is drawn.
            let place = part("-geometry");
            if part("Map State:") == "IsViewable" && !place.starts_with("1x1+-") {
                seen.insert(format!("{id} {place}"));
            }
        }
        Ok(seen)
    }

    /// Real input, in xdotool's words.
    pub fn input(&self, arguments: &[&str]) -> Result<()> {
        must(Command::new("xdotool").args(arguments).env("DISPLAY", &self.name)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_as_it_is_when_its_last_client_is_gone() {
        let display = Display::start().unwrap();
        let property = |arguments: &[&str]| {
            must(Command::new("xprop").arg("-root").args(arguments).env("DISPLAY", display.name())).unwrap()
        };
        for round in 0..20 {
            let round = format!("round-{round}");
            property(&["-f", "GUICHET_ROUND", "8s", "-set", "GUICHET_ROUND", &round]);
            assert_eq!(property(&["GUICHET_ROUND"]).trim(), format!("GUICHET_ROUND(STRING) = \"{round}\""));
        }
    }
}
