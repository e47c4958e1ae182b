//! Everything the store may answer instead of doing what it was asked, each with a hint.

use guichet_api::{CheckState, PersonRole, Problem, SubmissionState};
use guichet_contract::{AppId, Channel, Department};

use crate::access::Denied;

/// The package is not acceptable.
pub fn package(refusal: &guichet_package::Refusal) -> Problem {
    Problem::new(422, refusal.class(), refusal.what(), refusal.hint()).at(refusal.place())
}

/// A signed document is not acceptable.
pub fn document(role: &str, refusal: guichet_trust::Refusal) -> Problem {
    let refusal = refusal.at(role);
    Problem::new(422, refusal.class(), refusal.what(), refusal.hint()).at(refusal.place())
}

/// No token, or one that nobody has.
pub fn unknown_token() -> Problem {
    Problem::new(
        401,
        "access/unknown-token",
        "the token is missing or not known here",
        "send `Authorization: Bearer <token>`; set GUICHET_TOKEN to the token an administrator gave you, or ask for a new one",
    )
}

/// The person may not do this.
pub fn denied(denied: Denied, role: PersonRole, department: Option<&Department>) -> Problem {
    match (denied, department) {
        (Denied::Department, Some(department)) => Problem::new(
            403,
            "access/department",
            format!("this belongs to the department `{department}`, and you do not"),
            format!("ask somebody of `{department}`"),
        ),
        (Denied::Token, _) => Problem::new(
            403,
            "access/token",
            "this token may not do that, though the person it acts for may",
            "use a token that may, or the person's own; who it acts for makes them on the page `Your account`",
        ),
        (Denied::Role | Denied::Department, _) => wrong_role(role),
    }
}

/// The person's role never allows this.
pub fn wrong_role(role: PersonRole) -> Problem {
    Problem::new(
        403,
        "access/role",
        format!("{} may not do this", role.with_article()),
        "ask a person with the right role; `guichet status` shows yours",
    )
}

/// The submitter wants to decide on their own submission.
pub fn self_approval() -> Problem {
    Problem::new(
        403,
        "review/self-approval",
        "you submitted this, so someone else must review it",
        "it stays in the queue; ask another reviewer of your department",
    )
}

/// The reviewer has signed this before.
pub fn already_approved() -> Problem {
    Problem::new(
        409,
        "review/already-approved",
        "you have signed this already",
        "it needs another reviewer's signature; ask a colleague",
    )
}

/// There is no such check of this submission.
pub fn no_such_check(name: &str) -> Problem {
    Problem::new(
        404,
        "submission/no-such-check",
        format!("this submission has no check `{name}`"),
        "GET its checks to see which there are",
    )
}

/// There is no such picture of this submission.
pub fn no_such_picture(name: &str) -> Problem {
    Problem::new(
        404,
        "submission/no-such-picture",
        format!("this submission has no picture `{name}`"),
        "GET its pictures to see which there are; they are taken while it is in review",
    )
}

/// What was sent are no journeys.
pub fn not_journeys(why: &str) -> Problem {
    Problem::new(
        422,
        "submission/not-journeys",
        format!("these are no journeys: {why}"),
        "send the scripts below tests/, such as tests/report.js, at most 64 of them and 2 MiB together",
    )
}

/// This store makes no checks.
pub fn no_checks() -> Problem {
    Problem::new(
        409,
        "submission/no-checks",
        "this store makes no checks now",
        "whoever runs it starts it with `guichet-store serve --checks on`",
    )
}

/// A check cannot be made again now.
pub fn not_now(check: CheckState, state: SubmissionState) -> Problem {
    Problem::new(
        409,
        "submission/check-not-now",
        format!("the check is {} and the submission {}", check.as_str(), state.as_str()),
        "wait until it has ended; what nobody decides on any more is not looked at again",
    )
}

/// The submission has moved on.
pub fn too_late(state: SubmissionState) -> Problem {
    Problem::new(
        409,
        "review/too-late",
        format!("the submission is {state}, so this can no longer be done"),
        "look at its history; submit a new version if it still needs to change",
    )
}

/// A package cannot take the place of this one.
pub fn not_replaced(id: &str) -> Problem {
    Problem::new(
        409,
        "submission/not-replaced",
        format!("`{id}` is of another app or channel, or was released already"),
        "replace a submission of the same app that is not released; a newer release replaces an older one by itself",
    )
    .at(Some("?replaces=".to_owned()))
}

/// There is no such submission.
pub fn no_such_submission(id: &str) -> Problem {
    Problem::new(
        404,
        "submission/not-found",
        format!("there is no submission `{id}`"),
        "`guichet review list` shows those there are",
    )
}

/// There is nothing at this address.
pub fn no_such_page(method: &str, path: &str) -> Problem {
    Problem::new(
        404,
        "request/not-found",
        format!("there is nothing to {method} at `{path}`"),
        "the addresses are listed in /api/v1/openapi.json",
    )
}

/// The version is not above every earlier one.
pub fn version_not_higher(app_id: &AppId, code: u64, highest: u64) -> Problem {
    Problem::new(
        409,
        "submission/version-not-higher",
        format!("version code {code} of {app_id} is not higher than {highest}, which was submitted before"),
        format!("set \"code\" to {} or more and build again", highest.saturating_add(1)),
    )
    .at(Some("manifest.json: version.code".to_owned()))
}

/// The body is longer than a package may be.
pub fn too_large(limit: u64) -> Problem {
    Problem::new(
        413,
        "submission/too-large",
        format!("the package is larger than {limit} bytes"),
        "leave out what the app does not need; `guichet inspect` lists files by size",
    )
}

/// The body ended or stalled before its end.
pub fn upload_broken(reason: &str) -> Problem {
    Problem::new(
        400,
        "submission/upload-broken",
        format!("the upload did not come through: {reason}"),
        "nothing was kept; send it again",
    )
}

/// The body is not the JSON that belongs here.
pub fn not_the_json(reason: &str) -> Problem {
    Problem::new(
        400,
        "request/not-json",
        format!("the body is not what belongs here: {reason}"),
        "send JSON with `Content-Type: application/json`, as described in /api/v1/openapi.json",
    )
}

/// What stands after the `?` is not what was expected.
pub fn not_the_query(reason: &str) -> Problem {
    Problem::new(
        400,
        "request/query",
        format!("what stands after the `?` is not what belongs there: {reason}"),
        "name each parameter once, as described in /api/v1/openapi.json",
    )
}

/// The filter is not a state.
pub fn unknown_state(text: &str) -> Problem {
    let states: Vec<&str> = SubmissionState::ALL.iter().map(|state| state.as_str()).collect();
    Problem::new(
        400,
        "request/unknown-state",
        format!("`{text}` is not a state of a submission"),
        format!("use one of {}", states.join(", ")),
    )
    .at(Some("?state=".to_owned()))
}

/// A refusal must say why.
pub fn no_reason() -> Problem {
    Problem::new(
        422,
        "review/no-reason",
        "a refusal needs a reason",
        "say what the publisher is to change, in 1 to 2000 characters",
    )
    .at(Some("reason".to_owned()))
}

/// A message must say something.
pub fn no_message(longest: usize) -> Problem {
    Problem::new(
        422,
        "review/no-message",
        "there is nothing in this message, or too much",
        format!("write 1 to {longest} characters"),
    )
    .at(Some("text".to_owned()))
}

/// The department's role is not delegated yet, or has too few keys.
pub fn no_reviewer_keys(role: &str, keys: usize, threshold: u32) -> Problem {
    Problem::new(
        409,
        "review/too-few-keys",
        format!("the role `{role}` needs {threshold} reviewers' keys and has {keys}"),
        "an administrator adds one with `guichet-store keys reviewer add --department … --key ed25519:…`",
    )
}

/// The posted documents are not those the proposal asks for.
pub fn wrong_roles(wanted: &[&str]) -> Problem {
    Problem::new(
        422,
        "review/wrong-roles",
        "the approval does not hold exactly one document for every role that still needs one",
        format!("sign the proposal again: {}", wanted.join(", ")),
    )
    .at(Some("documents".to_owned()))
}

/// A posted document is not the current one plus the release.
pub fn not_the_proposal(role: &str, difference: &str) -> Problem {
    Problem::new(
        422,
        "review/not-the-proposal",
        format!("the signed document of `{role}` is not what was proposed: {difference}"),
        "fetch the proposal again and sign that; if it happens twice, tell the store's operator",
    )
    .at(Some(role.to_owned()))
}

/// Another release came first, so what was signed no longer follows.
pub fn outdated(role: &str, expected: u64, found: u64) -> Problem {
    Problem::new(
        409,
        "review/outdated",
        format!("the document of `{role}` is version {found}; the next one must be {expected}"),
        "another release came in between; fetch the proposal again and sign that",
    )
    .at(Some(role.to_owned()))
}

/// No signature of a listed reviewer, or none that was not there before.
pub fn no_new_signature(role: &str) -> Problem {
    Problem::new(
        422,
        "review/no-new-signature",
        format!("the document of `{role}` has no new signature by a key that may sign it"),
        "sign with a key that an administrator has listed; `guichet key show FILE` prints yours",
    )
    .at(Some(role.to_owned()))
}

/// A form came from another site.
pub fn foreign_form() -> Problem {
    Problem::new(
        403,
        "access/foreign-form",
        "this form was sent from another site",
        "open the console itself and try again",
    )
}

/// There is nothing to halt or to let go on.
pub fn never_released(app_id: &AppId, channel: &Channel) -> Problem {
    Problem::new(
        404,
        "release/not-found",
        format!("`{app_id}` has no release on the channel `{channel}`"),
        "compare the app id and the channel with the console; what is not released yet can be refused in review",
    )
}

/// There is no such release.
pub fn no_such_release(app_id: &AppId, channel: &Channel, sequence: u64) -> Problem {
    Problem::new(
        404,
        "release/not-found",
        format!("`{app_id}` has no release {sequence} on the channel `{channel}`"),
        "the console and `guichet status APP_ID` list the releases with their sequence",
    )
}

/// More may take part than reviewers have signed for.
pub fn beyond_the_rollout(most: u16) -> Problem {
    Problem::new(
        422,
        "release/beyond-rollout",
        format!("the reviewers have signed for {most} of 10000 terminals at most"),
        "stay within that; a new submission can be for more",
    )
    .at(Some("ceiling".to_owned()))
}

/// A release cannot begin like this.
pub fn not_a_beginning() -> Problem {
    Problem::new(
        422,
        "release/beginning",
        "a release begins with 0 to 10000 of 10000 terminals, in groups named like `pilot-hall`",
        "name at most 32 groups of 1 to 32 small letters, digits and hyphens",
    )
}

/// The brake holds it, so it cannot be let out further.
pub fn is_halted(app_id: &AppId, channel: &Channel) -> Problem {
    Problem::new(
        409,
        "release/halted",
        format!("the releases of `{app_id}` on the channel `{channel}` are halted"),
        "let them go on first; they go on as far as they had come",
    )
}

/// The release was recalled or fell below the floor.
pub fn not_allowed_any_more(app_id: &AppId, sequence: u64) -> Problem {
    Problem::new(
        409,
        "release/not-allowed",
        format!("release {sequence} of `{app_id}` was recalled or is below the floor"),
        "go back to another release, or submit a new version",
    )
}

/// The newest release has these very contents.
pub fn already_current(app_id: &AppId, sequence: u64) -> Problem {
    Problem::new(
        409,
        "release/current",
        format!("the newest release of `{app_id}` has the contents of release {sequence} already"),
        "there is nothing to do",
    )
}

/// The app is taken back already.
pub fn already_recalled(app_id: &AppId) -> Problem {
    Problem::new(
        409,
        "release/recalled",
        format!("`{app_id}` is taken back already"),
        "submit a new version, or go back to a release that was not recalled",
    )
}

/// A reason is needed.
pub fn no_stop_reason(longest: usize) -> Problem {
    Problem::new(
        422,
        "release/no-reason",
        format!("say why in 1 to {longest} characters of plain text"),
        "people at the devices and in the history will read it",
    )
}

/// A file that the folder should have is not in it.
pub fn not_in_folder(path: &str) -> Problem {
    Problem::new(
        404,
        "file/missing",
        "the folder lacks a file that it has promised",
        "the copy is not complete: export it again, or copy it again; the mirror was not changed",
    )
    .at(Some(path.to_owned()))
}

/// A file of the folder is not what was signed.
pub fn not_as_signed(path: &str) -> Problem {
    Problem::new(
        422,
        "file/altered",
        "a file of the folder is not what was signed",
        "export it again with --all; if it stays so, somebody has changed it on the way. What the mirror offers was not changed",
    )
    .at(Some(path.to_owned()))
}

/// The envelope is not one of ours.
pub fn wrong_envelope() -> Problem {
    Problem::new(
        422,
        "beacon/envelope",
        "the envelope is not of format 1, or holds nothing, more than 64 beacons or counts, or a count that is not 1 to 10000",
        "see `BeaconEnvelope` in /api/v1/openapi.json",
    )
}

/// One address tells too much.
pub fn too_many_envelopes() -> Problem {
    Problem::new(
        429,
        "beacon/too-many",
        "this address has told enough for this minute",
        "keep them and tell them later, or drop them: nothing depends on them",
    )
}

/// An address, a token or a person asks too often.
pub fn too_many_requests() -> Problem {
    Problem::new(
        429,
        "request/too-many",
        "that is more than may be asked within a minute",
        "wait a minute and go on; a program waits for as long as `Retry-After` says",
    )
}

/// Nothing holds the releases.
pub fn not_halted(app_id: &AppId, channel: &Channel) -> Problem {
    Problem::new(
        409,
        "release/not-halted",
        format!("nothing holds the releases of `{app_id}` on the channel `{channel}`"),
        "there is nothing to do; `guichet-store admin halt` would halt them",
    )
}

/// This is not a witness, or not where one answers.
pub fn no_witness(key: &str, url: &str) -> Problem {
    Problem::new(
        422,
        "log/key",
        format!("`{key}` at `{url}` is not a witness and its address"),
        "give the key that `guichet-store witness init` printed, and an address of https or http",
    )
}

/// There is no such witness.
pub fn not_a_witness(key: &str) -> Problem {
    Problem::new(
        404,
        "log/not-a-witness",
        format!("`{key}` is not among the witnesses"),
        "`guichet-store log show` lists them",
    )
}

/// More witnesses would have to sign than there are.
pub fn quorum_too_high(needed: u64, witnesses: usize) -> Problem {
    Problem::new(
        422,
        "log/policy",
        format!("{needed} witnesses would have to sign, and there are {witnesses}"),
        "lower --quorum, or add witnesses first",
    )
}

/// Something inside the store broke; the log says what.
pub fn failed() -> Problem {
    Problem::new(
        500,
        "store/failed",
        "the store could not do this",
        "nothing was changed; try again, and tell the operator if it stays: the store's log says what failed",
    )
}

/// A backup goes into a folder of its own.
pub fn backup_not_empty(path: &str) -> Problem {
    Problem::new(409, "backup/not-empty", "there is something in this folder already", "name a new folder")
        .at(Some(path.to_owned()))
}

/// The last file of a backup is not there.
pub fn backup_unfinished(path: &str) -> Problem {
    Problem::new(
        422,
        "backup/unfinished",
        "this is no backup, or one that was never finished",
        "name the folder that `guichet-store backup` wrote; take another backup",
    )
    .at(Some(path.to_owned()))
}

/// A file of a backup is missing or is not the one that was written.
pub fn backup_altered(path: &str) -> Problem {
    Problem::new(422, "backup/altered", "a file of the backup is not as it was written", "take another backup or copy")
        .at(Some(path.to_owned()))
}

/// A later version wrote the backup.
pub fn backup_newer(path: &str) -> Problem {
    Problem::new(
        422,
        "backup/newer",
        "a later version of guichet-store wrote this backup",
        "restore it with that version or a later one",
    )
    .at(Some(path.to_owned()))
}

/// There is a store where one is to be made.
pub fn restore_not_empty(place: &str) -> Problem {
    Problem::new(
        409,
        "restore/not-empty",
        "there is a store here already",
        "restore into a new folder, and with --database into an empty database",
    )
    .at(Some(place.to_owned()))
}

/// The database of a store cannot be reached.
pub fn no_connection(place: &str, reason: &str) -> Problem {
    Problem::new(
        503,
        "database/unreachable",
        format!("the database cannot be reached: {reason}"),
        "start it, or correct --database: postgres://USER:PASSWORD@HOST/DATABASE, with ?sslrootcert=FILE for an authority of your own",
    )
    .at(Some(place.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_and_what_to_do() {
        let app: AppId = "gov.example.permit".parse().unwrap();
        let department: Department = "residence".parse().unwrap();
        let channel: Channel = "stable".parse().unwrap();
        let all = [
            unknown_token(),
            denied(Denied::Role, PersonRole::Developer, Some(&department)),
            denied(Denied::Department, PersonRole::Reviewer, Some(&department)),
            denied(Denied::Token, PersonRole::Developer, Some(&department)),
            self_approval(),
            already_approved(),
            too_late(SubmissionState::Superseded),
            not_replaced("0190"),
            no_such_submission("0190"),
            no_such_page("GET", "/api/v1/nothing"),
            version_not_higher(&app, 3, 3),
            too_large(67_108_864),
            upload_broken("connection closed"),
            not_the_json("missing field `documents`"),
            not_the_query("duplicate field `state`"),
            unknown_state("waiting"),
            no_reason(),
            no_message(2000),
            no_reviewer_keys("residence-wide", 1, 2),
            wrong_roles(&["residence", "residence-wide"]),
            not_the_proposal("residence", "it lists another target"),
            outdated("residence", 5, 4),
            no_new_signature("residence-wide"),
            foreign_form(),
            never_released(&app, &channel),
            not_halted(&app, &channel),
            no_such_release(&app, &channel, 7),
            beyond_the_rollout(5000),
            is_halted(&app, &channel),
            not_a_beginning(),
            not_allowed_any_more(&app, 2),
            already_current(&app, 3),
            already_recalled(&app),
            no_stop_reason(500),
            wrong_envelope(),
            too_many_envelopes(),
            too_many_requests(),
            not_in_folder("metadata/timestamp.json"),
            not_as_signed("blobs/00/00"),
            no_witness("w.example+00+AA==", "ftp://w.example"),
            not_a_witness("w.example+00+AA=="),
            quorum_too_high(3, 2),
            backup_not_empty("backup"),
            backup_unfinished("backup/backup.json"),
            backup_altered("backup/database.jsonl"),
            backup_newer("backup/backup.json"),
            restore_not_empty("store/store.json"),
            no_connection("postgres://db.example/store", "Connection refused (os error 111)"),
            failed(),
        ];
        let text: Vec<String> = all.iter().map(|problem| format!("{} {problem}", problem.status)).collect();
        insta::assert_snapshot!(text.join("\n"));
    }
}
