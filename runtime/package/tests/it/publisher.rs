//! Whose seal counts: a key that is listed for the department, is not revoked, and an app id that is its own.

use guichet_package::{Limits, PublisherKeys, Seals, VerifiedContents};

use crate::support::{MANIFEST, draft, files_with_manifest, key, keys, sealed};

fn check(keys: &PublisherKeys, class: Option<&str>) {
    let refusal = sealed().verify(keys).err();
    assert_eq!(refusal.map(|refusal| refusal.class()), class);
}

#[test]
fn a_listed_key_is_believed() {
    check(&keys(), None);
    let package = sealed().verify(&keys()).unwrap();
    assert_eq!(package.department().as_str(), "residence");
    assert_eq!(package.contents().sealed_by(), key(7).public().id());
}

#[test]
fn an_unknown_key_is_refused() {
    let mut other = keys();
    other.keys.clear();
    check(&other, Some("seal/unknown-publisher"));
    other.add(key(8).public());
    check(&other, Some("seal/unknown-publisher"));
}

#[test]
fn a_revoked_key_is_refused() {
    let mut revoked = keys();
    assert!(revoked.revoke(&key(7).public()));
    assert!(!revoked.revoke(&key(9).public()));
    check(&revoked, Some("seal/revoked-key"));
    revoked.add(key(8).public());
    check(&revoked, Some("seal/revoked-key"));
}

#[test]
fn a_second_seal_carries_a_package_over_a_rotation() {
    let both = sealed().seal(&key(8)).unwrap();
    let mut new_only = keys();
    new_only.keys.clear();
    new_only.add(key(8).public());
    assert!(both.clone().verify(&keys()).is_ok());
    assert!(both.clone().verify(&new_only).is_ok());
    let mut rotated = keys();
    rotated.add(key(8).public());
    rotated.revoke(&key(7).public());
    assert!(both.verify(&rotated).is_ok());
}

#[test]
fn an_app_id_of_another_department_is_refused() {
    for app_id in ["gov.example.tax.refund", "gov.example.residences.permit", "gov.example"] {
        let manifest = MANIFEST.replace("gov.example.residence.permit", app_id);
        let package = draft(files_with_manifest(&manifest)).unwrap().seal(&key(7)).unwrap();
        assert_eq!(package.verify(&keys()).unwrap_err().class(), "seal/foreign-app-id", "{app_id}");
    }
}

#[test]
fn a_package_without_a_seal_is_refused() {
    let unsealed = draft(crate::support::files()).unwrap().unsealed().unwrap();
    assert_eq!(unsealed.verify(&keys()).unwrap_err().class(), "seal/missing");
}

#[test]
fn a_seal_of_another_statement_is_refused() {
    let manifest = MANIFEST.replace("\"code\": 3", "\"code\": 4");
    let newer = draft(files_with_manifest(&manifest)).unwrap().seal(&key(7)).unwrap();
    let older = sealed();
    let verify =
        |statement: &[u8], seals: &[u8]| VerifiedContents::verify(statement, seals, &keys(), &Limits::default());
    let (old_seals, new_seals) = (older.seals_bytes().unwrap(), newer.seals_bytes().unwrap());
    assert!(verify(older.statement_bytes(), old_seals).is_ok());
    assert_eq!(verify(newer.statement_bytes(), old_seals).unwrap_err().class(), "seal/bad-signature");
    assert_eq!(verify(older.statement_bytes(), new_seals).unwrap_err().class(), "seal/bad-signature");

    let mut mixed = Seals::parse(new_seals, &Limits::default()).unwrap();
    mixed.add(older.statement_bytes(), &key(8));
    let mut both = keys();
    both.add(key(8).public());
    let refusal =
        VerifiedContents::verify(older.statement_bytes(), &mixed.to_bytes().unwrap(), &both, &Limits::default());
    assert_eq!(refusal.unwrap_err().class(), "seal/bad-signature", "one wrong seal by a listed key spoils the list");
}

#[test]
fn a_statement_that_is_not_canonical_is_refused_even_when_sealed() {
    let package = sealed();
    let spaced = String::from_utf8(package.statement_bytes().to_vec()).unwrap().replacen("\":", "\": ", 1).into_bytes();
    let seals = Seals::make(&spaced, &[&key(7)]).to_bytes().unwrap();
    let refusal = VerifiedContents::verify(&spaced, &seals, &keys(), &Limits::default()).unwrap_err();
    assert_eq!(refusal.class(), "json/not-canonical");
}

#[test]
fn a_department_has_a_name_in_any_language() {
    let keys = keys();
    assert_eq!(keys.name_in("en"), "Residence Office");
    assert_eq!(keys.name_in("zh-CN"), "居住证管理处");
    assert_eq!(keys.name_in("fr"), "Residence Office");
}

#[test]
fn a_key_that_proves_nothing_is_not_listed() {
    let good = String::from_utf8(keys().to_bytes().unwrap()).unwrap();
    let own = key(7).public().to_string();
    for (point, class) in [
        ("0100000000000000000000000000000000000000000000000000000000000000", "key/weak"),
        ("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "key/encoding"),
        ("d0424b701d60255de5df705071059ccd22b8349bb4138202ebbd65e9e0ad211b", "key/torsion"),
        ("0200000000000000000000000000000000000000000000000000000000000000", "key/format"),
    ] {
        let refusal = PublisherKeys::parse(good.replace(&own, &format!("ed25519:{point}")).as_bytes()).unwrap_err();
        assert_eq!(refusal.class(), class);
        assert_eq!(refusal.place().as_deref(), Some("/keys/0/key"));
        assert!(!refusal.hint().is_empty());
    }
    assert_eq!(PublisherKeys::parse(good.replace(&own, "").as_bytes()).unwrap_err().class(), "key/format");
    assert_eq!(
        PublisherKeys::parse(good.replace(r#""revoked":false"#, "").as_bytes()).unwrap_err().class(),
        "json/syntax"
    );
}
