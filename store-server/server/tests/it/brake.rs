//! Halting a release with the online key alone, and letting it go on, as a device sees it.

use guichet_contract::{AppId, Channel};
use guichet_package::release::{Device as Machine, rollout::takes_part};
use guichet_store::{brake, database::brakes, error::NotDone, freshness, publish};

use crate::{
    house::{House, NOW_MS, publisher, reviewers, told},
    packages::App,
    people::Device,
};

const APP: &str = "gov.example.residence.permit";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn app() -> AppId {
    APP.parse().unwrap()
}

async fn release(house: &House, code: u32) {
    let package = App::new(APP).version(code).sealed(&publisher());
    let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
    house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
}

async fn halt(house: &House, reason: &str) -> Result<u64, String> {
    brake::halt(&house.store, guichet_store::people::Actor::Machine, &app(), &Channel::stable(), reason)
        .await
        .map_err(class)
}

async fn resume(house: &House) -> Result<u64, String> {
    brake::resume(&house.store, guichet_store::people::Actor::Machine, &app(), &Channel::stable(), "")
        .await
        .map_err(class)
}

fn class(not_done: NotDone) -> String {
    match not_done {
        NotDone::Refused(problem) => problem.class,
        NotDone::Failed(_) => told(not_done),
    }
}

/// What a device that looks now would do about the newest release, and why it would not take it.
async fn taken(house: &House) -> Result<u64, String> {
    let device = Device::refresh(house, &["residence", "brake"]).await;
    let release = device.release(house, "residence", APP).await.unwrap();
    let brake = device.brake(house, APP).await;
    let machine = Machine { terminal: "desktop", now_ms: house.store.clock.now_ms(), ..Machine::default() };
    if takes_part(&release, brake.as_ref(), &machine) {
        Ok(release.sequence)
    } else {
        Err(brake.map(|brake| brake.reason).unwrap_or_default())
    }
}

#[tokio::test]
async fn a_halted_release_is_not_taken_until_it_goes_on() {
    let house = House::open().await;
    release(&house, 1).await;
    assert_eq!(taken(&house).await, Ok(1));
    assert_eq!(halt(&house, "the fee is wrong").await, Ok(1));
    assert_eq!(taken(&house).await, Err("the fee is wrong".to_owned()));
    assert_eq!(halt(&house, "the fee is wrong by 10").await, Ok(1));
    assert_eq!(taken(&house).await, Err("the fee is wrong by 10".to_owned()));
    assert_eq!(resume(&house).await, Ok(1));
    assert_eq!(taken(&house).await, Ok(1));
    assert_eq!(resume(&house).await, Err("release/not-halted".to_owned()));

    let mut connection = house.store.database.read().await.unwrap();
    let acts = brakes::of_app(&mut connection, &app(), &Channel::stable()).await.unwrap();
    let acts: Vec<_> = acts.iter().map(|act| (act.sequence, act.halted, act.reason.as_str(), act.at_ms)).collect();
    let expected = [(1, true, "the fee is wrong"), (1, true, "the fee is wrong by 10"), (1, false, "")];
    assert_eq!(acts, expected.map(|(sequence, halted, reason)| (sequence, halted, reason, NOW_MS)));
}

#[tokio::test]
async fn a_newer_release_is_not_held_and_can_be_halted_too() {
    let house = House::open().await;
    release(&house, 1).await;
    halt(&house, "first").await.unwrap();
    release(&house, 2).await;
    assert_eq!(taken(&house).await, Ok(2));
    assert_eq!(halt(&house, "second").await, Ok(2));
    assert_eq!(taken(&house).await, Err("second".to_owned()));
}

#[tokio::test]
async fn only_what_was_released_can_be_halted() {
    let house = House::open().await;
    assert_eq!(halt(&house, "x").await, Err("release/not-found".to_owned()));
    assert_eq!(resume(&house).await, Err("release/not-found".to_owned()));
    release(&house, 1).await;
    assert_eq!(resume(&house).await, Err("release/not-halted".to_owned()));
    let trial = "trial".parse().unwrap();
    let other =
        brake::halt(&house.store, guichet_store::people::Actor::Machine, &app(), &trial, "x").await.map_err(class);
    assert_eq!(other, Err("release/not-found".to_owned()));
    assert_eq!(taken(&house).await, Ok(1));
}

#[tokio::test]
async fn a_halt_holds_on_when_the_static_files_are_lost_and_when_time_passes() {
    let house = House::open().await;
    release(&house, 1).await;
    halt(&house, "recalled").await.unwrap();
    std::fs::remove_dir_all(house.store.folder.public()).unwrap();
    let house = house.reopened().await;
    assert_eq!(taken(&house).await, Err("recalled".to_owned()));

    let version = async || Device::refresh(&house, &["brake"]).await.trusted.version("brake").unwrap();
    let before = version().await;
    for (days, renewed) in [(199, 0), (2, 1), (1, 1)] {
        house.store.clock.advance(days * DAY_MS);
        freshness::renew(&house.store).await.unwrap();
        publish::publish(&house.store).await.unwrap();
        assert_eq!(version().await, before + renewed, "{days}");
    }
    assert_eq!(taken(&house).await, Err("recalled".to_owned()));
}
