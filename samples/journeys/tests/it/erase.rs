//! A citizen erases what a service keeps, with the keyboard alone: asked first, said afterwards, and the service stays.

use std::path::Path;

use guichet_journeys::{
    browser::{Browser, Key},
    display::Display,
};

use super::trial::{Counter, DRAFT, KEEPS, in_app};

fn has_focus(browser: &Browser, action: &str) {
    let script = format!("return document.activeElement?.matches('#sheet [data-action=\"{action}\"]')");
    browser.until(&format!("`{action}` has the focus"), &script).unwrap();
}

/// Opens the details and asks for the data to be erased. Returns what the sheet asks.
fn ask(browser: &Browser, display: &Display, lang: &str) -> String {
    browser.click(&format!(".bay[data-app-id='{DRAFT}'] [data-action='details']")).unwrap();
    browser.until("the details", "return !!document.querySelector('#sheet[open]')").unwrap();
    browser.ask("document.querySelector('#sheet [data-action=erase]').focus()").unwrap();
    browser.press(Key::Enter).unwrap();
    // What cannot be undone is never one key away.
    has_focus(browser, "keep");
    display.picture(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("erase-{lang}.png"))).unwrap();
    let asked =
        browser.ask("return document.querySelector('#sheet .removal').innerText.replace(/\\s+/g, ' ')").unwrap();
    asked.as_str().unwrap().to_owned()
}

#[test]
fn a_person_erases_what_a_service_keeps_and_goes_on_with_it() {
    let counter = Counter::found();
    counter.release(1, KEEPS);
    let display = Display::start().unwrap();
    let browser = counter.window(&display, "");
    browser.click(&format!("[data-app-id='{DRAFT}'] [data-action='install']")).unwrap();
    let open = format!(".bay[data-app-id='{DRAFT}'] [data-action='open']");
    browser.click(&open).unwrap();
    in_app(&browser, 1, "nothing");
    browser.turn_to(DRAFT).unwrap();
    browser.fill("#name", "Ada").unwrap();
    browser.click("#keep").unwrap();
    in_app(&browser, 1, "Ada");
    browser.click("[data-action='close-app']").unwrap();
    let waits = format!("return document.querySelector('.bay[data-app-id=\"{DRAFT}\"]')?.matches('[data-open]')");
    browser.until("it waits in the background", &waits).unwrap();

    let mut said = format!("{}\n", ask(&browser, &display, "en"));
    browser.press(Key::Enter).unwrap();
    has_focus(&browser, "erase");
    browser.press(Key::Escape).unwrap();
    browser.until("the sheet is closed", "return !document.querySelector('#sheet[open]')").unwrap();
    browser.click(&open).unwrap();
    in_app(&browser, 1, "Ada");
    browser.click("[data-action='close-app']").unwrap();
    browser.click("[data-action='set-language']").unwrap();
    browser.until("it speaks Chinese", "return document.documentElement.lang === 'zh-Hans'").unwrap();

    said += &format!("{}\n", ask(&browser, &display, "zh"));
    browser.press(Key::Tab).unwrap();
    has_focus(&browser, "erase-confirm");
    browser.press(Key::Enter).unwrap();
    let notice = "return document.querySelector('#notices [data-notice=erased] p')?.innerText.replace(/\\s+/g, ' ')";
    said += &format!("{}\n", browser.until("it is said", notice).unwrap().as_str().unwrap());
    display.picture(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("erased.png")).unwrap();
    assert!(browser.ask("return !document.querySelector('#sheet[open]')").unwrap() == true);
    browser.click("[data-action='set-language']").unwrap();
    browser.until("it speaks English", "return document.documentElement.lang === 'en'").unwrap();
    said += &format!("{}\n", browser.ask(notice).unwrap().as_str().unwrap());
    insta::assert_snapshot!(said, @"
    Erase what Draft keeps? What you entered in it is deleted from this computer and can't be brought back. The service stays. Applications you've sent aren't affected. Keep it Erase its data
    清除“Draft”的内容？ 您在它里面填的内容会从这台电脑上清除，找不回来。服务还在，已经提交的申请不受影响。 保留 清除内容
    “Draft”在这台电脑上的内容已经清除。 服务还在，下次打开时从头开始。
    What Draft kept on this computer is erased. The service is still here and begins afresh.
    ");
    browser.until("nothing of it runs", &waits.replace("return ", "return !")).unwrap();
    browser.click(&open).unwrap();
    in_app(&browser, 1, "nothing");
    browser.close().unwrap();
}
