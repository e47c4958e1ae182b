//! What each further open app takes, beside each further view of a bare window.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use guichet_journeys::{picture::color, until::until};
use rustix::io::Errno;
use serde_json::{Value, json};

use crate::{
    Arguments,
    open::in_a_sandbox,
    page::Site,
    spoken::Spoken,
    stage::{Stage, app_id, ring},
};

/// Apps, and views, that are open at the end.
const APPS: usize = 6;

/// The middle of the cross that leaves an app, in the bar above it.
const CLOSE: (u32, u32) = (1237, 27);
/// A place right below it, where an app's page has its color and the home page has another.
const BELOW: (u32, u32) = (640, 70);
const PAGE: &str = "#ffffff";

/// How long anything may take, and what a click does.
const MOST: Duration = Duration::from_secs(60);
const CLICK: Duration = Duration::from_secs(5);

pub(crate) fn measure(arguments: &Arguments) -> Result<Value> {
    let apps: Vec<_> = (0..APPS).map(|number| (format!("blank{number}"), [].as_slice())).collect();
    let stage = Stage::set(&apps)?;
    let site = Site::open(&[])?;
    let (mut ours, mut bare) = (vec![], vec![]);
    for _ in 0..arguments.rounds {
        let most = APPS.to_string();
        let window = Spoken::start(&mut stage.desktop(&["--background-apps", &most, "--open", &app_id("blank0")])?)?;
        window.line("opened")?;
        let first = settled(&window)?;
        for (name, _) in &apps[1..] {
            leave(&stage)?;
            ring(&stage.home(), &app_id(name))?;
            window.line("opened")?;
        }
        ours.push((settled(&window)? - first) / (APPS - 1) as f64);
        window.stop()?;

        let mut command = std::process::Command::new(&arguments.bare);
        let mut window = Spoken::start(in_a_sandbox(command.args(["many", &site.url, &most]), &stage.display))?;
        window.line("painted")?;
        let first = settled(&window)?;
        for _ in 1..APPS {
            window.tell("next")?;
            window.line("painted")?;
        }
        bare.push((settled(&window)? - first) / (APPS - 1) as f64);
        window.stop()?;
    }
    Ok(json!({"ours": ours, "bare": bare}))
}

/// Leaves the app in front, and waits until it is left: apps that are opened one over the other are soon too many.
fn leave(stage: &Stage) -> Result<()> {
    let picture = stage.home().with_file_name("seen.png");
    let is_seen = || {
        stage.display.picture(&picture)?;
        Ok::<_, anyhow::Error>(color(&picture, BELOW.0, BELOW.1)? == PAGE)
    };
    until("the app is to be seen", MOST, || Ok(is_seen()?.then_some(())))?;
    until("the app is left", MOST, || {
        stage.display.click(CLOSE.0, CLOSE.1)?;
        // A click that comes while the bar is laid out anew may be nobody's.
        Ok(until("it is left", CLICK, || Ok((!is_seen()?).then_some(()))).ok())
    })
}

/// The proportional set size of all its processes in MB, once it has been the same for three seconds.
fn settled(window: &Spoken) -> Result<f64> {
    let (mut last, mut since) = (0.0, Instant::now());
    until("memory has settled", MOST, || {
        let now = megabytes(window)?;
        if (now - last).abs() > 1.0 {
            (last, since) = (now, Instant::now());
        }
        Ok((since.elapsed() > Duration::from_secs(3)).then_some(now))
    })
}

fn megabytes(window: &Spoken) -> Result<f64> {
    let kibibytes = |pid: u32| -> Result<f64> {
        let place = format!("/proc/{pid}/smaps_rollup");
        let text = match fs::read_to_string(&place) {
            Ok(text) => text,
            // It has ended meanwhile.
            Err(error) if matches!(Errno::from_io_error(&error), Some(Errno::NOENT | Errno::SRCH)) => return Ok(0.0),
            Err(error) => return Err(error).with_context(|| place.clone()),
        };
        let line = text.lines().find(|line| line.starts_with("Pss:"));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).context(place)
    };
    Ok(window.processes().into_iter().map(kibibytes).sum::<Result<f64>>()? * 1024.0 / 1e6)
}
