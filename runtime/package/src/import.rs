//! Taking over a package that another tool has made: read with suspicion, written again in the canonical form.

use std::collections::BTreeMap;

use crate::{
    Limits, PackageDraft, PackageFile, PackagePath, Refusal,
    container::foreign::{self, ForeignContainer},
    layout,
    source::{NotOpened, Source},
};

/// Files by path.
pub(crate) type Files = BTreeMap<PackagePath, Vec<u8>>;

/// A foreign package that has become a draft of ours.
#[derive(Debug)]
pub struct Imported {
    /// The files, checked as an author's are.
    pub draft: PackageDraft,
    /// What is different in our form.
    pub changes: Vec<Change>,
}

/// One thing that importing changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A file was compressed and is stored now.
    Unpacked {
        /// Its path.
        path: PackagePath,
        /// Its compressed size, in bytes.
        packed: u64,
        /// Its size, in bytes.
        size: u64,
    },
    /// The entries came in another order than that of their names.
    Sorted,
    /// A folder had an entry of its own.
    FolderDropped {
        /// Its path.
        path: PackagePath,
    },
    /// Entries had extra fields: times, owners.
    ExtraFieldsDropped {
        /// How many entries.
        entries: usize,
    },
    /// There was a signing block. What it signs is not what our terminals verify.
    SigningBlockDropped {
        /// Its size, in bytes.
        bytes: u64,
    },
}

impl PackageFile {
    /// Reads a package of another tool. What would be refused in ours is refused here by the same class.
    pub fn import<S: Source + ?Sized>(source: &S, limits: &Limits) -> Result<Imported, NotOpened<S::Error>> {
        let read = foreign::read(source, limits)?;
        // Before anything is unpacked for good.
        layout::check(&read, limits)?;
        let (files, changes) = taken(&read).map_err(NotOpened::Unread)?;
        Ok(Imported { draft: PackageDraft::new(files, limits)?, changes })
    }
}

/// The files of a package of another tool, not checked as an app, and what is different in our form.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<(Files, Vec<Change>), Refusal> {
    let read = foreign::read(bytes, limits)?;
    Ok(taken(&read).map_err(NotOpened::Unread)?)
}

fn taken<S: Source + ?Sized>(read: &ForeignContainer<'_, S>) -> Result<(Files, Vec<Change>), S::Error> {
    let mut changes = Vec::new();
    if read.signing_block_bytes > 0 {
        changes.push(Change::SigningBlockDropped { bytes: read.signing_block_bytes as u64 });
    }
    if read.unsorted {
        changes.push(Change::Sorted);
    }
    let mut files = Files::new();
    for (path, file) in &read.files {
        files.insert(path.clone(), read.unpack(file)?);
        if file.is_compressed {
            changes.push(Change::Unpacked { path: path.clone(), packed: file.packed(), size: file.size as u64 });
        }
    }
    changes.extend(read.folders.iter().map(|path| Change::FolderDropped { path: path.clone() }));
    if read.extra_fields > 0 {
        changes.push(Change::ExtraFieldsDropped { entries: read.extra_fields });
    }
    Ok((files, changes))
}
