//! The store is gone: what is installed still opens, and the window says since when.

use guichet_journeys::{
    browser::Browser,
    display::Display,
    process::programs,
    town::{OFFICES, Town},
};

const PERMIT: &str = "gov.example.residence.permit";

#[test]
fn an_installed_app_opens_without_the_store_and_the_window_says_since_when() {
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found(folder.path(), &OFFICES).unwrap();
    let package = folder.path().join("permit.ma");
    town.build("residence", &super::main_job::samples().join("residence-permit"), &package).unwrap();
    let submission = town.publish("residence", &package).unwrap();
    town.approve("residence", &submission).unwrap();

    let display = Display::start().unwrap();
    let (home, trust) = (folder.path().join("device"), town.trust_file());
    let (home, trust) = (home.to_str().unwrap(), trust.to_str().unwrap());
    let arguments = ["--automation", "--lang", "en", "--refresh-seconds", "1", "--trust", trust, "--home", home];
    let open = || {
        let browser = Browser::start(&display, &programs().unwrap().join("guichet-desktop"), &arguments, &[]).unwrap();
        browser.turn_to("guichet-home").unwrap();
        browser
    };
    let browser = open();
    browser.click(&format!("[data-app-id='{PERMIT}'] [data-action='install']")).unwrap();
    browser
        .until("it is installed", &format!("return !!document.querySelector('.bay[data-app-id=\"{PERMIT}\"]')"))
        .unwrap();
    browser.close().unwrap();

    town.close().unwrap();
    let browser = open();
    let notice = browser
        .until(
            "the window says that it is offline",
            "return document.querySelector('[data-notice=\"offline\"]')?.innerText",
        )
        .unwrap();
    assert!(notice.as_str().unwrap().chars().any(|c| c.is_ascii_digit()), "no time in: {notice}");
    // What comes while a button is down takes nothing from under the finger.
    let bay = format!(".bay[data-app-id='{PERMIT}']");
    browser.until("it takes a click", &format!("return !document.querySelector(\"{bay} [data-fresh]\")")).unwrap();
    let changed = "const { state, receive } = guichetHome, [first, ...rest] = state.library; \
                   receive({ ...state, library: [{ ...first, name: 'another' }, ...rest] })";
    browser.press_while(&format!("{bay} [data-action='open']"), changed).unwrap();
    browser.turn_to(PERMIT).unwrap();
    browser.until("its page is there", "return document.querySelector('#start')?.innerText.trim()").unwrap();
    browser.close().unwrap();
}
