//! What pages reach by `guichet.logic.call`, and what is remembered between visits.

use guichet_guest::{App, log, storage};
use serde_json::Value;

use crate::{Answer, Fields, Rules, answer};

/// Where the form is kept.
const FIELDS: &str = "fields";

async fn estimate(fields: Fields) -> Result<Answer, String> {
    let answer = answer(&fields, &Rules::current());
    if let Answer::Estimate(_) = answer {
        keep(&fields).await;
    }
    Ok(answer)
}

/// Remembering is a convenience: without the permission the estimate is given all the same.
async fn keep(fields: &Fields) {
    let Ok(text) = serde_json::to_string(fields) else { return };
    if let Err(failure) = storage::set(FIELDS, &text.into()).await {
        log::warn(&failure.to_string());
    }
}

async fn remembered(_: Value) -> Result<Option<Fields>, String> {
    match storage::get(FIELDS).await {
        Ok(Some(storage::Value::Text(text))) => Ok(serde_json::from_str(&text).ok()),
        Ok(_) => Ok(None),
        Err(failure) => {
            log::warn(&failure.to_string());
            Ok(None)
        }
    }
}

async fn forget(_: Value) -> Result<(), String> {
    storage::remove(FIELDS).await.map_err(|failure| failure.to_string())
}

async fn rules(_: Value) -> Result<Rules, String> {
    Ok(Rules::current())
}

guichet_guest::export!(|| {
    App::new()
        .handler("estimate", estimate)
        .handler("remembered", remembered)
        .handler("forget", forget)
        .handler("rules", rules)
});
