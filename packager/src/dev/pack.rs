//! A folder as a package, or why it is none now.

use std::{
    fs,
    path::{Path, PathBuf},
};

use guichet_package::{Limits, PackageDraft};

use crate::{
    check::{self, Found, Origin, admission, sorted},
    failure::Failure,
    project::Project,
    web::{Assembled, WebBuild},
};

const MANIFEST: &str = "manifest.json";

/// What is packed.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The app's folder.
    pub(crate) directory: PathBuf,
    /// The folder another tool builds into.
    pub(crate) from: Option<PathBuf>,
}

/// A folder, packed.
pub(crate) struct Packed {
    /// The unsealed package.
    pub(crate) bytes: Vec<u8>,
    /// What a store would remark on.
    pub(crate) found: Vec<Found>,
}

/// Why there is no package now.
pub(crate) enum NotPacked {
    /// What `guichet check` finds.
    Found(Vec<Found>),
    /// The folder cannot be read.
    Failure(Box<Failure>),
}

impl From<Failure> for NotPacked {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

/// Reads the folder and packs it, unless `guichet check` finds an error.
pub(crate) fn pack(source: &Source) -> Result<Packed, NotPacked> {
    let (files, found) = match &source.from {
        Some(from) => built(&source.directory, from)?,
        None => {
            let files = Project::read(&source.directory)?.files;
            if !files.contains_key(MANIFEST) {
                return Err(Failure::NoManifest { path: source.directory.clone() }.into());
            }
            let found = check::check(&files, Origin::Folder);
            (files, found)
        }
    };
    if found.iter().any(Found::is_error) {
        // Remarks can wait; of a file that cannot be read they say too much.
        return Err(NotPacked::Found(found.into_iter().filter(Found::is_error).collect()));
    }
    let package = PackageDraft::new(files, &Limits::default()).and_then(|draft| draft.unsealed());
    let package = package.map_err(|refusal| Failure::in_folder(refusal, &source.directory))?;
    Ok(Packed { bytes: package.bytes().to_vec(), found })
}

fn built(directory: &Path, from: &Path) -> Result<(check::Files, Vec<Found>), Failure> {
    let built = WebBuild::read(from)?;
    if built.routes().is_empty() {
        return Err(Failure::NoPages { path: from.to_owned() });
    }
    let place = directory.join(MANIFEST);
    let manifest = fs::read(&place).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::NoManifest { path: directory.to_owned() },
        _ => Failure::Read { path: place, source: error },
    })?;
    let Assembled { files, mut found } = built.assemble(manifest);
    found.extend(admission(&files));
    Ok((files, sorted(found)))
}
