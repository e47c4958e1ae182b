//! The people whom somebody looks after, and what can be done about them.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use guichet_api::PersonRole;
use guichet_contract::Department;
use serde::Deserialize;

use super::{
    account::{PasskeyRow, SessionRow, TokenRow, passkey_rows, session_rows, token_rows},
    frame::{Choice, Frame, Place, back_to, sent, shown, signed_in},
    look,
    words::Language,
};
use crate::{
    database::{departments::DepartmentRecord, people::MemberRecord},
    error::NotDone,
    http::Session,
    organisation,
    people::{self, Actor, NewInvitation, Team, problems},
    store::Store,
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

struct MemberRow {
    id: String,
    name: String,
    role: &'static str,
    department: String,
    since: String,
    left: Option<String>,
}

struct InvitationRow {
    id: String,
    name: String,
    role: &'static str,
    department: String,
    by: String,
    until: String,
}

struct DepartmentRow {
    name: String,
    prefixes: Vec<String>,
    keys: Vec<(String, bool)>,
}

/// A choice of a form.
struct Item {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "members.html")]
struct Page {
    frame: Frame,
    summary: String,
    rows: Vec<MemberRow>,
    invitations: Vec<InvitationRow>,
    departments: Vec<DepartmentRow>,
    roles: Vec<Item>,
    choices: Vec<Item>,
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
    let team = people::team(store, &session.person).await?;
    let frame = Frame::of(store, session.person, language, Place::Members).await?;
    let names = Names { team: &team, language };
    let here = team.members.iter().filter(|member| member.left_at_ms.is_none()).count();
    let mut rows: Vec<MemberRow> = team.members.iter().map(|member| names.member(member)).collect();
    rows.sort_by_key(|row| row.left.is_some());
    let roles = PersonRole::ALL.into_iter().filter(|role| frame.person.department.is_none() || role.has_department());
    let mut choices: Vec<Item> = team.departments.iter().map(|record| names.choice(record)).collect();
    if frame.person.department.is_none() {
        let label = frame.people.no_department.to_owned();
        choices.insert(0, Item { value: String::new(), label, chosen: false });
    }
    shown(&Page {
        summary: language.people_count(here, team.invitations.len()),
        rows,
        invitations: names.invitations(frame.people.at_the_store),
        departments: team.departments.iter().map(|record| names.row(record)).collect(),
        roles: items(roles, None, language),
        choices,
        frame,
    })
}

fn items(roles: impl Iterator<Item = PersonRole>, now: Option<PersonRole>, language: Language) -> Vec<Item> {
    let item = |role: PersonRole| Item {
        value: role.to_string(),
        label: language.role(role).to_owned(),
        chosen: now == Some(role),
    };
    roles.map(item).collect()
}

/// Names of people and departments in one language.
struct Names<'a> {
    team: &'a Team,
    language: Language,
}

impl Names<'_> {
    fn department(&self, id: Option<&Department>) -> String {
        let known = |id: &Department| {
            let record = self.team.departments.iter().find(|record| record.id == *id);
            record.map_or_else(|| id.to_string(), |record| record.name(self.language == Language::Chinese).to_owned())
        };
        id.map(known).unwrap_or_default()
    }

    fn member(&self, member: &MemberRecord) -> MemberRow {
        let person = &member.person;
        MemberRow {
            id: person.id.clone(),
            name: person.name.clone(),
            role: self.language.role(person.role),
            department: self.department(person.department.as_ref()),
            since: look::time(member.created_at_ms),
            left: member.left_at_ms.map(look::time),
        }
    }

    fn invitations(&self, at_the_store: &str) -> Vec<InvitationRow> {
        let by = |id: &str| self.team.members.iter().find(|member| member.person.id == id);
        let row = |open: &crate::database::invitations::InvitationRecord| InvitationRow {
            id: open.id.clone(),
            name: open.name.clone(),
            role: self.language.role(open.role),
            department: self.department(open.department.as_ref()),
            by: match open.invited_by.as_deref() {
                Some(id) => by(id).map_or_else(|| "–".to_owned(), |member| member.person.name.clone()),
                None => at_the_store.to_owned(),
            },
            until: look::time(open.expires_at_ms),
        };
        self.team.invitations.iter().map(row).collect()
    }

    fn choice(&self, record: &DepartmentRecord) -> Item {
        let label = record.name(self.language == Language::Chinese).to_owned();
        Item { value: record.id.to_string(), label, chosen: false }
    }

    fn row(&self, record: &DepartmentRecord) -> DepartmentRow {
        DepartmentRow {
            name: record.name(self.language == Language::Chinese).to_owned(),
            prefixes: record.prefixes.iter().map(ToString::to_string).collect(),
            keys: record.publishers.iter().map(|it| (it.key.to_string(), it.revoked)).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "member.html")]
struct MemberPage {
    frame: Frame,
    row: MemberRow,
    is_self: bool,
    roles: Vec<Item>,
    sessions: Vec<SessionRow>,
    tokens: Vec<TokenRow>,
    passkeys: Vec<PasskeyRow>,
    has_organisation: bool,
    subject: Option<String>,
}

pub(super) async fn member(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Response {
    let language = choice.language(&headers);
    let drawn = signed_in(&store, &headers, language, async |session| one(&store, session, &id, language).await);
    choice.remember(drawn.await)
}

async fn one(store: &Store, session: Session, id: &str, language: Language) -> Result<Response, NotDone> {
    let team = people::team(store, &session.person).await?;
    let found = team.members.iter().find(|member| member.person.id == id);
    let member = found.ok_or_else(|| problems::no_such_person(id))?;
    let sessions = match member.left_at_ms {
        None => people::signed_in(store, Actor::Person(&session.person), id).await?,
        Some(_) => Vec::new(),
    };
    let tokens = match member.left_at_ms {
        None => people::tokens_of(store, Actor::Person(&session.person), id).await?,
        Some(_) => Vec::new(),
    };
    let role = member.person.role;
    let roles = PersonRole::ALL.into_iter().filter(|other| other.has_department() == role.has_department());
    shown(&MemberPage {
        row: Names { team: &team, language }.member(member),
        is_self: session.person.id == id,
        roles: items(roles, Some(role), language),
        sessions: session_rows(&sessions, &session.id, language),
        passkeys: match member.left_at_ms {
            None => passkey_rows(store, &session.person, id).await?,
            Some(_) => Vec::new(),
        },
        tokens: token_rows(&tokens, language),
        has_organisation: store.organisation.is_some(),
        subject: match member.left_at_ms {
            None => organisation::linked(store, Actor::Person(&session.person), id).await?.map(|it| it.subject),
            Some(_) => None,
        },
        frame: Frame::of(store, session.person, language, Place::Members).await?,
    })
}

#[derive(Deserialize)]
pub(super) struct InvitationForm {
    name: String,
    role: String,
    #[serde(default)]
    department: String,
    days: String,
}

/// A secret that is shown this once.
#[derive(Template)]
#[template(path = "secret.html")]
pub(super) struct SecretPage {
    pub(super) frame: Frame,
    pub(super) title: &'static str,
    pub(super) about: String,
    pub(super) label: &'static str,
    pub(super) secret: String,
    pub(super) next: String,
}

pub(super) async fn invite(
    State(store): State<Arc<Store>>,
    headers: HeaderMap,
    Form(form): Form<InvitationForm>,
) -> Response {
    sent(&store, &headers, async |session, language| {
        let role = form.role.parse().map_err(|_| problems::not_the_form("role"))?;
        let department = match form.department.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| problems::not_the_form("department"))?),
        };
        let days: u64 = form.days.trim().parse().map_err(|_| problems::not_the_form("number of days"))?;
        let new = NewInvitation { name: form.name, role, department, lasts_ms: days.saturating_mul(DAY_MS) };
        let (open, secret) = people::invite(&store, Actor::Person(&session.person), new).await?;
        let frame = Frame::of(&store, session.person, language, Place::Members).await?;
        shown(&SecretPage {
            title: frame.people.invitation_made,
            about: format!(
                "{} · {} · {} {}",
                open.name,
                language.role(open.role),
                frame.people.valid_until,
                look::time(open.expires_at_ms)
            ),
            label: frame.people.address,
            secret: people::address(&store, &secret),
            next: "/members".to_owned(),
            frame,
        })
    })
    .await
}

pub(super) async fn withdraw(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, _| {
        people::withdraw(&store, Actor::Person(&session.person), &id).await?;
        back_to("/members")
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct RoleForm {
    role: String,
}

pub(super) async fn role(
    State(store): State<Arc<Store>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<RoleForm>,
) -> Response {
    sent(&store, &headers, async |session, _| {
        let role = form.role.parse().map_err(|_| problems::not_the_form("role"))?;
        people::change_role(&store, Actor::Person(&session.person), &id, role).await?;
        back_to(&format!("/members/{id}"))
    })
    .await
}

pub(super) async fn leave(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    sent(&store, &headers, async |session, _| {
        people::let_go(&store, Actor::Person(&session.person), &id).await?;
        back_to("/members")
    })
    .await
}
