//! What tells the page of a view that it is part of this window, for screen readers (`org.a11y.atspi.Socket`, `Embedded`).
//!
//! The bridge of GTK 3 (at-spi2-core, up to 2.56) tells it with a message that it never gives back, 1 KiB for each page that
//! was ever open. It does not tell a page without a name; so it is given none, and the page is told here.

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    mem, ptr,
    sync::OnceLock,
};

use gtk::{
    atk::ffi::{AtkSocket, AtkSocketClass, atk_socket_get_type},
    glib::{ffi::g_free, gobject_ffi::g_type_class_ref},
};

use super::symbol::symbol;

/// How a socket learns which page is in it.
type Embed = unsafe extern "C" fn(*mut AtkSocket, *const c_char);

/// `DBUS_TYPE_STRING`.
const STRING: c_int = b's' as c_int;
/// `DBUS_TYPE_INVALID`: the end of a list of arguments.
const END: c_int = 0;
/// A page without a name.
const NOBODY: &CStr = c"-";

/// What is needed of the bridge and of the libraries that it has loaded.
struct Bridge {
    embed: Embed,
    register: *const *mut c_void,
    path_of: unsafe extern "C" fn(*mut c_void, *mut AtkSocket) -> *mut c_char,
    bus: unsafe extern "C" fn() -> *mut c_void,
    call: unsafe extern "C" fn(*const c_char, *const c_char, *const c_char, *const c_char) -> *mut c_void,
    append: unsafe extern "C" fn(*mut c_void, c_int, ...) -> u32,
    send: unsafe extern "C" fn(*mut c_void, *mut c_void, *mut u32) -> u32,
    give_back: unsafe extern "C" fn(*mut c_void),
}

// SAFETY: the one pointer is that of a variable of a library that stays loaded; it is read by the thread of GTK alone.
#[expect(unsafe_code, reason = "a pointer is said to be of no thread in particular")]
unsafe impl Send for Bridge {}
// SAFETY: as above.
#[expect(unsafe_code, reason = "as above")]
unsafe impl Sync for Bridge {}

static BRIDGE: OnceLock<Bridge> = OnceLock::new();

/// From now on no message is kept; where the bridge is another one, or there is none, all stays as it is. To be called when
/// GTK has begun, before there is a view.
pub(crate) fn give_back_messages() {
    // SAFETY: the class is GTK's own and stays, for the reference is not given back; only this thread uses it.
    #[expect(unsafe_code, reason = "glib has no safe way to another's class")]
    let class = unsafe { &mut *g_type_class_ref(atk_socket_get_type()).cast::<AtkSocketClass>() };
    let Some(bridge) = class.embed.and_then(Bridge::of) else { return };
    if BRIDGE.set(bridge).is_ok() {
        class.embed = Some(embed);
    }
}

impl Bridge {
    fn of(embed: Embed) -> Option<Self> {
        // SAFETY: these are the symbols of at-spi2-core and of D-Bus, whose types have not changed since 2.0 and 1.0: what is
        // found by such a name is of such a type.
        #[expect(unsafe_code, reason = "a symbol has no type")]
        unsafe {
            Some(Self {
                embed,
                register: symbol(c"spi_global_register")?.cast(),
                path_of: mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void, *mut AtkSocket) -> *mut c_char>(
                    symbol(c"spi_register_object_to_path")?,
                ),
                bus: mem::transmute::<*mut c_void, unsafe extern "C" fn() -> *mut c_void>(symbol(
                    c"atspi_get_a11y_bus",
                )?),
                call: mem::transmute::<
                    *mut c_void,
                    unsafe extern "C" fn(*const c_char, *const c_char, *const c_char, *const c_char) -> *mut c_void,
                >(symbol(c"dbus_message_new_method_call")?),
                append: mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void, c_int, ...) -> u32>(symbol(
                    c"dbus_message_append_args",
                )?),
                send: mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void, *mut c_void, *mut u32) -> u32>(
                    symbol(c"dbus_connection_send")?,
                ),
                give_back: mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void)>(symbol(
                    c"dbus_message_unref",
                )?),
            })
        }
    }

    /// Tells the page of that name; false if nobody could be told.
    #[expect(unsafe_code, reason = "it is a library of C")]
    fn tell(&self, socket: *mut AtkSocket, name: &[u8]) -> bool {
        // A unique name of the bus begins with a colon; another one is before the path.
        let Some(at) = name.iter().skip(1).position(|byte| *byte == b':') else { return false };
        let (of, path) = (name.get(..=at), name.get(at + 2..));
        let (Some(Ok(of)), Some(Ok(path))) = (of.map(CString::new), path.map(CString::new)) else { return false };
        // SAFETY: GTK calls this, on its own thread, with a socket that lives; each pointer that is handed on is checked, and
        // lives until the call is over. What is said is copied into the message, and the message is given back once.
        unsafe {
            let (register, bus) = (*self.register, (self.bus)());
            if register.is_null() || bus.is_null() {
                return false;
            }
            let own = (self.path_of)(register, socket);
            let message =
                (self.call)(of.as_ptr(), path.as_ptr(), c"org.a11y.atspi.Socket".as_ptr(), c"Embedded".as_ptr());
            let is_told = !own.is_null()
                && !message.is_null()
                && (self.append)(message, STRING, &raw const own, END) != 0
                && (self.send)(bus, message, ptr::null_mut()) != 0;
            if !message.is_null() {
                (self.give_back)(message);
            }
            g_free(own.cast());
            is_told
        }
    }
}

/// What stands in the place of the bridge's own.
#[expect(unsafe_code, reason = "ATK calls it")]
unsafe extern "C" fn embed(socket: *mut AtkSocket, name: *const c_char) {
    let Some(bridge) = BRIDGE.get() else { return };
    // SAFETY: it has been called with this socket, and NOBODY lives for ever; of what has no colon it sends nothing.
    unsafe { (bridge.embed)(socket, NOBODY.as_ptr()) };
    // SAFETY: a name is a text of C, or nothing.
    let is_told = !name.is_null() && bridge.tell(socket, unsafe { CStr::from_ptr(name) }.to_bytes());
    if !is_told {
        // SAFETY: it was called with these.
        unsafe { (bridge.embed)(socket, name) };
    }
}
