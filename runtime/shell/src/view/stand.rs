//! What stands above and below all pages of a kiosk: room above, so that everything lies within reach of somebody who sits,
//! and the keyboard below.

use gtk::prelude::*;

use super::{Keyboard, ViewError, Views};

const STYLE: &str = ".guichet-above { background: #082c28; }";

/// How much of the glass somebody who sits can reach, from below: 1200 of 1920 pixels.
const REACH: (i32, i32) = (5, 8);

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
        let (reach, of) = REACH;
        self.above.set_size_request(-1, self.height - self.height * reach / of);
        if is_low { self.above.show() } else { self.above.hide() }
    }
}
