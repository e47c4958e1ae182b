//! Drags: what a page lets go over itself it takes, and nothing else comes in or goes out.
//!
//! A file that another program lets go over a page would be one it can read, whatever its permissions say; and what a page
//! hands to another program is what the page says it is, whatever the person has seen.

use std::{cell::RefCell, rc::Rc, sync::Once};

use gtk::{
    gdk::{self, DragContext},
    glib::{SignalHandlerId, translate::from_glib_none},
    prelude::*,
};
use webkit2gtk::WebView;

use super::harden;

/// What the engine answers when something is held or let go over a view. That it has gone away is told it always.
const TAKES: [&str; 2] = ["drag-motion", "drag-drop"];

/// Keeps the drags of a view inside it. The engine was there first when somebody drags something over it, and nobody can come
/// before it: so it hears of that only as long as the drag is one of the view's own.
pub(super) fn keep_inside(view: &WebView) {
    let takes: Rc<[SignalHandlerId]> =
        TAKES.iter().flat_map(|signal| harden::handlers(view.upcast_ref(), signal)).collect();
    if takes.is_empty() {
        tracing::error!("what other programs drag over a page is not kept from it");
    }
    takes.iter().for_each(|handler| view.block_signal(handler));
    let own: Rc<RefCell<Option<DragContext>>> = Rc::default();
    let (taking, begun) = (Rc::clone(&takes), Rc::clone(&own));
    let first = Once::new();
    view.connect_drag_begin(move |view, drag| {
        // The engine has connected what answers for it by now, and answers first.
        first.call_once(|| give_nothing_away(view));
        if begun.replace(Some(drag.clone())).is_none() {
            taking.iter().for_each(|handler| view.unblock_signal(handler));
        }
    });
    view.connect_drag_end(move |view, drag| {
        // One that was given up for the next may end after that has begun.
        if own.borrow().as_ref() == Some(drag) {
            own.take();
            takes.iter().for_each(|handler| view.block_signal(handler));
        }
    });
}

/// Gives nothing of the view's drags to another window.
fn give_nothing_away(view: &WebView) {
    view.connect_drag_data_get(|view, drag, data, _, _| {
        if !is_over_its_window(view, drag) {
            data.set(&data.target(), 8, &[]);
        }
    });
}

fn is_over_its_window(view: &WebView, drag: &DragContext) -> bool {
    let over = window_below(drag).map(|window| window.toplevel());
    over.is_some() && over == view.window().map(|window| window.toplevel())
}

#[expect(unsafe_code, reason = "the binding takes it for granted that a drag is over a window")]
fn window_below(drag: &DragContext) -> Option<gdk::Window> {
    // SAFETY: the drag is alive for the whole call, and what it gives is a window that it keeps, or null.
    unsafe { from_glib_none(gdk::ffi::gdk_drag_context_get_dest_window(drag.as_ptr())) }
}
