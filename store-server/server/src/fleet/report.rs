//! What terminals tell: signed, each number once.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_api::{MOST_PICTURE_BYTES, PictureReport, ReportTaken, SignedReport, TerminalPicture, TerminalReport};
use guichet_trust::{
    canonical,
    digest::Digest,
    sign::{PublicKey, Purpose, Signature},
};
use serde::de::DeserializeOwned;
use sqlx::AnyConnection;

use super::{EVERY_SECONDS, STORE, place, problems};
use crate::{
    access::Action,
    audit::{self, Deed},
    database::{
        commit,
        terminals::{self, TerminalRecord},
    },
    error::NotDone,
    people::Actor,
    store::Store,
};

const HOUR_MS: u64 = 60 * 60 * 1000;
/// How long reports are kept.
const KEPT_MS: u64 = 30 * 24 * HOUR_MS;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The terminal that signed this, if it is one of ours and still is.
async fn signer(
    connection: &mut AnyConnection,
    id: &str,
    signed: &str,
    signature: &str,
) -> Result<TerminalRecord, NotDone> {
    let terminal = terminals::by_id(connection, id).await?.ok_or_else(|| problems::no_such_terminal(id))?;
    let key: PublicKey = terminal.public_key.parse().map_err(|_| problems::bad_signature())?;
    let signature: Signature = signature.parse().map_err(|_| problems::wrong_form())?;
    key.verify(Purpose::Session, signed.as_bytes(), &signature).map_err(|_| problems::bad_signature())?;
    // Said only to the terminal itself.
    match &terminal.revoked {
        Some((_, why)) => Err(problems::revoked(why).into()),
        None => Ok(terminal),
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, NotDone> {
    canonical::parse_canonical(text.as_bytes()).map_err(|_| problems::wrong_form().into())
}

/// Takes a terminal's report, and says what it is to do.
pub async fn tell(store: &Store, id: &str, signed: &SignedReport) -> Result<ReportTaken, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let terminal = signer(&mut change, id, &signed.report, &signed.signature).await?;
    let report: TerminalReport = read(&signed.report)?;
    if signed.format != 1 || report.terminal != id {
        return Err(problems::wrong_form().into());
    }
    if !terminals::tell(&mut change, id, report.sequence, &signed.report, now_ms).await? {
        return Err(problems::told_already(report.sequence).into());
    }
    let times = [now_ms - now_ms % HOUR_MS, now_ms, now_ms.saturating_sub(KEPT_MS)];
    terminals::remember(&mut change, id, &signed.report, times).await?;
    commit(change).await?;
    Ok(ReportTaken {
        next_seconds: EVERY_SECONDS,
        policy: (report.policy_sequence < terminal.policy_sequence).then_some(terminal.policy),
        picture: terminal.picture_asked_at_ms.is_some(),
    })
}

/// Asks a terminal for a picture of its home page.
pub async fn ask_for_picture(store: &Store, by: Actor<'_>, id: &str) -> Result<(), NotDone> {
    by.check(Action::Terminals, STORE)?;
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let terminal = terminals::by_id(&mut change, id).await?.ok_or_else(|| problems::no_such_terminal(id))?;
    if terminal.revoked.is_some() {
        return Err(problems::revoked_already(&place(&terminal)).into());
    }
    terminals::ask_for_picture(&mut change, id, now_ms).await?;
    let place = place(&terminal);
    audit::record(&mut change, by, Deed::new("terminal.picture", &place, STORE), now_ms).await?;
    commit(change).await?;
    Ok(())
}

/// Keeps a picture that somebody waits for; another is refused.
pub async fn keep_picture(store: &Store, id: &str, sent: &TerminalPicture) -> Result<(), NotDone> {
    let mut change = store.database.change().await?;
    signer(&mut change, id, &sent.report, &sent.signature).await?;
    let report: PictureReport = read(&sent.report)?;
    let png = STANDARD.decode(&sent.png).map_err(|_| problems::wrong_form())?;
    let is_whole = png.starts_with(PNG) && png.len() <= MOST_PICTURE_BYTES;
    if sent.format != 1 || report.terminal != id || !is_whole || Digest::of(&png).to_string() != report.sha256 {
        return Err(problems::wrong_form().into());
    }
    if !terminals::keep_picture(&mut change, id, report.sequence, &png, store.clock.now_ms()).await? {
        return Err(problems::nobody_asked().into());
    }
    commit(change).await?;
    Ok(())
}
