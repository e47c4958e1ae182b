//! `storage`: a private key-value store for each app, with one quota.

mod disk;
mod in_memory;

use guichet_contract::{
    Failure,
    storage::{QUOTA_BYTES, QUOTA_KEYS, Stored},
};

pub(crate) use disk::Disk;
pub(crate) use in_memory::InMemory;

/// What an entry counts towards the quota: its key and its value.
fn weight(key: &str, value: &Stored) -> u64 {
    let value = match value {
        Stored::Text(text) => text.len(),
        Stored::Bytes(bytes) => bytes.len(),
    };
    (key.len() + value) as u64
}

/// Refuses what would not fit into the app's quota.
fn within_quota(bytes_after: u64, keys_after: u64) -> Result<(), Failure> {
    let (kept, most) = if bytes_after > QUOTA_BYTES {
        (format!("{bytes_after} bytes"), QUOTA_BYTES)
    } else if keys_after > QUOTA_KEYS {
        (format!("{keys_after} keys"), QUOTA_KEYS)
    } else {
        return Ok(());
    };
    Err(Failure::Unavailable(format!(
        "storage.set: the app would keep {kept} and may keep {most}; hint: remove keys that are no longer needed"
    )))
}
