//! A terminal and its policy files, read, replaced and refused.

use std::{fmt::Write as _, fs};

use guichet_trust::{
    metadata::Expiry,
    sign::{Purpose, SecretKey},
};
use tempfile::TempDir;

use super::*;
use crate::listing::{Freshness, Problem};

const DAY: u64 = 24 * 60 * 60 * 1000;
/// 2026-11-01T00:00:00Z
const ISSUED: u64 = 1_793_491_200_000;

fn operator() -> SecretKey {
    SecretKey::generate([5; 32])
}

fn policy(sequence: u64) -> Policy {
    Policy {
        format: 1,
        sequence,
        issued: Expiry::at(ISSUED),
        expires: Expiry::at(ISSUED + 100 * DAY),
        terminal: TerminalName { hall: "East".to_owned(), name: "A-03".to_owned() },
        apps: None,
        start: Start::default(),
        idle: Idle::default(),
        hours: Vec::new(),
        devices: None,
        network: Network::default(),
        staff: None,
    }
}

fn signed(policy: &Policy) -> Vec<u8> {
    let signature = operator().sign(Purpose::Policy, &policy.to_bytes().unwrap());
    SignedPolicy::attach(policy, &operator().public(), signature).unwrap().to_bytes().unwrap()
}

struct Place {
    folder: TempDir,
    files: PolicyFiles,
    home: PathBuf,
}

fn place(policy: &Policy) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let files = PolicyFiles::beside(&folder.path().join("kiosk.json"));
    fs::write(&files.policy, signed(policy)).unwrap();
    fs::write(&files.operator_key, format!("{}\n", operator().public())).unwrap();
    let home = folder.path().join("home");
    Place { folder, files, home }
}

impl Place {
    fn read(&self) -> Result<SignedPolicy, PolicyError> {
        self.files.read(&self.home, ISSUED + DAY)
    }

    fn replace(&self, policy: &Policy) -> Result<SignedPolicy, PolicyError> {
        self.files.replace(&signed(policy), &self.home, ISSUED + DAY)
    }
}

fn class(result: Result<SignedPolicy, PolicyError>) -> &'static str {
    result.unwrap_err().class()
}

#[test]
fn the_others_lie_beside_the_policy() {
    let place = place(&policy(1));
    assert_eq!(place.files.trust, place.folder.path().join("guichet.trust.json"));
    assert_eq!(place.read().unwrap().policy(), &policy(1));
}

#[test]
fn a_sequence_never_goes_back() {
    let place = place(&policy(4));
    place.read().unwrap();
    place.read().unwrap();
    fs::write(&place.files.policy, signed(&policy(3))).unwrap();
    assert_eq!(class(place.read()), "policy/rollback");
    let other = Policy { network: Network { max_offline_days: 3 }, ..policy(4) };
    assert_eq!(class(place.replace(&other)), "policy/two-of-one-number");
    assert_eq!(class(place.read()), "policy/rollback", "what was refused is not written");
    place.replace(&policy(6)).unwrap();
    assert_eq!(place.read().unwrap().policy().sequence, 6);
    assert_eq!(class(place.replace(&policy(5))), "policy/rollback");
}

#[test]
fn a_damaged_memory_brings_no_old_policy_back() {
    let place = place(&policy(4));
    place.read().unwrap();
    fs::write(place.home.join("policy.json"), b"{").unwrap();
    assert_eq!(class(place.read()), "disk/failed");
}

#[test]
fn a_policy_of_another_terminal_is_not_taken() {
    let place = place(&policy(1));
    place.read().unwrap();
    let terminal = TerminalName { hall: "East".to_owned(), name: "A-04".to_owned() };
    assert_eq!(class(place.replace(&Policy { terminal, ..policy(2) })), "policy/other-terminal");
}

#[test]
fn a_policy_ends_by_the_clock_and_not_by_one_that_was_set_back() {
    let place = place(&policy(1));
    assert_eq!(class(place.files.read(&place.home, ISSUED + 100 * DAY)), "policy/expired");
    assert!(!place.home.exists(), "what is refused leaves nothing behind");
    let old = Policy { issued: Expiry::at(ISSUED + 99 * DAY), ..policy(2) };
    place.files.replace(&signed(&old), &place.home, 0).unwrap();
}

#[test]
fn what_is_missing_or_wrong_says_what_to_do() {
    let place = place(&policy(1));
    let mut said = String::new();
    let mut tell = |error: PolicyError| {
        let Problem { class, what, place: at, hint } = error.problem();
        let at = at.unwrap().replace(&place.folder.path().display().to_string(), "/etc/guichet");
        writeln!(said, "error[{class}]: {what}\n  --> {at}\n  hint: {hint}").unwrap();
    };
    fs::remove_file(&place.files.operator_key).unwrap();
    tell(place.read().unwrap_err());
    fs::write(&place.files.operator_key, "ed25519:12").unwrap();
    tell(place.read().unwrap_err());
    fs::write(&place.files.operator_key, SecretKey::generate([6; 32]).public().to_string()).unwrap();
    tell(place.read().unwrap_err());
    fs::write(&place.files.operator_key, operator().public().to_string()).unwrap();
    fs::write(&place.files.policy, "{}").unwrap();
    tell(place.read().unwrap_err());
    let folder = place.folder.path().join("none");
    let files = PolicyFiles { policy: folder.join("kiosk.json"), ..place.files.clone() };
    tell(files.replace(&signed(&policy(1)), &place.home, ISSUED).unwrap_err());
    insta::assert_snapshot!(said, @r"
    error[policy/unreadable]: the file cannot be read: No such file or directory (os error 2)
      --> /etc/guichet/operator.pub
      hint: enrol this terminal with guichet-kiosk --enrol CODE --store URL, or put policy, operator.pub and guichet.trust.json there
    error[key/format]: `ed25519:12` is not a public key
      --> /etc/guichet/operator.pub
      hint: write the line that guichet key show prints for the operator's key
    error[policy/other-key]: the policy is signed by key e9d933784bfeb1d51791fdd145c115646e16ccff141fedbfaf2dea96bb2abf0e, and this terminal obeys 91a6b26476bdd31d34f4f34e89e00b20be72acfc23f262676613e97fc39e97ac
      --> /etc/guichet/kiosk.json
      hint: sign it with the operator's key, or give the terminal the right operator.pub
    error[json/shape]: the signed policy cannot be read: the JSON does not have the expected members: missing field `format`
      --> /etc/guichet/kiosk.json
      hint: compare it with docs/reference/formats.md
    error[policy/unwritable]: the policy cannot be written: No such file or directory (os error 2)
      --> /etc/guichet/none/kiosk.json
      hint: see that the folder belongs to the user that runs this program, and that the disk is not full
    ");
}

#[cfg(unix)]
#[test]
fn what_is_put_in_place_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = place(&policy(1));
    place.replace(&policy(2)).unwrap();
    for path in [place.files.policy.clone(), place.home.join("policy.json")] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::metadata(&place.home).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_terminal_says_when_it_has_been_alone_for_too_long() {
    let policy = policy(1);
    let last = ISSUED + 10 * DAY;
    let fresh = |expired| Freshness { last_refresh_ms: Some(last), expired_since_ms: None, expired, last_error: None };
    let after = |days: u64, expired| offline(last + days * DAY, &policy, &fresh(expired));
    assert_eq!(after(1, false), Offline::No);
    assert_eq!(after(2, true), Offline::Stale { since_ms: last });
    assert_eq!(after(7, true), Offline::Stale { since_ms: last });
    assert_eq!(after(8, true), Offline::TooLong { since_ms: last, most_days: 7 });
    let never = Freshness { last_refresh_ms: None, ..fresh(true) };
    assert_eq!(offline(ISSUED + DAY, &policy, &never), Offline::Stale { since_ms: ISSUED });
    assert_eq!(offline(ISSUED + 8 * DAY, &policy, &never), Offline::TooLong { since_ms: ISSUED, most_days: 7 });
    // A clock that was set back makes nothing young again.
    assert_eq!(time_floor(0, &policy, &fresh(false)), last);
    assert_eq!(offline(last - 2 * DAY, &policy, &fresh(false)), Offline::Stale { since_ms: last });
}
