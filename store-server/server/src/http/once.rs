//! `Idempotency-Key`: who asks the same again under the same key gets the answer that there was, and it is not done twice.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use guichet_api::paths;
use guichet_trust::digest::{Digest, Hasher};
use serde::{Deserialize, Serialize};
use tempfile::TempPath;
use tokio_util::io::ReaderStream;

use super::{API, api::JSON_LIMIT, problems, reader::bearer, upload};
use crate::{
    database::{
        act::{Act, AsSeen},
        commit,
        idempotency::{self as records, Known},
    },
    error::{NotDone, StoreError},
    problems::{not_the_json, unknown_token},
    store::{Store, blocking},
};

/// The header.
pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is the one that there was.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How long a key is remembered, in milliseconds.
const KEPT_MS: u64 = 24 * 60 * 60 * 1000;
/// Most keys that one token may use within that time.
const MOST_KEYS: u64 = 5000;
const LONGEST_KEY: usize = 255;
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;

/// A mark on answers that hold a secret: they are not kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShownOnce;

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Does what is asked, or gives the answer that there was.
pub(super) async fn answer(
    store: Arc<Store>,
    parts: Parts,
    body: Body,
    as_seen: Option<AsSeen>,
    next: Next,
) -> Result<Response, NotDone> {
    let said = parts.headers.get(KEY).and_then(|key| key.to_str().ok()).unwrap_or_default().trim();
    if said.is_empty() || said.len() > LONGEST_KEY || !said.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(problems::not_a_key(LONGEST_KEY).into());
    }
    let token = bearer(&parts.headers).ok_or_else(unknown_token)?;
    let owner = Digest::of(format!("guichet idempotency v1\0{}", token.digest()).as_bytes());
    let key = Digest::of(format!("{owner}\0{said}").as_bytes());
    let (request, body, file) = received(&store, &parts, body).await?;
    if let Some(answer) = known(&store, key, owner, request).await? {
        return Ok(answer);
    }
    let request = Request::from_parts(parts, body);
    // Whoever hangs up does not leave it half done: it goes on to its end, and its answer is there to be asked for.
    let work = async move {
        let response = Act::new(Some(key), as_seen).within(next.run(request)).await;
        drop(file);
        keep(&store, key, response).await
    };
    let done = tokio::spawn(work).await;
    Ok(done.map_err(|source| StoreError::Task { operation: "answer under a key", source })?)
}

/// What the request is, by a digest, and its body again.
async fn received(store: &Store, parts: &Parts, body: Body) -> Result<(Digest, Body, Option<TempPath>), NotDone> {
    let mut hasher = Hasher::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(parts.method.as_str().as_bytes());
    part(parts.uri.path_and_query().map_or("", |path| path.as_str()).as_bytes());
    for name in [header::CONTENT_TYPE, header::IF_MATCH] {
        part(parts.headers.get(name).map_or(b"", HeaderValue::as_bytes));
    }
    if parts.uri.path().strip_prefix(API) != Some(paths::SUBMISSIONS) {
        let bytes = to_bytes(body, JSON_LIMIT).await.map_err(|error| not_the_json(&error.to_string()))?;
        part(&bytes);
        return Ok((hasher.finish(), Body::from(bytes), None));
    }
    let file = upload::quarantine(store, &parts.headers, body).await?;
    let path = file.to_path_buf();
    let read = blocking("read an upload", move || std::fs::read(&path).map_err(StoreError::file("read", path)));
    part(&read.await??);
    let again = tokio::fs::File::open(&file).await.map_err(StoreError::file("read", file.to_path_buf()))?;
    Ok((hasher.finish(), Body::from_stream(ReaderStream::new(again)), Some(file)))
}

/// The answer that there is under a key; none if it begins now.
async fn known(store: &Store, key: Digest, owner: Digest, request: Digest) -> Result<Option<Response>, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    records::forget(&mut change, now_ms.saturating_sub(KEPT_MS)).await?;
    let Some((before, known)) = records::find(&mut change, key).await? else {
        if records::count(&mut change, owner).await? >= MOST_KEYS {
            return Err(problems::too_many_keys(MOST_KEYS).into());
        }
        records::begin(&mut change, key, owner, request, now_ms).await?;
        commit(change).await?;
        return Ok(None);
    };
    if before != request.to_string() {
        return Err(problems::another_request().into());
    }
    match known {
        Known::Begun => Err(problems::being_done().into()),
        Known::Lost => Err(problems::answer_lost().into()),
        Known::Answered(text) => {
            let kept: Kept = serde_json::from_str(&text).map_err(StoreError::document("read an answer"))?;
            Ok(Some(kept.again()))
        }
    }
}

impl Kept {
    fn again(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.body).into_response();
        response.headers_mut().clear();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
                response.headers_mut().insert(name, value);
            }
        }
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}

/// Keeps the answer, unless it holds a secret or says nothing about the request itself.
async fn keep(store: &Store, key: Digest, response: Response) -> Response {
    let is_kept = response.extensions().get::<ShownOnce>().is_none() && says_something(response.status());
    let (parts, body) = response.into_parts();
    let bytes = match to_bytes(body, LONGEST_ANSWER).await {
        Ok(bytes) => bytes,
        Err(error) => {
            return super::answer::failed(StoreError::Document {
                operation: "read an answer",
                reason: error.to_string(),
            });
        }
    };
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    let kept = is_kept.then(|| Kept {
        status: parts.status.as_u16(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    });
    if let Err(error) = put(store, key, kept).await {
        // The answer is true whether or not it could be kept; who asks again is told that it is being done.
        tracing::error!(%error, "could not keep an answer");
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Whether an answer is the same when the same is asked again.
fn says_something(status: StatusCode) -> bool {
    let passes = [StatusCode::UNAUTHORIZED, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    !status.is_server_error() && !passes.contains(&status)
}

async fn put(store: &Store, key: Digest, kept: Option<Kept>) -> Result<(), StoreError> {
    let mut change = store.database.change().await?;
    match kept {
        Some(kept) => {
            let text = serde_json::to_string(&kept).map_err(StoreError::document("keep an answer"))?;
            records::answered(&mut change, key, &text).await?;
        }
        None => records::give_up(&mut change, key).await?,
    }
    commit(change).await
}

/// What an earlier server had begun is not being done any more.
pub(crate) async fn restore(store: &Store) -> Result<(), StoreError> {
    let mut change = store.database.change().await?;
    records::give_all_up(&mut change).await?;
    commit(change).await
}
