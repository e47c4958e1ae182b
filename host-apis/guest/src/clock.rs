//! Time and randomness, both from outside, so that a session can be replayed.

use std::cell::Cell;

thread_local! {
    static NOW_MS: Cell<u64> = const { Cell::new(0) };
    static SEED: Cell<(u64, u64)> = const { Cell::new((1, 2)) };
}

/// The time of the present event, in milliseconds since 1970. It stands still until the event is handled.
pub fn now_ms() -> u64 {
    NOW_MS.get()
}

/// The next number from the session's seed (xorshift128+). Not for secrets.
pub fn random_u64() -> u64 {
    let (mut a, b) = SEED.get();
    a ^= a << 23;
    let next = a ^ b ^ (a >> 17) ^ (b >> 26);
    SEED.set((b, next));
    next.wrapping_add(b)
}

pub(crate) fn set(at: u64) {
    NOW_MS.set(at);
}

pub(crate) fn seed(seed: (u64, u64)) {
    SEED.set(if seed == (0, 0) { (1, 2) } else { seed });
    // A seed of few bits shows in the first numbers.
    for _ in 0..16 {
        random_u64();
    }
}
