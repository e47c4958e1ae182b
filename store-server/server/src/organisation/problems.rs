//! What is answered to who signs in through an organisation, and to those who link people.

use guichet_api::Problem;

/// The file of settings is of no use.
pub fn settings(path: &str, reason: &str) -> Problem {
    Problem::new(
        422,
        "organisation/settings",
        format!("the settings of the organisation cannot be used: {reason}"),
        r#"write {"issuer": "https://…", "client_id": "…", "client_secret": "…", "name": {"en": "…", "zh": "…"}}"#,
    )
    .at(Some(path.to_owned()))
}

/// The store knows no organisation.
pub fn none_here() -> Problem {
    Problem::new(
        404,
        "organisation/none",
        "nobody signs in through an organisation here",
        "sign in with a passkey or a token; an operator adds one with `guichet-store serve --organisation FILE`",
    )
}

/// The provider does not answer, or not as it should.
pub fn unreachable() -> Problem {
    Problem::new(
        502,
        "organisation/unreachable",
        "the organisation's sign-in does not answer as it should",
        "try again in a while, or sign in with a passkey; the store's log says what it answered",
    )
}

/// It was not begun in this browser, was answered, or took too long.
pub fn over() -> Problem {
    Problem::new(
        403,
        "organisation/over",
        "this sign-in was not begun in this browser, was answered before, or took more than ten minutes",
        "sign in again from the beginning",
    )
}

/// The organisation says no.
pub fn refused(error: &str) -> Problem {
    let error: String = error.chars().filter(|letter| letter.is_ascii_graphic()).take(64).collect();
    Problem::new(
        403,
        "organisation/refused",
        format!("the organisation did not sign you in: {error}"),
        "sign in again from the beginning, or ask whoever looks after accounts there",
    )
}

/// What it says proves nothing.
pub fn no_proof(why: &str) -> Problem {
    Problem::new(
        403,
        "organisation/no-proof",
        format!("what the organisation says about you is not believed: {why}"),
        "sign in again from the beginning; if it stays so, compare clocks and the issuer's name in the store's settings",
    )
}

/// Somebody whom nobody has linked.
pub fn unknown(subject: &str) -> Problem {
    Problem::new(
        403,
        "organisation/unknown",
        format!("nobody at this store is linked to your account `{subject}`"),
        "give this id to whoever looks after people here: they link it, or send you an invitation",
    )
}

/// The account belongs to somebody.
pub fn linked_already() -> Problem {
    Problem::new(
        409,
        "organisation/linked-already",
        "this account is linked to somebody already",
        "end that link first: an account is one person's",
    )
}

/// There is nothing to end.
pub fn not_linked() -> Problem {
    Problem::new(
        409,
        "organisation/not-linked",
        "this person is linked to no account of the organisation",
        "look at their page again",
    )
}

/// There is nothing to show.
pub fn no_account() -> Problem {
    Problem::new(
        404,
        "organisation/no-account",
        "this person is linked to no account of the organisation",
        "link one by its id there, which its owner is shown when they try to sign in",
    )
}

/// Not what a provider calls somebody.
pub fn not_a_subject() -> Problem {
    Problem::new(
        422,
        "organisation/subject",
        "this is not an id that an identity provider gives",
        "copy it from what the person was shown: 1 to 255 characters without spaces",
    )
}

/// A passkey must not hang on what the organisation says.
pub fn not_enough() -> Problem {
    Problem::new(
        403,
        "organisation/not-enough",
        "whoever signed in through an organisation makes no passkey and no token",
        "sign in with your token, a passkey or an invitation first: what decides must not hang on another's word",
    )
}
