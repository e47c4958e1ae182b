//! What pages have said. WebKitGTK hands each message over as a value of JavaScript in a heap of this process, and keeps what
//! nobody needs any more until that heap has grown by megabytes: hundreds of visits later, with all that was typed in them.

use std::{
    ffi::{CStr, c_void},
    mem,
};

use gtk::{gio, glib::translate::ToGlibPtr as _};
use webkit2gtk::{JavascriptResult, WebViewExt as _, ffi::WebKitJavascriptResult};
use wry::{WebView, WebViewExtUnix as _};

use super::symbol::symbol;

/// The heap is reached through any value in it.
const NOTHING: &str = "0";
/// Of the engine; a `JSGlobalContextRef` in it lives as long as the result that has it.
const CONTEXT: &CStr = c"webkit_javascript_result_get_global_context";
/// Of its JavaScriptCore.
const COLLECT: &CStr = c"JSSynchronousGarbageCollectForDebugging";

/// Asks the page for a value, and when it answers has the heap collected, half a millisecond's work. A page that does not answer
/// leaves it as it is.
pub(crate) fn collect_garbage(page: &WebView) {
    #[expect(deprecated, reason = "only what it gives leads to the heap")]
    page.webview().run_javascript(NOTHING, gio::Cancellable::NONE, |answer| {
        match answer.map(|value| collect_around(&value)) {
            Ok(Some(())) => tracing::debug!("what pages have said is collected"),
            Ok(None) => tracing::debug!("this engine's heap cannot be collected"),
            Err(error) => tracing::debug!(%error, "the page gives no value"),
        }
    });
}

fn collect_around(value: &JavascriptResult) -> Option<()> {
    // SAFETY: these are functions of the engine and of its JavaScriptCore, whose types have not changed since 2.4: what is found
    // by such a name is of such a type.
    #[expect(unsafe_code, reason = "a symbol has no type")]
    let (context, collect) = unsafe {
        (
            mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut WebKitJavascriptResult) -> *mut c_void>(symbol(
                CONTEXT,
            )?),
            mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void)>(symbol(COLLECT)?),
        )
    };
    // SAFETY: the value lives until this is over, and with it the context of its heap; only this thread, which is GTK's, uses
    // that heap, and the function takes its lock.
    #[expect(unsafe_code, reason = "it is a library of C")]
    unsafe {
        let context = context(value.to_glib_none().0);
        (!context.is_null()).then(|| collect(context))
    }
}
