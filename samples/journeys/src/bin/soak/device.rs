//! A device with many apps, and a person who opens, uses and closes one after another.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use guichet_journeys::{
    demo::sample,
    display::Display,
    doorbell::ring,
    process::{Running, program, run},
    town::{OFFICES, Town},
    until::until,
};

use crate::census::{self, Census};

const DEADLINE: Duration = Duration::from_secs(60);

/// How long a person waits before they look where they are.
const TRY: Duration = Duration::from_secs(10);

/// How long somebody looks at an app that stays, before the click that should have closed it is done again.
const AGAIN: Duration = Duration::from_secs(20);

/// So many visits in a row in which a person has lost their way are no accident.
const MOST_LOST: usize = 3;

/// For so long nothing must change before it is counted.
const STILL: Duration = Duration::from_secs(5);

/// Arrow and cross in the bar above an app.
const BACK: (u32, u32) = (38, 27);
const CLOSE: (u32, u32) = (1237, 27);

/// An app made from a sample.
struct App {
    id: String,
    kind: Kind,
}

/// What it was made from.
#[derive(Clone, Copy)]
enum Kind {
    /// JavaScript, several pages.
    Permit,
    /// A component.
    Estimator,
}

impl Kind {
    fn of(number: usize) -> Self {
        if number.is_multiple_of(2) { Self::Permit } else { Self::Estimator }
    }

    /// Whose it is, the sample, and what its id begins with.
    fn from(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Permit => ("residence", "residence-permit", "gov.example.residence.permit"),
            Self::Estimator => ("benefits", "benefit-estimator", "gov.example.benefits.estimator"),
        }
    }
}

/// A store, and a window on a display whose device has all its apps.
pub(crate) struct Device {
    window: Running,
    display: Display,
    apps: Vec<App>,
    _town: Town,
    folder: tempfile::TempDir,
    /// Visits in which a person has lost their way, since the last one that went well.
    lost: usize,
    /// All of them.
    lost_ever: usize,
}

impl Device {
    /// Publishes so many apps and opens the window, as it is shipped.
    pub(crate) fn furnish(samples: &Path, apps: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let town = Town::found(folder.path(), &OFFICES)?;
        let apps: Vec<_> = (0..apps)
            .map(|number| {
                let kind = Kind::of(number);
                App { id: format!("{}{number}", kind.from().2), kind }
            })
            .collect();
        for app in &apps {
            publish(&town, samples, folder.path(), app)?;
        }
        let display = Display::start()?;
        let [passing, runtime] = ["device/passing", "device/runtime"].map(|name| folder.path().join(name));
        fs::create_dir_all(&passing)?;
        fs::create_dir(&runtime)?;
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700))?;
        let mut command = program("guichet-desktop")?;
        command.arg("--trust").arg(town.trust_file()).arg("--home").arg(home(folder.path()));
        // What it does is said on its standard error.
        command.args(["--lang", "en"]).env("GUICHET_LOG", "warn,opening=trace").env("DISPLAY", display.name());
        command.env("HOME", folder.path().join("device")).env("TMPDIR", passing);
        command.env("XDG_RUNTIME_DIR", runtime);
        let mut window = Running::start("guichet-desktop", &mut command)?;
        window.line("guichet-desktop ready", DEADLINE)?;
        Ok(Self { window, display, apps, _town: town, folder, lost: 0, lost_ever: 0 })
    }

    /// Every app is opened, used and closed; in the first round it is installed as well.
    pub(crate) fn round(&mut self, round: usize) -> Result<()> {
        for number in 0..self.apps.len() {
            self.visit(number, round).with_context(|| {
                let picture = std::env::temp_dir().join("guichet-soak.png");
                let seen = self
                    .display
                    .picture(&picture)
                    .map_or_else(|error| error.to_string(), |()| picture.display().to_string());
                format!("round {round}, app {number}; the window: {seen}")
            })?;
        }
        Ok(())
    }

    /// On a machine that has much to do a key may come before the page it is meant for: who has lost their way leaves.
    fn visit(&mut self, number: usize, round: usize) -> Result<()> {
        match self.use_app(number, round) {
            Ok(()) => self.lost = 0,
            Err(lost) if self.lost + 1 == MOST_LOST => return Err(lost),
            Err(lost) => {
                eprintln!("round {round}, app {number}: left without having used it: {lost:#}");
                self.lost += 1;
                self.lost_ever += 1;
            }
        }
        self.leave()
    }

    /// A click that comes while the bar is laid out anew may be nobody's: like a person, it is done again, and said.
    fn leave(&self) -> Result<()> {
        let home_is_seen = || Ok((!self.shows_an_app()?).then_some(()));
        self.display.click(CLOSE.0, CLOSE.1)?;
        if until("the home page is seen", AGAIN, home_is_seen).is_err() {
            eprintln!("clicked once more to leave");
            self.display.click(CLOSE.0, CLOSE.1)?;
        }
        until("the home page is seen", DEADLINE, home_is_seen)
    }

    fn use_app(&mut self, number: usize, round: usize) -> Result<()> {
        let (kind, id) = (self.apps[number].kind, self.apps[number].id.clone());
        let heard = self.window.heard();
        ring(&home(self.folder.path()), &id)?;
        self.window.line_since(heard, &format!("opened {id}"), DEADLINE)?;
        match kind {
            // Tab reaches the page's one main action, which leads to the form; there the first choice, and then the name.
            Kind::Permit => {
                let heard = self.window.heard();
                self.keys(&["Tab", "Return"])?;
                self.window.line_since(heard, "first paint", DEADLINE)?;
                self.keys(&["Tab", "Tab"])?;
                self.fill(number, &format!("Visitor {round:03}{number:02}"), &[])?;
                self.display.click(BACK.0, BACK.1)?;
            }
            // Seven fields lie before the income.
            Kind::Estimator => {
                self.keys(&["Tab"; 7])?;
                let income = (100_000 + round * 100 + number).to_string();
                self.fill(number, &income, &["Return"])?;
            }
        }
        Ok(())
    }

    /// Replaces what stands in a field, presses these keys, and waits until the app has kept it. A key that came before the
    /// page was there is pressed again, as a person does who sees that they are not in the field yet.
    fn fill(&self, number: usize, text: &str, then: &[&str]) -> Result<()> {
        let file = home(self.folder.path()).join("apps").join(&self.apps[number].id).join("data/storage.redb");
        let (begun, mut tried) = (Instant::now(), None::<Instant>);
        until(&format!("the app has kept `{text}`"), DEADLINE, || {
            let kept = fs::read(&file).unwrap_or_default();
            if kept.windows(text.len()).any(|part| part == text.as_bytes()) {
                return Ok(Some(()));
            }
            if tried.is_none_or(|tried| tried.elapsed() > TRY) {
                if tried.is_some() {
                    eprintln!("app {number}: once more after {} s", begun.elapsed().as_secs());
                    self.keys(&["Tab"])?;
                }
                self.keys(&["ctrl+a"])?;
                self.display.write(text)?;
                self.keys(then)?;
                tried = Some(Instant::now());
            }
            Ok(None)
        })
    }

    fn keys(&self, keys: &[&str]) -> Result<()> {
        keys.iter().try_for_each(|key| self.display.key(key))
    }

    /// Whether an app is open: then the window has its name before ours.
    fn shows_an_app(&self) -> Result<bool> {
        let mut command = std::process::Command::new("xdotool");
        command.args(["search", "--onlyvisible", "--name", "Guichet", "getwindowname"]);
        let finished = run(command.env("DISPLAY", self.display.name()))?;
        // A window that goes while it is asked for its name is looked for again.
        let shows = finished.stdout.lines().any(|title| title.trim_end().ends_with("· Guichet"));
        Ok(shows || !finished.status.success())
    }

    /// Waits until nothing goes on in the window any more, and counts.
    pub(crate) fn settled(&self) -> Result<Census> {
        let (mut last, mut since) = (Vec::new(), Instant::now());
        let place = self.folder.path().join("device");
        until("the window has settled", 2 * DEADLINE, || {
            let now = census::still(&self.window);
            if last != now {
                (last, since) = (now, Instant::now());
            }
            Ok((since.elapsed() > STILL).then(|| Census::of(&self.window, &place)))
        })
    }

    /// Ends the window: in how many visits nothing was used.
    pub(crate) fn close(self) -> Result<usize> {
        self.window.stop()?;
        Ok(self.lost_ever)
    }
}

fn home(folder: &Path) -> PathBuf {
    folder.join("device/home")
}

/// A sample under another id: built, sealed, published, approved.
fn publish(town: &Town, samples: &Path, folder: &Path, app: &App) -> Result<()> {
    let (office, name, prefix) = app.kind.from();
    let source = sample::copy(samples, name, &folder.join(&app.id))?;
    let manifest = source.join("manifest.json");
    let text = fs::read_to_string(&manifest)?.replace(&format!("\"{prefix}\""), &format!("\"{}\"", app.id));
    fs::write(manifest, text)?;
    let package = folder.join(format!("{}.ma", app.id));
    town.build(office, &source, &package)?;
    town.approve(office, &town.publish(office, &package)?).map(drop)
}
