//! Kills of the server, and falls of its database, while machines look.

use std::sync::Arc;

use guichet_api::{
    CheckState,
    SubmissionState::{Quarantined, Scanning},
};
use guichet_store::{
    checks::Checks,
    clock::Clock,
    commands,
    database::{jobs, submissions as records},
};

use super::{APP, PROGRAM, SECRET, found, until};
use crate::{
    house::{House, publisher, told},
    packages::App,
    postgres::Postgres,
    process::serving,
};

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
