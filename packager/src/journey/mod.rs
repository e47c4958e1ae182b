//! Journeys: what a person does with an app, written in JavaScript, run without glass or in the real window.
//!
//! ```text
//! tests/*.js ─► Tester (the script, where logic of apps runs) ─► step ─► Bare (logic only) or Glass (the window) ─► brought ─► Tester
//! ```
//!
//! Invariants: a journey reaches nothing but its steps, so journeys of others can be run; every journey has an app of its own,
//! with nothing kept of the one before; and nothing of a journey is in the package.

mod bare;
mod driver;
mod glass;
mod report;
mod tester;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use guichet_host::{Look, LookOptions, LookTerminal, Walls};
use guichet_package::{Limits, PackageDraft, PackageFile, PackagePath, Refusal};
use guichet_services::{Memory, Simulation};
use serde_json::Value as Json;

use bare::Bare;
pub(crate) use bare::Thrown;
pub(crate) use driver::NoGlass;
use glass::{Glass, Hall};
pub(crate) use report::{Ended, Outcome, Run};
use tester::{Journey, Next, Tester};

use crate::glass::Display;

/// How long logic may take to answer a step.
const TO_ANSWER: Duration = Duration::from_secs(60);
/// Where a journey has run that needed no glass.
const LOGIC: &str = "logic";
/// The steps that logic alone can do.
const WITHOUT_GLASS: [&str; 4] = ["open", "back", "call", "state"];

/// What is run, and where.
pub(crate) struct Plan {
    /// The files of the package.
    pub(crate) files: BTreeMap<PackagePath, Vec<u8>>,
    /// The files of the journeys, by their paths below the project.
    pub(crate) tests: BTreeMap<String, Vec<u8>>,
    /// Only journeys in whose name or file this is found.
    pub(crate) only: Option<String>,
    /// The terminals to stand in for; none: no window is opened.
    pub(crate) profiles: Vec<String>,
    /// Where `guichet-desktop` is.
    pub(crate) desktop: Option<PathBuf>,
    /// axe-core's script, if it is there.
    pub(crate) axe: Option<String>,
    /// Where pictures go, a folder for each profile.
    pub(crate) pictures: PathBuf,
    /// What stands between logic and this process.
    pub(crate) walls: Walls,
}

/// Nothing could be run.
#[derive(Debug)]
pub(crate) enum NotRun {
    /// The package is refused.
    Package(Box<Refusal>),
    /// The files of journeys cannot be loaded.
    Tests(Thrown),
    /// A window cannot be shown or driven here.
    NoGlass(NoGlass),
    /// Something cannot be written.
    Unwritable(PathBuf, std::io::Error),
}

/// How one run of one journey has ended, if it was run at all.
enum Played {
    Passed,
    Failed(Thrown, Option<String>),
    /// It has come to this step, which needs a window.
    NeedsGlass(String),
}

/// Runs the journeys one after the other; those that need no glass once, the others in a window of each profile.
pub(crate) fn run(plan: &Plan) -> Result<Run, NotRun> {
    let begun = Instant::now();
    let mut tester = Tester::load(&plan.tests, plan.walls.clone()).map_err(NotRun::Tests)?;
    let journeys = tester.list().map_err(NotRun::Tests)?;
    let package = built(&plan.files, None)?;
    let lang = match package.manifest().lang.as_deref() {
        Some(lang) if lang.starts_with("zh") => "zh-Hans",
        _ => "en",
    };
    let mut outcomes = Vec::new();
    let mut hall: Option<Hall> = None;
    for (index, journey) in journeys.iter().enumerate() {
        let is_asked = |text: &String| journey.name.contains(text.as_str()) || journey.file.contains(text.as_str());
        if !plan.only.as_ref().is_none_or(is_asked) {
            continue;
        }
        let package = built(&plan.files, journey.permissions.as_deref())?;
        let (played, mut outcome) = in_logic(&mut tester, index, journey, &package, lang, &plan.walls);
        let Played::NeedsGlass(step) = played else {
            outcomes.push(outcome);
            continue;
        };
        let is_meant = |profile: &&String| journey.profiles.as_ref().is_none_or(|meant| meant.contains(profile));
        let profiles: Vec<&String> = plan.profiles.iter().filter(is_meant).collect();
        if profiles.is_empty() {
            outcome.end = Ended::Skipped;
            outcome.what = Some(format!("`{step}` needs a window of one of its profiles"));
            outcomes.push(outcome);
        }
        for profile in profiles {
            if hall.is_none() {
                hall = Some(open_hall(plan, lang).map_err(NotRun::NoGlass)?);
            }
            if let Some(hall) = &hall {
                outcomes.push(in_glass(&mut tester, index, journey, &package, hall, profile, plan)?);
            }
        }
    }
    Ok(Run::new(package.manifest().app_id.to_string(), outcomes, begun.elapsed()))
}

fn open_hall(plan: &Plan, lang: &'static str) -> Result<Hall, NoGlass> {
    let program = plan.desktop.clone().ok_or(NoGlass::Missing("guichet-desktop"))?;
    let display = Display::open().map_err(|_| NoGlass::Missing("Xvfb"))?;
    Ok(Hall { display, program, axe: plan.axe.clone(), lang })
}

/// The package, or a copy in which the app asks for these permissions only.
fn built(files: &BTreeMap<PackagePath, Vec<u8>>, permissions: Option<&[String]>) -> Result<PackageFile, NotRun> {
    let mut files = files.clone();
    if let Some(held) = permissions {
        for (path, bytes) in &mut files {
            let manifest: Option<Json> =
                (path.as_str() == "manifest.json").then(|| serde_json::from_slice(bytes).ok()).flatten();
            if let Some(mut manifest) = manifest {
                if let Some(asked) = manifest["req_permissions"].as_array_mut() {
                    asked.retain(|one| one["name"].as_str().is_some_and(|name| held.iter().any(|held| held == name)));
                }
                *bytes = manifest.to_string().into_bytes();
            }
        }
    }
    let made = PackageDraft::new(files, &Limits::default()).and_then(|draft| draft.unsealed());
    made.map_err(|refusal| NotRun::Package(Box::new(refusal)))
}

/// Goes through a journey; `step` says nothing if it cannot do a step.
fn play(
    tester: &mut Tester,
    index: usize,
    mut step: impl FnMut(&str, &Json) -> Option<Result<Json, Thrown>>,
) -> Played {
    let mut next = tester.again().and_then(|()| tester.begin(index));
    loop {
        match next {
            Ok(Next::Done) => return Played::Passed,
            Ok(Next::Failed(thrown, place)) => return Played::Failed(thrown, place),
            Ok(Next::Step(kind, input)) => match step(&kind, &input) {
                Some(brought) => next = tester.next(&brought),
                None => return Played::NeedsGlass(kind),
            },
            Err(thrown) => return Played::Failed(thrown, None),
        }
    }
}

fn in_logic(
    tester: &mut Tester,
    index: usize,
    journey: &Journey,
    package: &PackageFile,
    lang: &str,
    walls: &Walls,
) -> (Played, Outcome) {
    let begun = Instant::now();
    let mut app: Option<Bare> = None;
    let warm = tester.look().clone();
    let simulations = journey.simulations();
    let played = play(tester, index, |kind, input| {
        let simulations = match &simulations {
            Ok(simulations) => simulations,
            Err(thrown) => return Some(Err(thrown.clone())),
        };
        if !WITHOUT_GLASS.contains(&kind) {
            return None;
        }
        let page = input["page"].as_str();
        if kind == "open" || app.is_none() {
            match open_bare(&warm, package, page, lang, walls, simulations) {
                Ok(bare) => app = Some(bare),
                Err(thrown) => return Some(Err(thrown)),
            }
        }
        let app = app.as_mut()?;
        Some(match kind {
            "call" => app.ask(input["name"].as_str().unwrap_or_default(), &input["input"], TO_ANSWER),
            "state" => Ok(app.state()),
            "back" => {
                app.back();
                Ok(Json::Null)
            }
            _ => Ok(Json::Null),
        })
    });
    let mut outcome = Outcome::new(journey, LOGIC, begun.elapsed());
    outcome.console = app.map(|app| app.said().to_vec()).unwrap_or_default();
    outcome.ended(&played);
    (played, outcome)
}

fn open_bare(
    warm: &Look,
    package: &PackageFile,
    page: Option<&str>,
    lang: &str,
    walls: &Walls,
    simulations: &[Simulation],
) -> Result<Bare, Thrown> {
    let options = LookOptions {
        services: Arc::new(Memory::simulated(simulations)),
        lang: lang.to_owned(),
        terminal: LookTerminal::Desktop,
        walls: walls.clone(),
        recorder: None,
        plays: None,
    };
    let look = warm.beside(package.clone(), options).map_err(|error| Thrown::new(error.to_string()))?;
    Bare::open(&look, page, TO_ANSWER)
}

fn in_glass(
    tester: &mut Tester,
    index: usize,
    journey: &Journey,
    package: &PackageFile,
    hall: &Hall,
    profile: &str,
    plan: &Plan,
) -> Result<Outcome, NotRun> {
    let begun = Instant::now();
    let file = lay_down(package)?;
    let path = file.path().join("app.ma");
    let folder = plan.pictures.join(profile);
    // A journey with devices that there are not has failed before it came to glass.
    let simulations = journey.simulations().unwrap_or_default();
    let mut window = Glass::open(hall, &path, profile, &simulations, folder).map_err(NotRun::NoGlass)?;
    let played = play(tester, index, |kind, input| Some(window.step(kind, input)));
    let mut outcome = Outcome::new(journey, profile, begun.elapsed());
    outcome.pictures = window.pictures().iter().map(|path| path.display().to_string()).collect();
    outcome.ended(&played);
    window.close();
    Ok(outcome)
}

/// The package as a file, for a program that is handed one.
fn lay_down(package: &PackageFile) -> Result<tempfile::TempDir, NotRun> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |error| NotRun::Unwritable(path, error)
    };
    let folder = tempfile::tempdir().map_err(failed(&std::env::temp_dir()))?;
    let path = folder.path().join("app.ma");
    std::fs::write(&path, package.bytes()).map_err(failed(&path))?;
    Ok(folder)
}

impl Outcome {
    fn ended(&mut self, played: &Played) {
        match played {
            Played::Passed => self.end = Ended::Passed,
            Played::NeedsGlass(_) => self.end = Ended::Skipped,
            Played::Failed(thrown, place) => {
                self.end = Ended::Failed;
                self.what = Some(match thrown.name.as_str() {
                    "" | "Error" => thrown.message.clone(),
                    name => format!("{name}: {}", thrown.message),
                });
                self.place.clone_from(place);
            }
        }
    }
}
