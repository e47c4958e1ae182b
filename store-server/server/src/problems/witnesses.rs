//! What is wrong with a witness of the log.

use guichet_api::Problem;

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
