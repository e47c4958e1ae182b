//! An app that takes all it can get ends with a clear page; the window, and what else it holds, go on.

use guichet_journeys::{
    browser::Browser,
    display::Display,
    process::programs,
    town::{OFFICES, Office, Town},
};

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
fn only_the_runaway_ends_and_the_window_says_so() {
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
    let arguments =
        ["--automation", "--lang", "en", "--trust", trust.to_str().unwrap(), "--home", home.to_str().unwrap()];
    let browser = Browser::start(&display, &programs().unwrap().join("guichet-desktop"), &arguments, &[]).unwrap();
    browser.turn_to("guichet-home").unwrap();
    for app in [RUNAWAY, PERMIT] {
        browser.click(&format!("[data-app-id='{app}'] [data-action='install']")).unwrap();
        browser
            .until("it is installed", &format!("return !!document.querySelector('.bay[data-app-id=\"{app}\"]')"))
            .unwrap();
    }

    for (button, class) in
        [("spin", "logic/event-deadline"), ("search", "logic/event-deadline"), ("hoard", "logic/event-deadline")]
    {
        open(&browser, RUNAWAY, "return !!document.querySelector('#add')");
        browser.click("#add").unwrap();
        browser.until("logic answers", "return document.querySelector('#answer').textContent === '5'").unwrap();
        browser.click(&format!("#{button}")).unwrap();
        browser.turn_to("guichet-home").unwrap();
        let page = browser
            .until("the window says that the app has stopped", "return document.querySelector('#stopped')?.innerText")
            .unwrap();
        assert!(page.as_str().unwrap().contains("Runaway"), "{page}");
        let stopped = browser.ask("return window.guichetHome.state.app.stopped.class").unwrap();
        assert_eq!(stopped, class, "{button}");
        browser.click("[data-action='close-app']").unwrap();
        browser.until("the home page is back", "return document.documentElement.dataset.screen === 'home'").unwrap();
    }
    open(&browser, PERMIT, "return document.querySelector('#start')?.innerText.trim()");
    browser.close().unwrap();
}
