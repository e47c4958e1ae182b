//! Waiting that ends when nobody wants what is waited for.

use std::{
    thread,
    time::{Duration, Instant},
};

use guichet_contract::Stop;

/// How often it is looked whether anybody still wants the answer.
pub(crate) const STEP: Duration = Duration::from_millis(20);

/// Waits until then, or until nobody wants the answer any more.
pub(crate) fn wait(until: Instant, stop: &Stop) {
    while !stop.is_stopped()
        && let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    {
        thread::park_timeout(left.min(STEP));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wants_any_more_is_not_waited_for() {
        let stop = Stop::default();
        stop.stop();
        wait(Instant::now() + Duration::from_secs(3600), &stop);
    }
}
