//! The metadata as rows of the database: reading what is current, and signing which documents belong together.

use std::collections::BTreeMap;

use guichet_package::PublisherKeys;
use guichet_trust::{
    client::{Limits, Refresh, TrustedMetadata},
    editor::{Draft, Listing, read_root, read_targets},
    metadata::{Document, Root, Snapshot, Targets, Timestamp},
};
use sqlx::AnyConnection;

use crate::{
    database::{
        departments::DepartmentRecord,
        documents::{self, MetadataRecord},
    },
    error::StoreError,
    keys::OnlineKeys,
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// How long what the security office and the reviewers sign holds.
pub const OFFLINE_MS: u64 = 400 * DAY_MS;
/// How long a snapshot holds; signed anew when half of it is gone.
pub const SNAPSHOT_MS: u64 = 30 * DAY_MS;
/// How long a timestamp holds, and so how long a device can be kept from news unnoticed.
pub const TIMESTAMP_MS: u64 = 2 * DAY_MS;

/// The delegated role that can slow or stop a release.
pub const BRAKE: &str = "brake";

/// The department's role that needs one reviewer and cannot widen.
pub fn narrow_role(department: &guichet_contract::Department) -> String {
    department.to_string()
}

/// The department's role that can widen permissions.
pub fn wide_role(department: &guichet_contract::Department) -> String {
    format!("{department}-wide")
}

/// The two documents above every department.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The newest root.
    pub root: Document<Root>,
    /// The newest top-level targets.
    pub targets: Document<Targets>,
}

/// Reads the newest root and targets, and verifies them.
pub async fn authority(connection: &mut AnyConnection) -> Result<Authority, StoreError> {
    let operation = "read the store's own metadata";
    let root = read_root(None, &required(connection, "root").await?).map_err(StoreError::document(operation))?;
    let targets =
        read_targets(&root, &required(connection, "targets").await?).map_err(StoreError::document(operation))?;
    Ok(Authority { root, targets })
}

async fn required(connection: &mut AnyConnection, role: &'static str) -> Result<Vec<u8>, StoreError> {
    let record = documents::latest(connection, role).await?;
    record.map(|record| record.document).ok_or_else(|| StoreError::Document {
        operation: "read the store's own metadata",
        reason: format!("there is no {role} document"),
    })
}

/// What the security office lists for a department.
pub fn publisher_keys(department: &DepartmentRecord) -> PublisherKeys {
    let names = BTreeMap::from([
        ("zh-Hans".to_owned(), department.name_zh.clone()),
        ("en".to_owned(), department.name_en.clone()),
    ]);
    let mut keys = PublisherKeys::new(department.id.clone(), names, department.prefixes.clone());
    for publisher in &department.publishers {
        keys.add(publisher.key);
        if let Some(listed) = keys.keys.last_mut() {
            listed.from = Some(publisher.from_position);
            listed.revoked = publisher.revoked;
        }
    }
    keys
}

/// Signs which documents belong together and that this is current, after some of them changed.
pub async fn sign_snapshot(connection: &mut AnyConnection, online: &OnlineKeys, now_ms: u64) -> Result<(), StoreError> {
    let operation = "sign the snapshot";
    let expires_ms = now_ms.saturating_add(SNAPSHOT_MS);
    let current: Option<Document<Snapshot>> = parsed(connection, "snapshot").await?;
    let mut draft = match &current {
        Some(current) => Draft::next(current, expires_ms),
        None => Draft::first_snapshot(expires_ms),
    };
    for record in documents::latest_of_all(connection).await? {
        if !matches!(record.role.as_str(), "root" | "snapshot" | "timestamp") {
            let document = Document::parse(record.document).map_err(StoreError::document(operation))?;
            draft.pin(&record.role, &document);
        }
    }
    let root = authority(connection).await?.root;
    let key = online.signing("snapshot", root.signed().signers("snapshot").as_ref())?;
    let bytes = draft.sign(&[&key]).map_err(StoreError::document(operation))?;
    let snapshot: Document<Snapshot> = Document::parse(bytes).map_err(StoreError::document(operation))?;
    insert(connection, "snapshot", &snapshot).await?;
    sign_timestamp(connection, online, now_ms).await
}

/// Signs that the newest snapshot is current.
pub async fn sign_timestamp(
    connection: &mut AnyConnection,
    online: &OnlineKeys,
    now_ms: u64,
) -> Result<(), StoreError> {
    let operation = "sign the timestamp";
    let expires_ms = now_ms.saturating_add(TIMESTAMP_MS);
    let snapshot: Document<Snapshot> =
        Document::parse(required(connection, "snapshot").await?).map_err(StoreError::document(operation))?;
    let current: Option<Document<Timestamp>> = parsed(connection, "timestamp").await?;
    let draft = match &current {
        Some(current) => {
            let mut draft = Draft::next(current, expires_ms);
            draft.set_snapshot(&snapshot);
            draft
        }
        None => Draft::first_timestamp(&snapshot, expires_ms),
    };
    let root = authority(connection).await?.root;
    let key = online.signing("timestamp", root.signed().signers("timestamp").as_ref())?;
    let bytes = draft.sign(&[&key]).map_err(StoreError::document(operation))?;
    let timestamp: Document<Timestamp> = Document::parse(bytes).map_err(StoreError::document(operation))?;
    insert(connection, "timestamp", &timestamp).await
}

/// The newest document of an online role, if there is one.
pub async fn parsed<T: guichet_trust::metadata::Metadata>(
    connection: &mut AnyConnection,
    role: &str,
) -> Result<Option<Document<T>>, StoreError> {
    let record = documents::latest(connection, role).await?;
    record
        .map(|record| Document::parse(record.document).map_err(StoreError::document("read the store's own metadata")))
        .transpose()
}

/// The newest documents of a department's role and of its hash bins, whoever signed them.
pub async fn listing(connection: &mut AnyConnection, role: &str) -> Result<Listing, StoreError> {
    let mut listing = Listing::default();
    for record in documents::with_bins(connection, role).await? {
        let document = Document::parse(record.document).map_err(StoreError::document("read a department's role"))?;
        match record.role == role {
            true => listing.own = Some(document),
            false => drop(listing.bins.insert(record.role, document)),
        }
    }
    Ok(listing)
}

/// Adds a document under the version it says it has.
pub async fn insert<T: guichet_trust::metadata::Metadata>(
    connection: &mut AnyConnection,
    role: &str,
    document: &Document<T>,
) -> Result<(), StoreError> {
    let record =
        MetadataRecord { role: role.to_owned(), version: document.version(), document: document.bytes().to_vec() };
    documents::insert(connection, &record).await
}

/// Follows the metadata as a new device would, before it is committed: what no device would believe is never published.
pub async fn follow(
    connection: &mut AnyConnection,
    roles: &[&str],
    now_ms: u64,
) -> Result<TrustedMetadata, StoreError> {
    let operation = "follow the new metadata as a device would";
    let roots = documents::versions(connection, "root").await?;
    let mut files: BTreeMap<String, Vec<u8>> =
        roots.iter().map(|root| (format!("{}.root.json", root.version), root.document.clone())).collect();
    for record in documents::latest_of_all(connection).await? {
        let name = match record.role.as_str() {
            "timestamp" => "timestamp.json".to_owned(),
            role => format!("{}.{role}.json", record.version),
        };
        files.insert(name, record.document);
    }
    let first = roots.first().map(|root| root.document.as_slice()).unwrap_or_default();
    let trusted = TrustedMetadata::from_root(first).map_err(StoreError::document(operation))?;
    let mut refresh = Refresh::begin(trusted, now_ms, Limits::default());
    for role in roles {
        refresh.want_role(role);
    }
    while let Some(fetch) = refresh.next() {
        let answer = files.get(&fetch.path).cloned();
        refresh.accept(answer).map_err(StoreError::document(operation))?;
    }
    Ok(refresh.finish())
}
