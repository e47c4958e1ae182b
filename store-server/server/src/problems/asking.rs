//! What no address of the store makes sense of, and what is too much for it.

use guichet_api::Problem;

use crate::blobs::{self, Failure};

/// There is nothing at this address.
pub fn no_such_page(method: &str, path: &str) -> Problem {
    Problem::new(
        404,
        "request/not-found",
        format!("there is nothing to {method} at `{path}`"),
        "the addresses are listed in /api/v1/openapi.json",
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

/// The bytes of a package cannot be had now; what is wrong with the place is told to whoever runs the store.
pub(crate) fn package_away(failure: &Failure) -> Problem {
    let [why, _] = blobs::problems::not_had(failure);
    Problem::new(
        503,
        "package/away",
        format!("the package cannot be read: {why}"),
        "try again in a while; if it stays so, whoever runs the store puts it back from a backup, or the package is handed in again",
    )
}

/// The package of the release before, with which one is compared, cannot be had.
pub(crate) fn package_before_away(failure: &Failure) -> Problem {
    let [why, _] = blobs::problems::not_had(failure);
    Problem::new(
        503,
        "package/before-away",
        format!("the package of the release before cannot be read, and nothing can be compared with it: {why}"),
        "try again in a while; if it stays so, whoever runs the store puts that package back from a backup",
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
