//! An app that takes all it can get, or whose process is killed, ends with a clear page; the window, and what else it
//! holds, go on.

use std::{fs, path::Path, time::Duration};

use guichet_journeys::{
    browser::Browser,
    display::Display,
    process::programs,
    town::{OFFICES, Office, Town},
    until::until,
};
use rustix::process::{Pid, Signal};

use super::{isolation::HOSTILE, main_job::samples};

const RUNAWAY: &str = "gov.example.hostile.runaway";
const PERMIT: &str = "gov.example.residence.permit";

fn open(browser: &Browser, app: &str, until: &str) {
    browser.turn_to("guichet-home").unwrap();
    browser.click(&format!(".bay[data-app-id='{app}'] [data-action='open']")).unwrap();
    browser.turn_to(app).unwrap();
    browser.until("the app's page is ready", until).unwrap();
}

#[test]
fn l15_only_the_runaway_ends_and_the_window_says_so_to_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let offices: [Office; 2] = [HOSTILE, OFFICES[0]];
    let town = Town::found(folder.path(), &offices).unwrap();
    for (office, sample) in [("hostile", "hostile/runaway"), ("residence", "residence-permit")] {
        let package = folder.path().join(format!("{office}.ma"));
        town.build(office, &samples().join(sample), &package).unwrap();
        let submission = town.publish(office, &package).unwrap();
        town.approve(office, &submission).unwrap();
    }

    let display = Display::start().unwrap();
    let (home, trust) = (folder.path().join("device"), town.trust_file());
    // No process waits for the next app, so that those that run are those of apps.
    let arguments = ["--automation", "--no-warm-view", "--lang", "en", "--trust", trust.to_str().unwrap()];
    let arguments = [&arguments[..], &["--home", home.to_str().unwrap()]].concat();
    let browser = Browser::start(&display, &programs().unwrap().join("guichet-desktop"), &arguments, &[]).unwrap();
    browser.turn_to("guichet-home").unwrap();
    for app in [RUNAWAY, PERMIT] {
        browser.click(&format!("[data-app-id='{app}'] [data-action='install']")).unwrap();
        browser
            .until("it is installed", &format!("return !!document.querySelector('.bay[data-app-id=\"{app}\"]')"))
            .unwrap();
    }

    let stopped = |class: &str, how: &str| {
        browser.turn_to("guichet-home").unwrap();
        let page = browser
            .until("the window says that the app has stopped", "return document.querySelector('#stopped')?.innerText")
            .unwrap();
        assert!(page.as_str().unwrap().contains("Runaway"), "{page}");
        assert_eq!(browser.spoken("#stopped").unwrap().0, "alert", "it is said at once");
        let stopped = browser.ask("return window.guichetHome.state.app.stopped.class").unwrap();
        assert_eq!(stopped, class, "{how}");
        browser.click("[data-action='close-app']").unwrap();
        browser.until("the home page is back", "return document.documentElement.dataset.screen === 'home'").unwrap();
    };
    for (button, class) in
        [("spin", "logic/event-deadline"), ("search", "logic/event-deadline"), ("hoard", "logic/event-deadline")]
    {
        open(&browser, RUNAWAY, "return !!document.querySelector('#add')");
        browser.click("#add").unwrap();
        browser.until("logic answers", "return document.querySelector('#answer').textContent === '5'").unwrap();
        browser.click(&format!("#{button}")).unwrap();
        stopped(class, button);
    }

    open(&browser, RUNAWAY, "return !!document.querySelector('#add')");
    browser.click("#add").unwrap();
    browser.until("logic answers", "return document.querySelector('#answer').textContent === '5'").unwrap();
    let [process] = logic_processes(&home)[..] else { panic!("one app, one process") };
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    for wall in ["NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000"] {
        assert!(status.contains(wall), "{wall} is not in {status}");
    }
    assert_eq!(fs::read(format!("/proc/{process}/environ")).unwrap(), b"", "an environment of nobody");
    rustix::process::kill_process(Pid::from_raw(process).unwrap(), Signal::KILL).unwrap();
    stopped("logic/trap", "killed from outside");
    until("its process is gone", Duration::from_secs(60), || Ok(logic_processes(&home).is_empty().then_some(())))
        .unwrap();
    open(&browser, PERMIT, "return document.querySelector('#start')?.innerText.trim()");
    browser.turn_to("guichet-home").unwrap();
    assert_eq!(browser.spoken("[data-action='back']").unwrap().0, "button");
    assert_eq!(browser.spoken("[data-action='close-app']").unwrap(), ("button".to_owned(), "Close service".to_owned()));
    let service = format!(".bay[data-app-id='{PERMIT}'] [data-action='open']");
    browser.click("[data-action='close-app']").unwrap();
    browser.until("the home page is back", "return document.documentElement.dataset.screen === 'home'").unwrap();
    let (role, name) = browser.spoken(&service).unwrap();
    assert!(role == "button" && name.contains("Residence permit") && name.contains("still open"), "{role} {name}");
    browser.close().unwrap();
}

/// The processes of apps in the window that has this home.
fn logic_processes(home: &Path) -> Vec<i32> {
    let is_child = |id: i32| {
        let read = |id: &str, what: &str| fs::read_to_string(format!("/proc/{id}/{what}")).ok();
        let status = read(&id.to_string(), "status")?;
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().to_owned();
        let words = read(&parent, "cmdline")?;
        (status.starts_with("Name:\tguichet-logic") && words.contains(home.to_str()?)).then_some(id)
    };
    let ids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter_map(is_child).collect()
}
