//! The words between a page and its session: what a page may say, what it is told, and the script that speaks for it.

mod message;
mod script;

pub(crate) use message::{FromPage, answer, failed, lifecycle_global, lifecycle_page, update};
pub(crate) use script::{Launch, script};
