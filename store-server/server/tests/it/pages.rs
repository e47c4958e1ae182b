//! Every page of the console in a real browser, in both languages, on a desk and on a phone: what can be measured of how it
//! reads, for everybody.

use axum::http::Method;
use guichet_api::{Beacon, BeaconEnvelope, BeaconKind, CheckName, EventCount, paths};
use guichet_contract::Channel;
use guichet_store::{
    brake,
    database::{commit, identities, jobs},
    organisation::Subject,
    people::{Actor, NewInvitation, NewToken, invite, make_token},
};

use crate::{
    browser::Browser,
    checks, fleet,
    house::{House, publisher, reviewers},
    members::id_of,
    packages::App,
    passkeys::{pictures, served},
    process::Serving,
};

/// Names what is wrong with a page (WCAG 2.2: 1.3.1, 1.4.10, 2.4.2, 2.4.6, 2.5.8, 3.1.1, 3.3.2, 4.1.2).
const FAULTS: &str = r"
    const faults = [];
    const seen = (element) => element.getClientRects().length > 0;
    const all = (css) => [...document.querySelectorAll(css)].filter(seen);
    const root = document.documentElement;
    if (root.scrollWidth > window.innerWidth) faults.push(`wider than the window by ${root.scrollWidth - window.innerWidth}`);
    if (!root.lang) faults.push('no language');
    if (!document.title) faults.push('no title');
    if (all('h1').length !== 1) faults.push(`${all('h1').length} headings of the first level`);
    if (all('main').length !== 1) faults.push('not one main part');
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`two ids ${id}`);
    for (const field of all('input, select, textarea')) {
        if (field.labels.length === 0) faults.push(`no label: ${field.name}`);
        for (const id of (field.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean))
            if (!ids.includes(id)) faults.push(`described by nothing: ${id}`);
    }
    for (const act of all('button, a[href], summary')) {
        if (!(act.textContent.trim() || act.ariaLabel)) faults.push(`no name: ${act.outerHTML}`);
        const { width, height } = act.getBoundingClientRect();
        if (act.matches('button') && (width < 24 || height < 24)) faults.push(`too small: ${act.textContent}`);
    }
    for (const head of all('th')) if (!head.textContent.trim()) faults.push('an empty head of a column');
    return faults.join('; ');
";

/// Every page that somebody sees, with what it needs to be there: for an administrator, then for a reviewer.
struct Walk {
    house: House,
    server: Serving,
    address: String,
    administrator: Vec<(&'static str, String)>,
    reviewer: Vec<(&'static str, String)>,
}

async fn walk() -> Walk {
    let house = House::open_in(guichet_store::clock::Clock::System, None).await;
    let package = App::new("gov.example.residence.permit").asking(&["host:storage"]).sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    let new = |name: &str| NewInvitation {
        name: name.to_owned(),
        role: guichet_api::PersonRole::Reviewer,
        department: Some("residence".parse().unwrap()),
        lasts_ms: 600_000,
    };
    invite(&house.store, Actor::Machine, new("Ines Duarte")).await.unwrap();
    let (_, secret) = invite(&house.store, Actor::Machine, new("Rui Sousa")).await.unwrap();
    let member = id_of(&house, "dev").await;
    let person = guichet_store::database::people::by_id(&mut house.store.database.read().await.unwrap(), &member).await;
    let actions = vec![guichet_store::access::Action::Submit];
    let token = NewToken { name: "nightly build".to_owned(), actions, department: None, days: 30 };
    make_token(&house.store, Actor::Machine, &person.unwrap().unwrap().person, token).await.unwrap();
    house.caller(&house.tokens.tax_developer).get(&paths::of(paths::SUBMISSION, &id)).await;
    let released = released(&house).await;
    shelf(&house).await;
    checks::laid_down(&house, &released).await;
    let letter = App::new("gov.example.residence.letter").sealed(&publisher());
    let trial = house.caller(&house.tokens.developer).submit_as(&letter, "draft=true").await.unwrap().id;
    let testers = serde_json::json!({ "testers": ["first", "tax dev"] }).to_string();
    let path = paths::of(paths::TRIAL, &trial);
    house.caller(&house.tokens.developer).call(Method::POST, &path, "application/json", testers).await;
    let terminal = terminals(&house).await;
    let linked = organisation(&house).await;
    let lost = lost(&house).await;
    let (server, address) = served(&house);
    let administrator = vec![
        ("queue", "/".to_owned()),
        ("submission", format!("/submissions/{id}")),
        ("releases", "/releases".to_owned()),
        ("rollout", format!("/releases/{RELEASED}/stable")),
        ("trial", format!("/trials/{trial}")),
        ("members", "/members".to_owned()),
        ("member", format!("/members/{member}")),
        ("member-linked", format!("/members/{linked}")),
        ("missing", format!("/submissions/{lost}")),
        ("terminals", "/terminals".to_owned()),
        ("terminal", format!("/terminals/{terminal}")),
        ("audit", "/audit".to_owned()),
        ("account", "/account".to_owned()),
        ("problem", "/submissions/none".to_owned()),
        ("services", "/services".to_owned()),
        ("services-found", "/services?q=%E5%B1%85%E4%BD%8F".to_owned()),
        ("services-none", "/services?q=nothing".to_owned()),
        ("service", format!("/services/{RELEASED}")),
        ("service-none", "/services/a.b".to_owned()),
        ("join", format!("/join?invitation={}", secret.reveal())),
        ("sign-in", "/sign-in".to_owned()),
        ("sign-in-over", "/sign-in/organisation/answer?code=x&state=y".to_owned()),
    ];
    let reviewer = vec![
        ("claims", "/".to_owned()),
        ("review", format!("/submissions/{released}")),
        ("file", format!("/submissions/{released}/file?path=pages%2Fhome.html")),
        ("draft", format!("/submissions/{trial}")),
        ("nothing-found", "/?q=nothing".to_owned()),
    ];
    Walk { house, server, address, administrator, reviewer }
}

/// Two terminals, one of which has told how it is and what is wrong, and a code for a third.
async fn terminals(house: &House) -> String {
    let store = house.store.settings.base_url();
    std::fs::write(house.store.folder.operator_key(), fleet::operator().public().to_string()).unwrap();
    let (id, key) = fleet::enrolled(house, "A-03", 1, store).await;
    fleet::enrolled(house, "A-04", 2, store).await;
    assert_eq!(fleet::tells(house, &id, 1, &key).await.status, 200);
    let policy = fleet::policy("A-05", 1, &fleet::operator(), house.store.clock.now_ms());
    let new = guichet_store::fleet::NewCode { policy };
    guichet_store::fleet::make_code(&house.store, Actor::Machine, new).await.unwrap();
    id
}

/// An identity provider, which is not there, and a person who signs in through it.
async fn organisation(house: &House) -> String {
    let settings =
        r#"{"issuer":"https://id.example","client_id":"guichet","name":{"en":"City account","zh":"市政账号"}}"#;
    std::fs::write(house.folder.path().join("organisation.json"), settings).unwrap();
    let person = id_of(house, "second").await;
    let subject = Subject { issuer: "https://id.example".to_owned(), subject: "248289761001".to_owned() };
    let mut change = house.store.database.change().await.unwrap();
    identities::put(&mut change, &subject, &person, house.store.clock.now_ms()).await.unwrap();
    commit(change).await.unwrap();
    person
}

/// A submission whose package is not where it was put, and which machines cannot look at.
async fn lost(house: &House) -> String {
    let words = [["Parking badge", "For residents"], ["停车证", "居民停车"]];
    let package = App { words, ..App::new("gov.example.residence.parking") }.sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    std::fs::remove_file(house.store.folder.package_path(package.digest())).unwrap();
    let now_ms = house.store.clock.now_ms();
    let mut change = house.store.database.change().await.unwrap();
    jobs::queue(&mut change, &id, CheckName::Package, false, now_ms).await.unwrap();
    commit(change).await.unwrap();
    id
}

impl Walk {
    /// Does something on every page.
    fn each(&self, browser: &Browser, mut act: impl FnMut(&str, &str)) {
        for (token, pages) in
            [(&self.house.tokens.administrator, &self.administrator), (&self.house.tokens.first, &self.reviewer)]
        {
            browser.devtools("Network.clearBrowserCookies", serde_json::json!({}));
            enter(browser, &self.address, token);
            for (name, path) in pages {
                act(name, path);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_reads_in_both_languages_on_a_desk_and_on_a_phone() {
    let (walk, browser) = (walk().await, Browser::start());
    let mut faults = Vec::new();
    walk.each(&browser, |name, path| faults.extend(read(&browser, &walk.address, name, path)));
    // Whoever signed in last reviews.
    let review = &walk.reviewer.iter().find(|(name, _)| *name == "review").unwrap().1;
    let review = format!("{}{review}?lang=en", walk.address);
    slides_by_keys(&browser, &review);
    decides_without_a_script(&browser, &review, &format!("{}/releases/{RELEASED}/stable", walk.address));
    drop(walk.server);
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Two pictures over each other are moved by keys as with a mouse.
fn slides_by_keys(browser: &Browser, review: &str) {
    let shown = "return document.querySelector('.pair.over').style.getPropertyValue('--at')";
    browser.open(review);
    assert_eq!(browser.found(shown), "50%");
    browser.found("document.querySelector('.slide input').focus()");
    for (key, code, at) in
        [("ArrowRight", 39, "55%"), ("Home", 36, "0%"), ("End", 35, "100%"), ("ArrowLeft", 37, "95%")]
    {
        let press = serde_json::json!({ "type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code });
        browser.devtools("Input.dispatchKeyEvent", press);
        assert_eq!(browser.found(shown), at, "{key}");
    }
}

/// Everything that is decided about a submission and a release, where no script runs.
fn decides_without_a_script(browser: &Browser, review: &str, rollout: &str) {
    browser.devtools("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": true }));
    browser.open(review);
    assert_eq!(browser.found("return document.querySelectorAll('.pair.over, .slide:not([hidden])').length"), 0);
    browser.click("form[action$='/claim'] button");
    browser.sees("Give it back");
    // Whoever has no passkey signs by the command, which stands there to be typed.
    browser.sees("guichet review approve");
    browser.enter("#message", "Which hosts?");
    browser.click("form[action$='/messages'] button");
    browser.sees("Which hosts?");
    browser.click("details:has(#hold) summary");
    browser.enter("#hold", "a key in it");
    browser.click("details:has(#hold) button");
    browser.sees("It is in quarantine");
    browser.enter("#freed", "it was a sample");
    browser.click("form[action$='/freeing'] button");
    browser.sees("it was a sample");
    browser.click("details:has(#canned) summary");
    browser.click("#canned option:nth-child(2)");
    browser.click("details:has(#canned) button");
    browser.sees("Changes requested");

    browser.open(rollout);
    browser.enter("#stage-why", "the second day went well");
    browser.click(".raise button");
    browser.sees("the second day went well");
    assert_eq!(browser.found("return document.querySelector('[aria-current=step] .arch').textContent"), "50%");
    browser.enter("#halt-why", "the fee is wrong");
    browser.click(".btn.stop");
    browser.sees("Let it go on");
    browser.enter("#resume-why", "the fee was right");
    browser.click("form[action$='/resume'] button");
    browser.sees("Halt now");
    for (field, proposed) in [("#revert-why", "Goes back"), ("#recall-why", "Takes back")] {
        browser.open(rollout);
        browser.click(&format!("details:has({field}) summary"));
        browser.enter(field, "it loses drafts");
        browser.click(&format!("details:has({field}) button"));
        browser.sees(proposed);
    }
    browser.devtools("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": false }));
}

/// Light, dark, high contrast in both, and large type: what axe-core finds wrong on any page in either language.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; `cargo xtask test --full` runs it, with axe-core of npm's"]
async fn axe_finds_nothing_wrong_with_any_page_in_any_dress() {
    let modules = std::env::var_os("GUICHET_AXE").expect("GUICHET_AXE names node_modules with axe-core");
    let axe = std::fs::read_to_string(std::path::Path::new(&modules).join("axe-core/axe.min.js")).unwrap();
    let (walk, browser) = (walk().await, Browser::start());
    let mut faults = Vec::new();
    let mut looked = 0;
    // What has a fault is found.
    browser.open(&format!("{}/sign-in", walk.address));
    browser.found("document.querySelector('label').remove()");
    assert_ne!(browser.later(&format!("{axe};\n{AXE}")), "");
    walk.each(&browser, |name, path| {
        for dress in ["light", "dark", "light.more", "dark.more", "light.elder"] {
            let cookie = serde_json::json!({ "name": "guichet_look", "value": dress, "url": walk.address });
            browser.devtools("Network.setCookie", cookie);
            for language in ["zh", "en"] {
                let and = if path.contains('?') { '&' } else { '?' };
                browser.open(&format!("{}{path}{and}lang={language}", walk.address));
                let worn = browser.found("return Object.values(document.documentElement.dataset).slice(1).join('.')");
                assert_eq!(worn, dress, "{name}");
                let found = browser.later(&format!("{axe};\n{AXE}"));
                if found != "" {
                    faults.push(format!("{name} {language} {dress}: {found}"));
                }
                looked += 1;
            }
        }
    });
    drop(walk.server);
    assert_eq!(looked, (walk.administrator.len() + walk.reviewer.len()) * 10);
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The rules of WCAG 2.0 to 2.2, levels A and AA.
const AXE: &str = r"
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const options = { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] };
    axe.run(document, options).then(({ violations }) => done(violations.map(({ id, nodes }) =>
        `${id}: ${nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' | ')}`).join('; ')),
        (error) => done(String(error)));
";

const RELEASED: &str = "gov.example.residence.desk";

/// An app that is out, with what became of it, and its next version in review.
async fn released(house: &House) -> String {
    let developer = house.caller(&house.tokens.developer);
    let app = || App { drawing: DRAWING, ..App::new(RELEASED) }.asking(&["host:storage", "host:telemetry"]);
    for code in [1, 2] {
        let id = developer.submit(&app().version(code).sealed(&publisher())).await.unwrap().id;
        for (token, key) in
            [&house.tokens.first, &house.tokens.second].into_iter().zip(&reviewers()).take(3 - code as usize)
        {
            house.caller(token).approve(&id, key).await.unwrap();
        }
    }
    let (app_id, channel) = (RELEASED.parse().unwrap(), Channel::stable());
    brake::stage(&house.store, Actor::Machine, &app_id, &channel, 2500, "the first day went well").await.unwrap();
    for (sequence, kind, count) in [
        (1, BeaconKind::Installed, 60),
        (1, BeaconKind::Launched, 50),
        (2, BeaconKind::Installed, 14),
        (2, BeaconKind::Launched, 40),
        (2, BeaconKind::Error, 1),
    ] {
        let beacon = Beacon { app_id: app_id.clone(), channel: channel.clone(), sequence, kind };
        let envelope = BeaconEnvelope { format: 1, beacons: vec![beacon; count], counts: Vec::new() };
        let body = serde_json::to_vec(&envelope).unwrap();
        house.anonymous().call(Method::POST, paths::BEACONS, "application/json", body).await;
    }
    let counts = [(1, "sent", 12), (2, "left:form", 3), (2, "sent", 31)].map(|(sequence, event, count)| EventCount {
        app_id: app_id.clone(),
        channel: channel.clone(),
        sequence,
        event: event.parse().unwrap(),
        count,
    });
    let envelope = BeaconEnvelope { format: 1, beacons: Vec::new(), counts: counts.to_vec() };
    let body = serde_json::to_vec(&envelope).unwrap();
    house.anonymous().call(Method::POST, paths::BEACONS, "application/json", body).await;
    let wider: &[&str] = &["host:storage", "host:print", "host:telemetry"];
    let next = App { text: "hello again, see https://api.example/", ..App::new(RELEASED) }.asking(wider).version(3);
    developer.submit(&next.sealed(&publisher())).await.unwrap().id
}

const DRAWING: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="black" stroke-width="1.75"><path d="M3.5 11 12 4l8.5 7M6 9.5V20h12V9.5M10 20v-5.5h4V20"/></svg>"#;

/// Some more services for whoever looks for one.
async fn shelf(house: &House) {
    let app = |id, words, glaze, requires| App { words, glaze, requires, drawing: DRAWING, ..App::new(id) };
    for app in [
        app(
            "gov.example.residence.proof",
            [["Proof of address", "A letter with a stamp"], ["居住证明", "打印盖章的证明"]],
            "celadon",
            &["print"],
        ),
        app(
            "gov.example.residence.move",
            [["Moving house", "Tell every office at once"], ["搬家登记", "一次告诉所有部门"]],
            "celadon",
            &[],
        ),
        app(
            "gov.example.residence.birth",
            [["Birth of a child", "Register, name, allowance"], ["出生一件事", "登记、起名、补贴一起办"]],
            "rose",
            &[],
        ),
        app(
            "gov.example.residence.pension",
            [["Pension check", "With your card"], ["养老金认证", "用社保卡认证"]],
            "moss",
            &["card"],
        ),
    ] {
        let id = house.caller(&house.tokens.developer).submit(&app.sealed(&publisher())).await.unwrap().id;
        house.caller(&house.tokens.first).approve(&id, &reviewers()[0]).await.unwrap();
    }
}

fn enter(browser: &Browser, address: &str, token: &str) {
    browser.open(&format!("{address}/sign-in?lang=en"));
    browser.enter("#token", token);
    browser.click("form[action='/sign-in'] button");
    browser.sees("Review queue");
}

/// What is wrong with a page, in either language and at either width.
fn read(browser: &Browser, address: &str, name: &str, path: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for language in ["zh", "en"] {
        let and = if path.contains('?') { '&' } else { '?' };
        browser.open(&format!("{address}{path}{and}lang={language}"));
        // 500 is the least that this browser's window has.
        for width in [1280, 500] {
            browser.size(width, 900);
            let found = browser.found(FAULTS);
            if found != "" {
                faults.push(format!("{name} {language} {width}: {found}"));
            }
        }
    }
    pictures(browser, &format!("page-{name}"));
    faults
}
