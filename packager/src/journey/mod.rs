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
mod recorded;
mod report;
mod tester;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use guichet_host::{Look, LookOptions, Profile, Walls};
use guichet_package::{Limits, PackageDraft, PackageFile, PackagePath, Refusal};
use guichet_services::{Memory, Simulation};
use serde_json::Value as Json;

use bare::Bare;
pub(crate) use bare::Thrown;
pub(crate) use driver::NoGlass;
use glass::{Glass, Hall};
pub(crate) use recorded::Recorded;
pub(crate) use report::{Ended, Outcome, Run};
use tester::{Journey, Next, Person, Tester};

use crate::glass::Display;

/// How long logic may take to answer a step.
const TO_ANSWER: Duration = Duration::from_secs(60);
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
    /// The terminals to stand in for.
    pub(crate) profiles: Vec<Profile>,
    /// Whether a window may be opened; what needs one is skipped otherwise.
    pub(crate) glass: bool,
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

/// Runs the journeys one after the other on each profile: without glass if they need none, otherwise in the window.
pub(crate) fn run(plan: &Plan) -> Result<Run, NotRun> {
    let begun = Instant::now();
    let mut tester = Tester::load(&plan.tests, plan.walls.clone()).map_err(NotRun::Tests)?;
    let journeys = tester.list().map_err(NotRun::Tests)?;
    let package = built(&plan.files, None)?;
    let lang = match package.manifest().lang.as_deref() {
        Some(lang) if lang.starts_with("zh") => Person::Zh,
        _ => Person::En,
    };
    let mut outcomes = Vec::new();
    let mut hall: Option<Hall> = None;
    for (index, journey) in journeys.iter().enumerate() {
        let is_asked = |text: &String| journey.name.contains(text.as_str()) || journey.file.contains(text.as_str());
        if !plan.only.as_ref().is_none_or(is_asked) {
            continue;
        }
        let package = built(&plan.files, journey.permissions.as_deref())?;
        let is_meant = |profile: &&Profile| journey.profiles.as_ref().is_none_or(|meant| meant.contains(profile));
        let mut profiles = plan.profiles.iter().copied().filter(|profile| is_meant(&profile)).peekable();
        if profiles.peek().is_none() {
            let own = journey.profiles.iter().flatten().next().copied().unwrap_or_default();
            outcomes.push(Outcome::skipped(journey, own, "none of its profiles was chosen".to_owned()));
        }
        let mut needs_glass = None;
        for profile in profiles {
            let stage = Stage { index, journey, package: &package, profile, lang: journey.lang.unwrap_or(lang) };
            if needs_glass.is_none() {
                let (played, outcome) = stage.in_logic(&mut tester, &plan.walls);
                match played {
                    Played::NeedsGlass(step) => needs_glass = Some(step),
                    Played::Passed | Played::Failed(..) => outcomes.push(outcome),
                }
            }
            match (&needs_glass, plan.glass) {
                (None, _) => {}
                (Some(step), false) => {
                    outcomes.push(Outcome::skipped(journey, profile, format!("`{step}` needs a window")));
                }
                (Some(_), true) => {
                    let hall = match &hall {
                        Some(hall) => hall,
                        None => hall.insert(open_hall(plan).map_err(NotRun::NoGlass)?),
                    };
                    outcomes.push(stage.in_glass(&mut tester, hall, &plan.pictures)?);
                }
            }
        }
    }
    Ok(Run::new(package.manifest().app_id.to_string(), outcomes, begun.elapsed()))
}

fn open_hall(plan: &Plan) -> Result<Hall, NoGlass> {
    let program = plan.desktop.clone().ok_or(NoGlass::Missing("guichet-desktop"))?;
    let display = Display::open().map_err(|_| NoGlass::Missing("Xvfb"))?;
    Ok(Hall { display, program, axe: plan.axe.clone() })
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

/// One journey on one terminal.
struct Stage<'a> {
    index: usize,
    journey: &'a Journey,
    package: &'a PackageFile,
    profile: Profile,
    lang: Person,
}

impl Stage<'_> {
    fn in_logic(&self, tester: &mut Tester, walls: &Walls) -> (Played, Outcome) {
        let begun = Instant::now();
        let mut app: Option<Bare> = None;
        let warm = tester.look().clone();
        let simulations = self.journey.simulations();
        let played = play(tester, self.index, |kind, input| {
            let simulations = match &simulations {
                Ok(simulations) => simulations,
                Err(thrown) => return Some(Err(thrown.clone())),
            };
            if !WITHOUT_GLASS.contains(&kind) {
                return None;
            }
            let page = input["page"].as_str();
            if kind == "open" || app.is_none() {
                match self.open_bare(&warm, page, walls, simulations) {
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
        let mut outcome = Outcome::new(self.journey, self.profile, begun.elapsed());
        outcome.console = app.map(|app| app.said().to_vec()).unwrap_or_default();
        outcome.ended(&played);
        (played, outcome)
    }

    fn open_bare(
        &self,
        warm: &Look,
        page: Option<&str>,
        walls: &Walls,
        simulations: &[Simulation],
    ) -> Result<Bare, Thrown> {
        let options = LookOptions {
            services: Arc::new(Memory::simulated(simulations)),
            lang: self.lang.tag().to_owned(),
            terminal: self.profile.terminal(),
            walls: walls.clone(),
            script_cache: None,
            recorder: None,
            plays: None,
        };
        let look = warm.beside(self.package.clone(), options).map_err(|error| Thrown::new(error.to_string()))?;
        Bare::open(&look, page, TO_ANSWER)
    }

    fn in_glass(&self, tester: &mut Tester, hall: &Hall, pictures: &Path) -> Result<Outcome, NotRun> {
        let begun = Instant::now();
        let file = lay_down(self.package)?;
        let path = file.path().join("app.ma");
        let folder = pictures.join(self.profile.name());
        // A journey with devices that there are not has failed before it came to glass.
        let simulations = self.journey.simulations().unwrap_or_default();
        let lang = self.lang.tag();
        let mut window = Glass::open(hall, &path, self.profile, lang, &simulations, folder).map_err(NotRun::NoGlass)?;
        let played = play(tester, self.index, |kind, input| Some(window.step(kind, input)));
        let mut outcome = Outcome::new(self.journey, self.profile, begun.elapsed());
        outcome.window = true;
        outcome.pictures = window.pictures().iter().map(|path| path.display().to_string()).collect();
        outcome.ended(&played);
        window.close();
        Ok(outcome)
    }
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
    fn skipped(journey: &Journey, on: Profile, why: String) -> Self {
        Self { what: Some(why), ..Self::new(journey, on, Duration::ZERO) }
    }

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
