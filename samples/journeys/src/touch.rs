//! Keys of the kiosk's own keyboard, touched where they lie on an upright glass of 1080 by 1920 pixels.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::{display::Display, picture};

/// A point in the frame of the keyboard, beside its keys, and its color.
const FRAME: (u32, u32) = (4, 1912);
const FRAME_COLOR: &str = "#dfe6e3";

/// On a key of letters, beside all those of numbers; and in the lowest row between two keys, where those of cards have one.
const IN_LETTERS: (u32, u32) = (60, 1868);
const BETWEEN_NUMBERS: (u32, u32) = (700, 1868);

/// Which of the keyboards is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Letters, digits and signs.
    Letters,
    /// Numbers.
    Numbers,
    /// Numbers of identity cards.
    Ids,
}

/// Rows of keys from the top; each begins so many half-keys from the left.
fn rows(keys: Keys) -> &'static [(u32, &'static str)] {
    match keys {
        Keys::Letters => &[(0, "1234567890"), (0, "qwertyuiop"), (1, "asdfghjkl"), (3, "zxcvbnm")],
        Keys::Numbers => &[(0, "123"), (0, "456"), (0, "789"), (0, "-0.")],
        Keys::Ids => &[(0, "123"), (0, "456"), (0, "789"), (0, "X0")],
    }
}

const HEIGHT: u32 = 72;
const GAP: u32 = 8;
const BELOW: u32 = 16;

/// The left edge and width of all keys of a row, how many half-keys they are, and how many rows there are.
fn measures(keys: Keys) -> (u32, u32, u32, u32) {
    match keys {
        Keys::Letters => (16, 1048, 20, 5),
        Keys::Numbers | Keys::Ids => (220, 640, 8, 4),
    }
}

/// The middle of so many half-keys, in pixels.
fn middle(keys: Keys, row: u32, half: u32, wide: u32) -> (u32, u32) {
    let (left, width, halves, count) = measures(keys);
    let x = left + width * (2 * half + wide) / (2 * halves);
    let y = 1920 - BELOW - (count - row) * HEIGHT - (count - row - 1) * GAP + HEIGHT / 2;
    (x, y)
}

/// Touches the keys of a text, one after another.
pub fn write(display: &Display, keys: Keys, text: &str) -> Result<()> {
    for char in text.chars() {
        let (x, y) = match (keys, char) {
            (Keys::Letters, ' ') => middle(keys, 4, 5, 6),
            _ => {
                let at = (0..).zip(rows(keys)).find_map(|(row, (from, line))| {
                    line.find(char).map(|at| middle(keys, row, from + 2 * u32::try_from(at).unwrap_or(0), 2))
                });
                at.with_context(|| format!("there is no key for `{char}`"))?
            }
        };
        display.click(x, y)?;
    }
    Ok(())
}

/// Touches the key that makes one letter a capital.
pub fn capital(display: &Display) -> Result<()> {
    let (x, y) = middle(Keys::Letters, 3, 0, 3);
    display.click(x, y)
}

/// Touches the key that takes back what was typed last.
pub fn back(display: &Display, keys: Keys) -> Result<()> {
    let (x, y) = if keys == Keys::Letters { middle(keys, 3, 17, 3) } else { middle(keys, 0, 6, 2) };
    display.click(x, y)
}

/// Touches the key that says that a field is done.
pub fn enter(display: &Display, keys: Keys) -> Result<()> {
    let (x, y) = if keys == Keys::Letters { middle(keys, 4, 16, 4) } else { middle(keys, 2, 6, 2) };
    display.click(x, y)
}

/// Touches the key that puts the keyboard away.
pub fn away(display: &Display, keys: Keys) -> Result<()> {
    let (x, y) = if keys == Keys::Letters { middle(keys, 4, 13, 3) } else { middle(keys, 1, 6, 2) };
    display.click(x, y)
}

/// Which keyboard can be seen in a picture of the glass.
pub fn seen(picture: &Path) -> Result<Option<Keys>> {
    let is_frame = |(x, y)| Ok::<_, anyhow::Error>(picture::color(picture, x, y)? == FRAME_COLOR);
    Ok(match is_frame(FRAME)? {
        false => None,
        true if !is_frame(IN_LETTERS)? => Some(Keys::Letters),
        true if is_frame(BETWEEN_NUMBERS)? => Some(Keys::Numbers),
        true => Some(Keys::Ids),
    })
}
