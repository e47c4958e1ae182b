//! Why a release cannot be let out, stopped or taken back.

use guichet_api::Problem;
use guichet_contract::{AppId, Channel};

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

/// Nothing holds the releases.
pub fn not_halted(app_id: &AppId, channel: &Channel) -> Problem {
    Problem::new(
        409,
        "release/not-halted",
        format!("nothing holds the releases of `{app_id}` on the channel `{channel}`"),
        "there is nothing to do; `guichet-store admin halt` would halt them",
    )
}
