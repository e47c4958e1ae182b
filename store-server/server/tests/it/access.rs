//! Who is let in: every route, with no token, a wrong one, and each role's.

use axum::http::{Method, StatusCode};
use guichet_api::paths;
use utoipa::openapi::PathItem;

use crate::{
    house::{House, publisher, reviewers},
    packages::App,
};

/// The routes that ask for no token.
const OPEN: [&str; 5] = [
    "/health",
    "/beacons",
    "/terminals/enrolment",
    "/terminals/01939b4e-0000-7000-8000-000000000000/report",
    "/terminals/01939b4e-0000-7000-8000-000000000000/picture",
];

/// Every route of the API with its methods, from the document the router was made with.
fn routes() -> Vec<(Method, String)> {
    let methods = |item: &PathItem| {
        [(Method::GET, item.get.is_some()), (Method::POST, item.post.is_some()), (Method::PUT, item.put.is_some())]
            .into_iter()
            .chain([(Method::DELETE, item.delete.is_some()), (Method::PATCH, item.patch.is_some())])
            .filter_map(|(method, there)| there.then_some(method))
            .collect::<Vec<_>>()
    };
    let document = guichet_store::http::openapi();
    let paths = document.paths.paths.into_iter();
    paths
        .flat_map(|(path, item)| {
            let path = path.strip_prefix(paths::PREFIX).unwrap().to_owned();
            methods(&item).into_iter().map(move |method| (method, path.clone()))
        })
        .collect()
}

#[tokio::test]
async fn every_route_turns_strangers_away() {
    let house = House::open().await;
    let routes = routes();
    assert_eq!(routes.len(), 58, "{routes:?}");
    for (method, path) in routes {
        let path = path
            .replace("{id}", "01939b4e-0000-7000-8000-000000000000")
            .replace("{name}", "x")
            .replace("{app}", "a.b")
            .replace("{channel}", "stable");
        for caller in [house.anonymous(), house.caller("gst_wrong"), house.caller("")] {
            let answer = caller.call(method.clone(), &path, "application/json", "{}").await;
            let expected = match path.as_str() {
                "/health" | "/services" => StatusCode::OK,
                "/services/a.b" | "/services/a.b/icon" => StatusCode::NOT_FOUND,
                open if OPEN.contains(&open) => StatusCode::BAD_REQUEST,
                _ => StatusCode::UNAUTHORIZED,
            };
            assert_eq!(answer.status, expected, "{method} {path}");
            if answer.status == StatusCode::UNAUTHORIZED {
                assert_eq!(answer.header("www-authenticate"), "Bearer");
                assert!(answer.text().contains("access/unknown-token"));
            }
        }
    }
}

/// A house with one submission, and its id.
async fn one_submission() -> (House, String) {
    let house = House::open().await;
    let package = App::new("gov.example.residence.permit").sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    (house, id)
}

/// What somebody is answered: the status, and the class of a refusal.
async fn answered(
    house: &House,
    token: &str,
    (method, path): (Method, &str),
    id: &str,
    body: &'static str,
) -> (u16, String) {
    let answer = house.caller(token).call(method, &paths::of(path, id), "application/json", body).await;
    let refused = serde_json::from_slice::<guichet_api::Problem>(&answer.body);
    (answer.status.as_u16(), refused.map(|problem| problem.class).unwrap_or_default())
}

#[tokio::test]
async fn each_role_does_what_is_its_own() {
    let (house, id) = one_submission().await;
    let mut table = String::new();
    for (name, token) in [
        ("developer", &house.tokens.developer),
        ("reviewer", &house.tokens.first),
        ("lead", &house.tokens.lead),
        ("operator", &house.tokens.operator),
        ("auditor", &house.tokens.auditor),
        ("administrator", &house.tokens.administrator),
        ("other developer", &house.tokens.tax_developer),
        ("other reviewer", &house.tokens.tax_reviewer),
        ("other lead", &house.tokens.tax_lead),
    ] {
        table.push_str(&format!("{name:<16}"));
        // Bodies that are refused later than access is, so that nothing changes.
        for (what, method, path, body) in [
            ("submit", Method::POST, paths::SUBMISSIONS, "x"),
            ("show", Method::GET, paths::SUBMISSION, ""),
            ("package", Method::GET, paths::PACKAGE, ""),
            ("propose", Method::GET, paths::PROPOSAL, ""),
            ("approve", Method::POST, paths::APPROVAL, r#"{"documents":[]}"#),
            ("refuse", Method::POST, paths::REFUSAL, r#"{"reason":"x"}"#),
        ] {
            if ["reviewer", "lead"].contains(&name) && what == "refuse" {
                continue;
            }
            let (status, class) = answered(&house, token, (method, path), &id, body).await;
            table.push_str(&format!(" {what}={status} {class};"));
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table, @r"
    developer        submit=422 container/not-a-zip; show=200 ; package=200 ; propose=403 review/self-approval; approve=403 review/self-approval; refuse=403 review/self-approval;
    reviewer         submit=422 container/not-a-zip; show=200 ; package=200 ; propose=200 ; approve=422 review/wrong-roles;
    lead             submit=422 container/not-a-zip; show=200 ; package=200 ; propose=200 ; approve=422 review/wrong-roles;
    operator         submit=403 access/role; show=200 ; package=200 ; propose=403 access/role; approve=403 access/role; refuse=403 access/role;
    auditor          submit=403 access/role; show=200 ; package=200 ; propose=403 access/role; approve=403 access/role; refuse=403 access/role;
    administrator    submit=403 access/role; show=200 ; package=200 ; propose=403 access/role; approve=403 access/role; refuse=403 access/role;
    other developer  submit=422 container/not-a-zip; show=403 access/department; package=403 access/department; propose=403 access/role; approve=403 access/role; refuse=403 access/role;
    other reviewer   submit=422 container/not-a-zip; show=403 access/department; package=403 access/department; propose=403 access/department; approve=403 access/department; refuse=403 access/department;
    other lead       submit=422 container/not-a-zip; show=403 access/department; package=403 access/department; propose=403 access/department; approve=403 access/department; refuse=403 access/department;
    ");
}

#[tokio::test]
async fn each_role_looks_after_what_is_its_own() {
    let (house, id) = one_submission().await;
    let desk = App::new("gov.example.residence.desk").sealed(&publisher());
    let desk = house.caller(&house.tokens.developer).submit(&desk).await.unwrap().id;
    house.caller(&house.tokens.first).approve(&desk, &reviewers()[0]).await.unwrap();
    let mut table = String::new();
    for (name, token) in [
        ("developer", &house.tokens.developer),
        ("reviewer", &house.tokens.first),
        ("lead", &house.tokens.lead),
        ("operator", &house.tokens.operator),
        ("auditor", &house.tokens.auditor),
        ("administrator", &house.tokens.administrator),
        ("other reviewer", &house.tokens.tax_reviewer),
    ] {
        table.push_str(&format!("{name:<15}"));
        // Nothing here changes anything: there is no such person, and no words are no message.
        for (what, method, path, body) in [
            ("claim", Method::GET, paths::CLAIM, ""),
            ("unclaim", Method::POST, paths::UNCLAIM, "{}"),
            ("said", Method::GET, paths::MESSAGES, ""),
            ("say", Method::POST, paths::MESSAGES, r#"{"text":" "}"#),
            ("quarantine", Method::POST, paths::QUARANTINE, r#"{"reason":" "}"#),
            ("free", Method::POST, paths::FREEING, r#"{"reason":" "}"#),
            ("checks", Method::GET, paths::CHECKS, ""),
            ("again", Method::POST, paths::CHECKS, r#"{"name":"secrets"}"#),
            ("journeys", Method::POST, paths::JOURNEYS, r#"{"files":{}}"#),
            ("pictures", Method::GET, paths::PICTURES, ""),
            ("apps", Method::GET, paths::APPS, ""),
            ("events", Method::GET, "/apps/gov.example.residence.desk/stable/events", ""),
            ("delist", Method::POST, "/services/gov.example.residence.desk/delisting", r#"{"reason":" "}"#),
            ("list", Method::POST, "/services/gov.example.residence.desk/listing", r#"{"reason":" "}"#),
            ("people", Method::GET, paths::PEOPLE, ""),
            ("role", Method::POST, "/people/x/role", r#"{"role":"lead"}"#),
            ("leave", Method::POST, "/people/x/leaving", "{}"),
            ("account", Method::GET, "/people/x/identity", ""),
            ("link", Method::POST, "/people/x/linking", r#"{"subject":"1"}"#),
            ("unlink", Method::POST, "/people/x/unlinking", "{}"),
            ("invited", Method::GET, paths::INVITATIONS, ""),
            (
                "invite",
                Method::POST,
                paths::INVITATIONS,
                r#"{"name":" ","role":"lead","department":"residence","days":1}"#,
            ),
            ("uninvite", Method::POST, "/invitations/x/withdrawal", "{}"),
            ("tokens", Method::GET, paths::TOKENS, ""),
            ("make", Method::POST, paths::TOKENS, r#"{"name":"x","actions":[],"days":1}"#),
            ("revoke", Method::POST, "/tokens/x/revocation", "{}"),
            ("audit", Method::GET, paths::AUDIT, ""),
            ("export", Method::GET, paths::AUDIT_EXPORT, ""),
        ] {
            let (status, _) = answered(&house, token, (method, path), &id, body).await;
            table.push_str(&format!(" {what}={status}"));
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table, @r"
    developer       claim=200 unclaim=403 said=200 say=422 quarantine=403 free=403 checks=200 again=404 journeys=422 pictures=200 apps=200 events=200 delist=403 list=403 people=403 role=403 leave=403 account=403 link=403 unlink=403 invited=403 invite=403 uninvite=403 tokens=200 make=422 revoke=404 audit=403 export=403
    reviewer        claim=200 unclaim=200 said=200 say=422 quarantine=422 free=409 checks=200 again=404 journeys=422 pictures=200 apps=200 events=200 delist=422 list=422 people=403 role=403 leave=403 account=403 link=403 unlink=403 invited=403 invite=403 uninvite=403 tokens=200 make=422 revoke=404 audit=403 export=403
    lead            claim=200 unclaim=200 said=200 say=422 quarantine=422 free=409 checks=200 again=404 journeys=422 pictures=200 apps=200 events=200 delist=422 list=422 people=200 role=404 leave=404 account=404 link=404 unlink=404 invited=200 invite=422 uninvite=404 tokens=200 make=422 revoke=404 audit=200 export=403
    operator        claim=200 unclaim=403 said=200 say=403 quarantine=403 free=403 checks=200 again=403 journeys=403 pictures=200 apps=200 events=200 delist=422 list=422 people=403 role=403 leave=403 account=403 link=403 unlink=403 invited=403 invite=403 uninvite=403 tokens=200 make=422 revoke=404 audit=403 export=403
    auditor         claim=200 unclaim=403 said=200 say=403 quarantine=403 free=403 checks=200 again=403 journeys=403 pictures=200 apps=200 events=200 delist=403 list=403 people=403 role=403 leave=403 account=403 link=403 unlink=403 invited=403 invite=403 uninvite=403 tokens=200 make=422 revoke=404 audit=200 export=200
    administrator   claim=200 unclaim=403 said=200 say=403 quarantine=403 free=403 checks=200 again=403 journeys=403 pictures=200 apps=200 events=200 delist=422 list=422 people=200 role=404 leave=404 account=404 link=404 unlink=404 invited=200 invite=422 uninvite=404 tokens=200 make=422 revoke=404 audit=200 export=200
    other reviewer  claim=403 unclaim=403 said=403 say=403 quarantine=403 free=403 checks=403 again=403 journeys=403 pictures=403 apps=200 events=403 delist=403 list=403 people=403 role=403 leave=403 account=403 link=403 unlink=403 invited=403 invite=403 uninvite=403 tokens=200 make=422 revoke=404 audit=403 export=403
    ");
}

#[tokio::test]
async fn who_has_a_passkey_looks_after_people_at_the_console() {
    let house = House::open().await.with_a_secure_name().await;
    let mut change = house.store.database.change().await.unwrap();
    let found = guichet_store::database::people::by_name(&mut change, "lead").await.unwrap().unwrap();
    let record = guichet_store::database::passkeys::PasskeyRecord {
        id: "k".to_owned(),
        person: found.person.id,
        name: "phone".to_owned(),
        public_key: vec![4],
        counter: 0,
        created_at_ms: 0,
    };
    let body = r#"{"name":"New","role":"developer","department":"residence","days":1}"#;
    guichet_store::database::passkeys::insert(&mut change, &record).await.unwrap();
    guichet_store::database::commit(change).await.unwrap();
    let lead = house.caller(&house.tokens.lead);
    let answer = lead.call(Method::POST, paths::INVITATIONS, "application/json", body).await;
    assert!(answer.text().contains("access/passkey"), "{}", answer.text());
    assert_eq!(lead.get(paths::PEOPLE).await.status, StatusCode::OK);
    let admin = house.caller(&house.tokens.administrator);
    let made = admin.call(Method::POST, paths::INVITATIONS, "application/json", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert!(made.text().contains("/join?invitation=gst_"), "{}", made.text());
}

#[tokio::test]
async fn nobody_decides_on_their_own_submission_whatever_their_role() {
    let house = House::open().await;
    let own = |problem: guichet_api::Problem| (problem.status, problem.class);
    let expected = (403, "review/self-approval".to_owned());
    // A developer's token and a reviewer's: the same answer, before any other reason.
    for (token, code) in [(&house.tokens.developer, 1), (&house.tokens.first, 2)] {
        let caller = house.caller(token);
        let package = App::new("gov.example.residence.permit").version(code).sealed(&publisher());
        let id = caller.submit(&package).await.unwrap().id;
        assert_eq!(own(caller.proposal(&id).await.unwrap_err()), expected);
        assert_eq!(own(caller.refuse(&id, "no").await.unwrap_err()), expected);
        let proposal = house.caller(&house.tokens.second).proposal(&id).await.unwrap();
        let approval = crate::people::signed(&proposal, &reviewers()[0]);
        assert_eq!(own(caller.post_approval(&id, &approval).await.unwrap_err()), expected);
    }
}

#[tokio::test]
async fn a_token_says_who_it_stands_for() {
    let house = House::open().await;
    let me = house.caller(&house.tokens.first).get(paths::ME).await;
    let me: guichet_api::Me = serde_json::from_slice(&me.body).unwrap();
    assert_eq!(
        (me.name.as_str(), me.role.as_str(), me.department.unwrap().as_str()),
        ("first", "reviewer", "residence")
    );
}

#[tokio::test]
async fn a_new_token_ends_the_old_one() {
    let house = House::open().await;
    let token =
        guichet_store::commands::replace_token(&house.store, "first").await.map_err(crate::house::told).unwrap();
    assert_eq!(house.caller(&house.tokens.first).get(paths::ME).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.caller(token.reveal()).get(paths::ME).await.status, StatusCode::OK);
}
