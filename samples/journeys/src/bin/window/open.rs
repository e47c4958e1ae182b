//! From a start, or from a wish in a running window, to an app's first frame.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;
use guichet_journeys::{display::Display, until::until};
use serde_json::{Value, json};

use crate::{
    Arguments,
    held::Held,
    page::Site,
    spoken::Spoken,
    stage::{Stage, app_id, ring},
};

/// Apps to choose from, of each kind.
const APPS: usize = 6;

/// The user without rights of Linux, under whom Chromium starts where the bench is root's.
const NOBODY: u32 = 65_534;

/// Rounds that warm and do not count.
const WARM: usize = 2;

/// How often a start is measured for each time that something in a running window is: it wavers by more than a tenth.
const STARTS: usize = 2;

pub(crate) fn measure(arguments: &Arguments) -> Result<Value> {
    let blank: Vec<String> = (0..APPS).map(|number| format!("blank{number}")).collect();
    let bundle: Vec<String> = (0..APPS).map(|number| format!("bundle{number}")).collect();
    let files = arguments.bundle.as_slice();
    let blanks = blank.iter().map(|name| (name.clone(), [].as_slice()));
    let apps: Vec<_> = blanks.chain(bundle.iter().map(|name| (name.clone(), files))).collect();
    let stage = Stage::set(&apps)?;
    let mut held = Held::default();
    let mut figures = cold(arguments, &stage, &app_id("blank0"), &mut held)?;
    figures["pooled"] = warm(&stage, &blank, arguments.rounds)?;
    figures["pooled-bundle"] = warm(&stage, &bundle, arguments.rounds)?;
    Ok(figures)
}

/// Seconds from the start of a program to the first frame, in turns. The files of each are in memory: each start is the second
/// of two, and what the rounds that warm have mapped is held.
fn cold(arguments: &Arguments, stage: &Stage, app: &str, held: &mut Held) -> Result<Value> {
    let site = Site::open(&[])?;
    let home = tempfile::tempdir()?;
    let (mut ours, mut exposed, mut webkit, mut chromium, mut new) = (vec![], vec![], vec![], vec![], vec![]);
    for round in 0..WARM + STARTS * arguments.rounds {
        if round == WARM {
            held.hold(home.path())?;
        }
        let keep = |list: &mut Vec<f64>, seconds: f64| {
            if round >= WARM {
                list.push(seconds);
            }
        };
        let mut note = |started: &Spoken| held.note(&started.processes());
        keep(&mut ours, second(|| desktop(&mut stage.desktop(&["--open", app])?, &mut note))?);
        keep(&mut webkit, second(|| bare(&arguments.bare, &stage.display, &site, &mut note))?);
        keep(
            &mut exposed,
            second(|| desktop(&mut stage.desktop(&["--open", app, "--no-renderer-sandbox"])?, &mut note))?,
        );
        if let Some(program) = &arguments.chromium {
            let mut chrome = |profile: &Path| chrome(program, &stage.display, &site, home.path(), profile, &mut note);
            keep(&mut chromium, second(|| chrome(&home.path().join("profile")))?);
            keep(&mut new, second(|| chrome(tempfile::tempdir()?.path()))?);
        }
    }
    Ok(
        json!({"ours": ours, "exposed": exposed, "webkit": webkit, "chromium": chromium, "chromium-new": new, "held": held.is_held()}),
    )
}

/// What the second of two starts took, one right after the other.
fn second(mut start: impl FnMut() -> Result<f64>) -> Result<f64> {
    start()?;
    start()
}

fn desktop(command: &mut Command, note: &mut impl FnMut(&Spoken)) -> Result<f64> {
    let started = Spoken::start(command)?;
    let (opened, _) = started.line("opened")?;
    note(&started);
    let seconds = opened.duration_since(started.begun).as_secs_f64();
    started.stop()?;
    Ok(seconds)
}

fn bare(program: &Path, display: &Display, site: &Site, note: &mut impl FnMut(&Spoken)) -> Result<f64> {
    let started = Spoken::start(in_a_sandbox(Command::new(program).args(["frame", &site.url]), display))?;
    let (painted, _) = started.line("painted")?;
    site.painted()?;
    note(&started);
    let seconds = painted.duration_since(started.begun).as_secs_f64();
    started.stop()?;
    Ok(seconds)
}

/// The environment that `guichet-desktop` gives WebKit, where there is no graphics card.
pub(crate) fn in_a_sandbox<'a>(command: &'a mut Command, display: &Display) -> &'a mut Command {
    command.env("WEBKIT_FORCE_SANDBOX", "1").env("WEBKIT_DISABLE_DMABUF_RENDERER", "1").env("DISPLAY", display.name())
}

/// Chromium in its sandbox, with the profile in this folder. For root it has none: then it is another user's.
fn chrome(
    program: &Path,
    display: &Display,
    site: &Site,
    home: &Path,
    profile: &Path,
    note: &mut impl FnMut(&Spoken),
) -> Result<f64> {
    std::fs::create_dir_all(profile)?;
    let mut command = if rustix::process::geteuid().is_root() {
        for folder in [profile, home] {
            std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY))?;
        }
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"), "--clear-groups".to_owned()]);
        command.arg(program).env("HOME", home);
        command
    } else {
        Command::new(program)
    };
    command.arg(format!("--user-data-dir={}", profile.display())).arg(format!("--app={}", site.url));
    command.args(["--no-first-run", "--no-default-browser-check", "--disable-gpu"]).env("DISPLAY", display.name());
    let started = Spoken::start(&mut command)?;
    let seconds = site.painted()?.duration_since(started.begun).as_secs_f64();
    note(&started);
    started.stop()?;
    Ok(seconds)
}

/// Seconds from a wish to the first frame in a window that keeps a view ready, and in one that does not, in turns.
fn warm(stage: &Stage, apps: &[String], rounds: usize) -> Result<Value> {
    let mut chosen = Chosen(0x9e37_79b9_7f4a_7c15);
    let (mut with, mut without) = (vec![], vec![]);
    for round in 0..WARM + rounds {
        let app = app_id(&apps[chosen.next_of(apps.len())]);
        // The home page's process, and the one that is ready.
        let seconds = wish(stage, &[], 2, &app)?;
        let peer = wish(stage, &["--no-warm-view"], 1, &app)?;
        if round >= WARM {
            with.push(seconds);
            without.push(peer);
        }
    }
    Ok(json!({"with": with, "without": without}))
}

fn wish(stage: &Stage, options: &[&str], drawing: usize, app: &str) -> Result<f64> {
    let window = Spoken::start(&mut stage.desktop(options)?)?;
    window.line("ready")?;
    settled(&window, drawing)?;
    let begun = Instant::now();
    ring(&stage.home(), app)?;
    let (opened, _) = window.line(&format!("opened {app}"))?;
    window.stop()?;
    Ok(opened.duration_since(begun).as_secs_f64())
}

/// Waits until so many processes draw, for a second in a row.
fn settled(window: &Spoken, most: usize) -> Result<()> {
    let mut since = Instant::now();
    until("the window has settled", Duration::from_secs(60), || {
        if window.drawing() != most {
            since = Instant::now();
        }
        Ok((since.elapsed() > Duration::from_secs(1)).then_some(()))
    })
}

/// Numbers that nobody can foresee, the same each time: xorshift.
struct Chosen(u64);

impl Chosen {
    /// Another one than the last.
    fn next_of(&mut self, most: usize) -> usize {
        let last = self.0 as usize % most;
        while self.0 as usize % most == last {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
        }
        self.0 as usize % most
    }
}
