//! The cache of files by digest, shared by all apps and releases of one home.
//!
//! Invariant: bytes leave it only after they have been hashed again, whatever happened to the disk meanwhile.

use std::{collections::HashSet, fs, path::PathBuf, sync::Arc};

use guichet_package::Limits;
use guichet_trust::digest::{Digest, Hashed};

use crate::{error::HostError, home::Home};

/// The files of this home.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    home: Arc<Home>,
}

impl Blobs {
    pub(crate) fn new(home: Arc<Home>) -> Self {
        Self { home }
    }

    /// Whether a file of this size is there. Cheap: it says nothing about what is in it.
    pub(crate) fn seems_present(&self, digest: &Digest, size: u64) -> bool {
        fs::symlink_metadata(self.path(digest)).is_ok_and(|found| found.is_file() && found.len() == size)
    }

    /// The bytes, if they are there and are what they were. An altered file is set aside and counts as absent.
    pub(crate) fn read(&self, digest: &Digest) -> Result<Option<Vec<u8>>, HostError> {
        Ok(self.hashed(digest)?.map(Hashed::into_bytes))
    }

    /// The same, with the proof.
    pub(crate) fn hashed(&self, digest: &Digest) -> Result<Option<Hashed>, HostError> {
        let path = self.path(digest);
        match fs::symlink_metadata(&path) {
            Ok(found) if is_a_file_of_ours(&found) => {}
            Ok(_) => {
                tracing::warn!(%digest, "something else lies in the place of a cached file and is removed");
                self.home.discard(&path)?;
                return Ok(None);
            }
            // Whoever reads it says what is wrong, if it is not just absent.
            Err(_) => {}
        }
        let Some(bytes) = self.home.read(&path)? else { return Ok(None) };
        let hashed = Hashed::of(bytes);
        if hashed.digest() == *digest {
            return Ok(Some(hashed));
        }
        tracing::warn!(%digest, "a cached file was altered and is set aside");
        self.home.set_aside(&path)?;
        Ok(None)
    }

    /// Keeps bytes under the digest they have been checked against. They are durable when the home has been settled, and
    /// until then whoever reads them finds out whether they are whole.
    pub(crate) fn keep(&self, digest: &Digest, bytes: &[u8]) -> Result<(), HostError> {
        let path = self.path(digest);
        if let Some(folder) = path.parent() {
            self.home.make_folder(folder)?;
        }
        self.home.write_soon(&path, bytes)
    }

    /// Removes every file that nobody needs any more.
    pub(crate) fn sweep(&self, needed: &HashSet<Digest>) -> Result<(), HostError> {
        let blobs = self.home.blobs();
        for group in self.home.names(&blobs)? {
            // What lies behind a link is not ours to sweep.
            if fs::symlink_metadata(blobs.join(&group)).is_ok_and(|found| !found.is_dir()) {
                self.home.discard(&blobs.join(&group))?;
                continue;
            }
            for name in self.home.names(&blobs.join(&group))? {
                let is_needed = name.parse().is_ok_and(|digest: Digest| needed.contains(&digest));
                if !is_needed {
                    self.home.discard(&blobs.join(&group).join(name))?;
                }
            }
        }
        Ok(())
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.to_string();
        let group = hex.get(..2).unwrap_or_default().to_owned();
        self.home.blobs().join(group).join(hex)
    }
}

/// A link, a device or a pipe was put there by another program, and so was what is larger than any file of a package.
fn is_a_file_of_ours(found: &fs::Metadata) -> bool {
    found.is_file() && found.len() <= Limits::default().file_bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_altered_file_is_set_aside_and_counts_as_absent() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(Arc::new(Home::open(folder.path()).unwrap()));
        let digest = Digest::of(b"page");
        assert_eq!(blobs.read(&digest).unwrap(), None);
        blobs.keep(&digest, b"page").unwrap();
        assert_eq!(blobs.read(&digest).unwrap().as_deref(), Some(&b"page"[..]));
        fs::write(blobs.path(&digest), b"pagE").unwrap();
        assert!(blobs.seems_present(&digest, 4));
        assert_eq!(blobs.read(&digest).unwrap(), None);
        assert!(!blobs.seems_present(&digest, 4));
        assert!(folder.path().join("quarantine").join(digest.to_string()).is_file());
    }

    #[cfg(unix)]
    #[test]
    fn what_another_program_has_planted_is_neither_read_nor_swept() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(Arc::new(Home::open(&folder.path().join("home")).unwrap()));
        let (digest, elsewhere) = (Digest::of(b"page"), folder.path().join("elsewhere"));
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join("page"), "page").unwrap();
        type Plant<'a> = &'a dyn Fn(&std::path::Path);
        let planted: [(&str, Plant<'_>); 4] = [
            ("the same bytes, which their owner may change", &|place| symlink(elsewhere.join("page"), place).unwrap()),
            ("an endless file", &|place| symlink("/dev/zero", place).unwrap()),
            ("a folder", &|place| fs::create_dir(place).unwrap()),
            ("a file larger than memory", &|place| fs::File::create(place).unwrap().set_len(1 << 40).unwrap()),
        ];
        for (what, plant) in planted {
            blobs.keep(&digest, b"page").unwrap();
            fs::remove_file(blobs.path(&digest)).unwrap();
            plant(&blobs.path(&digest));
            assert!(!blobs.seems_present(&digest, 4), "{what}");
            assert_eq!(blobs.read(&digest).unwrap(), None, "{what}");
            blobs.keep(&digest, b"page").unwrap();
            assert_eq!(blobs.read(&digest).unwrap().as_deref(), Some(&b"page"[..]), "{what}");
        }
        symlink(&elsewhere, blobs.home.blobs().join("ff")).unwrap();
        blobs.sweep(&HashSet::new()).unwrap();
        assert_eq!(blobs.home.names(&blobs.home.blobs().join("ff")).unwrap(), Vec::<String>::new());
        assert_eq!(fs::read(elsewhere.join("page")).unwrap(), b"page");

        // A second name of the same file: what is changed under it is found when the file is read.
        blobs.keep(&digest, b"page").unwrap();
        fs::hard_link(blobs.path(&digest), elsewhere.join("second")).unwrap();
        fs::write(elsewhere.join("second"), "pagE").unwrap();
        assert_eq!(blobs.read(&digest).unwrap(), None);
    }

    #[test]
    fn a_sweep_keeps_what_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(Arc::new(Home::open(folder.path()).unwrap()));
        let (kept, swept) = (Digest::of(b"kept"), Digest::of(b"swept"));
        blobs.keep(&kept, b"kept").unwrap();
        blobs.keep(&swept, b"swept").unwrap();
        blobs.sweep(&HashSet::from([kept])).unwrap();
        assert!(blobs.seems_present(&kept, 4) && !blobs.seems_present(&swept, 5));
    }
}
