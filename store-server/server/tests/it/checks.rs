//! Machines look before people do: by the real program as its own confined process, under a real clock, and with kills.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::{Method, StatusCode};
use guichet_api::{
    Check, CheckFinding, CheckList, CheckName, CheckState, CheckWeight, PagePictureList, Said,
    SubmissionState::{self, InReview, Quarantined, Released, Scanning},
    paths,
};
use guichet_store::{
    checks::{self, Checks, WORD},
    clock::Clock,
    commands,
    database::{
        commit,
        jobs::{self, Outcome},
        looks, submissions as records,
    },
    http::router,
    store::Store,
};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    console::{page, sign_in},
    house::{House, publisher, reviewers, tax_publisher, told},
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

/// An identity card, and the same by somebody who wants to be taken for its department.
const CARD: [&str; 2] = [CARD_GREEN, CARD_ON_A_TILE];
const CARD_GREEN: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#0d6656" stroke-width="1.75"><rect x="2.5" y="5" width="19" height="14" rx="2"/><circle cx="8.5" cy="11" r="2.2"/><path d="M5 16c.6-1.7 1.9-2.3 3.5-2.3s2.9.6 3.5 2.3M14.5 10h4M14.5 14h4"/></svg>"##;
const CARD_ON_A_TILE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#883322"/><g fill="none" stroke="#fff" stroke-width="1.75" transform="translate(4 4) scale(.66)"><rect x="2.5" y="5" width="19" height="14" rx="2"/><circle cx="8.5" cy="11" r="2.2"/><path d="M5 16c.6-1.7 1.9-2.3 3.5-2.3s2.9.6 3.5 2.3M14.5 10h4M14.5 14h4"/></g></svg>"##;
const CLOCK: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#000" stroke-width="1.75"><circle cx="12" cy="12" r="9"/><path d="M12 7v5.500l3.500 2"/></svg>"##;

#[tokio::test]
async fn an_icon_that_looks_like_another_departments_is_shown_beside_it() {
    let house = House::open_at(Clock::System).await.checking().await;
    let (developer, tax) = (house.caller(&house.tokens.developer), house.caller(&house.tokens.tax_developer));
    let looking = Looking::at(&house.store);
    let theirs = developer.submit(&App { drawing: CARD[0], ..App::new(APP) }.sealed(&publisher())).await.unwrap();
    assert_eq!(house.looked_at(&theirs.id).await, InReview);
    house.all_ended(&theirs.id).await;
    assert!(found(&house.checks(&theirs.id).await).is_empty());
    house.caller(&house.tokens.first).approve(&theirs.id, &reviewers()[0]).await.unwrap();

    let words = [["Tax card", "Your tax number"], ["税卡", "您的税号"]];
    let ours = tax.submit(&App { drawing: CARD[1], words, ..App::new(TAX) }.sealed(&tax_publisher())).await.unwrap();
    assert_eq!(house.looked_at(&ours.id).await, InReview, "people decide, who see both");
    let checks = house.all_ended(&ours.id).await;
    insta::assert_snapshot!(found(&checks).join("\n"), @"Warning icons/look-alike common/icon.svg its icon looks like that of another department's app: gov.example.residence.permit, residence");
    let like = checks.iter().flat_map(|check| &check.findings).find_map(|found| found.like.clone()).unwrap();
    assert_eq!((like.app_id.as_str(), like.department.as_str()), (APP, "residence"));
    assert!(like.apart <= 5, "{}", like.apart);

    let reviewer = sign_in(&house, &house.tokens.tax_reviewer).await;
    let at = format!("/submissions/{}", ours.id);
    let own = format!("{at}/icon?path=common%2Ficon%2Esvg");
    let theirs_at = format!("{at}/icons/{APP}");
    for (language, texts) in [("en", ["This app", "The other", "% apart"]), ("zh", ["这个应用", "对方", "差异"])]
    {
        let shown = page(&house, &at, &reviewer, language).await.text();
        for text in texts.into_iter().chain([own.as_str(), theirs_at.as_str()]) {
            assert!(shown.contains(text), "{text} in {shown}");
        }
    }
    let icon = page(&house, &own, &reviewer, "en").await;
    assert_eq!((icon.header("content-type"), icon.text().as_str()), ("image/svg+xml", CARD[1]));
    let other = page(&house, &format!("{at}/icon?path=app.js"), &reviewer, "en").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "an icon and nothing else");
    let stranger = sign_in(&house, &house.tokens.developer).await;
    assert_eq!(page(&house, &own, &stranger, "en").await.status, StatusCode::FORBIDDEN);

    // Whoever compares the two sees the other one, on the shelf or not; nobody else does.
    let operator = house.caller(&house.tokens.operator);
    let off = paths::DELISTING.replace("{app}", APP);
    let answer = operator.call(Method::POST, &off, "application/json", r#"{"reason":"moved"}"#).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(house.anonymous().get(&paths::SERVICE_ICON.replace("{app}", APP)).await.status, StatusCode::GONE);
    let icon = page(&house, &theirs_at, &reviewer, "en").await;
    assert_eq!((icon.header("content-type"), icon.text().as_str()), ("image/svg+xml", CARD[0]));
    assert_eq!(page(&house, &theirs_at, &stranger, "en").await.status, StatusCode::FORBIDDEN);
    assert_ne!(page(&house, &theirs_at, "", "en").await.status, StatusCode::OK);
    let of_another = page(&house, &format!("{at}/icons/{TAX}"), &reviewer, "en").await;
    assert_eq!(of_another.status, StatusCode::NOT_FOUND, "only what was found to be like it");

    let known = looks::all(&mut house.store.database.read().await.unwrap()).await.unwrap();
    assert_eq!(known.len(), 1, "it was looked at once and is kept");
    for (code, drawing, expected) in [(2, CARD[1], 1), (3, CLOCK, 0)] {
        let app = App { drawing, words, ..App::new(TAX) }.version(code);
        let next = tax.submit(&app.sealed(&tax_publisher())).await.unwrap();
        house.looked_at(&next.id).await;
        assert_eq!(found(&house.all_ended(&next.id).await).len(), expected, "{code}");
    }
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
    developer.act(paths::HANDING_IN, &id).await.unwrap();
    assert_eq!(journeys().await.unwrap().attempts, 1, "they are queued again, and were kept");
    let kept = jobs::input(&mut house.store.database.read().await.unwrap(), &id, CheckName::Journeys).await.unwrap();
    assert!(kept.unwrap().contains("tests/a.js"));
    looking.stop().await;
}

/// What machines would have found and seen of a submission and of the release before it, for whoever looks at the page.
pub(crate) async fn laid_down(house: &House, id: &str) {
    let said = |en: &str, zh: &str| Said { en: en.to_owned(), zh: zh.to_owned() };
    let finding = |class: &str, weight, line: Option<u32>, what, hint| {
        let path = line.map(|_| "pages/home.html".to_owned());
        vec![CheckFinding { class: class.to_owned(), weight, path, line, like: None, what, hint }]
    };
    let secret = finding(
        "check/secret",
        CheckWeight::Grave,
        Some(12),
        said(
            "this looks like AWS key, and everybody who gets the package can read it",
            "这看起来是AWS key，拿到这个包的人都能读到",
        ),
        said("take it out and replace it where it is in force", "去掉它，并在生效的地方换掉"),
    );
    let undeclared = finding(
        "check/undeclared-permission",
        CheckWeight::Warning,
        Some(3),
        said(
            "the app calls this and does not ask for `host:scan`, so every call is denied",
            "应用调用了它，却没有申请 `host:scan`，每次调用都会被拒绝",
        ),
        said("ask for it in req_permissions, or leave the call out", "在 req_permissions 里申请，或去掉这个调用"),
    );
    let mixed = finding(
        "names/mixed-scripts",
        CheckWeight::Note,
        None,
        said("the name mixes letters of scripts that look alike: Rеsidence", "名称混用了外形相近的不同文字：Rеsidence"),
        said(
            "write it in one script; Latin letters beside Chinese are fine",
            "用同一种文字写；中文里夹拉丁字母没有问题",
        ),
    );
    let late = said("it took longer than 120 s", "检查进程出错：it took longer than 120 s");
    let missing = said(
        "the program `guichet` is not installed beside the store; install it and look again",
        "商店旁边没有安装程序 `guichet`；安装后再检查一次",
    );
    let now_ms = house.store.clock.now_ms();
    let mut change = house.store.database.change().await.unwrap();
    for name in CheckName::ALL {
        jobs::queue(&mut change, id, name, false, now_ms).await.unwrap();
        let job = jobs::of(&mut change, id).await.unwrap().into_iter().find(|job| job.name == name).unwrap();
        jobs::lease(&mut change, &job, "lease", now_ms + 1000, now_ms).await.unwrap();
        let done = |findings: &Vec<CheckFinding>| (CheckState::Done, None, findings.clone());
        let (state, why, findings) = match name {
            CheckName::Secrets => done(&secret),
            CheckName::Uses => done(&undeclared),
            CheckName::Names => done(&mixed),
            CheckName::Size => (CheckState::Failed, Some(late.clone()), Vec::new()),
            CheckName::Desk => (CheckState::Skipped, Some(missing.clone()), Vec::new()),
            _ => done(&Vec::new()),
        };
        let outcome = Outcome { why, findings };
        assert!(jobs::end(&mut change, &job, "lease", state, &outcome, now_ms + 1200).await.unwrap());
    }
    let record = records::get(&mut change, id).await.unwrap().unwrap();
    let before = records::last_released_before(&mut change, &record).await.unwrap().unwrap();
    commit(change).await.unwrap();
    let [now, then] = [record.package, before.package].map(|package| house.store.folder.pictures(package));
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures");
    for (place, file) in [
        (now.join("light/phone/pages-home en.png"), SEEN[0]),
        (then.join("light/phone/pages-home en.png"), SEEN[1]),
        (now.join("light/desktop/pages-home en.png"), SEEN[1]),
        (then.join("light/desktop/pages-home en.png"), SEEN[1]),
        (now.join("dark/desktop/pages-home zh-Hans.png"), SEEN[0]),
    ] {
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(pictures.join(file), place).unwrap();
    }
}

/// Two pictures, whatever they show.
const SEEN: [&str; 2] = ["console/sign-in-phone.png", "console/problem-phone.png"];

#[tokio::test]
async fn pictures_are_shown_to_those_who_see_the_submission_and_compared_with_the_release_before() {
    let house = House::open().await;
    let developer = house.caller(&house.tokens.developer);
    let one = developer.submit(&App::new(APP).sealed(&publisher())).await.unwrap();
    house.caller(&house.tokens.first).approve(&one.id, &reviewers()[0]).await.unwrap();
    let two = developer.submit(&App { text: "new", ..App::new(APP).version(2) }.sealed(&publisher())).await.unwrap();
    laid_down(&house, &two.id).await;
    let list = developer.get(&paths::of(paths::PICTURES, &two.id)).await;
    let list: PagePictureList = serde_json::from_slice(&list.body).unwrap();
    let shown: Vec<_> = list.items.iter().map(|it| format!("{} {} {}", it.name, it.before, it.changed)).collect();
    assert_eq!(
        shown,
        [
            "light.desktop.en.pages-home true false",
            "light.phone.en.pages-home true true",
            "dark.desktop.zh-Hans.pages-home false false",
        ]
    );
    let at = |name: &str, more: &str| paths::of(paths::PICTURE, &two.id).replace("{name}", name) + more;
    let now = developer.get(&at("light.phone.en.pages-home", "")).await;
    let before = developer.get(&at("light.phone.en.pages-home", "?before=true")).await;
    assert_eq!((now.header("content-type"), now.status), ("image/png", StatusCode::OK));
    assert!(now.body.starts_with(b"\x89PNG") && before.body.starts_with(b"\x89PNG") && now.body != before.body);
    for (name, more, status) in [
        ("light.phone.en.pages-away", "", 404),
        ("light.phone.en...%2F..%2Fstore.json", "", 404),
        ("dark.desktop.zh-Hans.pages-home", "?before=true", 404),
        ("light.phone.en.pages-home", "?before=perhaps", 400),
    ] {
        assert_eq!(developer.get(&at(name, more)).await.status.as_u16(), status, "{name}");
    }
    let other = house.caller(&house.tokens.tax_developer).get(&at("light.phone.en.pages-home", "")).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    let cookie = sign_in(&house, &house.tokens.first).await;
    let shown = page(&house, &format!("/submissions/{}", two.id), &cookie, "en").await.text();
    assert!(shown.contains("Pages on every terminal") && shown.contains("1 changed of 3"), "{shown}");
    let png =
        page(&house, &format!("/submissions/{}/pictures/light%2Ephone%2Een%2Epages%2Dhome", two.id), &cookie, "en")
            .await;
    assert_eq!(png.body, now.body);
}

/// The server is killed when so many checks have ended, and opened again.
async fn killed_at_every_step(house: House) {
    // Those that take minutes hold nothing, and are not waited for here.
    let house = house.checking_with(Checks::new(PROGRAM, Vec::new()).gates_only()).await;
    let dir = house.folder.path().join("store").to_str().unwrap().to_owned();
    let mut seen = Vec::new();
    for (code, ended) in (1..).zip([0, 1, 2, 4, 7]) {
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
        let held = house.checks(&id).await.iter().filter(|check| check.gates).all(|check| check.state.is_ended());
        assert_eq!(state == Quarantined, held, "it is held when everything has ended, and not before");

        let (_server, _) = serving(&dir, house.address.as_deref());
        assert_eq!(house.looked_at(&id).await, Quarantined);
        let checks: Vec<_> = house.checks(&id).await.into_iter().filter(|check| check.gates).collect();
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

/// The database falls and comes back while the server goes on: what it found meanwhile is written down then, and not in half an
/// hour, when somebody else might begin again.
#[tokio::test]
#[ignore = "with a database of its own: cargo xtask test --full"]
async fn a_database_that_falls_while_machines_look_loses_nothing_in_postgresql() {
    let database = Arc::new(Postgres::start());
    let house = House::open_in(Clock::System, Some(Arc::clone(&database))).await;
    let house = house.checking_with(Checks::new(PROGRAM, Vec::new()).gates_only()).await;
    let dir = house.folder.path().join("store").to_str().unwrap().to_owned();
    for (code, ended) in (1..).zip([0, 1, 3]) {
        let app = App { text: SECRET, ..App::new(APP).version(code) };
        let id = house.caller(&house.tokens.developer).submit(&app.sealed(&publisher())).await.unwrap().id;
        let (_server, _) = serving(&dir, house.address.as_deref());
        until(async || {
            let all = jobs::of(&mut house.store.database.read().await.unwrap(), &id).await.unwrap();
            let begun = all.iter().any(|job| job.attempts > 0);
            (begun && all.iter().filter(|job| job.state.is_ended()).count() >= ended).then_some(())
        })
        .await;
        database.restart();
        // Not by the API, which lets nobody ask so often.
        let state = until(async || {
            let found = records::get(&mut house.store.database.read().await.unwrap(), &id).await.unwrap();
            found.map(|record| record.state).filter(|state| *state != Scanning)
        });
        assert_eq!(state.await, Quarantined);
        let checks: Vec<_> = house.checks(&id).await.into_iter().filter(|check| check.gates).collect();
        assert!(checks.iter().all(|check| check.state == CheckState::Done), "{checks:?}");
        assert_eq!(found(&checks).iter().filter(|it| it.contains("check/secret")).count(), 1);
    }
    commands::verify_audit(&house.store).await.map_err(told).unwrap();
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

impl House {
    /// Why checks wait, once each that has not ended was tried in vain.
    async fn why_they_wait(&self, id: &str) -> Vec<String> {
        let waiting = async || {
            let all = self.checks(id).await;
            let stuck: Option<Vec<_>> =
                all.iter().filter(|check| !check.state.is_ended()).map(|it| it.why.clone()).collect();
            stuck.map(|stuck| stuck.into_iter().map(|why| why.en).collect::<Vec<_>>())
        };
        until(waiting).await
    }
}

/// Machines go on with what others hand in, compare with what is there, and say of which package they wait for.
#[tokio::test]
async fn a_lost_package_holds_up_nobody_else() {
    let house = House::open_at(Clock::System).await;
    let house = house.checking_with(Checks::new(PROGRAM, Vec::new()).gates_only()).await;
    let (developer, tax) = (house.caller(&house.tokens.developer), house.caller(&house.tokens.tax_developer));
    let looking = Looking::at(&house.store);
    let out = App { drawing: CARD_GREEN, ..App::new(APP) }.sealed(&publisher());
    let released = developer.submit(&out).await.unwrap().id;
    assert_eq!(house.looked_at(&released).await, InReview);
    house.caller(&house.tokens.first).approve(&released, &reviewers()[0]).await.unwrap();
    looking.stop().await;

    let lost = App::new(APP).version(2).sealed(&publisher());
    let id = developer.submit(&lost).await.unwrap().id;
    for package in [&out, &lost] {
        std::fs::remove_file(house.store.folder.package_path(package.digest())).unwrap();
    }
    let words = [["Tax card", "Your tax number"], ["税卡", "您的税号"]];
    let theirs = App { words, drawing: CLOCK, ..App::new(TAX) }.sealed(&tax_publisher());
    let theirs = tax.submit(&theirs).await.unwrap().id;
    let looking = Looking::at(&house.store);
    assert_eq!(house.looked_at(&theirs).await, InReview, "neither in the queue nor among the icons");
    insta::assert_snapshot!(found(&house.all_ended(&theirs).await).join("\n"), @"Warning icons/others-not-compared  nothing was compared with the icons of these apps, which the place where packages are kept has lost: gov.example.residence.permit, residence");
    let reviewer = sign_in(&house, &house.tokens.tax_reviewer).await;
    for (language, said) in [("en", "the place where packages are kept has lost"), ("zh", "没有与这些应用的图标比较")]
    {
        let shown = page(&house, &format!("/submissions/{theirs}"), &reviewer, language).await.text();
        assert!(shown.contains(said) && shown.contains(&format!("{APP}, residence")), "{shown}");
    }
    let why = house.why_they_wait(&id).await;
    assert!(why.len() == 6 && why.iter().all(|why| why.starts_with("the package cannot be looked at")), "{why:?}");
    looking.stop().await;

    std::fs::write(house.store.folder.package_path(lost.digest()), lost.bytes()).unwrap();
    let looking = Looking::at(&house.store);
    until(async || {
        let why = house.why_they_wait(&id).await;
        matches!(&why[..], [size] if size.starts_with("the package of the release before")).then_some(())
    })
    .await;
    looking.stop().await;

    std::fs::write(house.store.folder.package_path(out.digest()), out.bytes()).unwrap();
    let looking = Looking::at(&house.store);
    assert_eq!(house.looked_at(&id).await, InReview);
    looking.stop().await;
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
