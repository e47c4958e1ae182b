//! What one session's logic may use.

/// The limits of one session's logic. There is no unlimited budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Linear memory, all memories together.
    pub memory_bytes: usize,
    /// How long one event may take.
    pub event_ms: u64,
    /// How long loading the code may take.
    pub boot_ms: u64,
    /// Calls that have started and not completed.
    pub pending_calls: usize,
    /// What one event may put out, all arguments together.
    pub output_bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { memory_bytes: 64 << 20, event_ms: 500, boot_ms: 2_000, pending_calls: 256, output_bytes: 4 << 20 }
    }
}
