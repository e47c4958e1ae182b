//! The window: `guichet-desktop --dev`, which is told packages on its standard input and says what happens on its output.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    thread,
};

use serde_json::{Value as Json, json};

/// A window that shows an app's folder.
pub(crate) struct Window {
    child: Child,
    input: ChildStdin,
}

impl Window {
    /// Opens it; `says` hears every line, on another thread, and then none.
    pub(crate) fn open(
        program: &Path,
        words: &str,
        automation: bool,
        says: impl Fn(Option<Json>) + Send + 'static,
    ) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(["--dev", "--lang", words]).args(automation.then_some("--automation"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else { return Err(io::ErrorKind::BrokenPipe.into()) };
        thread::Builder::new().name("window".to_owned()).spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // What every window says as well is not for us.
                if let Some(line) = serde_json::from_str(&line).ok().filter(Json::is_object) {
                    says(Some(line));
                }
            }
            says(None);
        })?;
        Ok(Self { child, input })
    }

    /// Switches something.
    pub(crate) fn set(&mut self, set: &Json) -> io::Result<()> {
        self.tell(&json!({"set": set}))
    }

    /// Says what keeps a newer package away; an empty list: nothing does.
    pub(crate) fn problems(&mut self, problems: &[Json]) -> io::Result<()> {
        self.tell(&json!({"problems": problems}))
    }

    /// Has a journey recorded from now on, or no more.
    pub(crate) fn record(&mut self, begins: bool) -> io::Result<()> {
        self.tell(&json!({"record": begins}))
    }

    /// Says where a journey was written; none: there was nothing to write.
    pub(crate) fn written(&mut self, file: Option<&str>) -> io::Result<()> {
        self.tell(&json!({"written": file}))
    }

    /// Gives it a package to show.
    pub(crate) fn show(&mut self, package: &[u8]) -> io::Result<()> {
        self.tell(&json!({"package": package.len()}))?;
        self.input.write_all(package)?;
        self.input.flush()
    }

    /// Closes it and waits until it is gone.
    pub(crate) fn close(mut self) -> io::Result<ExitStatus> {
        drop(self.input);
        self.child.wait()
    }

    fn tell(&mut self, line: &Json) -> io::Result<()> {
        writeln!(self.input, "{line}")?;
        self.input.flush()
    }
}
