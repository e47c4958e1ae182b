//! People, invitations and tokens: each route parses, calls one verb, answers.
//!
//! Who looks after people with a passkey does so at the console, where it is asked for: their token alone changes nobody.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{OriginalUri, Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use guichet_api::{
    Identity, Invitation, InvitationList, Invite, MakeToken, Member, MemberList, NewIdentity, NewInvitation, NewRole,
    NewToken, Problem, Token, TokenAction, TokenList, paths,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    once::ShownOnce,
    page::{Asked, Order},
    reader::{JsonBody, Narrowed},
};
use crate::{
    access::{Action, Denied},
    database::{
        invitations::InvitationRecord,
        passkeys,
        people::{MemberRecord, Person},
        tokens::TokenRecord,
    },
    error::NotDone,
    organisation::{self, Subject},
    people::{self, Actor, problems},
    problems::denied,
    store::Store,
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

pub(super) fn routes() -> OpenApiRouter<Arc<Store>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(role))
        .routes(routes!(leave))
        .routes(routes!(identity))
        .routes(routes!(link))
        .routes(routes!(unlink))
        .routes(routes!(invitations, invite))
        .routes(routes!(withdraw))
        .routes(routes!(tokens, make))
        .routes(routes!(revoke))
}

/// Refuses a token where its person has a passkey to use instead.
async fn by_token_alone(store: &Store, person: &Person) -> Result<(), NotDone> {
    let all = passkeys::of(&mut *store.database.read().await?, &person.id).await?;
    if store.passkeys.are_possible() && !all.is_empty() {
        Err(problems::passkey_at_the_console().into())
    } else {
        Ok(())
    }
}

fn member(record: MemberRecord) -> Member {
    Member {
        id: record.person.id,
        name: record.person.name,
        role: record.person.role,
        department: record.person.department,
        since_ms: record.created_at_ms,
        left_at_ms: record.left_at_ms,
    }
}

async fn one(store: &Store, person: &Person, id: &str) -> Result<Member, NotDone> {
    let found = people::team(store, person).await?.members.into_iter().find(|member| member.person.id == id);
    Ok(member(found.ok_or_else(|| problems::no_such_person(id))?))
}

/// Whom you look after, newest first; also those who have left.
#[utoipa::path(get, path = paths::PEOPLE, tag = "people",
    responses(
        (status = 200, body = MemberList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list(
    State(store): State<Arc<Store>>,
    person: Person,
    Narrowed(asked): Narrowed<Asked>,
    uri: OriginalUri,
) -> Result<Response, NotDone> {
    let mut all: Vec<Member> = people::team(&store, &person).await?.members.into_iter().map(member).collect();
    all.sort_by(|one, other| other.id.cmp(&one.id));
    let page = asked.of(all, Order::Falling, |member| member.id.clone())?;
    Ok(page.answered(&uri, |items| MemberList { items }))
}

/// One of them.
#[utoipa::path(get, path = paths::PERSON, tag = "people", params(("id" = String, Path)),
    responses(
        (status = 200, body = Member),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn show(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Member>, NotDone> {
    Ok(Json(one(&store, &person, &id).await?))
}

/// Gives somebody another role.
#[utoipa::path(post, path = paths::ROLE, tag = "people", params(("id" = String, Path)), request_body = NewRole,
    responses(
        (status = 200, body = Member),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn role(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    JsonBody(NewRole { role }): JsonBody<NewRole>,
) -> Result<Json<Member>, NotDone> {
    one(&store, &person, &id).await?;
    by_token_alone(&store, &person).await?;
    people::change_role(&store, Actor::Person(&person), &id, role).await?;
    Ok(Json(one(&store, &person, &id).await?))
}

/// Lets somebody go: all that opens a door to them ends at once.
#[utoipa::path(post, path = paths::LEAVING, tag = "people", params(("id" = String, Path)),
    responses(
        (status = 200, body = Member),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ))]
async fn leave(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Member>, NotDone> {
    one(&store, &person, &id).await?;
    by_token_alone(&store, &person).await?;
    people::let_go(&store, Actor::Person(&person), &id).await?;
    Ok(Json(one(&store, &person, &id).await?))
}

/// The account at the organisation to which somebody is linked: you, or somebody you look after.
#[utoipa::path(get, path = paths::IDENTITY, tag = "people", params(("id" = String, Path)),
    responses(
        (status = 200, body = Identity),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn identity(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Identity>, NotDone> {
    if person.id != id {
        one(&store, &person, &id).await?;
    }
    let linked = organisation::linked(&store, Actor::Person(&person), &id).await?;
    let Subject { issuer, subject } = linked.ok_or_else(organisation::problems::no_account)?;
    Ok(Json(Identity { issuer, subject }))
}

/// Links somebody you look after to their account at the organisation, in the place of the one before.
#[utoipa::path(post, path = paths::LINKING, tag = "people", params(("id" = String, Path)), request_body = NewIdentity,
    responses(
        (status = 200, body = Identity),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn link(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
    JsonBody(NewIdentity { subject }): JsonBody<NewIdentity>,
) -> Result<Json<Identity>, NotDone> {
    one(&store, &person, &id).await?;
    by_token_alone(&store, &person).await?;
    organisation::link(&store, Actor::Person(&person), &id, &subject).await?;
    identity(State(store), person, Path(id)).await
}

/// Ends what links somebody to an account at the organisation.
#[utoipa::path(post, path = paths::UNLINKING, tag = "people", params(("id" = String, Path)),
    responses(
        (status = 200, body = Member),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ))]
async fn unlink(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Member>, NotDone> {
    let member = one(&store, &person, &id).await?;
    by_token_alone(&store, &person).await?;
    organisation::unlink(&store, Actor::Person(&person), &id).await?;
    Ok(Json(member))
}

fn invitation(record: InvitationRecord) -> Invitation {
    Invitation {
        id: record.id,
        name: record.name,
        role: record.role,
        department: record.department,
        expires_at_ms: record.expires_at_ms,
    }
}

/// Who has not joined yet, newest first.
#[utoipa::path(get, path = paths::INVITATIONS, tag = "people",
    responses(
        (status = 200, body = InvitationList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ))]
async fn invitations(
    State(store): State<Arc<Store>>,
    person: Person,
    Narrowed(asked): Narrowed<Asked>,
    uri: OriginalUri,
) -> Result<Response, NotDone> {
    let open = people::team(&store, &person).await?.invitations;
    let mut all: Vec<Invitation> = open.into_iter().map(invitation).collect();
    all.sort_by(|one, other| other.id.cmp(&one.id));
    let page = asked.of(all, Order::Falling, |invitation| invitation.id.clone())?;
    Ok(page.answered(&uri, |items| InvitationList { items }))
}

/// Invites somebody. The address to join at is answered this once and kept nowhere.
#[utoipa::path(post, path = paths::INVITATIONS, tag = "people", request_body = Invite,
    responses(
        (status = 201, body = NewInvitation),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn invite(
    State(store): State<Arc<Store>>,
    person: Person,
    JsonBody(new): JsonBody<Invite>,
) -> Result<Response, NotDone> {
    Actor::Person(&person).check(Action::Members, new.department.as_ref())?;
    by_token_alone(&store, &person).await?;
    let lasts_ms = new.days.saturating_mul(DAY_MS);
    let new = people::NewInvitation { name: new.name, role: new.role, department: new.department, lasts_ms };
    let (record, secret) = people::invite(&store, Actor::Person(&person), new).await?;
    let made = NewInvitation { invitation: invitation(record), address: people::address(&store, &secret) };
    Ok((StatusCode::CREATED, Extension(ShownOnce), Json(made)).into_response())
}

/// Takes an invitation back.
#[utoipa::path(post, path = paths::INVITATION_WITHDRAWAL, tag = "people", params(("id" = String, Path)),
    responses(
        (status = 200, body = Invitation),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn withdraw(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Invitation>, NotDone> {
    people::team(&store, &person).await?;
    by_token_alone(&store, &person).await?;
    Ok(Json(invitation(people::withdraw(&store, Actor::Person(&person), &id).await?)))
}

fn shown(action: Action) -> Option<TokenAction> {
    Some(match action {
        Action::Read => TokenAction::Read,
        Action::Submit => TokenAction::Submit,
        Action::Review => TokenAction::Review,
        Action::Stop => TokenAction::Stop,
        Action::Audit => TokenAction::Audit,
        Action::Members | Action::Terminals => return None,
    })
}

fn token(record: TokenRecord) -> Token {
    Token {
        id: record.id,
        name: record.name,
        actions: record.limits.actions.iter().filter_map(|action| shown(*action)).collect(),
        department: record.limits.department,
        created_at_ms: record.created_at_ms,
        expires_at_ms: record.expires_at_ms,
    }
}

/// A machine makes no tokens, nor does it look at or end any: it would outlive its own.
fn not_a_machine(person: &Person) -> Result<(), NotDone> {
    match person.limits {
        Some(_) => Err(denied(Denied::Token, person.role, None).into()),
        None => Ok(()),
    }
}

/// Your tokens for machines, newest first.
#[utoipa::path(get, path = paths::TOKENS, tag = "people",
    responses(
        (status = 200, body = TokenList),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ))]
async fn tokens(
    State(store): State<Arc<Store>>,
    person: Person,
    Narrowed(asked): Narrowed<Asked>,
    uri: OriginalUri,
) -> Result<Response, NotDone> {
    not_a_machine(&person)?;
    let held = people::tokens_of(&store, Actor::Person(&person), &person.id).await?;
    let mut all: Vec<Token> = held.into_iter().map(token).collect();
    all.sort_by(|one, other| other.id.cmp(&one.id));
    Ok(asked.of(all, Order::Falling, |token| token.id.clone())?.answered(&uri, |items| TokenList { items }))
}

/// Makes a token for a machine of yours. It is answered this once and kept nowhere.
#[utoipa::path(post, path = paths::TOKENS, tag = "people", request_body = MakeToken,
    responses(
        (status = 201, body = NewToken),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ))]
async fn make(
    State(store): State<Arc<Store>>,
    person: Person,
    JsonBody(new): JsonBody<MakeToken>,
) -> Result<Response, NotDone> {
    not_a_machine(&person)?;
    by_token_alone(&store, &person).await?;
    let actions = new.actions.into_iter().map(|action| match action {
        TokenAction::Read => Action::Read,
        TokenAction::Submit => Action::Submit,
        TokenAction::Review => Action::Review,
        TokenAction::Stop => Action::Stop,
        TokenAction::Audit => Action::Audit,
    });
    let new =
        people::NewToken { name: new.name, actions: actions.collect(), department: new.department, days: new.days };
    let (record, secret) = people::make_token(&store, Actor::Person(&person), &person, new).await?;
    let made = NewToken { token: token(record), secret: secret.reveal().to_owned() };
    Ok((StatusCode::CREATED, Extension(ShownOnce), Json(made)).into_response())
}

/// Ends a token: one of yours, or of somebody you look after.
#[utoipa::path(post, path = paths::TOKEN_REVOCATION, tag = "people", params(("id" = String, Path)),
    responses(
        (status = 200, body = Token),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
async fn revoke(
    State(store): State<Arc<Store>>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<Token>, NotDone> {
    not_a_machine(&person)?;
    Ok(Json(token(people::revoke_token(&store, Actor::Person(&person), &id).await?)))
}
