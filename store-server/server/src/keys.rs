//! The store's own secret keys: online for freshness and the brake, offline for the root and the top-level targets.

use std::{
    fs,
    path::{Path, PathBuf},
};

use guichet_trust::{
    metadata::Signers,
    sign::{PublicKey, SecretKey},
};

use crate::{error::StoreError, folder::put_secret, secret::entropy};

/// The roles the running store signs with keys of its own.
pub const ONLINE: [&str; 3] = ["snapshot", "timestamp", "brake"];

/// The keys the running store signs with. They can say that something is fresh or stop it, never release it.
///
/// There may be several for a role: which of them counts, only the metadata says. So a new key can lie ready before the
/// officers list it, and a server that runs goes on with it when they have.
#[derive(Clone, Debug)]
pub struct OnlineKeys {
    folder: PathBuf,
}

/// The security office's keys; they should live on a medium of their own.
#[derive(Debug)]
pub struct OfflineKeys {
    /// Signs who the top-level roles are.
    pub root: SecretKey,
    /// Signs who the departments are.
    pub targets: SecretKey,
}

impl OnlineKeys {
    /// Makes the first ones, each in a file that only its owner can read.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        for role in ONLINE {
            create(folder, role)?;
        }
        Self::load(folder)
    }

    /// Names their folder; each must be there.
    pub fn load(folder: &Path) -> Result<Self, StoreError> {
        let keys = Self { folder: folder.to_owned() };
        for role in ONLINE {
            load(folder, role)?;
        }
        Ok(keys)
    }

    /// The first key of a role, which a new store lists.
    pub fn first(&self, role: &str) -> Result<SecretKey, StoreError> {
        load(&self.folder, role)
    }

    /// Makes another key for a role; it signs nothing until metadata lists it.
    pub fn another(&self, role: &str) -> Result<PublicKey, StoreError> {
        let key = SecretKey::generate(entropy()?);
        let id = key.public().id().to_string();
        put_secret(&self.folder.join(format!("{role}.{id}.key")), &key.to_file())?;
        Ok(key.public())
    }

    /// The key of a role that metadata lists for it.
    pub fn signing(&self, role: &str, signers: Option<&Signers>) -> Result<SecretKey, StoreError> {
        let listed = signers.map(Signers::keys).unwrap_or_default();
        let first = format!("{role}.key");
        let mut names = Vec::from([first]);
        let entries = fs::read_dir(&self.folder).map_err(StoreError::file("read", &self.folder))?;
        let others = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.extend(others.filter(|name| name.starts_with(&format!("{role}.")) && name.ends_with(".key")));
        for name in names {
            let key = load(&self.folder, name.trim_end_matches(".key"))?;
            if listed.contains(&key.public().id()) {
                return Ok(key);
            }
        }
        Err(StoreError::Document {
            operation: "find the key to sign with",
            reason: format!("none of the keys in `{}` is listed for `{role}`", self.folder.display()),
        })
    }
}

impl OfflineKeys {
    /// Makes them, each in a file that only its owner can read.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(StoreError::file("create", folder))?;
        Ok(Self { root: create(folder, "root")?, targets: create(folder, "targets")? })
    }

    /// Reads the key that signs the top-level targets, the only one that daily work needs.
    pub fn load_targets(folder: &Path) -> Result<SecretKey, StoreError> {
        load(folder, "targets")
    }
}

/// The key that signs the log's trees; made if there is none yet. It is of no other use.
pub fn log_key(folder: &Path) -> Result<SecretKey, StoreError> {
    if folder.join("log.key").exists() { load(folder, "log") } else { create(folder, "log") }
}

fn create(folder: &Path, name: &str) -> Result<SecretKey, StoreError> {
    let key = SecretKey::generate(entropy()?);
    put_secret(&folder.join(format!("{name}.key")), &key.to_file())?;
    Ok(key)
}

fn load(folder: &Path, name: &str) -> Result<SecretKey, StoreError> {
    let path = folder.join(format!("{name}.key"));
    let text = fs::read_to_string(&path).map_err(StoreError::file("read", path))?;
    SecretKey::from_file(&text).map_err(StoreError::document("read a key file"))
}
