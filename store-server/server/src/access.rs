//! Who may do what: one small table, asked by the API, the console and the commands alike.

use guichet_api::PersonRole;
use guichet_contract::Department;

use crate::{database::people::Person, error::NotDone, problems};

/// What somebody wants to do, with something of a department or of the store itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See submissions and their packages.
    Read,
    /// Hand in a package, or take one back.
    Submit,
    /// Sign or refuse a release.
    Review,
    /// Halt releases and let them go on; prepare going back and recalls, which reviewers sign.
    Stop,
    /// Look after people: invite them, change their roles, let them go, end their sign-ins and tokens.
    Members,
    /// Read the record of what was done.
    Audit,
    /// Look after terminals of halls: let them enrol, give them policies, revoke them.
    Terminals,
}

impl Action {
    /// Every action, in the order of the list above.
    pub const ALL: [Self; 7] =
        [Self::Read, Self::Submit, Self::Review, Self::Stop, Self::Members, Self::Audit, Self::Terminals];

    /// The action's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Submit => "submit",
            Self::Review => "review",
            Self::Stop => "stop",
            Self::Members => "members",
            Self::Audit => "audit",
            Self::Terminals => "terminals",
        }
    }

    /// Whether a machine may be given it: looking after people and terminals is for people.
    pub fn is_for_machines(self) -> bool {
        !matches!(self, Self::Members | Self::Terminals)
    }
}

/// What a token for a machine may do at most of what its person may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Only this.
    pub actions: Vec<Action>,
    /// Only there; none is wherever the person may.
    pub department: Option<Department>,
}

impl Limits {
    /// The actions' words, separated by spaces.
    pub fn words(&self) -> String {
        self.actions.iter().map(|action| action.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn admit(&self, action: Action, department: Option<&Department>) -> bool {
        self.actions.contains(&action) && (self.department.is_none() || self.department.as_ref() == department)
    }
}

/// Whose the thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The person's own department's.
    Own,
    /// Another department's.
    Other,
    /// No department's: the store's own, such as its administrators.
    Store,
}

impl Whose {
    /// Every case, in the order of the list above.
    pub const ALL: [Self; 3] = [Self::Own, Self::Other, Self::Store];
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The person's role never allows it.
    Role,
    /// The role would allow it, but for another department.
    Department,
    /// The person may, but not with this token.
    Token,
}

/// Decides from the role, the action and whose it is.
pub fn decide(role: PersonRole, action: Action, whose: Whose) -> Result<(), Denied> {
    use Action::{Audit, Members, Read, Review, Stop, Submit, Terminals};
    use PersonRole::{Administrator, Auditor, Developer, Lead, Operator, Reviewer};
    let everywhere = matches!(
        (role, action),
        (Operator, Read | Stop | Terminals)
            | (Auditor, Read | Audit)
            | (Administrator, Read | Stop | Members | Audit | Terminals)
    );
    let at_home = matches!(
        (role, action),
        (Developer, Read | Submit)
            // In a small department a reviewer also develops; that nobody approves their own is checked apart.
            | (Reviewer, Read | Submit | Review | Stop)
            | (Lead, Read | Submit | Review | Stop | Members | Audit)
    );
    match whose {
        _ if everywhere => Ok(()),
        Whose::Own if at_home => Ok(()),
        Whose::Other if at_home => Err(Denied::Department),
        Whose::Own | Whose::Other | Whose::Store => Err(Denied::Role),
    }
}

/// The same decision for a person and the department concerned; none is the store itself.
pub fn allows(person: &Person, action: Action, department: Option<&Department>) -> Result<(), Denied> {
    let whose = match department {
        None => Whose::Store,
        Some(department) if person.department.as_ref() == Some(department) => Whose::Own,
        Some(_) => Whose::Other,
    };
    decide(person.role, action, whose)?;
    match &person.limits {
        Some(limits) if !limits.admit(action, department) => Err(Denied::Token),
        _ => Ok(()),
    }
}

/// The same, as an answer.
pub fn check(person: &Person, action: Action, department: Option<&Department>) -> Result<(), NotDone> {
    allows(person, action, department).map_err(|denied| problems::denied(denied, person.role, department).into())
}

/// Of whom this person may do this: of everybody, of one department, or of nobody.
pub fn reach(person: &Person, action: Action) -> Result<Option<&Department>, NotDone> {
    let narrowed = person.limits.as_ref().and_then(|limits| limits.department.as_ref());
    let department = narrowed.or(person.department.as_ref());
    check(person, action, department)?;
    Ok(department)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// Every role, with and without the limits of a token, against every action and department.
    #[test]
    fn a_token_may_nothing_that_its_person_may_not_and_nothing_beyond_its_limits() {
        let [residence, tax]: [Department; 2] = ["residence", "tax"].map(|id| id.parse().unwrap());
        for role in PersonRole::ALL {
            let person = Person {
                id: "p".to_owned(),
                name: "Ana".to_owned(),
                role,
                department: role.has_department().then(|| residence.clone()),
                limits: None,
            };
            for limited in Action::ALL {
                for narrowed in [None, Some(residence.clone()), Some(tax.clone())] {
                    let limits = Limits { actions: vec![limited], department: narrowed.clone() };
                    let machine = Person { limits: Some(limits), ..person.clone() };
                    for action in Action::ALL {
                        for department in [None, Some(&residence), Some(&tax)] {
                            let within = action == limited && (narrowed.is_none() || narrowed.as_ref() == department);
                            let expected = match allows(&person, action, department) {
                                Ok(()) if !within => Err(Denied::Token),
                                other => other,
                            };
                            assert_eq!(allows(&machine, action, department), expected, "{machine:?} {action:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_cell_of_the_matrix() {
        let mut table = String::new();
        for role in PersonRole::ALL {
            for action in Action::ALL {
                let cell = |whose| match decide(role, action, whose) {
                    Ok(()) => "yes",
                    Err(Denied::Role) => "no",
                    Err(_) => "not theirs",
                };
                let [own, other, store] = Whose::ALL.map(cell);
                writeln!(table, "{role:<13} {:<7} own {own:<3}  other {other:<10}  store {store}", action.as_str())
                    .unwrap();
            }
        }
        insta::assert_snapshot!(table, @r"
        developer     read    own yes  other not theirs  store no
        developer     submit  own yes  other not theirs  store no
        developer     review  own no   other no          store no
        developer     stop    own no   other no          store no
        developer     members own no   other no          store no
        developer     audit   own no   other no          store no
        developer     terminals own no   other no          store no
        reviewer      read    own yes  other not theirs  store no
        reviewer      submit  own yes  other not theirs  store no
        reviewer      review  own yes  other not theirs  store no
        reviewer      stop    own yes  other not theirs  store no
        reviewer      members own no   other no          store no
        reviewer      audit   own no   other no          store no
        reviewer      terminals own no   other no          store no
        lead          read    own yes  other not theirs  store no
        lead          submit  own yes  other not theirs  store no
        lead          review  own yes  other not theirs  store no
        lead          stop    own yes  other not theirs  store no
        lead          members own yes  other not theirs  store no
        lead          audit   own yes  other not theirs  store no
        lead          terminals own no   other no          store no
        operator      read    own yes  other yes         store yes
        operator      submit  own no   other no          store no
        operator      review  own no   other no          store no
        operator      stop    own yes  other yes         store yes
        operator      members own no   other no          store no
        operator      audit   own no   other no          store no
        operator      terminals own yes  other yes         store yes
        auditor       read    own yes  other yes         store yes
        auditor       submit  own no   other no          store no
        auditor       review  own no   other no          store no
        auditor       stop    own no   other no          store no
        auditor       members own no   other no          store no
        auditor       audit   own yes  other yes         store yes
        auditor       terminals own no   other no          store no
        administrator read    own yes  other yes         store yes
        administrator submit  own no   other no          store no
        administrator review  own no   other no          store no
        administrator stop    own yes  other yes         store yes
        administrator members own yes  other yes         store yes
        administrator audit   own yes  other yes         store yes
        administrator terminals own yes  other yes         store yes
        ");
    }
}
