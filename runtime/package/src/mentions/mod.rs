//! What the files of a package mention, found without running anything: host calls, hosts. A reading aid for people; what
//! bounds an app is its permissions.

pub mod calls;
pub mod domains;
pub mod script;
