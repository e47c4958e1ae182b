//! The table of attacks in docs/SECURITY.md is what the samples say, and each row has a test that is there.

use std::{collections::BTreeSet, fs};

use super::root;
use crate::hostile;

#[test]
fn the_table_of_attacks_is_current() {
    let written = fs::read_to_string(root().join("docs/SECURITY.md")).unwrap();
    assert!(
        hostile::document(&root()).unwrap() == written,
        "docs/SECURITY.md is out of date: cargo xtask hostile --table"
    );
}

#[test]
fn every_attack_is_tested_by_a_test_that_is_there() {
    let mut missing = Vec::new();
    for attack in hostile::attacks(&root()).unwrap() {
        let Some((file, function)) = attack.test() else {
            missing.push(format!("{attack:?} has no test"));
            continue;
        };
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        if !text.contains(&format!("fn {function}(")) {
            missing.push(format!("{file} has no {function}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_class_an_attack_ends_with_is_in_the_reference() {
    let reference = fs::read_to_string(root().join("docs/reference/refusals.md")).unwrap();
    let attacks = hostile::attacks(&root()).unwrap();
    let unknown: Vec<_> = attacks
        .iter()
        .filter_map(|attack| attack.class())
        .filter(|class| !reference.contains(&format!("`{class}`")))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_name_of_the_list_is_answered_and_nothing_else_is() {
    let attacks = hostile::attacks(&root()).unwrap();
    let answered: BTreeSet<_> = attacks.iter().flat_map(|attack| &attack.answers).collect();
    let list = hostile::list::read(&root()).unwrap();
    let listed: BTreeSet<_> = list.iter().flat_map(|names| &names.names).collect();
    assert_eq!(answered, listed);
}
