//! The log's leaves, the tree over them, and the checkpoints that were signed: rows are added and never taken back.

use guichet_trust::{Refusal, digest::Digest, log};
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, stored};
use crate::error::StoreError;

const INSERT_LEAF: &str = "INSERT INTO leaves (position, leaf) VALUES ($1, $2)";
const SIZE: &str = "SELECT COUNT(*) FROM leaves";
const LEAVES: &str = "SELECT position, leaf FROM leaves WHERE position >= $1 AND position < $2 ORDER BY position";
const TILE: &str = "SELECT hashes FROM tiles WHERE level = $1 AND number = $2";
const PUT_TILE: &str = "INSERT INTO tiles (level, number, hashes) VALUES ($1, $2, $3) \
     ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes";
const LARGEST: &str = "SELECT COALESCE(MAX(size), 0) FROM checkpoints";
const SIGN: &str = "INSERT INTO checkpoints (size, signed) VALUES ($1, $2)";
const SIGNED: &str = "SELECT signed FROM checkpoints WHERE size = $1";
const WITNESS: &str = "UPDATE checkpoints SET witnessed = $2, is_anew = $3 WHERE size = $1";
const WITNESSED: &str =
    "SELECT size, witnessed, is_anew FROM checkpoints WHERE witnessed IS NOT NULL ORDER BY size DESC LIMIT 1";
const ALL_WITNESSED: &str =
    "SELECT size, witnessed, is_anew FROM checkpoints WHERE witnessed IS NOT NULL ORDER BY size";
const SIZES: &str = "SELECT size FROM checkpoints ORDER BY size";

#[cfg(test)]
pub(super) const QUERIES: &[&str] =
    &[INSERT_LEAF, SIZE, LEAVES, TILE, PUT_TILE, LARGEST, SIGN, SIGNED, WITNESS, WITNESSED, ALL_WITNESSED, SIZES];

/// A checkpoint that enough witnesses have signed.
#[derive(Clone, Debug, FromRow)]
pub struct WitnessedRow {
    size: i64,
    witnessed: String,
    is_anew: i64,
}

impl WitnessedRow {
    /// The size of its tree.
    pub fn size(&self) -> u64 {
        loaded(self.size)
    }

    /// Whether every proof up to here was made anew with it.
    pub fn is_anew(&self) -> bool {
        self.is_anew != 0
    }

    /// The note as it is published.
    pub fn note(&self) -> &str {
        &self.witnessed
    }
}

/// How many leaves there are.
pub async fn size(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    let count: i64 =
        sqlx::query_scalar(SIZE).fetch_one(connection).await.map_err(StoreError::database("count the leaves"))?;
    Ok(loaded(count))
}

/// Adds a leaf at the end, and its hash to the tiles.
pub async fn append(connection: &mut AnyConnection, leaf: &[u8]) -> Result<(), StoreError> {
    let operation = "add a leaf";
    let position = size(connection).await?;
    sqlx::query(INSERT_LEAF)
        .bind(stored(position))
        .bind(leaf)
        .execute(&mut *connection)
        .await
        .map_err(StoreError::database(operation))?;
    let (mut hash, mut number) = (log::leaf_hash(leaf), position);
    for level in 0..8 {
        let mut hashes = if number % 256 == 0 { Vec::new() } else { tile(connection, level, number / 256).await? };
        hashes.extend_from_slice(hash.as_bytes());
        sqlx::query(PUT_TILE)
            .bind(i64::from(level))
            .bind(stored(number / 256))
            .bind(&hashes)
            .execute(&mut *connection)
            .await
            .map_err(StoreError::database(operation))?;
        if number % 256 != 255 {
            break;
        }
        // A full tile is one hash of the level above.
        let mut part = log::Frontier::new();
        hashes.as_chunks().0.iter().for_each(|hash| part.append(Digest::from_bytes(*hash)));
        (hash, number) = (part.root(), number / 256);
    }
    Ok(())
}

/// The hashes of a tile, as many as there are.
pub async fn tile(connection: &mut AnyConnection, level: u8, number: u64) -> Result<Vec<u8>, StoreError> {
    let hashes: Option<Vec<u8>> = sqlx::query_scalar(TILE)
        .bind(i64::from(level))
        .bind(stored(number))
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("read a tile"))?;
    hashes.ok_or_else(|| StoreError::Document {
        operation: "read a tile",
        reason: format!("the tree has no tile {number} of level {level}"),
    })
}

/// The leaves from `first` to before `end`.
pub async fn leaves(connection: &mut AnyConnection, first: u64, end: u64) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(LEAVES)
        .bind(stored(first))
        .bind(stored(end))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("read leaves"))?;
    Ok(rows.into_iter().map(|(_, leaf)| leaf).collect())
}

/// The checkpoint of this size, signed now or before. A smaller size than the largest ever signed is refused.
pub async fn sign(
    connection: &mut AnyConnection,
    size: u64,
    sign: impl FnOnce() -> Result<String, Refusal>,
) -> Result<String, StoreError> {
    let operation = "sign a checkpoint";
    let largest: i64 =
        sqlx::query_scalar(LARGEST).fetch_one(&mut *connection).await.map_err(StoreError::database(operation))?;
    if size < loaded(largest) {
        let reason = format!("a tree of {} leaves was signed before, and this one has {size}", loaded(largest));
        return Err(StoreError::Document { operation, reason });
    }
    let signed: Option<String> = sqlx::query_scalar(SIGNED)
        .bind(stored(size))
        .fetch_optional(&mut *connection)
        .await
        .map_err(StoreError::database(operation))?;
    if let Some(signed) = signed {
        return Ok(signed);
    }
    let signed = sign().map_err(StoreError::document(operation))?;
    sqlx::query(SIGN)
        .bind(stored(size))
        .bind(&signed)
        .execute(connection)
        .await
        .map_err(StoreError::database(operation))?;
    Ok(signed)
}

/// Keeps what the witnesses added to a checkpoint, and whether every proof leads to it.
pub async fn set_witnessed(
    connection: &mut AnyConnection,
    size: u64,
    note: &str,
    is_anew: bool,
) -> Result<(), StoreError> {
    sqlx::query(WITNESS)
        .bind(stored(size))
        .bind(note)
        .bind(i64::from(is_anew))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep a checkpoint"))?;
    Ok(())
}

/// The largest checkpoint that enough witnesses have signed.
pub async fn witnessed(connection: &mut AnyConnection) -> Result<Option<WitnessedRow>, StoreError> {
    sqlx::query_as(WITNESSED).fetch_optional(connection).await.map_err(StoreError::database("look up the checkpoint"))
}

/// Every checkpoint that enough witnesses have signed, the smallest first.
pub async fn all_witnessed(connection: &mut AnyConnection) -> Result<Vec<WitnessedRow>, StoreError> {
    sqlx::query_as(ALL_WITNESSED).fetch_all(connection).await.map_err(StoreError::database("list the checkpoints"))
}

/// The sizes of all trees that were signed, the smallest first.
pub async fn sizes(connection: &mut AnyConnection) -> Result<Vec<u64>, StoreError> {
    let sizes: Vec<i64> =
        sqlx::query_scalar(SIZES).fetch_all(connection).await.map_err(StoreError::database("list the checkpoints"))?;
    Ok(sizes.into_iter().map(loaded).collect())
}
