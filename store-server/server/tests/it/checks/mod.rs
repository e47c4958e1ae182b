//! Machines look before people do: by the real program as its own confined process, under a real clock, and with kills.

mod cage;
mod icons;
mod killed;
mod lost;
mod pictures;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::{Method, StatusCode};
use guichet_api::{
    Check, CheckList, CheckName, CheckState,
    SubmissionState::{self, InReview, Quarantined, Released, Scanning},
    paths,
};
use guichet_store::{
    checks::{self, Checks},
    clock::Clock,
    database::jobs,
    http::router,
    store::Store,
};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    console::{page, sign_in},
    house::{House, publisher, reviewers, tax_publisher},
    packages::App,
};

pub(crate) use pictures::laid_down;

const APP: &str = "gov.example.residence.permit";
const TAX: &str = "gov.example.tax.permit";
const DEADLINE: Duration = Duration::from_secs(60);
const PROGRAM: &str = env!("CARGO_BIN_EXE_guichet-store");

impl House {
    /// The same store, which has checks made but makes none itself.
    async fn checking(self) -> Self {
        self.checking_with(Checks::new(PROGRAM, Vec::new())).await
    }

    pub(crate) async fn checking_with(self, checks: Checks) -> Self {
        self.store.database.close().await;
        let mut store = Store::open(self.store.folder.clone(), self.store.clock.clone()).await.unwrap();
        store.checks = Some(checks);
        let store = Arc::new(store);
        Self { router: router(Arc::clone(&store)), store, ..self }
    }

    /// The checks of a submission, as the API gives them.
    pub(crate) async fn checks(&self, id: &str) -> Vec<Check> {
        let answer = self.caller(&self.tokens.administrator).get(&paths::of(paths::CHECKS, id)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        serde_json::from_slice::<CheckList>(&answer.body).unwrap().items
    }

    /// The same, once nothing is under way.
    async fn all_ended(&self, id: &str) -> Vec<Check> {
        until(async || Some(self.checks(id).await).filter(|all| all.iter().all(|check| check.state.is_ended()))).await
    }

    pub(crate) async fn state(&self, id: &str) -> SubmissionState {
        self.caller(&self.tokens.administrator).detail(id).await.unwrap().submission.state
    }

    /// Its state once machines are through with it.
    pub(crate) async fn looked_at(&self, id: &str) -> SubmissionState {
        until(async || Some(self.state(id).await).filter(|state| *state != Scanning)).await
    }
}

/// What comes to be, within a minute.
pub(crate) async fn until<T>(look: impl AsyncFn() -> Option<T>) -> T {
    let begun = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(begun.elapsed() < DEADLINE, "it does not come");
        ticks.tick().await;
    }
}

/// Makes the checks of a store until it is dropped.
pub(crate) struct Looking(watch::Sender<bool>, Option<JoinHandle<()>>);

impl Looking {
    pub(crate) fn at(store: &Arc<Store>) -> Self {
        let (tell, told) = watch::channel(false);
        let store = Arc::clone(store);
        Self(tell, Some(tokio::spawn(async move { checks::watch(store, told).await.unwrap() })))
    }

    pub(crate) async fn stop(mut self) {
        self.0.send(true).unwrap();
        self.1.take().unwrap().await.unwrap();
    }
}

fn found(checks: &[Check]) -> Vec<String> {
    let line = |check: &Check| {
        let findings = check.findings.iter().map(|found| {
            let place = [found.path.clone(), found.line.map(|line| line.to_string())];
            let place = place.into_iter().flatten().collect::<Vec<_>>().join(":");
            format!("{:?} {} {place} {}", found.weight, found.class, found.what.en)
        });
        findings.collect::<Vec<_>>()
    };
    checks.iter().flat_map(line).collect()
}

const SECRET: &str = "\n<p data-key=\"AKIAABCDEFGHIJKLMNOP\">";

#[tokio::test]
async fn what_is_handed_in_is_looked_at_and_then_goes_to_reviewers_or_is_held() {
    let house = House::open_at(Clock::System).await.checking().await;
    let (developer, tax) = (house.caller(&house.tokens.developer), house.caller(&house.tokens.tax_developer));
    let looking = Looking::at(&house.store);

    let clean = developer.submit(&App::new(APP).sealed(&publisher())).await.unwrap();
    assert_eq!(clean.state, Scanning);
    assert_eq!(house.looked_at(&clean.id).await, InReview);
    let checks = house.all_ended(&clean.id).await;
    assert_eq!(
        checks.iter().map(|check| check.name.as_str()).collect::<Vec<_>>(),
        CheckName::ALL[..9].iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        "no journeys were sent"
    );
    for check in &checks {
        let needs_others = ["desk", "yara", "pages"].contains(&check.name.as_str());
        let expected = if needs_others { CheckState::Skipped } else { CheckState::Done };
        assert_eq!((check.state, check.attempts, &check.findings[..]), (expected, 1, &[][..]), "{check:?}");
    }
    let steps = developer.detail(&clean.id).await.unwrap().history;
    assert_eq!(
        steps.iter().map(|step| step.state.as_str()).collect::<Vec<_>>(),
        ["submitted", "scanning", "in_review"]
    );
    let released = house.caller(&house.tokens.first).approve(&clean.id, &reviewers()[0]).await.unwrap();
    assert_eq!(released.state, Released);

    let with_key = App { text: SECRET, ..App::new(APP).version(2) };
    let held = developer.submit(&with_key.sealed(&publisher())).await.unwrap();
    assert_eq!(house.looked_at(&held.id).await, Quarantined);
    insta::assert_snapshot!(found(&house.checks(&held.id).await).join("\n"), @"Grave check/secret pages/home.html:2 this looks like AWS key, and everybody who gets the package can read it");
    let last = developer.detail(&held.id).await.unwrap().history.pop().unwrap();
    assert_eq!((last.state, last.note.as_deref()), (Quarantined, Some("check/secret")));
    let refused = house.caller(&house.tokens.first).approve(&held.id, &reviewers()[0]).await.unwrap_err();
    assert_eq!(refused.class, "review/too-late");

    // The other department has an app of the same name.
    let alike = tax.submit(&App::new(TAX).sealed(&tax_publisher())).await.unwrap();
    assert_eq!(house.looked_at(&alike.id).await, Quarantined);
    insta::assert_snapshot!(found(&house.checks(&alike.id).await).join("\n"), @r"
    Grave names/look-alike  it looks like another department's: Residence permit (gov.example.residence.permit, residence)
    Warning names/same-icon  its icon is the very picture of another department's app: gov.example.residence.permit, residence
    ");

    let undeclared = App { text: "<button onclick=\"guichet.storage.get(1)\">", ..App::new(APP).version(3) };
    let told = developer.submit(&undeclared.sealed(&publisher())).await.unwrap();
    assert_eq!(house.looked_at(&told.id).await, InReview, "what is no danger does not hold it");
    insta::assert_snapshot!(found(&house.checks(&told.id).await).join("\n"), @"Warning check/undeclared-permission pages/home.html the app calls this and does not ask for `host:storage`, so every call is denied");
    looking.stop().await;
}

#[tokio::test]
async fn a_check_is_made_again_by_who_may_and_a_reviewer_who_knows_better_lets_it_out() {
    let house = House::open_at(Clock::System).await.checking().await;
    let developer = house.caller(&house.tokens.developer);
    let held = developer.submit(&App { text: SECRET, ..App::new(APP) }.sealed(&publisher())).await.unwrap();
    let again = async |token: &str, name: &str| {
        let body = format!(r#"{{"name":"{name}"}}"#);
        let path = paths::of(paths::CHECKS, &held.id);
        let answer = house.caller(token).call(Method::POST, &path, "application/json", body).await;
        let problem = serde_json::from_slice::<guichet_api::Problem>(&answer.body).map(|problem| problem.class);
        (answer.status.as_u16(), problem.unwrap_or_default())
    };
    let not_now = (409, "submission/check-not-now".to_owned());
    assert_eq!(again(&house.tokens.developer, "secrets").await, not_now, "it has not been made yet");
    let looking = Looking::at(&house.store);
    assert_eq!(house.looked_at(&held.id).await, Quarantined);
    assert_eq!(again(&house.tokens.tax_reviewer, "secrets").await.0, 403);
    assert_eq!(again(&house.tokens.first, "everything").await.0, 400);

    let body = r#"{"reason":"a key of the documentation"}"#;
    let path = paths::of(paths::FREEING, &held.id);
    let freed = house.caller(&house.tokens.first).call(Method::POST, &path, "application/json", body).await;
    assert_eq!(freed.status, StatusCode::OK, "{}", freed.text());
    let before = found(&house.all_ended(&held.id).await);
    assert_eq!(again(&house.tokens.first, "secrets").await, (200, String::new()));
    assert_eq!(found(&house.all_ended(&held.id).await), before, "it finds the same");
    assert_eq!(house.state(&held.id).await, InReview, "and who let it out knew that");
    let record = house.caller(&house.tokens.auditor).get(paths::AUDIT).await.text();
    assert!(record.contains("submission.quarantine") && record.contains("submission.check"), "{record}");

    let cookie = sign_in(&house, &house.tokens.first).await;
    for (lang, said) in
        [("en", ["Keys and secrets", "line 2", "Look again"]), ("zh", ["密钥和口令", "第 2 行", "再查一次"])]
    {
        let shown = page(&house, &format!("/submissions/{}", held.id), &cookie, lang).await.text();
        assert!(said.iter().all(|word| shown.contains(word)), "{shown}");
    }
    looking.stop().await;
}

#[tokio::test]
async fn rules_of_yara_are_held_against_every_file_and_those_of_the_operator_too() {
    let checks = Checks::new(PROGRAM, vec!["/usr/bin".into()]).gates_only();
    let house = House::open_at(Clock::System).await.checking_with(checks).await;
    let rules = house.store.folder.rules();
    std::fs::create_dir_all(&rules).unwrap();
    let own = "rule Greets : note { strings: $a = \"hello\" condition: $a }";
    std::fs::write(rules.join("own.yar"), own).unwrap();
    let looking = Looking::at(&house.store);
    let miner = App { text: "hello coinhive", ..App::new(APP) };
    let held = house.caller(&house.tokens.developer).submit(&miner.sealed(&publisher())).await.unwrap();
    assert_eq!(house.looked_at(&held.id).await, Quarantined);
    let found = found(&house.all_ended(&held.id).await);
    assert_eq!(
        found.iter().filter(|line| line.contains("yara/")).collect::<Vec<_>>(),
        [
            "Grave yara/match pages/home.html the rule Coin_Miner matches",
            "Note yara/match pages/home.html the rule Greets matches",
        ]
    );
    looking.stop().await;
}

#[tokio::test]
async fn journeys_are_taken_from_who_hands_in_and_run_again_with_the_submission() {
    let house = House::open_at(Clock::System).await.checking().await;
    let developer = house.caller(&house.tokens.developer);
    let id = developer.submit(&App::new(APP).sealed(&publisher())).await.unwrap().id;
    let sends = async |token: &str, body: &'static str| {
        let path = paths::of(paths::JOURNEYS, &id);
        house.caller(token).call(Method::POST, &path, "application/json", body).await.status.as_u16()
    };
    let one = r#"{"files":{"tests/a.js":"journey('x', async () => {});"}}"#;
    assert_eq!(sends(&house.tokens.tax_developer, one).await, 403);
    assert_eq!(sends(&house.tokens.developer, r#"{"files":{"../a.js":""}}"#).await, 422);
    assert_eq!(sends(&house.tokens.developer, one).await, 200);
    let looking = Looking::at(&house.store);
    let journeys = async || house.all_ended(&id).await.into_iter().find(|check| check.name.as_str() == "journeys");
    let check = journeys().await.unwrap();
    assert_eq!(
        (check.state, check.gates),
        (CheckState::Skipped, false),
        "nothing to run them with is there: {check:?}"
    );
    developer.withdraw(&id).await.unwrap();
    assert_eq!(developer.act(paths::HANDING_IN, &id).await.unwrap().state, Scanning, "it is looked at again");
    let again = journeys().await.unwrap();
    assert!(again.attempts == 1 && again.begun_at_ms >= check.ended_at_ms, "they are queued again, and were kept");
    assert_eq!(house.looked_at(&id).await, InReview);
    let kept = jobs::input(&mut house.store.database.read().await.unwrap(), &id, CheckName::Journeys).await.unwrap();
    assert!(kept.unwrap().contains("tests/a.js"));
    looking.stop().await;
}

/// Whatever breaks in the process of a check: it is tried three times, is shown to be broken, and holds nobody up.
#[tokio::test]
async fn a_check_that_breaks_is_tried_again_and_then_shown_as_broken() {
    let house = House::open_at(Clock::System).await.checking_with(Checks::new("/bin/false", Vec::new())).await;
    let looking = Looking::at(&house.store);
    let id = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap().id;
    assert_eq!(house.looked_at(&id).await, InReview, "people decide, who see that it was not made");
    let broken: Vec<Check> =
        house.all_ended(&id).await.into_iter().filter(|check| check.state != CheckState::Skipped).collect();
    assert_eq!(broken.len(), 6);
    for check in &broken {
        let why = check.why.clone().unwrap();
        assert_eq!((check.state, check.attempts), (CheckState::Failed, 3), "{check:?}");
        assert!(why.en.starts_with("it ended early") && why.zh.starts_with("检查进程出错"), "{why:?}");
    }
    let cookie = sign_in(&house, &house.tokens.first).await;
    for (language, said) in [("en", ["could not be done", "tried 3 times"]), ("zh", ["没有做成", "试了 3 次"])] {
        let shown = page(&house, &format!("/submissions/{id}"), &cookie, language).await.text();
        assert!(said.iter().all(|word| shown.contains(word)), "{shown}");
    }
    looking.stop().await;
}
