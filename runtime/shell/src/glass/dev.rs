//! What a developer's window does beyond what every window does: another package takes the place of the one that runs, with
//! all that can be kept.

use std::time::{Duration, Instant};

use gtk::{glib, prelude::*};
use guichet_host::{Profile, Renewal, Renewed, SessionEvent};
use serde_json::{Value as Json, json};

use super::{Glass, report};
use crate::{
    action::{Action, Mode},
    desk::{Event, On, Status},
    dev::{
        AfterKept, Asked, Dev, DevSignal, Furniture, KEEP, Layout, Overlay, Panel, Problem, RESTORE, RESTYLE, SPEAK,
        Set, Theme, Turn, note,
    },
    machine::Signal,
    preview::Strip,
    view::ViewError,
};

/// How often it is looked what a reader would say.
const LISTENING: Duration = Duration::from_millis(400);

/// How long a page may take to say what was typed into it; one that hangs loses that.
pub(super) const KEEPING: Duration = Duration::from_secs(1);

impl Glass {
    /// Puts the panel beside the app and begins to listen to `guichet dev`.
    pub(super) fn furnish(&mut self) -> anyhow::Result<()> {
        let Some(dev) = &mut self.dev else { return Ok(()) };
        let is_chinese = dev.is_chinese();
        if let Some(preview) = &mut dev.preview {
            let strip = Strip::new(&self.window, &preview.from, preview.minutes, is_chinese, self.post.clone());
            preview.strip = Some(strip.ok_or(ViewError::Window)?);
            dev.listen(self.post.clone())?;
            self.show_problems();
            self.tick();
            return Ok(());
        }
        let mut layout = Layout::new(&self.window, self.views.overlay()).ok_or(ViewError::Window)?;
        let panel = Panel::new(self.views.panel(&layout.side)?);
        layout.fit(&self.window, dev.setup.profile);
        let overlay = Overlay::new(self.views.overlay());
        overlay.show(dev.all_problems(), is_chinese);
        dev.furniture = Some(Furniture { layout, panel, overlay });
        dev.turn = Some(Turn { kind: "begin", since: Instant::now() });
        dev.listen(self.post.clone())?;
        self.tick();
        self.put_on();
        Ok(())
    }

    fn tick(&self) {
        let ticking = self.post.clone();
        glib::timeout_add_local(LISTENING, move || {
            ticking(Signal::Dev(DevSignal::Tick));
            glib::ControlFlow::Continue
        });
    }

    /// How much smaller than it is the app is drawn, and how much larger its pages are.
    pub(super) fn drawn(&self) -> Option<(f64, f64)> {
        let Some(dev) = self.dev.as_ref().filter(|dev| dev.preview.is_none()) else {
            let (_, is_elder) = self.desk.display();
            // At a kiosk somebody may choose it at any moment, and go back.
            let enlarged = match &self.kiosk {
                Some(kiosk) => self.profile.enlarged_on(is_elder, kiosk.glass_height()),
                None => self.profile.enlarged(false),
            };
            return (enlarged > 1.0 || self.kiosk.is_some()).then_some((1.0, enlarged));
        };
        let scale = dev.furniture.as_ref().map_or(1.0, |all| all.layout.scale());
        Some((scale, scale * dev.setup.profile.enlarged(false)))
    }

    /// Takes in what a developer has to know of a signal that every window hears.
    pub(super) fn rehearse(&mut self, signal: &Signal) {
        let Some(dev) = &mut self.dev else { return };
        note(dev, signal);
        self.note_signal(signal);
        match signal {
            Signal::Desk(Event::Session(run, SessionEvent::Renewed(renewal))) => self.renewed(*run, renewal),
            Signal::Desk(Event::Loaded(run, page)) => self.put_typed_back(*run, *page),
            Signal::Desk(Event::Ready(run, _)) if self.desk.open().is_some_and(|open| open.run == *run) => {
                self.painted();
            }
            _ => {}
        }
        if let Some(dev) = &mut self.dev {
            dev.flush();
        }
    }

    /// Takes what only a developer's window is told.
    pub(super) fn take_dev(&mut self, signal: DevSignal) {
        let Some(dev) = &mut self.dev else { return };
        match signal {
            DevSignal::Package(look) => {
                dev.next = Some((look, Instant::now()));
                self.next_package();
            }
            DevSignal::Refused(problem) => {
                dev.say(&json!({"is": "refused", "problem": problem}));
                self.refused(Some(problem));
            }
            DevSignal::Problems(problems) => {
                dev.problems = problems;
                self.show_problems();
            }
            DevSignal::Set(set) => self.switch(&set),
            DevSignal::Asked(asked) => self.asked(asked),
            DevSignal::Kept(json) => self.kept(json),
            DevSignal::Settled => self.painted(),
            DevSignal::Noted(run, text) => self.noted(run, &text),
            DevSignal::Written(file) => dev.push(json!({"is": "written", "file": file})),
            DevSignal::Spoken(text) => {
                if text != dev.spoken {
                    let page = serde_json::from_str::<Json>(&text).unwrap_or_default();
                    dev.spoken = text;
                    dev.push(json!({"is": "speech", "page": page}));
                }
            }
            DevSignal::Tick => {
                if self.dev.as_ref().is_some_and(|dev| dev.setup.profile == Profile::Reader)
                    && let Some(view) = self.front_view()
                {
                    let post = self.post.clone();
                    report(view.ask(SPEAK, move |json| post(Signal::Dev(DevSignal::Spoken(json)))));
                }
                let is_late = |dev: &Dev| dev.after_kept.is_some_and(|(_, since)| since.elapsed() > KEEPING);
                if self.dev.as_ref().is_some_and(is_late) {
                    self.kept(String::new());
                }
                self.note_time();
                self.next_package();
            }
        }
        if let Some(dev) = &mut self.dev {
            dev.flush();
        }
    }

    /// Gives the session the package that waits, if it has judged the one before.
    fn next_package(&mut self) {
        let judges = |run| {
            let session = self.sessions.get(&run).filter(|session| !session.has_ended());
            session.is_some() && self.desk.open().is_some_and(|open| open.run == run)
        };
        let Some(dev) = &mut self.dev else { return };
        // Whoever runs no more judges no package.
        if let Some((look, since, _)) = dev.pending.take_if(|(.., run)| !judges(*run)) {
            dev.next.get_or_insert((look, since));
        }
        if dev.pending.is_some() || dev.after_kept.is_some() {
            return;
        }
        let Some((look, since)) = dev.next.take() else { return };
        let running = self.desk.open().filter(|open| matches!(open.status, Status::Running | Status::Opening));
        let session = running.and_then(|open| Some((open.run, self.sessions.get(&open.run)?)));
        match session.filter(|(_, session)| !session.has_ended()) {
            Some((run, session)) if session.app_id() == look.app_id() => {
                session.renew(&look);
                dev.pending = Some((look, since, run));
            }
            // One that is being begun is given the package when it is there.
            None if running.is_some() => dev.next = Some((look, since)),
            _ => {
                dev.current.put(*look);
                dev.turn = Some(Turn { kind: "anew", since });
                self.keep_then(AfterKept::Anew);
            }
        }
    }

    /// A session has judged the package it was given.
    fn renewed(&mut self, run: u64, renewal: &Renewal) {
        let Some(dev) = &mut self.dev else { return };
        let Some((look, since, _)) = dev.pending.take_if(|(.., given)| *given == run) else { return };
        match &renewal.logic {
            Renewed::Refused(problem) => {
                let place = problem.place.clone().unwrap_or_default();
                let problem = Problem::error(problem.class, place, problem.what.clone(), problem.hint.clone());
                self.refused(Some(problem));
                return self.next_package();
            }
            Renewed::Anew(_) => {
                dev.current.put(*look);
                dev.turn = Some(Turn { kind: "anew", since });
                self.keep_then(AfterKept::Anew);
            }
            Renewed::Same | Renewed::Replayed { .. } => {
                dev.current.put(*look);
                let is_swap = renewal.logic != Renewed::Same;
                let seen: Vec<&String> = renewal.seen.iter().collect();
                let is_style = |path: &&String| path.ends_with(".css");
                if seen.is_empty() {
                    dev.turn = Some(Turn { kind: if is_swap { "swap" } else { "nothing" }, since });
                    self.settled(run);
                } else if !is_swap && seen.iter().all(is_style) {
                    dev.turn = Some(Turn { kind: "styles", since });
                    let script = format!("{RESTYLE}({})", json!(seen));
                    if let Some(view) = self.app_views.get(&run) {
                        report(view.ask_all(&script));
                    }
                    self.settled(run);
                } else {
                    dev.turn = Some(Turn { kind: if is_swap { "swap" } else { "reload" }, since });
                    self.keep_then(AfterKept::Reload);
                }
            }
        }
        self.refused(None);
        self.next_package();
    }

    /// No document is loaded anew: it is painted when the page has drawn what it was just told.
    fn settled(&mut self, run: u64) {
        let post = self.post.clone();
        let is_asked = self
            .app_views
            .get(&run)
            .is_some_and(|view| view.ask("0", move |_| post(Signal::Dev(DevSignal::Settled))).is_ok());
        if !is_asked {
            self.painted();
        }
    }

    fn painted(&mut self) {
        let Some(dev) = &mut self.dev else { return };
        // What was not put back by now has no place any more.
        dev.typed = None;
        let Some(Turn { kind, since }) = dev.turn.take() else { return };
        let ms = since.elapsed().as_secs_f64() * 1000.0;
        let entry = json!({"is": "painted", "at": dev.at(), "kind": kind, "ms": (ms * 10.0).round() / 10.0});
        dev.say(&entry);
        dev.push(entry);
    }

    /// Asks the page what was typed into it, then goes on.
    fn keep_then(&mut self, then: AfterKept) {
        let post = self.post.clone();
        let asked = self.front_view().map(|view| view.ask(KEEP, move |json| post(Signal::Dev(DevSignal::Kept(json)))));
        if let Some(dev) = &mut self.dev {
            dev.after_kept = Some((then, Instant::now()));
        }
        if !matches!(asked, Some(Ok(()))) {
            self.kept(String::new());
        }
    }

    fn kept(&mut self, json: String) {
        let page = self.desk.open().and_then(|open| open.pages.last().cloned().map(|page| (open.run, page)));
        let Some(dev) = &mut self.dev else { return };
        let Some((then, _)) = dev.after_kept.take() else { return };
        if let Some((_, page)) = page.as_ref().filter(|_| !json.is_empty()) {
            dev.typed = Some((page.route.clone(), json));
        }
        let app_id = dev.current.get().app_id().clone();
        let listing = dev.current.get().listing();
        match then {
            AfterKept::Reload => {
                if let Some((run, page)) = page
                    && let Some(view) = self.app_views.get_mut(&run)
                {
                    report(view.reload(page.page));
                }
            }
            AfterKept::Anew => {
                self.tell(Event::Library(listing.into_iter().collect()));
                self.tell(Event::Anew(app_id, On::ItsPages));
            }
        }
        self.next_package();
    }

    fn put_typed_back(&mut self, run: u64, page: u32) {
        let route = self
            .desk
            .open()
            .filter(|open| open.run == run)
            .and_then(|open| open.pages.iter().find(|known| known.page == page).map(|page| page.route.clone()));
        let Some(dev) = &mut self.dev else { return };
        let Some((_, json)) = dev.typed.take_if(|(typed, _)| Some(&*typed) == route.as_ref()) else { return };
        if let Some(view) = self.app_views.get(&run) {
            report(view.ask(&format!("{RESTORE}({json})"), |_| {}));
        }
    }

    fn refused(&mut self, problem: Option<Problem>) {
        if let Some(dev) = &mut self.dev {
            dev.refused = problem;
            self.show_problems();
        }
    }

    fn show_problems(&mut self) {
        let Some(dev) = &mut self.dev else { return };
        let entry = dev.problems_entry();
        dev.push(entry);
        if let Some(Furniture { overlay, .. }) = &dev.furniture {
            overlay.show(dev.all_problems(), dev.is_chinese());
        }
        if let Some(strip) = dev.preview.as_ref().and_then(|preview| preview.strip.as_ref()) {
            strip.show(dev.all_problems());
        }
    }

    fn switch(&mut self, set: &Set) {
        let Some(dev) = &mut self.dev else { return };
        let before = dev.setup.clone();
        dev.setup.take(set);
        if dev.setup == before {
            return;
        }
        let after = dev.setup.clone();
        self.put_on();
        // What an app was told when it was launched does not change under it.
        if after.lang != before.lang || after.profile.terminal() != before.profile.terminal() {
            let Some(dev) = &mut self.dev else { return };
            match dev.current.get().on(after.profile.terminal(), &after.lang) {
                Ok(look) => {
                    dev.current.put(look);
                    dev.turn = Some(Turn { kind: "anew", since: Instant::now() });
                    self.tell(Event::Asked(Action::SetLanguage { lang: after.lang }));
                    self.keep_then(AfterKept::Anew);
                }
                Err(error) => tracing::error!("{error}"),
            }
        }
    }

    /// Makes the window what it is set up to be.
    fn put_on(&mut self) {
        let Some(dev) = &mut self.dev else { return };
        let setup = dev.setup.clone();
        if let Some(services) = &dev.services {
            services.set_link(setup.link);
            setup.devices.iter().for_each(|device| services.simulate(*device));
        }
        let is_chinese = dev.is_chinese();
        if let Some(Furniture { layout, overlay, .. }) = &mut dev.furniture {
            layout.fit(&self.window, setup.profile);
            overlay.draw_curtain(setup.profile == Profile::Reader, is_chinese);
        }
        let entry = dev.state();
        dev.say(&entry);
        dev.push(entry);
        if let Some(settings) = gtk::Settings::default() {
            let system = dev.system_is_dark;
            settings.set_gtk_application_prefer_dark_theme(match setup.theme {
                Theme::System => system,
                Theme::Light => false,
                Theme::Dark => true,
            });
        }
        let theme = match setup.theme {
            Theme::System => None,
            Theme::Light => Some("light".to_owned()),
            Theme::Dark => Some("dark".to_owned()),
        };
        self.tell(Event::Themed(theme));
        let mode = if setup.profile == Profile::Elder { Mode::Elder } else { Mode::Standard };
        self.tell(Event::Asked(Action::SetMode { mode }));
    }

    fn asked(&mut self, asked: Asked) {
        let Some(dev) = &mut self.dev else { return };
        match asked {
            Asked::Ready => {
                if let Some(Furniture { panel, .. }) = &dev.furniture {
                    panel.set_ready();
                }
                let entry = dev.state();
                dev.push(entry);
                let entry = dev.problems_entry();
                dev.push(entry);
            }
            Asked::Set(set) => self.switch(&set),
            Asked::Reload => {
                dev.turn = Some(Turn { kind: "reload", since: Instant::now() });
                self.keep_then(AfterKept::Reload);
            }
            Asked::Anew => {
                dev.turn = Some(Turn { kind: "anew", since: Instant::now() });
                self.keep_then(AfterKept::Anew);
            }
            Asked::Record => self.record(),
            Asked::Stop => self.stop_recording(),
            Asked::Storage => dev.tell_storage(),
            Asked::Erase => {
                if let Some(services) = &dev.services {
                    services.erase(dev.current.get().app_id());
                }
                dev.tell_storage();
            }
        }
    }
}

impl Dev {
    fn is_chinese(&self) -> bool {
        self.setup.words.starts_with("zh")
    }

    fn problems_entry(&self) -> Json {
        json!({"is": "problems", "problems": self.all_problems().collect::<Vec<_>>()})
    }

    fn tell_storage(&mut self) {
        use guichet_contract::storage::Stored;
        let Some(services) = &self.services else { return };
        let kept = services.kept(self.current.get().app_id());
        let entries = kept.into_iter().map(|(key, value)| match value {
            Stored::Text(text) => json!({"key": key, "text": text}),
            Stored::Bytes(bytes) => json!({"key": key, "bytes": bytes.len()}),
        });
        let entry = json!({"is": "storage", "entries": entries.collect::<Vec<_>>()});
        self.push(entry);
    }
}

#[cfg(test)]
mod tests {
    use guichet_services::{Link, Simulation};

    use super::*;

    #[test]
    fn what_a_page_writes_for_a_desk_is_as_large_at_a_kiosk_as_the_kiosks_own() {
        let tokens = include_str!("../home/tokens.css");
        let of = |selector: &str, token: &str| -> f64 {
            let rule = tokens.split(&format!("{selector} {{")).nth(1).unwrap().split('}').next().unwrap();
            let value = rule.split(&format!("{token}:")).nth(1).unwrap();
            let number = value.split(|letter: char| !letter.is_ascii_digit() && letter != '.').next().unwrap();
            number.parse().unwrap()
        };
        let (desk, kiosk) = ("--t-body:1rem/", ":root[data-terminal=kiosk]");
        assert!(tokens.contains(desk), "a desk's text has 16 pixels");
        assert!((Profile::Kiosk.enlarged(false) - of(kiosk, "--t-body")).abs() < 1e-9);
        // The least that is touched: 44 pixels on a desk, 48 where the page is as narrow as on a phone.
        assert!(44.0 * Profile::Kiosk.enlarged(false) >= 60.0);
        let elder = of(":root[data-terminal=kiosk][data-mode=elder]", "--target");
        assert!(48.0 * Profile::Kiosk.enlarged(true) >= elder, "{elder}");
    }

    #[test]
    fn the_panel_offers_every_profile_network_and_device() {
        let script = include_str!("../dev/page/dev.js");
        for profile in Profile::ALL {
            let name = serde_json::to_value(profile).unwrap();
            assert!(script.contains(&name.to_string()), "{name}");
        }
        for device in Simulation::all() {
            assert!(script.contains(&format!("\"{}\"", device.state())), "{device}");
            let text = include_str!("../dev/page/text.js");
            let word = format!("\"{}.{}\": ", device.device(), device.state());
            assert_eq!(text.matches(&word).count(), 2, "{word} in both languages");
        }
        for link in Link::ALL {
            assert!(script.contains(&format!("\"{}\"", link.name())), "{}", link.name());
        }
    }
}
