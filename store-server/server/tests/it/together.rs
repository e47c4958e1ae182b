//! Two processes at work on one store: what each decides on is what the other left, and nothing is released twice.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use guichet_api::{SubmissionState::Released, paths};
use guichet_store::{brake, clock::Clock, database::brakes, http::router, publish};
use tokio::task::JoinSet;

use crate::{
    house::{House, NOW_MS, publisher, reviewers, send, told},
    killed::follows_from_the_database,
    packages::App,
    people::{Device, signed_at},
    postgres::Postgres,
};

const APPS: [&str; 4] = [
    "gov.example.residence.permit",
    "gov.example.residence.address",
    "gov.example.residence.family",
    "gov.example.residence.photo",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_two_processes_approve_at_once_is_released_once() {
    released_once(House::open().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_holds_in_postgresql() {
    released_once(House::open_in(Clock::at(NOW_MS), Some(Postgres::shared())).await).await;
}

/// Every approval is sent to both at once. They move one role, so that each round has one winner, and whoever comes later
/// is told so; the reviewer signs what is left anew.
async fn released_once(house: House) {
    let both = [house.router.clone(), router(house.beside().await)];
    let mut left = Vec::new();
    for app in APPS {
        let package = App::new(app).sealed(&publisher());
        left.push(house.caller(&house.tokens.developer).submit(&package).await.unwrap().id);
    }
    let reviewer = house.caller(&house.tokens.first);
    while !left.is_empty() {
        let mut signed = Vec::new();
        for id in &left {
            let proposal = reviewer.proposal(id).await.unwrap();
            signed.push((id, serde_json::to_vec(&signed_at(&proposal, &reviewers()[0], NOW_MS)).unwrap()));
        }
        let mut answers = JoinSet::new();
        for (id, approval) in signed {
            for router in &both {
                answers.spawn(approve(router.clone(), house.tokens.first.clone(), id.clone(), approval.clone()));
            }
        }
        let answers = answers.join_all().await;
        let done: Vec<_> = answers.iter().filter(|(_, status)| *status == StatusCode::OK).map(|(id, _)| id).collect();
        assert_eq!(done.len(), 1, "{answers:?}");
        let others = answers.iter().filter(|(_, status)| *status != StatusCode::OK);
        for (id, status) in others {
            assert!(status.is_client_error(), "{id}: {status}");
        }
        left.retain(|id| !done.contains(&id));
        for id in done {
            assert_eq!(reviewer.detail(id).await.unwrap().submission.state, Released);
        }
    }
    let device = Device::refresh(&house, &["residence"]).await;
    for app in APPS {
        let release = device.release(&house, "residence", app).await.unwrap();
        device.install(&house, &release, "residence").await;
        assert_eq!(release.sequence, 1);
    }
    assert_eq!(device.trusted.version("residence").unwrap(), APPS.len() as u64, "each moved the role by one");
    follows_from_the_database(&house).await;
}

async fn approve(router: Router, token: String, id: String, approval: Vec<u8>) -> (String, StatusCode) {
    let path = format!("{}{}", paths::PREFIX, paths::of(paths::APPROVAL, &id));
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(approval));
    (id, send(&router, request.unwrap()).await.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_halt_and_resume_lose_nothing() {
    halted_together(House::open().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_on_postgresql_that_halt_and_resume_lose_nothing() {
    halted_together(House::open_in(Clock::at(NOW_MS), Some(Postgres::shared())).await).await;
}

async fn halted_together(house: House) {
    const TIMES: usize = 6;
    let submission =
        house.caller(&house.tokens.developer).submit(&App::new(APPS[0]).sealed(&publisher())).await.unwrap();
    house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
    let before = brake_version(&house).await;
    let mut processes = JoinSet::new();
    for store in [Arc::clone(&house.store), house.beside().await] {
        processes.spawn(async move {
            for time in 0..TIMES {
                let (app, channel) = (APPS[0].parse().unwrap(), "stable".parse().unwrap());
                brake::halt(
                    &store,
                    guichet_store::people::Actor::Machine,
                    &app,
                    &channel,
                    &format!("the {time}th time"),
                )
                .await
                .map_err(told)
                .unwrap();
            }
        });
    }
    processes.join_all().await;
    assert_eq!(brake_version(&house).await, before + 2 * TIMES as u64, "each signed after the one before");
    let (app, channel) = (APPS[0].parse().unwrap(), "stable".parse().unwrap());
    let kept = brakes::of_app(&mut house.store.database.read().await.unwrap(), &app, &channel).await.unwrap();
    assert_eq!(kept.len(), 2 * TIMES);
    publish::publish(&house.store).await.unwrap();
    follows_from_the_database(&house).await;
}

async fn brake_version(house: &House) -> u64 {
    Device::refresh(house, &["brake"]).await.trusted.version("brake").unwrap()
}
