//! The documents of TUF 1.0.34: their members, their signatures, and what a delegation covers.
//!
//! A [`Document`] is well formed and keeps the very bytes it was read from; whether it is trusted is for the
//! [`Signers`] of its role to say. Members this crate does not know are kept, as section 4 of the specification asks.

mod document;
mod expiry;
mod hashes;
mod paths;
mod role;
mod root;
mod snapshot;
mod succinct;
mod targets;

pub(crate) use self::{
    document::Envelope,
    paths::{is_pattern, may_name_a_role},
    role::listed,
};
pub use self::{
    document::{Document, Header, Metadata, SignatureEntry},
    expiry::Expiry,
    hashes::Hashes,
    paths::{bins_name, file_stem, is_role_name, is_target_path, matches, owner_of_bin, role_of},
    role::{Key, KeyValue, RoleKeys, Signers},
    root::Root,
    snapshot::{Pin, Snapshot, Timestamp},
    succinct::SuccinctRoles,
    targets::{Delegation, Delegations, TargetFile, Targets},
};

/// The version of the specification these documents are written to.
pub const SPEC_VERSION: &str = "1.0.34";

/// The names a delegated role cannot have.
pub const TOP_LEVEL_ROLES: [&str; 4] = ["root", "targets", "snapshot", "timestamp"];

/// Members of a document that are not known here.
pub type Others = serde_json::Map<String, serde_json::Value>;
