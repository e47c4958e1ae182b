//! What is answered to those who look after people, and to those who come and go.

use guichet_api::{PersonRole, Problem};
use guichet_contract::Department;

use crate::access::Action;

/// Some roles are of a department, the others of the store.
pub fn wrong_department_for(role: PersonRole) -> Problem {
    let role_of = role.with_article();
    if role.has_department() {
        Problem::new(422, "person/department", format!("{role_of} belongs to a department"), "say which: --department")
    } else {
        Problem::new(
            422,
            "person/department",
            format!("{role_of} works for the store and belongs to no department"),
            "leave the department out",
        )
    }
}

/// Somebody has this name, or was promised it.
pub fn name_taken(name: &str) -> Problem {
    Problem::new(
        409,
        "person/name-taken",
        format!("there is a person `{name}` already"),
        "choose a name that tells them apart: reviews are signed with it",
    )
}

/// A name that nobody could read.
pub fn no_name(longest: usize) -> Problem {
    Problem::new(
        422,
        "person/name",
        "the name is empty, too long or not plain text",
        format!("give a name of 1 to {longest} characters on one line"),
    )
    .at(Some("name".to_owned()))
}

/// Nobody has this name or id.
pub fn no_such_person(name: &str) -> Problem {
    Problem::new(
        404,
        "person/not-found",
        format!("there is no person `{name}`"),
        "correct the name; `guichet-store admin person list` shows those there are",
    )
}

/// What only somebody else may do to one.
pub fn yourself() -> Problem {
    Problem::new(
        409,
        "person/yourself",
        "nobody changes their own role or lets themselves go",
        "ask somebody else who looks after people",
    )
}

/// Who has a person's token can sign in as them.
pub fn not_your_token() -> Problem {
    Problem::new(
        403,
        "access/not-yours",
        "nobody makes a token for somebody else: who has it could sign in as them",
        "they make one on their own account page, or whoever runs the store does: guichet-store admin person token",
    )
}

/// There is no such department.
pub fn no_such_department(department: &Department) -> Problem {
    Problem::new(
        404,
        "department/not-found",
        format!("there is no department `{department}`"),
        "register it first: guichet-store admin department add",
    )
}

/// The secret opens nothing, or nothing any more: which of them is nobody's business.
pub fn no_invitation() -> Problem {
    Problem::new(
        404,
        "invitation/not-valid",
        "this invitation is not known here, was used, or has run out",
        "copy the whole address, or ask for a new invitation",
    )
}

/// There is no such invitation, or not any more.
pub fn no_such_invitation(id: &str) -> Problem {
    Problem::new(
        404,
        "invitation/not-found",
        format!("there is no open invitation `{id}`"),
        "it was taken up, taken back, or has run out; look at the list again",
    )
}

/// For longer than an invitation holds, or for no time.
pub fn invitation_days(most: u64) -> Problem {
    Problem::new(
        422,
        "invitation/days",
        format!("an invitation holds for 1 to {most} days"),
        "choose a number of days; invite again when it has run out",
    )
}

/// A token that may do nothing.
pub fn no_actions() -> Problem {
    Problem::new(422, "token/no-actions", "the token would be allowed nothing", "choose what it may do")
}

/// What no token may do.
pub fn not_for_machines(action: Action) -> Problem {
    Problem::new(
        422,
        "token/action",
        format!("no token may do `{}`", action.as_str()),
        "people look after people: sign in at the console",
    )
}

/// A token holds for a time.
pub fn token_days(most: u64) -> Problem {
    Problem::new(
        422,
        "token/days",
        format!("a token holds for 1 to {most} days"),
        "choose a number of days; make a new token before it runs out",
    )
}

/// Nobody keeps an eye on so many.
pub fn too_many_tokens(most: usize) -> Problem {
    Problem::new(
        409,
        "token/too-many",
        format!("there are {most} tokens already"),
        "revoke those that nothing uses any more",
    )
}

/// There is no such token, or not any more.
pub fn no_such_token(id: &str) -> Problem {
    Problem::new(
        404,
        "token/not-found",
        format!("there is no token `{id}`"),
        "it was revoked or has run out; look at the list again",
    )
}

/// A passkey, or what it says, is not acceptable.
pub fn passkey_refused(refusal: &guichet_trust::Refusal) -> Problem {
    Problem::new(403, refusal.class(), refusal.what(), refusal.hint())
}

/// Browsers know no passkeys at the store's address.
pub fn no_passkeys_here() -> Problem {
    Problem::new(
        409,
        "passkey/address",
        "this store's address is a number or not secure, so browsers have no passkeys for it",
        "whoever runs the store gives it a name and HTTPS: `api_url` in store.json",
    )
}

/// Nobody needs so many.
pub fn too_many_passkeys(most: usize) -> Problem {
    Problem::new(
        409,
        "passkey/too-many",
        format!("there are {most} passkeys already"),
        "remove those that you do not have any more",
    )
}

/// Somebody has registered it.
pub fn passkey_taken() -> Problem {
    Problem::new(409, "passkey/taken", "this passkey is or was registered", "make a new one")
}

/// Not registered, removed, or somebody else's.
pub fn unknown_passkey() -> Problem {
    Problem::new(
        403,
        "passkey/unknown",
        "this passkey is not known here",
        "use another one, or sign in with your token and register this device anew",
    )
}

/// There is no such passkey, or not any more.
pub fn no_such_passkey(id: &str) -> Problem {
    Problem::new(
        404,
        "passkey/not-found",
        format!("there is no passkey `{id}`"),
        "it was removed; look at the list again",
    )
}

/// Too late, answered before, or about something that has changed.
pub fn ceremony_over() -> Problem {
    Problem::new(
        409,
        "passkey/over",
        "this question was answered, took too long, or is about something that has changed",
        "load the page again and look before you answer",
    )
}

/// Nothing to agree with.
pub fn no_passkey() -> Problem {
    Problem::new(409, "passkey/none", "you have no passkey here", "register one on the page `Your account`")
}

/// Who has a passkey agrees with it before signing.
pub fn not_agreed() -> Problem {
    Problem::new(
        409,
        "review/not-agreed",
        "before your signature counts you agree to this very release with a passkey",
        "open the submission in the console, look at it and agree there, then sign it again; passkeys are made on the page `Your account`",
    )
}

/// Who has a passkey looks after people with it.
pub fn passkey_at_the_console() -> Problem {
    Problem::new(
        403,
        "access/passkey",
        "you have a passkey here, so your token alone changes nobody and makes no token",
        "sign in at the console with the passkey and do it there",
    )
}

/// Who has a passkey signs in with it.
pub fn passkey_needed() -> Problem {
    Problem::new(
        403,
        "access/passkey",
        "you have a passkey here, so a token opens no console for you",
        "sign in with the passkey; if it is lost, whoever looks after people removes it",
    )
}

/// There is no such sign-in, or not any more.
pub fn no_such_session(id: &str) -> Problem {
    Problem::new(
        404,
        "session/not-found",
        format!("nobody is signed in as `{id}` any more"),
        "it was ended or has run out; look at the list again",
    )
}

/// A form that this console never sends.
pub fn not_the_form(what: &str) -> Problem {
    Problem::new(
        422,
        "request/form",
        format!("the form has no {what} that could be read"),
        "go back, load the page again and fill it in once more",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_and_what_to_do() {
        let department: Department = "works".parse().unwrap();
        let all = [
            wrong_department_for(PersonRole::Auditor),
            wrong_department_for(PersonRole::Lead),
            name_taken("Ana"),
            no_name(64),
            no_such_person("Ana"),
            yourself(),
            not_your_token(),
            no_such_department(&department),
            no_invitation(),
            no_such_invitation("0190"),
            no_such_session("0190"),
            no_passkeys_here(),
            too_many_passkeys(20),
            passkey_taken(),
            unknown_passkey(),
            no_such_passkey("AQID"),
            ceremony_over(),
            no_passkey(),
            not_agreed(),
            passkey_needed(),
            passkey_at_the_console(),
            no_actions(),
            not_for_machines(Action::Members),
            token_days(366),
            invitation_days(30),
            too_many_tokens(50),
            no_such_token("0190"),
            not_the_form("role"),
        ];
        let text: Vec<String> = all.iter().map(|problem| format!("{} {problem}", problem.status)).collect();
        insta::assert_snapshot!(text.join("\n"), @r"
        422 error[person/department]: an auditor works for the store and belongs to no department
          hint: leave the department out
        422 error[person/department]: a lead belongs to a department
          hint: say which: --department
        409 error[person/name-taken]: there is a person `Ana` already
          hint: choose a name that tells them apart: reviews are signed with it
        422 error[person/name]: the name is empty, too long or not plain text
          --> name
          hint: give a name of 1 to 64 characters on one line
        404 error[person/not-found]: there is no person `Ana`
          hint: correct the name; `guichet-store admin person list` shows those there are
        409 error[person/yourself]: nobody changes their own role or lets themselves go
          hint: ask somebody else who looks after people
        403 error[access/not-yours]: nobody makes a token for somebody else: who has it could sign in as them
          hint: they make one on their own account page, or whoever runs the store does: guichet-store admin person token
        404 error[department/not-found]: there is no department `works`
          hint: register it first: guichet-store admin department add
        404 error[invitation/not-valid]: this invitation is not known here, was used, or has run out
          hint: copy the whole address, or ask for a new invitation
        404 error[invitation/not-found]: there is no open invitation `0190`
          hint: it was taken up, taken back, or has run out; look at the list again
        404 error[session/not-found]: nobody is signed in as `0190` any more
          hint: it was ended or has run out; look at the list again
        409 error[passkey/address]: this store's address is a number or not secure, so browsers have no passkeys for it
          hint: whoever runs the store gives it a name and HTTPS: `api_url` in store.json
        409 error[passkey/too-many]: there are 20 passkeys already
          hint: remove those that you do not have any more
        409 error[passkey/taken]: this passkey is or was registered
          hint: make a new one
        403 error[passkey/unknown]: this passkey is not known here
          hint: use another one, or sign in with your token and register this device anew
        404 error[passkey/not-found]: there is no passkey `AQID`
          hint: it was removed; look at the list again
        409 error[passkey/over]: this question was answered, took too long, or is about something that has changed
          hint: load the page again and look before you answer
        409 error[passkey/none]: you have no passkey here
          hint: register one on the page `Your account`
        409 error[review/not-agreed]: before your signature counts you agree to this very release with a passkey
          hint: open the submission in the console, look at it and agree there, then sign it again; passkeys are made on the page `Your account`
        403 error[access/passkey]: you have a passkey here, so a token opens no console for you
          hint: sign in with the passkey; if it is lost, whoever looks after people removes it
        403 error[access/passkey]: you have a passkey here, so your token alone changes nobody and makes no token
          hint: sign in at the console with the passkey and do it there
        422 error[token/no-actions]: the token would be allowed nothing
          hint: choose what it may do
        422 error[token/action]: no token may do `members`
          hint: people look after people: sign in at the console
        422 error[token/days]: a token holds for 1 to 366 days
          hint: choose a number of days; make a new token before it runs out
        422 error[invitation/days]: an invitation holds for 1 to 30 days
          hint: choose a number of days; invite again when it has run out
        409 error[token/too-many]: there are 50 tokens already
          hint: revoke those that nothing uses any more
        404 error[token/not-found]: there is no token `0190`
          hint: it was revoked or has run out; look at the list again
        422 error[request/form]: the form has no role that could be read
          hint: go back, load the page again and fill it in once more
        ");
    }
}
