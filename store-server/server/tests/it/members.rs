//! People who are invited, join, change and go; and every page of the console with everybody before it.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use guichet_api::{HeldRole, PersonRole, paths};
use guichet_store::{
    access::Action,
    database::people,
    http,
    people::{
        Actor, INVITATION_MS, NewInvitation, NewToken, address, invite, join, let_go, make_token, signed_in, withdraw,
    },
    secret::Secret,
};

use crate::{
    console::{page, post, sign_in},
    house::{Answer, House, publisher, send, told},
    packages::App,
};

pub(crate) async fn id_of(house: &House, name: &str) -> String {
    let found = people::by_name(&mut house.store.database.read().await.unwrap(), name).await.unwrap();
    found.unwrap().person.id
}

fn new(name: &str, role: PersonRole, department: Option<&str>) -> NewInvitation {
    let department = department.map(|id| id.parse().unwrap());
    NewInvitation { name: name.to_owned(), role, department, lasts_ms: INVITATION_MS }
}

/// The secret of the address on a page that shows one.
pub(crate) fn shown(answer: &Answer, marker: &str) -> String {
    let text = answer.text();
    let at = text.find(marker).unwrap_or_else(|| panic!("{marker} in {text}"));
    text[at + marker.len()..]
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
        .next()
        .unwrap()
        .to_owned()
}

/// What a page answers: its status, and the class of what it refuses.
pub(crate) fn outcome(answer: &Answer) -> String {
    let text = answer.text();
    let class = text.split("<span class=\"mono\">").nth(1).and_then(|rest| rest.split('<').next());
    match answer.status {
        StatusCode::SEE_OTHER => format!("to {}", answer.header("location")),
        StatusCode::OK => "page".to_owned(),
        status => format!("{} {}", status.as_u16(), class.unwrap_or_default()),
    }
}

#[tokio::test]
async fn every_page_knows_who_is_before_it() {
    let house = House::open().await;
    let package = App::new("gov.example.residence.permit").sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    let (open, _) =
        invite(&house.store, Actor::Machine, new("Ines", PersonRole::Developer, Some("residence"))).await.unwrap();
    let member = id_of(&house, "second").await;
    sign_in(&house, &house.tokens.second).await;
    let theirs = signed_in(&house.store, Actor::Machine, &member).await.unwrap();
    let session = &theirs[0].id;
    let new = NewToken { name: "build".to_owned(), actions: vec![Action::Read], department: None, days: 1 };
    let token_of = theirs[0].person.clone();
    let (machine, _) = make_token(&house.store, Actor::Machine, &token_of, new).await.unwrap();
    let mut table = String::new();
    for (name, token) in [
        ("nobody", ""),
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
        let cookie = if token.is_empty() { String::new() } else { sign_in(&house, token).await };
        table.push_str(&format!("{name}\n"));
        for (method, path) in http::pages() {
            // Pages for everybody, and what would end the very sign-in that walks along.
            if [
                "/sign-in",
                "/join",
                "/sign-out",
                "/assets/{name}",
                "/account/token",
                "/services",
                "/sign-in/organisation",
            ]
            .contains(path)
                && !cookie.is_empty()
            {
                continue;
            }
            let concrete = match *path {
                "/submissions/{id}"
                | "/submissions/{id}/refusal"
                | "/submissions/{id}/messages"
                | "/submissions/{id}/quarantine"
                | "/submissions/{id}/checks"
                | "/submissions/{id}/now"
                | "/trials/{id}" => path.replace("{id}", &id),
                path if path.starts_with("/services/") => path.replace("{app}", "gov.example.residence.permit"),
                "/submissions/{id}/pictures/{name}" => {
                    path.replace("{id}", &id).replace("{name}", "light.phone.en.pages-home")
                }
                path if path.starts_with("/releases/") => {
                    path.replace("{app}", "gov.example.residence.permit").replace("{channel}", "stable")
                }
                "/invitations/{id}/withdrawal" => path.replace("{id}", &open.id),
                "/tokens/{id}/revocation" => path.replace("{id}", &machine.id),
                "/sessions/{id}/end" => path.replace("{id}", session),
                _ => path.replace("{id}", &member),
            };
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(&concrete);
            let request = request
                .header(header::COOKIE, &cookie)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::HOST, "store.example");
            // Whoever may, takes on what waits.
            if *path == "/queue/next" && ["reviewer", "lead"].contains(&name) {
                continue;
            }
            // Forms that are refused later than access is, so that nothing changes.
            let body = match *path {
                "/submissions/{id}/refusal" | "/submissions/{id}/messages" | "/submissions/{id}/quarantine" => "text=",
                "/members/{id}/role" => "role=auditor",
                "/account/tokens" => "name=x&days=7",
                "/terminals/codes" | "/terminals/{id}/policy" => "policy=x",
                "/terminals/{id}/revocation" => "reason=x",
                "/invitations" => "name=&role=developer&department=residence&days=7",
                "/invitations/{id}/withdrawal"
                | "/members/{id}/leave"
                | "/sessions/{id}/end"
                | "/tokens/{id}/revocation"
                    if ["lead", "administrator"].contains(&name) =>
                {
                    continue;
                }
                _ => "token=gst_wrong&invitation=gst_wrong",
            };
            let answer = send(&house.router, request.body(Body::from(body)).unwrap()).await;
            table.push_str(&format!("  {method:<4} {path:<30} {}\n", outcome(&answer)));
        }
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn an_invitation_lets_one_person_join_once() {
    let house = House::open().await;
    let lead = sign_in(&house, &house.tokens.lead).await;
    let form = "name=Ines+Duarte&role=reviewer&department=residence&days=3".to_owned();
    for days in ["days=0", "days=31"] {
        let refused = post(&house, "/invitations", &lead, form.replace("days=3", days), &[]).await;
        assert_eq!(outcome(&refused), "422 invitation/days", "{days}");
    }
    let body = r#"{"name":"Ines Duarte","role":"reviewer","department":"residence","days":0}"#;
    let refused =
        house.caller(&house.tokens.lead).call(Method::POST, paths::INVITATIONS, "application/json", body).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    let made = post(&house, "/invitations", &lead, form.clone(), &[]).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    let secret = shown(&made, "http://store.example/join?invitation=");
    assert!(secret.starts_with("gst_") && made.text().contains("Ines Duarte"), "{secret}");
    let again = post(&house, "/invitations", &lead, form, &[]).await;
    assert!(outcome(&again).starts_with("409 person/name-taken"), "a name is promised once");
    let list = page(&house, "/members", &lead, "en").await.text();
    assert!(list.contains("Ines Duarte") && !list.contains(&secret), "the list shows whom, and no secret");

    let offer = page(&house, &format!("/join?invitation={secret}"), "", "en").await.text();
    assert!(offer.contains("Ines Duarte") && offer.contains("As Reviewer at Residence Office"), "{offer}");
    let foreign =
        post(&house, "/join", "", format!("invitation={secret}"), &[("origin", "https://evil.example")]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let joined = post(&house, "/join", "", format!("invitation={secret}"), &[("user-agent", "Firefox <b>")]).await;
    assert_eq!(joined.status, StatusCode::OK, "{}", joined.text());
    let token = shown(&joined, "aria-label=\"Your token\">");
    let me: guichet_api::Me = serde_json::from_slice(&house.caller(&token).get(paths::ME).await.body).unwrap();
    assert_eq!(
        (me.name.as_str(), me.role, me.department.unwrap().as_str()),
        ("Ines Duarte", HeldRole::Known(PersonRole::Reviewer), "residence")
    );
    let cookie = joined.header("set-cookie").split(';').next().unwrap().to_owned();
    let account = page(&house, "/account", &cookie, "en").await.text();
    assert!(
        account.contains("Invitation") && account.contains("Firefox &#60;b&#62;") && account.contains("This one"),
        "{account}"
    );

    for answer in [
        page(&house, &format!("/join?invitation={secret}"), "", "en").await,
        post(&house, "/join", "", format!("invitation={secret}"), &[]).await,
        post(&house, "/join", "", "invitation=gst_guess".to_owned(), &[]).await,
        page(&house, "/join", "", "en").await,
    ] {
        assert_eq!(outcome(&answer), "404 invitation/not-valid");
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn an_invitation_runs_out_and_can_be_taken_back() {
    let house = House::open().await;
    let store = &house.store;
    let make = |name: &'static str| invite(store, Actor::Machine, new(name, PersonRole::Operator, None));
    let (_, late) = make("Late").await.unwrap();
    let (open, back) = make("Back").await.unwrap();
    assert_eq!(address(store, &back), format!("http://store.example/join?invitation={}", back.reveal()));
    withdraw(store, Actor::Machine, &open.id).await.unwrap();
    assert!(told(join(store, &back).await.unwrap_err()).contains("invitation/not-valid"));
    assert!(told(withdraw(store, Actor::Machine, &open.id).await.unwrap_err()).contains("invitation/not-found"));
    store.clock.advance(INVITATION_MS);
    assert!(told(join(store, &late).await.unwrap_err()).contains("invitation/not-valid"));
    make("Late").await.unwrap();
}

#[tokio::test]
async fn whoever_leaves_has_no_door_left_and_is_not_forgotten() {
    let house = House::open().await;
    let package = App::new("gov.example.residence.permit").sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    let cookie = sign_in(&house, &house.tokens.developer).await;
    let lead = sign_in(&house, &house.tokens.lead).await;
    let member = id_of(&house, "dev").await;
    let left = post(&house, &format!("/members/{member}/leave"), &lead, String::new(), &[]).await;
    assert_eq!(outcome(&left), "to /members");
    assert_eq!(house.caller(&house.tokens.developer).get(paths::ME).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(outcome(&page(&house, "/", &cookie, "en").await), "to /sign-in");
    let history = page(&house, &format!("/submissions/{id}"), &lead, "en").await.text();
    assert!(history.contains("<b>dev</b>"), "what they did stays theirs");
    let again = let_go(&house.store, Actor::Machine, &member).await.unwrap_err();
    assert!(told(again).contains("person/not-found"));
    let list = page(&house, "/members", &lead, "en").await.text();
    assert!(list.contains("Left 2026-11-23"), "{list}");
}

#[tokio::test]
async fn roles_change_within_a_department_and_nobody_changes_their_own() {
    let house = House::open().await;
    let lead = sign_in(&house, &house.tokens.lead).await;
    let change = async |cookie: &str, name: &str, role: &str| {
        let path = format!("/members/{}/role", id_of(&house, name).await);
        outcome(&post(&house, &path, cookie, format!("role={role}"), &[]).await)
    };
    assert!(change(&lead, "dev", "reviewer").await.starts_with("to /members/"));
    let cookie = sign_in(&house, &house.tokens.developer).await;
    assert!(page(&house, "/account", &cookie, "en").await.text().contains("Reviewer"), "it holds at once");
    assert_eq!(change(&lead, "dev", "administrator").await, "422 person/department");
    assert_eq!(change(&lead, "dev", "king").await, "422 request/form");
    assert_eq!(change(&lead, "lead", "developer").await, "409 person/yourself");
    assert_eq!(change(&lead, "tax dev", "reviewer").await, "403 access/department");
    assert_eq!(change(&lead, "admin", "operator").await, "403 access/role");
    let admin = sign_in(&house, &house.tokens.administrator).await;
    assert!(change(&admin, "operator", "auditor").await.starts_with("to /members/"));
    assert_eq!(change(&admin, "admin", "auditor").await, "409 person/yourself");
    let own = format!("/members/{}/leave", id_of(&house, "admin").await);
    assert_eq!(outcome(&post(&house, &own, &admin, String::new(), &[]).await), "409 person/yourself");
    for (role, department) in [("administrator", ""), ("operator", "tax"), ("developer", "")] {
        let form = format!("name=X&role={role}&department={department}&days=7");
        let answer = outcome(&post(&house, "/invitations", &lead, form, &[]).await);
        assert!(answer.starts_with("403 ") || answer.starts_with("422 "), "{role} {department}: {answer}");
    }
}

#[tokio::test]
async fn a_sign_in_is_ended_by_its_person_and_by_who_looks_after_them() {
    let house = House::open().await;
    let (one, two) = (sign_in(&house, &house.tokens.first).await, sign_in(&house, &house.tokens.first).await);
    let account = page(&house, "/account", &one, "en").await.text();
    let ids: Vec<_> = account.match_indices("/sessions/").map(|(at, _)| account[at + 10..at + 46].to_owned()).collect();
    assert_eq!(ids.len(), 2);
    // Neither a colleague nor another department's lead ends it.
    for token in [&house.tokens.second, &house.tokens.tax_lead, &house.tokens.auditor] {
        let other = sign_in(&house, token).await;
        for id in &ids {
            let answer = post(&house, &format!("/sessions/{id}/end"), &other, String::new(), &[]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
        }
    }
    let end = async |cookie: &str, id: &str| {
        outcome(&post(&house, &format!("/sessions/{id}/end"), cookie, String::new(), &[]).await)
    };
    // The newest is listed first.
    assert_eq!(end(&one, &ids[0]).await, "to /account");
    assert_eq!(outcome(&page(&house, "/account", &two, "en").await), "to /sign-in");
    let lead = sign_in(&house, &house.tokens.lead).await;
    assert!(end(&lead, &ids[1]).await.starts_with("to /members/"));
    assert_eq!(end(&lead, &ids[1]).await, "404 session/not-found");
    for cookie in [&one, &two] {
        assert_eq!(outcome(&page(&house, "/account", cookie, "en").await), "to /sign-in");
    }
    assert_eq!(house.caller(&house.tokens.first).get(paths::ME).await.status, StatusCode::OK, "the token stays");
}

#[tokio::test]
async fn a_new_token_of_ones_own_ends_the_old_one_and_all_sign_ins() {
    let house = House::open().await;
    let cookie = sign_in(&house, &house.tokens.first).await;
    let answer = post(&house, "/account/token", &cookie, String::new(), &[]).await;
    let token = shown(&answer, "aria-label=\"Your token\">");
    assert_eq!(house.caller(&house.tokens.first).get(paths::ME).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.caller(&token).get(paths::ME).await.status, StatusCode::OK);
    assert_eq!(outcome(&page(&house, "/account", &cookie, "en").await), "to /sign-in");
    let colleague = id_of(&house, "second").await;
    let mut connection = house.store.database.read().await.unwrap();
    let first = people::by_token(&mut connection, Secret::received(&token).digest()).await.unwrap().unwrap();
    drop(connection);
    let theirs = guichet_store::people::replace_token(&house.store, Actor::Person(&first), &colleague).await;
    assert!(told(theirs.unwrap_err()).contains("access/not-yours"));
    let answer = house.caller(&token).call(Method::GET, paths::SUBMISSIONS, "text/plain", "").await;
    assert_eq!(answer.status, StatusCode::OK);
}
