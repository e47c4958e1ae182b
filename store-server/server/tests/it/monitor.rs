//! A monitor of a store's log: what it tells whom, and what it does not believe.

use std::{cell::RefCell, fs, path::PathBuf};

use guichet_store::monitor::{Alarm, Look, Monitor, Watched};
use guichet_trust::log::{Frontier, append_entry, leaf_hash};

use crate::{
    house::House,
    log::{policy, release},
};

fn monitor(house: &House, department: &str) -> Monitor {
    Monitor {
        policy: policy(house),
        url: format!("file://{}", house.store.folder.public().display()),
        state: house.folder.path().join(format!("{department}.state")),
        watched: Watched { departments: vec![department.parse().unwrap()], apps: Vec::new() },
        run: None,
        post: None,
    }
}

/// What is told in one look, and how it ended.
fn look(monitor: &Monitor) -> (Vec<String>, Look) {
    let told = RefCell::new(Vec::new());
    let look = monitor.look(|alarm: &Alarm| told.borrow_mut().push(alarm.to_string()));
    (told.into_inner(), look)
}

fn class(look: &Look) -> &'static str {
    match look {
        Look::Read { .. } => "read",
        Look::Unread(_) => "unread",
        Look::Unbelievable(refusal) => refusal.class(),
    }
}

#[tokio::test]
async fn a_department_hears_of_each_release_of_its_apps_once() {
    let house = House::open().await;
    let (residence, tax) = (monitor(&house, "residence"), monitor(&house, "tax"));
    assert!(matches!(look(&residence), (told, Look::Read { size: 0 }) if told.is_empty()));
    release(&house, 1).await;
    let (told, ended) = look(&residence);
    assert!(matches!(ended, Look::Read { size: 1 }));
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("release 0: gov.example.residence.permit "), "{told:?}");
    assert!(told[0].contains("(stable 1) of residence, approved by "), "{told:?}");
    assert!(look(&residence).0.is_empty(), "it was told");
    assert!(matches!(look(&tax), (told, Look::Read { size: 1 }) if told.is_empty()));
    release(&house, 2).await;
    assert_eq!(look(&residence).0.len(), 1);
    // By the name of an app as well, and everything if nothing is named.
    let by_app = Watched { departments: Vec::new(), apps: vec!["gov.example.residence".parse().unwrap()] };
    let state = house.folder.path().join("app.state");
    assert_eq!(look(&Monitor { watched: by_app, state, ..tax.clone() }).0.len(), 2);
    let state = house.folder.path().join("all.state");
    assert_eq!(look(&Monitor { watched: Watched::default(), state, ..tax }).0.len(), 2);
}

#[tokio::test]
async fn an_alarm_that_was_not_delivered_is_raised_again() {
    let house = House::open().await;
    release(&house, 1).await;
    let deaf = Monitor { run: Some(PathBuf::from("false")), ..monitor(&house, "residence") };
    for _ in 0..2 {
        let (told, ended) = look(&deaf);
        assert_eq!((told.len(), class(&ended)), (1, "unread"));
    }
    let heard = house.folder.path().join("heard");
    let program = house.folder.path().join("hear.sh");
    fs::write(&program, format!("#!/bin/sh\ncat >> {}\n", heard.display())).unwrap();
    make_executable(&program);
    let hearing = Monitor { run: Some(program), ..deaf };
    assert_eq!(class(&look(&hearing).1), "read");
    assert!(look(&hearing).0.is_empty());
    let heard: serde_json::Value = serde_json::from_slice(&fs::read(heard).unwrap()).unwrap();
    assert_eq!((&heard["kind"], &heard["index"]), (&"release".into(), &0.into()));
    assert_eq!(heard["leaf"]["app_id"], "gov.example.residence.permit");
}

#[cfg(unix)]
fn make_executable(program: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn a_log_that_is_not_what_it_was_is_not_believed() {
    let house = House::open().await;
    release(&house, 1).await;
    release(&house, 2).await;
    let monitor = monitor(&house, "residence");
    assert_eq!(class(&look(&monitor).1), "read");
    let log = house.store.folder.log();
    let checkpoint = fs::read(log.join("checkpoint")).unwrap();

    // The same key signs a smaller tree, another of this size, and one that grew out of another.
    let mut forged = Frontier::new();
    let serve = |tree: &Frontier, leaves: &[&[u8]]| {
        fs::write(log.join("checkpoint"), house.store.log.sign(tree.size(), tree.root()).to_text()).unwrap();
        let mut bundle = Vec::new();
        leaves.iter().for_each(|leaf| append_entry(&mut bundle, leaf).unwrap());
        fs::write(log.join(format!("tile/entries/000.p/{}", leaves.len())), bundle).unwrap();
    };
    forged.append(leaf_hash(b"x"));
    serve(&forged, &[b"x"]);
    let (told, ended) = look(&monitor);
    assert_eq!((told.len(), class(&ended)), (1, "log/smaller"));
    assert!(told[0].starts_with("error[log/smaller]: store.example/static/log: "), "{told:?}");
    forged.append(leaf_hash(b"y"));
    serve(&forged, &[b"x", b"y"]);
    assert_eq!(class(&look(&monitor).1), "log/fork");
    forged.append(leaf_hash(b"z"));
    serve(&forged, &[b"x", b"y", b"z"]);
    assert_eq!(class(&look(&monitor).1), "log/fork");
    // Leaves that are not under the signed root, or a stranger's root.
    let stranger = guichet_trust::log::LogSigner::new("store.example/static/log", crate::house::key(99)).unwrap();
    fs::write(log.join("checkpoint"), stranger.sign(3, forged.root()).to_text()).unwrap();
    assert_eq!(class(&look(&monitor).1), "log/signature");
    fs::remove_file(log.join("checkpoint")).unwrap();
    assert_eq!(class(&look(&monitor).1), "unread");
    // None of this moved it.
    fs::write(log.join("checkpoint"), checkpoint).unwrap();
    assert!(matches!(look(&monitor), (told, Look::Read { size: 2 }) if told.is_empty()));
}

#[tokio::test]
async fn a_leaf_that_nobody_can_read_is_everybodys_concern() {
    let house = House::open().await;
    let mut tree = Frontier::new();
    tree.append(leaf_hash(b"{}"));
    let log = house.store.folder.log();
    fs::write(log.join("checkpoint"), house.store.log.sign(1, tree.root()).to_text()).unwrap();
    fs::create_dir_all(log.join("tile/entries/000.p")).unwrap();
    fs::write(log.join("tile/entries/000.p/1"), b"\0\x02{}").unwrap();
    let (told, ended) = look(&monitor(&house, "tax"));
    assert_eq!((told.len(), class(&ended)), (1, "read"));
    assert!(told[0].starts_with("unreadable 0: "), "{told:?}");
}
