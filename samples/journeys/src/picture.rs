//! Judging a picture of the window: which words can be read, and where.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

use crate::process::must;

/// A word that can be read, and the middle of where it stands, in pixels.
#[derive(Clone, Debug)]
pub struct Word {
    /// The word.
    pub text: String,
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
}

/// Width and height of a picture, in pixels.
pub fn size(picture: &Path) -> Result<(u32, u32)> {
    let size = must(Command::new("identify").args(["-format", "%w %h"]).arg(picture))?;
    let mut numbers = size.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(width)), Some(Ok(height))) => Ok((width, height)),
        _ => anyhow::bail!("{} has no size: {size}", picture.display()),
    }
}

/// The color of one point of a picture, such as `#00ff00`.
pub fn color(picture: &Path, x: u32, y: u32) -> Result<String> {
    let point = format!("%[hex:u.p{{{x},{y}}}]");
    let hex = must(Command::new("convert").arg(picture).args(["-depth", "8", "-format", &point, "info:"]))?;
    Ok(format!("#{}", hex.trim().get(..6).unwrap_or_default().to_lowercase()))
}

/// How tesseract is told in which order things stand: anywhere, or in blocks.
const SCATTERED: &str = "11";
const BLOCKS: &str = "3";

/// Reads a picture, as a person would; a single word in a coloured button may escape the reader.
pub fn words(picture: &Path) -> Result<Vec<Word>> {
    read(picture, SCATTERED)
}

fn read(picture: &Path, order: &str) -> Result<Vec<Word>> {
    // Twice the size: screen type is small for a reader made for scans. Not as PNG: packing it takes longer than drawing it.
    let large = picture.with_extension("large.pgm");
    must(Command::new("convert").arg(picture).args(["-colorspace", "Gray", "-resize", "200%"]).arg(&large))?;
    // With threads of its own the reader needs more than twice as long, as they wait for each other.
    let mut reader = Command::new("tesseract");
    reader.arg(&large).args(["-", "--psm", order, "tsv"]).env("OMP_THREAD_LIMIT", "1");
    let table = must(&mut reader)?;
    std::fs::remove_file(&large)?;
    let word = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let number = |column: usize| columns.get(column)?.parse::<u32>().ok();
        let text = columns.get(11)?.trim();
        let (left, top, width, height) = (number(6)?, number(7)?, number(8)?, number(9)?);
        (!text.is_empty()).then(|| Word { text: text.to_owned(), x: (left + width / 2) / 2, y: (top + height / 2) / 2 })
    };
    Ok(table.lines().skip(1).filter_map(word).collect())
}

/// All words of a picture in a row.
pub fn text(picture: &Path) -> Result<String> {
    Ok(words(picture)?.into_iter().map(|word| word.text).collect::<Vec<_>>().join(" "))
}

/// The last place where a word stands: below a sentence that speaks of a button stands the button.
pub fn find(picture: &Path, text: &str) -> Result<Word> {
    found_in(words(picture)?, picture, text)
}

/// The same, looked for once more as in a page of blocks: what stands on a line beside a window is taken for a drawing otherwise.
pub fn find_in_blocks_too(picture: &Path, text: &str) -> Result<Word> {
    find(picture, text).or_else(|_| found_in(read(picture, BLOCKS)?, picture, text))
}

fn found_in(all: Vec<Word>, picture: &Path, text: &str) -> Result<Word> {
    let found = all.iter().rev().find(|word| word.text == text).cloned();
    found.with_context(|| {
        format!(
            "`{text}` cannot be read in {}; there are: {}",
            picture.display(),
            all.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
        )
    })
}
