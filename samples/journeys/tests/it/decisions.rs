//! What a page asks its view for, with real clicks in the unmodified window: the host decides, and nobody else's window appears.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use guichet_journeys::{
    attacks::{self, PREFIX},
    display::Display,
    process::{Running, must, program},
    sink::Sink,
    town::Town,
    until::until,
};

use super::isolation::HOSTILE;

const DEADLINE: Duration = Duration::from_secs(60);

/// What is asked for by a button, and what the page is told. The last may end the page.
const ASKED: [(&str, &str); 12] = [
    ("popup", "null"),
    ("dialogs", "undefined, false, null"),
    ("download", "asked"),
    ("place", "refused 1"),
    ("camera", "there is none"),
    ("notify", "denied"),
    ("clipboard", "NotAllowedError"),
    ("paste", "false"),
    ("files", "cancelled"),
    ("print", "undefined"),
    ("fullscreen", "there is none"),
    ("close", "undefined"),
];

/// The page with the buttons, in the unmodified window.
pub(crate) struct Window {
    pub(crate) display: Display,
    pub(crate) program: Running,
    home: PathBuf,
    places: BTreeMap<String, (u32, u32)>,
}

impl Window {
    /// Publishes the page at a store that knows [`HOSTILE`], opens it with more options, and asks where everything is.
    pub(crate) fn open(display: Display, folder: &Path, sink: &Sink, options: &[&str]) -> Result<Self> {
        let town = Town::found(folder, &[HOSTILE])?;
        let (place, package) = (folder.join("view"), folder.join("view.ma"));
        attacks::lay_out("view", &[], None, &place)?;
        town.release(HOSTILE.id, &place, &package)?;

        let (home, person) = (folder.join("device"), folder.join("person"));
        fs::create_dir(&person)?;
        let address = format!("guichet://miniapp/{PREFIX}view/pages/home?port={}", sink.port);
        let mut command = program("guichet-desktop")?;
        command.arg("--trust").arg(town.trust_file()).arg("--home").arg(&home);
        command.args(["--lang", "en", "--open", &address]).args(options);
        command.env("DISPLAY", display.name()).env("GUICHET_LOG", "info").env("HOME", &person);
        sink.watch(&mut command);
        let program = Running::start("guichet-desktop", &mut command)?;
        let mut window = Self { display, program, home, places: BTreeMap::new() };
        window.program.line("opened", DEADLINE)?;
        window.ask_for_places()?;
        Ok(window)
    }

    /// The page says where its buttons are when the pointer comes.
    fn ask_for_places(&mut self) -> Result<()> {
        let mut turn = 0;
        let places = until("the page says where everything is", DEADLINE, || {
            turn += 1;
            self.input(&["mousemove", &(600 + turn % 50).to_string(), "500"])?;
            let said = self.program.said();
            Ok(said.lines().find_map(|line| Some(line.split_once("decision places: ")?.1.to_owned())))
        })?;
        for place in places.split_whitespace() {
            // What follows says who has said it.
            let Some((name, (x, y))) = place.split_once('=').and_then(|(name, at)| Some((name, at.split_once(',')?)))
            else {
                continue;
            };
            self.places.insert(name.to_owned(), (x.parse()?, y.parse()?));
        }
        Ok(())
    }

    /// The home of the window, where its doorbell is.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// How many windows can be seen, menus and dialogs among them.
    fn windows(&self) -> Result<usize> {
        let mut search = Command::new("xdotool");
        search.args(["search", "--onlyvisible", "--maxdepth", "1", "--class", ""]).env("DISPLAY", self.display.name());
        Ok(must(&mut search)?.lines().count())
    }

    /// Where something is on the screen.
    pub(crate) fn place(&self, name: &str) -> Result<(u32, u32)> {
        self.places.get(name).copied().with_context(|| format!("{name} is nowhere: {:?}", self.places))
    }

    fn input(&self, arguments: &[&str]) -> Result<()> {
        self.display.input(arguments)
    }

    /// What the page says came of it.
    pub(crate) fn told(&mut self, name: &str) -> Result<String> {
        let mark = format!("decision {name}: ");
        let line = self.program.line(&mark, DEADLINE)?;
        // The log ends a line with who has said it.
        let told = line.split_once(&mark).map(|(_, told)| told.split(" run=").next().unwrap_or(told));
        Ok(told.unwrap_or_default().trim().to_owned())
    }
}

#[test]
fn what_a_page_asks_its_view_for_is_decided_by_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::open(folder.path(), None).unwrap();
    let display = Display::start().unwrap().with_window_manager().unwrap();
    let mut window = Window::open(display, folder.path(), &sink, &[]).unwrap();
    let before = window.windows().unwrap();
    assert!(before > 0);

    let mut wrong = Vec::new();
    let mut decide =
        |name: &str, decided: Result<()>| wrong.extend(decided.err().map(|error| format!("{name}: {error:#}")));
    decide("menu", context_menu(&mut window, before));
    for (name, expected) in ASKED {
        decide(name, asked(&mut window, name, expected, before));
    }
    window.input(&["key", "ctrl+p"]).unwrap();
    decide("print", no_more(&window, before));
    // A drag has windows of its own.
    decide("drag", drop_a_link(&mut window));
    decide("the program", still_runs(&mut window));
    decide("the network", sink.is_empty());
    let left: Vec<_> =
        fs::read_dir(folder.path().join("person")).unwrap().filter_map(|entry| Some(entry.ok()?.file_name())).collect();
    let left: Vec<_> = left.iter().filter_map(|name| name.to_str()).filter(|name| !name.starts_with('.')).collect();
    assert!(left.is_empty(), "files were written: {left:?}");
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), window.program.said());
    window.program.stop().unwrap();
}

fn asked(window: &mut Window, name: &str, expected: &str, before: usize) -> Result<()> {
    let (x, y) = window.place(name)?;
    window.display.click(x, y)?;
    let told = window.told(name)?;
    ensure!(told == expected, "the page was told {told}");
    no_more(window, before)
}

fn still_runs(window: &mut Window) -> Result<()> {
    ensure!(window.program.is_running()?, "it has ended");
    Ok(())
}

fn no_more(window: &Window, before: usize) -> Result<()> {
    let now = window.windows()?;
    if now > before {
        window.input(&["key", "Escape"])?;
    }
    ensure!(now <= before, "there are {now} windows, and were {before}");
    Ok(())
}

fn context_menu(window: &mut Window, before: usize) -> Result<()> {
    let (x, y) = window.place("drag-me")?;
    window.input(&["mousemove", &x.to_string(), &y.to_string(), "click", "3"])?;
    window.told("menu")?;
    no_more(window, before)
}

fn drop_a_link(window: &mut Window) -> Result<()> {
    let (x, y) = window.place("drag-me")?;
    let (x, y, far) = (x.to_string(), y.to_string(), (y + 200).to_string());
    window.input(&["mousemove", &x, &y, "mousedown", "1"])?;
    for step in 1..20 {
        window.input(&["mousemove_relative", "--", "0", &(step % 3 * 10).to_string()])?;
    }
    window.input(&["mousemove", &x, &far, "mouseup", "1"])?;
    window.told("drag").map(drop)
}
