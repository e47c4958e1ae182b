//! Who may not do it.

use guichet_api::{PersonRole, Problem};
use guichet_contract::Department;

use crate::access::Denied;

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

/// A form came from another site.
pub fn foreign_form() -> Problem {
    Problem::new(
        403,
        "access/foreign-form",
        "this form was sent from another site",
        "open the console itself and try again",
    )
}
