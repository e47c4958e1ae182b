//! Another program beside a window, from which a file can be dragged and which takes whatever is let go over it.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    display::Display,
    process::{Running, must},
    until::DEADLINE,
};

/// Where its window is put: beside others on a large display with a window manager.
const PLACE: (u32, u32) = (1900, 300);

/// The program.
pub struct Neighbour {
    program: Running,
    corner: (u32, u32),
}

impl Neighbour {
    /// Builds it into a folder and starts it, with a file that can be dragged out of its window.
    pub fn start(display: &Display, folder: &Path, file: &Path) -> Result<Self> {
        let program = folder.join("neighbour");
        let flags = must(Command::new("pkg-config").args(["--cflags", "--libs", "gtk+-3.0"]))?;
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/neighbour.c");
        must(Command::new("cc").arg("-o").arg(&program).arg(source).args(flags.split_whitespace()))?;
        let mut command = Command::new(program);
        command.arg(file).args([PLACE.0.to_string(), PLACE.1.to_string()]).env("DISPLAY", display.name());
        let mut program = Running::start("neighbour", &mut command)?;
        let line = program.line("neighbour at ", DEADLINE)?;
        let place =
            line.rsplit_once(' ').and_then(|(_, place)| place.split_once(',')).context("it says where it is")?;
        Ok(Self { program, corner: (place.0.parse()?, place.1.parse()?) })
    }

    /// Where the file lies.
    pub fn file(&self) -> (u32, u32) {
        (self.corner.0 + 100, self.corner.1 + 75)
    }

    /// Where it takes whatever is let go.
    pub fn hands(&self) -> (u32, u32) {
        (self.corner.0 + 100, self.corner.1 + 225)
    }

    /// Whether it has said so far that it would take what is held over it.
    pub fn would_take(&self, heard: usize) -> bool {
        self.has_said("would take it", heard)
    }

    /// What came of dragging its file somewhere: whether it was taken there.
    pub fn was_taken(&mut self, heard: usize) -> Result<bool> {
        self.program.line_since(heard, "dragged ", DEADLINE)?;
        Ok(self.has_said("dragged and taken", heard))
    }

    /// How many bytes it was given of what was let go over it, in each form.
    pub fn given(&mut self, heard: usize) -> Result<Vec<usize>> {
        self.program.line_since(heard, "given all", DEADLINE)?;
        let said = self.program.said();
        let given = said.lines().skip(heard).filter_map(|line| line.strip_prefix("given ")?.split_once(" bytes"));
        given.map(|(bytes, _)| Ok(bytes.parse()?)).collect()
    }

    /// How many lines it has said so far.
    pub fn heard(&self) -> usize {
        self.program.heard()
    }

    fn has_said(&self, text: &str, heard: usize) -> bool {
        self.program.said().lines().skip(heard).any(|line| line == text)
    }
}
