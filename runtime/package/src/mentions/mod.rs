//! What the files of a package mention, found without running anything: host calls, hosts, secrets. A reading aid for people; what
//! bounds an app is its permissions.

pub mod calls;
pub mod domains;
pub mod host;
pub mod script;
pub mod secrets;
