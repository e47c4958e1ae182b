//! A text field that nobody sees. WebKitGTK (2.50) makes one for each view, to know what keys mean, gives it the view for a
//! parent and never takes it back: it would stay when the view is gone, some 15 KiB for each page that was ever open.

use std::{cell::RefCell, marker::PhantomData};

use gtk::{
    TextView,
    glib::{self, WeakRef, ffi, gobject_ffi, translate::IntoGlib as _},
    prelude::*,
};
use wry::{WebView, WebViewExtUnix as _};

/// Fields that were given a parent.
type Given = RefCell<Vec<WeakRef<TextView>>>;

/// The view that `make` makes, whose field goes when it is destroyed.
pub(super) fn taken_along<E>(make: impl FnOnce() -> Result<WebView, E>) -> Result<WebView, E> {
    let given = Given::default();
    let noting = Noting::new(&given);
    let view = make()?;
    drop(noting);
    let widget = view.webview();
    for field in given.take() {
        if field.upgrade().and_then(|field| field.parent()).as_ref() == Some(widget.upcast_ref()) {
            widget.connect_destroy(move |_| {
                if let Some(field) = field.upgrade() {
                    field.unparent();
                }
            });
        }
    }
    Ok(view)
}

/// Notes every field that is given a parent while it lives.
struct Noting<'a> {
    signal: u32,
    hook: std::ffi::c_ulong,
    given: PhantomData<&'a Given>,
}

impl<'a> Noting<'a> {
    #[expect(unsafe_code, reason = "glib has no safe way to see a signal of whatever object emits it")]
    fn new(given: &'a Given) -> Option<Self> {
        let signal = glib::subclass::SignalId::lookup("parent-set", gtk::Widget::static_type())?.into_glib();
        let data = std::ptr::from_ref(given).cast_mut().cast();
        // SAFETY: the signal is one of widgets, which this thread alone emits; `note` takes the data for what it is, and the
        // hook goes with this value, before `given` does.
        let hook = unsafe { gobject_ffi::g_signal_add_emission_hook(signal, 0, Some(note), data, None) };
        Some(Self { signal, hook, given: PhantomData })
    }
}

impl Drop for Noting<'_> {
    #[expect(unsafe_code, reason = "glib has no safe way to see a signal of whatever object emits it")]
    fn drop(&mut self) {
        // SAFETY: the hook has been added to this signal, and is removed once.
        unsafe { gobject_ffi::g_signal_remove_emission_hook(self.signal, self.hook) };
    }
}

/// The hook: the first of the values is the widget that was given a parent.
#[expect(unsafe_code, reason = "glib calls it")]
unsafe extern "C" fn note(
    _: *mut gobject_ffi::GSignalInvocationHint,
    _: u32,
    values: *const gobject_ffi::GValue,
    given: ffi::gpointer,
) -> ffi::gboolean {
    // SAFETY: a signal's values begin with its object, and last while it is emitted; `glib::Value` is that value.
    let value = unsafe { &*values.cast::<glib::Value>() };
    // SAFETY: it is what `Noting` has handed over, and lent to nobody else meanwhile.
    let given = unsafe { &*given.cast::<Given>() };
    if let Ok(field) = value.get::<TextView>() {
        given.borrow_mut().push(field.downgrade());
    }
    true.into_glib()
}
