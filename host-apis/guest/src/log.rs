//! `log`: the app's own console.

use crate::bindings::guichet::app::log::{self as host, Level, write};

pub use host::Fault;

/// For the developer only.
pub fn debug(text: &str) {
    write(Level::Debug, text);
}

/// Ordinary.
pub fn info(text: &str) {
    write(Level::Info, text);
}

/// Something to look at.
pub fn warn(text: &str) {
    write(Level::Warn, text);
}

/// Something went wrong.
pub fn error(text: &str) {
    write(Level::Error, text);
}

/// What was caught and should be known all the same: the app's `error` lifecycle event (MiniApp Lifecycle).
pub fn report(fault: &Fault) {
    host::report(fault);
}
