//! Made, found, asked to sign; and what is not believed.

use cryptoki::{
    mechanism::Mechanism,
    object::{Attribute, AttributeType, KeyType, ObjectClass},
};
use guichet_pkcs11::{TokenAccess, TokenFailure};
use guichet_trust::sign::{PublicKey, Purpose};

use crate::office::{MODULE, PIN, at, by_hand, with_pin, with_token};

const KEY: &str = "pkcs11:token=Office;object=officer";

fn create(uri: &str) -> Result<PublicKey, TokenFailure> {
    at(uri, |access| access.create())
}

/// The class of what opening a key is refused with.
fn refused(uri: &str) -> &'static str {
    at(uri, |access| access.open()).unwrap_err().class()
}

#[test]
fn a_key_made_on_the_token_signs_and_stays_there() {
    with_token("keys::a_key_made_on_the_token_signs_and_stays_there", "", |_| {
        let public = create(KEY).unwrap();
        assert_eq!(at(KEY, |access| access.public()).unwrap(), public);
        let key = at(KEY, |access| access.open()).unwrap();
        assert_eq!(key.public(), public);
        // Longer than any buffer of a module.
        for payload in [&b""[..], b"statement", &[7; 300_000]] {
            let signature = key.sign(&Purpose::Statement.message(payload)).unwrap();
            public.verify(Purpose::Statement, payload, &signature).unwrap();
            assert!(public.verify(Purpose::Session, payload, &signature).is_err());
        }
        drop(key);
        by_hand(|session| {
            let secret = session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY)]).unwrap();
            let kept = [AttributeType::Sensitive, AttributeType::Extractable, AttributeType::Value];
            let kept = session.get_attributes(secret[0], &kept).unwrap();
            assert_eq!(kept, [Attribute::Sensitive(true), Attribute::Extractable(false)]);
        });
        assert_eq!(create(KEY).unwrap_err().class(), "key/exists");
        assert_eq!(create("pkcs11:token=Office").unwrap_err().class(), "key/uri");
    });
}

#[test]
fn keys_are_listed_by_uris_that_name_one_each() {
    with_token("keys::keys_are_listed_by_uris_that_name_one_each", "", |office| {
        office.init("Second office");
        let mut made = [
            create(KEY).unwrap(),
            create("pkcs11:token=Office;object=second;id=%01%02").unwrap(),
            create("pkcs11:token=Second%20office;object=officer").unwrap(),
        ];
        let list = at("pkcs11:", |access| access.list()).unwrap();
        let mut listed: Vec<_> = list.iter().filter_map(|key| key.key).collect();
        made.sort();
        listed.sort();
        assert_eq!(listed, made);
        for key in &list {
            assert_eq!(at(&key.uri, |access| access.public()).unwrap(), key.key.unwrap(), "{}", key.uri);
            assert_eq!(at(&key.uri, |access| access.open()).unwrap().public(), key.key.unwrap(), "{}", key.uri);
        }
        assert!(list.iter().any(|key| key.uri.ends_with("object=second;id=%01%02")), "{list:?}");
        assert_eq!(at("pkcs11:token=Office", |access| access.list()).unwrap().len(), 2);
        assert_eq!(at("pkcs11:token=Nobody", |access| access.list()).unwrap_err().class(), "key/no-token");
    });
}

#[test]
fn what_does_not_mean_one_key_is_not_guessed() {
    with_token("keys::what_does_not_mean_one_key_is_not_guessed", "", |office| {
        assert_eq!(refused(KEY), "key/not-found");
        create("pkcs11:token=Office;object=officer;id=%01").unwrap();
        // Another program does not mind a second key of one name.
        by_hand(|session| {
            let name = || Attribute::Label(b"officer".to_vec());
            let id = || Attribute::Id(vec![2]);
            let curve = Attribute::EcParams(b"\x13\x0cedwards25519".to_vec());
            let public = [Attribute::Token(true), Attribute::Private(false), name(), id(), curve];
            let private = [Attribute::Token(true), Attribute::Private(true), name(), id()];
            session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private).unwrap();
        });
        let failure = at(KEY, |access| access.open()).unwrap_err();
        assert_eq!(failure.class(), "key/two-keys");
        let text = failure.to_string();
        assert!(text.contains("object=officer;id=%01") && text.contains("object=officer;id=%02"), "{text}");
        at("pkcs11:token=Office;object=officer;id=%02", |access| access.open()).unwrap();
        let other = at("pkcs11:token=Office;object=nobody", |access| access.open()).unwrap_err().to_string();
        assert!(other.contains("object=officer;id=%01"), "{other}");
        office.init("Office");
        let failure = at(KEY, |access| access.open()).unwrap_err();
        assert_eq!(failure.class(), "key/two-tokens");
        assert!(failure.to_string().contains("serial="), "{failure}");
    });
}

#[test]
fn a_wrong_pin_is_tried_once() {
    with_token("keys::a_wrong_pin_is_tried_once", "", |office| {
        create(KEY).unwrap();
        let wrong = with_pin(KEY, "161803", |access| access.open()).unwrap_err();
        assert_eq!(wrong.class(), "key/wrong-pin");
        assert!(!format!("{wrong} {wrong:?}").contains("161803"));
        std::fs::write(office.path().join("pin"), format!("{PIN}\n")).unwrap();
        let from_file = format!("{KEY}?pin-source={}", office.path().join("pin").display());
        with_pin(&from_file, "161803", |access| access.open()).unwrap();
        let nobody =
            TokenAccess { uri: &KEY.parse().unwrap(), module: Some(std::path::Path::new(MODULE)), ask: &|_| None };
        assert_eq!(nobody.open().unwrap_err().class(), "key/no-pin");
        // What is public needs no PIN.
        nobody.public().unwrap();
        nobody.list().unwrap();
    });
}

#[test]
fn a_key_of_another_kind_is_told_from_none() {
    with_token("keys::a_key_of_another_kind_is_told_from_none", "", |_| {
        by_hand(|session| {
            let name = || Attribute::Label(b"officer".to_vec());
            // P-256, 1.2.840.10045.3.1.7
            let curve = Attribute::EcParams(vec![6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
            let public = [Attribute::Token(true), Attribute::Private(false), name(), curve];
            let private = [Attribute::Token(true), Attribute::Private(true), name()];
            session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private).unwrap();
        });
        assert_eq!(refused(KEY), "key/other-kind");
        let list = at("pkcs11:", |access| access.list()).unwrap();
        assert_eq!(list.iter().map(|key| key.key).collect::<Vec<_>>(), [None]);
    });
}

/// A secret key with this public half beside it, as a token that lies would show it.
fn beside(point: [u8; 32]) {
    by_hand(|session| {
        let (name, id) = (|| Attribute::Label(b"officer".to_vec()), || Attribute::Id(vec![1]));
        let curve = || Attribute::EcParams(b"\x13\x0cedwards25519".to_vec());
        let public = [Attribute::Token(true), Attribute::Private(false), name(), id(), curve()];
        let private = [Attribute::Token(true), Attribute::Private(true), name(), id()];
        let (public, _) = session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private).unwrap();
        session.destroy_object(public).unwrap();
        let other = [
            Attribute::Class(ObjectClass::PUBLIC_KEY),
            Attribute::KeyType(KeyType::EC_EDWARDS),
            Attribute::Token(true),
            Attribute::Private(false),
            name(),
            id(),
            curve(),
            Attribute::EcPoint([&[4, 0x20], &point[..]].concat()),
        ];
        session.create_object(&other).unwrap();
    });
}

#[test]
fn a_weak_public_key_is_refused_as_it_is_at_enrolment() {
    with_token("keys::a_weak_public_key_is_refused_as_it_is_at_enrolment", "", |_| {
        beside([0; 32]);
        assert_eq!(refused(KEY), "key/weak");
        assert_eq!(at(KEY, |access| access.public()).unwrap_err().class(), "key/weak");
        assert_eq!(at(KEY, |access| access.list()).unwrap()[0].key, None);
    });
}

#[test]
fn a_signature_that_does_not_fit_the_public_key_is_not_handed_on() {
    with_token("keys::a_signature_that_does_not_fit_the_public_key_is_not_handed_on", "", |_| {
        beside(guichet_trust::sign::SecretKey::generate([9; 32]).public().to_bytes());
        let key = at(KEY, |access| access.open()).unwrap();
        let failure = key.sign(&Purpose::Statement.message(b"statement")).unwrap_err();
        assert_eq!(failure.class(), "key/bad-signature");
    });
}

#[test]
fn a_token_without_the_mechanism_says_which() {
    with_token("keys::a_token_without_the_mechanism_says_which", "slots.mechanisms = CKM_RSA_PKCS,CKM_SHA256", |_| {
        let check = |failure: TokenFailure, mechanism: &str| {
            assert_eq!(failure.class(), "key/mechanism");
            assert!(failure.to_string().contains(mechanism), "{failure}");
        };
        check(create(KEY).unwrap_err(), "CKM_EC_EDWARDS_KEY_PAIR_GEN");
        check(at(KEY, |access| access.open()).unwrap_err(), "CKM_EDDSA");
    });
}

#[test]
fn a_module_that_is_none_is_not_loaded() {
    let failure = |query: &str| at(&format!("{KEY}?module-path={query}"), |access| access.open()).unwrap_err();
    assert!(failure("/usr/lib/none.so").to_string().ends_with("there is no such file"));
    let text = format!("{}/Cargo.toml", env!("CARGO_MANIFEST_DIR"));
    assert!(failure(&text).to_string().ends_with("it is no program library for this system"));
    let uri = KEY.parse().unwrap();
    let nowhere = TokenAccess { uri: &uri, module: None, ask: &|_| None };
    assert_eq!(nowhere.open().unwrap_err().class(), "key/no-module");
    let relative = TokenAccess { uri: &uri, module: Some("libsofthsm2.so".as_ref()), ask: &|_| None };
    assert!(relative.open().unwrap_err().to_string().ends_with("it is not a full path"));
}
