//! A recall in the real window: what runs is ended, and people read why, as the department's own words that reviewers
//! have signed; a halt says why in the words of those who run the server.

use std::path::Path;

use guichet_journeys::{browser::Browser, display::Display, process::run};

use super::trial::{Counter, DRAFT, KEEPS, in_app};

const WHY: &str = "The fee is wrong. 费用算错了。<b>Do not pay.</b>";

/// What a notice of this kind says at home, all of it.
fn notice(browser: &Browser, kind: &str) -> String {
    let text = format!(
        "return document.querySelector('#home:not([hidden]) #notices [data-notice={kind}]')?.innerText.replace(/\\s+/g, ' ').trim()"
    );
    browser.until(&format!("it says: {kind}"), &text).unwrap().as_str().unwrap().to_owned()
}

fn in_both_languages(browser: &Browser, display: &Display, kind: &str) -> String {
    let mut said = String::new();
    for (lang, other) in [("en", "zh-Hans"), ("zh-Hans", "en")] {
        browser.until("the language", &format!("return document.documentElement.lang === '{lang}'")).unwrap();
        let department = if lang == "en" { "Residence office" } else { "公安" };
        let names = format!(
            "return document.querySelector('#notices [data-notice={kind}]')?.innerText.includes('{department}')"
        );
        browser.until("the names are in that language too", &names).unwrap();
        said += &format!("{}\n", notice(browser, kind));
        display.picture(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{kind}-{lang}.png"))).unwrap();
        browser.click("[data-action='set-language']").unwrap();
        browser.until("the other language", &format!("return document.documentElement.lang === '{other}'")).unwrap();
    }
    said
}

#[test]
fn people_read_why_a_service_was_taken_back_and_that_its_department_says_so() {
    let counter = Counter::found();
    counter.release(1, KEEPS);
    let display = Display::start().unwrap();
    let browser = counter.window(&display, "");
    browser.click(&format!("[data-app-id='{DRAFT}'] [data-action='install']")).unwrap();
    let open = format!(".bay[data-app-id='{DRAFT}'] [data-action='open']");
    browser.click(&open).unwrap();
    in_app(&browser, 1, "nothing");

    let town = &counter.town;
    let [proposer, signer] = town.reviewers("residence").unwrap();
    town.store(&["admin", "recall", "--app", DRAFT, "--reason", WHY, "--by", "Residence office reviewer 1"]).unwrap();
    let queue = run(town.guichet(proposer).unwrap().args(["--json", "review", "list"])).unwrap();
    let queue: serde_json::Value = serde_json::from_str(&queue.stdout).unwrap();
    let id = queue["items"][0]["id"].as_str().unwrap().to_owned();
    let mut approve = town.guichet(signer).unwrap();
    approve
        .args(["review", "approve", &id, "--yes", "--recall", "--key"])
        .arg(&signer.key)
        .arg("--trust")
        .arg(town.trust_file());
    let approved = run(&mut approve).unwrap();
    assert!(approved.status.success(), "{approved:?}");
    let shown = [approved.stdout, approved.stderr].concat();
    assert!(shown.contains(WHY), "a reviewer reads what they sign: {shown}");

    browser
        .until("what runs is ended", "return document.querySelector('#frame:not([hidden]) #stopped')?.innerText")
        .unwrap();
    display.picture(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("recalled-app.png")).unwrap();
    browser.click("#stopped [data-action='close-app']").unwrap();
    let recalled = in_both_languages(&browser, &display, "recalled");
    let inside = "return document.querySelector('#notices [data-notice=recalled] blockquote').children.length === 2 && !document.querySelector('#notices blockquote b')";
    assert_eq!(browser.ask(inside).unwrap(), true, "text, never markup");
    insta::assert_snapshot!(recalled, @"
    Draft was taken back by its department and can't be opened for now. What you entered is kept. You can go on when the department releases a new version. Reason given by Residence office The fee is wrong. 费用算错了。<b>Do not pay.</b>
    “Draft”已被部门收回，暂时不能打开。 您填好的内容都还在，等部门发布新版本后可以继续。 公安部门的说明 The fee is wrong. 费用算错了。<b>Do not pay.</b>
    ");
    browser.click(&open).unwrap();
    browser
        .until("it does not open", "return document.querySelector('#notices [data-notice=error] p')?.innerText")
        .unwrap();

    counter.release(2, KEEPS);
    browser.until("it is there again", "return !document.querySelector('#notices [data-notice=recalled]')").unwrap();
    browser.close().unwrap();
}
