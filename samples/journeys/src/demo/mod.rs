//! The main job as a demo: on a virtual display with a report, or in a window to look at.

pub mod headless;
pub mod kiosk;
pub mod sample;
pub mod window;

pub use headless::Sabotage;
