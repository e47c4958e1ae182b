//! Journeys: real programs, a real webview, real servers, from a department's folder to a citizen's window.

pub mod attacks;
mod bombs;
pub mod browser;
pub mod canary;
pub mod demo;
pub mod display;
pub mod doorbell;
pub mod guide;
pub mod hall;
pub mod lockdown;
pub mod look;
pub mod neighbour;
pub mod pcsc;
pub mod picture;
pub mod ports;
pub mod printer;
pub mod process;
pub mod reader;
pub mod report;
pub mod sink;
pub mod touch;
pub mod town;
pub mod until;
pub mod w3c;
pub mod watched;
pub mod witnesses;
pub mod zip;
