//! Trying a version out before it is handed in: for listed testers and its department, with a QR code to pass it on.

use std::{fmt::Write as _, sync::Arc};

use askama::Template;
use axum::{
    Form,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use fast_qr::{ECL, QRBuilder};
use guichet_api::PACKAGE_MEDIA_TYPE;
use serde::Deserialize;
use tokio_util::io::ReaderStream;

use super::{
    frame::{Choice, Frame, Place, back_to, sent, shown, signed_in},
    look,
    review_words::ReviewWords,
    words::Language,
};
use crate::{database::testers, error::NotDone, http::Session, lifecycle, store::Store, submissions};

/// The light border that a reader needs, in modules (ISO/IEC 18004).
const QUIET: usize = 4;

/// Dark modules of a code as the path of a drawing, and how wide the drawing is.
struct Code {
    path: String,
    width: usize,
}

impl Code {
    fn of(text: &str) -> Option<Self> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for (y, x) in (0..code.size).flat_map(|y| (0..code.size).map(move |x| (y, x))) {
            if code[y][x].value() {
                // Nothing is wrong with writing into a text.
                let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
            }
        }
        Some(Self { path, width: code.size + 2 * QUIET })
    }
}

#[derive(Template)]
#[template(path = "trial.html")]
struct Page {
    frame: Frame,
    words: &'static ReviewWords,
    id: String,
    name: String,
    version: String,
    glaze: String,
    description: String,
    testers: Vec<String>,
    address: String,
    code: Option<Code>,
    file: String,
    size: String,
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let drawn = signed_in(&store, &headers, language, async |session| draw(&store, session, language, &id).await);
    choice.remember(drawn.await)
}

async fn draw(store: &Store, session: Session, language: Language, id: &str) -> Result<Response, NotDone> {
    let record = submissions::on_trial(store, &session.person, id).await?;
    let package = submissions::open(store, &record).await?;
    let testers = testers::names(&mut *store.database.read().await?, id).await?;
    let address = format!("{}/trials/{id}", store.settings.base_url());
    shown(&Page {
        words: language.review_words(),
        name: look::localized(&record.names, language).to_owned(),
        description: look::localized(&submissions::descriptions(&package), language).to_owned(),
        file: format!("{}-{}.ma", record.app_id, record.version.code),
        size: look::size(record.package_length),
        version: record.version.name,
        glaze: record.glaze,
        code: Code::of(&address),
        frame: Frame::of(store, session.person, language, Place::Trial).await?,
        id: record.id,
        testers,
        address,
    })
}

/// The package, for whoever may try it out.
pub(super) async fn package(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    signed_in(&store, &headers, Language::of(None, &headers), async |session| {
        let record = submissions::on_trial(&store, &session.person, &id).await?;
        let file = submissions::file(&store, record.package).await?;
        let name = format!("attachment; filename=\"{}-{}.ma\"", record.app_id, record.version.code);
        let headers = [
            (header::CONTENT_TYPE, PACKAGE_MEDIA_TYPE.to_owned()),
            (header::CONTENT_LENGTH, record.package_length.to_string()),
            (header::CONTENT_DISPOSITION, name),
        ];
        Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct Names {
    #[serde(default)]
    testers: String,
}

/// Says who may try it out; nobody ends the trial.
pub(super) async fn set(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Names>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        let names = form.testers.split([',', '，', '、', '\n']).map(str::trim).filter(|name| !name.is_empty());
        let names: Vec<String> = names.map(str::to_owned).collect();
        lifecycle::try_out(&store, &session.person, &id, &names).await?;
        back_to(&format!("/submissions/{id}"))
    })
    .await
}
