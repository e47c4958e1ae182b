//! A body that is too large to trust to memory: streamed into a quarantine file under a limit and a deadline.

use std::{future::poll_fn, pin::Pin, time::Duration};

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, header},
};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;

use crate::{
    error::{NotDone, StoreError},
    problems,
    store::Store,
};

const DEADLINE: Duration = Duration::from_secs(600);

/// Writes the body aside. Dropping what is returned removes the file, so a refused package leaves nothing behind.
pub(super) async fn quarantine(store: &Store, headers: &HeaderMap, body: Body) -> Result<TempPath, NotDone> {
    let limit = store.package_limit();
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(problems::too_large(limit).into());
    }
    match tokio::time::timeout(DEADLINE, receive(store, limit, body)).await {
        Ok(received) => received,
        Err(_) => Err(problems::upload_broken("it took longer than ten minutes").into()),
    }
}

async fn receive(store: &Store, limit: u64, mut body: Body) -> Result<TempPath, NotDone> {
    let staging = store.folder.staging();
    let quarantined = tempfile::NamedTempFile::new_in(&staging).map_err(StoreError::file("write into", &staging))?;
    let (file, path) = quarantined.into_parts();
    let write = || StoreError::file("write", &path);
    let mut file = tokio::fs::File::from_std(file);
    let mut length = 0_u64;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| problems::upload_broken(&error.to_string()))?;
        let Ok(bytes) = frame.into_data() else { continue };
        length = length.saturating_add(bytes.len() as u64);
        if length > limit {
            return Err(problems::too_large(limit).into());
        }
        file.write_all(&bytes).await.map_err(write())?;
    }
    file.flush().await.map_err(write())?;
    Ok(path)
}
