//! How large a package may be, given by whoever opens one.

/// What opening a package may cost. There is no way to open one without saying it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The whole container, in bytes.
    pub container_bytes: u64,
    /// Files in a package.
    pub files: usize,
    /// One file, in bytes.
    pub file_bytes: u64,
    /// All files together, in bytes.
    pub total_bytes: u64,
    /// `manifest.json`, in bytes.
    pub manifest_bytes: u64,
    /// The statement, in bytes.
    pub statement_bytes: u64,
    /// The seals, in bytes.
    pub seals_bytes: u64,
    /// How many times larger decoded bytes may be than their compressed form.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            container_bytes: 72 << 20,
            files: 4096,
            file_bytes: 32 << 20,
            total_bytes: 64 << 20,
            manifest_bytes: 256 << 10,
            statement_bytes: 3 << 19,
            seals_bytes: 64 << 10,
            ratio: 200,
        }
    }
}
