//! A terminal that a rollout leaves out: a real store lets a release out to nobody, to everybody, and takes it back, and
//! a real host that has nothing yet comes to what is meant for it, log and all.

use std::{path::Path, sync::Arc};

use guichet_host::{Host, HostOptions};
use guichet_journeys::{
    process::{must, run},
    town::Town,
};
use guichet_package::TrustFile;
use guichet_services::Memory;
use serde_json::{Value, json};

use super::trial::{Counter, DRAFT, KEEPS};

fn host(town: &Town, home: &Path) -> Host {
    let trust = TrustFile::parse(&std::fs::read(town.trust_file()).unwrap()).unwrap();
    let host = Host::open(HostOptions::new(home.to_owned(), trust, Arc::new(Memory::default()))).unwrap();
    assert_eq!(host.refresh().unwrap().refused, []);
    host
}

/// What a terminal that has nothing comes to, or why to nothing.
fn fresh(town: &Town) -> Result<u64, &'static str> {
    let home = tempfile::tempdir().unwrap();
    let installed = host(town, home.path()).install(&DRAFT.parse().unwrap(), &mut |_| {});
    installed.map(|installed| installed.sequence).map_err(|error| error.class())
}

fn let_out(town: &Town, ceiling: u16) {
    let reviewer = town.reviewers("residence").unwrap()[0];
    ureq::post(format!("{}/api/v1/apps/{DRAFT}/stable/rollout", town.url()))
        .header("Authorization", format!("Bearer {}", reviewer.token))
        .send_json(json!({"ceiling": ceiling, "reason": "step by step"}))
        .unwrap();
}

/// Proposes as the first reviewer, and signs as the second.
fn sign(town: &Town, verb: &str, more: &[&str]) {
    let [proposer, signer] = town.reviewers("residence").unwrap();
    let said = ["admin", verb, "--app", DRAFT, "--reason", "it loses drafts", "--by", "Residence office reviewer 1"];
    town.store(&[&said[..], more].concat()).unwrap();
    let queue = must(town.guichet(proposer).unwrap().args(["--json", "review", "list"])).unwrap();
    let queue: Value = serde_json::from_str(&queue).unwrap();
    let id = queue["items"][0]["id"].as_str().unwrap();
    let mut approve = town.guichet(signer).unwrap();
    approve.args(["review", "approve", id, "--yes", &format!("--{verb}"), "--key"]).arg(&signer.key);
    let approved = run(approve.arg("--trust").arg(town.trust_file())).unwrap();
    assert!(approved.status.success(), "{approved:?}");
}

#[test]
fn a_new_terminal_gets_the_release_before_while_a_newer_one_is_for_others() {
    let counter = Counter::found();
    let (town, app) = (&counter.town, DRAFT.parse().unwrap());
    counter.release(1, KEEPS);
    counter.release(2, KEEPS);
    let_out(town, 0);
    let home = tempfile::tempdir().unwrap();
    let terminal = host(town, home.path());
    assert_eq!(terminal.install(&app, &mut |_| {}).unwrap().sequence, 1);
    assert!(terminal.refresh_and_stage(|_, _| {}).staged.is_empty());

    let_out(town, 10_000);
    let news = terminal.refresh_and_stage(|_, _| {});
    assert_eq!((news.staged, news.failed), (vec![app.clone()], vec![]), "its turn has come");
    terminal.activate(&app).unwrap();
    let_out(town, 0);
    assert!(terminal.refresh_and_stage(|_, _| {}).staged.is_empty());
    assert_eq!(terminal.listing(&app).unwrap().installed.unwrap().sequence, 2, "nothing is exchanged for an older one");
    assert_eq!(fresh(town), Ok(1));

    town.store(&["admin", "halt", "--app", DRAFT, "--reason", "it loses drafts"]).unwrap();
    assert_eq!(fresh(town), Ok(1), "a halt is of what was on its way");
    assert!(terminal.refresh_and_stage(|_, _| {}).staged.is_empty());
    assert_eq!(terminal.listing(&app).unwrap().installed.unwrap().sequence, 2, "and takes nothing away");
    sign(town, "revert", &["--to", "1"]);
    assert_eq!(fresh(town), Ok(3));
    sign(town, "recall", &[]);
    assert_eq!(fresh(town), Err("release/recalled"));
}
