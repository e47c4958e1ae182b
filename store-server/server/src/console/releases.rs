//! What is out: the newest release of each app, and how far it was let out.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use guichet_api::BeaconKind;
use guichet_package::{ReleaseDocument, release::EVERYONE};

use super::{
    frame::{Choice, Frame, Place, shown, signed_in},
    look,
    rollout_words::RolloutWords,
    words::Language,
};
use crate::{
    access::{self, Action},
    brake,
    database::{beacons, departments, log, submissions as records},
    error::{NotDone, StoreError},
    http::Session,
    store::Store,
};

struct Line {
    href: String,
    name: String,
    glaze: String,
    version: String,
    department: String,
    channel: String,
    state: String,
    tint: &'static str,
    icon: &'static str,
    reach: String,
    installed: u64,
    since: String,
}

#[derive(Template)]
#[template(path = "releases.html")]
struct Page {
    frame: Frame,
    rollout: &'static RolloutWords,
    lines: Vec<Line>,
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    choice.remember(signed_in(&store, &headers, language, async |session| draw(&store, session, language).await).await)
}

async fn draw(store: &Store, session: Session, language: Language) -> Result<Response, NotDone> {
    let mine = access::reach(&session.person, Action::Read)?.cloned();
    let mut connection = store.database.read().await?;
    let departments = departments::all(&mut connection).await?;
    let mut lines = Vec::new();
    for id in log::newest(&mut connection).await? {
        let Some(record) = records::get(&mut connection, &id).await? else { continue };
        if mine.as_ref().is_some_and(|mine| *mine != record.department) {
            continue;
        }
        let release = ReleaseDocument::parse(&record.release_document);
        let most = release.map_err(StoreError::document("read a logged release document"))?.rollout.ceiling;
        let reached = brake::reached(&mut connection, &record.app_id, &record.channel, record.sequence).await?;
        let told = beacons::of_release(&mut connection, &record.app_id, &record.channel, record.sequence).await?;
        let department = departments.iter().find(|it| it.id == record.department);
        lines.push(Line {
            href: format!("/releases/{}/{}", record.app_id, record.channel),
            name: look::localized(&record.names, language).to_owned(),
            department: department
                .map_or_else(|| record.department.to_string(), |it| it.name(language == Language::Chinese).to_owned()),
            version: record.version.name,
            channel: record.channel.to_string(),
            state: language.state(record.state),
            tint: look::tint(record.state),
            icon: look::icon(record.state),
            reach: percent(reached.unwrap_or(EVERYONE).min(most)),
            installed: told.iter().filter(|told| told.0 == BeaconKind::Installed).map(|told| told.2).sum(),
            since: record.released_at_ms.map(look::time).unwrap_or_default(),
            glaze: record.glaze,
        });
    }
    drop(connection);
    let frame = Frame::of(store, session.person, language, Place::Releases).await?;
    shown(&Page { frame, rollout: language.rollout_words(), lines })
}

/// Basis points as people write them: `12.5%`.
pub(super) fn percent(points: u16) -> String {
    match (points / 100, points % 100) {
        (whole, 0) => format!("{whole}%"),
        (whole, rest) if rest % 10 == 0 => format!("{whole}.{}%", rest / 10),
        (whole, rest) => format!("{whole}.{rest:02}%"),
    }
}

/// What somebody typed as basis points.
pub(super) fn points(text: &str) -> Option<u16> {
    let text = text.trim().trim_end_matches('%').trim();
    let (whole, rest) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || rest.len() > 2 || !is_number(whole) || !is_number(rest) {
        return None;
    }
    let points = whole.parse::<u16>().ok()? * 100 + format!("{rest:0<2}").parse::<u16>().ok()?;
    (points <= EVERYONE).then_some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_is_shown() {
        for (typed, wanted, shown) in [
            ("0", Some(0), "0%"),
            ("5", Some(500), "5%"),
            ("12.5 %", Some(1250), "12.5%"),
            ("0,25", Some(25), "0.25%"),
            ("100", Some(10_000), "100%"),
        ] {
            assert_eq!(points(typed), wanted, "{typed}");
            assert_eq!(percent(points(typed).unwrap()), shown);
        }
        for typed in ["", "%", "-1", "100.01", "1e2", "1.234", "9999", "five"] {
            assert_eq!(points(typed), None, "{typed}");
        }
    }
}
