//! The real server, killed at many moments of a publication: devices see the old release or the new one, and the next
//! start makes files and database agree.

use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use guichet_api::{Approval, SubmissionState, paths};
use guichet_package::delta::{self, DeltaIndex, Dictionary};
use guichet_store::{clock::Clock, publish, transparency};

use crate::{
    house::{House, publisher, reviewers},
    packages::App,
    people::{Device, signed_at},
    postgres::Postgres,
    process::serving,
    restart::files,
};

const APP: &str = "gov.example.residence.permit";
const DEADLINE: Duration = Duration::from_secs(20);

/// When the server is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// At once after the approval was sent.
    Sent,
    /// When the database writes down what it is about to do.
    Committing,
    /// When this many files of the release are there.
    Files(usize),
    /// When the answer comes.
    Answered,
}

/// The first release has some twenty files, each later one fourteen, of which the log's come first: most blobs are there
/// already.
const MOMENTS: [Moment; 14] = [
    Moment::Sent,
    Moment::Files(1),
    Moment::Committing,
    Moment::Files(2),
    Moment::Files(3),
    Moment::Files(4),
    Moment::Files(6),
    Moment::Files(8),
    Moment::Files(9),
    Moment::Files(10),
    Moment::Files(11),
    Moment::Files(12),
    Moment::Files(14),
    Moment::Answered,
];

#[tokio::test]
async fn a_kill_around_a_publication_leaves_the_old_state_or_the_new() {
    let between = killed_around_publications(House::open_in(Clock::System, None).await, &MOMENTS).await;
    assert!(between > 0, "no kill fell between the commit and the last file");
}

#[tokio::test]
async fn the_same_holds_in_postgresql() {
    // The files come to be as they do over SQLite: a few moments show that the database does not matter to them.
    let moments = [Moment::Sent, Moment::Committing, Moment::Files(1), Moment::Files(4), Moment::Answered];
    killed_around_publications(House::open_in(Clock::System, Some(Postgres::shared())).await, &moments).await;
}

/// Says how many kills fell between the commit and the last file.
async fn killed_around_publications(house: House, moments: &[Moment]) -> usize {
    let mut between = 0;
    let dir = house.folder.path().join("store").to_str().unwrap().to_owned();
    for (code, moment) in (1..).zip(moments.iter().copied()) {
        let package = App::new(APP).version(code).sealed(&publisher());
        let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
        let reviewer = house.caller(&house.tokens.first);
        let proposal = reviewer.proposal(&submission.id).await.unwrap();
        let approval = signed_at(&proposal, &reviewers()[0], house.store.clock.now_ms());

        let (mut server, address) = serving(&dir, house.address.as_deref());
        let begun = Begun::now(&house);
        let mut connection = TcpStream::connect(&address).unwrap();
        send(&mut connection, &address, &house.tokens.first, &submission.id, &approval);
        wait(moment, &mut connection, &house, &begun);
        server.kill().unwrap();
        server.wait().unwrap();

        let (old, new) = (submission.sequence - 1, submission.sequence);
        let left = seen(&house).await;
        assert!([old, new].contains(&left), "{moment:?} leaves release {left}");

        let (mut server, _) = serving(&dir, house.address.as_deref());
        let after = seen(&house).await;
        let state = reviewer.detail(&submission.id).await.unwrap().submission.state;
        assert_eq!(after, if state == SubmissionState::Released { new } else { old }, "{moment:?} {state}");
        between += usize::from(after > left);
        assert!(after >= left, "{moment:?}: a device that saw release {left} is shown {after}");
        server.kill().unwrap();
        server.wait().unwrap();
        follows_from_the_database(&house).await;
        if state != SubmissionState::Released {
            assert_eq!(state, SubmissionState::Submitted, "{moment:?}");
            let done = reviewer.post_approval(&submission.id, &approval).await.unwrap();
            assert_eq!(done.state, SubmissionState::Released, "{moment:?}");
        }
    }
    between
}

/// When the database falls; what is left of the release's files makes no difference to it.
const FALLS: [Moment; 4] = [Moment::Sent, Moment::Committing, Moment::Files(1), Moment::Sent];

#[tokio::test]
async fn a_database_that_falls_around_a_publication_leaves_the_old_state_or_the_new_and_the_server_goes_on() {
    let database = Arc::new(Postgres::start());
    let house = House::open_in(Clock::System, Some(Arc::clone(&database))).await;
    let dir = house.folder.path().join("store").to_str().unwrap().to_owned();
    let (mut server, address) = serving(&dir, house.address.as_deref());
    for (code, moment) in (1..).zip(FALLS) {
        let package = App::new(APP).version(code).sealed(&publisher());
        let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
        let reviewer = house.caller(&house.tokens.first);
        let proposal = reviewer.proposal(&submission.id).await.unwrap();
        let approval = signed_at(&proposal, &reviewers()[0], house.store.clock.now_ms());

        let begun = Begun::now(&house);
        let mut connection = TcpStream::connect(&address).unwrap();
        send(&mut connection, &address, &house.tokens.first, &submission.id, &approval);
        wait(moment, &mut connection, &house, &begun);
        database.restart();
        connection.set_read_timeout(Some(DEADLINE)).unwrap();
        connection.read_to_end(&mut Vec::new()).unwrap();

        // What it could not publish at once it makes up for by itself.
        let begun = Instant::now();
        let (state, after) = loop {
            let state = reviewer.detail(&submission.id).await.unwrap().submission.state;
            let after = seen(&house).await;
            let settled = match state {
                SubmissionState::Released => after == submission.sequence,
                SubmissionState::Submitted => after == submission.sequence - 1,
                _ => false,
            };
            if settled {
                break (state, after);
            }
            assert!(begun.elapsed() < DEADLINE, "{moment:?}: {state} and {after}");
            tokio::task::yield_now().await;
        };
        if state != SubmissionState::Released {
            let done = reviewer.post_approval(&submission.id, &approval).await.unwrap();
            assert_eq!(done.state, SubmissionState::Released, "{moment:?} {after}");
        }
    }
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(seen(&house).await, FALLS.len() as u64);
    follows_from_the_database(&house).await;
}

fn send(connection: &mut TcpStream, address: &str, token: &str, id: &str, approval: &Approval) {
    let body = serde_json::to_string(approval).unwrap();
    let path = format!("{}{}", paths::PREFIX, paths::of(paths::APPROVAL, id));
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).unwrap();
    connection.flush().unwrap();
}

#[tokio::test]
async fn a_kill_while_deltas_are_made_leaves_whole_ones_and_the_next_start_goes_on() {
    let house = House::open_at(Clock::System).await;
    let text: String = (0..700_u32).map(|number| format!("<p>{}", number.wrapping_mul(2_654_435_761))).collect();
    for (code, text) in [(1, text.clone()), (2, format!("{text}<p>two")), (3, format!("{text}<p>three"))] {
        let app = App { text: text.leak(), ..App::new(APP).version(code) };
        let submission = house.caller(&house.tokens.developer).submit(&app.sealed(&publisher())).await.unwrap();
        house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
    }
    let dir = house.folder.path().join("store").to_str().unwrap().to_owned();
    let public = house.store.folder.public();
    let is_there =
        |ending: &str| files(&public).iter().any(|name| name.starts_with("delta/") && name.ends_with(ending));
    for ending in ["", ".json"] {
        let (mut server, _) = serving(&dir, house.address.as_deref());
        let begun = Instant::now();
        while !is_there(ending) {
            assert!(begun.elapsed() < DEADLINE, "no delta was made");
            std::thread::yield_now();
        }
        server.kill().unwrap();
        server.wait().unwrap();
        assert!(every_delta_is_whole(&public) > 0);
    }
}

/// What there was before the approval was sent.
struct Begun {
    files: usize,
    written: SystemTime,
}

impl Begun {
    fn now(house: &House) -> Self {
        // PostgreSQL gives files of its journal other names meanwhile.
        let journal = house.journal().into_iter().filter_map(|path| fs::metadata(path).ok()?.modified().ok());
        Self { files: files(&house.store.folder.public()).len(), written: journal.max().unwrap() }
    }
}

/// Returns at the moment, or at the answer if that comes first.
fn wait(moment: Moment, connection: &mut TcpStream, house: &House, before: &Begun) {
    connection.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let begun = Instant::now();
    while begun.elapsed() < DEADLINE {
        match moment {
            Moment::Sent => return,
            Moment::Committing if Begun::now(house).written > before.written => return,
            Moment::Files(more) if Begun::now(house).files >= before.files + more => return,
            Moment::Committing | Moment::Files(_) | Moment::Answered => {}
        }
        let mut answer = [0; 12];
        match connection.read(&mut answer) {
            Ok(count) => {
                assert_eq!(&answer[..count], b"HTTP/1.1 200");
                return;
            }
            Err(error) => assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}"),
        }
    }
    panic!("{moment:?} did not come");
}

/// The sequence that a new device sees and can install; 0 before the first release.
pub(crate) async fn seen(house: &House) -> u64 {
    let device = Device::refresh(house, &["residence"]).await;
    let Some(release) = device.release(house, "residence", APP).await else { return 0 };
    device.install(house, &release, "residence").await;
    release.sequence
}

/// Each delta that is there makes the package it is named for, and an index names only deltas that are there. Which are
/// there is nobody's promise: they are made in the background, for whoever can use them.
fn every_delta_is_whole(public: &Path) -> usize {
    let package = |digest: &str| fs::read(public.join(format!("packages/{digest}.ma"))).unwrap();
    let all = files(public);
    let mut whole = 0;
    for name in all.iter().filter_map(|name| name.strip_prefix("delta/")) {
        if let Some(result) = name.strip_suffix(".json") {
            let index: DeltaIndex =
                serde_json::from_slice(&fs::read(public.join("delta").join(name)).unwrap()).unwrap();
            for entry in index.deltas {
                let named = format!("delta/{}/{result}.{}", entry.dictionary, entry.coding);
                assert_eq!(fs::metadata(public.join(&named)).unwrap().len(), entry.length, "{named}");
            }
            continue;
        }
        let (old, rest) = name.split_once('/').unwrap();
        let (new, coding) = rest.split_once('.').unwrap();
        let (old_bytes, new_bytes) = (package(old), package(new));
        let dictionary = Dictionary { bytes: &old_bytes, digest: old.parse().unwrap() };
        let delta = fs::read(public.join("delta").join(name)).unwrap();
        let made = delta::apply(coding.parse().unwrap(), dictionary, &delta, new_bytes.len() as u64).unwrap();
        assert!(made == new_bytes, "{name}");
        whole += 1;
    }
    whole
}

/// The static files but the deltas and the head of the record are what the database would make of an empty folder, byte by byte.
pub(crate) async fn follows_from_the_database(house: &House) {
    let public = house.store.folder.public();
    let contents = || -> BTreeMap<String, Vec<u8>> {
        // The head of the record is signed in the background too, and written again by the next start.
        let is_other = |file: &String| file.starts_with("delta/") || file.starts_with("audit/");
        let published = files(&public).into_iter().filter(|file| !is_other(file));
        published.map(|file| (file.clone(), fs::read(public.join(file)).unwrap())).collect()
    };
    every_delta_is_whole(&public);
    let found = contents();
    // A delta that was being made at a kill lies half-written aside until the next start.
    publish::sweep(&house.store).await.unwrap();
    assert_eq!(files(&house.store.folder.staging()).len(), 0);
    fs::remove_dir_all(&public).unwrap();
    transparency::restore(&house.store).await.unwrap();
    publish::publish(&house.store).await.unwrap();
    let made = contents();
    assert_eq!(found.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>());
    assert!(found == made, "the same names and other bytes");
}
