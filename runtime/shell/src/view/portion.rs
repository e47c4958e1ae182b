//! How much of a file goes to a page at once.
//!
//! WebKitGTK (2.50) reads what a scheme answers in portions of 8 KiB and sends each as one message, and of a message that is
//! longer than 4 KiB it makes a piece of shared memory, which both sides map, copy and unmap: a portion that goes into the
//! message itself costs less. Nothing says how large a portion should be, but a stream may give less than is asked
//! for.

use std::{ffi::c_void, sync::OnceLock};

use gtk::{
    gio::ffi::{GCancellable, GInputStream, GInputStreamClass, g_memory_input_stream_get_type},
    glib::ffi::GError,
    glib::gobject_ffi::g_type_class_ref,
};

/// Bytes that go into a message of 4 KiB beside what else is in it.
const PORTION: usize = 3_800;

/// How a stream is read.
type Read = unsafe extern "C" fn(*mut GInputStream, *mut c_void, usize, *mut GCancellable, *mut *mut GError) -> isize;

static READ: OnceLock<Read> = OnceLock::new();

/// From now on what lies in memory is read in portions. To be called when GTK has begun, before there is a view.
pub(crate) fn read_in_portions() {
    // SAFETY: the class is GIO's own and stays, for the reference is not given back; nobody reads such a stream yet.
    #[expect(unsafe_code, reason = "glib has no safe way to another's class")]
    let class = unsafe { &mut *g_type_class_ref(g_memory_input_stream_get_type()).cast::<GInputStreamClass>() };
    let Some(read) = class.read_fn else { return };
    if READ.set(read).is_ok() {
        class.read_fn = Some(read_portion);
    }
}

#[expect(unsafe_code, reason = "it stands in for GIO's own function")]
unsafe extern "C" fn read_portion(
    stream: *mut GInputStream,
    buffer: *mut c_void,
    count: usize,
    cancellable: *mut GCancellable,
    error: *mut *mut GError,
) -> isize {
    let Some(read) = READ.get() else { return -1 };
    // SAFETY: all is handed on as it came, and less is asked for than there is room.
    unsafe { read(stream, buffer, count.min(PORTION), cancellable, error) }
}

#[cfg(test)]
mod tests {
    use gtk::{gio, glib, prelude::*};

    use super::*;

    #[test]
    fn what_lies_in_memory_is_read_in_portions_and_whole() {
        read_in_portions();
        let bytes: Vec<u8> = (0..10_000_u32).map(|number| number as u8).collect();
        let stream = gio::MemoryInputStream::from_bytes(&glib::Bytes::from(&bytes));
        let portion = stream.read_bytes(8192, gio::Cancellable::NONE).unwrap();
        assert_eq!(portion.len(), PORTION);
        let mut rest = vec![0; 8192];
        let (read, error) = stream.read_all(&mut rest, gio::Cancellable::NONE).unwrap();
        assert_eq!((portion.len() + read, error), (bytes.len(), None));
        assert_eq!([&portion, &rest[..read]].concat(), bytes);
    }
}
