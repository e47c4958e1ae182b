//! `guichet dev`: show a folder in a window as it is, and every change as it is saved.

use std::{
    io::{self, BufRead as _},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};

use crate::{
    dev::{
        pack::{NotPacked, Source, pack},
        said,
        step::Step,
        watch::Watch,
        window::Window,
        words::{self, Typed},
    },
    exit_status::ExitStatus,
    failure::Failure,
    journey::Recorded,
    message::Message,
    printer::Printer,
};

/// A save is over when nothing has changed for so long: editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(12);
/// The same where another tool builds, which writes many files.
const QUIET_OF_A_TOOL: Duration = Duration::from_millis(120);
/// How long a save may go on.
pub(super) const LONGEST: Duration = Duration::from_secs(2);

/// What is shown, and how.
#[derive(Debug)]
pub(crate) struct DevSettings {
    /// What is packed.
    pub(crate) source: Source,
    /// What has to run first.
    pub(crate) step: Step,
    /// What the window is set up with.
    pub(crate) set: Json,
    /// Whether a WebDriver may drive it.
    pub(crate) automation: bool,
    /// Where the window's program is looked for.
    pub(crate) folders: Vec<PathBuf>,
}

/// What happens.
enum Happening {
    Changed(PathBuf),
    Typed(String),
    Window(Option<Json>),
}

/// One run of the command.
struct Loop<'a> {
    settings: &'a DevSettings,
    printer: Printer,
    sender: Sender<Happening>,
    window: Option<Window>,
    /// The package that is shown.
    shown: Vec<u8>,
    /// Whether the folder could not be packed the last time.
    is_troubled: bool,
    set: Json,
}

/// Shows a folder until the window is closed.
pub(crate) fn run(settings: &DevSettings, printer: Printer) -> Result<ExitStatus, Failure> {
    let DevSettings { source, folders, .. } = settings;
    if !source.directory.is_dir() {
        return Err(Failure::NoFolder { path: source.directory.clone() });
    }
    let program = find(folders).ok_or(Failure::NoWindow)?;
    let (sender, happenings) = channel();
    let noticed = sender.clone();
    let watch = Watch::begin(source.clone(), move |path| drop(noticed.send(Happening::Changed(path))));
    let mut watch = watch.map_err(|(path, source)| Failure::Unwatchable { path, source })?;
    listen(sender.clone());
    let set = settings.set.clone();
    let mut dev = Loop { settings, printer, sender, window: None, shown: Vec::new(), is_troubled: false, set };
    printer.say(&Message::DevBegins { directory: source.directory.display().to_string() });
    dev.step_and_show(&program, true)?;
    loop {
        match happenings.recv() {
            Ok(Happening::Changed(path)) => {
                let Some(paths) = settled(path, &happenings, &mut dev)? else { break };
                watch.follow().map_err(|(path, source)| Failure::Unwatchable { path, source })?;
                let runs = paths.iter().any(|path| settings.step.concerns(source, path));
                dev.step_and_show(&program, runs)?;
            }
            Ok(happening) => {
                if dev.hears(happening)? {
                    break;
                }
            }
            Err(_) => break,
        }
    }
    dev.close()
}

/// How long nothing may change until a save is over.
pub(super) fn quiet(source: &Source) -> Duration {
    if source.from.is_some() { QUIET_OF_A_TOOL } else { QUIET }
}

/// All that changes until it is quiet; none if it is over meanwhile.
fn settled(
    first: PathBuf,
    happenings: &Receiver<Happening>,
    dev: &mut Loop<'_>,
) -> Result<Option<Vec<PathBuf>>, Failure> {
    let quiet = quiet(&dev.settings.source);
    let latest = Instant::now() + LONGEST;
    let mut paths = vec![first];
    loop {
        let left = latest.saturating_duration_since(Instant::now()).min(quiet);
        match happenings.recv_timeout(left) {
            Ok(Happening::Changed(path)) => paths.push(path),
            Ok(happening) => {
                if dev.hears(happening)? {
                    return Ok(None);
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(Some(paths)),
        }
    }
}

impl Loop<'_> {
    /// Runs what has to run first, and shows what comes of it.
    fn step_and_show(&mut self, program: &Path, runs: bool) -> Result<(), Failure> {
        let DevSettings { source, step, .. } = self.settings;
        if runs && let Err(failure) = step.run(&source.directory) {
            let problem = said::step(&failure, self.printer.lang);
            self.line(&json!({"is": "problems", "problems": [&problem]}), || {
                vec![said::one_line(&problem, self.printer.lang)]
            });
            self.is_troubled = true;
            return self.tell(|window| window.problems(&[problem]));
        }
        let lang = self.printer.lang;
        match pack(source) {
            Ok(packed) => {
                let remarks: Vec<Json> = packed.found.iter().map(|found| said::problem(found, lang)).collect();
                let is_new = self.shown != packed.bytes;
                if self.is_troubled {
                    self.printer.say(&Message::DevRepaired);
                }
                if is_new || self.is_troubled {
                    self.line(&json!({"is": "problems", "problems": remarks}), || {
                        said::lines(&packed.found, source, lang)
                    });
                }
                self.is_troubled = false;
                self.shown = packed.bytes;
                if self.window.is_none() {
                    self.open(program)?;
                } else if !is_new {
                    return self.tell(|window| window.problems(&remarks));
                }
                let shown = std::mem::take(&mut self.shown);
                self.tell(|window| window.show(&shown).and_then(|()| window.problems(&remarks)))?;
                self.shown = shown;
                Ok(())
            }
            Err(why) => self.troubled(&why),
        }
    }

    /// The folder cannot be packed now; the last good version stays.
    fn troubled(&mut self, why: &NotPacked) -> Result<(), Failure> {
        let (source, lang) = (&self.settings.source, self.printer.lang);
        let problems = said::problems(why, lang);
        self.is_troubled = true;
        self.line(&json!({"is": "problems", "problems": problems}), || match why {
            NotPacked::Found(found) => said::lines(found, source, lang),
            NotPacked::Failure(_) => problems.iter().map(|problem| said::one_line(problem, lang)).collect(),
        });
        self.tell(|window| window.problems(&problems))
    }

    fn open(&mut self, program: &Path) -> Result<(), Failure> {
        let DevSettings { automation, .. } = self.settings;
        let sender = self.sender.clone();
        let says = move |line| drop(sender.send(Happening::Window(line)));
        let opened = Window::open(program, self.printer.lang.tag(), *automation, says);
        let mut window = opened.map_err(|source| Failure::WindowFailed { why: source.to_string() })?;
        drop(window.set(&self.set));
        self.window = Some(window);
        Ok(())
    }

    /// Takes in what was typed or said; true: it is over.
    fn hears(&mut self, happening: Happening) -> Result<bool, Failure> {
        let lang = self.printer.lang;
        match happening {
            Happening::Changed(_) => {}
            Happening::Window(None) => return Ok(true),
            Happening::Window(Some(said)) if said["is"] == "recorded" => self.recorded(said)?,
            Happening::Window(Some(said)) => self.line(&said, || said::window(&said, lang).into_iter().collect()),
            Happening::Typed(line) => match words::read(&line) {
                None => {}
                Some(Typed::Record(begins)) => {
                    if begins {
                        self.printer.say(&Message::DevRecords);
                    }
                    self.tell(|window| window.record(begins))?;
                }
                Some(Typed::Help) => self.printer.show(&said::help(lang)),
                Some(Typed::Quit) => return Ok(true),
                Some(Typed::Unknown(word)) => self.printer.say(&Message::DevUnknownWord { word }),
                Some(Typed::Set(set)) => {
                    if let (Some(all), Some(some)) = (self.set.as_object_mut(), set.as_object()) {
                        all.extend(some.clone());
                    }
                    self.tell(|window| window.set(&set))?;
                }
            },
        }
        Ok(false)
    }

    /// Writes down what the window has seen somebody do. What they entered is in no line that is printed.
    fn recorded(&mut self, said: Json) -> Result<(), Failure> {
        let recorded: Option<Recorded> = serde_json::from_value(said).ok();
        let file = match recorded.filter(|recorded| !recorded.is_empty()) {
            Some(recorded) => Some(recorded.write(&self.settings.source.directory.join("tests"))?),
            None => None,
        };
        let file = file.map(|file| file.display().to_string());
        self.line(&json!({"is": "recorded", "file": file}), Vec::new);
        self.printer.say(&match &file {
            Some(file) => Message::DevRecorded { file: file.clone() },
            None => Message::DevNothingRecorded,
        });
        self.tell(|window| window.written(file.as_deref()))
    }

    /// Says something to the window, if it is there. One that is closing hears nothing, and that is heard of elsewhere.
    fn tell(&mut self, what: impl FnOnce(&mut Window) -> io::Result<()>) -> Result<(), Failure> {
        match self.window.as_mut().map(what) {
            Some(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::WindowFailed { why: error.to_string() })
            }
            _ => Ok(()),
        }
    }

    /// One line of JSON, or text.
    fn line(&self, line: &Json, text: impl FnOnce() -> Vec<String>) {
        self.printer.line(line, text);
    }

    fn close(self) -> Result<ExitStatus, Failure> {
        let Some(window) = self.window else { return Ok(ExitStatus::Done) };
        let ended = window.close().map_err(|source| Failure::WindowFailed { why: source.to_string() })?;
        if ended.success() { Ok(ExitStatus::Done) } else { Err(Failure::WindowFailed { why: ended.to_string() }) }
    }
}

/// Hears what is typed, as long as there is somebody to type.
fn listen(sender: Sender<Happening>) {
    // Without it the panel still switches everything.
    drop(thread::Builder::new().name("typed".to_owned()).spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(Happening::Typed(line)).is_err() {
                return;
            }
        }
    }));
}

fn find(folders: &[PathBuf]) -> Option<PathBuf> {
    let name = format!("guichet-desktop{}", std::env::consts::EXE_SUFFIX);
    folders.iter().map(|folder| folder.join(&name)).find(|path| path.is_file())
}
