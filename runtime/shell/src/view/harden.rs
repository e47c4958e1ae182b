//! What WebKitGTK offers and an app does not get.

use gtk::{
    glib::{
        self, SignalHandlerId, gobject_ffi,
        translate::{IntoGlib, from_glib},
    },
    prelude::*,
};
use webkit2gtk::{
    ColorChooserRequestExt as _, FileChooserRequestExt as _, ScriptDialogType, SettingsExt, WebView, WebViewExt,
};

use super::{drag, features};

/// Switches off what no app needs, and calls `closed` when a page closes its window instead of destroying the view.
pub(super) fn close(view: &WebView, closed: impl Fn() + 'static) {
    if let Some(settings) = WebViewExt::settings(view) {
        settings.set_enable_developer_extras(false);
        settings.set_enable_dns_prefetching(false);
        settings.set_enable_encrypted_media(false);
        settings.set_enable_fullscreen(false);
        settings.set_enable_media_stream(false);
        settings.set_enable_page_cache(false);
        settings.set_enable_site_specific_quirks(false);
        settings.set_enable_webrtc(false);
        settings.set_javascript_can_open_windows_automatically(false);
        if features::close(&settings) == 0 {
            tracing::warn!(
                "this WebKitGTK has none of the features that reach out; look whether they have other names"
            );
        }
    }
    view.connect_context_menu(|_, _, _, _| true);
    view.connect_print(|_, _| true);
    view.connect_enter_fullscreen(|_| true);
    view.connect_show_notification(|_, _| true);
    // A dialog of a page would look like the host's and hold the page up; and no page may keep the host from leaving it.
    view.connect_script_dialog(|_, dialog| {
        if dialog.dialog_type() == ScriptDialogType::BeforeUnloadConfirm {
            dialog.confirm_set_confirmed(true);
        }
        true
    });
    drag::keep_inside(view);
    forget_destruction(view);
    view.connect_close(move |_| closed());
}

/// Offers no file of this device to a page that asks for one: what an app may read of it, its permissions say.
pub(super) fn offer_no_files(view: &WebView) {
    view.connect_run_file_chooser(|_, request| {
        request.cancel();
        true
    });
}

/// Offers no color of the toolkit's own dialog, which is a window beside that of a kiosk.
pub(super) fn offer_no_colors(view: &WebView) {
    view.connect_run_color_chooser(|_, request| {
        request.cancel();
        true
    });
}

/// Calls `ended` when the process that draws this view is gone.
pub(super) fn watch(view: &WebView, ended: impl Fn(String) + 'static) {
    view.connect_web_process_terminated(move |_, reason| ended(format!("{reason:?}")));
}

/// wry destroys the widget when a page calls `window.close()`, while the host still holds the view.
fn forget_destruction(view: &WebView) {
    disconnect(view.upcast_ref(), "close");
}

/// Lets go of a view that is about to be dropped. What wry has connected to its messages holds it, and it holds that: without
/// this neither would ever go, nor the view's context and the process that is its network.
pub(super) fn release(view: &WebView) {
    if let Some(manager) = view.user_content_manager() {
        disconnect(manager.upcast_ref(), "script-message-received");
    }
}

/// Disconnects all that is connected to a signal so far.
fn disconnect(object: &glib::Object, signal: &str) {
    handlers(object, signal).into_iter().for_each(|handler| object.disconnect(handler));
}

/// All that is connected to a signal so far, whoever has connected it.
#[expect(unsafe_code, reason = "glib has no safe way to find a handler that somebody else has connected")]
pub(super) fn handlers(object: &glib::Object, signal: &str) -> Vec<SignalHandlerId> {
    let Some(signal) = glib::subclass::SignalId::lookup(signal, object.type_()) else { return vec![] };
    let object: *mut gobject_ffi::GObject = object.as_ptr();
    let (id, any) = (signal.into_glib(), std::ptr::null_mut::<std::ffi::c_void>());
    let mask = gobject_ffi::G_SIGNAL_MATCH_ID | gobject_ffi::G_SIGNAL_MATCH_UNBLOCKED;
    let mut found = vec![];
    // SAFETY: the object is alive for the whole call and the signal belongs to its type; with these two no other pointer is
    // looked at. Each turn blocks the handler it has found, so that there is an end, and lets it go afterwards.
    unsafe {
        loop {
            let handler = gobject_ffi::g_signal_handler_find(object, mask, id, 0, any.cast(), any, any);
            if handler == 0 {
                break;
            }
            gobject_ffi::g_signal_handler_block(object, handler);
            found.push(handler);
        }
        found.iter().for_each(|handler| gobject_ffi::g_signal_handler_unblock(object, *handler));
        found.into_iter().map(|handler| from_glib(handler)).collect()
    }
}
