//! What each command does: one module each, one function each, everything it needs as arguments.

pub(crate) mod address;
pub(crate) mod approve;
pub(crate) mod build;
pub(crate) mod build_from;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod dev;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod logs;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod publish;
pub(crate) mod rebuild;
pub(crate) mod releases;
pub(crate) mod replay;
pub(crate) mod review;
pub(crate) mod schema;
pub(crate) mod seal;
pub(crate) mod status;
pub(crate) mod test;
pub(crate) mod types;
pub(crate) mod verify;
