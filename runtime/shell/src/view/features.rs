//! Features of WebKitGTK that reach the network without loading anything: no policy of a page and no proxy sees them.
//!
//! `enable-dns-prefetching` of the settings does not cover `<link rel=dns-prefetch>`, and the dead proxy does not either:
//! the engine asks the system's proxy settings, not those of the context.

use std::ffi::{CStr, c_char, c_int, c_void};

use gtk::prelude::*;
use webkit2gtk::Settings;

/// What no app gets, by the identifiers of `webkit_feature_get_identifier`.
const REACHING_OUT: &[&[u8]] = &[
    b"LinkDNSPrefetch",
    b"LinkPreconnect",
    b"LinkPreconnectEarlyHints",
    b"LinkPrefetch",
    b"PrivateClickMeasurement",
    b"WebTransport",
];

#[expect(unsafe_code, reason = "the crate for WebKitGTK does not bind its features (since 2.42)")]
unsafe extern "C" {
    fn webkit_settings_get_all_features() -> *mut c_void;
    fn webkit_feature_list_get_length(list: *mut c_void) -> usize;
    fn webkit_feature_list_get(list: *mut c_void, index: usize) -> *mut c_void;
    fn webkit_feature_list_unref(list: *mut c_void);
    fn webkit_feature_get_identifier(feature: *mut c_void) -> *const c_char;
    fn webkit_settings_set_feature_enabled(settings: *mut c_void, feature: *mut c_void, enabled: c_int);
}

/// Switches them off, and says how many there were.
#[expect(unsafe_code, reason = "the crate for WebKitGTK does not bind its features (since 2.42)")]
pub(super) fn close(settings: &Settings) -> usize {
    let settings: *mut c_void = settings.as_ptr().cast();
    let mut closed = 0;
    // SAFETY: the list is ours until it is given back, its features and their identifiers live as long as it does, and
    // every index is below its length; the settings are alive for the whole call.
    unsafe {
        let list = webkit_settings_get_all_features();
        for index in 0..webkit_feature_list_get_length(list) {
            let feature = webkit_feature_list_get(list, index);
            let identifier = CStr::from_ptr(webkit_feature_get_identifier(feature)).to_bytes();
            if REACHING_OUT.contains(&identifier) {
                webkit_settings_set_feature_enabled(settings, feature, 0);
                closed += 1;
            }
        }
        webkit_feature_list_unref(list);
    }
    closed
}
