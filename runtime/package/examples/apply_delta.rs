//! What a device does with a delta, as a program: `apply_delta OLD DELTA LENGTH SHA256 OUT`.
//!
//! `DELTA` ends in `.dcb`, `.dcz` or `.bsdiff`. The result is written only if it has the length and the digest. As on a
//! device, where the old release was hashed file by file when it was read, its bytes are hashed once.

use std::{env, error::Error, fs, path::PathBuf};

use guichet_package::delta::{self, Coding, Dictionary};
use guichet_trust::digest::Digest;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [old, delta, length, sha256, out] = arguments.as_slice() else {
        return Err("apply_delta OLD DELTA LENGTH SHA256 OUT".into());
    };
    let ending = PathBuf::from(delta).extension().and_then(|ending| ending.to_str()?.parse::<Coding>().ok());
    let coding = ending.ok_or("a delta ends in .dcb, .dcz or .bsdiff")?;
    let old = fs::read(old)?;
    let dictionary = Dictionary { digest: Digest::of(&old), bytes: &old };
    let result = delta::apply(coding, dictionary, &fs::read(delta)?, length.parse()?)?;
    if Digest::of(&result) != sha256.parse()? {
        return Err("the result is not what was wanted".into());
    }
    Ok(fs::write(out, result)?)
}
