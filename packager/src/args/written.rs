//! What the program writes about itself, for shells, readers and editors.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap_complete::Shell;

/// `guichet completions`
#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// `guichet man`
#[derive(Debug, ClapArgs)]
pub(crate) struct ManArgs {
    /// A folder that `man` looks into, such as ~/.local/share/man; the pages go into the part of their language.
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
}

/// `guichet types`
#[derive(Debug, ClapArgs)]
pub(crate) struct TypesArgs {
    /// The package's folder, written anew.
    #[arg(value_name = "DIR", default_value = "guichet-types")]
    pub(crate) directory: PathBuf,
}
