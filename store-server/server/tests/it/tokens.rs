//! Tokens for machines: what they may, where, how long, and who ends them.

use axum::http::{Method, StatusCode};
use guichet_api::paths;
use guichet_store::{
    access::Action,
    database::people,
    people::{Actor, NewToken, change_role, let_go, make_token},
};

use crate::{
    console::{page, post, sign_in},
    house::{House, publisher, told},
    members::{id_of, outcome, shown},
    packages::App,
};

const APP: &str = "gov.example.residence.permit";

async fn token(
    house: &House,
    name: &str,
    actions: &[Action],
    department: Option<&str>,
    days: u64,
) -> Result<String, String> {
    let found = people::by_name(&mut house.store.database.read().await.unwrap(), name).await.unwrap();
    let person = found.unwrap().person;
    let department = department.map(|id| id.parse().unwrap());
    let new = NewToken { name: "nightly build".to_owned(), actions: actions.to_vec(), department, days };
    make_token(&house.store, Actor::Machine, &person, new)
        .await
        .map(|(_, secret)| secret.reveal().to_owned())
        .map_err(told)
}

#[tokio::test]
async fn a_token_does_what_it_is_for_and_nothing_else() {
    let house = House::open().await;
    let package = App::new(APP).sealed(&publisher());
    let hands_in = token(&house, "dev", &[Action::Submit], None, 90).await.unwrap();
    let submission = house.caller(&hands_in).submit(&package).await.unwrap();
    assert_eq!(submission.submitted_by, "dev", "in the name of its person");
    let class = async |token: &str, method: Method, path: &str, body: &str| {
        let answer = house.caller(token).call(method, path, "application/json", body.to_owned()).await;
        let class = serde_json::from_slice::<guichet_api::Problem>(&answer.body).map(|problem| problem.class);
        format!("{} {}", answer.status.as_u16(), class.unwrap_or_default())
    };
    let show = paths::of(paths::SUBMISSION, &submission.id);
    assert_eq!(class(&hands_in, Method::GET, &show, "").await, "403 access/token");
    assert_eq!(class(&hands_in, Method::GET, paths::SUBMISSIONS, "").await, "403 access/token");
    assert_eq!(class(&hands_in, Method::GET, paths::ME, "").await, "200 ");
    let refusal = paths::of(paths::REFUSAL, &submission.id);
    let reads = token(&house, "first", &[Action::Read], None, 90).await.unwrap();
    assert_eq!(class(&reads, Method::GET, &show, "").await, "200 ");
    assert_eq!(class(&reads, Method::POST, &refusal, r#"{"reason":"no"}"#).await, "403 access/token");
    // It acts for its person, so it decides on nothing that they handed in.
    let decides = token(&house, "dev", &[Action::Submit, Action::Review], None, 90).await;
    assert!(decides.unwrap_err().contains("access/role"), "a token may nothing that its person may not");
    assert!(token(&house, "first", &[], None, 90).await.unwrap_err().contains("token/no-actions"));
    assert!(token(&house, "admin", &[Action::Members], None, 90).await.unwrap_err().contains("token/action"));
    assert!(token(&house, "first", &[Action::Read], Some("tax"), 90).await.unwrap_err().contains("access/department"));
    assert!(token(&house, "first", &[Action::Read], None, 367).await.unwrap_err().contains("token/days"));

    let of_tax = token(&house, "operator", &[Action::Read, Action::Stop], Some("tax"), 90).await.unwrap();
    assert_eq!(class(&of_tax, Method::GET, &show, "").await, "403 access/token");
    let all = token(&house, "operator", &[Action::Read], None, 90).await.unwrap();
    assert_eq!(class(&all, Method::GET, &show, "").await, "200 ");
    let list = house.caller(&of_tax).get(paths::SUBMISSIONS).await.text();
    assert!(
        !list.contains(&submission.id)
            && house.caller(&all).get(paths::SUBMISSIONS).await.text().contains(&submission.id)
    );
}

#[tokio::test]
async fn a_token_ends_with_its_time_its_person_and_its_persons_role() {
    let house = House::open().await;
    let status = async |token: &str| house.caller(token).get(paths::SUBMISSIONS).await.status;
    let short = token(&house, "first", &[Action::Read], None, 1).await.unwrap();
    let long = token(&house, "first", &[Action::Read, Action::Review], None, 30).await.unwrap();
    assert_eq!((status(&short).await, status(&long).await), (StatusCode::OK, StatusCode::OK));
    house.store.clock.advance(24 * 60 * 60 * 1000);
    assert_eq!((status(&short).await, status(&long).await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    let id = id_of(&house, "first").await;
    change_role(&house.store, Actor::Machine, &id, guichet_api::PersonRole::Developer).await.unwrap();
    let package = App::new(APP).sealed(&publisher());
    let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
    let refused = house.caller(&long).refuse(&submission.id, "no").await.unwrap_err();
    assert_eq!(refused.class, "access/role", "what its person may no longer do it may not either");
    let_go(&house.store, Actor::Machine, &id).await.unwrap();
    assert_eq!(status(&long).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_is_made_and_revoked_on_pages_is_shown_once_and_opens_no_page() {
    let house = House::open().await;
    let cookie = sign_in(&house, &house.tokens.developer).await;
    let form = "name=nightly+build&submit=on&days=30".to_owned();
    let made = post(&house, "/account/tokens", &cookie, form.clone(), &[]).await;
    let secret = shown(&made, "aria-label=\"Token\">");
    assert!(secret.starts_with("gst_"), "{}", made.text());
    let refused = post(&house, "/account/tokens", &cookie, "name=x&review=on&days=30".to_owned(), &[]).await;
    assert_eq!(outcome(&refused), "403 access/role");
    let account = page(&house, "/account", &cookie, "en").await.text();
    assert!(account.contains("nightly build") && account.contains("Hand in packages") && !account.contains(&secret));
    assert!(!account.contains("name=\"review\""), "no box for what the person may not do");
    let door = post(&house, "/sign-in", "", format!("token={secret}"), &[]).await;
    assert_eq!(door.status, StatusCode::UNAUTHORIZED, "a machine's token opens no console");

    let id = account.split("/tokens/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let path = format!("/tokens/{id}/revocation");
    for token in [&house.tokens.first, &house.tokens.tax_lead, &house.tokens.auditor] {
        let other = sign_in(&house, token).await;
        assert_eq!(post(&house, &path, &other, String::new(), &[]).await.status, StatusCode::FORBIDDEN);
    }
    let lead = sign_in(&house, &house.tokens.lead).await;
    let member = format!("/members/{}", id_of(&house, "dev").await);
    assert!(page(&house, &member, &lead, "en").await.text().contains("nightly build"));
    assert_eq!(outcome(&post(&house, &path, &lead, String::new(), &[]).await), format!("to {member}"));
    assert_eq!(house.caller(&secret).get(paths::ME).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(outcome(&post(&house, &path, &cookie, String::new(), &[]).await), "404 token/not-found");
}
