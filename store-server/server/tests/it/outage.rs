//! A bucket that fails at any request while somebody hands in, machines look, or a release is made: nothing is lost, nothing is
//! half there, and what was not done can be done again.

use std::{fs, time::Duration};

use axum::http::{Method, StatusCode};
use guichet_api::{
    CheckState,
    SubmissionState::{InReview, Quarantined, Released, Scanning, Submitted},
    paths,
};
use guichet_store::{blobs::Remote, checks::Checks, clock::Clock, commands, database::submissions, publish};
use guichet_trust::digest::Digest;

use crate::{
    bucket::{installs, release},
    checks::Looking,
    console::{page, sign_in},
    fake_bucket::{FakeBucket, Fault},
    house::{House, publisher, reviewers, told},
    killed::seen,
    packages::App,
    people::signed_at,
    postgres::Postgres,
    restart::files,
};

const APP: &str = "gov.example.residence.permit";
const MUCH: u64 = 1 << 30;
/// Longer than a busy machine needs, where an answer comes.
const LONG: Duration = Duration::from_secs(60);
/// Where none comes, as long as it is waited for; more requests than these answers are never late.
const SHORT: Duration = Duration::from_millis(500);

/// What holds after whatever happened: each submission has its whole package in the bucket, everything there is whole, nothing
/// is left half-written here, and the record is one chain.
async fn holds(house: &House, fake: &FakeBucket) {
    let objects = fake.objects();
    for digest in submissions::packages(&mut house.store.database.read().await.unwrap()).await.unwrap() {
        assert_eq!(Digest::of(&objects[&format!("packages/{digest}.ma")]), digest);
    }
    for (name, bytes) in objects.iter().filter(|(name, _)| name.as_str() != "guichet-store") {
        let last = name.rsplit('/').next().unwrap();
        let wanted = last.trim_end_matches(".zst").trim_end_matches(".ma");
        let found =
            if last.ends_with(".zst") { Digest::of(&zstd::decode_all(&bytes[..]).unwrap()) } else { Digest::of(bytes) };
        assert_eq!(found.to_string(), wanted, "{name}");
    }
    assert!(files(&house.store.folder.staging()).is_empty());
    commands::verify_audit(&house.store).await.map_err(told).unwrap();
}

/// At the end the bucket has what a new one would be given, and nothing else.
async fn follows_from_the_database(house: House, fake: &FakeBucket) {
    let house = house.kept_in(fake.remote("", MUCH)).await;
    holds(&house, fake).await;
    let found = fake.objects();
    let mut known = submissions::packages(&mut house.store.database.read().await.unwrap()).await.unwrap();
    known.sort();
    let packages: Vec<_> = found.keys().filter(|name| name.starts_with("packages/")).cloned().collect();
    assert_eq!(packages, known.iter().map(|digest| format!("packages/{digest}.ma")).collect::<Vec<_>>());
    let place = house.store.folder.bucket_file();
    for digest in known {
        house.store.folder.package(digest).unwrap();
    }
    fs::remove_file(place).unwrap();
    let other = FakeBucket::start();
    let _house = house.kept_in(other.remote("", MUCH)).await;
    assert!(other.objects() == found, "another bucket would be given something else");
}

/// Hands in and releases a version for each request that is made of the bucket, which fails from that one on until it is mended.
async fn fails_at_every_request(house: House, fault: Fault) {
    let fake = FakeBucket::start();
    let patience = if fault == Fault::Silent { SHORT } else { LONG };
    let house = house.kept_in(Remote::new(fake.bucket("", patience), MUCH)).await;
    let (developer, reviewer) = (house.caller(&house.tokens.developer), house.caller(&house.tokens.first));
    let (mut refused, mut late) = (0, 0);
    for requests in 0.. {
        let code = u32::try_from(requests).unwrap() + 1;
        let package = App::new(APP).version(code).sealed(&publisher());
        fake.fail_after(requests, fault);
        let submission = match developer.submit(&package).await {
            Ok(submission) => submission,
            Err(problem) => {
                assert_eq!(problem.status, 500, "{problem}");
                refused += 1;
                assert!(fake.mend());
                holds(&house, &fake).await;
                let again = developer.submit(&package).await.unwrap();
                fake.fail_after(0, fault);
                again
            }
        };
        assert_eq!(submission.state, Submitted);
        let proposal = reviewer.proposal(&submission.id).await.unwrap();
        // The package comes from the bucket, too.
        house.lose_the_cache();
        let approval = signed_at(&proposal, &reviewers()[0], house.store.clock.now_ms());
        let approved = reviewer.post_approval(&submission.id, &approval).await;
        let has_failed = fake.mend();
        holds(&house, &fake).await;
        let (old, now) = (submission.sequence - 1, seen(&house).await);
        assert!([old, submission.sequence].contains(&now), "{requests}: {now}");
        late += usize::from(now == old);
        match approved {
            Ok(done) => {
                assert_eq!(done.state, Released);
                assert_eq!(house.store.is_lagging(), now == old, "{requests}: it knows what it still has to do");
            }
            Err(problem) => {
                assert!([500, 503].contains(&problem.status), "{problem}");
                if reviewer.detail(&submission.id).await.unwrap().submission.state != Released {
                    reviewer.post_approval(&submission.id, &approval).await.unwrap();
                }
            }
        }
        publish::publish_or_lag(&house.store).await;
        assert!(!house.store.is_lagging());
        installs(&house, submission.sequence).await;
        holds(&house, &fake).await;
        if !has_failed {
            break;
        }
    }
    assert!(refused == 1 && late > 5, "{refused} {late}");
    follows_from_the_database(house, &fake).await;
}

#[tokio::test]
async fn a_bucket_that_breaks_at_any_request_loses_nothing_and_publishes_nothing_by_halves() {
    fails_at_every_request(House::open_at(Clock::System).await, Fault::Broken).await;
}

#[tokio::test]
#[ignore = "a minute: cargo xtask test --full"]
async fn a_connection_to_a_bucket_that_is_cut_at_any_request_loses_nothing() {
    fails_at_every_request(House::open_at(Clock::System).await, Fault::Cut).await;
}

#[tokio::test]
#[ignore = "a minute: cargo xtask test --full"]
async fn a_bucket_that_is_silent_from_any_request_on_loses_nothing() {
    fails_at_every_request(House::open_at(Clock::System).await, Fault::Silent).await;
}

#[tokio::test]
#[ignore = "two minutes: cargo xtask test --full"]
async fn a_bucket_that_is_cut_or_silent_loses_nothing_in_postgresql() {
    for fault in [Fault::Cut, Fault::Silent] {
        fails_at_every_request(House::open_in(Clock::System, Some(Postgres::shared())).await, fault).await;
    }
}

/// What comes back is not what was put there, and a release is made of nothing else.
#[tokio::test]
async fn a_release_is_not_made_of_what_a_bucket_makes_up() {
    let fake = FakeBucket::start();
    let house = House::open_at(Clock::System).await.kept_in(fake.remote("", MUCH)).await;
    release(&house, 1).await;
    for (code, fault) in (2..).zip([Fault::OtherBytes, Fault::Lost, Fault::Endless, Fault::Cut]) {
        let package = App::new(APP).version(code).sealed(&publisher());
        let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
        let reviewer = house.caller(&house.tokens.first);
        let proposal = reviewer.proposal(&submission.id).await.unwrap();
        let approval = signed_at(&proposal, &reviewers()[0], house.store.clock.now_ms());
        house.lose_the_cache();
        fake.fail_after(0, fault);
        // Whether it counts is in the database; nobody is shown it before its files are there.
        let _said = reviewer.post_approval(&submission.id, &approval).await;
        assert!(fake.mend());
        holds(&house, &fake).await;
        assert_eq!(seen(&house).await, submission.sequence - 1, "{fault:?}");
        if reviewer.detail(&submission.id).await.unwrap().submission.state != Released {
            reviewer.post_approval(&submission.id, &approval).await.unwrap();
        }
        publish::publish_or_lag(&house.store).await;
        installs(&house, submission.sequence).await;
    }
    follows_from_the_database(house, &fake).await;
}

/// A secret in the package shows that it was looked at in the end, and not let through.
#[tokio::test]
async fn machines_wait_for_a_bucket_and_let_nothing_through_meanwhile() {
    const SECRET: &str = "\n<p data-key=\"AKIAABCDEFGHIJKLMNOP\">";
    let fake = FakeBucket::start();
    let house = House::open_at(Clock::System).await.kept_in(fake.remote("", MUCH)).await;
    let checks = || Checks::new(env!("CARGO_BIN_EXE_guichet-store"), Vec::new()).gates_only();
    let house = house.checking_with(checks()).await;
    for (code, fault) in (1..).zip([Fault::Broken, Fault::OtherBytes, Fault::Cut, Fault::Lost]) {
        let app = App { text: SECRET, ..App::new(APP).version(2 * code) };
        let id = house.caller(&house.tokens.developer).submit(&app.sealed(&publisher())).await.unwrap().id;
        house.lose_the_cache();
        let before = fake.asked().len();
        fake.fail_after(0, fault);
        let looking = Looking::at(&house.store);
        // Somebody has tried; what is being tried ends before they stop.
        crate::checks::until(async || (fake.asked().len() > before).then_some(())).await;
        looking.stop().await;
        let cookie = sign_in(&house, &house.tokens.developer).await;
        let at = format!("/submissions/{id}");
        if matches!(fault, Fault::Lost | Fault::OtherBytes) {
            let shown = page(&house, &at, &cookie, "en").await;
            assert_eq!(shown.status, StatusCode::SERVICE_UNAVAILABLE, "{fault:?}");
            let known = house.caller(&house.tokens.developer).detail(&id).await.unwrap();
            assert!(known.manifest.is_none() && known.lost.is_some_and(|why| why.en.contains("hint: ")), "{fault:?}");
            let text = shown.text();
            for said in ["The package cannot be looked at", "What to do: "] {
                assert_eq!(text.matches(said).count(), 1, "{fault:?}: {said} in {text}");
            }
            assert!(text.contains("Look again") && !text.contains(&fake.endpoint), "{fault:?}: {text}");
        }
        assert!(fake.mend());
        assert_eq!(house.state(&id).await, Scanning, "{fault:?}");
        let all = house.checks(&id).await;
        assert!(all.iter().all(|check| check.state.is_ended() || check.attempts == 0), "{all:?}");
        // Who waits is told, and may have it tried again at once.
        let stuck = all.iter().find(|check| check.state == CheckState::Waiting && check.why.is_some());
        let stuck = stuck.unwrap_or_else(|| panic!("{fault:?}: {all:?}"));
        let why = stuck.why.clone().unwrap();
        assert!(why.en.contains("hint: ") && why.zh.contains("建议"), "{why:?}");
        let kind = match fault {
            Fault::Lost => "has lost it",
            Fault::OtherBytes => "gives other bytes",
            _ => "does not give it now",
        };
        assert!(why.en.contains(kind) && !why.en.contains(&fake.endpoint), "{fault:?}: {}", why.en);
        let text = page(&house, &at, &cookie, "zh").await.text();
        assert!(text.contains("看不到软件包") && text.contains("再查一次"), "{text}");
        let path = paths::of(paths::CHECKS, &id);
        let body = serde_json::json!({ "name": stuck.name }).to_string();
        let developer = house.caller(&house.tokens.developer);
        let again = developer.call(Method::POST, &path, "application/json", body).await;
        assert!(again.status.is_success(), "{}", again.text());
        holds(&house, &fake).await;

        let looking = Looking::at(&house.store);
        assert_eq!(house.looked_at(&id).await, Quarantined, "{fault:?}");
        looking.stop().await;
        let good = App::new(APP).version(2 * code + 1).sealed(&publisher());
        let looking = Looking::at(&house.store);
        let id = house.caller(&house.tokens.developer).submit(&good).await.unwrap().id;
        assert_eq!(house.looked_at(&id).await, InReview);
        house.caller(&house.tokens.first).approve(&id, &reviewers()[0]).await.unwrap();
        looking.stop().await;
    }
    installs(&house, 4).await;
}
