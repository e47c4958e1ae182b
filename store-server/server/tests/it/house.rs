//! A store with two departments and their people, answered in process.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use guichet_api::PersonRole::{self, Administrator, Auditor, Developer, Lead, Operator, Reviewer};
use guichet_store::{
    clock::Clock,
    commands::{self, NewDepartment, NewPerson, NewStore},
    database::Location,
    folder::StoreFolder,
    http::router,
    store::Store,
};
use guichet_trust::sign::SecretKey;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::postgres::Postgres;

/// 23 November 2026, 08:00.
pub(crate) const NOW_MS: u64 = 1_795_420_800_000;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// Tokens of everybody.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    pub(crate) developer: String,
    pub(crate) first: String,
    pub(crate) second: String,
    pub(crate) administrator: String,
    pub(crate) tax_developer: String,
    pub(crate) tax_reviewer: String,
    pub(crate) lead: String,
    pub(crate) tax_lead: String,
    pub(crate) operator: String,
    pub(crate) auditor: String,
}

/// The store and all its secrets.
pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) store: Arc<Store>,
    pub(crate) router: Router,
    pub(crate) tokens: Tokens,
    /// Where its database is, if that is not in its folder.
    pub(crate) address: Option<String>,
    pub(crate) server: Option<Arc<Postgres>>,
}

/// Set for a run of these tests over PostgreSQL.
pub(crate) const OVER_POSTGRES: &str = "GUICHET_TESTS_OVER_POSTGRES";

pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::generate([seed; 32])
}

/// Seals for `residence`.
pub(crate) fn publisher() -> SecretKey {
    key(1)
}

/// Seals for `tax`.
pub(crate) fn tax_publisher() -> SecretKey {
    key(2)
}

/// Reviewers of `residence`.
pub(crate) fn reviewers() -> [SecretKey; 2] {
    [key(11), key(12)]
}

impl House {
    /// A store in which two reviewers of `residence` must sign what widens.
    pub(crate) async fn open() -> Self {
        Self::open_at(Clock::at(NOW_MS)).await
    }

    /// The same store by another clock.
    pub(crate) async fn open_at(clock: Clock) -> Self {
        Self::open_in(clock, std::env::var_os(OVER_POSTGRES).map(|_| Postgres::shared())).await
    }

    /// The same store in a database of its own at this server.
    pub(crate) async fn open_in(clock: Clock, server: Option<Arc<Postgres>>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let place = StoreFolder::new(folder.path().join("store"));
        let address =
            server.as_ref().map(|it| it.database(&format!("house{}", NUMBER.fetch_add(1, Ordering::Relaxed))));
        let place = match &address {
            Some(address) => place.with_database(Location::postgres(address).unwrap()),
            None => place,
        };
        let new = NewStore {
            folder: place,
            offline: folder.path().join("offline"),
            static_url: "http://store.example/static".to_owned(),
            api_url: "http://store.example/api/v1".to_owned(),
            log_origin: None,
            witnesses: Vec::new(),
            quorum: None,
            second_reviewer: false,
        };
        let store = commands::init(&new, clock).await.map_err(told).unwrap();
        let store = Arc::new(store);
        let router = router(Arc::clone(&store));
        let mut house = Self { folder, store, router, tokens: Tokens::default(), address, server };
        for (id, name_zh, name_en, prefix) in [
            ("residence", "居住证中心", "Residence Office", "gov.example.residence"),
            ("tax", "税务", "Tax", "gov.example.tax"),
        ] {
            let department = NewDepartment {
                id: id.parse().unwrap(),
                name_zh: name_zh.to_owned(),
                name_en: name_en.to_owned(),
                prefixes: vec![prefix.parse().unwrap()],
                wide_threshold: 2,
            };
            commands::add_department(&house.store, &house.offline(), department).await.map_err(told).unwrap();
        }
        let offline = house.offline();
        for (department, key) in [("residence", publisher()), ("tax", tax_publisher())] {
            let department = department.parse().unwrap();
            commands::add_publisher(&house.store, &offline, &department, key.public()).await.map_err(told).unwrap();
        }
        let residence = "residence".parse().unwrap();
        for key in reviewers() {
            commands::add_reviewer(&house.store, &offline, &residence, key.public()).await.map_err(told).unwrap();
        }
        house.tokens = Tokens {
            developer: house.add("dev", Developer, Some("residence")).await,
            first: house.add("first", Reviewer, Some("residence")).await,
            second: house.add("second", Reviewer, Some("residence")).await,
            administrator: house.add("admin", Administrator, None).await,
            tax_developer: house.add("tax dev", Developer, Some("tax")).await,
            tax_reviewer: house.add("tax reviewer", Reviewer, Some("tax")).await,
            lead: house.add("lead", Lead, Some("residence")).await,
            tax_lead: house.add("tax lead", Lead, Some("tax")).await,
            operator: house.add("operator", Operator, None).await,
            auditor: house.add("auditor", Auditor, None).await,
        };
        house
    }

    /// The same store, opened by another process beside this one.
    pub(crate) async fn beside(&self) -> Arc<Store> {
        Arc::new(Store::open(self.store.folder.clone(), self.store.clock.clone()).await.unwrap())
    }

    /// The files to which a database writes before it commits.
    pub(crate) fn journal(&self) -> Vec<PathBuf> {
        match &self.server {
            Some(server) => {
                std::fs::read_dir(server.data().join("pg_wal")).unwrap().map(|entry| entry.unwrap().path()).collect()
            }
            None => vec![self.store.folder.database_file().with_extension("db-wal")],
        }
    }

    pub(crate) fn offline(&self) -> PathBuf {
        self.folder.path().join("offline")
    }

    async fn add(&self, name: &str, role: PersonRole, department: Option<&str>) -> String {
        let department = department.map(|id| id.parse().unwrap());
        let person = NewPerson { name: name.to_owned(), role, department };
        commands::add_person(&self.store, person).await.map_err(told).unwrap().reveal().to_owned()
    }

    /// The same store, once its operator has asked for two reviewers of first releases and new keys.
    pub(crate) async fn asking_two(self) -> Self {
        let path = self.store.folder.settings();
        let mut settings: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        settings["second_reviewer"] = true.into();
        std::fs::write(&path, settings.to_string()).unwrap();
        self.reopened().await
    }

    /// The same store at an address for which browsers have passkeys.
    pub(crate) async fn with_a_secure_name(self) -> Self {
        let path = self.store.folder.settings();
        let mut settings: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        settings["api_url"] = "https://store.example/api/v1".into();
        std::fs::write(&path, settings.to_string()).unwrap();
        self.reopened().await
    }

    /// The same folder, opened by a new process.
    pub(crate) async fn reopened(self) -> Self {
        self.store.database.close().await;
        let store = Store::open(self.store.folder.clone(), self.store.clock.clone()).await.unwrap();
        let store = Arc::new(store);
        commands::prepare(&store).await.unwrap();
        Self { router: router(Arc::clone(&store)), store, ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(&self.router, Request::get(path).body(Body::empty()).unwrap()).await
    }
}

/// What went wrong, for a test that did not expect it.
pub(crate) fn told(not_done: guichet_store::error::NotDone) -> String {
    format!("{not_done:?}")
}
