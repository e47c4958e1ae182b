//! Every attack of `samples/hostile` in one window: what comes of it, what it costs the host, and whether an app that is
//! open beside it goes on being answered.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::wd::WindowHandle;
use guichet_journeys::{
    attacks::{self, After, Again, Attack, PREFIX},
    browser::Browser,
    display::Display,
    process::programs,
    sink::Sink,
    town::Town,
};

use super::{isolation::HOSTILE, prompts};

/// The app that wants nothing but to go on.
const BYSTANDER: &str = "bystander";
/// The app after whose attack the host has something to say.
const OPENS_OTHERS: &str = "opens-others";
/// How an app ends that is given seconds to be ready, and is not.
const NEVER_READY: &str = "logic/boot-deadline";
/// What the host's own page says of the app that opens, in `said`.
const NOTE_WHAT_IS_SAID: &str = "globalThis.said = [];
    globalThis.noting ??= new MutationObserver(() => said.push(guichetHome.state.app?.status));
    noting.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })";
/// What the host may grow by under any attack, in KiB.
const MOST_GROWN_KIB: u64 = 64 << 10;
/// Answers to the bystander after an attack.
const LEAST_ANSWERS: usize = 3;
/// In each of these the bystander is answered, on a machine that has much else to do.
const SLOT_MS: u64 = 2_000;
/// What an engine keeps for every page.
pub(crate) const KEPT: [&str; 4] = ["localStorage", "sessionStorage", "indexedDB", "caches"];
/// No attack takes as long, on a busy machine either.
const DEADLINE: Duration = Duration::from_secs(60);
/// The same for those that keep a compiler busy until it is stopped.
const LONG_DEADLINE: Duration = Duration::from_secs(600);

/// A window in which the bystander is open.
struct Window<'a> {
    browser: &'a Browser,
    home: WindowHandle,
    bystander: WindowHandle,
    /// The host's own process.
    process: u32,
    /// Its home.
    device: &'a Path,
}

/// What was seen of one attack.
struct Seen {
    grown_kib: u64,
    answers: usize,
}

impl Window<'_> {
    /// Does what the host's own page can do.
    fn act(&self, action: &str, app: Option<&str>) -> Result<()> {
        self.browser.turn_back(&self.home)?;
        let action = serde_json::json!({"action": action, "app_id": app});
        let message = serde_json::to_string(&action.to_string())?;
        self.browser.ask(&format!("ipc.postMessage({message})")).map(drop)
    }

    /// Opens an app, and has the host's own page note what it says of it: that it opens, it may say for a second only.
    fn open(&self, action: &str, app: &str) -> Result<()> {
        self.browser.turn_back(&self.home)?;
        self.browser.ask(NOTE_WHAT_IS_SAID)?;
        self.act(action, Some(app))
    }

    fn at_home(&self, state: &str, script: &str) -> Result<serde_json::Value> {
        self.browser.turn_back(&self.home)?;
        self.at_home_within(DEADLINE, state, script)
    }

    fn at_home_within(&self, deadline: Duration, state: &str, script: &str) -> Result<serde_json::Value> {
        self.browser.turn_back(&self.home)?;
        self.browser.until_within(deadline, state, &format!("const {{ state }} = guichetHome; return {script}"))
    }

    fn install(&self, app: &str, deadline: Duration) -> Result<()> {
        let listed = format!("state.library?.some((one) => one.app_id === '{app}')");
        self.at_home(&format!("{app} is listed"), &listed)?;
        self.act("install", Some(app))?;
        let installed = format!("state.library.some((one) => one.app_id === '{app}' && one.installed)");
        self.at_home_within(deadline, &format!("{app} is installed"), &installed).map(drop)
    }

    /// Leaves the app that is open.
    fn leave(&self) -> Result<()> {
        self.act("close-app", None)?;
        self.at_home("the home page is back", "state.app === null").map(drop)
    }

    fn remove(&self, app: &str) -> Result<()> {
        self.act("remove", Some(app))?;
        let removed = format!("!state.library.some((one) => one.app_id === '{app}' && one.installed)");
        self.at_home("it is removed", &removed).map(drop)
    }

    /// One attack, from its launch to what comes of it.
    fn attack(&self, attack: &Attack) -> Result<Seen> {
        let app = attack.app_id();
        let deadline = if attack.full { LONG_DEADLINE } else { DEADLINE };
        self.install(&app, deadline)?;
        let before = self.kib("VmRSS")?;
        // From here on the peak is counted anew (proc(5), clear_refs).
        fs::write(format!("/proc/{}/clear_refs", self.process), "5")?;
        let begun = now_ms()?;
        self.open("open", &app)?;
        let mut view = self.comes_to(&app, &attack.result, deadline)?;
        let ended = now_ms()?;
        let answers = self.answers(begun, ended)?;
        let grown_kib = self.kib("VmHWM")?.saturating_sub(before);
        ensure!(grown_kib <= MOST_GROWN_KIB, "the host grew by {grown_kib} KiB");
        if let Some(shown) = &attack.shown {
            self.is_named(shown)?;
        }
        if attack.folder == OPENS_OTHERS {
            prompts::keep_their_place_and_time(self.browser, &self.home, &app)?;
        }
        for Again { after, result } in &attack.again {
            self.open_again(&app, *after, view.as_ref())?;
            view = self.comes_to(&app, result, deadline).with_context(|| format!("opened again, {after:?}"))?;
        }
        self.leave()?;
        self.remove(&app)?;
        Ok(Seen { grown_kib, answers })
    }

    /// Lets an app that is opening try, and sees that what is to come of it does. Its page's view, if there was one.
    fn comes_to(&self, app: &str, expected: &str, deadline: Duration) -> Result<Option<WindowHandle>> {
        let mut view = None;
        if !attacks::ends_at_start(expected) {
            self.browser.turn_to(app)?;
            view = Some(self.browser.view()?);
            self.browser
                .until("the page is there", "return !!globalThis.attack && !!document.querySelector('#answer')")?;
            self.browser.ask("setTimeout(run, 200)")?;
        }
        if expected == NEVER_READY {
            self.at_home("it is said that it opens, as that takes long", "globalThis.said.includes('opening')")?;
        }
        let result = if attacks::ends_the_app(expected) { self.stopped(deadline) } else { self.told(app) }?;
        ensure!(result == expected, "it was to end with `{expected}`, and ended with `{result}`");
        Ok(view)
    }

    /// Opens an app anew, whose page was in this view.
    fn open_again(&self, app: &str, after: After, view: Option<&WindowHandle>) -> Result<()> {
        if let After::Closed = after {
            self.open("reopen", app)?;
        } else {
            self.leave()?;
            self.remove(app)?;
            self.install(app, DEADLINE)?;
            if let After::Linked = after {
                let data = |app: &str| self.device.join("apps").join(app).join("data");
                let (own, other) = (data(app), self.device.with_extension("copied"));
                ensure!(!own.exists(), "a link there would say nothing");
                // As it is with an app that is closed: of one that is open the file is locked.
                fs::create_dir_all(&other)?;
                fs::copy(data(&format!("{PREFIX}{BYSTANDER}")).join("storage.redb"), other.join("storage.redb"))?;
                std::os::unix::fs::symlink(other, own)?;
            }
            self.open("open", app)?;
        }
        view.map_or(Ok(()), |view| self.browser.gone(view))
    }

    /// The class with which the window says that the app has ended.
    fn stopped(&self, deadline: Duration) -> Result<String> {
        let stopped = self.at_home_within(deadline, "the app has ended", "state.app?.stopped?.class")?;
        Ok(stopped.as_str().context("a class is text")?.to_owned())
    }

    /// The bar names the app like this, with its department beside it, in the place where the bar is.
    fn is_named(&self, shown: &str) -> Result<()> {
        self.browser.turn_back(&self.home)?;
        let script = "const [name, place] = document.querySelectorAll('#bar .named > *'); const { right, bottom } = name.getBoundingClientRect(); \
                      return [name.textContent, place.textContent, right <= innerWidth && bottom <= 120, /[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.textContent)]";
        let seen = self.browser.ask(script)?;
        let place = seen[1].as_str().context("a text")?;
        ensure!(seen[0] == shown, "it is named {}", seen[0]);
        ensure!(place.starts_with(HOSTILE.name_en), "beside it stands {place}");
        ensure!(seen[2] == true && seen[3] == false, "the name leaves its place, or turns something: {seen}");
        Ok(())
    }

    /// What the app itself was told.
    fn told(&self, app: &str) -> Result<String> {
        let told =
            self.browser.until(&format!("{app} was told"), "return document.querySelector('#answer').textContent")?;
        Ok(told.as_str().context("an answer is text")?.to_owned())
    }

    /// How often the bystander was answered meanwhile: in every [`SLOT_MS`] of an attack that lasts, and after it.
    fn answers(&self, begun: u64, ended: u64) -> Result<usize> {
        self.browser.turn_back(&self.bystander)?;
        let when = self.browser.ask(&format!("return answers.filter((at) => at >= {begun} && at < {ended})"))?;
        let when: Vec<u64> = serde_json::from_value(when)?;
        let slots: BTreeSet<u64> = when.iter().map(|at| (at - begun) / SLOT_MS).collect();
        let silent: Vec<_> = (0..(ended - begun) / SLOT_MS).filter(|slot| !slots.contains(slot)).collect();
        ensure!(silent.is_empty(), "no answer to the app beside it in these {SLOT_MS} ms of the attack: {silent:?}");
        let after = format!("return answers.filter((at) => at >= {ended}).length >= {LEAST_ANSWERS}");
        self.browser.until("the app beside it is answered", &after)?;
        Ok(when.len())
    }

    fn kib(&self, what: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process))?;
        let line = status.lines().find_map(|line| line.strip_prefix(&format!("{what}:"))).context("no such line")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }
}

fn now_ms() -> Result<u64> {
    Ok(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}

/// The process of the window that has this home.
fn host_of(home: &Path) -> Result<u32> {
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(words) = fs::read(entry.path().join("cmdline")) else { continue };
        let words: Vec<_> = words.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
        let is_desktop = words.first().is_some_and(|program| program.ends_with("/guichet-desktop"));
        if is_desktop && words.iter().any(|word| Path::new(word.as_ref()) == home) {
            return Ok(id);
        }
    }
    bail!("no window has this home")
}

/// Seals, publishes and approves the bystander and all attacks.
fn publish(town: &Town, folder: &Path, sink: &Sink, attacks: &[Attack]) -> Result<()> {
    let place = folder.join(BYSTANDER);
    attacks::lay_out(BYSTANDER, &["host:storage".to_owned()], Some(sink.port), &place)?;
    let mut apps = vec![(BYSTANDER.to_owned(), place)];
    for attack in attacks {
        let place = folder.join(&attack.folder);
        attack.lay_out(sink.port, &place)?;
        apps.push((attack.folder.clone(), place));
    }
    for (name, place) in apps {
        let package = folder.join(format!("{name}.ma"));
        town.release(HOSTILE.id, &place, &package)?;
    }
    Ok(())
}

/// Every file of a folder but those of the apps' own places, whose names are the host's.
fn files_outside(home: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

#[test]
fn every_attack_comes_to_what_its_table_says() {
    come_to_what_the_table_says(|attack| !attack.full);
}

#[test]
#[ignore = "minutes of compiling; run by cargo xtask test --full"]
fn every_attack_that_takes_minutes_comes_to_what_its_table_says() {
    come_to_what_the_table_says(|attack| attack.full);
}

/// All attacks of a kind, or those of them whose names contain `GUICHET_ATTACK`.
fn come_to_what_the_table_says(is_meant: impl Fn(&Attack) -> bool) {
    let wanted = std::env::var("GUICHET_ATTACK").unwrap_or_default();
    let is_wanted = |attack: &Attack| is_meant(attack) && attack.folder.contains(&wanted);
    let all: Vec<_> = Attack::all().unwrap().into_iter().filter(is_wanted).collect();
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &[HOSTILE]).unwrap();
    let sink = Sink::open(folder.path(), None).unwrap();
    publish(&town, folder.path(), &sink, &all).unwrap();

    let display = Display::start().unwrap();
    let (home, trust) = (folder.path().join("device"), town.trust_file());
    let arguments =
        ["--automation", "--lang", "en", "--trust", trust.to_str().unwrap(), "--home", home.to_str().unwrap()];
    let environment = sink.environment().map(|(name, path)| (name, path.to_str().unwrap()));
    let program = programs().unwrap().join("guichet-desktop");
    let browser = Browser::start(&display, &program, &arguments, &environment).unwrap();
    browser.turn_to("guichet-home").unwrap();
    let home_view = browser.view().unwrap();
    let process = host_of(&home).unwrap();
    let mut window =
        Window { browser: &browser, bystander: home_view.clone(), home: home_view, process, device: &home };
    let bystander = format!("{PREFIX}{BYSTANDER}");
    window.install(&bystander, DEADLINE).unwrap();
    window.act("open", Some(&bystander)).unwrap();
    browser.turn_to(&bystander).unwrap();
    window.bystander = browser.view().unwrap();
    browser.until("it is answered", "return answers.length > 0").unwrap();
    let kept = browser.until("it has kept something for others to look for", "return globalThis.kept").unwrap();
    assert!(KEPT.iter().all(|kind| kept.as_array().unwrap().iter().any(|one| one == kind)), "{kept}");

    let mut wrong = Vec::new();
    for attack in &all {
        match window.attack(attack) {
            Ok(Seen { grown_kib, answers }) => {
                println!(
                    "{:<22} {:<46} host +{:>2} MiB, {answers} answers",
                    attack.folder,
                    attack.result,
                    grown_kib >> 10
                );
            }
            Err(error) => wrong.push(format!("{}: {error:#}", attack.folder)),
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", browser.said(), wrong.join("\n"));
    browser.close().unwrap();
    sink.is_empty().unwrap();
    let escaped: Vec<_> =
        files_outside(&home).into_iter().filter(|path| path.to_string_lossy().contains("escape")).collect();
    assert!(escaped.is_empty() && !Path::new("/tmp/guichet-escape").exists(), "{escaped:?}");
}
