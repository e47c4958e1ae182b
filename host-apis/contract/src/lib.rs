//! What a MiniApp may ask of its host: words, no deeds.
//!
//! *A permission is asked for, a grant is held, a permit is spent.* This crate holds the names, the grammar of
//! permissions, the typed calls of every host API and the one decision about them. It performs nothing and depends on
//! none of our crates.

pub mod app_info;
mod ask;
mod call;
pub mod card;
pub mod clipboard;
pub mod code;
pub mod files;
mod grants;
mod members;
mod names;
pub mod navigation;
pub mod network;
pub mod notify;
pub mod open_app;
mod part;
mod permission;
pub mod print;
pub mod scan;
mod services;
pub mod speech;
mod stop;
pub mod storage;
pub mod telemetry;
mod tell;
pub mod timer;
mod value;
mod words;

pub use ask::{Ask, ServiceCall, SessionCall};
pub use call::{Arguments, Call, Failure, InvalidArguments, Permit};
pub use grants::{Consent, Denial, DevicePolicy, Grants};
pub use names::{AppId, Channel, Department, InvalidName};
pub use part::Part;
pub use permission::{InvalidPermission, Permission, PermissionName, Scope};
pub use services::Services;
pub use stop::Stop;
pub use tell::{Fault, Level, Tell};
pub use value::Value;

/// The platform code that this version of the host APIs implements (MiniApp Manifest, `platform_version`).
pub const PLATFORM_CODE: u64 = 1;

/// The WIT package that every guest is built against.
pub const WIT_PACKAGE: &str = "guichet:app@0.1.0";
