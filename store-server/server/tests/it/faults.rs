//! What may happen to a store while somebody hands something in or a release is made: the server is killed, the disk is full, the
//! clock jumps. After each an operator has lost nothing, and nothing is half there.

use std::{
    fs,
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use guichet_api::{PACKAGE_MEDIA_TYPE, Submission, SubmissionList, SubmissionState, paths};
use guichet_store::{clock::Clock, commands, database::submissions, freshness};
use guichet_trust::digest::Digest;

use crate::{
    house::{House, NOW_MS, publisher, reviewers, told},
    killed::{follows_from_the_database, seen},
    packages::App,
    people::signed_at,
    postgres::Postgres,
    process::{Serving, serving},
    restart::files,
};

const APP: &str = "gov.example.residence.permit";
const DEADLINE: Duration = Duration::from_secs(20);
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// What holds of a store that nothing runs on, whatever happened to it: each submission has its whole package and no other lies
/// there, the record is one chain, and the static files are what the database says.
async fn holds(house: &House) {
    let mut known = submissions::packages(&mut house.store.database.read().await.unwrap()).await.unwrap();
    known.sort();
    let folder = house.store.folder.packages();
    let mut found: Vec<Digest> =
        files(&folder).iter().map(|name| name.strip_suffix(".ma").unwrap().parse().unwrap()).collect();
    found.sort();
    assert_eq!(found, known);
    for digest in known {
        assert_eq!(Digest::of(&fs::read(house.store.folder.package_path(digest)).unwrap()), digest);
    }
    commands::verify_audit(&house.store).await.map_err(told).unwrap();
    follows_from_the_database(house).await;
}

fn dir(house: &House) -> String {
    house.folder.path().join("store").to_str().unwrap().to_owned()
}

/// Text that cannot be packed any smaller, so many characters of it.
fn noise(length: usize) -> &'static str {
    let words = (0..).map(|number: u32| Digest::of(&number.to_be_bytes()).to_string());
    let mut text = String::new();
    for word in words {
        if text.len() >= length {
            break;
        }
        text.push_str(&word);
    }
    text.leak()
}

/// When the server is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// When so many of 10 parts of the package were sent.
    Part(usize),
    /// When the whole package was sent.
    Sent,
    /// When its file has its name.
    Kept,
    /// When the answer comes.
    Answered,
}

const MOMENTS: [Moment; 7] =
    [Moment::Part(0), Moment::Part(5), Moment::Sent, Moment::Kept, Moment::Sent, Moment::Kept, Moment::Answered];

fn send(address: &str, token: &str, package: &[u8], parts: usize) -> TcpStream {
    let mut connection = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST {}{} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: {PACKAGE_MEDIA_TYPE}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        paths::PREFIX,
        paths::SUBMISSIONS,
        package.len()
    );
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(&package[..package.len() * parts / 10]).unwrap();
    connection.flush().unwrap();
    connection
}

fn wait(moment: Moment, connection: &mut TcpStream, house: &House, before: usize) {
    connection.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let (begun, staging) = (Instant::now(), house.store.folder.staging());
    while begun.elapsed() < DEADLINE {
        match moment {
            // What was sent so far is being written aside.
            Moment::Part(_) if !files(&staging).is_empty() => return,
            Moment::Sent => return,
            Moment::Kept if files(&house.store.folder.packages()).len() > before => return,
            Moment::Part(_) | Moment::Kept | Moment::Answered => {}
        }
        let mut answer = [0; 12];
        match connection.read(&mut answer) {
            Ok(count) => {
                assert_eq!(&answer[..count], b"HTTP/1.1 201", "{moment:?}");
                return;
            }
            Err(error) => assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}"),
        }
    }
    panic!("{moment:?} did not come");
}

#[tokio::test]
async fn a_kill_while_a_package_is_handed_in_leaves_it_whole_or_not_at_all() {
    let house = House::open_at(Clock::System).await;
    let developer = house.caller(&house.tokens.developer);
    for (code, moment) in (1..).zip(MOMENTS) {
        let package = App { text: noise(300_000), ..App::new(APP) }.version(code).sealed(&publisher());
        let before = files(&house.store.folder.packages()).len();
        let (mut server, address) = serving(&dir(&house), house.address.as_deref());
        let parts = if let Moment::Part(parts) = moment { parts } else { 10 };
        let mut connection = send(&address, &house.tokens.developer, package.bytes(), parts);
        wait(moment, &mut connection, &house, before);
        server.kill().unwrap();
        server.wait().unwrap();

        let (mut server, _) = serving(&dir(&house), house.address.as_deref());
        server.kill().unwrap();
        server.wait().unwrap();
        holds(&house).await;
        let path = format!("{}?limit=200", paths::SUBMISSIONS);
        let list: SubmissionList = serde_json::from_slice(&developer.get(&path).await.body).unwrap();
        let found = list.items.iter().find(|item| item.version.code == u64::from(code));
        match found {
            Some(found) => assert_eq!(found.package.sha256, package.digest().to_string(), "{moment:?}"),
            None => {
                assert!(!matches!(moment, Moment::Answered), "what was answered is lost");
                developer.submit(&package).await.unwrap();
            }
        }
    }
    holds(&house).await;
}

async fn handed_in(house: &House) -> Vec<Submission> {
    let path = format!("{}?limit=200", paths::SUBMISSIONS);
    let answer = house.caller(&house.tokens.developer).get(&path).await;
    serde_json::from_slice::<SubmissionList>(&answer.body).unwrap().items
}

/// Over PostgreSQL, which falls at these moments; the server goes on.
#[tokio::test]
#[ignore = "with a database of its own: cargo xtask test --full"]
async fn a_database_that_falls_while_a_package_is_handed_in_leaves_it_whole_or_not_at_all_in_postgresql() {
    let database = Arc::new(Postgres::start());
    let house = House::open_in(Clock::System, Some(Arc::clone(&database))).await;
    let developer = house.caller(&house.tokens.developer);
    let (mut server, address) = serving(&dir(&house), house.address.as_deref());
    let packages: Vec<_> = (1..)
        .zip(MOMENTS)
        .map(|(code, moment)| {
            (moment, App { text: noise(300_000), ..App::new(APP) }.version(code).sealed(&publisher()))
        })
        .collect();
    for (moment, package) in &packages {
        let before = files(&house.store.folder.packages()).len();
        let parts = if let Moment::Part(parts) = moment { *parts } else { 10 };
        let mut connection = send(&address, &house.tokens.developer, package.bytes(), parts);
        wait(*moment, &mut connection, &house, before);
        database.restart();
        let rest = &package.bytes()[package.bytes().len() * parts / 10..];
        // It may have been refused already.
        let _ = connection.write_all(rest);
        let answer = answered(connection);
        let is_kept = handed_in(&house).await.iter().any(|one| one.package.sha256 == package.digest().to_string());
        assert!(is_kept || !answer.starts_with("HTTP/1.1 201"), "{moment:?}: what was answered is lost");
        if !is_kept {
            developer.submit(package).await.unwrap();
        }
    }
    server.kill().unwrap();
    server.wait().unwrap();
    // What lies half-written aside goes with the next start.
    let (mut server, _) = serving(&dir(&house), house.address.as_deref());
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(handed_in(&house).await.len(), packages.len(), "each once");
    holds(&house).await;
}

/// A server that can write no file longer than this many bytes: a disk that is full for what is large.
fn on_a_full_disk(house: &House, bytes: u64) -> (Serving, String) {
    let mut child = Command::new("sh")
        .args(["-c", "trap '' 25; ulimit -f $1; shift; exec \"$@\"", "sh", &(bytes / 512).to_string()])
        .args([env!("CARGO_BIN_EXE_guichet-store"), "serve", "--dir", &dir(house), "--listen", "127.0.0.1:0"])
        .args(house.address.iter().map(|address| format!("--database={address}")))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line}")).to_owned();
    (Serving::of(child), address)
}

fn answered(mut connection: TcpStream) -> String {
    connection.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut answer = Vec::new();
    // The server may close while more is being sent.
    let _ = connection.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_full_disk_refuses_what_it_cannot_hold_and_publishes_nothing_by_halves() {
    let house = House::open_at(Clock::System).await;
    let reviewer = house.caller(&house.tokens.first);
    let small = App::new(APP).sealed(&publisher());
    let first = house.caller(&house.tokens.developer).submit(&small).await.unwrap().id;
    reviewer.approve(&first, &reviewers()[0]).await.unwrap();
    // More than a database in the folder needs, and less than the next package.
    let database = fs::metadata(house.store.folder.database_file()).map_or(0, |file| file.len());
    let longest = 2 * database + 1_000_000;
    let package = App { text: noise(2 * longest as usize), ..App::new(APP) }.version(2).sealed(&publisher());
    let (mut server, address) = on_a_full_disk(&house, longest);
    let answer = answered(send(&address, &house.tokens.developer, package.bytes(), 10));
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert_eq!(files(&house.store.folder.packages()).len(), 1);
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(seen(&house).await, 1);

    // It fitted when it was handed in, and not any more when it is to be published.
    let second = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
    let proposal = reviewer.proposal(&second.id).await.unwrap();
    let approval = signed_at(&proposal, &reviewers()[0], house.store.clock.now_ms());
    let (mut server, address) = on_a_full_disk(&house, longest);
    let body = serde_json::to_string(&approval).unwrap();
    let mut connection = TcpStream::connect(&address).unwrap();
    write!(
        connection,
        "POST {}{} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        paths::PREFIX,
        paths::of(paths::APPROVAL, &second.id),
        house.tokens.first,
        body.len()
    )
    .unwrap();
    let answer = answered(connection);
    assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    assert_eq!(seen(&house).await, 1, "nobody is shown what is not there");
    server.kill().unwrap();
    server.wait().unwrap();

    // There is room again.
    let (mut server, _) = serving(&dir(&house), house.address.as_deref());
    server.kill().unwrap();
    server.wait().unwrap();
    let state = reviewer.detail(&second.id).await.unwrap().submission.state;
    if state != SubmissionState::Released {
        reviewer.post_approval(&second.id, &approval).await.unwrap();
    }
    assert_eq!(seen(&house).await, 2);
    holds(&house).await;
}

#[tokio::test]
async fn a_clock_that_jumps_takes_nothing_back() {
    let house = House::open().await;
    let Clock::Set(clock) = &house.store.clock else { panic!("it is set by hand") };
    let mut releases = 0;
    for (code, at_ms) in (1..).zip([NOW_MS, NOW_MS + 3 * DAY_MS, NOW_MS - 30 * DAY_MS, NOW_MS + DAY_MS]) {
        clock.store(at_ms, Ordering::Relaxed);
        freshness::renew(&house.store).await.unwrap();
        let package = App::new(APP).version(code).sealed(&publisher());
        let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
        house.caller(&house.tokens.first).approve(&id, &reviewers()[0]).await.unwrap();
        releases += 1;
    }
    assert_eq!(seen(&house).await, releases, "a device whose clock is right sees the last");
    commands::verify_audit(&house.store).await.map_err(told).unwrap();
    follows_from_the_database(&house).await;
}
