//! What is answered to terminals, and to those who look after them.

use guichet_api::Problem;

/// Nobody has said whose signature policies must have.
pub fn no_operator() -> Problem {
    Problem::new(
        409,
        "terminal/no-operator",
        "this store does not know the key that policies of terminals are signed with",
        "lay the public key into the store's folder as operator.pub: guichet key show KEY > operator.pub",
    )
}

/// A policy that no terminal would take.
pub fn policy_refused(refusal: &guichet_package::Refusal) -> Problem {
    Problem::new(422, refusal.class(), refusal.what(), refusal.hint()).at(refusal.place())
}

/// A policy of another terminal.
pub fn other_terminal(found: &str, expected: &str) -> Problem {
    Problem::new(
        422,
        "policy/other-terminal",
        format!("the policy is for {found}, and this is {expected}"),
        "assign it to the terminal that it names",
    )
}

/// A policy that the terminal would refuse as old.
pub fn not_newer(found: u64, present: u64) -> Problem {
    Problem::new(
        409,
        "policy/rollback",
        format!("the policy has sequence {found}, and the terminal is to have {present} already"),
        format!("sign it with sequence {} or more", present.saturating_add(1)),
    )
}

/// Nothing is known by this id.
pub fn no_such_terminal(id: &str) -> Problem {
    Problem::new(
        404,
        "terminal/not-found",
        format!("there is no terminal `{}`", id.chars().take(64).collect::<String>()),
        "look at the list again; a terminal that was set up anew enrols again",
    )
}

/// There is no open code of this id.
pub fn no_such_code(id: &str) -> Problem {
    Problem::new(
        404,
        "enrolment/not-found",
        format!("there is no open code `{}`", id.chars().take(64).collect::<String>()),
        "it was used, taken back, or has run out; look at the list again",
    )
}

/// There is a terminal of this name already.
pub fn place_taken(hall: &str, name: &str) -> Problem {
    Problem::new(
        409,
        "terminal/place-taken",
        format!("there is a terminal {name} in {hall} already, or a code for one"),
        "revoke the old one or take its code back first, or sign a policy with another name",
    )
}

/// The code opens nothing, or nothing any more: which of them is nobody's business.
pub fn no_code() -> Problem {
    Problem::new(
        404,
        "enrolment/code",
        "this code is not known here, was used, or has run out",
        "type it again as it was shown; a code is good once and for 24 hours",
    )
}

/// Tries that come faster than people type.
pub fn too_many_codes() -> Problem {
    Problem::new(429, "enrolment/too-many", "too many codes were tried from this address", "wait a minute")
}

/// A proof for another store.
pub fn other_store(found: &str, here: &str) -> Problem {
    Problem::new(
        422,
        "enrolment/other-store",
        format!("the terminal enrols at `{}`, and this store is `{here}`", found.chars().take(200).collect::<String>()),
        format!("give the terminal the store's own address: --store {here}"),
    )
}

/// A terminal that is known, under whatever name.
pub fn key_known() -> Problem {
    Problem::new(
        409,
        "enrolment/key-known",
        "a terminal has enrolled with this key already",
        "each terminal makes a key of its own: remove terminal.key from its home and enrol again",
    )
}

/// Not what a terminal of this version sends.
pub fn wrong_form() -> Problem {
    Problem::new(
        422,
        "terminal/form",
        "this is not what a terminal signs",
        "update the terminal's programs, or the store",
    )
}

/// A signature of somebody else, or over something else.
pub fn bad_signature() -> Problem {
    Problem::new(
        403,
        "terminal/signature",
        "the signature is not this terminal's over these words",
        "a terminal that was set up anew enrols again",
    )
}

/// Nothing is taken twice, or after what came later.
pub fn told_already(sequence: u64) -> Problem {
    Problem::new(
        409,
        "terminal/told-already",
        format!("this terminal has signed number {sequence} already, or a later one"),
        "tell again with a higher number; if it stays so, somebody repeats what the terminal has said",
    )
}

/// The terminal is one of ours no more.
pub fn revoked(why: &str) -> Problem {
    Problem::new(
        403,
        "terminal/revoked",
        format!("this terminal was revoked: {why}"),
        "ask whoever runs the hall's terminals; to be used again it enrols again",
    )
}

/// What is done to a terminal that is one of ours no more.
pub fn revoked_already(place: &str) -> Problem {
    Problem::new(
        409,
        "terminal/revoked-already",
        format!("{place} was revoked"),
        "to be used again it enrols again, with a new code",
    )
}

/// There is nothing to see.
pub fn no_picture(id: &str) -> Problem {
    Problem::new(
        404,
        "terminal/no-picture",
        format!("there is no picture of terminal `{}`", id.chars().take(64).collect::<String>()),
        "ask for one; it comes with the terminal's next report",
    )
}

/// A picture nobody waits for.
pub fn nobody_asked() -> Problem {
    Problem::new(
        409,
        "terminal/nobody-asked",
        "nobody has asked for a picture, or it came before",
        "send one when a report is answered with `picture`",
    )
}

/// No reason.
pub fn no_reason() -> Problem {
    Problem::new(
        422,
        "terminal/reason",
        "the reason is empty, too long or not plain text",
        "say in a sentence why; the terminal shows it",
    )
    .at(Some("reason".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_to_do() {
        let all = [
            no_operator(),
            other_terminal("East / A-04", "East / A-03"),
            not_newer(3, 4),
            no_such_terminal("0190"),
            no_such_code("0190"),
            place_taken("East", "A-03"),
            no_code(),
            too_many_codes(),
            other_store("http://other.example", "http://store.example"),
            key_known(),
            wrong_form(),
            bad_signature(),
            told_already(7),
            revoked("it was stolen"),
            revoked_already("East / A-03"),
            no_picture("0190"),
            nobody_asked(),
            no_reason(),
        ];
        let text: Vec<String> = all.iter().map(|problem| format!("{} {problem}", problem.status)).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        409 error[terminal/no-operator]: this store does not know the key that policies of terminals are signed with
          hint: lay the public key into the store's folder as operator.pub: guichet key show KEY > operator.pub
        422 error[policy/other-terminal]: the policy is for East / A-04, and this is East / A-03
          hint: assign it to the terminal that it names
        409 error[policy/rollback]: the policy has sequence 3, and the terminal is to have 4 already
          hint: sign it with sequence 5 or more
        404 error[terminal/not-found]: there is no terminal `0190`
          hint: look at the list again; a terminal that was set up anew enrols again
        404 error[enrolment/not-found]: there is no open code `0190`
          hint: it was used, taken back, or has run out; look at the list again
        409 error[terminal/place-taken]: there is a terminal A-03 in East already, or a code for one
          hint: revoke the old one or take its code back first, or sign a policy with another name
        404 error[enrolment/code]: this code is not known here, was used, or has run out
          hint: type it again as it was shown; a code is good once and for 24 hours
        429 error[enrolment/too-many]: too many codes were tried from this address
          hint: wait a minute
        422 error[enrolment/other-store]: the terminal enrols at `http://other.example`, and this store is `http://store.example`
          hint: give the terminal the store's own address: --store http://store.example
        409 error[enrolment/key-known]: a terminal has enrolled with this key already
          hint: each terminal makes a key of its own: remove terminal.key from its home and enrol again
        422 error[terminal/form]: this is not what a terminal signs
          hint: update the terminal's programs, or the store
        403 error[terminal/signature]: the signature is not this terminal's over these words
          hint: a terminal that was set up anew enrols again
        409 error[terminal/told-already]: this terminal has signed number 7 already, or a later one
          hint: tell again with a higher number; if it stays so, somebody repeats what the terminal has said
        403 error[terminal/revoked]: this terminal was revoked: it was stolen
          hint: ask whoever runs the hall's terminals; to be used again it enrols again
        409 error[terminal/revoked-already]: East / A-03 was revoked
          hint: to be used again it enrols again, with a new code
        404 error[terminal/no-picture]: there is no picture of terminal `0190`
          hint: ask for one; it comes with the terminal's next report
        409 error[terminal/nobody-asked]: nobody has asked for a picture, or it came before
          hint: send one when a report is answered with `picture`
        422 error[terminal/reason]: the reason is empty, too long or not plain text
          --> reason
          hint: say in a sentence why; the terminal shows it
        ");
    }
}
