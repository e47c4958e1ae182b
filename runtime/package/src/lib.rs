//! The MiniApp package: manifest, container, contents, seal, and the signed documents about releases.
//!
//! Bytes, time and limits are arguments; nothing here reads a file or a clock. Each stage of a package is a type that
//! only the step before it makes: [`PackageDraft`] (an author's files), [`CheckedPackage`] and [`PackageFile`]
//! (consistent in itself), [`VerifiedPackage`] and [`VerifiedContents`] (sealed by a department's key).

pub mod address;
mod checked;
pub mod compat;
pub mod container;
mod contents;
pub mod delta;
pub mod diff;
mod document;
mod draft;
mod file;
mod files;
pub mod findings;
pub mod html;
mod import;
mod json;
mod layout;
mod limits;
pub mod manifest;
pub mod media_type;
#[cfg(feature = "mentions")]
pub mod mentions;
pub mod path;
pub mod policy;
mod refusal;
pub mod release;
mod seal;
pub mod shown;
pub mod source;
mod statement;
pub mod trust_file;
mod verified;

pub use address::Address;
pub use checked::CheckedPackage;
pub use container::SigningBlock;
pub use contents::ContentsRefusal;
pub use diff::PackageDiff;
pub use document::{DocumentFault, DocumentRefusal, FORMAT};
pub use draft::PackageDraft;
pub use file::PackageFile;
pub use findings::Finding;
pub use import::{Change, Imported};
pub use layout::LayoutRefusal;
pub use limits::Limits;
pub use manifest::Manifest;
pub use path::PackagePath;
pub use policy::{Policy, SignedPolicy};
pub use refusal::Refusal;
pub use release::{Blob, Brake, LogLeaf, PublisherKeys, ReleaseDocument};
pub use seal::{Seal, SealRefusal, Seals};
pub use statement::{FileEntry, Platform, Statement, Version};
pub use trust_file::TrustFile;
pub use verified::{VerifiedContents, VerifiedPackage};
