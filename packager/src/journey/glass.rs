//! A journey's steps in the real window: what a person sees of the page on top, and does to it.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use guichet_host::Profile;
use guichet_services::Simulation;
use serde_json::{Value as Json, json};

use super::{
    bare::Thrown,
    driver::{Driver, ELEMENT, NoGlass, element, pause},
};
use crate::glass::Display;

/// How long a step waits for what it needs.
const TO_APPEAR: Duration = Duration::from_secs(10);
/// The same for the first page of a window that has just been started.
const TO_OPEN: Duration = Duration::from_secs(60);

const FIND: &str = include_str!("find.js");
/// Whether a text can be read, or heard.
const READ: &str = include_str!("read.js");
/// The middle of an element that has been brought into view, in CSS pixels.
const MIDDLE: &str = "const [element] = arguments; element.scrollIntoView({ block: 'center' });
const { left, top, width, height } = element.getBoundingClientRect();
return { x: left + width / 2, y: top + height / 2 };";
const CHOOSE: &str = include_str!("choose.js");
const REACH: &str = include_str!("reach.js");
/// The page that is seen, by its own word (MiniApp Lifecycle, `pageState`).
const IS_ON_TOP: &str = "return typeof page === 'object' && page !== null && page.pageState === 'shown' && document.readyState === 'complete'";
const CALL: &str = "const [name, input, done] = arguments;
guichet.logic.call(name, input).then((ok) => done({ ok: ok ?? null }), ({ name, message }) => done({ error: { name, message } }));";
const AXE: &str = "const [without, done] = arguments;
const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
axe.run(document, { rules }).then(({ violations }) => done(violations.map(({ id, impact, help, nodes }) =>
  `${id} (${impact}): ${help}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)), (error) => done([String(error)]));";

/// What all windows of one run share.
pub(crate) struct Hall {
    /// Where they are shown.
    pub(crate) display: Display,
    /// `guichet-desktop`.
    pub(crate) program: PathBuf,
    /// axe-core, if it is there.
    pub(crate) axe: Option<String>,
}

/// The window of one journey.
pub(crate) struct Glass<'a> {
    hall: &'a Hall,
    driver: Driver,
    /// Whether the person hears the page and has no pointer.
    hears: bool,
    /// How much larger than written pages are drawn.
    enlarged: f64,
    /// Where its pictures go.
    folder: PathBuf,
    pictures: Vec<PathBuf>,
}

impl<'a> Glass<'a> {
    /// Opens a package file as a terminal of this profile.
    pub(crate) fn open(
        hall: &'a Hall,
        package: &Path,
        profile: Profile,
        lang: &str,
        simulations: &[Simulation],
        folder: PathBuf,
    ) -> Result<Self, NoGlass> {
        let package = package.display().to_string();
        let words = ["--open", &package, "--unsealed", "--automation", "--profile", profile.name(), "--lang", lang];
        let mut words = words.map(str::to_owned).to_vec();
        words.push("--simulate".to_owned());
        words.push(simulations.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
        let driver = Driver::start(&hall.display, &hall.program, &words)?;
        Ok(Self {
            hall,
            driver,
            hears: profile == Profile::Reader,
            enlarged: profile.enlarged(false),
            folder,
            pictures: Vec::new(),
        })
    }

    /// The pictures that were taken.
    pub(crate) fn pictures(&self) -> &[PathBuf] {
        &self.pictures
    }

    /// Ends the window.
    pub(crate) fn close(self) {
        self.driver.close();
    }

    /// Does a step and gives what it brings.
    pub(crate) fn step(&mut self, kind: &str, input: &Json) -> Result<Json, Thrown> {
        let text = |member: &str| input[member].as_str().unwrap_or_default();
        match kind {
            "open" => self.go(input["page"].as_str()),
            "tap" => {
                let found = self.find(text("what"), false, &input["within"])?;
                if self.hears { self.press(text("what"), &found) } else { self.click(&found) }
            }
            "type" => {
                let found = self.find(text("what"), true, &input["within"])?;
                if self.hears {
                    self.reach(text("what"), &found)?;
                }
                // What cannot be emptied, such as a list to choose from, is typed into as it is.
                drop(self.driver.clear(&found));
                self.driver.keys(&found, text("text"))
            }
            "choose" => self.choose(text("what"), text("text"), &input["within"]),
            "press" => {
                let key = key(text("key")).ok_or_else(|| Thrown::new(format!("there is no key `{}`", text("key"))))?;
                self.on_top(TO_APPEAR)?;
                let focused = self.driver.focused()?;
                self.driver.keys(&focused, key)
            }
            "back" => self.on_top(TO_APPEAR).and_then(|()| self.driver.run("guichet.navigation.back()", &[]).map(drop)),
            "see" => self.until_text(text("text"), true),
            "gone" => self.until_text(text("text"), false),
            "picture" => self.picture(text("name")),
            "axe" => self.axe(&input["without"]),
            "state" => {
                self.on_top(TO_APPEAR)?;
                return self.driver.run("return guichet.page.state ?? null", &[]);
            }
            "call" => {
                self.on_top(TO_APPEAR)?;
                return self.call(text("name"), &input["input"]);
            }
            other => Err(Thrown::new(format!("there is no step `{other}`"))),
        }
        .map(|()| Json::Null)
    }

    fn go(&self, page: Option<&str>) -> Result<(), Thrown> {
        self.on_top(TO_OPEN)?;
        let Some(page) = page else { return Ok(()) };
        self.driver.run("guichet.navigation.redirect(arguments[0])", &[json!(page)])?;
        let route = page.split(['?', '#']).next().unwrap_or_default().trim_end_matches(".html");
        let here = "return location.pathname.replace(/^\\//u, '').replace(/\\.html$/u, '') === arguments[0]";
        self.until(&format!("`{route}` opens"), TO_OPEN, |glass| {
            Ok((glass.driver.run(here, &[json!(route)])? == json!(true)).then_some(()))
        })
    }

    fn call(&self, name: &str, input: &Json) -> Result<Json, Thrown> {
        let answer = self.driver.run_until_told(CALL, &[json!(name), input.clone()])?;
        match answer.get("error") {
            None => Ok(answer["ok"].clone()),
            Some(error) => {
                let text = |member: &str| error[member].as_str().unwrap_or_default().to_owned();
                Err(Thrown { name: text("name"), message: text("message") })
            }
        }
    }

    /// Turns to the page on top, once there is one.
    fn on_top(&self, deadline: Duration) -> Result<(), Thrown> {
        self.until("a page is seen", deadline, |_| Ok(Some(())))
    }

    /// Looks at the page on top until what is wanted is there.
    fn until<T>(
        &self,
        state: &str,
        deadline: Duration,
        look: impl Fn(&Self) -> Result<Option<T>, Thrown>,
    ) -> Result<T, Thrown> {
        let begun = Instant::now();
        loop {
            for view in self.driver.views()? {
                // A view that has just gone is no fault: the next look finds another.
                let on_top = self.driver.turn_to(&view).and_then(|()| self.driver.run(IS_ON_TOP, &[]));
                if on_top != Ok(json!(true)) {
                    continue;
                }
                if let Ok(Some(found)) = look(self) {
                    return Ok(found);
                }
                break;
            }
            if begun.elapsed() > deadline {
                let text = self.driver.run("return document.body.innerText", &[]).unwrap_or_default();
                let text = text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
                let shown: String = text.chars().take(300).collect();
                return Err(Thrown::new(format!(
                    "waited {} s in vain until {state}; the page shows: {shown}",
                    deadline.as_secs()
                )));
            }
            pause();
        }
    }

    fn find(&self, what: &str, types: bool, within: &Json) -> Result<String, Thrown> {
        let state = format!("`{what}` is there");
        self.until(&state, TO_APPEAR, |glass| {
            Ok(element(&glass.driver.run(FIND, &[json!(what), json!(types), json!(glass.hears), within.clone()])?))
        })
    }

    /// Chooses an option as whoever uses a list does.
    fn choose(&self, what: &str, text: &str, within: &Json) -> Result<(), Thrown> {
        let list = self.find(what, true, within)?;
        if self.hears {
            self.reach(what, &list)?;
        }
        let option = self.until(&format!("`{what}` offers `{text}`"), TO_APPEAR, |glass| {
            Ok(element(&glass.driver.run(CHOOSE, &[json!({ (ELEMENT): list }), json!(text)])?))
        })?;
        self.driver.click(&option)
    }

    /// Puts the focus on an element, which the Tab key has to be able to do; says with what key it is used.
    fn reach(&self, what: &str, found: &str) -> Result<Option<String>, Thrown> {
        let reached = self.driver.run(REACH, &[json!({ (ELEMENT): found })])?;
        if reached["reached"] != json!(true) {
            return Err(Thrown::new(format!("`{what}` is there, and nobody reaches it with the keyboard")));
        }
        Ok(reached["key"].as_str().map(str::to_owned))
    }

    /// The driver itself does not know that a page is drawn larger, and would click beside the thing.
    fn click(&self, found: &str) -> Result<(), Thrown> {
        if self.enlarged <= 1.0 {
            return self.driver.click(found);
        }
        let middle = self.driver.run(MIDDLE, &[json!({ (ELEMENT): found })])?;
        let pixels = |at: &str| middle[at].as_f64().unwrap_or_default() * self.enlarged;
        self.driver.click_at(pixels("x"), pixels("y"))
    }

    fn press(&self, what: &str, found: &str) -> Result<(), Thrown> {
        let key = self.reach(what, found)?.and_then(|name| key(&name)).unwrap_or_default();
        self.driver.keys(found, key)
    }

    fn until_text(&self, text: &str, is_there: bool) -> Result<(), Thrown> {
        let state = format!("`{text}` is {}", if is_there { "seen" } else { "gone" });
        self.until(&state, TO_APPEAR, |glass| {
            Ok((glass.driver.run(READ, &[json!(text), json!(glass.hears)])? == json!(is_there)).then_some(()))
        })
    }

    fn picture(&mut self, name: &str) -> Result<(), Thrown> {
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_ ".contains(c));
        if !is_name {
            return Err(Thrown::new(format!("`{name}` cannot name a picture: letters, digits, - and _ can")));
        }
        self.on_top(TO_APPEAR)?;
        let path = self.folder.join(format!("{name}.png"));
        let picture = self.driver.picture()?;
        let written = std::fs::create_dir_all(&self.folder).and_then(|()| std::fs::write(&path, picture));
        written.map_err(|error| Thrown::new(format!("{}: {error}", path.display())))?;
        self.pictures.push(path);
        Ok(())
    }

    fn axe(&self, without: &Json) -> Result<(), Thrown> {
        let Some(axe) = &self.hall.axe else {
            return Err(Thrown::new("axe-core is not here; hint: npm install --save-dev axe-core"));
        };
        self.on_top(TO_APPEAR)?;
        self.driver.run(axe, &[])?;
        let found = self.driver.run_until_told(AXE, std::slice::from_ref(without))?;
        let found: Vec<&str> = found.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        if found.is_empty() { Ok(()) } else { Err(Thrown::new(format!("axe: {}", found.join("; ")))) }
    }
}

/// A key as WebDriver writes it.
fn key(name: &str) -> Option<&'static str> {
    let keys = [
        ("Enter", "\u{e007}"),
        ("Tab", "\u{e004}"),
        ("Escape", "\u{e00c}"),
        ("Backspace", "\u{e003}"),
        ("Space", " "),
        ("ArrowLeft", "\u{e012}"),
        ("ArrowUp", "\u{e013}"),
        ("ArrowRight", "\u{e014}"),
        ("ArrowDown", "\u{e015}"),
        ("Home", "\u{e011}"),
        ("End", "\u{e010}"),
        ("PageUp", "\u{e00e}"),
        ("PageDown", "\u{e00f}"),
        ("Delete", "\u{e017}"),
    ];
    keys.into_iter().find(|(known, _)| *known == name).map(|(_, key)| key)
}
