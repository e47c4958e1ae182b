//! `guichet key`: make a key, show its public half, list those on tokens.

use std::path::Path;

use guichet_trust::sign::PublicKey;
use serde::Serialize;

use crate::{exit_status::ExitStatus, failure::Failure, key, message::Message, printer::Printer, table};

#[derive(Serialize)]
struct Shown {
    key: String,
    id: String,
}

#[derive(Serialize)]
struct Listed {
    uri: String,
    key: Option<String>,
    id: Option<String>,
}

/// Makes a key, in a new file or on a token, and shows its public half.
pub(crate) fn create(place: &Path, printer: Printer) -> Result<ExitStatus, Failure> {
    let public = key::create(place, printer)?;
    printer.say(&match key::uri(place) {
        Some(_) => Message::KeyMadeOnToken,
        None => Message::KeyMade { path: place.display().to_string() },
    });
    print(&public, printer);
    Ok(ExitStatus::Done)
}

/// Shows the public half of a key.
pub(crate) fn show(place: &Path, printer: Printer) -> Result<ExitStatus, Failure> {
    print(&key::public(place, printer)?, printer);
    Ok(ExitStatus::Done)
}

/// Shows the keys that tokens show without a PIN.
pub(crate) fn list(uri: Option<&str>, printer: Printer) -> Result<ExitStatus, Failure> {
    let keys = key::list(uri.unwrap_or("pkcs11:"), printer)?;
    let listed: Vec<Listed> = keys
        .into_iter()
        .map(|key| Listed {
            uri: key.uri,
            key: key.key.map(|key| key.to_string()),
            id: key.key.map(|key| key.id().to_string()),
        })
        .collect();
    if listed.is_empty() {
        printer.say(&Message::NoKeysOnTokens);
    }
    printer.result(&serde_json::json!({"keys": listed}), |lang| {
        let not_for_listing = Message::NotForListing.text(lang);
        let rows = listed.iter().map(|key| {
            let public = key.key.clone().unwrap_or_else(|| not_for_listing.clone());
            vec![table::plain(&key.uri), public]
        });
        table::columns(&rows.collect::<Vec<_>>())
    });
    Ok(ExitStatus::Done)
}

fn print(key: &PublicKey, printer: Printer) {
    let shown = Shown { key: key.to_string(), id: key.id().to_string() };
    printer.result(&shown, |_| {
        table::fields([
            (printer.pick("key", "公钥"), shown.key.clone()),
            (printer.pick("id", "编号"), shown.id.clone()),
        ])
    });
}
