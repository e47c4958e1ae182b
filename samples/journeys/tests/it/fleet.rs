//! A terminal of a hall and its store over real HTTP: it enrols, tells, takes a newer policy, shows its home page, and is
//! revoked; and it serves on without the store.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use guichet_host::{
    Clock,
    fleet::{FleetError, News, Terminal, Vitals, enrol},
    policy::PolicyFiles,
};
use guichet_journeys::{
    display::Display,
    picture,
    process::{Running, must, program, run},
    town::Town,
    until::until,
};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);

struct Hall {
    folder: tempfile::TempDir,
    town: Town,
}

impl Hall {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("operator.key");
        must(program("guichet").unwrap().args(["key", "new"]).arg(&key)).unwrap();
        let public = must(program("guichet").unwrap().args(["key", "show"]).arg(&key)).unwrap();
        let town = Town::found_with(folder.path(), &[], |town| {
            Ok(fs::write(town.store_folder().join("operator.pub"), &public)?)
        });
        Self { town: town.unwrap(), folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A policy for the terminal A-03, signed by the operator.
    fn policy(&self, sequence: u64) -> PathBuf {
        let (draft, signed) = (self.path(&format!("{sequence}.json")), self.path(&format!("{sequence}.signed.json")));
        let sequence = sequence.to_string();
        let mut new = program("guichet").unwrap();
        new.args(["policy", "new"]).arg(&draft).args(["--hall", "East", "--name", "A-03", "--sequence", &sequence]);
        must(&mut new).unwrap();
        let mut said: Value = serde_json::from_slice(&fs::read(&draft).unwrap()).unwrap();
        said["start"]["locale"] = "en".into();
        fs::write(&draft, serde_json::to_vec(&said).unwrap()).unwrap();
        let mut sign = program("guichet").unwrap();
        sign.args(["policy", "sign"]).arg(&draft).arg("--key").arg(self.path("operator.key")).arg("-o").arg(&signed);
        must(&mut sign).unwrap();
        signed
    }

    fn code(&self) -> String {
        let policy = self.policy(1);
        let said = self.town.store(&["admin", "terminal", "code", "--policy", policy.to_str().unwrap()]).unwrap();
        said.lines().last().unwrap().trim().to_owned()
    }
}

fn now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn vitals(policy_sequence: u64) -> Vitals {
    Vitals { version: "0.1.0".to_owned(), policy_sequence, ..Vitals::default() }
}

fn class(result: Result<impl std::fmt::Debug, FleetError>) -> String {
    result.unwrap_err().class().to_owned()
}

#[test]
fn a_terminal_enrols_tells_takes_a_newer_policy_and_is_revoked() {
    let hall = Hall::open();
    let (files, home) = (PolicyFiles::beside(&hall.path("kiosk/policy.json")), hall.path("home"));
    let url = hall.town.url();
    assert_eq!(class(enrol(&files, &home, url, "0000-0000-0000", now_ms())), "enrolment/code");
    assert!(!files.policy.exists() && !files.trust.exists(), "nothing is left behind");
    let code = hall.code();
    let mut kiosk = program("guichet-kiosk").unwrap();
    kiosk.arg("--policy").arg(&files.policy).arg("--home").arg(&home).args(["--enrol", &code, "--store", url]);
    assert_eq!(must(&mut kiosk).unwrap(), "enrolled: East, A-03\n");
    let signed = files.read(&home, now_ms()).unwrap();
    assert_eq!((signed.policy().sequence, signed.policy().terminal.name.as_str()), (1, "A-03"), "all is in its place");
    let again = run(&mut kiosk).unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(again.stderr.starts_with("error[terminal/enrolled-already]"), "{}", again.stderr);
    assert!(Path::new(&files.trust).exists());
    assert_eq!(class(enrol(&files, &home, url, &code, now_ms())), "terminal/enrolled-already");
    let other = hall.path("other");
    assert_eq!(class(enrol(&files, &other, url, &code, now_ms())), "enrolment/code", "a code is good once");

    let terminal = Terminal::open(&home).unwrap().unwrap();
    let (id, policy) = (terminal.id().to_owned(), hall.policy(2));
    let assign = ["admin", "terminal", "assign", "--id", &id, "--policy", policy.to_str().unwrap()];
    hall.town.store(&assign).unwrap();
    let (tell, told) = mpsc::channel();
    let telling =
        terminal.keep_telling(files.clone(), Clock::System, || vitals(1), move |news, _| drop(tell.send(news)));
    let telling = telling.unwrap();
    assert!(matches!(told.recv_timeout(PATIENCE).unwrap(), News::Heard));
    let News::Policy(newer) = told.recv_timeout(PATIENCE).unwrap() else { panic!("a newer policy") };
    assert_eq!(newer.policy().sequence, 2);
    telling.now();
    assert!(
        matches!(told.recv_timeout(PATIENCE).unwrap(), News::Heard),
        "long before the store wants to hear it again"
    );
    telling.stop();
    assert_eq!(files.read(&home, now_ms()).unwrap().policy().sequence, 2, "it is in its place");
    let listed = hall.town.store(&["admin", "terminal", "list"]).unwrap();
    assert!(listed.contains(&format!("{id}\tEast\tA-03\t2\t")), "{listed}");

    let mut terminal = Terminal::open(&home).unwrap().unwrap();
    let taken = terminal.tell(vitals(2), now_ms()).unwrap();
    assert_eq!((taken.policy, taken.picture), (None, false));
    assert_eq!(class(terminal.send_picture(b"\x89PNG\r\n\x1a\n", now_ms())), "terminal/nobody-asked");
    let before = terminal.tell(vitals(2), 0).map(|taken| taken.next_seconds);
    assert!(before.is_ok(), "a clock that was set back signs no number twice");

    hall.town.store(&["admin", "terminal", "revoke", "--id", &id, "--reason", "it was stolen"]).unwrap();
    let revoked = terminal.tell(vitals(2), now_ms()).unwrap_err();
    assert!(revoked.is_revoked() && revoked.to_string().contains("it was stolen"), "{revoked}");
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn a_terminal_shows_its_home_page_when_asked_and_no_session() {
    let hall = Hall::open();
    let (files, home) = (PolicyFiles::beside(&hall.path("kiosk/policy.json")), hall.path("home"));
    enrol(&files, &home, hall.town.url(), &hall.code(), now_ms()).unwrap();
    let id = Terminal::open(&home).unwrap().unwrap().id().to_owned();
    hall.town.store(&["admin", "terminal", "picture", "--id", &id]).unwrap();

    let display = Display::upright().unwrap();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let mut kiosk = program("guichet-kiosk").unwrap();
    kiosk.arg("--policy").arg(&files.policy).arg("--home").arg(&home);
    kiosk.arg("--memory").arg(memory.path()).env("DISPLAY", display.name());
    let kiosk = Running::start("guichet-kiosk", &mut kiosk).unwrap();
    let png = hall.path("home.png");
    let sent =
        || hall.town.store(&["admin", "terminal", "picture", "--id", &id, "--to", png.to_str().unwrap()]).is_ok();
    until("the store has the picture", Duration::from_secs(120), || Ok(sent().then_some(()))).unwrap();
    let read = picture::text(&png).unwrap();
    assert!(read.contains("counter"), "the home page says that there is nothing yet: {read}");
    drop(kiosk);
}

#[test]
fn a_terminal_that_does_not_reach_its_store_says_so_and_goes_on() {
    let mut hall = Hall::open();
    let (files, home) = (PolicyFiles::beside(&hall.path("policy.json")), hall.path("home"));
    let (code, url) = (hall.code(), hall.town.url().to_owned());
    hall.town.close().unwrap();
    assert_eq!(class(enrol(&files, &home, &url, &code, now_ms())), "store/unreachable");
    hall.town.open().unwrap();
    fs::write(&files.operator_key, "ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").unwrap();
    assert_eq!(class(enrol(&files, &home, &url, &code, now_ms())), "terminal/other-operator");
    assert!(Terminal::open(&home).unwrap().is_none());
}
