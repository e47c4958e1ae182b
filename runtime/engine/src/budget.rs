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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_names_the_same_limits() {
        let Budget { memory_bytes, event_ms, boot_ms: _, pending_calls, output_bytes } = Budget::default();
        assert_eq!(event_ms, 500, "half a second");
        let (memory, output) = (memory_bytes >> 20, output_bytes >> 20);
        let sentence = format!(
            "take half a second and put out {output} MiB; logic may hold {memory} MiB and {pending_calls} calls"
        );
        let reference = include_str!("../../../docs/reference/host-apis.md").replace('\n', " ");
        assert!(reference.contains(&sentence), "docs/reference/host-apis.md does not say: {sentence}");
    }
}
