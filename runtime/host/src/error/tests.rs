//! Every error as a person reads it.

use std::fmt::Write;

use guichet_contract::Part;
use guichet_trust::client::TrustedMetadata;

use super::*;

fn every_error() -> Vec<HostError> {
    let app = || "gov.example.residence.permit".parse::<AppId>().unwrap();
    let url = || "https://store.example/static/blobs/ab/abcd".to_owned();
    let path = || PathBuf::from("/home/kiosk");
    let full = io::Error::from(io::ErrorKind::StorageFull);
    let locked = io::Error::from(io::ErrorKind::PermissionDenied);
    let permission = Box::new(Permission::unlimited("host:print".parse().unwrap()));
    vec![
        HostError::HomeInUse { path: path() },
        HostError::HomeFormat { path: path(), found: "7".to_owned() },
        HostError::Disk { doing: "write a file", path: path(), why: full },
        HostError::Disk { doing: "make the home", path: path(), why: locked },
        HostError::Random,
        HostError::Unreachable { url: url(), why: "connection refused".to_owned() },
        HostError::BadAnswer { url: url(), status: 503 },
        HostError::Absent { url: url() },
        HostError::TooLarge { url: url(), most: 10 },
        HostError::Truncated { url: url(), expected: 10, found: 7 },
        HostError::Altered { url: url(), expected: Digest::of(b"signed"), found: Digest::of(b"found") },
        HostError::Undecodable { url: url(), why: "incomplete frame".to_owned() },
        HostError::CacheAltered { app: app(), file: "pages/home.html".to_owned() },
        HostError::SlotDamaged { app: app(), why: "state.json cannot be read".to_owned() },
        HostError::Metadata { refusal: TrustedMetadata::from_root(b"{").unwrap_err() },
        HostError::Package {
            subject: app().to_string(),
            refusal: guichet_package::ReleaseDocument::parse(b"{").unwrap_err(),
        },
        HostError::Unlogged { app: app(), sequence: 3 },
        HostError::Log { subject: app().to_string(), refusal: guichet_trust::log::LogProof::parse(b"{").unwrap_err() },
        HostError::Expired { role: "timestamp".to_owned(), since: 1_767_312_000_000 },
        HostError::UnknownApp { app: app() },
        HostError::NotInstalled { app: app() },
        HostError::NothingStaged { app: app() },
        HostError::Busy { app: app() },
        HostError::Rollback { app: app(), offered: 3, accepted: 4 },
        HostError::BelowFloor { app: app(), sequence: 3, floor: 4 },
        HostError::Widened { app: app(), sequence: 3, permission },
        HostError::Revoked { app: app(), sequence: 3 },
        HostError::Halted { app: app(), sequence: 3, reason: "it loses drafts".to_owned() },
        HostError::Recalled { app: app(), reason: None },
        HostError::NotYet { app: app(), sequence: 3 },
        HostError::NotAsShown { app: app(), shown: 3, sequence: 4 },
        HostError::TwoReleases { app: app(), sequence: 3 },
        HostError::DidNotOpen { app: app(), sequence: 3 },
        HostError::WouldLoseData { app: app(), sequence: 3 },
        HostError::NoChoice { app: app() },
        HostError::NoKeys { app: app(), department: "residence".parse().unwrap() },
        HostError::Platform { app: app(), wanted: 2, have: 1 },
        HostError::NoPart { app: app(), part: Part::Print },
        HostError::Misplaced { app: app().to_string(), found: "gov.example.other".to_owned() },
        HostError::NoSuchPage { app: app(), route: "pages/none".to_owned() },
        HostError::NoSuchVersion {
            app: app(),
            version: "9.0.0".to_owned(),
            there: vec!["2.0.0".to_owned(), "1.0.0".to_owned()],
            on_offer: Some("3.0.0".to_owned()),
        },
        HostError::Engine { why: "no memory".to_owned() },
    ]
}

#[test]
fn every_error_says_what_where_and_what_to_do() {
    let mut said = String::new();
    for error in every_error() {
        let Problem { class, what, place, hint } = error.problem();
        writeln!(said, "error[{class}]: {what}").unwrap();
        if let Some(place) = place {
            writeln!(said, "  --> {place}").unwrap();
        }
        writeln!(said, "  hint: {hint}").unwrap();
    }
    insta::assert_snapshot!(said);
}
