//! A script's memory after `boot`, kept in a file, so that a launch maps it and parses nothing.
//!
//! ```text
//! "guichet image 1\0" · tag of the rest, 32 bytes · memory, u64 LE bytes · said, u32 LE bytes · said · zeros · memory
//! ```
//!
//! *Said* is what the app wrote to its console while it was loaded. The memory begins at a multiple of 64 KiB.
//!
//! An image is whole because the script component keeps all of its state in one memory: it changes no table, has no
//! resources, sets no global but the stack pointer, which is where it began whenever the guest rests (a test looks at every
//! instruction), and starts no call in `boot`.

use std::{
    fs::File,
    io::{self, Seek as _},
    os::unix::fs::FileExt as _,
    thread,
};

use hmac::{Hmac, Mac as _};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use guichet_contract::Value;

use crate::{Ended, Output, memory::Area};

pub(crate) type HmacSha256 = Hmac<Sha256>;

const MAGIC: &[u8; 16] = b"guichet image 1\0";
const TAG_AT: u64 = 16;
const TAG_BYTES: usize = 32;
const HEAD_BYTES: usize = 60;
/// A page of WebAssembly, and a multiple of every system's. Those that are zero are holes in the file.
const PAGE_BYTES: usize = 64 << 10;
/// What is hashed as a whole, so that processors share the work.
const PIECE_BYTES: u64 = 1 << 20;
const MOST_MEMORY_BYTES: u64 = 4 << 30;
/// A host reads it, whoever wrote it.
const MOST_SAID_BYTES: u32 = 1 << 20;

/// The memory of a script after `boot`, ready to be mapped.
#[derive(Debug)]
pub struct Image {
    file: File,
    memory_at: u64,
    memory_bytes: usize,
    said: Vec<Output>,
}

/// Why there is no image. The app runs without one; its launch takes longer.
#[derive(Debug, thiserror::Error)]
pub enum NoImage {
    /// The app does not start: what its launch will say.
    #[error(transparent)]
    Ended(#[from] Ended),
    /// Only the script component is known to keep everything in its memory.
    #[error("the app's logic is a component, and only JavaScript is begun from an image")]
    NotAScript,
    /// There is not exactly one memory.
    #[error("the logic has {0} memories, and an image is of one")]
    Memories(usize),
    /// Something has been delivered, or is awaited.
    #[error("the logic has begun to work: an image can be made only before `launched`")]
    Begun,
    /// This engine was made without a secret.
    #[error("this engine has no key to authenticate an image with")]
    NoKey,
    /// The file cannot be written or read.
    #[error("the image cannot be written")]
    File(#[from] io::Error),
}

impl NoImage {
    /// A stable word for reports.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Ended(ended) => ended.class(),
            Self::NotAScript => "logic/image-not-a-script",
            Self::Memories(_) => "logic/image-memories",
            Self::Begun => "logic/image-begun",
            Self::NoKey => "logic/image-no-key",
            Self::File(_) => "logic/image-file",
        }
    }
}

impl Image {
    /// Reads the head of an image. Whether it is authentic, whoever gives the file has seen to
    /// ([`crate::Engine::image`]): a false one makes the wrong app run, and harms nobody else.
    pub fn read(file: File) -> io::Result<Self> {
        let mut head = [0; HEAD_BYTES];
        file.read_exact_at(&mut head, 0)?;
        let number = |at: usize, bytes: usize| {
            head.iter().skip(at).take(bytes).rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        let (memory_bytes, said_bytes) = (number(48, 8), number(56, 4));
        let memory_at = memory_at(said_bytes);
        let is_sound = head.starts_with(MAGIC)
            && memory_bytes <= MOST_MEMORY_BYTES
            && memory_bytes.is_multiple_of(PAGE_BYTES as u64)
            && said_bytes <= u64::from(MOST_SAID_BYTES)
            && (&file).seek(io::SeekFrom::End(0))? == memory_at + memory_bytes;
        let not_one = || io::Error::new(io::ErrorKind::InvalidData, "it is not a memory image");
        let (true, Ok(memory_bytes)) = (is_sound, usize::try_from(memory_bytes)) else { return Err(not_one()) };
        let mut said = vec![0; usize::try_from(said_bytes).map_err(io::Error::other)?];
        file.read_exact_at(&mut said, HEAD_BYTES as u64)?;
        let said = heard(&said).ok_or_else(not_one)?;
        Ok(Self { file, memory_at, memory_bytes, said })
    }

    /// The file, to be given to another process and read there.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// How many bytes of linear memory it fills.
    pub fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    pub(crate) fn said(&self) -> &[Output] {
        &self.said
    }

    /// Puts the image into a memory of its size, in which no guest has run.
    pub(crate) fn fill(&self, area: &Area) -> io::Result<()> {
        area.begin_from(&self.file, self.memory_at, self.memory_bytes)
    }
}

/// Writes an image without its tag.
pub(crate) fn write(file: &File, area: &Area, said: &[Output]) -> io::Result<()> {
    let said = told(said);
    let said_bytes = u32::try_from(said.len()).ok().filter(|bytes| *bytes <= MOST_SAID_BYTES);
    let said_bytes = said_bytes.ok_or_else(|| io::Error::other("the app said too much while it was loaded"))?;
    let memory_at = memory_at(u64::from(said_bytes));
    area.read(|memory| {
        file.set_len(0)?;
        file.set_len(memory_at + memory.len() as u64)?;
        file.write_all_at(MAGIC, 0)?;
        file.write_all_at(&(memory.len() as u64).to_le_bytes(), 48)?;
        file.write_all_at(&said_bytes.to_le_bytes(), 56)?;
        file.write_all_at(&said, HEAD_BYTES as u64)?;
        let mut at = memory_at;
        let is_hole = |hole: &[u8]| hole.iter().all(|byte| *byte == 0);
        for run in memory.chunks(PAGE_BYTES).collect::<Vec<_>>().chunk_by(|one, next| is_hole(one) == is_hole(next)) {
            let bytes: usize = run.iter().map(|part| part.len()).sum();
            if let Some(first) = run.first().filter(|first| !is_hole(first)) {
                let from = first.as_ptr() as usize - memory.as_ptr() as usize;
                file.write_all_at(memory.get(from..from + bytes).unwrap_or_default(), at)?;
            }
            at += bytes as u64;
        }
        Ok(())
    })
}

/// Writes the tag that only this device can make.
pub(crate) fn seal(file: &File, mac: HmacSha256) -> io::Result<()> {
    file.write_all_at(&authenticate(file, mac)?.finalize().into_bytes(), TAG_AT)
}

/// Whether this device has sealed the file.
pub(crate) fn is_sealed(file: &File, mac: HmacSha256) -> io::Result<bool> {
    let mut tag = [0; TAG_BYTES];
    file.read_exact_at(&mut tag, TAG_AT)?;
    Ok(authenticate(file, mac)?.verify_slice(&tag).is_ok())
}

/// Adds everything behind the tag: its length, then the digest of each piece.
fn authenticate(file: &File, mac: HmacSha256) -> io::Result<HmacSha256> {
    let from = TAG_AT + TAG_BYTES as u64;
    let end = file.metadata()?.len();
    let starts: Vec<u64> = (from..end).step_by(PIECE_BYTES as usize).collect();
    let workers = thread::available_parallelism().map_or(1, usize::from).min(starts.len()).max(1);
    let share = starts.len().div_ceil(workers).max(1);
    let digests = |starts: &[u64]| {
        let mut buffer = vec![0; 4 * PAGE_BYTES];
        let digest = |start: &u64| digest(file, *start, (start + PIECE_BYTES).min(end), &mut buffer);
        starts.iter().map(digest).collect::<io::Result<Vec<_>>>()
    };
    let digests = thread::scope(|scope| {
        let mut shares = starts.chunks(share);
        let mine = shares.next().unwrap_or_default();
        let others: Vec<_> = shares.map(|share| scope.spawn(|| digests(share))).collect();
        let mut all = digests(mine)?;
        for other in others {
            all.extend(other.join().map_err(|_| io::Error::other("a thread that hashes panicked"))??);
        }
        io::Result::Ok(all)
    })?;
    let mac = mac.chain_update((end - from.min(end)).to_le_bytes());
    Ok(digests.iter().fold(mac, |mac, digest| mac.chain_update(digest)))
}

fn digest(file: &File, from: u64, to: u64, buffer: &mut [u8]) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut at = from;
    while at < to {
        let wanted = buffer.len().min(usize::try_from(to - at).unwrap_or(usize::MAX));
        let part = buffer.get_mut(..wanted).unwrap_or_default();
        file.read_exact_at(part, at)?;
        hash.update(&*part);
        at += wanted as u64;
    }
    Ok(hash.finalize().into())
}

fn memory_at(said_bytes: u64) -> u64 {
    (HEAD_BYTES as u64 + said_bytes).next_multiple_of(PAGE_BYTES as u64)
}

/// `[[interface, function, [argument…]]…]`. In `boot` an app can only tell.
fn told(said: &[Output]) -> Vec<u8> {
    let lines = said.iter().filter_map(|output| match output {
        Output::Tell { interface, function, arguments } => {
            Some(json!([interface, function, arguments.iter().map(Value::to_json).collect::<Vec<_>>()]))
        }
        _ => None,
    });
    Json::Array(lines.collect()).to_string().into_bytes()
}

fn heard(said: &[u8]) -> Option<Vec<Output>> {
    let lines: Vec<(String, String, Vec<Json>)> = serde_json::from_slice(said).ok()?;
    let tell = |(interface, function, arguments): (_, _, Vec<Json>)| Output::Tell {
        interface,
        function,
        arguments: arguments.into_iter().map(Value::from_json).collect(),
    };
    Some(lines.into_iter().map(tell).collect())
}
