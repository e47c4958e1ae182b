//! Previews between a developer's computer and a terminal, over a real channel: who gets a draft, and who never does.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, channel},
    },
    thread,
    time::Duration,
};

use guichet_host::{
    Clock,
    preview::{
        CODE_LASTS_S, Ending, Knocked, Pairing, Pairings, Preview, PreviewAddress, PreviewError, PreviewLine,
        PreviewNews, PreviewOptions, PreviewProblem, PreviewServer, PreviewTold, Tried, knock,
    },
};

const PATIENCE: Duration = Duration::from_secs(60);

/// A developer's computer, and what it says.
struct Desk {
    folder: tempfile::TempDir,
    time: Arc<AtomicU64>,
}

struct Running {
    server: PreviewServer,
    news: Receiver<PreviewNews>,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), time: Arc::new(AtomicU64::new(1_000_000)) }
    }

    fn pairings(&self) -> Pairings {
        Pairings::open(self.folder.path()).unwrap()
    }

    fn begin(&self) -> Running {
        let (sender, news) = channel();
        let sender = Mutex::new(sender);
        let options = PreviewOptions {
            listen: "127.0.0.1:0".parse().unwrap(),
            lasts_s: 600,
            name: "desk".to_owned(),
            clock: Clock::Set(Arc::clone(&self.time)),
        };
        let server = PreviewServer::start(self.pairings(), options, move |news| {
            drop(sender.lock().unwrap().send(news));
        });
        Running { server: server.unwrap(), news }
    }

    fn pass_s(&self, seconds: u64) {
        self.time.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Running {
    fn address(&self) -> PreviewAddress {
        self.server.address().clone()
    }

    fn code(&self) -> String {
        loop {
            if let PreviewNews::Asks { code, .. } = self.news.recv_timeout(PATIENCE).unwrap() {
                return code;
            }
        }
    }

    fn refused(&self) -> PreviewError {
        loop {
            if let PreviewNews::Refused { error, .. } = self.news.recv_timeout(PATIENCE).unwrap() {
                return error;
            }
        }
    }
}

/// A terminal with a folder of its own.
fn at(folder: &Path, address: &PreviewAddress) -> Result<Knocked, PreviewError> {
    knock(address, Pairings::open(folder).unwrap(), "tablet", Clock::System)
}

fn asked(folder: &Path, address: &PreviewAddress) -> Pairing {
    match at(folder, address).unwrap() {
        Knocked::Asks(pairing) => pairing,
        Knocked::Begun(_) => panic!("nobody has paired them"),
    }
}

fn begun(folder: &Path, address: &PreviewAddress) -> Preview {
    match at(folder, address).unwrap() {
        Knocked::Begun(preview) => preview,
        Knocked::Asks(_) => panic!("they are paired"),
    }
}

/// Pairs a terminal as a person does.
fn paired(folder: &Path, running: &Running) -> Preview {
    let pairing = asked(folder, &running.address());
    match pairing.try_code(&running.code()).unwrap() {
        Tried::Begun(preview) => preview,
        Tried::Wrong(_) => panic!("the code was right"),
    }
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// The drafts and problems up to what is looked for.
fn until(preview: &mut Preview, wanted: &PreviewTold) {
    loop {
        let told = preview.wait().unwrap();
        if told == *wanted {
            return;
        }
        assert!(!matches!(told, PreviewTold::Ended(_)), "{told:?}");
    }
}

#[test]
fn a_terminal_is_paired_once_and_gets_every_draft_from_then_on() {
    let (desk, tablet) = (Desk::new(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    running.server.show(b"first".to_vec());
    let mut preview = paired(tablet.path(), &running);
    assert_eq!((preview.name.as_str(), preview.seconds), ("desk", 600));
    until(&mut preview, &PreviewTold::Draft(b"first".to_vec()));
    running.server.show(b"second".to_vec());
    until(&mut preview, &PreviewTold::Draft(b"second".to_vec()));
    let problem = PreviewProblem {
        class: "check/syntax".to_owned(),
        severity: "error".to_owned(),
        place: "app.js:1:1".to_owned(),
        what: "a brace is missing".to_owned(),
        hint: "add it".to_owned(),
    };
    running.server.trouble(vec![problem.clone()]);
    until(&mut preview, &PreviewTold::Problems(vec![problem]));
    drop(running);
    until(&mut preview, &PreviewTold::Ended(Ending::Closed));

    // Another day: nobody types anything, and the newest draft comes at once.
    let running = desk.begin();
    running.server.show(b"third".to_vec());
    until(&mut begun(tablet.path(), &running.address()), &PreviewTold::Draft(b"third".to_vec()));
    assert_eq!(desk.pairings().all().unwrap().len(), 1);
    assert_eq!(Pairings::open(tablet.path()).unwrap().all().unwrap()[0].name, "desk");
}

#[test]
fn what_the_app_says_at_the_terminal_is_told_to_the_computer() {
    let (desk, tablet) = (Desk::new(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    let mut preview = paired(tablet.path(), &running);
    let line = PreviewLine { level: "warn".to_owned(), page: Some(1), text: "no street".to_owned() };
    preview.console().push(line.clone());
    let terminal = thread::spawn(move || preview.wait());
    let told = loop {
        if let PreviewNews::Console { name, line } = running.news.recv_timeout(PATIENCE).unwrap() {
            break (name, line);
        }
    };
    assert_eq!(told, ("tablet".to_owned(), line));
    drop(running);
    assert_eq!(terminal.join().unwrap(), Ok(PreviewTold::Ended(Ending::Closed)));
}

#[test]
fn whoever_has_the_address_alone_gets_a_question_and_no_draft() {
    let (desk, tablet, stranger) = (Desk::new(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    running.server.show(b"secret".to_vec());
    drop(paired(tablet.path(), &running));
    // Even one that takes itself to be paired, with the list of the terminal that is, but not its key.
    fs::copy(tablet.path().join("pairings.json"), stranger.path().join("pairings.json")).unwrap();
    drop(asked(stranger.path(), &running.address()));
    assert_eq!(desk.pairings().all().unwrap().len(), 1);
}

#[test]
fn a_terminal_that_does_not_know_the_computer_asks_a_person_whatever_the_computer_says() {
    let (desk, tablet) = (Desk::new(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    running.server.show(b"draft".to_vec());
    drop(paired(tablet.path(), &running));
    assert_eq!(Pairings::open(tablet.path()).unwrap().end("desk").unwrap().len(), 1);
    let pairing = asked(tablet.path(), &running.address());
    assert_eq!(pairing.key(), running.address().key);
}

#[test]
fn a_wrong_code_pairs_nobody_and_five_codes_are_all_there_are() {
    let (desk, tablet) = (Desk::new(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    for _ in 0..5 {
        let mut pairing = asked(tablet.path(), &running.address());
        let code = running.code();
        for left in [2, 1] {
            pairing = match pairing.try_code(&wrong(&code)).unwrap() {
                Tried::Wrong(pairing) => pairing,
                Tried::Begun(_) => panic!("the code was wrong"),
            };
            assert_eq!(pairing.tries, left);
        }
        let Err(error) = pairing.try_code(&wrong(&code)) else { panic!("the code was wrong") };
        assert_eq!(error, PreviewError::WrongCode);
    }
    let Err(error) = at(tablet.path(), &running.address()) else { panic!("no code is left") };
    assert_eq!(error, PreviewError::TooManyCodes);
    assert!(desk.pairings().all().unwrap().is_empty());
    assert!(Pairings::open(tablet.path()).unwrap().all().unwrap().is_empty());
}

#[test]
fn a_code_that_is_typed_too_late_pairs_nobody() {
    let (desk, tablet) = (Desk::new(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    let pairing = asked(tablet.path(), &running.address());
    let code = running.code();
    desk.pass_s(CODE_LASTS_S);
    let Err(error) = pairing.try_code(&code) else { panic!("the code was old") };
    assert_eq!(error, PreviewError::CodeExpired);
    assert_eq!(running.refused(), PreviewError::CodeExpired);
    assert!(desk.pairings().all().unwrap().is_empty());
}

#[test]
fn one_terminal_is_paired_at_a_time_with_a_code_of_its_own() {
    let (desk, one, other) = (Desk::new(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    let first = asked(one.path(), &running.address());
    let code = running.code();
    let Err(error) = at(other.path(), &running.address()) else { panic!("the first one is asked") };
    assert_eq!(error, PreviewError::Busy);
    assert!(matches!(first.try_code(&code).unwrap(), Tried::Begun(_)));
    // The other one has a code of its own; that of the first is nothing to it.
    let second = asked(other.path(), &running.address());
    let new = running.code();
    if new != code {
        assert!(matches!(second.try_code(&code).unwrap(), Tried::Wrong(_)));
    }
}

#[test]
fn an_address_of_an_earlier_preview_leads_nowhere() {
    let (desk, tablet) = (Desk::new(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    running.server.show(b"draft".to_vec());
    drop(paired(tablet.path(), &running));
    let old = running.address();
    drop(running);
    // The same computer with the same key, even in the same place.
    let running = desk.begin();
    running.server.show(b"newer".to_vec());
    let replayed = PreviewAddress { at: running.address().at, ..old };
    let Err(error) = at(tablet.path(), &replayed) else { panic!("that preview is over") };
    assert_eq!(error, PreviewError::Over);
}

#[test]
fn a_computer_with_another_key_is_not_spoken_to() {
    let (desk, other, tablet) = (Desk::new(), Desk::new(), tempfile::tempdir().unwrap());
    let (running, impostor) = (desk.begin(), other.begin());
    impostor.server.show(b"evil".to_vec());
    drop(paired(tablet.path(), &running));
    let led_astray = PreviewAddress { at: impostor.address().at, ..running.address() };
    let Err(error) = at(tablet.path(), &led_astray) else { panic!("its key is another") };
    assert_eq!(error, PreviewError::OtherKey);
}

/// Somebody on the way: passes everything on, but changes a byte of what the computer sends after so many bytes.
fn meddler(to: std::net::SocketAddr, after: usize) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut near, _) = listener.accept().unwrap();
        let mut far = TcpStream::connect(to).unwrap();
        let (mut near_reads, mut far_writes) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        thread::spawn(move || {
            let _ = std::io::copy(&mut near_reads, &mut far_writes);
            let _ = far_writes.shutdown(Shutdown::Both);
        });
        let (mut passed, mut buffer) = (0, [0; 4096]);
        while let Ok(length @ 1..) = far.read(&mut buffer) {
            if (passed..passed + length).contains(&after) {
                buffer[after - passed] ^= 1;
            }
            passed += length;
            if near.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = near.shutdown(Shutdown::Both);
    });
    at
}

#[test]
fn a_byte_that_was_changed_on_the_way_ends_it_before_any_of_it_is_seen() {
    let (desk, tablet) = (Desk::new(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    drop(paired(tablet.path(), &running));
    let draft: Vec<u8> = (0..100_000_u32).map(|number| number as u8).collect();
    running.server.show(draft.clone());
    // In the middle of the draft, and in the handshake.
    for after in [50_000, 40] {
        let address = PreviewAddress { at: meddler(running.address().at, after), ..running.address() };
        let seen = at(tablet.path(), &address).and_then(|knocked| {
            let Knocked::Begun(mut preview) = knocked else { panic!("they are paired") };
            loop {
                match preview.wait()? {
                    PreviewTold::Draft(_) => panic!("a draft came through that was changed"),
                    PreviewTold::Problems(_) => {}
                    PreviewTold::Ended(ending) => panic!("{ending:?}"),
                }
            }
        });
        let error: PreviewError = seen.map(|never: std::convert::Infallible| match never {}).unwrap_err();
        assert!(matches!(error, PreviewError::Channel { .. }), "{after}: {error}");
    }
    // Untouched, it arrives.
    let address = PreviewAddress { at: meddler(running.address().at, usize::MAX), ..running.address() };
    until(&mut begun(tablet.path(), &address), &PreviewTold::Draft(draft));
}

#[test]
fn either_side_ends_the_pairing_and_with_it_a_preview_that_goes_on() {
    let (desk, one, other) = (Desk::new(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    running.server.show(b"draft".to_vec());
    let mut preview = paired(one.path(), &running);
    until(&mut preview, &PreviewTold::Draft(b"draft".to_vec()));
    assert_eq!(desk.pairings().end("tablet").unwrap().len(), 1);
    until(&mut preview, &PreviewTold::Ended(Ending::Unpaired));
    drop(asked(one.path(), &running.address()));

    let mut preview = loop {
        // The question to the other one may not have ended yet.
        match at(other.path(), &running.address()) {
            Ok(Knocked::Asks(pairing)) => match pairing.try_code(&last_code(&running)).unwrap() {
                Tried::Begun(preview) => break preview,
                Tried::Wrong(_) => panic!("the code was right"),
            },
            Err(PreviewError::Busy) => {}
            _ => panic!("nobody has paired them"),
        }
    };
    assert_eq!(Pairings::open(other.path()).unwrap().end("desk").unwrap().len(), 1);
    until(&mut preview, &PreviewTold::Ended(Ending::Unpaired));
}

/// The newest code: those before are of questions that were given up.
fn last_code(running: &Running) -> String {
    let mut last = running.code();
    while let Ok(news) = running.news.try_recv() {
        if let PreviewNews::Asks { code, .. } = news {
            last = code;
        }
    }
    last
}

#[test]
fn when_its_time_is_over_a_preview_ends_and_nobody_is_let_in() {
    let (desk, tablet) = (Desk::new(), tempfile::tempdir().unwrap());
    let running = desk.begin();
    running.server.show(b"draft".to_vec());
    let mut preview = paired(tablet.path(), &running);
    desk.pass_s(600);
    assert!(running.server.is_over());
    until(&mut preview, &PreviewTold::Ended(Ending::Time));
    let Err(error) = at(tablet.path(), &running.address()) else { panic!("it is over") };
    assert_eq!(error, PreviewError::Over);
}

#[test]
fn every_refusal_says_what_and_what_to_do() {
    let at = "192.0.2.7:7411".parse().unwrap();
    let why = || "it is not there".to_owned();
    let all = [
        PreviewError::Address,
        PreviewError::Unreachable { at, why: why() },
        PreviewError::OtherKey,
        PreviewError::Over,
        PreviewError::Busy,
        PreviewError::WrongCode,
        PreviewError::CodeExpired,
        PreviewError::TooManyCodes,
        PreviewError::Channel { why: why() },
        PreviewError::Protocol { what: why() },
        PreviewError::Unpaired,
        PreviewError::Pairings { why: why() },
        PreviewError::Listen { at, why: why() },
    ];
    let text: Vec<_> =
        all.iter().map(|error| format!("{}: {error}\n  hint: {}", error.class(), error.hint())).collect();
    insta::assert_snapshot!(text.join("\n"), @r"
    preview/address: this is no address that guichet preview has shown
      hint: scan the code, or copy the whole line that begins with guichet://preview/
    preview/unreachable: no computer answers at 192.0.2.7:7411: it is not there
      hint: both have to be in one network, and guichet preview has to run; --listen names another address of the computer
    preview/other-key: another computer answers there: its key is not the one in the address
      hint: do not go on; read the address anew from the screen of the computer itself
    preview/over: this preview is over
      hint: run guichet preview again, and use the address it shows now
    preview/busy: another terminal is being paired with this computer
      hint: wait until the other one is done, two minutes at most, then open the address again
    preview/wrong-code: the code was wrong three times, and nothing was paired
      hint: open the address again, and type the code that is shown then
    preview/code-expired: the code was typed too late, and nothing was paired
      hint: open the address again, and type the code that is shown then
    preview/too-many-codes: too many wrong codes were typed, so this preview pairs no more terminals
      hint: somebody else may be trying: run guichet preview again, where nobody else sees the screen
    preview/channel: the connection broke, or what it carried was changed: it is not there
      hint: open the address again; if it happens again, use another network
    preview/protocol: the other side speaks another protocol: it is not there
      hint: use guichet and guichet-desktop of the same version
    preview/unpaired: this terminal and this computer are not paired any more
      hint: open the address again to pair them anew
    preview/pairings: the pairings cannot be used: it is not there
      hint: the folder has to be its owner's alone and its files as they were written; without them every pairing is made anew
    preview/listen: this computer cannot be reached at 192.0.2.7:7411: it is not there
      hint: name an address of this computer with --listen, such as 127.0.0.1:0
    ");
}
