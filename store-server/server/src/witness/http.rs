//! `add-checkpoint` over HTTP (`c2sp.org/tlog-witness`), one question at a time.

use std::sync::Arc;

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use guichet_trust::log::{AddCheckpoint, Answer, MAX_NOTE, WitnessSigner};
use tokio::sync::Mutex;

use super::WitnessFolder;
use crate::{clock::Clock, error::StoreError, store::blocking};

/// The longest request that is read.
pub const MOST_BYTES: usize = 2 * MAX_NOTE;

#[derive(Clone)]
struct Witness {
    folder: WitnessFolder,
    signer: WitnessSigner,
    clock: Clock,
    /// Looking at what was seen and keeping what is seen now are one step.
    one_at_a_time: Arc<Mutex<()>>,
}

/// Everything a witness answers: `POST /add-checkpoint`, and `GET /key` for people who set it up.
pub fn router(folder: WitnessFolder, clock: Clock) -> Result<Router, StoreError> {
    let signer = folder.signer()?;
    let key = signer.key().to_string();
    let witness = Witness { folder, signer, clock, one_at_a_time: Arc::default() };
    Ok(Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .with_state(witness)
        .route("/key", get(|| async move { format!("{key}\n") })))
}

async fn add_checkpoint(State(witness): State<Witness>, request: Request) -> Response {
    let Ok(body) = to_bytes(request.into_body(), MOST_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let guard = Arc::clone(&witness.one_at_a_time).lock_owned().await;
    let answered = blocking("answer a log", move || {
        let answer = witness.answer(&body);
        drop(guard);
        answer
    });
    match answered.await.and_then(|answer| answer) {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, source = ?std::error::Error::source(&error), "a log was not answered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Witness {
    fn answer(&self, body: &Bytes) -> Result<Response, StoreError> {
        let asked = match AddCheckpoint::parse(body) {
            Ok(asked) => asked,
            Err(refusal) => return Ok(told(&Answer::Malformed(refusal), String::new())),
        };
        let mut broken = None;
        let answer = asked.judge(&self.folder.logs()?, |origin| {
            self.folder.seen(origin, self.signer.key()).unwrap_or_else(|error| {
                broken = Some(error);
                None
            })
        });
        if let Some(error) = broken {
            return Err(error);
        }
        let origin = asked.origin().unwrap_or_default();
        match &answer {
            Answer::Cosign(seen) => {
                let operation = "cosign a checkpoint";
                let signature = self.signer.cosign(&asked.note, self.clock.now_ms() / 1000);
                let signature = signature.map_err(StoreError::document(operation))?;
                let mut kept = asked.note.clone();
                kept.add(signature.clone());
                self.folder.keep(origin, &kept)?;
                tracing::info!(origin, size = seen.size, "cosigned");
                Ok(told(&answer, signature.to_line()))
            }
            Answer::Conflict(size) => {
                tracing::info!(origin, seen = size, old = asked.old, "this was not the tree seen last");
                Ok(told(&answer, format!("{size}\n")))
            }
            Answer::Inconsistent => {
                // The request itself is the proof that the log misbehaves.
                tracing::error!(origin, request = asked.to_text(), "the log does not begin with what was seen of it");
                Ok(told(&answer, String::new()))
            }
            other => Ok(told(other, String::new())),
        }
    }
}

fn told(answer: &Answer, body: String) -> Response {
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = match answer {
        Answer::Conflict(_) => "text/x.tlog.size",
        _ => "text/plain; charset=utf-8",
    };
    let body = match answer {
        Answer::Malformed(refusal) => format!("{refusal}\n"),
        _ => body,
    };
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response()
}
