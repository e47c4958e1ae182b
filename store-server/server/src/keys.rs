//! The store's own secret keys: online for freshness and the brake, offline for the root and the top-level targets.

use std::{fs, path::Path};

use guichet_trust::sign::SecretKey;

use crate::{error::StoreError, folder::put_secret, secret::entropy};

/// The keys the running store signs with. They can say that something is fresh or stop it, never release it.
#[derive(Debug)]
pub struct OnlineKeys {
    /// Signs which documents belong together.
    pub snapshot: SecretKey,
    /// Signs what is current.
    pub timestamp: SecretKey,
    /// Signs what is slowed or stopped.
    pub brake: SecretKey,
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
    /// Makes them, each in a file that only its owner can read.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            snapshot: create(folder, "snapshot")?,
            timestamp: create(folder, "timestamp")?,
            brake: create(folder, "brake")?,
        })
    }

    /// Reads them.
    pub fn load(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            snapshot: load(folder, "snapshot")?,
            timestamp: load(folder, "timestamp")?,
            brake: load(folder, "brake")?,
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
