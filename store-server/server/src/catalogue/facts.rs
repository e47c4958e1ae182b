//! What the catalogue says of a package: read out of it once, and kept.

use guichet_api::Texts;
use guichet_contract::{Part, Permission};
use guichet_package::{Manifest, PackageFile};
use guichet_trust::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::{
    database::{
        catalogue::{self as records, ReleasedRecord},
        commit,
    },
    error::{NotDone, StoreError},
    store::{Store, blocking},
    submissions::localized,
};

/// What is kept of a package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The description by language tag.
    pub descriptions: Texts,
    /// What it asks to be allowed.
    pub permissions: Vec<Asked>,
    /// The parts of a terminal without which it is nothing.
    pub requires: Vec<String>,
    /// The kinds of terminals that it names.
    pub device_types: Vec<String>,
    /// Its icon, if it is a picture that browsers show.
    pub icon: Option<IconFile>,
}

/// A permission with its reasons by language tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    #[serde(flatten)]
    pub(super) permission: Permission,
    pub(super) reasons: Texts,
}

/// A picture of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IconFile {
    /// The digest of its bytes, in hex.
    pub sha256: String,
    /// What it is, such as `image/png`.
    pub media_type: String,
}

/// What the package of a release says.
pub(super) async fn of(store: &Store, record: &ReleasedRecord) -> Result<Facts, NotDone> {
    if let Some(text) = &record.facts {
        // What another version of the store has kept may have another form: it is read again.
        if let Ok(facts) = serde_json::from_str(text) {
            return Ok(facts);
        }
    }
    let facts = read(store, record.package).await?;
    let text = serde_json::to_string(&facts).map_err(StoreError::document("keep what a package says"))?;
    let mut change = store.database.change().await?;
    records::keep_facts(&mut change, record.package, &text).await?;
    commit(change).await?;
    Ok(facts)
}

async fn read(store: &Store, package: Digest) -> Result<Facts, StoreError> {
    let (folder, limits) = (store.folder.clone(), store.limits.clone());
    blocking("open a package", move || {
        let package = PackageFile::open(folder.admitted(package)?, &limits)
            .map_err(StoreError::document("open an admitted package"))?;
        Ok(facts(&package))
    })
    .await?
}

fn facts(package: &PackageFile) -> Facts {
    let manifest = package.manifest();
    let reason = |permission: &Permission| {
        let of = |manifest: &Manifest| {
            let same = manifest.req_permissions.iter().find(|asked| asked.permission == *permission);
            same.and_then(|same| same.reason.clone())
        };
        localized(package, of)
    };
    Facts {
        descriptions: localized(package, |manifest| manifest.description.clone()),
        permissions: manifest
            .req_permissions
            .iter()
            .map(|asked| Asked { permission: asked.permission.clone(), reasons: reason(&asked.permission) })
            .collect(),
        requires: manifest.guichet.requires.iter().map(|part: &Part| part.as_str().to_owned()).collect(),
        device_types: manifest.device_type.clone().unwrap_or_default(),
        icon: manifest.icons.iter().find_map(|icon| {
            let media_type = picture(&icon.src.to_string())?.to_owned();
            let file = package.file(&icon.src.to_string())?;
            Some(IconFile { sha256: Digest::of(file).to_string(), media_type })
        }),
    }
}

/// What a browser shows as a picture, by the file's name.
pub(super) fn picture(path: &str) -> Option<&'static str> {
    let (_, kind) = path.rsplit_once('.')?;
    Some(match kind.to_ascii_lowercase().as_str() {
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        _ => return None,
    })
}
