//! Policies as terminals read them, by hand and by chance.

use guichet_trust::sign::{Purpose, SecretKey};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn operator() -> SecretKey {
    SecretKey::generate([5; 32])
}

fn draft() -> Value {
    json!({
        "format": 1, "sequence": 3, "issued": "2026-11-01T00:00:00Z", "expires": "2027-11-01T00:00:00Z",
        "terminal": {"hall": "政务大厅", "name": "A-03"},
        "apps": ["gov.example.permit", "gov.example.tax.*"],
        "start": {"locale": "en", "mode": "elder", "contrast": "more"},
        "idle": {"warn_seconds": 30, "reset_seconds": 50},
        "hours": [{"days": ["mon", "tue"], "from": "08:30", "to": "17:00"}, {"days": ["sat"], "from": "09:00", "to": "24:00"}],
        "devices": {"printers": [{"name": "A4", "ipp": "ipp://localhost/printers/a4"}]},
        "network": {"max_offline_days": 3},
        "staff": {"pin": hash()},
    })
}

fn hash() -> String {
    PinHash { memory: 19_456, passes: 2, lanes: 1, salt: [1; 16], hash: [2; 32] }.to_string()
}

fn read(draft: &Value) -> Result<Policy, Refusal> {
    Policy::read(draft.to_string().as_bytes())
}

fn sign(policy: &Policy, key: &SecretKey) -> SignedPolicy {
    let message = SignedPolicy::message(&policy.to_bytes().unwrap());
    SignedPolicy::attach(policy, &key.public(), key.sign_message(&message)).unwrap()
}

#[test]
fn a_policy_says_what_a_terminal_is_for() {
    let policy = read(&draft()).unwrap();
    let offers = |app: &str| policy.offers(&app.parse().unwrap());
    assert!(offers("gov.example.permit") && offers("gov.example.tax.income"));
    assert!(!offers("gov.example.permit.other") && !offers("gov.example.tax") && !offers("gov.example.taxes.income"));
    assert!(policy.is_open(Day::Mon, 8 * 60 + 30) && policy.is_open(Day::Tue, 17 * 60 - 1));
    assert!(!policy.is_open(Day::Mon, 17 * 60) && !policy.is_open(Day::Wed, 600));
    assert!(policy.is_open(Day::Sat, 24 * 60 - 1));
    assert_eq!((policy.start.locale.tag(), policy.start.mode), ("en", Mode::Elder));
}

#[test]
fn what_is_absent_has_a_meaning() {
    let least = json!({
        "format": 1, "sequence": 1, "issued": "2026-11-01T00:00:00Z", "expires": "2027-11-01T00:00:00Z",
        "terminal": {"hall": "h", "name": "n"},
    });
    let policy = read(&least).unwrap();
    assert!(policy.offers(&"any.app".parse().unwrap()) && policy.is_open(Day::Sun, 0));
    assert_eq!(policy.idle, Idle { warn_seconds: 60, reset_seconds: 90 });
    assert_eq!(policy.idle.ends_after(), 90);
    let short = Idle { warn_seconds: 30, reset_seconds: 35 };
    assert_eq!(short.ends_after(), 50, "people have 20 seconds to say that they are there");
    assert_eq!((policy.network.max_offline_days, policy.start.locale), (7, Locale::ZhHans));
    assert!(policy.staff.is_none() && policy.devices.is_none());
    let mut nothing = least;
    nothing["apps"] = json!([]);
    assert!(!read(&nothing).unwrap().offers(&"any.app".parse().unwrap()), "an empty list offers nothing");
}

#[test]
fn a_policy_ends() {
    let policy = read(&draft()).unwrap();
    let end = policy.expires.as_millis();
    assert_eq!(policy.check_current(end - 1), Ok(()));
    assert_eq!(policy.check_current(end), Err(PolicyRefusal::Expired { expires: policy.expires }));
}

#[test]
fn every_fault_says_what_is_wrong() {
    let mut said = String::new();
    let mut check = |pointer: &str, value: Value| {
        let mut wrong = draft();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        wrong.pointer_mut(parent).unwrap()[member] = value;
        let refusal = read(&wrong).unwrap_err();
        said += &format!("[{}] {}\n", refusal.class(), refusal.what());
    };
    check("/format", json!(2));
    check("/sequence", json!(0));
    check("/sequence", json!(-1));
    check("/issued", json!("2026-11-01"));
    check("/expires", json!("2026-11-01T00:00:00Z"));
    check("/colour", json!("red"));
    check("/terminal/hall", json!(""));
    check("/terminal/name", json!("a\nb"));
    check("/terminal/name", json!("a\u{202e}b"));
    check("/apps", json!(["gov"]));
    check("/apps", json!(["*"]));
    check("/start/locale", json!("fr"));
    check("/start/mode", json!("Elder"));
    check("/start/theme", json!("dark"));
    check("/idle/warn_seconds", json!(9));
    check("/idle/reset_seconds", json!(34));
    check("/idle/warn_seconds", json!(4_294_967_295_u32));
    check("/hours", json!([{"days": ["mon"], "from": "17:00", "to": "08:30"}]));
    check("/hours", json!([{"days": ["mon"], "from": "8:30", "to": "17:00"}]));
    check("/hours", json!([{"days": [], "from": "08:30", "to": "17:00"}]));
    check("/hours", json!([{"days": ["someday"], "from": "08:30", "to": "17:00"}]));
    check("/devices", json!([]));
    check("/network/max_offline_days", json!(0));
    check("/staff/pin", json!("1234"));
    check("/staff/pin", json!(hash().replace("m=19456", "m=4294967295")));
    check("/staff/pin", json!(hash().replace("argon2id", "argon2i")));
    insta::assert_snapshot!(said, @r"
    [document/format] the policy is of format 2, and this program knows format 1
    [document/invalid] the policy is wrong: `sequence` is not a number of at least 1
    [json/shape] the policy cannot be read: the JSON does not have the expected members: invalid value: integer `-1`, expected u64
    [json/shape] the policy cannot be read: the JSON does not have the expected members: `2026-11-01` is not a time such as 2030-01-01T00:00:00Z
    [document/invalid] the policy is wrong: `expires` is not later than `issued`
    [json/shape] the policy cannot be read: the JSON does not have the expected members: unknown field `colour`, expected one of `format`, `sequence`, `issued`, `expires`, `terminal`, `apps`, `start`, `idle`, `hours`, `devices`, `network`, `staff`
    [document/invalid] the policy is wrong: `terminal.hall` is not one line of 1 to 64 characters
    [document/invalid] the policy is wrong: `terminal.name` is not one line of 1 to 64 characters
    [document/invalid] the policy is wrong: `terminal.name` is not one line of 1 to 64 characters
    [json/shape] the policy cannot be read: the JSON does not have the expected members: `gov` is not an app id: two or more labels of a-z, 0-9 and -, each beginning with a letter, joined by dots
    [json/shape] the policy cannot be read: the JSON does not have the expected members: `*` is not an app id: two or more labels of a-z, 0-9 and -, each beginning with a letter, joined by dots
    [json/shape] the policy cannot be read: the JSON does not have the expected members: unknown variant `fr`, expected `zh-Hans` or `en`
    [json/shape] the policy cannot be read: the JSON does not have the expected members: unknown variant `Elder`, expected `standard` or `elder`
    [json/shape] the policy cannot be read: the JSON does not have the expected members: unknown field `theme`, expected one of `locale`, `mode`, `contrast`
    [document/invalid] the policy is wrong: `idle.warn_seconds` is not between 10 and 3600
    [document/invalid] the policy is wrong: `idle.reset_seconds` is not between 5 seconds after the warning and 7200
    [document/invalid] the policy is wrong: `idle.warn_seconds` is not between 10 and 3600
    [document/invalid] the policy is wrong: `hours` is not lines with days, and with `from` before `to`
    [json/shape] the policy cannot be read: the JSON does not have the expected members: `8:30` is not a time of day such as 08:30
    [document/invalid] the policy is wrong: `hours` is not lines with days, and with `from` before `to`
    [json/shape] the policy cannot be read: the JSON does not have the expected members: unknown variant `someday`, expected one of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`
    [document/invalid] the policy is wrong: `devices` is not an object with the members of devices.json
    [document/invalid] the policy is wrong: `network.max_offline_days` is not between 1 and 365
    [json/shape] the policy cannot be read: the JSON does not have the expected members: it is not an argon2id hash in PHC form with 16 bytes of salt and 32 of hash, such as `guichet policy new` writes
    [json/shape] the policy cannot be read: the JSON does not have the expected members: it is not an argon2id hash in PHC form with 16 bytes of salt and 32 of hash, such as `guichet policy new` writes
    [json/shape] the policy cannot be read: the JSON does not have the expected members: it is not an argon2id hash in PHC form with 16 bytes of salt and 32 of hash, such as `guichet policy new` writes
    ");
}

#[test]
fn only_what_the_operator_signed_for_this_purpose_is_a_policy() {
    let (policy, key) = (read(&draft()).unwrap(), operator());
    let signed = sign(&policy, &key);
    let file = signed.to_bytes().unwrap();
    assert_eq!(SignedPolicy::verify(&file, &key.public()).unwrap(), signed);
    assert_eq!(SignedPolicy::unverified(&file).unwrap(), (policy.clone(), key.public().id()));
    let class = |file: &[u8], key: &SecretKey| SignedPolicy::verify(file, &key.public()).unwrap_err().class();
    assert_eq!(class(&file, &SecretKey::generate([6; 32])), "policy/other-key");

    let bytes = policy.to_bytes().unwrap();
    for purpose in Purpose::ALL.into_iter().filter(|purpose| *purpose != Purpose::Policy) {
        let refused = SignedPolicy::attach(&policy, &key.public(), key.sign(purpose, &bytes)).unwrap_err();
        assert_eq!(refused.class(), "policy/bad-signature", "{purpose:?}");
    }
    let altered = String::from_utf8(file.clone()).unwrap().replace("A-03", "A-04");
    assert_eq!(class(altered.as_bytes(), &key), "policy/bad-signature");
    // Whoever signs with a wrong key and names the right one is found out by the signature.
    let other = sign(&policy, &SecretKey::generate([6; 32])).to_bytes().unwrap();
    let other = String::from_utf8(other).unwrap();
    let claimed =
        other.replace(&SecretKey::generate([6; 32]).public().id().to_string(), &key.public().id().to_string());
    assert_eq!(class(claimed.as_bytes(), &key), "policy/bad-signature");
    assert_eq!(class(b"{}", &key), "json/shape");
    assert_eq!(class(&vec![b' '; 600_000], &key), "document/too-large");
}

#[test]
fn what_is_signed_is_the_one_form_of_a_policy() {
    let key = operator();
    let text = draft().to_string().replace("{\"", "{ \"");
    let signature = key.sign(Purpose::Policy, text.as_bytes());
    let file =
        json!({"format": 1, "policy": text, "key": key.public().id().to_string(), "signature": signature.to_string()});
    let refusal = SignedPolicy::verify(file.to_string().as_bytes(), &key.public()).unwrap_err();
    assert_eq!(refusal.class(), "json/not-canonical");
}

#[test]
fn every_refusal_has_words() {
    let (a, b) = (operator().public().id(), SecretKey::generate([6; 32]).public().id());
    let name = |name: &str| TerminalName { hall: "East".to_owned(), name: name.to_owned() };
    let refusals = [
        PolicyRefusal::OtherKey { key: b, operator: a },
        PolicyRefusal::BadSignature { key: a },
        PolicyRefusal::Expired { expires: Expiry::at(1_767_312_000_000) },
        PolicyRefusal::Rollback { found: 3, highest: 4 },
        PolicyRefusal::TwoOfOneNumber { sequence: 4 },
        PolicyRefusal::OtherTerminal { found: name("A-04"), expected: name("A-03") },
    ];
    let said = refusals.map(|refusal| {
        let refusal = Refusal::from(refusal);
        format!("[{}] {}\n  hint: {}\n", refusal.class(), refusal.what(), refusal.hint())
    });
    insta::assert_snapshot!(said.concat(), @r"
    [policy/other-key] the policy is signed by key 91a6b26476bdd31d34f4f34e89e00b20be72acfc23f262676613e97fc39e97ac, and this terminal obeys e9d933784bfeb1d51791fdd145c115646e16ccff141fedbfaf2dea96bb2abf0e
      hint: sign it with the operator's key, or give the terminal the right operator.pub
    [policy/bad-signature] the signature over the policy was not made by key e9d933784bfeb1d51791fdd145c115646e16ccff141fedbfaf2dea96bb2abf0e
      hint: the file was altered after it was signed: sign the policy again
    [policy/expired] the policy ended on 2026-01-02T00:00:00Z
      hint: sign one with a higher sequence and a later end, and check the terminal's clock
    [policy/rollback] the policy has sequence 3, and this terminal has had 4
      hint: sign it with sequence 5 or more
    [policy/two-of-one-number] this terminal has had another policy with sequence 4
      hint: sign it with sequence 5 or more
    [policy/other-terminal] the policy is for A-04 in East, and this terminal is A-03 in East
      hint: give this terminal the policy that names it
    ");
}

#[test]
fn the_operators_key_is_read_as_it_is_shown() {
    let key = operator().public();
    for text in [format!("{key}"), format!("{key}\n"), format!("key  {key}\nid   {}\n", key.id())] {
        assert_eq!(operator_key(&text), Ok(key));
    }
    let two = format!("{key} {}", SecretKey::generate([6; 32]).public());
    for text in ["", "ed25519:12", "no key", &two] {
        assert_eq!(operator_key(text).unwrap_err().class(), "key/format", "{text}");
    }
}

#[test]
fn a_hash_of_a_pin_has_one_spelling_and_is_not_printed() {
    let hash: PinHash = hash().parse().unwrap();
    assert_eq!(format!("{hash:?}"), "PinHash(…)");
    let text = hash.to_string();
    for other in
        [text.replace("m=19456", "m=019456"), format!("{text}="), text.replace("v=19", "v=16"), format!("{text}$")]
    {
        let wrong = other.parse::<PinHash>().unwrap_err();
        assert!(!wrong.contains("19456"), "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is read can be written, and what is written reads as the same; nothing panics.
    #[test]
    fn what_is_read_is_written_as_the_same(
        member in 0_usize..9, number in any::<i64>(), text in ".{0,12}", cut in any::<prop::sample::Index>(),
    ) {
        let mut value = draft();
        let place = ["/sequence", "/terminal/hall", "/apps/0", "/start/locale", "/idle/warn_seconds", "/hours/0/from", "/devices", "/network/max_offline_days", "/staff/pin"][member];
        if let Some(found) = value.pointer_mut(place) {
            *found = if number % 2 == 0 { json!(number) } else { json!(text) };
        }
        let bytes = value.to_string();
        if let Ok(policy) = Policy::read(bytes.as_bytes()) {
            let written = policy.to_bytes().unwrap();
            prop_assert_eq!(Policy::parse(&written).unwrap(), policy);
        }
        let at = cut.index(bytes.len());
        let _ = Policy::read(bytes.as_bytes().get(..at).unwrap_or_default());
        let _ = SignedPolicy::verify(bytes.as_bytes(), &operator().public());
    }
}
