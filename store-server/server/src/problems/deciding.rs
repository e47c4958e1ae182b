//! Why a decision of a reviewer does not count.

use guichet_api::{Problem, SubmissionState};

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

/// The submission has moved on.
pub fn too_late(state: SubmissionState) -> Problem {
    Problem::new(
        409,
        "review/too-late",
        format!("the submission is {state}, so this can no longer be done"),
        "look at its history; submit a new version if it still needs to change",
    )
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
