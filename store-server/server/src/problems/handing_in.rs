//! Why a package, or what is asked of a submission, is not taken.

use guichet_api::{CheckState, Problem, SubmissionState};
use guichet_contract::AppId;

/// The package is not acceptable.
pub fn package(refusal: &guichet_package::Refusal) -> Problem {
    Problem::new(422, refusal.class(), refusal.what(), refusal.hint()).at(refusal.place())
}

/// A signed document is not acceptable.
pub fn document(role: &str, refusal: guichet_trust::Refusal) -> Problem {
    let refusal = refusal.at(role);
    Problem::new(422, refusal.class(), refusal.what(), refusal.hint()).at(refusal.place())
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
