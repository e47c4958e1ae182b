//! The record of who did what: complete, whole, and shown to those who may read it.

use axum::http::Method;
use guichet_api::{PersonRole, paths};
use guichet_contract::Channel;
use guichet_store::{
    audit::{Entry, restore, sign_daily},
    brake, commands,
    database::audit as records,
    people::{Actor, NewInvitation, change_role, invite, join},
};
use guichet_trust::log::{Checkpoint, SignedNote};
use sqlx::Executor;

use crate::{
    console::{page, post, sign_in},
    house::{House, publisher, reviewers, told},
    members::{id_of, outcome},
    packages::App,
};

const APP: &str = "gov.example.residence.permit";

async fn all(house: &House) -> Vec<Entry> {
    records::from(&mut house.store.database.read().await.unwrap(), 0).await.unwrap()
}

/// The entries after those that were there, a line each.
async fn since(house: &House, known: usize) -> String {
    let line = |entry: &Entry| {
        let about = if entry.deed == "session.open" { "…" } else { &entry.about };
        let cut = |text: &Option<String>| {
            let text = text.as_deref().map(|text| text.chars().take(24).collect::<String>());
            text.map(|text| if text.starts_with("release ") { "release …".to_owned() } else { text })
        };
        format!(
            "{} {:?} {} [{about}] {} {:?} {:?} -> {:?}\n",
            entry.name,
            entry.outcome,
            entry.deed,
            entry.department.as_deref().unwrap_or("-"),
            entry.why,
            cut(&entry.before),
            cut(&entry.after),
        )
    };
    all(house).await[known..].iter().map(line).collect()
}

#[tokio::test]
async fn what_is_done_and_what_is_refused_is_recorded_with_who_and_why() {
    let house = House::open().await;
    let known = all(&house).await.len();
    let store = &house.store;
    let new = NewInvitation {
        name: "Ines".to_owned(),
        role: PersonRole::Developer,
        department: Some("residence".parse().unwrap()),
        lasts_ms: 1000,
    };
    let (_, secret) = invite(store, Actor::Machine, new).await.unwrap();
    let ines = join(store, &secret).await.unwrap();
    change_role(store, Actor::Machine, &ines.person.id, PersonRole::Reviewer).await.unwrap();
    let package = App::new(APP).asking(&["host:storage"]).sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    house.caller(&house.tokens.tax_developer).get(&paths::of(paths::SUBMISSION, &id)).await;
    house.caller(&house.tokens.developer).refuse(&id, "no").await.unwrap_err();
    let cookie = sign_in(&house, &house.tokens.auditor).await;
    page(&house, "/members", &cookie, "en").await;
    house.anonymous().get(paths::ME).await;
    house.caller(&house.tokens.first).approve(&id, &reviewers()[0]).await.unwrap();
    house.caller(&house.tokens.second).approve(&id, &reviewers()[1]).await.unwrap();
    let (app, channel) = (APP.parse().unwrap(), Channel::stable());
    brake::halt(store, Actor::Machine, &app, &channel, "it hangs").await.unwrap();
    brake::resume(store, Actor::Machine, &app, &channel, "mended").await.unwrap();
    let text = since(&house, known).await.replace(&id, "ID").replace(&package_digest(&house).await, "PACKAGE");
    insta::assert_snapshot!(text);
    assert_eq!(commands::verify_audit(store).await.map_err(told).unwrap(), (all(&house).await.len() as u64, 0));
}

/// What of the package's digest a line shows.
async fn package_digest(house: &House) -> String {
    let entry = all(house).await.into_iter().find(|entry| entry.deed == "submission.submit").unwrap();
    entry.after.unwrap().chars().take(24).collect()
}

#[tokio::test]
async fn a_record_that_somebody_touched_is_seen_and_so_is_one_that_was_written_anew() {
    let house = House::open().await;
    let store = &house.store;
    assert!(sign_daily(store).await.unwrap());
    assert!(!sign_daily(store).await.unwrap(), "once a day");
    let note = house.get("/static/audit/checkpoint").await;
    let note = SignedNote::parse(&note.body).unwrap();
    let head = Checkpoint::parse(note.text()).unwrap();
    assert_eq!(head.origin, "store.example/static/log/audit");
    assert_eq!(head.size, all(&house).await.len() as u64);
    store.clock.advance(24 * 60 * 60 * 1000);
    assert!(!sign_daily(store).await.unwrap(), "there is nothing new");
    sign_in(&house, &house.tokens.first).await;
    assert!(sign_daily(store).await.unwrap());
    std::fs::remove_file(store.folder.audit_head()).unwrap();
    restore(store).await.unwrap();
    assert!(store.folder.audit_head().exists(), "it follows from the database");
    assert_eq!(commands::verify_audit(store).await.map_err(told).unwrap().1, 2);

    let export = house.folder.path().join("audit.jsonl");
    let lines: Vec<String> = all(&house).await.iter().map(Entry::line).collect();
    std::fs::write(&export, lines.join("\n")).unwrap();
    assert_eq!(commands::verify_audit_file(&export).map_err(told).unwrap(), lines.len() as u64);
    for (touched, class) in [
        (lines.join("\n").replacen("\"name\":\"guichet-store\"", "\"name\":\"eve\"", 1), "audit/broken"),
        (lines[1..].join("\n"), "audit/broken"),
        (lines.join("\n") + "\n{}", "audit/not-an-entry"),
    ] {
        std::fs::write(&export, touched).unwrap();
        assert!(told(commands::verify_audit_file(&export).unwrap_err()).contains(class));
    }

    // Whoever can write to the database drops what guards it, and writes a chain that holds.
    let mut change = store.database.change().await.unwrap();
    let guards: &[&str] = match house.server {
        None => &["DROP TRIGGER audit_is_never_changed", "DROP TRIGGER audit_is_never_shortened"],
        Some(_) => &["DROP TRIGGER audit_is_append_only ON audit"],
    };
    for guard in guards {
        change.execute(*guard).await.unwrap();
    }
    change.execute("DELETE FROM audit").await.unwrap();
    let mut previous = guichet_store::audit::START.to_owned();
    for mut entry in lines.iter().map(|line| serde_json::from_str::<Entry>(line).unwrap()) {
        entry.name = entry.name.replace("guichet-store", "eve");
        entry.previous = previous;
        entry.hash = String::new();
        entry.hash = entry.digest().to_string();
        previous = entry.hash.clone();
        records::insert(&mut change, &entry).await.unwrap();
    }
    guichet_store::database::commit(change).await.unwrap();
    let seen = commands::verify_audit(store).await.unwrap_err();
    assert!(told(seen).contains("audit/not-as-signed"), "the signed heads tell");
}

#[tokio::test]
async fn the_record_is_read_by_those_who_may_with_filters() {
    let house = House::open().await;
    house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap();
    let lead = sign_in(&house, &house.tokens.lead).await;
    let text = page(&house, "/audit", &lead, "en").await.text();
    assert!(text.contains("submission.submit") && text.contains(APP));
    assert!(!text.contains("tax reviewer") && !text.contains("administrator"), "of their own department only");
    assert!(page(&house, "/audit", &lead, "zh").await.text().contains("操作记录"));
    let auditor = sign_in(&house, &house.tokens.auditor).await;
    let text = page(&house, "/audit?deed=department.add", &auditor, "en").await.text();
    assert!(text.contains("gov.example.tax") && !text.contains("<td class=\"break\" data-label=\"To what\">first"));
    let text = page(&house, "/audit?who=dev&outcome=denied", &auditor, "en").await.text();
    assert!(text.contains("Nothing recorded"), "{text}");
    let dev = sign_in(&house, &house.tokens.developer).await;
    assert_eq!(outcome(&page(&house, "/audit", &dev, "en").await), "403 access/role");
    let text = page(&house, "/audit?who=dev&outcome=denied", &auditor, "en").await.text();
    assert!(text.contains("GET /audit") && text.contains("access/role"), "{text}");
    for _ in 0..60 {
        post(&house, "/sign-out", &sign_in(&house, &house.tokens.first).await, String::new(), &[]).await;
    }
    let text = page(&house, "/audit?who=first", &auditor, "en").await.text();
    let older = text.split("class=\"btn\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let text = page(&house, &older, &auditor, "en").await.text();
    assert!(text.contains("session.open"), "{older}: {text}");
}

#[tokio::test]
async fn refusals_are_not_a_way_to_fill_the_disk() {
    let house = House::open().await;
    let known = all(&house).await.len();
    let caller = house.caller(&house.tokens.tax_developer);
    let id = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap().id;
    for _ in 0..110 {
        caller.call(Method::GET, &paths::of(paths::SUBMISSION, &id), "text/plain", "").await;
    }
    let entries = all(&house).await.split_off(known + 1);
    assert_eq!(entries.len(), 100);
    assert_eq!(entries[99].after.as_deref(), Some("more are not recorded within this hour"));
    house.store.clock.advance(60 * 60 * 1000);
    caller.get(&paths::of(paths::SUBMISSION, &id)).await;
    assert_eq!(all(&house).await.len(), known + 102);
}

#[tokio::test]
async fn a_role_is_recorded_as_it_was_and_as_it_is() {
    let house = House::open().await;
    let known = all(&house).await.len();
    let admin = sign_in(&house, &house.tokens.administrator).await;
    let path = format!("/members/{}/role", id_of(&house, "dev").await);
    post(&house, &path, &admin, "role=reviewer".to_owned(), &[]).await;
    let text = since(&house, known).await;
    assert!(
        text.contains("admin Done person.role [dev] residence None Some(\"developer\") -> Some(\"reviewer\")"),
        "{text}"
    );
}
