//! The store from outside: one router, one real database, in one test binary.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod airgap;
mod approval;
mod audit;
mod backup;
mod beacons;
mod bins;
mod brake;
mod ceremony;
mod console;
mod databases;
mod delta;
mod door;
mod flow;
mod house;
mod killed;
mod log;
mod members;
mod monitor;
mod openapi;
mod packages;
mod people;
mod postgres;
mod process;
mod reissue;
mod rekeyed;
mod remote;
mod restart;
mod static_files;
mod submission;
mod together;
mod tokens;
mod witness;
