//! The peer of `cargo xtask bench verify`: reads a file once, hashes what it reads, prints the digest.
//!
//! `read_and_hash FILE` holds the whole file, as whoever wants to use it must; `read_and_hash FILE streamed` holds 64 KiB.

use std::{env, fs, fs::File, io::Read};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let path = arguments.next().context("which file?")?;
    let digest = match arguments.next() {
        None => Sha256::digest(fs::read(path)?),
        Some(how) if how == "streamed" => streamed(File::open(path)?)?,
        Some(how) => bail!("how is {}?", how.display()),
    };
    println!("{}", hex::encode(digest));
    Ok(())
}

fn streamed(mut file: File) -> Result<sha2::digest::Output<Sha256>> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize()),
            length => hasher.update(&buffer[..length]),
        }
    }
}
