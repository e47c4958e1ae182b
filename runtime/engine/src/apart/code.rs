//! Compiled code in memory that nobody can change any more, this process included.

use std::{
    fs::File,
    io::{self, Write},
    os::{fd::OwnedFd, unix::fs::FileExt as _},
    sync::Arc,
};

use rustix::fs::{MemfdFlags, SealFlags};

/// How much is copied at once, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// Sealed code: what was checked is what is loaded.
#[derive(Clone, Debug)]
pub(crate) struct Code(Arc<File>);

impl Code {
    /// Room for code, still open to writing.
    pub(crate) fn room() -> io::Result<File> {
        Ok(rustix::fs::memfd_create("guichet-code", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?.into())
    }

    /// Seals it. Fails as long as anybody has it mapped for writing.
    pub(crate) fn seal(room: File) -> io::Result<Self> {
        rustix::fs::fcntl_add_seals(&room, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
        Ok(Self(Arc::new(room)))
    }

    /// Hands all of it on, piece by piece.
    pub(crate) fn copy_to(&self, mut to: impl Write) -> io::Result<()> {
        let (mut chunk, mut at) = (vec![0; CHUNK_BYTES], 0);
        loop {
            let count = self.0.read_at(&mut chunk, at)?;
            if count == 0 {
                return Ok(());
            }
            to.write_all(chunk.get(..count).unwrap_or_default())?;
            at += count as u64;
        }
    }

    pub(crate) fn bytes(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    /// To be given to a process.
    pub(crate) fn file(&self) -> &File {
        &self.0
    }

    /// A descriptor for a child.
    pub(crate) fn descriptor(&self) -> io::Result<OwnedFd> {
        Ok(self.0.try_clone()?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_code_is_read_and_never_written() {
        let mut room = Code::room().unwrap();
        room.write_all(&[7; 3 * CHUNK_BYTES]).unwrap();
        let mut before = room.try_clone().unwrap();
        let code = Code::seal(room).unwrap();
        let mut read = Vec::new();
        code.copy_to(&mut read).unwrap();
        assert_eq!(read, [7; 3 * CHUNK_BYTES]);
        before.write_all(&[8]).unwrap_err();
        before.set_len(0).unwrap_err();
    }
}
