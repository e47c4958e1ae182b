//! What the console of a previewed app says, on its way back to the developer's computer.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

/// The most lines that wait; the oldest make room.
const MOST: usize = 100;
/// The longest text of a line, in characters; what is longer is cut.
const LONGEST: usize = 1000;

/// A line of an app's console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewLine {
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// The number of the page; none: the logic.
    pub page: Option<u64>,
    /// What it says.
    pub text: String,
}

/// What waits at the terminal until the computer asks.
#[derive(Clone, Debug, Default)]
pub struct PreviewConsole(Arc<Mutex<VecDeque<PreviewLine>>>);

impl PreviewConsole {
    /// Puts a line at the end.
    pub fn push(&self, line: PreviewLine) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= MOST {
            lines.pop_front();
        }
        lines.push_back(PreviewLine { text: line.text.chars().take(LONGEST).collect(), ..line });
    }

    pub(super) fn take(&self) -> Vec<PreviewLine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}

/// Whether a terminal that keeps to the rules says so much at once.
pub(super) fn is_moderate(lines: &[PreviewLine]) -> bool {
    lines.len() <= MOST && lines.iter().all(|line| line.text.chars().count() <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_wait_and_none_is_longer_than_may_be_sent() {
        let console = PreviewConsole::default();
        let line = |text: String| PreviewLine { level: "info".to_owned(), page: None, text };
        (0..=MOST).for_each(|number| console.push(line(number.to_string())));
        let lines = console.take();
        assert!(is_moderate(&lines));
        assert_eq!((lines.len(), lines[0].text.as_str()), (MOST, "1"));
        assert_eq!(console.take(), []);
        let long = line("\u{1}".repeat(LONGEST + 1));
        assert!(!is_moderate(std::slice::from_ref(&long)));
        (0..MOST).for_each(|_| console.push(long.clone()));
        let lines = console.take();
        assert!(is_moderate(&lines));
        assert!(serde_json::to_vec(&lines).unwrap().len() < 1 << 20, "it is one line of the channel");
    }
}
