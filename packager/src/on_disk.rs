//! A package where it lies: looked through piece by piece, or read whole if its files are needed.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use guichet_package::{
    CheckedPackage, Limits, PackageFile,
    container::{ContainerFault, ContainerRefusal},
    source::{NotOpened, Source},
};

use crate::failure::Failure;

/// A file that is read where it is asked for. Whoever changes it meanwhile changes what is judged, and nothing that is
/// kept.
pub(crate) struct OnDisk {
    file: File,
    length: u64,
}

impl Source for OnDisk {
    type Error = io::Error;

    fn length(&self) -> u64 {
        self.length
    }

    fn read(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(buffer)
    }
}

/// Bytes on a disk, or those that came through a pipe.
pub(crate) enum Package {
    OnDisk(OnDisk),
    Piped(Vec<u8>),
}

impl Package {
    /// Opens a file; of what has no length of its own at most one byte more is read than a package may have.
    pub(crate) fn find(path: &Path) -> Result<Self, Failure> {
        let failed = |source| Failure::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_file() {
            return Ok(Self::OnDisk(OnDisk { file, length: metadata.len() }));
        }
        let mut bytes = Vec::new();
        file.take(Limits::default().container_bytes + 1).read_to_end(&mut bytes).map_err(failed)?;
        Ok(Self::Piped(bytes))
    }
}

impl Source for Package {
    type Error = io::Error;

    fn length(&self) -> u64 {
        match self {
            Self::OnDisk(file) => file.length(),
            Self::Piped(bytes) => bytes.length(),
        }
    }

    fn read(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self {
            Self::OnDisk(file) => file.read(at, buffer),
            Self::Piped(bytes) => bytes.read(at, buffer).map_err(|never| match never {}),
        }
    }
}

/// Why a package was not opened, in the words of a command.
pub(crate) fn not_opened(reason: NotOpened<io::Error>, path: &Path) -> Failure {
    match reason {
        NotOpened::Refused(refusal) => Failure::package(refusal, path),
        NotOpened::Unread(source) => Failure::Read { path: path.to_owned(), source },
    }
}

/// Checks all that can be checked without knowing the publisher, and holds no file of it.
pub(crate) fn check(path: &Path) -> Result<CheckedPackage, Failure> {
    let package = Package::find(path)?;
    CheckedPackage::read(&package, &Limits::default()).map_err(|reason| not_opened(reason, path))
}

/// Reads a package whole and checks the same.
pub(crate) fn open(path: &Path) -> Result<PackageFile, Failure> {
    let limits = Limits::default();
    let package = Package::find(path)?;
    let length = package.length();
    if length > limits.container_bytes {
        let fault = ContainerFault::TooLarge { most: limits.container_bytes };
        return Err(Failure::package(ContainerRefusal { place: None, fault }, path));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    package.read(0, &mut bytes).map_err(|source| Failure::Read { path: path.to_owned(), source })?;
    PackageFile::open(bytes, &limits).map_err(|refusal| Failure::package(refusal, path))
}
