//! `guichet review approve`: check a submission on this machine and sign its release.
//!
//! The store only proposes. What is signed is compared with what this machine verified from its own trust file.

use std::{
    io::{IsTerminal as _, stderr, stdin},
    path::PathBuf,
};

use guichet_api::{Approval, Submission, SubmissionState};
use guichet_package::{Limits, PackageFile, ReleaseDocument, VerifiedPackage};

use super::status::submission_fields;
use crate::{
    args::ApproveArgs,
    exit_status::ExitStatus,
    failure::Failure,
    key::Key,
    message::Message,
    metadata::Metadata,
    printer::Printer,
    proposal::{Meant, Proposed},
    release_view,
    signing::Plan,
    store::Store,
    table,
};

/// What the reviewer has decided before the program runs.
#[derive(Debug)]
pub(crate) struct Decision {
    id: String,
    key: PathBuf,
    trust: PathBuf,
    ask: bool,
    meant: Meant,
    /// Also sign for what those had signed who no longer may.
    adopt: bool,
    now_ms: u64,
}

impl Decision {
    /// Signing needs a yes: from the terminal or from `--yes`.
    pub(crate) fn resolve(args: &ApproveArgs, now_ms: u64) -> Result<Self, Failure> {
        let terminal = stdin().is_terminal() && stderr().is_terminal();
        if !args.yes && !terminal {
            return Err(Failure::NobodyToConfirm { id: args.id.clone() });
        }
        let meant = match (args.revert, args.recall) {
            (true, _) => Meant::Revert,
            (_, true) => Meant::Recall,
            _ => Meant::Release,
        };
        Ok(Self {
            meant,
            id: args.id.clone(),
            key: args.key.clone(),
            trust: args.trust.clone(),
            ask: !args.yes,
            adopt: args.adopt,
            now_ms,
        })
    }
}

/// Verifies, shows, asks, signs, and hands the signatures over.
pub(crate) fn run(decision: &Decision, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let id = decision.id.as_str();
    let key = Key::open(&decision.key, printer)?;
    let submission = store.submission(id)?.submission;
    if !submission.state.is_reviewable() {
        return Err(Failure::NothingToDecide { id: id.to_owned(), state: submission.state.to_string() });
    }
    let proposal = store.proposal(id)?;

    let department = &submission.department;
    let wide = format!("{department}-wide");
    let roles = [department.as_str(), wide.as_str()];
    let mut metadata = Metadata::refresh(&decision.trust, &roles, decision.now_ms, printer)?;
    metadata.add_waiting(&proposal.waiting)?;
    let package = package(id, store, &metadata, &submission, printer)?;
    let proposed = Proposed::check(&proposal, &package, &metadata, department, decision.meant)?;
    let plan = Plan::prepare(&proposed, &proposal, &metadata, &key.public(), decision.now_ms)?;
    if plan.is_empty() {
        return Err(Failure::AlreadySigned { id: id.to_owned() });
    }

    printer.show(&release_view::text(&package, &proposed, printer));
    for (role, paths) in plan.adopted() {
        let (role, paths) = (role.to_owned(), paths.join(", "));
        if !decision.adopt {
            return Err(Failure::NotAdopted { role, paths });
        }
        printer.say(&Message::Adopts { role, paths });
    }
    if decision.ask && !confirmed(&proposed.release, printer) {
        return Err(Failure::NotSigned);
    }
    let documents = plan.sign(&key, printer)?;
    let submission = store.approve(id, &Approval { documents })?;
    printer.result(&submission, |_| submission_fields(&submission, printer));
    say_next(&submission, printer);
    Ok(ExitStatus::Done)
}

/// The package, sealed by a key that the security office lists for the department.
fn package(
    id: &str,
    store: &Store,
    metadata: &Metadata,
    submission: &Submission,
    printer: Printer,
) -> Result<VerifiedPackage, Failure> {
    printer.say(&Message::FetchingPackage { id: id.to_owned() });
    let limits = Limits::default();
    let refuse = |refusal| Failure::document(refusal, format!("submission {id}"));
    let package = PackageFile::open(store.package(id, limits.container_bytes)?, &limits).map_err(refuse)?;
    let keys = metadata.publisher_keys(&submission.department)?;
    package.verify(&keys).map_err(refuse)
}

fn confirmed(release: &ReleaseDocument, printer: Printer) -> bool {
    let version = table::plain(&release.version.name);
    printer.ask(&Message::AskApprove { app_id: release.app_id.to_string(), version });
    let mut answer = String::new();
    // Without an answer nothing is signed.
    drop(stdin().read_line(&mut answer));
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是")
}

fn say_next(submission: &Submission, printer: Printer) {
    printer.say(&match submission.state {
        SubmissionState::Released => Message::Released {
            app_id: submission.app_id.to_string(),
            version: table::plain(&submission.version.name),
            sequence: submission.sequence,
        },
        SubmissionState::Approved => Message::WaitsForTheLog { app_id: submission.app_id.to_string() },
        _ => Message::OneMoreReviewer { have: submission.approvals.len(), need: submission.approvals_needed },
    });
}
