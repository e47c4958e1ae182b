//! Everything a device provides, wired once by the shell.

use crate::storage::Storage;

/// The host APIs of one device. Each method is one WIT interface that needs a permission.
pub trait Services: Send + Sync {
    /// The `storage` interface.
    fn storage(&self) -> &dyn Storage;
}
