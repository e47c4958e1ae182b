//! Signing in through an organisation: against a provider that says whatever a test wants, and against a real one.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use axum::{
    Form, Json, Router,
    http::{Method, StatusCode},
    routing::{get, post as posted},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use guichet_api::{PersonRole, Problem, paths};
use guichet_store::{
    clock::Clock,
    http::router,
    organisation::{self, Organisation, Settings, Subject},
    people::{Actor, NewInvitation, invite},
    store::Store,
};
use guichet_trust::digest::Digest;
use openidconnect::{
    Audience, EmptyAdditionalClaims, IssuerUrl, JsonWebKeyId, Nonce, PrivateSigningKey, StandardClaims,
    SubjectIdentifier,
    core::{CoreEdDsaPrivateSigningKey, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde_json::{Value, json};

use crate::{
    console::{page, post, sign_in},
    house::{Answer, House, NOW_MS, told},
    members::{id_of, outcome, shown},
    ports,
    process::Serving,
};

const ANA: &str = "248289761001";

/// What a provider is to say next.
#[derive(Clone, Debug)]
struct Says {
    issuer: String,
    audience: &'static str,
    subject: &'static str,
    nonce: String,
    issued_at_ms: u64,
    lasts_ms: i64,
    key: u8,
    /// What `token` answers instead of a token.
    error: Option<&'static str>,
    challenge: String,
}

/// A provider of this process.
struct Provider {
    address: String,
    says: Arc<Mutex<Says>>,
}

fn key(seed: u8) -> CoreEdDsaPrivateSigningKey {
    let mut der = vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    der.extend([seed; 32]);
    let pem = format!("-----BEGIN {0}-----\n{1}\n-----END {0}-----\n", "PRIVATE KEY", STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(format!("key {seed}")))).unwrap()
}

fn moment(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap()
}

fn token(says: &Says) -> String {
    let issued = i64::try_from(says.issued_at_ms).unwrap();
    let claims = CoreIdTokenClaims::new(
        IssuerUrl::new(says.issuer.clone()).unwrap(),
        vec![Audience::new(says.audience.to_owned())],
        moment(issued + says.lasts_ms),
        moment(issued),
        StandardClaims::new(SubjectIdentifier::new(says.subject.to_owned())),
        EmptyAdditionalClaims {},
    );
    let claims = claims.set_nonce(Some(Nonce::new(says.nonce.clone())));
    CoreIdToken::new(claims, &key(says.key), CoreJwsSigningAlgorithm::EdDsa, None, None).unwrap().to_string()
}

impl Provider {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let says = Says {
            issuer: address.clone(),
            audience: "guichet",
            subject: ANA,
            nonce: String::new(),
            issued_at_ms: NOW_MS,
            lasts_ms: 60_000,
            key: 1,
            error: None,
            challenge: String::new(),
        };
        let says = Arc::new(Mutex::new(says));
        let about = json!({
            "issuer": address,
            "authorization_endpoint": format!("{address}/authorize"),
            "token_endpoint": format!("{address}/token"),
            "jwks_uri": format!("{address}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        });
        let keys = CoreJsonWebKeySet::new(vec![key(1).as_verification_key()]);
        let answers = Arc::clone(&says);
        let redeem = move |Form(asked): Form<Vec<(String, String)>>| async move {
            let says = answers.lock().unwrap().clone();
            let given =
                |name: &str| asked.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value).to_owned();
            let proof = Digest::of(given("code_verifier").as_bytes());
            let proof = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(proof.as_bytes());
            if let Some(error) = says.error {
                return (StatusCode::BAD_REQUEST, Json(json!({ "error": error })));
            }
            if proof != says.challenge || given("code") != "a code" {
                return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
            }
            let answer = json!({ "access_token": "x", "token_type": "Bearer", "id_token": token(&says) });
            (StatusCode::OK, Json(answer))
        };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(|| async move { Json(about) }))
            .route("/keys", get(|| async move { Json(keys) }))
            .route("/token", posted(redeem));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, says }
    }

    fn settings(&self) -> Settings {
        let text = json!({
            "issuer": self.address, "client_id": "guichet", "name": { "en": "City account", "zh": "市政账号" },
        });
        serde_json::from_value(text).unwrap()
    }

    /// The same house, whose people may sign in here.
    async fn of(&self, house: House) -> House {
        house.store.database.close().await;
        let mut store = Store::open(house.store.folder.clone(), house.store.clock.clone()).await.unwrap();
        store.organisation = Some(Organisation::new(self.settings(), store.settings.base_url()));
        let store = Arc::new(store);
        House { router: router(Arc::clone(&store)), store, ..house }
    }

    /// Begins as a browser would, and returns the cookie and the state.
    async fn begun(&self, house: &House, path: &str) -> (String, String) {
        let answer = page(house, path, "", "en").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let address = answer.header("location").to_owned();
        assert!(address.starts_with(&format!("{}/authorize?", self.address)), "{address}");
        let given = |name: &str| {
            let pair = address.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            pair.unwrap_or_else(|| panic!("{name} in {address}")).to_owned()
        };
        assert_eq!((given("response_type"), given("code_challenge_method")), ("code".to_owned(), "S256".to_owned()));
        let mut says = self.says.lock().unwrap();
        says.nonce = given("nonce");
        says.challenge = given("code_challenge");
        let kept = answer.header("set-cookie");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/sign-in/organisation", "Max-Age=600"] {
            assert!(kept.contains(part), "{kept}");
        }
        (kept.split(';').next().unwrap().to_owned(), given("state"))
    }

    async fn enters(&self, house: &House, change: impl FnOnce(&mut Says)) -> Answer {
        let (cookie, state) = self.begun(house, "/sign-in/organisation").await;
        change(&mut self.says.lock().unwrap());
        page(house, &answer(&state), &cookie, "en").await
    }
}

fn answer(state: &str) -> String {
    format!("/sign-in/organisation/answer?code=a+code&state={state}")
}

async fn linked(house: &House, name: &str) {
    let id = id_of(house, name).await;
    organisation::link(&house.store, Actor::Machine, &id, ANA).await.map_err(told).unwrap();
}

fn session(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let session = cookies.into_iter().find(|cookie| cookie.starts_with("guichet_session="));
    session.unwrap_or_else(|| panic!("{}", answer.text())).split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_is_linked_signs_in_and_whoever_is_not_is_told_their_id() {
    let provider = Provider::start().await;
    let house = provider.of(House::open().await).await;
    assert!(page(&house, "/sign-in", "", "zh").await.text().contains("用市政账号登录"));
    let stranger = provider.enters(&house, |_| ()).await;
    assert_eq!(outcome(&stranger), "403 organisation/unknown");
    assert!(stranger.text().contains(ANA), "they know what to hand on");
    linked(&house, "first").await;
    let entered = provider.enters(&house, |_| ()).await;
    assert!(
        entered.text().contains("http-equiv=\"refresh\"") && entered.text().contains("first"),
        "{}",
        entered.text()
    );
    let cookie = session(&entered);
    let account = page(&house, "/account", &cookie, "en").await.text();
    assert!(account.contains("Organisation") && account.contains("Reviewer"), "{account}");
    // Nobody takes along what outlasts the organisation's word.
    assert_eq!(
        outcome(&post(&house, "/account/token", &cookie, String::new(), &[]).await),
        "403 organisation/not-enough"
    );
    let token = "name=x&read=1&days=7".to_owned();
    assert_eq!(outcome(&post(&house, "/account/tokens", &cookie, token, &[]).await), "403 organisation/not-enough");
    // Who leaves has no door left.
    let id = id_of(&house, "first").await;
    guichet_store::people::let_go(&house.store, Actor::Machine, &id).await.unwrap();
    assert_eq!(outcome(&provider.enters(&house, |_| ()).await), "403 organisation/unknown");
}

#[tokio::test]
async fn what_proves_nothing_opens_nothing() {
    let provider = Provider::start().await;
    let house = provider.of(House::open().await).await;
    linked(&house, "first").await;
    type Change = fn(&mut Says);
    let cases: [(&str, Change, &str); 9] = [
        ("another nonce", |says| says.nonce = "x".to_owned(), "it answers another question"),
        ("another issuer", |says| says.issuer = "https://evil.example".to_owned(), "it is from another issuer"),
        ("another program", |says| says.audience = "other", "it is meant for another program"),
        ("run out", |says| says.lasts_ms = -1000, "it has run out"),
        ("from the future", |says| says.issued_at_ms += 600_000, "it is from the future"),
        ("another key", |says| says.key = 2, "a key that the provider does not list"),
        ("another verifier", |says| says.challenge = "x".to_owned(), "invalid_grant"),
        ("no", |says| says.error = Some("access_denied"), "access_denied"),
        ("another subject", |says| says.subject = "1", "nobody at this store is linked"),
    ];
    for (name, change, why) in cases {
        let before = provider.says.lock().unwrap().clone();
        let answer = provider.enters(&house, change).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {}", answer.text());
        assert!(answer.text().contains(why), "{name}: {}", answer.text());
        assert!(
            !answer.headers.get_all("set-cookie").iter().any(|it| it.to_str().unwrap().contains("guichet_session"))
        );
        *provider.says.lock().unwrap() = before;
    }
    assert_eq!(provider.enters(&house, |_| ()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_answer_belongs_to_one_question_of_one_browser() {
    let provider = Provider::start().await;
    let house = provider.of(House::open().await).await;
    linked(&house, "first").await;
    let over = "403 organisation/over";
    let (cookie, state) = provider.begun(&house, "/sign-in/organisation").await;
    let elsewhere = page(&house, &answer(&state), "", "en").await;
    assert_eq!(outcome(&elsewhere), over, "another browser");
    let text = elsewhere.text();
    let hint = "What to do: sign in again from the beginning</p><p><a href=\"/sign-in\">Sign in to the console</a>";
    assert!(text.contains(hint), "{text}");
    let (other, _) = provider.begun(&house, "/sign-in/organisation").await;
    assert_eq!(outcome(&page(&house, &answer(&state), &other, "en").await), over, "another state");
    assert_eq!(outcome(&page(&house, &answer(&state), &other, "en").await), over, "and it is spent");
    let foreign = format!("{}&iss=https%3A%2F%2Fevil.example", answer(&state));
    assert_eq!(outcome(&page(&house, &foreign, &cookie, "en").await), "403 organisation/no-proof");
    let (cookie, state) = provider.begun(&house, "/sign-in/organisation").await;
    let refused = format!("/sign-in/organisation/answer?error=access_denied&state={state}");
    assert_eq!(outcome(&page(&house, &refused, &cookie, "en").await), "403 organisation/refused");
    let (cookie, state) = provider.begun(&house, "/sign-in/organisation").await;
    assert_eq!(page(&house, &answer(&state), &cookie, "en").await.status, StatusCode::OK);
    assert_eq!(outcome(&page(&house, &answer(&state), &cookie, "en").await), over, "once");
    let (cookie, state) = provider.begun(&house, "/sign-in/organisation").await;
    house.store.clock.advance(10 * 60 * 1000);
    assert_eq!(outcome(&page(&house, &answer(&state), &cookie, "en").await), over, "in time");
}

#[tokio::test]
async fn a_provider_that_is_away_keeps_nobody_from_other_doors() {
    let provider = Provider::start().await;
    let house = House::open().await;
    assert_eq!(outcome(&page(&house, "/sign-in/organisation", "", "en").await), "404 organisation/none");
    let away = Provider { address: "http://127.0.0.1:9".to_owned(), says: Arc::clone(&provider.says) };
    let house = away.of(house).await;
    assert_eq!(outcome(&page(&house, "/sign-in/organisation", "", "en").await), "502 organisation/unreachable");
    sign_in(&house, &house.tokens.first).await;
}

#[tokio::test]
async fn an_invitation_can_be_taken_up_with_an_account_of_the_organisation() {
    let provider = Provider::start().await;
    let house = provider.of(House::open().await).await;
    let new = |name: &str| NewInvitation {
        name: name.to_owned(),
        role: PersonRole::Reviewer,
        department: Some("residence".parse().unwrap()),
        lasts_ms: 600_000,
    };
    let (_, secret) = invite(&house.store, Actor::Machine, new("Ines")).await.unwrap();
    let path = format!("/sign-in/organisation?invitation={}", secret.reveal());
    let offer = page(&house, &format!("/join?invitation={}", secret.reveal()), "", "en").await.text();
    assert!(offer.contains("Join with City account") && offer.contains("href=\"/sign-in/organisation?invitation="));
    let (cookie, state) = provider.begun(&house, &path).await;
    let joined = page(&house, &answer(&state), &cookie, "en").await;
    let token = shown(&joined, "aria-label=\"Your token\">");
    assert!(token.starts_with("gst_"));
    assert!(provider.enters(&house, |_| ()).await.text().contains("Ines"));
    // The account is one person's, and an invitation that failed for it is still there.
    let (_, secret) = invite(&house.store, Actor::Machine, new("Rui")).await.unwrap();
    let path = format!("/sign-in/organisation?invitation={}", secret.reveal());
    let (cookie, state) = provider.begun(&house, &path).await;
    assert_eq!(outcome(&page(&house, &answer(&state), &cookie, "en").await), "409 organisation/linked-already");
    let (cookie, state) = provider.begun(&house, &path).await;
    provider.says.lock().unwrap().subject = "another";
    assert_eq!(page(&house, &answer(&state), &cookie, "en").await.status, StatusCode::OK);
    assert_eq!(outcome(&page(&house, &path, "", "en").await), "404 invitation/not-valid");
}

#[tokio::test]
async fn who_looks_after_people_links_them_and_nobody_links_themselves() {
    let provider = Provider::start().await;
    let house = provider.of(House::open().await).await;
    let lead = sign_in(&house, &house.tokens.lead).await;
    let [first, own, other] =
        [id_of(&house, "first").await, id_of(&house, "lead").await, id_of(&house, "tax dev").await];
    let put = async |cookie: &str, id: &str, subject: &str| {
        let path = format!("/members/{id}/identity");
        outcome(&post(&house, &path, cookie, format!("subject={subject}"), &[]).await)
    };
    assert_eq!(put(&lead, &first, ANA).await, format!("to /members/{first}"));
    assert!(page(&house, &format!("/members/{first}"), &lead, "en").await.text().contains(ANA));
    assert_eq!(put(&lead, &own, "7").await, "409 person/yourself");
    assert_eq!(put(&lead, &other, "7").await, "403 access/department");
    assert_eq!(put(&lead, &id_of(&house, "second").await, ANA).await, "409 organisation/linked-already");
    assert_eq!(put(&lead, &first, "a+b").await, "422 organisation/subject");
    let developer = sign_in(&house, &house.tokens.developer).await;
    assert_eq!(put(&developer, &first, "7").await, "403 access/role");
    assert_eq!(put(&lead, &first, "").await, format!("to /members/{first}"));
    assert_eq!(put(&lead, &first, "").await, "409 organisation/not-linked");
    assert_eq!(outcome(&provider.enters(&house, |_| ()).await), "403 organisation/unknown");

    // An administrator who is here on the organisation's word lets nobody in.
    linked(&house, "admin").await;
    let admin = session(&provider.enters(&house, |_| ()).await);
    assert_eq!(put(&admin, &first, "8").await, "403 access/token");
    let form = "name=Eve&role=reviewer&department=residence&days=3".to_owned();
    assert_eq!(outcome(&post(&house, "/invitations", &admin, form, &[]).await), "403 access/token");
}

#[tokio::test]
async fn people_are_linked_by_the_api_as_at_the_console() {
    let provider = Provider::start().await;
    let house = provider.of(House::open().await).await;
    let [first, own, other] =
        [id_of(&house, "first").await, id_of(&house, "lead").await, id_of(&house, "tax dev").await];
    let ask = async |token: &str, method: Method, path: &str, id: &str, body: &'static str| {
        let answer = house.caller(token).call(method, &paths::of(path, id), "application/json", body).await;
        match serde_json::from_slice::<Problem>(&answer.body) {
            Ok(problem) => format!("{} {}", problem.status, problem.class),
            Err(_) => answer.text(),
        }
    };
    let lead = house.tokens.lead.as_str();
    let is = format!(r#"{{"issuer":"{}","subject":"{ANA}"}}"#, provider.address);
    let ana = r#"{"subject":"248289761001"}"#;
    assert_eq!(ask(lead, Method::GET, paths::IDENTITY, &first, "").await, "404 organisation/no-account");
    assert_eq!(ask(lead, Method::POST, paths::LINKING, &first, ana).await, is);
    // Whoever it is about sees it, too; and it opens the door.
    for token in [lead, &house.tokens.first] {
        assert_eq!(ask(token, Method::GET, paths::IDENTITY, &first, "").await, is);
    }
    assert_eq!(provider.enters(&house, |_| ()).await.status, StatusCode::OK);
    for (token, id, body, refused) in [
        (lead, &own, ana, "409 person/yourself"),
        (lead, &other, ana, "404 person/not-found"),
        (lead, &first, r#"{"subject":"a b"}"#, "422 organisation/subject"),
        (&house.tokens.developer, &first, ana, "403 access/role"),
        (&house.tokens.tax_lead, &other, ana, "409 organisation/linked-already"),
    ] {
        assert_eq!(ask(token, Method::POST, paths::LINKING, id, body).await, refused);
    }
    assert!(ask(lead, Method::POST, paths::UNLINKING, &first, "").await.contains(&first));
    assert_eq!(ask(lead, Method::POST, paths::UNLINKING, &first, "").await, "409 organisation/not-linked");
    assert_eq!(outcome(&provider.enters(&house, |_| ()).await), "403 organisation/unknown");
}

#[tokio::test]
async fn who_may_come_through_an_organisation_decides_with_a_passkey() {
    use crate::{
        house::{publisher, reviewers},
        packages::App,
    };
    let provider = Provider::start().await;
    let house = provider.of(House::open().await).await;
    let package = App::new("gov.example.residence.permit").sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    linked(&house, "first").await;
    let refused = house.caller(&house.tokens.first).approve(&id, &reviewers()[0]).await.unwrap_err();
    assert_eq!((refused.status, refused.class.as_str()), (409, "review/not-agreed"));
    house.caller(&house.tokens.second).approve(&id, &reviewers()[1]).await.unwrap();
}

/// npm's `oidc-provider` with its own pages.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "`cargo xtask test --full` runs it, with oidc-provider of npm's"]
async fn oidc_a_real_provider_signs_people_in() {
    let modules = std::env::var_os("GUICHET_OIDC").expect("GUICHET_OIDC names node_modules with oidc-provider");
    let house = House::open_in(Clock::System, None).await;
    let (ours, theirs) = (ports::free().unwrap(), ports::free().unwrap());
    let (address, issuer) = (format!("http://localhost:{ours}"), format!("http://localhost:{theirs}"));

    // Modules are looked for beside the file that asks for them.
    let script = std::path::Path::new(&modules).parent().unwrap().join("guichet-provider.mjs");
    std::fs::write(&script, include_str!("oidc/provider.mjs")).unwrap();
    let redirect = format!("{address}/sign-in/organisation/answer");
    let mut provider = Command::new("node");
    provider.arg(&script).arg(theirs.to_string()).arg(&redirect);
    let mut provider = provider.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    // Held to the end: whoever writes into a pipe that nobody reads dies of it.
    let mut said = BufReader::new(provider.stdout.take().unwrap());
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "listening\n");
    let _provider = Serving::of(provider);

    let folder = house.folder.path();
    let settings = json!({
        "issuer": issuer, "client_id": "guichet", "client_secret": "a secret that both know",
        "name": { "en": "City account", "zh": "市政账号" },
    });
    std::fs::write(folder.join("organisation.json"), settings.to_string()).unwrap();
    let path = house.store.folder.settings();
    let mut store: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    store["api_url"] = format!("{address}/api/v1").into();
    std::fs::write(&path, store.to_string()).unwrap();
    let subject = Subject { issuer: issuer.clone(), subject: ANA.to_owned() };
    let mut change = house.store.database.change().await.unwrap();
    let person = id_of(&house, "first").await;
    guichet_store::database::identities::put(&mut change, &subject, &person, NOW_MS).await.unwrap();
    guichet_store::database::commit(change).await.unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_guichet-store"))
        .args(["serve", "--dir", folder.join("store").to_str().unwrap(), "--listen", &format!("127.0.0.1:{ours}")])
        .args(["--organisation", folder.join("organisation.json").to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut heard = BufReader::new(server.stdout.take().unwrap());
    heard.read_line(&mut line).unwrap();
    assert!(line.starts_with("listening"), "{line}");
    let _server = Serving::of(server);

    let (page, _) = entered(&address, "somebody else");
    assert!(page.contains("organisation/unknown") && page.contains("somebody else"), "{page}");
    let (page, session) = entered(&address, ANA);
    assert!(page.contains("You are signed in") && page.contains("first"), "{page}");
    let mut visitor = Visitor::default();
    visitor.cookies.insert("guichet_session".to_owned(), session);
    let (account, _) = visitor.walk(&format!("{address}/account?lang=en"), None);
    assert!(account.contains("Organisation"), "{account}");
}

/// A browser as far as these pages need one.
#[derive(Default)]
struct Visitor {
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    /// Asks, follows to the end, and returns the page and its address.
    fn walk(&mut self, address: &str, form: Option<&str>) -> (String, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build()
            .into();
        let (mut address, mut form) = (address.to_owned(), form);
        for _ in 0..10 {
            let all: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let cookies = all.join("; ");
            let answer = match form.take() {
                Some(form) => agent
                    .post(&address)
                    .header("cookie", &cookies)
                    .content_type("application/x-www-form-urlencoded")
                    .send(form),
                None => agent.get(&address).header("cookie", &cookies).call(),
            };
            let mut answer = answer.unwrap_or_else(|error| panic!("{address}: {error}"));
            for cookie in answer.headers().get_all("set-cookie") {
                let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            match answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()) {
                Some(to) => address = led(&address, &to),
                None => return (answer.body_mut().read_to_string().unwrap(), address),
            }
        }
        panic!("{address} leads on and on");
    }

    /// Sends the one form of a page.
    fn send(&mut self, (page, address): (String, String), form: &str) -> (String, String) {
        let action = page.split("action=\"").nth(1).unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap();
        self.walk(&led(&address, action), Some(form))
    }
}

/// Where an address of a page leads: one that begins with `/` stays with the same server.
fn led(from: &str, to: &str) -> String {
    let origin: Vec<_> = from.splitn(4, '/').take(3).collect();
    if to.starts_with('/') { origin.join("/") + to } else { to.to_owned() }
}

/// Signs in as this account of the provider's; returns the page, and the session's cookie.
fn entered(address: &str, account: &str) -> (String, String) {
    let mut visitor = Visitor::default();
    let page = visitor.walk(&format!("{address}/sign-in/organisation"), None);
    let page = visitor.send(page, &format!("prompt=login&login={}&password=x", account.replace(' ', "+")));
    let (page, _) = visitor.send(page, "prompt=consent");
    (page, visitor.cookies.remove("guichet_session").unwrap_or_default())
}
