//! What a publisher does with what they handed in, with the verbs of the store's API.

use clap::Args as ClapArgs;

use super::StoreArgs;

/// `guichet hand-in`, `guichet withdraw` and `guichet archive`
#[derive(Debug, ClapArgs)]
pub(crate) struct SubmissionArgs {
    /// The submission's id.
    #[arg(value_name = "SUBMISSION")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// `guichet trial`
#[derive(Debug, ClapArgs)]
pub(crate) struct TrialArgs {
    /// The submission's id.
    #[arg(value_name = "SUBMISSION")]
    pub(crate) id: String,
    /// Who tries it out, by the name they have at the store; may be given more than once.
    #[arg(long = "tester", value_name = "NAME", required_unless_present = "end")]
    pub(crate) testers: Vec<String>,
    /// End the trial.
    #[arg(long, conflicts_with = "testers")]
    pub(crate) end: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}
