//! Where things are in a developer's window: the app as large as its terminal, and the panel beside it.

use gtk::prelude::*;
use guichet_host::Profile;
use tao::{dpi::LogicalSize, platform::unix::WindowExtUnix, window::Window};

/// Width of the panel, in pixels.
const PANEL: u32 = 480;

/// Least height of the window, so that the panel can be used beside a small terminal.
const LEAST: u32 = 560;

/// Where things are.
pub(crate) struct Layout {
    overlay: gtk::Overlay,
    /// Where the panel goes.
    pub(crate) side: gtk::Box,
    /// How much smaller than it is the terminal is drawn.
    scale: f64,
}

impl Layout {
    /// Moves what a window shows to one side, and makes room beside it.
    pub(crate) fn new(window: &Window, overlay: &gtk::Overlay) -> Option<Self> {
        let all = window.default_vbox()?;
        all.remove(overlay);
        let row = gtk::Box::new(gtk::Orientation::Horizontal, 0);
        let side = gtk::Box::new(gtk::Orientation::Vertical, 0);
        side.set_size_request(PANEL as i32, -1);
        overlay.set_halign(gtk::Align::Center);
        overlay.set_valign(gtk::Align::Start);
        row.pack_start(overlay, true, true, 0);
        row.pack_end(&side, false, false, 0);
        all.pack_start(&row, true, true, 0);
        row.show_all();
        Some(Self { overlay: overlay.clone(), side, scale: 1.0 })
    }

    /// Makes the app as large as a terminal, or as much smaller as the screen wants it.
    pub(crate) fn fit(&mut self, window: &Window, profile: Profile) {
        let monitor = window.current_monitor().or_else(|| window.primary_monitor());
        let screen = monitor.map_or((1920, 1080), |monitor| {
            let size = monitor.size().to_logical::<f64>(monitor.scale_factor());
            (size.width as u32, size.height as u32)
        });
        self.scale = scale(profile, screen, PANEL);
        let (width, height) = profile.size();
        let drawn = |pixels: u32| (f64::from(pixels) * self.scale).round() as u32;
        let (width, height) = (drawn(width), drawn(height));
        self.overlay.set_size_request(width as i32, height as i32);
        window.set_inner_size(LogicalSize::new(width + PANEL, height.max(LEAST)));
    }

    /// How much smaller than it is the terminal is drawn.
    pub(crate) fn scale(&self) -> f64 {
        self.scale
    }
}

/// How much smaller than it is the window has to be drawn, so that it fits beside the panel on this screen.
fn scale(profile: Profile, screen: (u32, u32), panel: u32) -> f64 {
    /// What a desktop itself takes of the height: its bars, and the frame of the window.
    const FRAME: u32 = 64;
    /// Below this nothing can be read.
    const SMALLEST: f64 = 0.3;
    let (width, height) = profile.size();
    let room = |all: u32, taken: u32, wanted: u32| f64::from(all.saturating_sub(taken)) / f64::from(wanted);
    room(screen.0, panel, width).min(room(screen.1, FRAME, height)).clamp(SMALLEST, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_is_larger_than_the_screen_is_drawn_smaller() {
        assert!((scale(Profile::Phone, (1920, 1080), 460) - 1.0).abs() < 1e-9);
        assert!((scale(Profile::Kiosk, (1920, 1080), 460) - 1016.0 / 1920.0).abs() < 1e-9);
        assert!((scale(Profile::Desktop, (1280, 800), 460) - 820.0 / 1280.0).abs() < 1e-9);
        assert!((scale(Profile::Kiosk, (1, 1), 460) - 0.3).abs() < 1e-9);
    }
}
