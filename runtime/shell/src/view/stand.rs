//! What stands above and below all pages of a kiosk: room above, so that everything lies within reach of somebody who sits,
//! and the keyboard below.

use gtk::prelude::*;

use super::{Keyboard, ViewError, Views};

const STYLE: &str = ".guichet-above { background: #082c28; }";

/// How much of the glass somebody who sits can reach, from below: 1200 of 1920 pixels.
const REACH: (i32, i32) = (5, 8);
/// And no less than this many pixels: a glass that lies low is in reach whole, and an app needs some lines of it.
const LEAST_REACH: i32 = 640;

/// The two of them.
pub(crate) struct Stand {
    above: gtk::Box,
    height: i32,
    /// The keyboard.
    pub(crate) keyboard: Keyboard,
}

impl Views {
    /// Makes them around the views of a glass that is so many pixels high.
    pub(crate) fn stand(&self, height: i32) -> Result<Stand, ViewError> {
        let column = self.overlay.parent().and_downcast::<gtk::Box>().ok_or(ViewError::Window)?;
        let above = gtk::Box::new(gtk::Orientation::Vertical, 0);
        let style = gtk::CssProvider::new();
        if let Err(error) = style.load_from_data(STYLE.as_bytes()) {
            tracing::error!("the style of what is above cannot be read: {error}");
        }
        above.style_context().add_class("guichet-above");
        above.style_context().add_provider(&style, gtk::STYLE_PROVIDER_PRIORITY_APPLICATION);
        column.pack_start(&above, false, false, 0);
        column.reorder_child(&above, 0);
        Ok(Stand { above, height, keyboard: Keyboard::new(&column, height, &self.post) })
    }
}

impl Stand {
    /// Both are away, whatever has just shown all that is in the window.
    pub(crate) fn put_away(&mut self) {
        self.above.hide();
        self.keyboard.put_away();
    }

    /// How high the glass is, in pixels.
    pub(crate) fn height(&self) -> u32 {
        self.height.try_into().unwrap_or(0)
    }

    /// Puts everything into the lower part of the glass, or back.
    pub(crate) fn lower(&self, is_low: bool) {
        self.above.set_size_request(-1, out_of_reach(self.height));
        if is_low { self.above.show() } else { self.above.hide() }
    }
}

/// How much of a glass of this height, from above, is nobody's while everything lies low, in pixels.
fn out_of_reach(height: i32) -> i32 {
    let (reach, of) = REACH;
    (height - (height * reach / of).max(LEAST_REACH)).max(0)
}

#[cfg(test)]
mod tests {
    use guichet_host::Profile;

    use super::*;

    #[test]
    fn what_is_within_reach_leaves_an_app_some_lines_on_every_glass() {
        assert_eq!(out_of_reach(1920), 720);
        assert_eq!(out_of_reach(1080), 405);
        assert_eq!([600, 640, 768, 1024].map(out_of_reach), [0, 0, 128, 384], "never less than 640 pixels");
        // 1024 by 768, less the bar and the strip: what a page has of it.
        let lines = |is_large, around: i32| {
            f64::from(768 - out_of_reach(768) - around) / Profile::Kiosk.enlarged_on(is_large, 768)
        };
        assert_eq!((lines(false, 88 + 96).round(), lines(true, 112 + 136).round()), (334.0, 241.0));
    }
}
