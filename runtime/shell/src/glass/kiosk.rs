//! The window of a kiosk: it fills the screen and waits unseen until it is its turn, notices everything that somebody does,
//! and asks who does nothing.

use std::{
    io::{self, BufRead as _},
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use gtk::{gdk, glib, prelude::*};
use guichet_services::Device;
use tao::{platform::unix::WindowExtUnix, window::Window};
use webkit2gtk::{SnapshotOptions, SnapshotRegion, WebViewExt as _};
use wry::WebViewExtUnix;

use super::{Glass, frame, report};
use crate::{
    desk::{AtKiosk, Event},
    field::Place,
    kiosk::seat::{PICTURE, SHOW, SHOW_AFTER_CARD, Seat},
    machine::{Post, Signal},
    view::{AppView, IdleView, Look, Stand},
};

/// How often the idle clock is looked at.
const TICK: Duration = Duration::from_millis(250);

/// How often it is looked whether a card is there.
const CARD: Duration = Duration::from_millis(400);

/// Has the host's own page tell when it can be touched.
const AWAIT_SHOWN: &str =
    "requestAnimationFrame(() => requestAnimationFrame(() => window.ipc.postMessage('{\"action\":\"shown\"}')))";

/// Has the host's own page put the focus where its bar begins.
const TAKE_KEYS: &str = "window.guichetHome && window.guichetHome.takeKeys()";

/// What a window of a kiosk is opened with.
pub(crate) struct Seating {
    /// What the session was told.
    pub(crate) seat: Seat,
    /// What the terminal has.
    pub(crate) device: Arc<Device>,
    /// The session's folder.
    pub(crate) room: PathBuf,
}

/// What a window of a kiosk has besides those of all others.
pub(super) struct Kiosk {
    device: Arc<Device>,
    since: Instant,
    /// The question whether somebody is there; made when somebody has come.
    idle: Option<IdleView>,
    /// What stands above and below all views.
    stand: Stand,
    is_shown: bool,
    /// Where a picture of the home page goes.
    picture: PathBuf,
}

impl Kiosk {
    /// Listens to whoever keeps the terminal, to the glass, and to the clock.
    pub(super) fn begin(seating: Seating, stand: Stand, post: &Post) -> io::Result<Self> {
        let shown = post.clone();
        thread::Builder::new().name("orders of the kiosk".to_owned()).spawn(move || {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                match line.as_str() {
                    SHOW => shown(Signal::Show { after_card: false }),
                    SHOW_AFTER_CARD => shown(Signal::Show { after_card: true }),
                    PICTURE => shown(Signal::Picture),
                    _ => {}
                }
            }
        })?;
        let (touched, turned) = (post.clone(), post.clone());
        gdk::Event::set_handler(Some(move |event: &mut gdk::Event| {
            use gdk::EventType::{ButtonPress, KeyPress, Scroll, TouchBegin, TouchpadPinch, TouchpadSwipe};
            if matches!(
                event.event_type(),
                ButtonPress | KeyPress | Scroll | TouchBegin | TouchpadPinch | TouchpadSwipe
            ) {
                touched(Signal::Kiosk(AtKiosk::Touched));
            }
            if let Some(key) = event.downcast_ref::<gdk::EventKey>()
                && event.event_type() == KeyPress
                && key.keyval() == gdk::keys::constants::F6
            {
                return turned(Signal::Turned);
            }
            gtk::main_do_event(event);
        }));
        let passing = post.clone();
        glib::timeout_add_local(TICK, move || {
            passing(Signal::Kiosk(AtKiosk::Passed));
            glib::ControlFlow::Continue
        });
        Ok(Self {
            device: seating.device,
            since: Instant::now(),
            idle: None,
            stand,
            is_shown: false,
            picture: Seat::picture(&seating.room),
        })
    }

    /// How high the glass is, in pixels, whatever of it is used.
    pub(super) fn glass_height(&self) -> u32 {
        self.stand.height()
    }

    /// Looks from now on whether there is a card: the readers belong to the session that is seen.
    fn watch_cards(&self, post: &Post) {
        let (device, post) = (Arc::clone(&self.device), post.clone());
        let watched = thread::Builder::new().name("cards".to_owned()).spawn(move || {
            loop {
                if let Some(has_card) = device.has_card() {
                    post(Signal::Kiosk(AtKiosk::Card(has_card)));
                }
                thread::park_timeout(CARD);
            }
        });
        if let Err(error) = watched {
            tracing::error!(%error, "cards begin and end no session");
        }
    }
}

impl Glass {
    pub(super) fn take_kiosk(&mut self, event: AtKiosk) {
        let Some(kiosk) = &self.kiosk else { return };
        // Whoever touches the glass touches the window that is seen.
        if !kiosk.is_shown {
            return;
        }
        let now = kiosk.since.elapsed();
        let before = (self.desk.is_asked(), self.desk.keys(), self.desk.says_goodbye());
        let effects = self.desk.on(Event::Kiosk(event, now), super::now_ms());
        let is_quiet = effects.is_empty();
        effects.into_iter().for_each(|effect| self.carry_out(effect));
        if !is_quiet || (self.desk.is_asked(), self.desk.keys(), self.desk.says_goodbye()) != before {
            self.redraw();
        }
    }

    /// It is this window's turn: it lies above all others, and nothing that was copied before can be pasted in it. Whoever has
    /// taken the card may still stand there.
    pub(super) fn show_kiosk(&mut self, after_card: bool) {
        let Some(kiosk) = &mut self.kiosk else { return };
        if std::mem::replace(&mut kiosk.is_shown, true) {
            return;
        }
        kiosk.watch_cards(&self.post);
        forget_clipboards();
        let window = self.window.gtk_window();
        window.show_all();
        kiosk.stand.put_away();
        fill_the_screen(&self.window);
        if let Some(surface) = window.window() {
            surface.raise();
            surface.focus(0);
        }
        if after_card {
            self.take_kiosk(AtKiosk::CardTaken);
        }
        self.redraw();
        // After the state that is drawn: "shown" is said of a page that has it.
        if let Some(view) = &self.home_view {
            report(view.focus());
            report(view.evaluate_script(AWAIT_SHOWN));
        }
    }

    /// Makes a picture of the home page, and of nothing else: not while somebody is in a session, and there is no other view here.
    pub(super) fn picture_of_home(&mut self) {
        let (Some(kiosk), Some(home)) = (&self.kiosk, &self.home_view) else { return };
        if !kiosk.is_shown || self.desk.has_begun() {
            return;
        }
        let (view, path) = (home.webview(), kiosk.picture.clone());
        let post = self.post.clone();
        view.clone().snapshot(
            SnapshotRegion::Visible,
            SnapshotOptions::NONE,
            None::<&gtk::gio::Cancellable>,
            move |drawn| {
                let made = drawn.map_err(|error| error.to_string()).and_then(|surface| {
                    let (width, height) = (view.allocated_width(), view.allocated_height());
                    let picture =
                        gdk::pixbuf_get_from_surface(&surface, 0, 0, width, height).ok_or("it has no size")?;
                    picture.savev(&path, "png", &[]).map_err(|error| error.to_string())
                });
                match made {
                    Ok(()) => post(Signal::Kiosk(AtKiosk::Pictured)),
                    Err(error) => tracing::warn!("the home page cannot be pictured: {error}"),
                }
            },
        );
    }

    /// Somebody has come, and may have to be asked later.
    pub(super) fn begun(&mut self) {
        let made = self.views.idle();
        if let Some(kiosk) = &mut self.kiosk {
            match made {
                Ok(view) => kiosk.idle = Some(view),
                Err(error) => tracing::error!("nobody can be asked whether they are there: {error}"),
            }
        }
    }

    /// What is typed goes to the app, or to the terminal's own page around it: the way there for whoever has only keys.
    pub(super) fn turn_keys(&mut self) {
        let Some(home) = &self.home_view else { return };
        let app = self.front_view().and_then(AppView::webview);
        match app.filter(|view| !view.has_focus() && self.desk.is_asked().is_none()) {
            Some(view) => view.grab_focus(),
            None => {
                report(home.focus());
                report(home.evaluate_script(TAKE_KEYS));
            }
        }
    }

    fn redraw_stand(&mut self) {
        let (contrast, elder) = self.desk.display();
        let look = Look { lang: self.desk.lang().to_owned(), contrast, elder };
        let keys = self.desk.keys();
        let view = match keys {
            Some((Place::Home, _)) => self.home_view.as_ref().map(WebViewExtUnix::webview),
            Some((Place::Page(..), _)) => self.front_view().and_then(AppView::webview),
            None => None,
        };
        let is_low = self.desk.is_low();
        let Some(Kiosk { stand, .. }) = &mut self.kiosk else { return };
        stand.lower(is_low);
        match keys.zip(view) {
            Some(((_, keys), view)) => stand.keyboard.come(keys, &look, view),
            None => stand.keyboard.go(),
        }
    }

    /// Shows the question, or takes it away.
    pub(super) fn redraw_kiosk(&mut self) {
        self.redraw_stand();
        let asked = self.desk.is_asked();
        let (contrast, elder) = self.desk.display();
        let state = asked.map(|(left, of)| {
            serde_json::json!({ "lang": self.desk.lang(), "contrast": contrast, "elder": elder, "left": left, "of": of })
        });
        let Some(idle) = self.kiosk.as_mut().and_then(|kiosk| kiosk.idle.as_mut()) else { return };
        let was_seen = idle.is_seen();
        report(idle.ask(state.as_ref()));
        if was_seen && asked.is_none() {
            match self.front_view().and_then(AppView::webview) {
                Some(view) => view.grab_focus(),
                None => self.home_view.iter().for_each(|view| report(view.focus())),
            }
        }
    }
}

/// Makes a window as large as the screen; it is not seen before it is its turn. One that lay below another would be white when
/// the other goes: the engine does not draw again what it has drawn where nobody saw it.
pub(super) fn wait_unseen(window: &Window) {
    fill_the_screen(window);
    window.gtk_window().realize();
}

/// With a window manager it says so; without one, a window fills the screen because it is as large.
fn fill_the_screen(window: &Window) {
    let gtk_window = window.gtk_window();
    if let Some((width, height)) = frame::screen(window) {
        gtk_window.move_(0, 0);
        gtk_window.resize(width, height);
    }
    gtk_window.fullscreen();
}

/// Whatever holds what was copied before holds it no more.
fn forget_clipboards() {
    for selection in [gdk::SELECTION_CLIPBOARD, gdk::SELECTION_PRIMARY] {
        let clipboard = gtk::Clipboard::get(&selection);
        clipboard.set_text("");
        clipboard.clear();
    }
}
