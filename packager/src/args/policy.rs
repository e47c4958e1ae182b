//! `guichet policy`: what the terminals of a hall are for.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

/// `guichet policy`
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Write a policy to fill in, for one terminal.
    New(PolicyNewArgs),
    /// Sign a policy with the operator's key.
    Sign(PolicySignArgs),
    /// Show what a policy says, and who signed it.
    Show(PolicyShowArgs),
}

/// `guichet policy new`
#[derive(Debug, ClapArgs)]
pub(crate) struct PolicyNewArgs {
    /// The new file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The hall the terminal stands in.
    #[arg(long, value_name = "HALL")]
    pub(crate) hall: String,
    /// The terminal's name there.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// Its number: higher than that of every policy the terminal has had.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) sequence: u64,
    /// How many days it holds.
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u64).range(1..=3650))]
    pub(crate) days: u64,
    /// A file whose first line is the staff's PIN, 6 to 12 digits; only its hash is written. Without one there is no page for staff.
    #[arg(long, value_name = "FILE")]
    pub(crate) pin_file: Option<PathBuf>,
}

/// `guichet policy sign`
#[derive(Debug, ClapArgs)]
pub(crate) struct PolicySignArgs {
    /// The policy, as it was filled in.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The operator's key, a file or a PKCS#11 URI.
    #[arg(long, value_name = "KEY", env = "GUICHET_OPERATOR_KEY")]
    pub(crate) key: PathBuf,
    /// Where to write the signed policy; otherwise <name>.signed.json beside it.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `guichet policy show`
#[derive(Debug, ClapArgs)]
pub(crate) struct PolicyShowArgs {
    /// The signed policy.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The operator's public key, a file with what `guichet key show` prints; without one nobody vouches for what is shown.
    #[arg(long, value_name = "FILE")]
    pub(crate) operator_key: Option<PathBuf>,
}
