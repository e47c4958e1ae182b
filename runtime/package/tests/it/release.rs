//! Release documents: what they must be, what they fit, and who takes part.

use guichet_package::{
    Blob, Brake, LogLeaf, Refusal, ReleaseDocument, TrustFile, VerifiedPackage,
    release::{Device, brake_path, keys_path, release_path, rollout, shown_reason},
};

use guichet_trust::log::{LogSigner, Policy, Quorum, WitnessSigner};

use crate::support::{MANIFEST, draft, files_with_manifest, key, keys, sealed};

fn package() -> VerifiedPackage {
    sealed().verify(&keys()).unwrap()
}

fn release() -> ReleaseDocument {
    ReleaseDocument::of(&package(), "stable".parse().unwrap(), 5)
}

#[test]
fn a_release_comes_back_from_its_bytes() {
    let release = release();
    let bytes = release.to_bytes().unwrap();
    assert_eq!(ReleaseDocument::parse(&bytes).unwrap(), release);
    assert!(package().matches(&release).is_ok());
    assert!(package().contents().matches(&release).is_ok());
}

fn check_match(change: impl FnOnce(&mut ReleaseDocument), class: Option<&str>) {
    let mut document = release();
    change(&mut document);
    assert_eq!(package().matches(&document).err().map(|refusal| refusal.class()), class);
}

#[test]
fn a_package_fits_only_its_release() {
    let other_manifest = MANIFEST.replace("\"code\": 3", "\"code\": 4");
    let other = draft(files_with_manifest(&other_manifest)).unwrap().seal(&key(7)).unwrap().verify(&keys()).unwrap();
    assert_eq!(other.matches(&release()).unwrap_err().class(), "release/other-package");

    let differs = Some("release/other-package");
    check_match(|release| release.app_id = "gov.example.other".parse().unwrap(), differs);
    check_match(|release| release.version.code = 9, differs);
    check_match(|release| release.version.name = "9".to_owned(), differs);
    check_match(|release| release.platform.min_code = 2, differs);
    check_match(|release| release.statement.length += 1, differs);
    check_match(|release| release.seals.sha256 = release.statement.sha256, differs);
    check_match(|release| release.container.length -= 1, differs);
    check_match(|release| release.permissions.clear(), None);
    let more = serde_json::from_str(r#"{"name":"host:print"}"#).unwrap();
    check_match(|release| release.permissions.push(more), Some("release/permission"));
}

fn check_document(change: impl FnOnce(&mut serde_json::Value), class: Option<&str>) {
    let mut value: serde_json::Value = serde_json::from_slice(&release().to_bytes().unwrap()).unwrap();
    change(&mut value);
    let bytes = guichet_trust::canonical::to_vec(&value).unwrap();
    assert_eq!(ReleaseDocument::parse(&bytes).err().map(|refusal| refusal.class()), class, "{value}");
}

#[test]
fn a_release_document_is_read_strictly() {
    check_document(|_| {}, None);
    check_document(|release| release["comment"] = "unknown members are ignored".into(), None);
    check_document(|release| release["must_understand"] = serde_json::json!([]), None);
    check_document(
        |release| release["must_understand"] = serde_json::json!(["quota"]),
        Some("document/must-understand"),
    );
    check_document(|release| release["format"] = 2.into(), Some("document/format"));
    check_document(|release| release["sequence"] = 0.into(), Some("document/invalid"));
    check_document(|release| release["floor"] = 6.into(), Some("document/invalid"));
    check_document(|release| release["revoked"] = serde_json::json!([5]), None);
    check_document(|release| release["rollout"]["ceiling"] = 10_001.into(), Some("document/invalid"));
    check_document(|release| release["app_id"] = "Bad".into(), Some("json/shape"));
    check_document(|release| release["container"]["sha256"] = "00".into(), Some("json/shape"));
    check_document(|release| drop(release.as_object_mut().unwrap().remove("seals")), Some("json/shape"));
    let pretty = serde_json::to_vec_pretty(&release()).unwrap();
    assert_eq!(ReleaseDocument::parse(&pretty).unwrap_err().class(), "json/not-canonical");
}

#[test]
fn a_reason_is_one_plain_paragraph_and_may_be_missing() {
    assert!(!String::from_utf8(release().to_bytes().unwrap()).unwrap().contains("reason"), "as documents were before");
    let reasoned = ReleaseDocument { reason: Some("费用算错了。The fee is wrong.".to_owned()), ..release() };
    assert_eq!(ReleaseDocument::parse(&reasoned.to_bytes().unwrap()).unwrap(), reasoned);
    let too_long = "x".repeat(501);
    let bad =
        ["", " x", "x\n", "two\nlines", "a\u{7}", "a\u{202e}b", "a\u{200b}b", "a\u{2028}b", "a\u{e0041}b", &too_long];
    for text in bad {
        check_document(|release| release["reason"] = text.into(), Some("document/invalid"));
        let refused = ReleaseDocument { reason: Some(text.to_owned()), ..release() }.to_bytes();
        assert_eq!(refused.unwrap_err().class(), "document/invalid", "nobody signs {text:?}");
    }
    check_document(|release| release["reason"] = "字".repeat(500).into(), None);
    check_document(|release| release["reason"] = 7.into(), Some("json/shape"));
}

#[test]
fn what_is_shown_of_a_reason_is_plain_and_bounded() {
    assert_eq!(shown_reason(" The fee\nis \u{202e}wrong "), "The fee is wrong");
    assert_eq!(shown_reason(&"字".repeat(9_000)).chars().count(), 500);
    assert_eq!(shown_reason("\u{200b}"), "");
}

#[test]
fn a_recalled_or_old_sequence_may_not_run() {
    let mut release = release();
    release.floor = 2;
    release.revoked.insert(3);
    let allowed: Vec<u64> = (1..=6).filter(|sequence| release.allows(*sequence)).collect();
    assert_eq!(allowed, [2, 4, 5, 6]);
}

fn takes_part(change: impl FnOnce(&mut ReleaseDocument), brake: Option<&Brake>, id: Option<&str>) -> bool {
    let mut document = release();
    change(&mut document);
    let groups = ["pilot".to_owned()];
    rollout::takes_part(&document, brake, &Device { id, terminal: "desktop", groups: &groups, now_ms: 1000 })
}

#[test]
fn a_rollout_only_narrows() {
    let id = Some("device-1");
    assert!(takes_part(|_| {}, None, id));
    assert!(takes_part(|_| {}, None, None));
    assert!(!takes_part(|release| release.rollout.ceiling = 9_999, None, None));
    assert!(!takes_part(|release| release.rollout.ceiling = 0, None, id));
    let bucket = rollout::bucket(&release().app_id, 5, "device-1");
    assert!(!takes_part(|release| release.rollout.ceiling = bucket, None, id));
    assert!(takes_part(|release| release.rollout.ceiling = bucket + 1, None, id));
    assert!(takes_part(|release| release.rollout.start = 1000, None, id));
    assert!(!takes_part(|release| release.rollout.start = 1001, None, id));
    assert!(takes_part(|release| assert!(release.rollout.groups.insert("pilot".to_owned())), None, id));
    assert!(!takes_part(|release| assert!(release.rollout.groups.insert("other".to_owned())), None, id));
    assert!(takes_part(|release| assert!(release.terminals.insert("desktop".to_owned())), None, id));
    assert!(!takes_part(|release| assert!(release.terminals.insert("kiosk".to_owned())), None, id));
}

#[test]
fn the_stricter_of_release_and_brake_counts() {
    let id = Some("device-1");
    let bucket = rollout::bucket(&release().app_id, 5, "device-1");
    let halt = Brake::halt(&release(), "crashes");
    assert!(!takes_part(|_| {}, Some(&halt), id));
    assert!(!takes_part(|_| {}, Some(&halt), None));
    assert!(!takes_part(|release| release.sequence = 4, Some(&halt), id), "a brake holds earlier releases too");
    assert!(takes_part(|release| release.sequence = 6, Some(&halt), id), "a release made after it is free");
    assert!(takes_part(|release| release.channel = "trial".parse().unwrap(), Some(&halt), id));
    let lower = Brake::lower(&release(), bucket, "slowly");
    assert!(!takes_part(|_| {}, Some(&lower), id));
    let wide = Brake::lower(&release(), 60_000, "all");
    assert_eq!(wide.ceiling, 10_000);
    assert!(!takes_part(|release| release.rollout.ceiling = bucket, Some(&wide), id), "a brake never raises");
    assert_eq!(Brake::parse(&halt.to_bytes().unwrap()).unwrap(), halt);
}

#[test]
fn a_document_names_the_one_before_and_may_leave_it_out() {
    let text = String::from_utf8(release().to_bytes().unwrap()).unwrap();
    assert!(!text.contains("before"), "as documents were");
    let named = ReleaseDocument { before: Some(Blob::of(text.as_bytes())), ..release() };
    assert_eq!(ReleaseDocument::parse(&named.to_bytes().unwrap()).unwrap(), named);
    let first = ReleaseDocument { sequence: 1, ..named };
    assert_eq!(first.to_bytes().unwrap_err().class(), "document/invalid", "nothing comes before the first");
}

#[test]
fn a_brake_says_what_holds_of_the_releases_before() {
    let lower = Brake::lower(&release(), 1000, "slowly");
    assert!(!String::from_utf8(lower.to_bytes().unwrap()).unwrap().contains("earlier"), "as brakes were");
    let ceilings = |brake: &Brake| [3, 4, 5].map(|sequence| brake.ceiling_of(sequence));
    assert_eq!(ceilings(&lower), [1000, 1000, 1000]);
    let over = lower.clone().over([(4, 0)].into());
    assert_eq!(ceilings(&over), [10_000, 0, 1000]);
    assert_eq!(Brake::parse(&over.to_bytes().unwrap()).unwrap(), over);
    for wrong in [[(5, 0)], [(4, 10_001)]] {
        assert_eq!(lower.clone().over(wrong.into()).to_bytes().unwrap_err().class(), "document/invalid");
    }
}

#[test]
fn buckets_are_spread_evenly_and_anew_for_every_release() {
    let app = release().app_id;
    let mut counts = [0; 10];
    let mut same = 0;
    for device in 0..10_000 {
        let id = format!("device-{device}");
        let bucket = rollout::bucket(&app, 1, &id);
        counts[usize::from(bucket) / 1000] += 1;
        same += u32::from(bucket / 1000 == rollout::bucket(&app, 2, &id) / 1000);
    }
    assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    assert!((850..1150).contains(&same), "{same}");
}

#[test]
fn documents_lie_where_delegations_look() {
    let (department, app, channel) =
        ("residence".parse().unwrap(), "gov.example.a".parse().unwrap(), "stable".parse().unwrap());
    assert_eq!(release_path(&department, &app, &channel), "apps/residence/gov.example.a/stable.json");
    assert_eq!(keys_path(&department), "keys/residence.json");
    assert_eq!(brake_path(&department, &app, &channel), "brake/residence/gov.example.a/stable.json");
}

#[test]
fn a_trust_file_keeps_the_root_as_it_was_signed() {
    let root = b"{ \"signed\" : {\"a\": \"\xe8\xaf\x81\"} }\n";
    let file = TrustFile::new(root, "http://127.0.0.1:8480/static", "").unwrap();
    let back = TrustFile::parse(file.to_text().unwrap().as_bytes()).unwrap();
    assert_eq!(back, file);
    assert_eq!(back.root_bytes(), root);
    let class = |file: Result<TrustFile, Refusal>| file.unwrap_err().class();
    assert_eq!(class(TrustFile::new(b"", "http://x", "")), "document/invalid");
    assert_eq!(class(TrustFile::new(root, "x", "")), "document/invalid");
    assert_eq!(class(TrustFile::new(root, "http://x", "x")), "document/invalid");
    assert_eq!(class(TrustFile::parse(b"{}")), "json/shape");
    assert_eq!(class(TrustFile::parse(br#"{"format":2,"root":"{}","static_url":"http://x"}"#)), "document/format");
    assert!(TrustFile::parse(br#"{"format":1,"root":"{}","static_url":"file:///srv"}"#).is_ok());
}

#[test]
fn a_leaf_is_about_one_release_and_hides_nothing_of_it() {
    let (department, release) = ("residence".parse().unwrap(), release());
    let bytes = release.to_bytes().unwrap();
    let mut leaf = LogLeaf::of(&department, &bytes).unwrap();
    leaf.publishers.insert(key(7).public().id());
    leaf.roles.insert("residence".to_owned(), 4);
    assert_eq!(LogLeaf::parse(&leaf.to_bytes().unwrap()).unwrap(), leaf);
    leaf.is_about(&department, &release, &bytes).unwrap();

    let check = |change: &dyn Fn(&mut LogLeaf)| {
        let mut other = leaf.clone();
        change(&mut other);
        let refusal = other.is_about(&department, &release, &bytes).unwrap_err();
        assert_eq!(refusal.class(), "log/other-release");
        refusal.place().unwrap()
    };
    assert_eq!(check(&|leaf| leaf.release = leaf.seals), "the leaf's release");
    assert_eq!(check(&|leaf| leaf.department = "tax".parse().unwrap()), "the leaf's department");
    assert_eq!(check(&|leaf| leaf.app_id = "gov.example.other".parse().unwrap()), "the leaf's app_id");
    assert_eq!(check(&|leaf| leaf.channel = "trial".parse().unwrap()), "the leaf's channel");
    assert_eq!(check(&|leaf| leaf.sequence += 1), "the leaf's sequence");
    assert_eq!(check(&|leaf| leaf.version.code += 1), "the leaf's version");
    assert_eq!(check(&|leaf| leaf.container = leaf.seals), "the leaf's container");
    assert_eq!(check(&|leaf| leaf.statement = leaf.seals), "the leaf's statement");
    assert_eq!(check(&|leaf| leaf.seals = leaf.release), "the leaf's seals");
    // Whatever the release document says beyond that is under its digest.
    let mut narrowed = release.clone();
    narrowed.rollout.ceiling = 1;
    let refused = leaf.is_about(&department, &narrowed, &narrowed.to_bytes().unwrap());
    assert_eq!(refused.unwrap_err().class(), "log/other-release");
}

#[test]
fn a_trust_file_names_a_log_wholly_or_not_at_all() {
    let file = TrustFile::new(b"{}", "https://store.example/static", "").unwrap();
    assert_eq!(file.policy().unwrap(), None);
    let log = LogSigner::new("store.example/static/log", key(1)).unwrap();
    let witnesses = [WitnessSigner::new("w.example", key(2)).unwrap().key().clone()];
    let policy = Policy::new(log.key().clone(), witnesses.into(), Quorum::majority(1)).unwrap();
    let file = TrustFile::parse(file.with_log(&policy).to_text().unwrap().as_bytes()).unwrap();
    assert_eq!(file.policy().unwrap().unwrap(), policy);
    let class = |change: &dyn Fn(&mut TrustFile)| {
        let mut other = file.clone();
        change(&mut other);
        TrustFile::parse(other.to_text().unwrap().as_bytes()).unwrap_err().class()
    };
    assert_eq!(class(&|file| file.log.policy.clear()), "log/policy");
    assert_eq!(class(&|file| file.log.key.clear()), "log/key");
    assert_eq!(class(&|file| file.log.witnesses.clear()), "log/policy");
}
