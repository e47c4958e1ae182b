//! What a page asks its view for, with real clicks in the unmodified window: the host decides, and nobody else's window appears.

use std::{collections::BTreeMap, fs, process::Command, time::Duration};

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

struct Window {
    display: Display,
    program: Running,
    places: BTreeMap<String, (u32, u32)>,
}

impl Window {
    /// How many windows can be seen, menus and dialogs among them.
    fn windows(&self) -> Result<usize> {
        let mut search = Command::new("xdotool");
        search.args(["search", "--onlyvisible", "--maxdepth", "1", "--class", ""]).env("DISPLAY", self.display.name());
        Ok(must(&mut search)?.lines().count())
    }

    fn place(&self, name: &str) -> Result<(u32, u32)> {
        self.places.get(name).copied().with_context(|| format!("{name} is nowhere: {:?}", self.places))
    }

    fn input(&self, arguments: &[&str]) -> Result<()> {
        must(Command::new("xdotool").args(arguments).env("DISPLAY", self.display.name())).map(drop)
    }

    /// What the page says came of it.
    fn told(&mut self, name: &str) -> Result<String> {
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
    let town = Town::found(folder.path(), &[HOSTILE]).unwrap();
    let (place, package) = (folder.path().join("view"), folder.path().join("view.ma"));
    attacks::lay_out("view", &[], &place).unwrap();
    town.build(HOSTILE.id, &place, &package).unwrap();
    let submission = town.publish(HOSTILE.id, &package).unwrap();
    town.approve(HOSTILE.id, &submission).unwrap();

    let sink = Sink::open(folder.path(), None).unwrap();
    let display = Display::start().unwrap().with_window_manager().unwrap();
    let person = folder.path().join("person");
    fs::create_dir(&person).unwrap();
    let address = format!("guichet://miniapp/{PREFIX}view/pages/home?port={}", sink.port);
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(folder.path().join("device"));
    command.args(["--lang", "en", "--open", &address]);
    command.env("DISPLAY", display.name()).env("GUICHET_LOG", "info").env("HOME", &person);
    sink.watch(&mut command);
    let program = Running::start("guichet-desktop", &mut command).unwrap();
    let mut window = Window { display, program, places: BTreeMap::new() };
    window.program.line("opened", DEADLINE).unwrap();
    // The page says where its buttons are when the pointer comes.
    let mut turn = 0;
    let places = until("the page says where everything is", DEADLINE, || {
        turn += 1;
        window.input(&["mousemove", &(600 + turn % 50).to_string(), "500"])?;
        let said = window.program.said();
        Ok(said.lines().find_map(|line| Some(line.split_once("decision places: ")?.1.to_owned())))
    });
    for place in places.unwrap().split_whitespace() {
        // What follows says who has said it.
        let Some((name, (x, y))) = place.split_once('=').and_then(|(name, at)| Some((name, at.split_once(',')?)))
        else {
            continue;
        };
        window.places.insert(name.to_owned(), (x.parse().unwrap(), y.parse().unwrap()));
    }
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
    let left: Vec<_> = fs::read_dir(&person).unwrap().filter_map(|entry| Some(entry.ok()?.file_name())).collect();
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
