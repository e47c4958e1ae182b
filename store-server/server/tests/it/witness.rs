//! A witness: what it answers over HTTP, what it keeps, and one that a store of a test can ask.

use std::{net::SocketAddr, time::Duration};

use axum::{body::Body, http::Request};
use guichet_store::{clock::Clock, witness};
use guichet_trust::{
    Refusal,
    digest::Digest,
    log::{AddCheckpoint, Frontier, LogSigner, NoteSignature, VerifierKey, consistency_proof, leaf_hash},
    sign::SecretKey,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::house::{Answer, NOW_MS, send};

/// A witness at an address of its own.
pub(crate) struct Witness {
    _folder: TempDir,
    pub(crate) kept: witness::WitnessFolder,
    pub(crate) key: VerifierKey,
    pub(crate) address: SocketAddr,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Witness {
    /// One that knows no log yet.
    pub(crate) async fn start(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kept = witness::WitnessFolder::new(folder.path());
        let key = kept.create(name).unwrap().key().clone();
        let address = "127.0.0.1:0".parse().unwrap();
        let mut witness = Self { _folder: folder, kept, key, address, running: None };
        witness.go_on().await;
        witness
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers no more.
    pub(crate) async fn stop(&mut self) {
        let (tell, running) = self.running.take().unwrap();
        tell.send(()).unwrap();
        running.await.unwrap();
    }

    /// Answers again where it answered before.
    pub(crate) async fn go_on(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        let router = witness::router(self.kept.clone(), Clock::at(NOW_MS)).unwrap();
        let (tell, told) = oneshot::channel();
        let running = tokio::spawn(async move {
            let stop = async {
                let _ = told.await;
            };
            // A connection that is kept open for a next question must not keep the test waiting.
            let served = axum::serve(listener, router).with_graceful_shutdown(stop);
            let _ = tokio::time::timeout(Duration::from_secs(60), served.into_future()).await;
        });
        self.running = Some((tell, running));
    }
}

fn log(secret: u8) -> LogSigner {
    LogSigner::new("log.example", SecretKey::generate([secret; 32])).unwrap()
}

fn hash(number: u64, history: u8) -> Digest {
    leaf_hash(&[number as u8, if number < 3 { 0 } else { history }])
}

fn ask(old: u64, size: u64, history: u8, secret: u8) -> String {
    let mut node = |level: u8, index: u64| -> Result<Digest, Refusal> {
        let mut part = Frontier::new();
        (index << level..(index + 1) << level).for_each(|number| part.append(hash(number, history)));
        Ok(part.root())
    };
    let mut tree = Frontier::new();
    (0..size).for_each(|number| tree.append(hash(number, history)));
    let path = consistency_proof(u64::min(old, size), size, &mut node).unwrap();
    AddCheckpoint { old, path, note: log(secret).sign(size, tree.root()) }.to_text()
}

struct Asked {
    folder: TempDir,
    kept: witness::WitnessFolder,
    key: VerifierKey,
}

impl Asked {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kept = witness::WitnessFolder::new(folder.path());
        let key = kept.create("witness.example").unwrap().key().clone();
        kept.add_log(log(1).key()).unwrap();
        Self { folder, kept, key }
    }

    /// Asked by a process that has just been started.
    async fn answer(&self, body: impl Into<Body>) -> Answer {
        let kept = witness::WitnessFolder::new(self.folder.path());
        let router = witness::router(kept, Clock::at(NOW_MS)).unwrap();
        send(&router, Request::post("/add-checkpoint").body(body.into()).unwrap()).await
    }
}

#[tokio::test]
async fn each_answer_is_that_of_the_protocol() {
    let witness = Asked::new();
    let first = witness.answer(ask(0, 5, 0, 1)).await;
    assert_eq!(first.status, 200, "{}", first.text());
    assert!(first.text().starts_with("— witness.example ") && first.text().ends_with('\n'));
    let body = ask(5, 5, 0, 1);
    let mut note = AddCheckpoint::parse(body.as_bytes()).unwrap().note;
    note.add(NoteSignature::parse_lines(&first.body).unwrap().remove(0));
    assert_eq!(note.signed_by(&witness.key).unwrap(), Some(NOW_MS / 1000));

    let grown = witness.answer(ask(5, 9, 0, 1)).await;
    assert_eq!(grown.status, 200);
    let outdated = witness.answer(ask(5, 9, 0, 1)).await;
    assert_eq!((outdated.status.as_u16(), outdated.text().as_str()), (409, "9\n"));
    assert_eq!(outdated.header("content-type"), "text/x.tlog.size");
    assert_eq!(witness.answer(ask(9, 9, 0, 1)).await.status, 200, "the same once more");
    assert_eq!(witness.answer(ask(9, 9, 1, 1)).await.status, 409, "another tree of this size");
    assert_eq!(witness.answer(ask(9, 12, 1, 1)).await.status, 422, "another history");
    assert_eq!(witness.answer(ask(9, 5, 0, 1)).await.status, 400);
    assert_eq!(witness.answer(ask(9, 12, 0, 2)).await.status, 403, "another key under the name");
    let signed = ask(9, 12, 0, 1).replace("log.example", "log.other");
    assert_eq!(witness.answer(signed).await.status, 404);
    assert_eq!(witness.answer("old x\n\n").await.status, 400);
    assert_eq!(witness.answer(vec![b'x'; witness::MOST_BYTES + 1]).await.status, 413);
    assert_eq!(witness.answer(ask(9, 12, 0, 1)).await.status, 200, "none of them moved it");
}

#[tokio::test]
async fn what_it_kept_and_somebody_changed_ends_its_signing() {
    let witness = Asked::new();
    assert_eq!(witness.answer(ask(0, 5, 0, 1)).await.status, 200);
    // Taken back to a tree it never signed: it would sign a second history.
    let path = witness.kept.seen_path("log.example");
    std::fs::write(&path, log(1).sign(0, guichet_trust::log::empty_root()).to_text()).unwrap();
    assert_eq!(witness.answer(ask(0, 5, 1, 1)).await.status, 500);
    std::fs::write(&path, "").unwrap();
    assert_eq!(witness.answer(ask(0, 5, 1, 1)).await.status, 500);
}

#[tokio::test]
async fn of_two_histories_that_come_at_once_one_is_signed() {
    let witness = Asked::new();
    let router = witness::router(witness.kept.clone(), Clock::at(NOW_MS)).unwrap();
    let asked = |history| {
        let router = router.clone();
        let body = ask(0, 9, history, 1);
        tokio::spawn(async move { send(&router, Request::post("/add-checkpoint").body(body.into()).unwrap()).await })
    };
    let answers = [asked(0), asked(1), asked(2), asked(3)];
    let mut statuses = Vec::new();
    for answer in answers {
        statuses.push(answer.await.unwrap().status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
}
