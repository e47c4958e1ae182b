//! What `guichet dev` is made of: packing a folder as it is now, running what has to be built first, noticing changes, and
//! the window that shows them.

pub(crate) mod pack;
pub(crate) mod said;
pub(crate) mod step;
pub(crate) mod watch;
pub(crate) mod window;
pub(crate) mod words;
