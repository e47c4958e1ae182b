//! Who may do what: one small table, asked by the API and the console alike.

use guichet_api::PersonRole;
use guichet_contract::Department;

use crate::database::people::Person;

/// What somebody wants to do with a department's submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See a submission and its package.
    Read,
    /// Hand in a package, or take one back.
    Submit,
    /// Sign or refuse a release.
    Review,
    /// Halt releases and let them go on; prepare going back and recalls, which reviewers sign.
    Stop,
}

impl Action {
    /// Every action, in the order of the list above.
    pub const ALL: [Self; 4] = [Self::Read, Self::Submit, Self::Review, Self::Stop];
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The person's role never allows it.
    Role,
    /// The role would allow it, but for another department.
    Department,
}

/// Decides from the role, the action and whether it is the person's own department.
pub fn decide(role: PersonRole, action: Action, own_department: bool) -> Result<(), Denied> {
    let everywhere = matches!((role, action), (PersonRole::Administrator, Action::Read | Action::Stop));
    let at_home = matches!(
        (role, action),
        (PersonRole::Developer, Action::Read | Action::Submit)
            // In a small department a reviewer also develops; that nobody approves their own is checked apart.
            | (PersonRole::Reviewer, Action::Read | Action::Submit | Action::Review | Action::Stop)
    );
    match (everywhere, at_home, own_department) {
        (true, _, _) | (_, true, true) => Ok(()),
        (_, true, false) => Err(Denied::Department),
        (_, false, _) => Err(Denied::Role),
    }
}

/// The same decision for a person and the department concerned.
pub fn allows(person: &Person, action: Action, department: &Department) -> Result<(), Denied> {
    decide(person.role, action, person.department.as_ref() == Some(department))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn every_cell_of_the_matrix() {
        let mut table = String::new();
        for role in PersonRole::ALL {
            for action in Action::ALL {
                let own = decide(role, action, true);
                let other = decide(role, action, false);
                writeln!(table, "{role:<13} {:<6} own {own:?}, other {other:?}", format!("{action:?}")).unwrap();
            }
        }
        insta::assert_snapshot!(table, @r"
        developer     Read   own Ok(()), other Err(Department)
        developer     Submit own Ok(()), other Err(Department)
        developer     Review own Err(Role), other Err(Role)
        developer     Stop   own Err(Role), other Err(Role)
        reviewer      Read   own Ok(()), other Err(Department)
        reviewer      Submit own Ok(()), other Err(Department)
        reviewer      Review own Ok(()), other Err(Department)
        reviewer      Stop   own Ok(()), other Err(Department)
        administrator Read   own Ok(()), other Ok(())
        administrator Submit own Err(Role), other Err(Role)
        administrator Review own Err(Role), other Err(Role)
        administrator Stop   own Ok(()), other Ok(())
        ");
    }
}
