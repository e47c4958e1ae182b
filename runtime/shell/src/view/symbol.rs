//! What libraries of the engine have, and no binding knows.

use std::ffi::{CStr, c_void};

/// A symbol of a library that is loaded.
pub(super) fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: the name is a text of C; nothing is loaded by asking.
    #[expect(unsafe_code, reason = "the standard library does not look up symbols")]
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!found.is_null()).then_some(found)
}
