//! What was bent, so that whoever looks at a package knows what they see.

use std::fmt;

use guichet_contract::AppId;

use crate::PackagePath;

/// One thing that is not as MiniApp Packaging has it and was made so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bend {
    /// The payload lay in a folder.
    Payload {
        /// The folder, with its `/`.
        folder: &'static str,
        /// What lay beside it and is left out.
        left_out: Vec<PackagePath>,
    },
    /// The app id is one of W3C's grammar and not of ours.
    AppId {
        /// As the manifest writes it.
        written: String,
        /// What stands in for it on this terminal.
        used: AppId,
    },
    /// The route `pages/x/x` names `pages/x.html`.
    PageFile {
        /// The route, as the manifest has it.
        route: String,
        /// The page's file.
        file: PackagePath,
    },
    /// A page is a `<template>` and no document.
    Template {
        /// The page's file.
        page: PackagePath,
    },
    /// A page's script has exports, so it is a module.
    PageModule {
        /// The script.
        script: PackagePath,
    },
    /// A script calls `global.getGlobalState`, which MiniApp Lifecycle has removed.
    GlobalState {
        /// The script.
        script: PackagePath,
    },
}

impl Bend {
    /// A stable word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Payload { .. } => "payload-folder",
            Self::AppId { .. } => "app-id",
            Self::PageFile { .. } => "page-file",
            Self::Template { .. } => "page-template",
            Self::PageModule { .. } => "page-module",
            Self::GlobalState { .. } => "global-state",
        }
    }

    /// The file it is about.
    pub fn place(&self) -> String {
        match self {
            Self::Payload { folder, .. } => (*folder).to_owned(),
            Self::AppId { .. } => format!("{}#/app_id", crate::manifest::MANIFEST_PATH),
            Self::PageFile { file, .. }
            | Self::Template { page: file }
            | Self::PageModule { script: file }
            | Self::GlobalState { script: file } => file.to_string(),
        }
    }
}

impl fmt::Display for Bend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payload { folder, left_out } => {
                let left_out: Vec<_> = left_out.iter().map(PackagePath::as_str).collect();
                let beside = if left_out.is_empty() { "nothing".to_owned() } else { left_out.join(", ") };
                write!(f, "the payload lies in `{folder}`, which is taken as the root; left out: {beside}")
            }
            Self::AppId { written, used } => {
                write!(f, "`{written}` cannot be an app id here; `{used}` stands in for it")
            }
            Self::PageFile { route, file } => write!(f, "the page `{route}` is not there; `{file}` is taken for it"),
            Self::Template { page } => {
                write!(f, "`{page}` is a `<template>`; its content is taken as the body of a document")
            }
            Self::PageModule { script } => write!(f, "`{script}` has exports, so it is run as a module"),
            Self::GlobalState { script } => {
                write!(f, "`{script}` calls `global.getGlobalState`, which was removed; it is offered again")
            }
        }
    }
}
