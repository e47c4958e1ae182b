//! Presses a key in a view, as if a person had: the page hears `keydown`, and what it does with that is its own affair.

use gtk::{gdk, glib::translate::*, prelude::*};

/// Presses and lets go of the key that types a character or has a name of its own (`Key::BackSpace`).
pub(super) fn press(view: &impl IsA<gtk::Widget>, key: gdk::keys::Key) {
    let view = view.upcast_ref::<gtk::Widget>();
    let (Some(surface), Some(device)) = (view.window(), keyboard(view)) else { return };
    let keycode = keycode(view, key);
    for kind in [gdk::ffi::GDK_KEY_PRESS, gdk::ffi::GDK_KEY_RELEASE] {
        let mut event = event(kind, key, keycode, &surface);
        event.set_device(Some(&device));
        view.event(&event);
    }
}

fn keyboard(view: &gtk::Widget) -> Option<gdk::Device> {
    view.display().default_seat()?.keyboard()
}

/// The key of the keyboard that stands for it, if this terminal's layout has one: only `KeyboardEvent.code` depends on it.
fn keycode(view: &gtk::Widget, key: gdk::keys::Key) -> u16 {
    let keymap = gdk::Keymap::for_display(&view.display());
    let entries = keymap.map(|keymap| keymap.entries_for_keyval(*key)).unwrap_or_default();
    entries.first().and_then(|entry| u16::try_from(entry.keycode()).ok()).unwrap_or_default()
}

#[expect(unsafe_code, reason = "gdk has no safe way to make the event of a key")]
fn event(kind: gdk::ffi::GdkEventType, key: gdk::keys::Key, keycode: u16, surface: &gdk::Window) -> gdk::Event {
    let is_capital = key.to_unicode().is_some_and(char::is_uppercase);
    // SAFETY: `gdk_event_new` returns a zeroed event of this type, in which `key` is the member in use; the window in it owns a
    // reference that `gdk_event_free` gives back, and the event itself is owned by what is returned.
    unsafe {
        let event = gdk::ffi::gdk_event_new(kind);
        (*event).key.window = surface.to_glib_full();
        (*event).key.time = gdk::ffi::GDK_CURRENT_TIME as u32;
        (*event).key.keyval = *key;
        (*event).key.hardware_keycode = keycode;
        (*event).key.state = if is_capital { gdk::ffi::GDK_SHIFT_MASK } else { 0 };
        from_glib_full(event)
    }
}
