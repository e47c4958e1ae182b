//! A store with apps, and a device that has them installed.

use std::{path::PathBuf, process::Command};

use anyhow::Result;
pub(crate) use guichet_journeys::doorbell::ring;
use guichet_journeys::{
    display::Display,
    process::program,
    town::{OFFICES, Town},
};

use crate::{page, spoken::Spoken};

/// A display, a store and a device.
pub(crate) struct Stage {
    pub(crate) display: Display,
    town: Town,
    folder: tempfile::TempDir,
}

impl Stage {
    /// Publishes apps and installs them; each is a name, the files of its page, and its page's script.
    pub(crate) fn set(apps: &[(String, &[PathBuf])]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let stage = Self { display: Display::of_firsts()?, town: Town::found(folder.path(), &OFFICES)?, folder };
        for (name, bundle) in apps {
            let source = stage.folder.path().join(name);
            page::app(&source, &app_id(name), bundle, "", None)?;
            let package = stage.folder.path().join(format!("{name}.ma"));
            stage.town.build("residence", &source, &package)?;
            stage.town.approve("residence", &stage.town.publish("residence", &package)?)?;
        }
        for (name, _) in apps {
            let opened = Spoken::start(&mut stage.desktop(&["--open", &app_id(name)])?)?;
            opened.line("opened")?;
            opened.stop()?;
        }
        Ok(stage)
    }

    /// `guichet-desktop` on this device.
    pub(crate) fn desktop(&self, options: &[&str]) -> Result<Command> {
        let mut command = program("guichet-desktop")?;
        command.arg("--trust").arg(self.town.trust_file()).arg("--home").arg(self.home());
        command.args(["--lang", "en", "--refresh-seconds", "86400"]).args(options).env("DISPLAY", self.display.name());
        Ok(command)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("device")
    }
}

/// The id of an app of this stage.
pub(crate) fn app_id(name: &str) -> String {
    format!("gov.example.residence.{name}")
}
