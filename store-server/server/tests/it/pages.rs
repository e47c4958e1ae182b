//! Every page of the console in a real browser, in both languages, on a desk and on a phone: what can be measured of how it
//! reads, for everybody.

use axum::http::Method;
use guichet_api::{Beacon, BeaconEnvelope, BeaconKind, paths};
use guichet_contract::Channel;
use guichet_store::{
    brake,
    people::{Actor, NewInvitation, NewToken, invite, make_token},
};

use crate::{
    browser::Browser,
    house::{House, publisher, reviewers},
    members::id_of,
    packages::App,
    passkeys::{pictures, served},
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

#[tokio::test(flavor = "multi_thread")]
async fn every_page_reads_in_both_languages_on_a_desk_and_on_a_phone() {
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
    house.caller(&house.tokens.tax_developer).get(&guichet_api::paths::of(guichet_api::paths::SUBMISSION, &id)).await;
    let released = released(&house).await;
    let (_server, address) = served(&house);
    let browser = Browser::start();
    let mut faults = Vec::new();
    enter(&browser, &address, &house.tokens.administrator);
    for (name, path) in [
        ("queue", "/".to_owned()),
        ("submission", format!("/submissions/{id}")),
        ("releases", "/releases".to_owned()),
        ("rollout", format!("/releases/{RELEASED}/stable")),
        ("members", "/members".to_owned()),
        ("member", format!("/members/{member}")),
        ("audit", "/audit".to_owned()),
        ("account", "/account".to_owned()),
        ("problem", "/submissions/none".to_owned()),
        ("join", format!("/join?invitation={}", secret.reveal())),
        ("sign-in", "/sign-in".to_owned()),
    ] {
        faults.extend(read(&browser, &address, name, &path));
    }
    browser.open(&format!("{address}/account"));
    browser.click(".foot form button");
    browser.sees("Sign in to the console");
    enter(&browser, &address, &house.tokens.first);
    for (name, path) in [
        ("claims", "/".to_owned()),
        ("review", format!("/submissions/{released}")),
        ("file", format!("/submissions/{released}/file?path=pages%2Fhome.html")),
        ("nothing-found", "/?q=nothing".to_owned()),
    ] {
        faults.extend(read(&browser, &address, name, &path));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

const RELEASED: &str = "gov.example.residence.desk";

/// An app that is out, with what became of it, and its next version in review.
async fn released(house: &House) -> String {
    let developer = house.caller(&house.tokens.developer);
    let app = || App::new(RELEASED).asking(&["host:storage"]);
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
        let envelope = BeaconEnvelope { format: 1, beacons: vec![beacon; count] };
        let body = serde_json::to_vec(&envelope).unwrap();
        house.anonymous().call(Method::POST, paths::BEACONS, "application/json", body).await;
    }
    let wider: &[&str] = &["host:storage", "host:print"];
    let next = App { text: "hello again, see https://api.example/", ..App::new(RELEASED) }.asking(wider).version(3);
    developer.submit(&next.sealed(&publisher())).await.unwrap().id
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
