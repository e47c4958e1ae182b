//! Why the store did not do what it was asked: RFC 9457, with a stable class and a hint.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of a [`Problem`].
pub const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";

/// One problem: what is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:guichet:problem:` and the class (RFC 9457, 3.1.1).
    #[serde(rename = "type")]
    #[schema(example = "urn:guichet:problem:review/self-approval")]
    pub kind: String,
    /// The HTTP status, repeated for whoever kept only the body.
    pub status: u16,
    /// One short sentence for people; the same as `what`.
    pub title: String,
    /// The stable word that programs may match, such as `submission/version-not-higher`.
    #[schema(example = "review/self-approval")]
    pub class: String,
    /// What is wrong.
    pub what: String,
    /// Where it is wrong: a path in the package, a member, a field.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What to do about it.
    pub hint: String,
}

impl Problem {
    /// A problem that is not tied to a place.
    pub fn new(status: u16, class: impl Into<String>, what: impl Into<String>, hint: impl Into<String>) -> Self {
        let (class, what) = (class.into(), what.into());
        Self {
            kind: format!("urn:guichet:problem:{class}"),
            status,
            title: what.clone(),
            class,
            what,
            place: None,
            hint: hint.into(),
        }
    }

    /// The same problem with the place where it is.
    pub fn at(self, place: Option<String>) -> Self {
        Self { place, ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.class, self.what)?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
        }
        write!(f, "\n  hint: {}", self.hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_like_a_compiler_message() {
        let problem = Problem::new(422, "manifest/missing-member", "the manifest has no `app_id`", "add \"app_id\"")
            .at(Some("manifest.json".to_owned()));
        insta::assert_snapshot!(problem, @r#"
        error[manifest/missing-member]: the manifest has no `app_id`
          --> manifest.json
          hint: add "app_id"
        "#);
        insta::assert_json_snapshot!(problem, @r#"
        {
          "type": "urn:guichet:problem:manifest/missing-member",
          "status": 422,
          "title": "the manifest has no `app_id`",
          "class": "manifest/missing-member",
          "what": "the manifest has no `app_id`",
          "where": "manifest.json",
          "hint": "add \"app_id\""
        }
        "#);
    }
}
