//! What an operator does about releases that are out, with the verbs of the store's API.

use clap::Args as ClapArgs;
use guichet_contract::{AppId, Channel};

use super::StoreArgs;

/// Which releases.
#[derive(Debug, ClapArgs)]
pub(crate) struct LineArgs {
    /// The app's id.
    #[arg(value_name = "APP_ID")]
    pub(crate) app_id: AppId,
    /// The channel.
    #[arg(long, value_name = "CHANNEL", default_value = "stable")]
    pub(crate) channel: Channel,
}

/// `guichet halt` and `guichet recall`
#[derive(Debug, ClapArgs)]
pub(crate) struct StopArgs {
    #[command(flatten)]
    pub(crate) line: LineArgs,
    /// Why, for the people at the terminals and in the history.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// `guichet resume`
#[derive(Debug, ClapArgs)]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    pub(crate) line: LineArgs,
    /// Why, for the history.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// `guichet revert`
#[derive(Debug, ClapArgs)]
pub(crate) struct RevertArgs {
    #[command(flatten)]
    pub(crate) line: LineArgs,
    /// The sequence of the release to go back to; otherwise the one before the newest.
    #[arg(long, value_name = "SEQUENCE")]
    pub(crate) to: Option<u64>,
    /// Why, for the reviewers who sign it and in the history.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// `guichet logs`
#[derive(Debug, ClapArgs)]
pub(crate) struct LogsArgs {
    /// The app's id.
    #[arg(value_name = "APP_ID")]
    pub(crate) app_id: AppId,
    /// Of how many submissions, the newest.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) last: usize,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}
