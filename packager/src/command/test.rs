//! `guichet test`: run the journeys of an app, without glass and in the real window.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use guichet_host::Profile;
use guichet_package::PackagePath;

use super::{
    build::{self, write},
    build_from::{self, FromSettings},
    replay::walls,
};
use crate::{
    exit_status::ExitStatus,
    failure::Failure,
    journey::{self, Ended, NotRun, Outcome, Plan, Run},
    lang::Lang,
    message::Message,
    on_disk,
    printer::Printer,
    table::{columns, plain},
};

/// Most bytes of one file of journeys.
const MAX_BYTES: u64 = 1 << 20;

/// What is tested, how, and where to.
#[derive(Debug)]
pub(crate) struct TestSettings {
    /// The app's folder, or a package.
    pub(crate) place: PathBuf,
    /// What another tool has built.
    pub(crate) from: Option<FromSettings>,
    /// Where the journeys are.
    pub(crate) tests: PathBuf,
    /// Which of them.
    pub(crate) only: Option<String>,
    /// The terminals to stand in for.
    pub(crate) profiles: Vec<Profile>,
    /// Whether a window may be opened.
    pub(crate) glass: bool,
    /// Where pictures go.
    pub(crate) pictures: PathBuf,
    /// Where a report for a build server goes.
    pub(crate) junit: Option<PathBuf>,
    /// Where `guichet-desktop` is.
    pub(crate) desktop: Option<PathBuf>,
}

/// Runs them. Exit code 1 says that one has failed.
pub(crate) fn run(settings: TestSettings, printer: Printer) -> Result<ExitStatus, Failure> {
    let TestSettings { place, from, tests, only, profiles, glass, pictures, junit, desktop } = settings;
    let files = files(&place, from.as_ref(), printer)?;
    let journeys = read(&tests)?;
    if journeys.is_empty() {
        return Err(Failure::NoJourneys { path: tests });
    }
    let plan = Plan {
        files,
        tests: journeys,
        only,
        profiles,
        glass,
        desktop,
        axe: axe(&tests),
        pictures,
        walls: walls().map_err(Failure::Engine)?,
    };
    printer.say(&Message::Testing { tests: tests.display().to_string() });
    let run = journey::run(&plan).map_err(|error| match error {
        NotRun::Package(refusal) => Failure::in_folder(*refusal, &place),
        NotRun::Tests(thrown) => Failure::JourneysNotLoaded { path: tests, why: thrown.message },
        NotRun::NoGlass(why) => Failure::NoGlass { why },
        NotRun::Unwritable(path, source) => Failure::Write { path, source },
    })?;
    if let Some(file) = &junit {
        write(file, run.junit().as_bytes())?;
    }
    printer.result(&run, |lang| shown(&run, lang));
    Ok(if run.ok { ExitStatus::Done } else { ExitStatus::Failed })
}

/// What would be packed of a folder or a build, or what is in a package.
fn files(
    place: &Path,
    from: Option<&FromSettings>,
    printer: Printer,
) -> Result<BTreeMap<PackagePath, Vec<u8>>, Failure> {
    if let Some(from) = from {
        let (draft, _) = build_from::draft(place, from, printer)?;
        return Ok(draft.files().clone());
    }
    if place.is_file() {
        let package = on_disk::open(place)?;
        return Ok(package.files().map(|(path, bytes)| (path.clone(), bytes.to_vec())).collect());
    }
    Ok(build::draft(place, printer)?.files().clone())
}

/// The scripts in the folder of journeys, as `tests/<path>`, whatever the folder is called.
pub(crate) fn read(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let unread = |path: &Path| {
        let path = path.to_owned();
        |source| Failure::Read { path, source }
    };
    let mut found = BTreeMap::new();
    let mut folders = vec![(folder.to_owned(), "tests".to_owned())];
    while let Some((folder, name)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            entries => entries.map_err(unread(&folder))?,
        };
        for entry in entries {
            let entry = entry.map_err(unread(&folder))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(unread(&entry.path()))?);
            let name = format!("{name}/{}", entry.file_name().to_string_lossy());
            if kind.is_dir() {
                folders.push((path, name));
            } else if kind.is_file() && path.extension() == Some(OsStr::new("js")) {
                if entry.metadata().map_err(unread(&path))?.len() > MAX_BYTES {
                    return Err(Failure::JourneysNotLoaded {
                        path,
                        why: format!("it is larger than {MAX_BYTES} bytes"),
                    });
                }
                found.insert(name, fs::read(&path).map_err(unread(&path))?);
            }
        }
    }
    Ok(found)
}

/// axe-core as npm installs it, in the project or above it.
fn axe(tests: &Path) -> Option<String> {
    let folder = std::path::absolute(tests).ok()?;
    let mut places = folder.ancestors().map(|folder| folder.join("node_modules/axe-core/axe.min.js"));
    places.find_map(|path| fs::read_to_string(path).ok())
}

fn shown(run: &Run, lang: Lang) -> String {
    let word = |en: &'static str, zh: &'static str| if lang == Lang::Zh { zh } else { en };
    let row = |one: &Outcome| {
        let end = match one.end {
            Ended::Passed => word("passed", "通过"),
            Ended::Failed => word("FAILED", "失败"),
            Ended::Skipped => word("skipped", "略过"),
        };
        vec![
            end.to_owned(),
            one.on.name().to_owned(),
            if one.window { word("window", "窗口") } else { word("logic", "逻辑") }.to_owned(),
            format!("{}: {}", plain(&one.file), plain(&one.name)),
            format!("{} ms", one.ms),
        ]
    };
    let mut text = String::new();
    let rows: Vec<Vec<String>> = run.journeys.iter().map(row).collect();
    for (line, one) in columns(&rows).lines().zip(&run.journeys) {
        text += &format!("{line}\n");
        if let Some(what) = &one.what {
            let place = one.place.as_ref().map(|place| format!("{}: ", plain(place))).unwrap_or_default();
            text += &format!("  --> {place}{}\n", plain(what));
        }
        if one.end == Ended::Failed {
            one.console.iter().for_each(|line| text += &format!("  {}: {}\n", word("console", "控制台"), plain(line)));
        }
        one.pictures.iter().for_each(|path| text += &format!("  {}: {path}\n", word("picture", "图片")));
    }
    let counts = [
        (word("passed", "通过"), run.passed),
        (word("failed", "失败"), run.failed),
        (word("skipped", "略过"), run.skipped),
    ];
    let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{word}: {count}")).collect();
    text + &counts.join(word(", ", "，")) + "\n"
}
