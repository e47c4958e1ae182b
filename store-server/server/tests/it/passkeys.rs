//! Passkeys in a real browser: made by who was invited, used to sign in, and to agree to one exact release.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use axum::http::StatusCode;
use guichet_api::{Problem, Submission};
use guichet_store::{
    database::people as records,
    passkeys::{Answer, challenge},
    people::{Actor, NewInvitation, invite},
};
use guichet_trust::{
    digest::Digest,
    passkey::{self, RelyingParty},
};
use serde_json::Value;

use crate::{
    browser::Browser,
    console::{page, post, sign_in},
    house::{House, publisher, reviewers},
    members::outcome,
    packages::App,
    people::signed_at,
    ports,
    process::Serving,
};

const APP: &str = "gov.example.residence.permit";

/// The store of this house behind a name that browsers know passkeys for, with the organisation that lies beside it.
pub(crate) fn served(house: &House) -> (Serving, String) {
    let port = ports::free().unwrap();
    let address = format!("http://localhost:{port}");
    let path = house.store.folder.settings();
    let mut settings: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    settings["api_url"] = format!("{address}/api/v1").into();
    std::fs::write(&path, settings.to_string()).unwrap();
    let dir = house.folder.path().join("store");
    let organisation = house.folder.path().join("organisation.json");
    let mut child = Command::new(env!("CARGO_BIN_EXE_guichet-store"))
        .args(["serve", "--dir", dir.to_str().unwrap(), "--listen", &format!("127.0.0.1:{port}")])
        .args(house.address.iter().map(|address| format!("--database={address}")))
        .args(organisation.exists().then(|| format!("--organisation={}", organisation.display())))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    assert!(line.starts_with("listening"), "{line}");
    (Serving::of(child), address)
}

/// Set to a folder, the test leaves pictures of the pages there.
pub(crate) fn pictures(browser: &Browser, name: &str) {
    let Some(folder) = std::env::var_os("GUICHET_PICTURES") else { return };
    for (theme, dark) in [("light", "light"), ("dark", "dark")] {
        let features = [("prefers-color-scheme", dark), ("prefers-reduced-motion", "reduce")];
        let features = features.map(|(name, value)| serde_json::json!({ "name": name, "value": value }));
        let feature = serde_json::json!({ "features": features });
        browser.devtools("Emulation.setEmulatedMedia", feature);
        for (width, (x, y)) in [("", (1280, 900)), ("-phone", (500, 900))] {
            browser.size(x, y);
            // All of the page, and what the window has around it.
            let long = browser.found("return document.documentElement.scrollHeight").as_u64().unwrap_or_default();
            browser.size(x, u32::try_from(long).unwrap_or(y).clamp(y, 2600) + 143);
            std::fs::write(Path::new(&folder).join(format!("{name}-{theme}{width}.png")), browser.picture()).unwrap();
        }
    }
    browser.size(1280, 900);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_invited_makes_a_passkey_signs_in_with_it_and_agrees_to_one_release() {
    let house = House::open_in(guichet_store::clock::Clock::System, None).await;
    let package = App::new(APP).asking(&["host:storage"]).sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    let new = NewInvitation {
        name: "Ines Duarte".to_owned(),
        role: guichet_api::PersonRole::Reviewer,
        department: Some("residence".parse().unwrap()),
        lasts_ms: 60_000,
    };
    let (_, secret) = invite(&house.store, Actor::Machine, new).await.unwrap();
    let (_server, address) = served(&house);
    let browser = Browser::start();

    browser.open(&format!("{address}/join?invitation={}", secret.reveal()));
    browser.sees("Ines Duarte");
    pictures(&browser, "join");
    browser.click("form button");
    browser.sees("You have joined");
    pictures(&browser, "joined");
    let token = browser.found("return document.querySelector('code').innerText").as_str().unwrap().to_owned();
    let ines = house.caller(&token);
    let proposal = ines.proposal(&id).await.unwrap();
    browser.click("a.btn.main");
    browser.sees("No passkey yet.");
    browser.enter("#passkey-name", "desk by the window");
    browser.click("form[data-passkey] button");
    browser.sees("desk by the window");
    pictures(&browser, "account");
    browser.click(".foot form button");
    browser.sees("Sign in with a passkey");
    pictures(&browser, "sign-in");

    // A token opens the console no more, and a signature without an agreement is not taken.
    let door = post(&house, "/sign-in", "", format!("token={token}"), &[]).await;
    assert_eq!(door.status, StatusCode::SEE_OTHER, "this process knows no passkeys at its address");
    let approval = signed_at(&proposal, &reviewers()[0], house.store.clock.now_ms());
    let refused: Problem = ines.post_approval(&id, &approval).await.unwrap_err();
    assert_eq!((refused.status, refused.class.as_str()), (409, "review/not-agreed"));
    browser.enter("#token", &token);
    browser.click("form[action='/sign-in'] button");
    browser.sees("access/passkey");
    browser.open(&format!("{address}/sign-in"));
    browser.click("form[data-passkey] button");
    browser.sees("Review queue");
    browser.open(&format!("{address}/submissions/{id}"));
    browser.sees("Agree with your passkey first");
    assert!(!browser.text().contains("guichet review approve"), "first one agrees");
    pictures(&browser, "agree");
    browser.click("form[data-passkey] button");
    browser.sees("You have agreed");
    let text = browser.sees("guichet review approve");
    assert!(text.contains("Request changes instead"), "{text}");
    pictures(&browser, "agreed");

    let done: Submission = ines.post_approval(&id, &approval).await.unwrap();
    assert_eq!(done.approvals[0].reviewer, "Ines Duarte");
    holds(&house, &address, &id).await;
    browser.open(&format!("{address}/account"));
    let text = browser.sees("Signed in");
    assert!(text.contains("Passkey") && text.contains("This one"), "{text}");

    // Who looks after her removes a passkey that is lost, and then a token is enough again.
    let lead = sign_in(&house, &house.tokens.lead).await;
    let member = records::by_name(&mut house.store.database.read().await.unwrap(), "Ines Duarte").await.unwrap();
    let path = format!("/members/{}", member.unwrap().person.id);
    let text = page(&house, &path, &lead, "en").await.text();
    let key = text.split("/passkeys/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let removal = format!("/passkeys/{key}/removal");
    let other = sign_in(&house, &house.tokens.tax_lead).await;
    assert_eq!(outcome(&post(&house, &removal, &other, String::new(), &[]).await), "403 access/department");
    assert_eq!(outcome(&post(&house, &removal, &lead, String::new(), &[]).await), format!("to {path}"));
    browser.click(".foot form button");
    browser.sees("Sign in with a passkey");
    browser.click("form[data-passkey] button");
    browser.sees("this passkey is not known here");
    browser.enter("#token", &token);
    browser.click("form[action='/sign-in'] button");
    browser.sees("Review queue");
}

/// Whoever has the rows can check the agreement again, and that it is to this release and no other.
async fn holds(house: &House, address: &str, id: &str) {
    let mut connection = house.store.database.read().await.unwrap();
    let (person, release, nonce, assertion, public_key): (String, String, String, String, Vec<u8>) = sqlx::query_as(
        "SELECT decisions.person, release_sha256, nonce, assertion, public_key FROM decisions \
         JOIN passkeys ON passkeys.id = passkey WHERE submission = $1",
    )
    .bind(id)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    let document: Vec<u8> = sqlx::query_scalar("SELECT release_document FROM submissions WHERE id = $1")
        .bind(id)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert_eq!(release, Digest::of(&document).to_string());
    let answer: Answer = serde_json::from_str(&assertion).unwrap();
    let bytes = |text: &str| base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text).unwrap();
    let (client_data, data) = (bytes(&answer.client_data), bytes(&answer.authenticator_data));
    let said = passkey::Answer { client_data: &client_data, authenticator_data: &data };
    let party = RelyingParty { id: "localhost".to_owned(), origin: address.to_owned() };
    let signature = bytes(&answer.signature);
    let judged = |release: Digest| {
        let question = challenge(id, &person, release, &nonce);
        passkey::verify(&party, &question, said, &public_key, 0, &signature).map_err(|refusal| refusal.what())
    };
    judged(Digest::of(&document)).unwrap();
    assert!(judged(Digest::of(b"another release")).unwrap_err().contains("another question"));
}

#[tokio::test]
async fn a_store_that_asks_everybody_takes_no_signature_without_an_agreement() {
    let house = House::open().await;
    let id = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap().id;
    let path = house.store.folder.settings();
    let mut settings: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    settings["passkeys_required"] = true.into();
    std::fs::write(&path, settings.to_string()).unwrap();
    let house = house.reopened().await;
    let refused = house.caller(&house.tokens.first).approve(&id, &reviewers()[0]).await.unwrap_err();
    assert_eq!((refused.status, refused.class.as_str()), (409, "review/not-agreed"));
    let text = crate::console::page_of(&house, &house.tokens.first, &id).await;
    assert!(text.contains("Make one on your account page first.") && !text.contains("guichet review approve"));
}

#[tokio::test]
async fn a_store_at_a_number_does_without_and_says_so() {
    let house = House::open().await;
    let cookie = sign_in(&house, &house.tokens.first).await;
    let account = page(&house, "/account", &cookie, "en").await;
    assert!(account.text().contains("browsers have no passkeys for it") && !account.text().contains("<script"));
    for path in ["/account/passkeys/question", "/sign-in/passkey/question"] {
        let answer = post(&house, path, &cookie, String::new(), &[]).await;
        assert!(answer.text().contains("passkey/address"), "{path}: {}", answer.text());
        let answer = post(&house, path, &cookie, String::new(), &[("accept-language", "zh")]).await;
        assert!(answer.text().contains(r#""what":"商店的地址是数字，或不安全"#), "{path}: {}", answer.text());
    }
    let foreign =
        post(&house, "/sign-in/passkey/question", "", String::new(), &[("origin", "https://evil.example")]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let stranger = post(&house, "/account/passkeys/question", "", String::new(), &[]).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}
