//! Machines look before people do: by the real program as its own confined process, under a real clock, and with kills.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
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
    checks::{self, Checks, WORD},
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
    postgres::Postgres,
    process::serving,
};

const APP: &str = "gov.example.residence.permit";
const TAX: &str = "gov.example.tax.permit";
const DEADLINE: Duration = Duration::from_secs(60);
const PROGRAM: &str = env!("CARGO_BIN_EXE_guichet-store");

impl House {
    /// The same store, which has checks made but makes none itself.
    async fn checking(self) -> Self {
        self.store.database.close().await;
        let mut store = Store::open(self.store.folder.clone(), self.store.clock.clone()).await.unwrap();
        store.checks = Some(Checks::new(PROGRAM, Vec::new()));
        let store = Arc::new(store);
        Self { router: router(Arc::clone(&store)), store, ..self }
    }

    /// The checks of a submission, as the API gives them.
    async fn checks(&self, id: &str) -> Vec<Check> {
        let answer = self.caller(&self.tokens.administrator).get(&paths::of(paths::CHECKS, id)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        serde_json::from_slice::<CheckList>(&answer.body).unwrap().items
    }

    async fn state(&self, id: &str) -> SubmissionState {
        self.caller(&self.tokens.administrator).detail(id).await.unwrap().submission.state
    }

    /// Its state once machines are through with it.
    async fn looked_at(&self, id: &str) -> SubmissionState {
        until(async || Some(self.state(id).await).filter(|state| *state != Scanning)).await
    }
}

/// What comes to be, within a minute.
async fn until<T>(look: impl AsyncFn() -> Option<T>) -> T {
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
struct Looking(watch::Sender<bool>, Option<JoinHandle<()>>);

impl Looking {
    fn at(store: &Arc<Store>) -> Self {
        let (tell, told) = watch::channel(false);
        let store = Arc::clone(store);
        Self(tell, Some(tokio::spawn(async move { checks::watch(store, told).await.unwrap() })))
    }

    async fn stop(mut self) {
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
    let checks = house.checks(&clean.id).await;
    assert_eq!(checks.iter().map(|check| check.name).collect::<Vec<_>>(), CheckName::ALL);
    for check in &checks {
        let expected = if check.name == CheckName::Desk { CheckState::Skipped } else { CheckState::Done };
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
    insta::assert_snapshot!(found(&house.checks(&alike.id).await).join("\n"), @"Grave names/look-alike  it looks like another department's: Residence permit (gov.example.residence.permit, residence)");

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
    let before = found(&house.checks(&held.id).await);
    assert_eq!(again(&house.tokens.first, "secrets").await, (200, String::new()));
    until(async || house.checks(&held.id).await.iter().all(|check| check.state.is_ended()).then_some(())).await;
    assert_eq!(found(&house.checks(&held.id).await), before, "it finds the same");
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

/// The server is killed when so many checks have ended, and opened again.
async fn killed_at_every_step(house: House) {
    let house = house.checking().await;
    let dir = house.folder.path().join("store").to_str().unwrap().to_owned();
    let mut seen = Vec::new();
    for (code, ended) in (1..).zip([0, 1, 2, 4, 6]) {
        let app = App { text: SECRET, ..App::new(APP).version(code) };
        let id = house.caller(&house.tokens.developer).submit(&app.sealed(&publisher())).await.unwrap().id;
        let (mut server, _) = serving(&dir, house.address.as_deref());
        until(async || {
            let all = jobs::of(&mut house.store.database.read().await.unwrap(), &id).await.unwrap();
            let begun = all.iter().any(|job| job.attempts > 0);
            (begun && all.iter().filter(|job| job.state.is_ended()).count() >= ended).then_some(())
        })
        .await;
        server.kill().unwrap();
        server.wait().unwrap();
        let state = house.state(&id).await;
        assert!([Scanning, Quarantined].contains(&state), "{ended}: {state}");
        let held = house.checks(&id).await.iter().all(|check| check.state.is_ended());
        assert_eq!(state == Quarantined, held, "it is held when everything has ended, and not before");

        let (_server, _) = serving(&dir, house.address.as_deref());
        assert_eq!(house.looked_at(&id).await, Quarantined);
        let checks = house.checks(&id).await;
        assert!(checks.iter().all(|check| check.state.is_ended()), "{checks:?}");
        let secrets: Vec<String> = found(&checks).into_iter().filter(|it| it.contains("check/secret")).collect();
        assert_eq!(secrets.len(), 1, "whether it ran once or twice: {secrets:?}");
        seen.push(state);
    }
    assert!(seen.contains(&Scanning), "no kill fell while it was looked at");
}

#[tokio::test]
async fn a_kill_while_machines_look_loses_nothing_and_lets_nothing_through() {
    killed_at_every_step(House::open_in(Clock::System, None).await).await;
}

#[tokio::test]
async fn a_kill_loses_nothing_in_postgresql() {
    killed_at_every_step(House::open_in(Clock::System, Some(Postgres::shared())).await).await;
}

/// A program in the cage of checks, with one folder that it may read.
fn caged(readable: &Path, script: &str) -> Output {
    let words = [WORD, "run", readable.to_str().unwrap(), "--", "/bin/bash", "-c", script];
    Command::new(PROGRAM).args(words).env_clear().env("PATH", "/usr/bin:/bin").output().unwrap()
}

#[test]
fn a_program_in_the_cage_reads_what_it_is_given_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let [given, other] = ["given", "other"].map(|name| folder.path().join(name));
    for path in [&given, &other] {
        std::fs::create_dir(path).unwrap();
        std::fs::write(path.join("file"), "read").unwrap();
    }
    let read = caged(&given, &format!("cat {}/file", given.display()));
    assert_eq!((read.status.code(), &read.stdout[..]), (Some(0), &b"read"[..]), "{read:?}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for script in [
        format!("cat {}/file", other.display()),
        "cat /etc/passwd".to_owned(),
        "cat /proc/self/environ".to_owned(),
        format!("echo x > {}/file", given.display()),
        "echo x > /tmp/guichet-caged".to_owned(),
        format!("exec 3<>/dev/tcp/127.0.0.1/{port}"),
        "unshare -r true".to_owned(),
        "kill -0 $PPID".to_owned(),
    ] {
        let output = caged(&given, &script);
        assert!(!output.status.success() && output.stdout.is_empty(), "{script}: {output:?}");
    }
}

#[test]
fn the_process_of_a_check_that_is_given_rubbish_says_so() {
    let mut child = Command::new(PROGRAM);
    let child = child.arg(WORD).stdin(Stdio::null()).output().unwrap();
    assert_eq!((child.status.code(), &child.stderr[..]), (Some(1), &b"there is nothing to look at\n"[..]), "{child:?}");
}
