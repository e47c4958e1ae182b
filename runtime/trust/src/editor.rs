//! Making metadata: first and next versions of each document, signed by one keyholder after another.
//!
//! A [`Draft`] is what will be said; [`Draft::sign`] makes the bytes, and [`add_signature`] lets the next keyholder sign
//! the very same. Nobody signs unseen: [`Pending`] and [`changes`] show what a document would do.

mod bins;
mod ceremony;
mod draft;
mod review;

pub use self::{
    bins::{Listing, MOST_UNBINNED, NextDocuments, bits_for},
    ceremony::{Ceremony, Question, RoleChange, Signatures},
    draft::{Draft, NewDelegation, add_signature, attach_signature, message},
    review::{Change, Pending, changes, read_role, read_root, read_targets},
};
