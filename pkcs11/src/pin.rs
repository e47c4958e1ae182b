//! PINs: out of a file, or typed at a terminal that does not show them. Never out of an argument.

use std::{
    fmt, fs,
    io::{IsTerminal as _, stderr, stdin},
    path::Path,
};

use cryptoki::types::AuthPin;

use crate::TokenFailure;

/// No PIN is longer, in bytes.
const MAX_BYTES: u64 = 256;

/// A token's PIN; wiped from memory when dropped.
pub struct Pin(pub(crate) AuthPin);

impl Pin {
    /// A PIN that was typed.
    pub fn new(text: String) -> Self {
        Self(AuthPin::new(text.into()))
    }

    /// The first line of a file.
    pub(crate) fn read(path: &Path) -> Result<Self, TokenFailure> {
        let unusable = |why: String| TokenFailure::PinFile { path: path.to_owned(), why };
        let length = fs::metadata(path).map_err(|error| unusable(error.to_string()))?.len();
        if length > MAX_BYTES {
            return Err(unusable("it is longer than any PIN".to_owned()));
        }
        let text = fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        match first_line(&text) {
            Some(line) => Ok(Self::new(line.to_owned())),
            None => Err(unusable("its first line is empty".to_owned())),
        }
    }
}

fn first_line(text: &str) -> Option<&str> {
    text.lines().next().filter(|line| !line.is_empty())
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// What somebody is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinRequest {
    /// The token's label.
    pub token: String,
    /// Whether a wrong PIN would lock the token.
    pub is_last_try: bool,
}

/// Asks at the terminal without showing what is typed; None if there is no terminal or no answer.
pub fn ask_on_terminal(prompt: &str) -> Option<Pin> {
    if !stdin().is_terminal() || !stderr().is_terminal() {
        return None;
    }
    rpassword::prompt_password(prompt).ok().filter(|pin| !pin.is_empty()).map(Pin::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_the_first_line_of_its_file() {
        assert_eq!(first_line("271828\n"), Some("271828"));
        assert_eq!(first_line("two words\r\nmore\n"), Some("two words"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pin");
        let refused = |content: &str| {
            fs::write(&path, content).unwrap();
            let failure = Pin::read(&path).unwrap_err();
            assert_eq!(failure.class(), "key/pin-file");
            failure.to_string()
        };
        assert!(refused("").ends_with("its first line is empty"));
        assert!(refused("\n271828").ends_with("its first line is empty"));
        let long = refused(&"2".repeat(257));
        assert!(long.ends_with("it is longer than any PIN") && !long.contains("22"), "{long}");
        assert_eq!(Pin::read(&folder.path().join("none")).unwrap_err().class(), "key/pin-file");
    }

    #[test]
    fn debugging_shows_no_pin() {
        assert_eq!(format!("{:?}", Pin::new("271828".to_owned())), "Pin(…)");
    }
}
