//! The catalogue as pages that everybody may read, and the forms with which operators look after the shelf.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use guichet_api::{Service, ServiceNews, ServicePermission, SubmissionKind, Texts, life_event, plainly};
use guichet_contract::AppId;
use guichet_package::manifest::Glaze;
use serde::Deserialize;

use super::{
    assets,
    catalogue_words::CatalogueWords,
    frame::{Choice, back_to, problem_page, sent, shown},
    look,
    words::Language,
};
use crate::{
    catalogue::{self, Found, Needs, Wanted},
    error::NotDone,
    http::Search,
    people::Actor,
    store::Store,
};

/// Services of a page that shows some of them.
const A_PAGE: usize = 60;
/// Services of each life event on the page that shows all.
const AT_FIRST: usize = 8;

/// A service in a list.
struct Line {
    app: AppId,
    name: String,
    initial: String,
    description: String,
    department: String,
    glaze: String,
    has_icon: bool,
    needs: Option<String>,
    halted: bool,
}

impl Line {
    fn new(service: &Service, language: Language) -> Self {
        let name = look::localized(&service.names, language).to_owned();
        let needs: Vec<_> = service.requires.iter().map(|part| language.needs_part(part).1).collect();
        Self {
            app: service.app_id.clone(),
            initial: name.chars().next().map(String::from).unwrap_or_default(),
            name,
            description: look::localized(&service.descriptions, language).to_owned(),
            department: look::localized(&service.department_names, language).to_owned(),
            glaze: service.glaze.clone(),
            has_icon: service.icon.is_some(),
            needs: (!needs.is_empty()).then(|| needs.join(" · ")),
            halted: service.halted,
        }
    }
}

/// Services that stand beside each other.
struct Group {
    glaze: String,
    name: &'static str,
    more: Option<String>,
    lines: Vec<Line>,
}

struct Event {
    glaze: String,
    name: &'static str,
    count: u64,
    href: String,
    chosen: bool,
}

struct Chosen {
    value: &'static str,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "services.html")]
struct List {
    words: &'static CatalogueWords,
    language: Language,
    sheets: [String; 2],
    address: String,
    asked: String,
    event: String,
    needs: Vec<Chosen>,
    has: String,
    events: Vec<Event>,
    is_narrowed: bool,
    count: String,
    groups: Vec<Group>,
    next: Option<String>,
}

impl List {
    fn without_language(&self) -> &str {
        &self.address
    }
}

#[derive(Deserialize)]
pub(super) struct After {
    cursor: Option<String>,
}

/// What an address asks for, ready for another pair: `q=…&`.
fn address(search: &Search, event: Option<&str>) -> String {
    let encoded =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let pairs = [
        ("q", search.q.as_deref()),
        ("needs", search.needs.as_deref()),
        ("has", search.has.as_deref()),
        ("event", event),
    ];
    let pairs = pairs.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
    pairs.map(|(name, value)| format!("{name}={}&", encoded(value))).collect()
}

pub(super) async fn list(
    State(store): State<Arc<Store>>,
    Query(choice): Query<Choice>,
    Query(search): Query<Search>,
    Query(After { cursor }): Query<After>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let drawn = draw(&store, &search, cursor.as_deref(), language).await;
    choice.remember(drawn.unwrap_or_else(|not_done| problem_page(not_done, language)))
}

async fn draw(store: &Store, search: &Search, cursor: Option<&str>, language: Language) -> Result<Response, NotDone> {
    let wanted = search.wanted()?;
    let (found, events) = catalogue::find(store, &wanted).await?;
    let chosen = wanted.glaze.map(Glaze::as_str);
    let is_narrowed = wanted != Wanted::default();
    let events = Glaze::ALL.into_iter().filter_map(|glaze| {
        let count = events.iter().find(|event| event.glaze == glaze.as_str())?.services;
        Some(Event {
            glaze: glaze.to_string(),
            name: Language::pick(life_event(glaze), language),
            count,
            href: format!("/services?{}", address(search, Some(glaze.as_str())).trim_end_matches('&')),
            chosen: chosen == Some(glaze.as_str()),
        })
    });
    let (groups, next) = if is_narrowed || cursor.is_some() {
        let rest = found.iter().filter(|found| cursor.is_none_or(|after| found.key.as_str() > after));
        let page: Vec<&Found> = rest.take(A_PAGE + 1).collect();
        let shown = page.get(..A_PAGE.min(page.len())).unwrap_or_default();
        let next = shown.last().filter(|_| page.len() > A_PAGE);
        let next = next.map(|last| format!("/services?{}cursor={}", address(search, chosen), last.key));
        let lines: Vec<_> = shown.iter().map(|found| Line::new(&found.service, language)).collect();
        let group = Group { glaze: String::new(), name: "", more: None, lines };
        (if group.lines.is_empty() { Vec::new() } else { vec![group] }, next)
    } else {
        (Glaze::ALL.into_iter().filter_map(|glaze| group(&found, glaze, language)).collect(), None)
    };
    shown(&List {
        words: language.catalogue_words(),
        language,
        sheets: assets::sheets(),
        address: address(search, chosen),
        asked: search.q.clone().unwrap_or_default(),
        event: chosen.unwrap_or_default().to_owned(),
        needs: needs(wanted.needs, language),
        has: search.has.clone().unwrap_or_default(),
        events: events.collect(),
        is_narrowed,
        count: language.services_found(found.len()),
        groups,
        next,
    })
}

fn group(found: &[Found], glaze: Glaze, language: Language) -> Option<Group> {
    let its: Vec<_> = found.iter().filter(|found| found.service.glaze == glaze.as_str()).collect();
    let mut lines: Vec<_> = its.iter().take(AT_FIRST).map(|found| Line::new(&found.service, language)).collect();
    lines.sort_by(|one, other| one.name.cmp(&other.name));
    (!lines.is_empty()).then(|| Group {
        glaze: glaze.to_string(),
        name: Language::pick(life_event(glaze), language),
        more: (its.len() > AT_FIRST).then(|| language.all_of_them(its.len())),
        lines,
    })
}

fn needs(wanted: Option<Needs>, language: Language) -> Vec<Chosen> {
    let words = language.catalogue_words();
    let any = Chosen { value: "", label: words.any_terminal.to_owned(), chosen: wanted.is_none() };
    let one = |needs: Needs| Chosen {
        value: needs.as_str(),
        label: match needs {
            Needs::Nothing => words.everywhere.to_owned(),
            Needs::Part(part) => language.needs_part(part.as_str()).1,
        },
        chosen: wanted == Some(needs),
    };
    [any].into_iter().chain(Needs::all().map(one)).collect()
}

struct May {
    does: String,
    hosts: String,
    reason: String,
}

struct News {
    version: String,
    day: String,
    is_now: bool,
    lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "service.html")]
struct One {
    words: &'static CatalogueWords,
    language: Language,
    sheets: [String; 2],
    app: AppId,
    name: String,
    initial: String,
    description: String,
    department: String,
    glaze: String,
    event: &'static str,
    has_icon: bool,
    halted: bool,
    everywhere: bool,
    version: String,
    since: String,
    permissions: Vec<May>,
    places: Vec<(&'static str, String)>,
    news: Vec<News>,
}

impl One {
    fn without_language(&self) -> &'static str {
        ""
    }
}

#[derive(Template)]
#[template(path = "service_none.html")]
struct Nothing {
    words: &'static CatalogueWords,
    language: Language,
    sheets: [String; 2],
    title: &'static str,
    text: &'static str,
    class: String,
}

impl Nothing {
    fn without_language(&self) -> &'static str {
        ""
    }
}

pub(super) async fn show(
    State(store): State<Arc<Store>>,
    Path(app): Path<String>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let drawn = draw_one(&store, &app, language).await.or_else(|not_done| nothing(not_done, language));
    choice.remember(drawn.unwrap_or_else(|not_done| problem_page(not_done, language)))
}

/// The page for a service that is not there, or not any more.
fn nothing(not_done: NotDone, language: Language) -> Result<Response, NotDone> {
    let words = language.catalogue_words();
    let NotDone::Refused(problem) = not_done else { return Err(not_done) };
    let (title, text) = match problem.status {
        410 => (words.off, words.off_text),
        404 => (words.none, words.none_text),
        _ => return Err(NotDone::Refused(problem)),
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::NOT_FOUND);
    let page = Nothing { words, language, sheets: assets::sheets(), title, text, class: problem.class };
    Ok((status, shown(&page)?).into_response())
}

async fn draw_one(store: &Store, app: &str, language: Language) -> Result<Response, NotDone> {
    let detail = catalogue::detail(store, app).await?;
    let line = Line::new(&detail.service, language);
    let words = language.catalogue_words();
    let glaze = Glaze::ALL.into_iter().find(|glaze| glaze.as_str() == detail.service.glaze).unwrap_or_default();
    let mut places: Vec<_> = detail.service.requires.iter().map(|part| language.needs_part(part)).collect();
    places.extend(detail.device_types.iter().map(|kind| ("terminal", kind.clone())));
    if places.is_empty() {
        places.push(("terminal", words.everywhere.to_owned()));
    }
    let last = detail.news.len().saturating_sub(1);
    let news = detail.news.iter().enumerate();
    shown(&One {
        words,
        language,
        sheets: assets::sheets(),
        app: line.app,
        name: line.name,
        initial: line.initial,
        description: line.description,
        department: line.department,
        glaze: line.glaze,
        event: Language::pick(life_event(glaze), language),
        has_icon: line.has_icon,
        halted: line.halted,
        everywhere: detail.everywhere,
        version: detail.service.version.name,
        since: look::day(detail.service.released_at_ms),
        permissions: detail.permissions.iter().map(|asked| may(asked, language)).collect(),
        places,
        news: news.map(|(at, news)| told(news, at == 0, at == last, language)).collect(),
    })
}

fn may(asked: &ServicePermission, language: Language) -> May {
    let hosts = asked.scope.members().get("domains").and_then(|hosts| hosts.as_array());
    let hosts: Vec<_> = hosts.into_iter().flatten().filter_map(|host| host.as_str()).collect();
    let text = |texts: &Texts| look::localized(texts, language).to_owned();
    May { does: text(&asked.does), hosts: hosts.join(", "), reason: text(&asked.reasons) }
}

fn told(news: &ServiceNews, is_now: bool, is_first: bool, language: Language) -> News {
    let words = language.catalogue_words();
    let does =
        |name: &str| plainly(name).map_or_else(|| name.to_owned(), |does| Language::pick(does, language).to_owned());
    let kind = match (is_first, news.kind) {
        (true, _) => Some(words.first),
        (_, SubmissionKind::Revert) => Some(words.went_back),
        (_, SubmissionKind::Recall) => Some(words.taken_back),
        (_, SubmissionKind::Package | SubmissionKind::Unknown) => None,
    };
    let is_recall = news.kind == SubmissionKind::Recall;
    let changes = !is_first && !is_recall;
    let mut lines: Vec<String> = kind.into_iter().map(str::to_owned).collect();
    if changes {
        lines.extend(news.may.iter().map(|name| language.newly(&does(name.as_str()))));
        lines.extend(news.no_longer.iter().map(|name| language.no_longer(&does(name.as_str()))));
        if news.may.is_empty() && news.no_longer.is_empty() {
            lines.push(words.same.to_owned());
        }
    }
    News { version: news.version.name.clone(), day: look::day(news.released_at_ms), is_now, lines }
}

#[derive(Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    reason: String,
}

pub(super) async fn delist(
    State(store): State<Arc<Store>>,
    Path(app): Path<String>,
    headers: HeaderMap,
    Form(Reason { reason }): Form<Reason>,
) -> Response {
    put(&store, &headers, &app, &reason, true).await
}

pub(super) async fn list_again(
    State(store): State<Arc<Store>>,
    Path(app): Path<String>,
    headers: HeaderMap,
    Form(Reason { reason }): Form<Reason>,
) -> Response {
    put(&store, &headers, &app, &reason, false).await
}

async fn put(store: &Store, headers: &HeaderMap, app: &str, reason: &str, is_off: bool) -> Response {
    sent(store, headers, async |session, _| {
        let app_id: AppId = app.parse().map_err(|_| catalogue::problems::no_such_service(app))?;
        let by = Actor::Person(&session.person);
        if is_off {
            catalogue::delist(store, by, &app_id, reason).await?;
        } else {
            catalogue::list_again(store, by, &app_id, reason).await?;
        }
        back_to(&format!("/releases/{app_id}/stable"))
    })
    .await
}
