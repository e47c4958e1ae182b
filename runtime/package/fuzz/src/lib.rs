//! What all fuzz targets hold their readers to: no panic, and no more than 64 MiB.

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// In bytes, beyond what was there before.
const MOST: usize = 64 << 20;

/// Does it and counts what it holds at once.
pub fn within_64_mib<T>(deed: impl FnOnce() -> T) -> T {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let done = deed();
    let cost = ALLOCATOR.peak_usage().saturating_sub(before);
    assert!(cost <= MOST, "{cost} bytes were held at once");
    done
}

/// Corrects the checksums of stored entries, in front of their bytes and in the directory: no fuzzer finds those by
/// itself, and what lies behind them is worth reaching.
pub fn mend_checksums(bytes: &mut [u8]) {
    const LOCAL: &[u8] = b"PK\x03\x04";
    const CENTRAL: &[u8] = b"PK\x01\x02";
    let number = |bytes: &[u8], at: usize, length: usize| {
        let field = bytes.get(at..at + length)?;
        Some(field.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    };
    let mut at = 0;
    let mut sums = Vec::new();
    while bytes[at..].starts_with(LOCAL) {
        let [size, name, extra] = [(18, 4), (26, 2), (28, 2)].map(|(field, length)| number(bytes, at + field, length));
        let (Some(size), Some(name), Some(extra)) = (size, name, extra) else { return };
        let start = at + 30 + name + extra;
        let Some(content) = start.checked_add(size).and_then(|end| bytes.get(start..end)) else { return };
        let sum = crc32fast::hash(content).to_le_bytes();
        if number(bytes, at + 8, 2) == Some(0) {
            bytes[at + 14..at + 18].copy_from_slice(&sum);
            sums.push((at, sum));
        }
        at = start + size;
    }
    for record in at..bytes.len().saturating_sub(46) {
        if bytes[record..].starts_with(CENTRAL)
            && let Some((_, sum)) = sums.iter().find(|(at, _)| number(bytes, record + 42, 4) == Some(*at))
        {
            bytes[record + 16..record + 20].copy_from_slice(sum);
        }
    }
}
