//! The fonts of this system, listed before anything is written with them.

use std::ffi::c_void;

use super::symbol::symbol;

type DefaultFontMap = unsafe extern "C" fn() -> *mut c_void;

/// Has a thread of Pango's list the fonts of this system, 8 ms of a processor that has nothing to do yet: the first text would
/// wait for it. Says whether Pango can. To be called by the thread that draws, before it loads the toolkit,
/// where [`is_environment_settled`](crate::sandbox::is_environment_settled): that thread reads it.
pub(crate) fn list_fonts() -> bool {
    let Some(found) = symbol(c"pango_cairo_font_map_get_default") else { return false };
    // SAFETY: this is the function of that name, which takes nothing. What it gives is kept by Pango for this thread.
    #[expect(unsafe_code, reason = "no binding of Pango with Cairo is among ours")]
    unsafe {
        let default_font_map = std::mem::transmute::<*mut c_void, DefaultFontMap>(found);
        !default_font_map().is_null()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn pango_has_its_fonts_before_there_is_a_toolkit() {
        assert!(super::list_fonts());
    }
}
