//! A screen reader and the sandbox of the processes that draw: the unmodified window, heard and pressed through AT-SPI only.

use std::{
    fs,
    path::{Path, PathBuf},
};

use guichet_host::policy::hash_pin;
use guichet_journeys::{
    canary,
    display::Display,
    hall::{Hall, SOON, papers},
    process::{Running, must, program},
    reader::Reader,
    town::{OFFICES, Town},
    until::{DEADLINE, until},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::main_job::samples;

/// The processes that draw.
fn drawing(window: &Running) -> Vec<u32> {
    let name = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    window.processes().into_iter().filter(|pid| name(pid).starts_with("WebKitWebProces")).collect()
}

/// Whether the kernel keeps a process apart: from other processes, from the network, and from system calls.
fn is_in_a_sandbox(process: u32) -> bool {
    let space = |process: &str, what: &str| fs::read_link(format!("/proc/{process}/ns/{what}")).unwrap();
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let is_apart = |what| space(&process.to_string(), what) != space("self", what);
    is_apart("pid") && is_apart("net") && is_apart("mnt") && status.contains("Seccomp:\t2")
}

/// The package that is opened here.
fn permit(folder: &Path) -> PathBuf {
    let package = folder.join("permit.ma");
    let mut build = program("guichet").unwrap();
    must(build.env_remove("GUICHET_KEY").arg("build").arg(samples().join("residence-permit")).arg("-o").arg(&package))
        .unwrap();
    package
}

#[test]
fn who_takes_the_sandbox_away_has_none_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let display = Display::start().unwrap();
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--open").arg(permit(folder.path())).args(["--unsealed", "--no-renderer-sandbox"]);
    let mut window = Running::start("guichet-desktop", command.env("DISPLAY", display.name())).unwrap();
    window.line("opened gov.example.residence.permit", DEADLINE).unwrap();
    assert!(window.said().contains("the processes that draw pages have no sandbox"), "{}", window.said());
    let all = drawing(&window);
    assert!(!all.is_empty() && !all.iter().any(|process| is_in_a_sandbox(*process)), "{all:?}");
}

#[test]
fn a_screen_reader_hears_and_presses_what_is_drawn_in_a_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let package = permit(folder.path());
    let display = Display::start().unwrap();
    let reader = Reader::listen(&display, folder.path()).unwrap();
    let mut command = program("guichet-desktop").unwrap();
    reader.listens_to(&mut command);
    command.arg("--open").arg(&package).args(["--unsealed", "--lang", "en"]);
    // Whoever has this from somewhere has not asked this program for it.
    command.env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
    let mut window = Running::start("guichet-desktop", &mut command).unwrap();
    window.line("opened gov.example.residence.permit", DEADLINE).unwrap();

    // The host's own page and the app's, each in a process of its own; whatever draws is apart.
    reader.until("push button", "Close service").unwrap();
    reader.until("heading", "Need a residence permit?").unwrap();
    let all = drawing(&window);
    assert!(all.len() >= 2, "{all:?}");
    assert!(all.iter().all(|process| is_in_a_sandbox(*process)), "{all:?}");

    // The link leads to the form: its question, the labels of its fields, its button.
    reader.press("link", "Start").unwrap();
    reader.until("heading", "Who is the permit for?").unwrap();
    reader.until("entry", "Name").unwrap();
    // Nothing is filled in, so the button leads to what is missing.
    reader.press("push button", "Save and continue").unwrap();
    reader.until("link", "Enter the name.").unwrap();

    // What is drawn by nobody any more is said, by a page of the host that is drawn anew.
    for process in all {
        kill_process(i32::try_from(process).ok().and_then(Pid::from_raw).unwrap(), Signal::KILL).unwrap();
    }
    reader.until("heading", "Residence permit ran into a fault, so we closed it").unwrap();
    // What has come by itself takes no press at first.
    until("the window is closed", DEADLINE, || {
        let is_open = window.is_running()?;
        if is_open {
            let _ = reader.press("push button", "Close service");
        }
        Ok((!is_open).then_some(()))
    })
    .unwrap();
}

/// The windows of a kiosk that are no pages: what whoever sees nothing hears of them, and that they can be gone through by keys.
#[test]
#[ignore = "three windows with a screen reader: cargo xtask test --full"]
fn the_terminal_s_own_windows_are_heard() {
    let folder = tempfile::tempdir().unwrap();
    let display = Display::start().unwrap();
    let reader = Reader::listen(&display, folder.path()).unwrap();
    let open = |arguments: &[&str]| {
        let mut command = program("guichet-kiosk").unwrap();
        reader.listens_to(&mut command);
        Running::start("guichet-kiosk", command.args(arguments)).unwrap()
    };
    let all_live = |role: &str, wanted: &[&str]| {
        let told = reader.told().unwrap();
        for button in told.iter().filter(|spoken| spoken.role == role) {
            assert!(button.is_live && !button.name.is_empty(), "{button:?}");
        }
        for name in wanted {
            assert!(told.iter().any(|spoken| spoken.role == role && spoken.name == *name), "{name} in {told:#?}");
        }
    };

    let mut closed = open(&["--sorry", "closed", "--staff-door"]);
    closed.line("sorry closed", DEADLINE).unwrap();
    reader.until("frame", "现在不是服务时间 · This machine is closed now").unwrap();
    reader.until("label", "Come back while the hall is open.").unwrap();
    all_live("push button", &["工作人员 · Staff"]);
    reader.press("push button", "工作人员 · Staff").unwrap();
    closed.line("staff", DEADLINE).unwrap();
    drop(closed);

    let mut door = open(&["--staff", "en"]);
    reader.until("frame", "Staff").unwrap();
    reader.until("heading", "Staff").unwrap();
    reader.until("password text", "PIN").unwrap();
    // In the order in which they are read.
    let told = reader.told().unwrap();
    let buttons = told.iter().filter(|spoken| spoken.role == "push button").map(|spoken| spoken.name.as_str());
    let wanted = "1 2 3 4 5 6 7 8 9 Erase 0 Enter Back 中文";
    assert_eq!(buttons.collect::<Vec<_>>().join(" "), wanted);
    all_live("push button", &[]);
    for key in ["2", "5", "Enter"] {
        reader.press("push button", key).unwrap();
    }
    door.line("pin 25", DEADLINE).unwrap();
    reader.until("alert", "Checking…").unwrap();
    reader.press("push button", "中文").unwrap();
    reader.until("frame", "工作人员").unwrap();
    all_live("push button", &["删除", "进入", "返回", "English"]);
    reader.press("push button", "返回").unwrap();
    until("it goes", DEADLINE, || Ok((!door.is_running()?).then_some(()))).unwrap();
}

/// The names of what is on the glass and has this role, in the order in which it is read.
fn shown(reader: &Reader, role: &str) -> Vec<String> {
    let told = reader.told().unwrap().into_iter();
    told.filter(|spoken| spoken.role == role && spoken.is_shown).map(|spoken| spoken.name).collect()
}

/// Waits until these names of one role are read one after another.
fn until_shown(reader: &Reader, role: &str, names: &[&str]) {
    let mut last = Vec::new();
    let all = until("it is read in order", DEADLINE, || {
        last = shown(reader, role);
        Ok(last.windows(names.len()).any(|part| part == names).then_some(()))
    });
    all.unwrap_or_else(|error| panic!("{error}: {role} {names:?} in {last:#?}"));
}

/// The keyboard of a kiosk and its report for staff, in a hall: what stands where, what it is called, and that a press does it.
#[test]
#[ignore = "a kiosk with a screen reader: cargo xtask test --full"]
fn the_keyboard_and_the_report_for_staff_are_heard() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let package = folder.path().join("fields.ma");
    town.release("residence", &samples().join("journeys/fields"), &package).unwrap();
    let policy = papers(&folder.path().join("papers"), &town, |policy| {
        policy["start"]["locale"] = "en".into();
        policy["idle"] = json!({ "warn_seconds": 600, "reset_seconds": 900 });
        policy["staff"] = json!({ "pin": hash_pin("135790").unwrap().unwrap().to_string() });
        policy["devices"] = json!({ "printers": [{ "name": "A4", "ipp": "ipp://127.0.0.1:1/ipp/print" }] });
    })
    .unwrap();
    let (mut hall, reader) = Hall::open_heard(folder.path(), &policy).unwrap();
    let kept = |hall: &Hall, fields: &str| {
        let kept = || Ok((!canary::search(&format!("typed:[{fields}"), &[hall.memory()]).is_empty()).then_some(()));
        until(&format!("the page has kept {fields}"), SOON, kept).unwrap();
    };
    let heard = hall.kiosk.heard();
    hall.find_and_click("Fields").unwrap();
    hall.kiosk.line_since(heard, "opened gov.example.residence.fields", SOON).unwrap();
    kept(&hall, "||||");
    assert!(!shown(&reader, "panel").contains(&"Keyboard".to_owned()), "nobody has asked for it");

    // The first field, below the bar.
    hall.display.click(300, 252).unwrap();
    until_shown(&reader, "panel", &["Keyboard"]);
    let small = "1 2 3 4 5 6 7 8 9 0 q w e r t y u i o p a s d f g h j k l Capitals z x c v b n m Delete Signs , space . Hide Enter";
    until_shown(&reader, "push button", &small.split(' ').collect::<Vec<_>>());
    reader.press("push button", "g").unwrap();
    reader.press("push button", "Capitals").unwrap();
    until_shown(&reader, "push button", &["Small letters", "Z", "X"]);
    reader.press("push button", "Z").unwrap();
    until_shown(&reader, "push button", &["Capitals", "z", "x"]);
    kept(&hall, "gZ||||");
    reader.press("push button", "Delete").unwrap();
    kept(&hall, "g||||");
    reader.press("push button", "Signs").unwrap();
    until_shown(&reader, "push button", &["Small letters", ",", "space", ".", "Hide", "Enter"]);
    reader.press("push button", "Hide").unwrap();
    until("it is away", DEADLINE, || Ok((!shown(&reader, "panel").contains(&"Keyboard".to_owned())).then_some(())))
        .unwrap();

    // Another language: that the page stays in its own is said by itself, in the new one, with what can be done.
    let mut ear = reader.hear().unwrap();
    reader.press("push button", "中文").unwrap();
    for said in ["这一页还是英文的。", "填了还没有存下的内容可能要再填一次"] {
        ear.line_that(&format!("hears {said}"), DEADLINE, |line| line.starts_with("hears\t") && line.contains(said))
            .unwrap();
    }
    drop(ear);
    until_shown(&reader, "push button", &["换成中文", "继续用英文"]);
    // What has come by itself takes no press at first.
    until("it goes", DEADLINE, || {
        let _ = reader.press("push button", "继续用英文");
        Ok((!shown(&reader, "push button").contains(&"继续用英文".to_owned())).then_some(()))
    })
    .unwrap();
    kept(&hall, "g||||");
    reader.press("push button", "English").unwrap();

    // To the home page, and from there to the staff's.
    until_shown(&reader, "push button", &["Home"]);
    reader.press("push button", "Home").unwrap();
    until_shown(&reader, "push button", &["Staff"]);
    let heard = hall.kiosk.heard();
    reader.press("push button", "Staff").unwrap();
    hall.kiosk.line_since(heard, "staff asked", SOON).unwrap();
    reader.until("password text", "PIN").unwrap();
    for digit in "135790".chars() {
        reader.press("push button", &digit.to_string()).unwrap();
    }
    reader.press("push button", "Enter").unwrap();
    hall.kiosk.line_since(heard, "staff in", SOON).unwrap();
    until_shown(&reader, "heading", &["Staff", "Parts", "Network", "Clock", "Space"]);
    // What is meant stands in words beside what it is of.
    let told = reader.told().unwrap();
    let labels: Vec<_> =
        told.iter().filter(|spoken| spoken.role == "label").map(|spoken| spoken.name.as_str()).collect();
    let beside = |what: &str| labels.windows(2).find(|pair| pair[0] == what).map(|pair| pair[1]).unwrap_or_default();
    assert_eq!(beside("Printer A4"), "does not answer: not connected", "{labels:#?}");
    assert!(beside("Disk").contains("GiB free of"), "{labels:#?}");
    until_shown(&reader, "push button", &["Done", "Check again", "中文"]);
    let buttons = told.iter().filter(|spoken| spoken.role == "push button" && spoken.is_shown);
    assert!(buttons.clone().count() >= 3 && buttons.clone().all(|button| button.is_live), "{told:#?}");
    reader.press("push button", "中文").unwrap();
    until_shown(&reader, "heading", &["工作人员", "设备", "网络", "时钟", "空间"]);
    reader.press("push button", "完成").unwrap();
    hall.kiosk.line_since(heard, "staff gone", SOON).unwrap();
    hall.kiosk.line_since(heard, "session shown", SOON).unwrap();
}
