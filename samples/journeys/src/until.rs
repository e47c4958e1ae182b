//! Waiting for a named state, with a deadline.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long a journey waits for a state before it calls it a failure.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Looks again and again until the state is there; `look` says `None` while it is not.
pub fn until<T>(state: &str, deadline: Duration, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look()? {
            return Ok(seen);
        }
        if begun.elapsed() > deadline {
            bail!("waited {} s in vain until {state}", deadline.as_secs());
        }
        #[expect(clippy::disallowed_methods, reason = "the one place that looks again after a while")]
        std::thread::sleep(Duration::from_millis(50));
    }
}
