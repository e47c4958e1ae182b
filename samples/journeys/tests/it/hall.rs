//! The guide *From a bare Debian to a hall's kiosk*: what needs neither root nor a device is run as it stands, on one machine
//! for desk, store and terminal; of what needs them, the enrolment is run in a folder of the test.

use std::{fs, path::Path, process::Command, time::Duration};

use guichet_journeys::{
    display::Display,
    guide::{commands_in_both, run},
    process::{Running, must, program},
    town::Town,
};
use serde_json::{Map, Value};

const GUIDES: [&str; 2] = ["docs/guides/hall.md", "docs/guides/hall.zh-Hans.md"];
const UNIT: &str = include_str!("../../../../runtime/shell/guichet-kiosk.service");
/// Where the unit keeps what is the terminal's.
const STATE: &str = "/var/lib/guichet-kiosk";

/// The blocks of a kind that a guide has.
fn blocks(guide: &str, kind: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join(guide)).unwrap();
    let fence = format!("\n```{kind}\n");
    text.split(&fence).skip(1).filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
}

/// The blocks of a kind, which both languages have alike.
fn blocks_in_both(kind: &str) -> Vec<String> {
    let [english, chinese] = GUIDES.map(|guide| blocks(guide, kind));
    assert_eq!(english, chinese, "blocks of {kind}");
    assert!(!english.is_empty(), "no blocks of {kind}");
    english
}

#[test]
fn what_is_typed_as_root_is_a_script_and_goes_with_the_unit() {
    let blocks = blocks_in_both("sh");
    for block in &blocks {
        must(Command::new("bash").args(["-n", "-c", block])).unwrap();
    }
    let typed = blocks.concat();
    let starts = UNIT.lines().find(|line| line.starts_with("ExecStart=")).unwrap();
    assert!(typed.contains(&starts.replace("cage -d ", "cage -d -r ")), "{starts}");
    for path in [format!("{STATE}/policy.json"), format!("{STATE}/home")] {
        assert!(UNIT.contains(&path) && typed.contains(&path), "{path}");
    }
}

#[test]
fn a_terminal_gets_its_papers_and_begins_as_the_guide_says() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &[]).unwrap();
    let [english, chinese] = GUIDES;
    let script = commands_in_both(english, chinese).unwrap();
    let at = |command: &str| script.find(command).unwrap_or_else(|| panic!("`{command}` is not typed:\n{script}"));
    let (sign, list) = (at("guichet policy sign "), at("guichet-store admin terminal list "));

    fs::write(folder.path().join("pin.txt"), "482913\n").unwrap();
    run(&script[..sign], folder.path(), &[]).unwrap();
    let draft = folder.path().join("A-03.json");
    let mut policy: Map<String, Value> = serde_json::from_slice(&fs::read(&draft).unwrap()).unwrap();
    let [put] = &blocks_in_both("json")[..] else { panic!("one policy") };
    policy.extend(serde_json::from_str::<Map<String, Value>>(put).unwrap());
    fs::write(&draft, serde_json::to_vec_pretty(&policy).unwrap()).unwrap();
    let said = run(&script[sign..list], folder.path(), &[]).unwrap();
    let code = said.lines().last().unwrap();

    // The user of the unit is not there, and neither is its folder.
    let terminal = folder.path().join("terminal");
    fs::create_dir(&terminal).unwrap();
    fs::copy(folder.path().join("operator.pub"), terminal.join("operator.pub")).unwrap();
    let typed = blocks_in_both("sh").concat();
    let enrols =
        typed.lines().find_map(|line| line.strip_prefix("runuser -u guichet-kiosk -- guichet-kiosk ")).unwrap();
    let enrols = enrols.replace(STATE, terminal.to_str().unwrap()).replace("CODE", code);
    let enrols = format!("guichet-kiosk {}", enrols.replace("https://store.example.gov", town.url()));
    assert_eq!(run(&enrols, folder.path(), &[]).unwrap(), "enrolled: 市民中心, A-03\n");

    let display = Display::upright().unwrap();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let mut kiosk = program("guichet-kiosk").unwrap();
    kiosk.arg("--policy").arg(terminal.join("policy.json")).arg("--home").arg(terminal.join("home"));
    kiosk.arg("--memory").arg(memory.path()).env("DISPLAY", display.name());
    let mut kiosk = Running::start("guichet-kiosk", &mut kiosk).unwrap();
    // Which of the two depends on the hour.
    let is_it = |line: &str| matches!(line, "guichet-kiosk ready" | "out of service: closed");
    kiosk.line_that("begins", Duration::from_secs(90), is_it).unwrap();
    kiosk.stop().unwrap();

    let said = run(&script[list..], folder.path(), &[]).unwrap();
    assert!(said.contains("\t市民中心\tA-03\t1\t"), "{said}");
    let listed = town.store(&["admin", "terminal", "list"]).unwrap();
    assert!(listed.contains("\tA-03\t2\t") && listed.trim_end().ends_with("\trevoked"), "{listed}");
}
