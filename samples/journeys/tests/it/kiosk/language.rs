//! A citizen changes the language while a service is open: nothing they have entered goes, and they are told what they can do.

use guichet_journeys::watched::{HOME, Watched};
use serde_json::json;

use super::{
    access::{FOCUSED, SMALL, TARGET},
    unplug::{CITIZEN, PERMIT, WORDS, Words, policy, town, value},
};

/// The notice, once it can be touched.
const NOTICE: &str = "#hang-notices [data-notice=language]";

/// Waits until the page that is read speaks this language.
fn speaks(kiosk: &Watched, lang: &str) {
    kiosk
        .browser
        .until(&format!("it speaks {lang}"), &format!("return document.documentElement.lang === '{lang}'"))
        .unwrap();
}

/// The form of the permit, with a name in it that it has kept and a number that it has not.
fn filled(kiosk: &Watched, words: &Words) {
    kiosk.open_app(PERMIT).unwrap();
    kiosk.touch("#start").unwrap();
    kiosk.browser.turn_to("apply.html").unwrap();
    kiosk.browser.fill("#name", CITIZEN).unwrap();
    kiosk.reads("#draft-note", words.kept).unwrap();
    // The keyboard goes with the focus, and the strip is there again.
    kiosk.browser.ask("document.activeElement.blur(); return 1").unwrap();
    kiosk.browser.turn_to(HOME).unwrap();
    kiosk
        .browser
        .until("nobody types", "return !document.getElementById('strip').hidden && !guichetHome.state.kiosk.typing")
        .unwrap();
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn an_open_service_stays_as_it_is_and_can_be_had_in_the_new_language() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let [zh, en] = &WORDS;
    for (words, other, title, reopen, go_on) in [
        (zh, en, "This page is still in Chinese.", "Open it in English", "Go on in Chinese"),
        (en, zh, "这一页还是英文的。", "换成中文", "继续用英文"),
    ] {
        let policy = policy(folder.path(), &town, words, &json!({}));
        let kiosk = Watched::open(folder.path(), &policy, &[PERMIT]).unwrap();
        filled(&kiosk, words);
        assert_eq!(kiosk.browser.ask(&format!("return document.querySelector('{NOTICE}')")).unwrap(), json!(null));

        // Into the other language and back, nothing has happened.
        for lang in [other.lang, words.lang] {
            kiosk.touch("#strip [data-action=set-language]").unwrap();
            speaks(&kiosk, lang);
        }
        kiosk.browser.until("nothing is said", &format!("return !document.querySelector('{NOTICE}')")).unwrap();
        kiosk.touch("#strip [data-action=set-language]").unwrap();
        for text in [title, reopen, go_on] {
            kiosk.reads(NOTICE, text).unwrap();
        }
        let role = "return document.getElementById('hang-notices').getAttribute('role')";
        assert_eq!(kiosk.browser.ask(role).unwrap(), "status", "it is heard when it comes");
        assert_eq!(kiosk.browser.ask(&SMALL.replace("LEAST", &TARGET.to_string())).unwrap(), json!([]));
        kiosk
            .display
            .picture(&std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("language-{}.png", words.lang)))
            .unwrap();
        kiosk.browser.turn_to("apply.html").unwrap();
        speaks(&kiosk, words.lang);
        assert_eq!(value(&kiosk, "#name"), CITIZEN, "the page is the one it was");

        // Whoever goes on is not asked again, until they want another language once more.
        kiosk.browser.turn_to(HOME).unwrap();
        kiosk.touch(&format!("{NOTICE} [data-action=dismiss]")).unwrap();
        kiosk.browser.until("it is gone", &format!("return !document.querySelector('{NOTICE}')")).unwrap();
        for lang in [words.lang, other.lang] {
            kiosk.touch("#strip [data-action=set-language]").unwrap();
            speaks(&kiosk, lang);
        }
        kiosk.reads(NOTICE, title).unwrap();

        // With keys alone: from the bar, whose buttons come before it.
        kiosk
            .browser
            .until("it takes presses", &format!("return !document.querySelector('{NOTICE} [data-fresh]')"))
            .unwrap();
        kiosk.browser.ask("window.guichetHome.takeKeys(); return 1").unwrap();
        for wanted in ["back", "end", "reopen-here"] {
            let has = FOCUSED.replace("return e", &format!("return e.dataset.action === '{wanted}' && e"));
            kiosk.browser.until(&format!("{wanted} has the focus"), &has).unwrap();
            kiosk.display.key(if wanted == "reopen-here" { "Return" } else { "Tab" }).unwrap();
        }
        kiosk.browser.turn_to("apply.html").unwrap();
        speaks(&kiosk, other.lang);
        kiosk.browser.until("it has its draft", "return document.querySelector('#name').value !== ''").unwrap();
        assert_eq!(value(&kiosk, "#name"), CITIZEN, "what the service has kept is there");
        kiosk.browser.turn_to(HOME).unwrap();
        assert_eq!(kiosk.browser.ask(&format!("return document.querySelector('{NOTICE}')")).unwrap(), json!(null));

        // The way back leads where it led.
        kiosk.browser.ask("document.querySelector('#bar [data-action=back]').click(); return 1").unwrap();
        kiosk.browser.turn_to("home.html").unwrap();
        speaks(&kiosk, other.lang);
        kiosk.close().unwrap();
    }
}
