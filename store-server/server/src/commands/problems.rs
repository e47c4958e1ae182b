//! What an operator's commands are refused for, each with a hint.

use std::path::Path;

use guichet_api::Problem;
use guichet_contract::{AppId, Department};
use guichet_trust::{log::VerifierKey, sign::PublicKey};

use crate::audit::Fault;

/// The folder is a store already.
pub(super) fn already_a_store(path: &str) -> Problem {
    Problem::new(409, "init/exists", "there is a store in this folder already", "choose an empty folder with --dir")
        .at(Some(path.to_owned()))
}

/// There is no store in the folder.
pub(super) fn no_store(path: &str) -> Problem {
    Problem::new(
        404,
        "init/missing",
        "there is no store in this folder",
        "correct --dir, or make a store: guichet-store init --dir DIR",
    )
    .at(Some(path.to_owned()))
}

/// The database file of a store is not there.
pub(super) fn no_database(path: &str) -> Problem {
    Problem::new(
        404,
        "database/missing",
        "the store's database is not in its folder",
        "give --database as at init, or restore a backup: guichet-store restore",
    )
    .at(Some(path.to_owned()))
}

/// The address is not one of PostgreSQL.
pub(super) fn not_postgres() -> Problem {
    Problem::new(
        422,
        "database/address",
        "--database takes the address of a PostgreSQL database",
        "postgres://USER:PASSWORD@HOST/DATABASE; leave it away for SQLite in the store's folder",
    )
}

/// Another store lives in this database.
pub(super) fn database_in_use(place: &str) -> Problem {
    Problem::new(
        409,
        "database/in-use",
        "this database holds a store already",
        "make an empty one: createdb NAME; or open that store with its own folder",
    )
    .at(Some(place.to_owned()))
}

/// The database is not the one of this folder's store.
pub(super) fn other_database(place: &str) -> Problem {
    Problem::new(
        409,
        "database/other",
        "this database is not the one of the store in this folder",
        "correct --dir or --database; both are as they were at init",
    )
    .at(Some(place.to_owned()))
}

/// The text is no public key, or one that must not be listed.
pub(super) fn not_a_key(text: &str, refusal: &guichet_trust::Refusal) -> Problem {
    Problem::new(422, refusal.class(), refusal.what(), refusal.hint()).at(Some(format!("--key {text}")))
}

/// The security office's key is not at hand.
pub(super) fn no_targets_key(folder: &str, reason: &str) -> Problem {
    Problem::new(
        404,
        "key/unreadable",
        format!("this needs the key `targets` of the security office: {reason}"),
        "bring the medium it is kept on, and name the folder, or the key's PKCS#11 URI, with --offline",
    )
    .at(Some(folder.to_owned()))
}

/// A key on a token cannot be used.
pub(super) fn token(failure: &guichet_pkcs11::TokenFailure, uri: Option<&guichet_pkcs11::TokenUri>) -> Problem {
    Problem::new(404, failure.class(), failure.to_string(), failure.hint()).at(uri.map(ToString::to_string))
}

/// The first keys are made in a folder.
pub(super) fn no_folder_for_keys() -> Problem {
    Problem::new(
        422,
        "init/offline",
        "the first two keys are made in a folder, not on a token",
        "name a folder with --offline; the key ceremony replaces them by keys on tokens",
    )
}

/// Another server has the folder.
pub(super) fn in_use(path: &str) -> Problem {
    Problem::new(
        409,
        "serve/in-use",
        "another guichet-store is serving this store",
        "stop it first, or serve another store",
    )
    .at(Some(path.to_owned()))
}

/// The address cannot be listened at.
pub(super) fn cannot_listen(address: std::net::SocketAddr, reason: &str) -> Problem {
    Problem::new(
        409,
        "serve/address",
        format!("cannot listen at {address}: {reason}"),
        "choose another address with --listen; port 0 takes a free one",
    )
}

/// The folder is a witness' already.
pub(super) fn already_a_witness(path: &Path) -> Problem {
    Problem::new(409, "init/exists", "there is a witness in this folder already", "choose an empty folder with --dir")
        .at(Some(path.display().to_string()))
}

/// There is no witness in the folder.
pub(super) fn no_witness_here(path: &Path) -> Problem {
    Problem::new(
        404,
        "init/missing",
        "there is no witness in this folder",
        "correct --dir, or make a witness: guichet-store witness init --dir DIR --name NAME",
    )
    .at(Some(path.display().to_string()))
}

/// A witness signs logs.
pub(super) fn no_log(key: &VerifierKey) -> Problem {
    Problem::new(
        422,
        "log/key",
        format!("`{key}` is not the key of a log"),
        "give the key that `guichet-store log show` prints first",
    )
}

/// The record was touched.
pub(super) fn audit_broken(fault: &Fault) -> Problem {
    Problem::new(
        409,
        "audit/broken",
        format!("the record is not what was written: {fault}"),
        "compare it with an earlier export or backup, and find out who could write to the database",
    )
}

/// The record was changed after it was signed.
pub(super) fn audit_not_as_signed(size: u64) -> Problem {
    Problem::new(
        409,
        "audit/not-as-signed",
        format!("the first {size} entries are not those that the store signed"),
        "compare them with an earlier export or backup, and find out who could write to the database",
    )
}

/// A file that is no record.
pub(super) fn not_an_entry(path: &Path, line: u64) -> Problem {
    Problem::new(
        422,
        "audit/not-an-entry",
        format!("line {} is no entry of a record", line.saturating_add(1)),
        "give a file that `guichet-store audit export` wrote, whole",
    )
    .at(Some(path.display().to_string()))
}

/// The trust file has no log.
pub(super) fn no_log_to_watch(path: &Path) -> Problem {
    Problem::new(
        422,
        "log/policy",
        "this trust file names no log, so there is nothing to watch",
        "ask the store's operator for the newest guichet.trust.json",
    )
    .at(Some(path.display().to_string()))
}

/// There is this department.
pub(super) fn department_exists(department: &Department) -> Problem {
    Problem::new(
        409,
        "department/exists",
        format!("there is a department `{department}` already"),
        "choose another id with --id",
    )
}

/// The name would be that of another role.
pub(super) fn reserved_department(department: &Department) -> Problem {
    Problem::new(
        422,
        "department/reserved",
        format!("`{department}` cannot be a department: a role of the metadata has or could have this name"),
        "choose an id that is not root, targets, snapshot, timestamp or brake and does not end in -wide",
    )
}

/// Another department owns these app ids.
pub(super) fn prefix_taken(ours: &AppId, theirs: &AppId, department: &Department) -> Problem {
    Problem::new(
        409,
        "department/prefix-taken",
        format!("the prefix `{ours}` overlaps `{theirs}`, which belongs to `{department}`"),
        "choose a prefix that no other department's app ids lie under",
    )
}

/// Somebody has this key.
pub(super) fn key_listed(key: &PublicKey, department: &Department) -> Problem {
    Problem::new(
        409,
        "key/listed",
        format!("the key is listed for `{department}` already"),
        "make a key of its own for every publisher and reviewer: guichet key new FILE",
    )
    .at(Some(key.to_string()))
}

/// The department has no such key.
pub(super) fn key_not_listed(key: &PublicKey, department: &Department) -> Problem {
    Problem::new(
        404,
        "key/not-listed",
        format!("`{department}` has no such key"),
        "compare it with `guichet key show FILE`",
    )
    .at(Some(key.to_string()))
}

/// A file of a key ceremony cannot be read or written.
pub(super) fn ceremony_file(path: &str, reason: &str) -> Problem {
    Problem::new(
        404,
        "key/ceremony-file",
        format!("the file of the ceremony cannot be used: {reason}"),
        "give the file that `guichet-store keys prepare` wrote; it writes no file over another",
    )
    .at(Some(path.to_owned()))
}

/// The document of a ceremony is not acceptable.
pub(super) fn ceremony_refused(refusal: &guichet_trust::Refusal) -> Problem {
    Problem::new(422, refusal.class(), refusal.what(), refusal.hint()).at(refusal.place())
}

/// Not everybody who must has signed.
pub(super) fn unsigned(role: &str, by_root: u64, have: usize, threshold: u64) -> Problem {
    Problem::new(
        409,
        "key/unsigned",
        format!("the document for `{role}` has {have} of the {threshold} signatures that root {by_root} asks for"),
        "pass the file on to the next keyholder: guichet-store keys sign FILE --key KEYFILE",
    )
}

/// The store has changed since the document was prepared.
pub(super) fn ceremony_outdated(role: &str) -> Problem {
    Problem::new(
        409,
        "key/outdated",
        format!("the store has another `{role}` document by now than the one this would replace"),
        "prepare it again from the present one",
    )
}

/// Only the store's own roles have online keys.
pub(super) fn not_online(role: &str) -> Problem {
    Problem::new(
        422,
        "key/not-online",
        format!("the store has no key of its own for `{role}`"),
        "--online is for snapshot, timestamp and brake; give other keys with --add",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_and_what_to_do() {
        let app: AppId = "gov.example.permit".parse().unwrap();
        let department: Department = "residence".parse().unwrap();
        let key = guichet_trust::sign::SecretKey::generate([7; 32]).public();
        let all = [
            already_a_store("store/store.json"),
            no_store("stroe/store.json"),
            no_database("store/store.db"),
            not_postgres(),
            database_in_use("postgres://db.example/store"),
            other_database("postgres://db.example/stroe"),
            in_use("postgres://db.example/store"),
            no_targets_key("offline", "could not read `offline/targets.key`"),
            token(&guichet_pkcs11::TokenFailure::NoPin, Some(&"pkcs11:token=Office".parse().unwrap())),
            token(&guichet_pkcs11::TokenFailure::PinInUri, None),
            no_folder_for_keys(),
            in_use("store/serve.lock"),
            cannot_listen("127.0.0.1:80".parse().unwrap(), "permission denied"),
            audit_broken(&Fault { position: 7, reason: "it is missing" }),
            audit_not_as_signed(7),
            not_an_entry(Path::new("audit.jsonl"), 7),
            department_exists(&department),
            reserved_department(&department),
            prefix_taken(&app, &"gov.example".parse().unwrap(), &department),
            key_listed(&key, &department),
            key_not_listed(&key, &department),
            ceremony_file("next.json", "there is a file of this name already"),
            unsigned("root", 3, 1, 2),
            ceremony_outdated("targets"),
            not_online("residence"),
            already_a_witness(Path::new("witness/witness.json")),
            no_witness_here(Path::new("witnes/witness.json")),
            no_log(&VerifierKey::new("w.example", guichet_trust::log::Role::Witness, key).unwrap()),
            no_log_to_watch(Path::new("guichet.trust.json")),
        ];
        let text: Vec<String> = all.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(text.join("\n"));
    }
}
