//! The host against a store that lies in a folder, made by the project's own editor and packager.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod address;
mod agreed;
mod app;
mod beacons;
mod bridge;
mod component;
mod delta;
mod device;
mod examples;
mod faults;
mod folder;
mod glass;
mod http;
mod install;
mod journal;
mod language;
mod lifecycle;
mod log;
mod logic_image;
mod network;
mod offline;
mod permissions;
mod preview;
mod random_sessions;
mod refused;
mod rehearsal;
mod room;
mod serve;
mod session;
mod stopped;
mod store;
mod touch;
mod trial;
mod update;
mod w3c;
