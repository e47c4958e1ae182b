//! What the store and its clients say to each other: paths, requests, answers and problems. No server, no client.

mod approval;
mod beacon;
pub mod paths;
mod person;
mod problem;
mod proposal;
mod release;
mod submission;
mod whole;

pub use approval::{Approval, RefusalReason, SignedDocument};
pub use beacon::{Beacon, BeaconEnvelope, BeaconKind, MOST_BEACON_BYTES, MOST_BEACONS};
pub use person::{Health, Me, PersonRole};
pub use problem::{PROBLEM_MEDIA_TYPE, Problem};
pub use proposal::{Proposal, ProposalRole, ProposalTrust};
pub use release::{Beginning, Reach, Revert, Stage, StopReason, Trial};
pub use submission::{
    ApprovalMark, Blob, HistoryEntry, LogicKind, ManifestSummary, PackagedFile, PermissionAsk, Submission,
    SubmissionDetail, SubmissionKind, SubmissionList, SubmissionState, Version,
};

/// The media type of a package, as the W3C registers it.
pub const PACKAGE_MEDIA_TYPE: &str = "application/miniapp-pkg+zip";
