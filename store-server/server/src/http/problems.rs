//! What is answered to whoever names a key, a tag or a page that does not fit.

use guichet_api::Problem;

/// A key that nobody could tell from others.
pub(crate) fn not_a_key(longest: usize) -> Problem {
    Problem::new(
        400,
        "request/idempotency-key",
        "the `Idempotency-Key` is empty, too long or not plain text",
        format!("send 1 to {longest} visible ASCII characters, such as a UUID, or leave it out"),
    )
}

/// The key was used for something else.
pub(crate) fn another_request() -> Problem {
    Problem::new(
        422,
        "request/key-reused",
        "this `Idempotency-Key` was sent with another request within 24 hours",
        "make a new key for each thing you do; only a repetition of the very same request has the same one",
    )
}

/// The first request under the key is under way.
pub(crate) fn being_done() -> Problem {
    Problem::new(
        409,
        "request/being-done",
        "the request with this `Idempotency-Key` is being done",
        "ask again in a moment with the same key: then its answer is there",
    )
}

/// It was done, but what was answered is not there.
pub(crate) fn answer_lost() -> Problem {
    Problem::new(
        409,
        "request/answer-lost",
        "this was done once, and what was answered is not kept: it held a secret, or the store stopped just then",
        "look at what it changed; for another secret, end the one that was made and make a new one under a new key",
    )
}

/// More keys than are remembered of one token.
pub(crate) fn too_many_keys(most: u64) -> Problem {
    Problem::new(
        429,
        "request/too-many-keys",
        format!("more than {most} requests with an `Idempotency-Key` within 24 hours"),
        "send the key only with what is worth repeating, or wait",
    )
}

/// Somebody else was quicker.
pub(crate) fn overtaken() -> Problem {
    Problem::new(
        412,
        "request/overtaken",
        "it is not as you saw it any more: the `If-Match` names another state",
        "get it again, look at what has changed, and decide anew",
    )
}

/// A page of too many items, or of none.
pub(crate) fn not_a_limit(most: usize) -> Problem {
    Problem::new(400, "request/limit", "the `limit` is no number of items", format!("ask for 1 to {most}"))
}

/// No page begins there.
pub(crate) fn not_a_cursor() -> Problem {
    Problem::new(
        400,
        "request/cursor",
        "the `cursor` is none of this list",
        "follow the `Link` of the page before, or leave the cursor out to begin at the first",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_and_what_to_do() {
        let all = [
            not_a_key(255),
            another_request(),
            being_done(),
            answer_lost(),
            too_many_keys(5000),
            overtaken(),
            not_a_limit(200),
            not_a_cursor(),
        ];
        let text: Vec<String> = all.iter().map(|problem| format!("{} {problem}", problem.status)).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        400 error[request/idempotency-key]: the `Idempotency-Key` is empty, too long or not plain text
          hint: send 1 to 255 visible ASCII characters, such as a UUID, or leave it out
        422 error[request/key-reused]: this `Idempotency-Key` was sent with another request within 24 hours
          hint: make a new key for each thing you do; only a repetition of the very same request has the same one
        409 error[request/being-done]: the request with this `Idempotency-Key` is being done
          hint: ask again in a moment with the same key: then its answer is there
        409 error[request/answer-lost]: this was done once, and what was answered is not kept: it held a secret, or the store stopped just then
          hint: look at what it changed; for another secret, end the one that was made and make a new one under a new key
        429 error[request/too-many-keys]: more than 5000 requests with an `Idempotency-Key` within 24 hours
          hint: send the key only with what is worth repeating, or wait
        412 error[request/overtaken]: it is not as you saw it any more: the `If-Match` names another state
          hint: get it again, look at what has changed, and decide anew
        400 error[request/limit]: the `limit` is no number of items
          hint: ask for 1 to 200
        400 error[request/cursor]: the `cursor` is none of this list
          hint: follow the `Link` of the page before, or leave the cursor out to begin at the first
        ");
    }
}
