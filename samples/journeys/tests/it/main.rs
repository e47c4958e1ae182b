//! Journeys through real programs, one module each.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod api;
mod attacks;
mod conformance;
mod counter;
mod decisions;
mod desk_journeys;
mod dev;
mod dev_panel;
mod erase;
mod existing_app;
mod first_app;
mod fleet;
mod glass;
mod hoards;
mod isolation;
mod kiosk;
mod look;
mod main_job;
mod network;
mod offline;
mod preview;
mod prompts;
mod reader;
mod recall;
mod recorded;
mod roles;
mod runaway;
mod tabs;
mod trial;
mod types;
mod unmodified;
mod updates_from;
mod visits;
mod w3c;
mod whole_way;
