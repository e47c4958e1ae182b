//! What the store offers: its metadata followed, its documents fetched, each app judged on its own.
//!
//! Invariant: nothing is kept on disk before it has been verified, and one department's mistake costs that department.

mod before;
mod catalogue;
mod documents;
mod log;
mod metadata;

pub(crate) use catalogue::{Catalogue, Offer, Source};
pub(crate) use documents::Documents;
pub(crate) use log::LogRecord;
pub(crate) use metadata::{Kept, expired, follow};
