//! The story that the console is for, in two real browsers with passkeys: a release that widens is claimed, agreed to and
//! signed by two reviewers, let out step by step, halted, and undone.

use std::collections::BTreeMap;

use guichet_api::{PersonRole, SubmissionState};
use guichet_store::{
    clock::Clock,
    people::{Actor, NewInvitation, invite},
};
use guichet_trust::sign::SecretKey;

use crate::{
    browser::Browser,
    house::{House, publisher, reviewers},
    packages::App,
    passkeys::{pictures, served},
    people::signed_at,
};

const APP: &str = "gov.example.residence.permit";

/// A reviewer at a desk: a browser with a passkey in it, and a key on a machine of their own.
struct Reviewer {
    browser: Browser,
    token: String,
    key: SecretKey,
}

impl Reviewer {
    /// Whoever was invited joins, and makes a passkey.
    async fn joined(house: &House, address: &str, name: &str, secret: &str, key: SecretKey) -> Self {
        let browser = Browser::start();
        browser.open(&format!("{address}/join?invitation={secret}&lang=en"));
        browser.sees(name);
        browser.click("form button");
        browser.sees("You have joined");
        let token = browser.found("return document.querySelector('code').innerText").as_str().unwrap().to_owned();
        browser.click("a.btn.main");
        browser.sees("No passkey yet.");
        browser.enter("#passkey-name", "desk");
        browser.click("form[data-passkey] button");
        browser.sees("desk");
        assert_eq!(house.caller(&token).get("/me").await.status, 200);
        Self { browser, token, key }
    }

    /// Agrees to the release on the page with the passkey, and waits for the command.
    fn agrees(&self) -> String {
        self.browser.click("form[data-passkey] button");
        self.browser.sees("You have agreed");
        self.browser.sees("guichet review approve")
    }

    /// What the command does on the reviewer's machine.
    async fn signs(&self, house: &House, id: &str) -> SubmissionState {
        let caller = house.caller(&self.token);
        let proposal = caller.proposal(id).await.unwrap();
        caller.post_approval(id, &signed_at(&proposal, &self.key, house.store.clock.now_ms())).await.unwrap().state
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_widening_release_is_reviewed_by_two_let_out_halted_and_undone() {
    let house = House::open_in(Clock::System, None).await;
    let developer = house.caller(&house.tokens.developer);
    let one = developer.submit(&App::new(APP).sealed(&publisher())).await.unwrap();
    house.caller(&house.tokens.first).approve(&one.id, &reviewers()[0]).await.unwrap();
    let mut secrets = BTreeMap::new();
    for name in ["Ines Duarte", "Rui Sousa"] {
        let new = NewInvitation {
            name: name.to_owned(),
            role: PersonRole::Reviewer,
            department: Some("residence".parse().unwrap()),
            lasts_ms: 600_000,
        };
        secrets.insert(name, invite(&house.store, Actor::Machine, new).await.unwrap().1.reveal().to_owned());
    }
    let (_server, address) = served(&house);
    let [first_key, second_key] = reviewers();
    let ines = Reviewer::joined(&house, &address, "Ines Duarte", &secrets["Ines Duarte"], first_key).await;
    let rui = Reviewer::joined(&house, &address, "Rui Sousa", &secrets["Rui Sousa"], second_key).await;

    // The department hands in a version that asks for more.
    let wider = App { text: "hello again", ..App::new(APP) }.version(2).asking(&["host:storage"]).sealed(&publisher());
    let two = developer.submit(&wider).await.unwrap().id;

    // By keys alone: to the first row, and claimed.
    ines.browser.open(&format!("{address}/"));
    ines.browser.sees("host:storage");
    pictures(&ines.browser, "story-1-queue");
    ines.browser.enter("body", "jc");
    ines.browser.sees("Give it back");
    let text = ines.browser.sees("0 of 2 reviewers");
    assert!(text.contains("Widens what it may do") && text.contains("Agree with your passkey first"), "{text}");
    ines.browser.enter("#message", "What is kept, and for how long?");
    ines.browser.click("form[action$='/messages'] button");
    ines.browser.sees("What is kept, and for how long?");
    ines.browser.enter("#begin-percent", "5");
    ines.browser.click("form[action$='/beginning'] button");
    ines.browser.awaits("return document.querySelector('#begin-percent')?.defaultValue === '5'");
    pictures(&ines.browser, "story-2-review");
    ines.agrees();
    pictures(&ines.browser, "story-3-agreed");
    assert_eq!(ines.signs(&house, &two).await, SubmissionState::InReview);
    // Nobody touches the page: it follows.
    let text = ines.browser.sees("1 of 2 reviewers");
    assert!(text.contains("You have signed. It needs another reviewer."), "{text}");

    rui.browser.open(&format!("{address}/submissions/{two}"));
    rui.browser.sees("What is kept, and for how long?");
    rui.agrees();
    assert_eq!(rui.signs(&house, &two).await, SubmissionState::Released);
    rui.browser.sees("2 of 2 reviewers");

    // Let out step by step.
    rui.browser.open(&format!("{address}/releases"));
    rui.browser.sees("5%");
    pictures(&rui.browser, "story-4-releases");
    rui.browser.click(".queue a");
    rui.browser.sees("Let out to (%)");
    rui.browser.found("document.querySelector('#percent').value = ''");
    rui.browser.enter("#percent", "25");
    rui.browser.enter("#stage-why", "two days without an error");
    rui.browser.click(".raise button");
    rui.browser.sees("two days without an error");
    pictures(&rui.browser, "story-5-rollout");

    // Halted at once, and undone: the version before comes back once another reviewer has signed.
    rui.browser.enter("#halt-why", "the fee is wrong");
    rui.browser.click(".btn.stop");
    rui.browser.sees("Let it go on");
    pictures(&rui.browser, "story-6-halted");
    rui.browser.click("details:has(#to) summary");
    rui.browser.enter("#revert-why", "the fee is wrong");
    rui.browser.click("details:has(#to) button");
    let text = rui.browser.sees("Goes back");
    assert!(text.contains("You submitted this, so someone else must review it."), "{text}");
    let back = rui.browser.found("return location.pathname.split('/').pop()").as_str().unwrap().to_owned();
    ines.browser.open(&format!("{address}/submissions/{back}"));
    let text = ines.agrees();
    assert!(text.contains("--revert"), "{text}");
    pictures(&ines.browser, "story-7-goes-back");
    assert_eq!(ines.signs(&house, &back).await, SubmissionState::Released);
    rui.browser.open(&format!("{address}/releases/{APP}/stable"));
    let text = rui.browser.sees("Residence permit 1.0.0");
    assert!(text.contains("Goes back") && text.contains("Halted") && !text.contains("Let it go on"), "{text}");
    pictures(&rui.browser, "story-8-undone");

    // All of it is in the record.
    let lead = crate::console::sign_in(&house, &house.tokens.lead).await;
    let record = crate::console::page(&house, "/audit", &lead, "en").await.text();
    for deed in [
        "submission.claim",
        "submission.beginning",
        "submission.agree",
        "submission.sign",
        "release.rollout",
        "release.halt",
        "release.revert",
    ] {
        assert!(record.contains(deed), "{deed} in {record}");
    }
}
