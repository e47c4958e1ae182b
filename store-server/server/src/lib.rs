//! The store: takes packages in, has people review them, and publishes what they signed as static files.
//!
//! The database is the truth and the static files follow from it. Nothing here runs a package's code.

pub mod access;
pub mod admission;
pub mod airgap;
pub mod audit;
pub mod backup;
pub mod blobs;
pub mod brake;
pub mod catalogue;
pub mod checks;
pub mod clock;
pub mod commands;
mod console;
pub mod database;
pub mod delta;
pub mod error;
pub mod fleet;
pub mod folder;
pub mod freshness;
pub mod http;
pub mod keys;
pub mod lifecycle;
pub mod monitor;
pub mod organisation;
pub mod passkeys;
pub mod people;
pub mod problems;
pub mod publish;
pub mod reissue;
pub mod repository;
pub mod review;
pub mod rollout;
pub mod secret;
pub mod store;
pub mod submissions;
pub mod transparency;
pub mod witness;
