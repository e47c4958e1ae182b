//! `window` of a manifest, carried out on this window and this view; what was before comes back when the app leaves.

use gtk::{gdk, prelude::*};
use guichet_host::Session;
use guichet_package::manifest::{Color, Orientation};
use tao::{platform::unix::WindowExtUnix, window::Window};

use super::Glass;
use crate::{
    desk::{Bar, Event},
    report::{Frame, FrameState},
    view::AppView,
};

/// The language that a session speaks, if it would speak another where this one is spoken.
pub(super) fn foreign(session: &Session, spoken: &str) -> Option<String> {
    (session.lang_where(spoken) != session.lang()).then(|| session.lang().to_owned())
}

/// Sides of an upright view and of one that lies, where the window has to be made so.
const RATIO: (i32, i32) = (9, 16);

/// What one run has asked of the window.
pub(super) struct Framed {
    run: u64,
    requested: FrameState,
    named: Vec<&'static str>,
    is_named: bool,
    /// The window's size before, if it was changed.
    before: Option<(i32, i32)>,
}

impl Glass {
    /// Gives the window to an app whose view has just been made.
    pub(super) fn frame(&mut self, run: u64, session: &Session) {
        let manifest = session.manifest();
        let window = &manifest.window;
        let bar = Bar::of(&session.manifest_in(self.desk.lang()));
        let bar_height = if bar.is_hidden { 0 } else { self.bar_height() };
        self.tell(Event::Framed(run, bar));
        let background = manifest.background_color(self.is_dark());
        if let Some(view) = self.app_views.get_mut(&run) {
            view.set_background(background);
        }
        if self.kiosk.is_some() {
            return;
        }
        let gtk_window = self.window.gtk_window();
        let present = gtk_window.size();
        let view = (present.0, (present.1 - bar_height).max(1));
        let is_named = window.names("orientation") && !window.fullscreen;
        let screen = screen(&self.window).unwrap_or(present);
        // Turned as a terminal is turned: no side becomes longer than the longest was.
        let long = view.0.max(view.1);
        let wanted = match (window.fullscreen, is_named) {
            (true, _) => screen,
            (false, true) => {
                view_size(view, window.orientation, (screen.0.min(long), (screen.1 - bar_height).min(long)))
            }
            (false, false) => view,
        };
        let size = (wanted.0, wanted.1 + bar_height);
        if window.fullscreen {
            gtk_window.fullscreen();
            // Without a window manager nobody but the program itself can fill the screen.
            gtk_window.move_(0, 0);
            gtk_window.resize(screen.0, screen.1);
        } else if size != present {
            gtk_window.resize(size.0, size.1);
        }
        self.framed = Some(Framed {
            run,
            requested: FrameState {
                background_color: window.background_color.to_string(),
                fullscreen: window.fullscreen,
                orientation: word(window.orientation),
                width: wanted.0,
                height: wanted.1,
            },
            named: window.named.iter().copied().collect(),
            is_named,
            before: (window.fullscreen || size != present).then_some(present),
        });
    }

    /// Gives the window back to an app that was below another, unless it has it still.
    pub(super) fn frame_again(&mut self, run: u64, session: &Session) {
        if self.framed.as_ref().is_none_or(|framed| framed.run != run) && self.view_of(run).is_some() {
            self.frame(run, session);
        }
    }

    /// All that is around apps speaks the language of the desk; what an app was told when it was opened does not change.
    pub(super) fn speak(&mut self) {
        let lang = self.desk.lang().to_owned();
        if let Some(chooser) = &self.chooser {
            chooser.speak(&lang);
        }
        if self.capsule.is_some() {
            self.capsule = Some(self.views.capsule(&lang));
        }
        let bar = |(run, session): (&u64, &Session)| (*run, Bar::of(&session.manifest_in(&lang)));
        let bars: Vec<_> = self.sessions.iter().map(bar).collect();
        bars.into_iter().for_each(|(run, bar)| self.let_happen(Event::Framed(run, bar)));
        let spoken: Vec<_> =
            self.sessions.iter().map(|(run, session)| Event::Speaks(*run, foreign(session, &lang))).collect();
        spoken.into_iter().for_each(|event| self.let_happen(event));
    }

    /// Takes the window back from an app; a size that the person has chosen meanwhile stays.
    pub(super) fn unframe(&mut self, run: u64) {
        let Some(framed) = self.framed.take_if(|framed| framed.run == run) else { return };
        let window = self.window.gtk_window();
        if framed.requested.fullscreen {
            window.unfullscreen();
        }
        if let Some((width, height)) = framed.before {
            window.resize(width, height);
        }
    }

    /// Whether the window is as the app wants it, as far as anything can make it so.
    pub(super) fn is_framed(&self) -> bool {
        let (Some(framed), Some(view)) = (&self.framed, self.front_view()) else { return true };
        let applied = self.applied(view);
        let requested = &framed.requested;
        applied.fullscreen == requested.fullscreen
            && (!requested.fullscreen || (applied.width, applied.height) == (requested.width, requested.height))
            && (!framed.is_named || applied.orientation == requested.orientation)
    }

    /// What was asked for, and what has become of it.
    pub(super) fn frame_seen(&self) -> Option<Frame> {
        let (framed, view) = (self.framed.as_ref()?, self.front_view()?);
        Some(Frame { requested: framed.requested.clone(), applied: self.applied(view), named: framed.named.clone() })
    }

    /// Read from the window and the view themselves.
    fn applied(&self, view: &AppView) -> FrameState {
        let (width, height) = view.size();
        FrameState {
            background_color: view.background().map_or_else(String::new, |color| color.to_string()),
            fullscreen: self.is_fullscreen(),
            orientation: word(orientation((width, height))),
            width,
            height,
        }
    }

    /// The window manager says so; without one, the window covers the screen because it was asked to.
    fn is_fullscreen(&self) -> bool {
        let window = self.window.gtk_window();
        let says_so = window.window().is_some_and(|surface| surface.state().contains(gdk::WindowState::FULLSCREEN));
        let was_asked = self.framed.as_ref().is_some_and(|framed| framed.requested.fullscreen);
        let covers =
            || screen(&self.window).is_some_and(|screen| window.size() == screen && window.position() == (0, 0));
        says_so || (was_asked && covers())
    }

    fn bar_height(&self) -> i32 {
        self.desk.bar_px().round().clamp(0.0, 1000.0) as i32
    }

    fn is_dark(&self) -> bool {
        let of_system =
            || gtk::Settings::default().is_some_and(|settings| settings.is_gtk_application_prefer_dark_theme());
        self.desk.theme().map_or_else(of_system, |theme| theme == "dark")
    }
}

/// The size of the screen the window is on, in CSS pixels.
pub(super) fn screen(window: &Window) -> Option<(i32, i32)> {
    let display = window.gtk_window().display();
    let monitor = match window.gtk_window().window() {
        Some(surface) => display.monitor_at_window(&surface),
        None => display.primary_monitor().or_else(|| display.monitor(0)),
    };
    let area = monitor?.geometry();
    Some((area.width(), area.height()))
}

/// The view in the wanted orientation: as it is if it has it already, else turned, and as large as there is room.
fn view_size((width, height): (i32, i32), wanted: Orientation, room: (i32, i32)) -> (i32, i32) {
    if orientation((width, height)) == wanted {
        return (width, height);
    }
    let (short, long) = RATIO;
    let (across, down) = match wanted {
        Orientation::Portrait => (short, long),
        Orientation::Landscape => (long, short),
    };
    let fitting = room.1 * across / down;
    if fitting <= room.0 { (fitting, room.1) } else { (room.0, room.0 * down / across) }
}

fn orientation((width, height): (i32, i32)) -> Orientation {
    if width > height { Orientation::Landscape } else { Orientation::Portrait }
}

fn word(orientation: Orientation) -> &'static str {
    match orientation {
        Orientation::Portrait => "portrait",
        Orientation::Landscape => "landscape",
    }
}

/// A color as GTK has it.
pub(crate) fn rgba(color: Color) -> gdk::RGBA {
    let [red, green, blue] = color.rgb.map(|part| f64::from(part) / 255.0);
    gdk::RGBA::new(red, green, blue, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_turned_only_if_it_is_not_as_wanted() {
        let (portrait, landscape) = (Orientation::Portrait, Orientation::Landscape);
        assert_eq!(view_size((1280, 744), landscape, (1280, 744)), (1280, 744));
        assert_eq!(view_size((1280, 744), portrait, (1280, 744)), (418, 744));
        assert_eq!(view_size((390, 788), portrait, (1280, 788)), (390, 788));
        assert_eq!(view_size((390, 788), landscape, (1280, 788)), (1280, 720));
        assert_eq!(view_size((390, 788), landscape, (800, 788)), (800, 450));
        assert_eq!(view_size((500, 500), landscape, (800, 500)), (800, 450));
    }
}
