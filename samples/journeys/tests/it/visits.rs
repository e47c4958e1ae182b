//! Addresses in the real window: from the command line, from another app and back, from a QR code, from a second process.

use std::path::Path;

use guichet_journeys::{
    browser::Browser,
    display::Display,
    process::{must, program, programs, run},
    town::{OFFICES, Town},
};
use serde_json::{Value, json};

const HALL: &str = "gov.example.residence.hall";
const FORM: &str = "gov.example.benefits.form";

struct Window {
    browser: Browser,
    folder: tempfile::TempDir,
    town: Town,
    display: Display,
}

impl Window {
    /// A window that was opened with an address of the hall; the form is on offer.
    fn open(address: &str) -> Self {
        Self::open_with(address, &[])
    }

    /// The same with more options.
    fn open_with(address: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let town = Town::found(folder.path(), &OFFICES).unwrap();
        for (office, app) in [("residence", "hall"), ("benefits", "form")] {
            let package = folder.path().join(format!("{app}.ma"));
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/visits").join(app);
            town.build(office, &source, &package).unwrap();
            let submission = town.publish(office, &package).unwrap();
            town.approve(office, &submission).unwrap();
        }
        let display = Display::start().unwrap();
        let (home, trust) = (folder.path().join("device"), town.trust_file());
        let arguments = ["--automation", "--lang", "en", "--trust", trust.to_str().unwrap()];
        let rest = ["--home", home.to_str().unwrap(), "--open", address];
        let arguments: Vec<_> = arguments.iter().chain(&rest).chain(options).copied().collect();
        let browser = Browser::start(&display, &programs().unwrap().join("guichet-desktop"), &arguments, &[]).unwrap();
        Self { browser, folder, town, display }
    }

    /// Whose name the bar shows, and from where it was opened.
    fn bar(&self, name: &str) -> String {
        self.browser.turn_to("guichet-home").unwrap();
        let shown = format!("return document.querySelector('#bar h1')?.textContent === '{name}'");
        self.browser.until(&format!("the bar says {name}"), &shown).unwrap();
        self.browser
            .ask("return document.querySelector('#bar .from')?.textContent ?? ''")
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// What the home page says in a notice of this kind.
    fn notice(&self, kind: &str) -> String {
        self.browser.turn_to("guichet-home").unwrap();
        let script = format!("return document.querySelector('[data-notice=\"{kind}\"] p')?.innerText");
        self.browser.until(&format!("there is a notice: {kind}"), &script).unwrap().as_str().unwrap().to_owned()
    }

    fn in_page(&self, app: &str, what: &str, script: &str) -> Value {
        self.browser.turn_to(app).unwrap();
        self.browser.until(what, script).unwrap()
    }
}

#[test]
fn a5_l10_l16_a_link_opens_another_app_and_back_returns_to_where_one_was() {
    let window = Window::open("guichet://miniapp/GOV.example.residence.hall?desk=3");
    let heard = window.in_page(HALL, "the hall is ready", "return window.heard?.includes('onReady') && window.heard");
    assert_eq!(
        heard,
        json!(["global launched pages/home ltr", "global shown pages/home ltr", "onLoad desk=3", "onShow", "onReady"])
    );
    let logic = "return guichet.page.state.logic?.includes('ready pages/home') && guichet.page.state.logic";
    assert_eq!(
        window.in_page(HALL, "the logic has heard it", logic),
        json!([
            "onLaunch pages/home desk=3",
            "onShow pages/home",
            "loaded pages/home",
            "shown pages/home",
            "ready pages/home"
        ])
    );

    window.browser.fill("#name", "Ada").unwrap();
    window.browser.click("#form").unwrap();
    let seen = window.in_page(FORM, "the form is ready", "return window.told");
    let referrer = format!("guichet://miniapp/{HALL}/pages/home");
    let input = json!({"pagePath": "pages/new", "referrerInfo": referrer, "lang": "en", "dir": "rtl"});
    for (member, value) in input.as_object().unwrap() {
        assert_eq!((&seen["view"][member], &seen["logic"][member]), (value, value), "{member}");
    }
    assert_eq!((&seen["view"]["query"], &seen["view"]["hash"]), (&json!("case=7"), &json!("#part")));
    assert_eq!((&seen["view"]["state"], &seen["logic"]["state"]), (&json!("shown"), &json!("launched")));
    assert!(window.bar("Benefits form").contains("City hall"), "the person sees from where");

    window.browser.click("[data-action='back']").unwrap();
    assert_eq!(window.bar("City hall"), "");
    let heard = window.in_page(
        HALL,
        "the hall is shown again",
        "return window.heard.at(-1) === 'onShow' && window.heard.slice(5)",
    );
    assert_eq!(heard, json!(["onHide", "global hidden pages/home ltr", "global shown pages/home ltr", "onShow"]));
    assert_eq!(window.browser.ask("return document.querySelector('#name').value").unwrap(), "Ada", "where one was");

    // The form is here now, and waits in the background: it is asked for something, and answers or does not.
    let answer = "return document.querySelector('#answer').value || null";
    window.browser.click("#ask").unwrap();
    assert!(window.bar("Benefits form").contains("City hall"));
    window.browser.turn_to(FORM).unwrap();
    window.browser.click("#give").unwrap();
    assert_eq!(window.bar("City hall"), "", "one is led back");
    assert_eq!(window.in_page(HALL, "it has an answer", answer), "number 12 for case 7 of gov.example.residence.hall");
    window.browser.click("#ask").unwrap();
    window.bar("Benefits form");
    window.browser.click("[data-action='back']").unwrap();
    window.bar("City hall");
    assert_eq!(window.in_page(HALL, "it has none", answer), "nothing");

    window.browser.click("#gone").unwrap();
    assert!(window.notice("error").contains("isn't here"), "a version there is not");
    window.bar("City hall");
    window.browser.turn_to(HALL).unwrap();
    window.browser.click("#foreign").unwrap();
    assert!(window.notice("error").contains("addresses of that site"), "a host that is not known");
    window.browser.turn_to(HALL).unwrap();
    window.browser.click("#mail").unwrap();
    assert_eq!(
        window.browser.ask("return document.querySelector('#name').value").unwrap(),
        "Ada",
        "no other scheme opens anything"
    );
    window.browser.close().unwrap();
}

#[test]
fn a_second_process_hands_its_address_over_and_a_qr_code_opens_its_page() {
    let window = Window::open(HALL);
    window.in_page(HALL, "the hall is ready", "return window.heard?.includes('onReady')");
    let (home, trust) = (window.folder.path().join("device"), window.town.trust_file());
    let mut second = program("guichet-desktop").unwrap();
    second.arg("--home").arg(&home).arg("--trust").arg(trust).env("DISPLAY", window.display.name());
    second.args(["--open", &format!("guichet://miniapp/{FORM}/pages/new?case=8")]);
    let finished = run(&mut second).unwrap();
    assert!(finished.status.success() && finished.stdout.contains("handed over"), "{finished:?}");
    let seen = window.in_page(FORM, "the form is ready", "return window.told?.view");
    assert_eq!((&seen["query"], &seen["referrerInfo"]), (&json!("case=8"), &json!("")));
    window.bar("Benefits form");
    window.browser.click("[data-action='close-app']").unwrap();
    window.bar("City hall");
    window.browser.click("[data-action='close-app']").unwrap();
    window.browser.until("the home page", "return document.documentElement.dataset.screen === 'home'").unwrap();

    for name in ["poster.png", "poster.svg"] {
        let poster = window.folder.path().join(name);
        must(
            program("guichet")
                .unwrap()
                .args(["address", FORM, "--page", "pages/new", "--query", "case=9", "--qr"])
                .arg(&poster),
        )
        .unwrap();
        window.browser.turn_to("guichet-home").unwrap();
        window.browser.upload("#scan-file", &poster).unwrap();
        let of_this_case = "return window.told?.view.query === 'case=9' && window.told.view";
        let seen = window.in_page(FORM, "the form is ready", of_this_case);
        assert_eq!(seen["query"], "case=9", "{name}");
        window.bar("Benefits form");
        window.browser.click("[data-action='close-app']").unwrap();
        window.browser.until("the home page", "return document.documentElement.dataset.screen === 'home'").unwrap();
    }
    let no_picture = window.folder.path().join("no.png");
    std::fs::write(&no_picture, b"no picture").unwrap();
    window.browser.upload("#scan-file", &no_picture).unwrap();
    assert!(window.notice("error").contains("No QR code"));

    window.browser.fill("#search", &format!("guichet://miniapp/{FORM}/pages/none?case=1\u{e007}")).unwrap();
    window.in_page(FORM, "the first page", "return document.title === 'Benefits'");
    assert!(window.notice("no-page").contains("first page"));
    window.browser.close().unwrap();
}

/// Long enough to come back within it, short enough to wait for.
const BACKGROUND_SECONDS: &str = "12";

#[test]
fn l4_l5_an_app_that_is_left_waits_where_it_was_until_it_is_unloaded() {
    let window = Window::open_with(HALL, &["--background-seconds", BACKGROUND_SECONDS]);
    window.in_page(HALL, "the hall is ready", "return window.heard?.includes('onReady')");
    window.browser.fill("#name", "Ada").unwrap();
    window.browser.ask("location.href = '/pages/list.html?desk=4'").unwrap();
    window.in_page(HALL, "its list", "return location.pathname === '/pages/list.html'");
    window.bar("City hall");
    window.browser.click("[data-action='close-app']").unwrap();
    let waits = format!("return document.querySelector('.bay[data-app-id=\"{HALL}\"]').matches('[data-open]')");
    window.browser.until("it waits in the background", &waits).unwrap();
    let open = format!("[data-action='open'][data-app-id='{HALL}']");
    window.browser.click(&open).unwrap();
    let place = "return document.visibilityState === 'visible' && location.pathname + location.search";
    assert_eq!(window.in_page(HALL, "the page one was on", place), "/pages/list.html?desk=4");

    window.bar("City hall");
    window.browser.click("[data-action='back']").unwrap();
    window.in_page(HALL, "the page below", "return location.pathname === '/pages/home.html'");
    window.browser.fill("#name", "Ada").unwrap();
    window.bar("City hall");
    window.browser.click("[data-action='close-app']").unwrap();
    window.browser.until("it is unloaded", &waits.replace("return ", "return !")).unwrap();
    window.browser.click(&open).unwrap();
    assert!(window.notice("unloaded").contains("same page"), "what was typed is gone");
    let heard = window.in_page(HALL, "the hall is ready", "return window.heard?.includes('onReady') && window.heard");
    assert_eq!(heard[0], "global launched pages/home ltr", "it is a session of its own");
    assert_eq!(window.browser.ask("return document.querySelector('#name').value").unwrap(), "");
    window.browser.close().unwrap();
}

/// Every class that has a sentence of its own, as a person reads it.
#[test]
fn a10_every_failure_has_its_sentence_in_both_languages() {
    let window = Window::open(HALL);
    window.bar("City hall");
    let classes = [
        "address/not-an-address",
        "address/foreign-host",
        "address/no-qr-code",
        "address/too-many-open",
        "library/unknown-app",
        "release/no-such-version",
        "release/halted",
        "release/revoked",
        "release/not-yet",
        "release/no-part",
        "store/unreachable",
    ];
    let mut said = String::new();
    for lang in ["en", "zh-Hans"] {
        for class in classes {
            let error = json!({"id": "e1", "action": "visit", "app_id": if class.starts_with("address/n") { Value::Null } else { json!(FORM) },
                "class": class, "what": "", "where": null, "hint": ""});
            let state = format!(
                "const state = {{ ...window.guichetHome.state, lang: '{lang}', error: {error} }}; window.guichetHome.receive(state);"
            );
            let text = window
                .browser
                .ask(&format!("{state} return document.querySelector('#hang [data-notice=error] p').innerText"))
                .unwrap();
            said += &format!("{class}: {}\n", text.as_str().unwrap());
        }
    }
    insta::assert_snapshot!(said, @r"
    address/not-an-address: No service was opened. That isn't the address of a service. Check the address or QR code you were given.
    address/foreign-host: Benefits form was not opened. This computer doesn't open addresses of that site. Use one that begins with guichet://, or tell the staff.
    address/no-qr-code: No service was opened. No QR code can be read in that picture. Take it again: from the front, all of it, in even light.
    address/too-many-open: Benefits form was not opened. Several services are open already. Close one first.
    library/unknown-app: Benefits form was not opened. There's no such service here. Check the address you were given, or tell the staff.
    release/no-such-version: Benefits form was not opened. The version this link asks for isn't here. You can open the present one from the home page.
    release/halted: Benefits form was not opened. This version of the service is on hold. Your entries are unchanged; its department will bring the next one.
    release/revoked: Benefits form was not opened. Its department took it back. What you entered is kept; open it again when there's a new version.
    release/not-yet: Benefits form was not opened. It isn't this computer's turn for this version yet. It comes by itself.
    release/no-part: Benefits form was not opened. It needs a device that isn't here, such as a printer. Open it on a terminal that has one, or tell the staff.
    store/unreachable: Benefits form was not opened. The server can't be reached. Nothing of yours changed. Try again when there's a connection.
    address/not-an-address: 没有打开任何服务。 这不是服务的地址。请核对给您的地址或二维码。
    address/foreign-host: “Benefits form”没有打开。 这台电脑不打开这个网站的地址。请用以 guichet:// 开头的地址，或告诉工作人员。
    address/no-qr-code: 没有打开任何服务。 图片里读不出二维码。请正对着重拍一张，拍全，光线均匀。
    address/too-many-open: “Benefits form”没有打开。 已经打开了好几项服务。请先关掉一项。
    library/unknown-app: “Benefits form”没有打开。 这里没有这项服务。请核对给您的地址，或告诉工作人员。
    release/no-such-version: “Benefits form”没有打开。 这里没有链接要的那个版本。可以从首页打开现在的版本。
    release/halted: “Benefits form”没有打开。 这项服务的这个版本暂停使用了。您的内容没有变，请等部门的下一个版本。
    release/revoked: “Benefits form”没有打开。 它的部门把它收回了。您的内容都还在，等有了新版本再打开。
    release/not-yet: “Benefits form”没有打开。 这个版本还没有轮到这台电脑，到时会自动添加。
    release/no-part: “Benefits form”没有打开。 它要用到的设备这里没有，比如打印机。请换一台有这种设备的终端，或告诉工作人员。
    store/unreachable: “Benefits form”没有打开。 现在连不上服务器。您的内容没有变，联网后再试。
    ");
    window.browser.close().unwrap();
}
