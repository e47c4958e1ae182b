//! A screen reader and the sandbox of the processes that draw: the unmodified window, heard and pressed through AT-SPI only.

use std::fs;

use guichet_journeys::{
    display::Display,
    process::{Running, must, program},
    reader::Reader,
    until::{DEADLINE, until},
};
use rustix::process::{Pid, Signal, kill_process};

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

#[test]
fn a_screen_reader_hears_and_presses_what_is_drawn_in_a_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("permit.ma");
    let source = samples().join("residence-permit");
    let mut build = program("guichet").unwrap();
    must(build.env_remove("GUICHET_KEY").arg("build").arg(source).arg("-o").arg(&package)).unwrap();
    let display = Display::start().unwrap();
    let reader = Reader::listen(&display, folder.path()).unwrap();
    let mut command = program("guichet-desktop").unwrap();
    reader.listens_to(&mut command);
    command.arg("--open").arg(&package).args(["--unsealed", "--lang", "en"]);
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
