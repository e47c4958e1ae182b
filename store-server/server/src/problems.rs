//! Everything the store may answer instead of doing what it was asked, each with a hint.

mod access;
mod asking;
mod deciding;
mod handing_in;
mod keeping;
mod releasing;
mod witnesses;

pub use access::*;
pub use asking::*;
pub use deciding::*;
pub use handing_in::*;
pub use keeping::*;
pub use releasing::*;
pub use witnesses::*;

#[cfg(test)]
mod tests {
    use guichet_api::{PersonRole, SubmissionState};
    use guichet_contract::{AppId, Channel, Department};

    use super::*;
    use crate::{access::Denied, blobs::Failure};

    #[test]
    fn every_problem_says_what_and_what_to_do() {
        let app: AppId = "gov.example.permit".parse().unwrap();
        let department: Department = "residence".parse().unwrap();
        let channel: Channel = "stable".parse().unwrap();
        let all = [
            unknown_token(),
            denied(Denied::Role, PersonRole::Developer, Some(&department)),
            denied(Denied::Department, PersonRole::Reviewer, Some(&department)),
            denied(Denied::Token, PersonRole::Developer, Some(&department)),
            self_approval(),
            already_approved(),
            too_late(SubmissionState::Superseded),
            not_replaced("0190"),
            no_such_submission("0190"),
            no_such_page("GET", "/api/v1/nothing"),
            version_not_higher(&app, 3, 3),
            too_large(67_108_864),
            upload_broken("connection closed"),
            not_the_json("missing field `documents`"),
            not_the_query("duplicate field `state`"),
            unknown_state("waiting"),
            no_reason(),
            no_message(2000),
            no_reviewer_keys("residence-wide", 1, 2),
            wrong_roles(&["residence", "residence-wide"]),
            not_the_proposal("residence", "it lists another target"),
            outdated("residence", 5, 4),
            no_new_signature("residence-wide"),
            foreign_form(),
            never_released(&app, &channel),
            not_halted(&app, &channel),
            no_such_release(&app, &channel, 7),
            beyond_the_rollout(5000),
            is_halted(&app, &channel),
            not_a_beginning(),
            not_allowed_any_more(&app, 2),
            already_current(&app, 3),
            already_recalled(&app),
            no_stop_reason(500),
            wrong_envelope(),
            too_many_envelopes(),
            too_many_requests(),
            not_in_folder("metadata/timestamp.json"),
            not_as_signed("blobs/00/00"),
            no_witness("w.example+00+AA==", "ftp://w.example"),
            not_a_witness("w.example+00+AA=="),
            quorum_too_high(3, 2),
            backup_not_empty("backup"),
            backup_unfinished("backup/backup.json"),
            backup_altered("backup/database.jsonl"),
            backup_newer("backup/backup.json"),
            restore_not_empty("store/store.json"),
            no_connection("postgres://db.example/store", "Connection refused (os error 111)"),
            package_away(&Failure::Lost),
            package_away(&Failure::Altered),
            package_away(&Failure::Silent),
            package_before_away(&Failure::Lost),
            failed(),
        ];
        let text: Vec<String> = all.iter().map(|problem| format!("{} {problem}", problem.status)).collect();
        insta::assert_snapshot!(text.join("\n"));
    }
}
