//! Something is unplugged in the middle: a citizen reads in plain words what is the matter, loses nothing that was saved, and
//! goes on.

use std::{fs, path::Path};

use guichet_host::policy::hash_pin;
use guichet_journeys::{
    canary,
    demo::sample,
    hall::{Hall, SOON, papers},
    pcsc::Pcsc,
    printer::Printer,
    town::{OFFICES, Office, Town},
    until::until,
    watched::{HOME, Watched},
};
use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use super::{permit_of, staff::PIN};

const RECORDS: Office =
    Office { id: "records", name_zh: "档案", name_en: "Records office", prefix: "gov.example.records" };
pub(super) const CERTIFICATE: &str = "gov.example.records.certificate";
pub(super) const PERMIT: &str = "gov.example.residence.permit";
pub(super) const CITIZEN: &str = "王小明";

/// How long a terminal waits for a store that says nothing, in milliseconds.
const WAITED_MS: u64 = 15_000;

/// A store with a printer's and a form's app.
pub(super) fn town(folder: &Path) -> Town {
    let town = Town::found(folder, &[RECORDS, OFFICES[0]]).unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let package = folder.join("certificate.ma");
    town.release("records", &samples.join("certificate-printer"), &package).unwrap();
    permit_of(&town, folder);
    town
}

/// A policy for citizens who take their time.
pub(super) fn policy(folder: &Path, town: &Town, words: &Words, devices: &Value) -> std::path::PathBuf {
    let change = |policy: &mut Value| {
        policy["start"]["locale"] = words.lang.into();
        policy["sequence"] = words.sequence.into();
        policy["idle"] = json!({ "warn_seconds": 600, "reset_seconds": 900 });
        policy["devices"] = devices.clone();
        policy["staff"] = json!({ "pin": hash_pin(PIN).unwrap().unwrap().to_string() });
    };
    // Both of one operator.
    let own = folder.join(format!("papers-{}", words.lang));
    fs::create_dir_all(&own).unwrap();
    for name in ["operator.key", "operator.pub"] {
        let first = folder.join(format!("papers-{}", WORDS[0].lang)).join(name);
        if first.exists() && !own.join(name).exists() {
            fs::copy(first, own.join(name)).unwrap();
        }
    }
    papers(&own, town, change).unwrap()
}

/// What each language says where.
pub(super) struct Words {
    pub(super) lang: &'static str,
    /// Of its policy: a terminal takes no other of the same number.
    sequence: u32,
    out_of_paper: &'static str,
    not_connected: &'static str,
    not_printed: &'static str,
    reader_gone: &'static str,
    read: &'static str,
    pub(super) kept: &'static str,
    not_kept: &'static str,
}

pub(super) const WORDS: [Words; 2] = [
    Words {
        lang: "zh-Hans",
        sequence: 1,
        out_of_paper: "打印机缺纸",
        not_connected: "打印机没有回应",
        not_printed: "没有打印出来",
        reader_gone: "读卡器没有回应",
        read: "办完后请带走您的卡",
        kept: "草稿已存",
        not_kept: "草稿没有存下",
    },
    Words {
        lang: "en",
        sequence: 2,
        out_of_paper: "out of paper",
        not_connected: "does not answer",
        not_printed: "was not printed",
        reader_gone: "card reader does not answer",
        read: "Take it with you",
        kept: "Draft kept",
        not_kept: "wasn't kept",
    },
];

pub(super) fn value(kiosk: &Watched, selector: &str) -> String {
    let said = kiosk.browser.ask(&format!("return document.querySelector('{selector}').value")).unwrap();
    said.as_str().unwrap_or_default().to_owned()
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn the_printer_is_killed_while_it_prints() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let mut printer = Printer::start(&folder.path().join("printer"), "application/pdf").unwrap();
    for (turn, words) in WORDS.iter().enumerate() {
        let policy = policy(folder.path(), &town, words, &json!({ "printers": [printer.device()] }));
        let kiosk = Watched::open(folder.path(), &policy, &[CERTIFICATE, PERMIT]).unwrap();
        kiosk.open_app(CERTIFICATE).unwrap();
        kiosk.browser.fill("#name", CITIZEN).unwrap();
        printer.paper(false).unwrap();
        kiosk.touch("#print").unwrap();
        kiosk.reads("#told", words.out_of_paper).unwrap();
        printer.switch_off();
        kiosk.reads("#told", words.not_connected).unwrap();

        // Nobody has to wait for a printer that is gone.
        kiosk.touch("#cancel").unwrap();
        kiosk.browser.until("it can be printed again", "return !document.querySelector('#print').hidden").unwrap();
        assert_eq!(value(&kiosk, "#name"), CITIZEN);

        // It is back, and has forgotten a job that was waiting.
        printer.switch_on().unwrap();
        kiosk.touch("#print").unwrap();
        kiosk.reads("#told", words.out_of_paper).unwrap();
        printer.switch_off();
        printer.switch_on().unwrap();
        kiosk.reads("#told", words.not_printed).unwrap();
        assert_eq!(value(&kiosk, "#name"), CITIZEN);
        printer.paper(true).unwrap();
        let done = "return document.body.dataset.progress === 'done'";
        kiosk.touch("#print").unwrap();
        kiosk.browser.until("it is printed", done).unwrap();
        assert_eq!(printer.tray().unwrap().len(), turn + 1);
        kiosk.close().unwrap();
    }
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn pcscd_is_stopped_and_the_card_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let printer = Printer::start(&folder.path().join("printer"), "application/pdf").unwrap();
    let mut pcsc = Pcsc::start(&folder.path().join("pcsc")).unwrap();
    for words in &WORDS {
        let devices = json!({ "printers": [printer.device()], "readers": [pcsc.device().unwrap()] });
        let policy = policy(folder.path(), &town, words, &devices);
        let kiosk = Watched::open(folder.path(), &policy, &[CERTIFICATE, PERMIT]).unwrap();
        pcsc.card(true).unwrap();
        kiosk.says(0, "session begun").unwrap();
        kiosk.open_app(CERTIFICATE).unwrap();
        kiosk.touch("#card").unwrap();
        kiosk.reads("#told", words.read).unwrap();
        assert_eq!(value(&kiosk, "#name"), CITIZEN);

        pcsc.switch_off();
        kiosk.touch("#card").unwrap();
        kiosk.reads("#told", words.reader_gone).unwrap();
        assert_eq!(value(&kiosk, "#name"), CITIZEN, "what was entered is still there");

        pcsc.switch_on().unwrap();
        kiosk.touch("#card").unwrap();
        kiosk.reads("#told", words.read).unwrap();
        assert!(!kiosk.browser.said().contains("session over"), "{}", kiosk.browser.said());

        // Whoever takes the card goes, and so does all that was theirs.
        let heard = kiosk.heard();
        pcsc.card(false).unwrap();
        for line in ["session over card", "wiped in", "session shown after"] {
            kiosk.says(heard, line).unwrap();
        }
        let heard = kiosk.heard();
        pcsc.card(true).unwrap();
        kiosk.says(heard, "session begun").unwrap();
        pcsc.card(false).unwrap();
        kiosk.says(heard, "session over card").unwrap();
        // It is said, and whoever touches a service meanwhile gets that service.
        kiosk.says(heard, "session shown after").unwrap();
        if words.lang == "en" {
            kiosk.sees("Nothing you entered is left on this machine").unwrap();
            kiosk.touch_word("Certificates").unwrap();
            kiosk.says(heard, &format!("opened {CERTIFICATE}")).unwrap();
        }
        kiosk.close().unwrap();
    }
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn the_memory_is_full_and_the_network_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = town(folder.path());
    for (turn, words) in (2..).zip(&WORDS) {
        let policy = policy(folder.path(), &town, words, &json!({}));
        let kiosk = Watched::with_memory(folder.path(), &policy, &[PERMIT], 64).unwrap();
        kiosk.open_app(PERMIT).unwrap();
        kiosk.touch("#start").unwrap();
        kiosk.browser.turn_to("apply.html").unwrap();
        kiosk.browser.fill("#name", CITIZEN).unwrap();
        kiosk.reads("#draft-note", words.kept).unwrap();

        let filled = kiosk.fill_memory().unwrap();
        kiosk.browser.fill("#name", &"小".repeat(50)).unwrap();
        kiosk.reads("#draft-note", words.not_kept).unwrap();
        // The one that waits for the next citizen dies, and there is no room for another: whoever is there goes on.
        let heard = kiosk.heard();
        kill_process(kiosk.keeper_of_the_next().unwrap(), Signal::KILL).unwrap();
        let is_alone = || Ok((kiosk.rooms()?.len() == 1).then_some(()));
        until("the room of the next one is gone", SOON, is_alone).unwrap();
        let to_the_brim = kiosk.fill_memory().unwrap();
        kiosk.says(heard, "the next session has no room").unwrap();
        newer_permit(&town, folder.path(), turn);
        kiosk.says(heard, "cannot be shown to sessions").unwrap();
        assert!(!kiosk.browser.said().contains("session over"), "{}", kiosk.browser.said());
        drop((filled, to_the_brim));
        let newer = fs::read_to_string(kiosk.home().join("apps").join(PERMIT).join("state.json")).unwrap();
        until("the next one has the newer release", SOON, || {
            Ok(kiosk
                .rooms()?
                .iter()
                .any(|room| {
                    fs::read_to_string(room.join("home/apps").join(PERMIT).join("state.json"))
                        .is_ok_and(|state| state == newer)
                })
                .then_some(()))
        })
        .unwrap();
        kiosk.browser.fill("#name", CITIZEN).unwrap();
        kiosk.reads("#draft-note", words.kept).unwrap();

        // Without its store a terminal goes on with what it has.
        town.close().unwrap();
        kiosk.browser.fill("#phone", "13800000000").unwrap();
        kiosk.reads("#draft-note", words.kept).unwrap();
        kiosk.leave_app().unwrap();
        kiosk.open_app(PERMIT).unwrap();
        kiosk.touch("#start").unwrap();
        kiosk.browser.turn_to("apply.html").unwrap();
        kiosk.browser.until("it has its draft", "return document.querySelector('#name').value !== ''").unwrap();
        assert_eq!(value(&kiosk, "#name"), CITIZEN);
        assert_eq!(value(&kiosk, "#phone").replace(' ', ""), "13800000000");
        assert!(!canary::search("13800000000", &[&kiosk.memory()]).is_empty(), "it lies in the storage");
        kiosk.browser.turn_to(HOME).unwrap();
        let heard = kiosk.heard();
        kiosk.touch("[data-action=end]").unwrap();
        kiosk.says(heard, "session over button").unwrap();
        kiosk.says(heard, "session shown after").unwrap();
        let left = fs::read_dir(kiosk.memory()).unwrap().count();
        assert_eq!(left, 1, "the folder of the kiosk itself");
        town.open().unwrap();
        kiosk.close().unwrap();
    }
}

/// The next version of the permit, released by its department.
pub(super) fn newer_permit(town: &Town, folder: &Path, code: u32) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let source = sample::copy(samples, "residence-permit", &folder.join(format!("v{code}"))).unwrap();
    let manifest = source.join("manifest.json");
    let mut read: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    read["version"] = json!({ "code": code, "name": format!("{code}.0.0") });
    fs::write(&manifest, read.to_string()).unwrap();
    let package = folder.join(format!("permit-{code}.ma"));
    town.release("residence", &source, &package).unwrap();
}

/// Not a store that is closed, whose machine says so at once, but a network that loses everything: whoever connects waits.
#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn the_network_loses_everything() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = town(folder.path());
    for (turn, words) in (2..).zip(&WORDS) {
        let policy = policy(folder.path(), &town, words, &json!({}));
        let kiosk = Watched::open(folder.path(), &policy, &[PERMIT]).unwrap();
        let heard = kiosk.heard();
        let cut = town.cut().unwrap();
        kiosk.open_app(PERMIT).unwrap();
        kiosk.touch("#start").unwrap();
        kiosk.browser.turn_to("apply.html").unwrap();
        kiosk.browser.fill("#name", CITIZEN).unwrap();
        kiosk.reads("#draft-note", words.kept).unwrap();
        kiosk.says(heard, "store/unreachable").unwrap();

        // One goes and the next one comes while the terminal waits for its store again.
        kiosk.browser.turn_to(HOME).unwrap();
        let heard = kiosk.heard();
        kiosk.touch("[data-action=end]").unwrap();
        for line in ["session over button", "wiped in", "session shown after"] {
            kiosk.says(heard, line).unwrap();
        }
        let since = kiosk.browser.said();
        let shown = since.lines().skip(heard).find(|line| line.contains("session shown after")).unwrap();
        let ms: u64 = shown.split_whitespace().rev().nth(1).unwrap().parse().unwrap();
        assert!(ms < WAITED_MS, "{shown}");
        kiosk.close().unwrap();

        // A terminal that is switched on then serves what it has, before it has waited for anything.
        let mut hall = Hall::open(folder.path(), &policy, &[]).unwrap();
        assert!(!hall.kiosk.said().contains("store/unreachable"), "{}", hall.kiosk.said());
        hall.kiosk.line("store/unreachable", SOON).unwrap();
        drop(cut);
        town.open().unwrap();
        newer_permit(&town, folder.path(), turn);
        let state = || fs::read_to_string(hall.home().join("apps").join(PERMIT).join("state.json")).unwrap();
        let before = state();
        until("the newer one is installed", SOON, || Ok((state() != before).then_some(()))).unwrap();
    }
}
