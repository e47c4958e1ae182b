//! What the store and its clients say to each other: paths, requests, answers and problems. No server, no client.

mod approval;
mod beacon;
mod check;
mod line;
mod member;
pub mod paths;
mod person;
mod problem;
mod proposal;
mod record;
mod release;
mod service;
mod submission;
mod talk;
mod terminal;
mod whole;

pub use approval::{Approval, RefusalReason, SignedDocument};
pub use beacon::{
    Beacon, BeaconEnvelope, BeaconKind, DayCount, DayCountList, EventCount, MOST_BEACON_BYTES, MOST_BEACONS,
    MOST_COUNTS, MOST_IN_A_COUNT,
};
pub use check::{
    Check, CheckAgain, CheckFinding, CheckList, CheckName, CheckState, CheckWeight, Journeys, LooksLike, MadeCheck,
    PagePicture, PagePictureList, Said,
};
pub use line::{Release, ReleaseAct, ReleaseLine, ReleaseLineDetail, ReleaseLineList};
pub use member::{
    Identity, Invitation, InvitationList, Invite, MakeToken, Member, MemberList, NewIdentity, NewInvitation, NewRole,
    NewToken, Token, TokenAction, TokenList,
};
pub use person::{Health, HeldRole, Me, PersonRole};
pub use problem::{PROBLEM_MEDIA_TYPE, Problem};
pub use proposal::{Proposal, ProposalRole, ProposalTrust};
pub use record::{AuditEntry, AuditList, AuditOutcome};
pub use release::{Beginning, Reach, ResumeReason, Revert, Stage, StopReason, Trial};
pub use service::{
    LifeEvent, Service, ServiceDetail, ServiceList, ServiceNews, ServicePermission, Shelf, Texts, life_event, plainly,
};
pub use submission::{
    ApprovalMark, Blob, HistoryEntry, LogicKind, ManifestSummary, PackagedFile, PermissionAsk, Submission,
    SubmissionDetail, SubmissionKind, SubmissionList, SubmissionState, Version,
};
pub use talk::{Claim, Message, MessageList, NewMessage, Why};
pub use terminal::{
    Enrolled, Enrolment, EnrolmentProof, MOST_PICTURE_BYTES, MOST_REPORT_BYTES, PartHealth, PartReport, PictureReport,
    ReportTaken, SignedReport, TerminalPicture, TerminalReport,
};

/// The media type of a package, as the W3C registers it.
pub const PACKAGE_MEDIA_TYPE: &str = "application/miniapp-pkg+zip";
