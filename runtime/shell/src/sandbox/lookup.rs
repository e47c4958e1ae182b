//! Where the engine's processes look first for a name that a library wants.
//!
//! A program that starts asks, for each name that a library wants, all libraries in turn. WebKitGTK brings some 170, and one
//! of them, a voice of flite's that tells the time, wants 31 000 of its own names while 57 stand before it: more than half
//! of all that is looked up when one of its processes starts, and a quarter of the time until its first line runs. Put
//! before the others it finds its names at once; no other library has any of them.

use std::{
    env,
    ffi::{CStr, OsStr, OsString},
};

/// The library that wants so many of its own names.
const LIBRARY: &CStr = c"libflite_cmu_time_awb.so.1";

/// Which libraries come before all others, in a process that starts (`ld.so(8)`).
const VARIABLE: &str = "LD_PRELOAD";

/// Puts it first in what is started from now on, if the engine here brings it.
pub(super) fn first(set: impl FnOnce(&str, &OsStr)) {
    if let Some(order) = order(is_here(LIBRARY), env::var_os(VARIABLE)) {
        set(VARIABLE, &order);
    }
}

/// The order, if it is to be changed; what somebody else wants first stays behind it.
fn order(is_here: bool, inherited: Option<OsString>) -> Option<OsString> {
    let mut order = OsString::from(is_here.then(|| LIBRARY.to_str().ok()).flatten()?);
    if let Some(inherited) = inherited.filter(|inherited| !inherited.is_empty()) {
        order.push(":");
        order.push(inherited);
    }
    Some(order)
}

/// Whether this process has a library already.
#[expect(unsafe_code, reason = "the standard library does not know which libraries there are")]
fn is_here(library: &CStr) -> bool {
    // SAFETY: the name ends with a zero, and nothing is loaded: what is not here stays away.
    let found = unsafe { libc::dlopen(library.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
    if !found.is_null() {
        // SAFETY: it was counted once more by the call above.
        unsafe { libc::dlclose(found) };
    }
    !found.is_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_want_first_stays_behind_it() {
        assert_eq!(order(true, None), Some("libflite_cmu_time_awb.so.1".into()));
        assert_eq!(order(true, Some("".into())), Some("libflite_cmu_time_awb.so.1".into()));
        assert_eq!(order(true, Some("/opt/a.so".into())), Some("libflite_cmu_time_awb.so.1:/opt/a.so".into()));
        assert_eq!(order(false, Some("/opt/a.so".into())), None, "an engine without it stays as it is");
    }

    #[test]
    fn a_library_is_here_or_is_not() {
        assert!(is_here(c"libc.so.6"));
        assert!(!is_here(c"libnobody.so.0"));
    }
}
