//! What can be typed: every command, flag and its help.

mod draft;
mod policy;
mod preview;
mod release;
mod test;
mod written;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use guichet_api::SubmissionState;
use guichet_contract::{AppId, network::Domain};
use guichet_services::Simulation;

use crate::{
    dev::words::{NetworkName, ProfileName, ThemeName},
    lang::Lang,
};

pub(crate) use draft::{SubmissionArgs, TrialArgs};
pub(crate) use policy::{PolicyCommand, PolicyNewArgs, PolicyShowArgs, PolicySignArgs};
pub(crate) use preview::PreviewArgs;
pub(crate) use release::{LineArgs, LogsArgs, ResumeArgs, RevertArgs, StopArgs};
pub(crate) use test::{Profiles, TestArgs};
pub(crate) use written::{CompletionsArgs, ManArgs, TypesArgs};

/// Makes MiniApps, packs and seals them, and takes them through review.
#[derive(Debug, Parser)]
#[command(name = "guichet", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, ClapArgs)]
pub(crate) struct CommonArgs {
    /// Print one JSON document instead of text.
    #[arg(long, global = true, display_order = 900)]
    pub(crate) json: bool,
    /// The language of messages; otherwise the terminal's.
    #[arg(long, global = true, value_enum, value_name = "LANG", display_order = 901)]
    pub(crate) lang: Option<Lang>,
}

/// Which store, and who asks.
#[derive(Debug, ClapArgs)]
pub(crate) struct StoreArgs {
    /// The store's address.
    #[arg(long, value_name = "URL", env = "GUICHET_STORE_URL", default_value = "http://127.0.0.1:8480")]
    pub(crate) store: String,
    /// Your token at the store; better set in the environment, where other programs cannot read it.
    #[arg(long, value_name = "TOKEN", env = "GUICHET_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the folder of a new app.
    New(NewArgs),
    /// Pack a folder into one file, the same bytes everywhere.
    Build(BuildArgs),
    /// Show a folder in a window as it is, and every change as it is saved.
    Dev(DevArgs),
    /// Show a folder on your own paired terminal, as it is saved.
    Preview(PreviewArgs),
    /// Say all that a store would, with places and what to do.
    Check(CheckArgs),
    /// Look at this machine, and say how to get what it lacks.
    Doctor(DoctorArgs),
    /// Run the journeys of an app: what people do with it, and what they see.
    Test(TestArgs),
    /// Make or show a key.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Seal a package that was built without a key.
    Seal(SealArgs),
    /// Judge a package as a store or a terminal would.
    Verify(VerifyArgs),
    /// Show what a package contains and asks for.
    Inspect(InspectArgs),
    /// Show what a package may do and contains that another did not.
    Diff(DiffArgs),
    /// Take over a package of another tool, written anew in our form.
    Import(ImportArgs),
    /// Write the address of an app or of one of its pages, for a link or a QR code.
    Address(AddressArgs),
    /// Run the logic of recorded sessions again, and find the first output that differs.
    Replay(ReplayArgs),
    /// Submit a package to the store.
    Publish(PublishArgs),
    /// Hand a draft in, or again what was changed or explained.
    HandIn(SubmissionArgs),
    /// Let people at the store try a draft out.
    Trial(TrialArgs),
    /// Take a submission back; it is a draft again.
    Withdraw(SubmissionArgs),
    /// Put a submission away.
    Archive(SubmissionArgs),
    /// Decide on what others have submitted.
    #[command(subcommand)]
    Review(ReviewCommand),
    /// Show where submissions stand.
    Status(StatusArgs),
    /// Show what has happened to an app at the store, step by step.
    Logs(LogsArgs),
    /// Hold the newest release back, at once.
    Halt(StopArgs),
    /// Let releases go on that were halted.
    Resume(ResumeArgs),
    /// Propose to go back to the contents of an earlier release.
    #[command(visible_alias = "rollback")]
    Revert(RevertArgs),
    /// Propose to take an app back from every terminal.
    Recall(StopArgs),
    /// Say what a terminal of a hall is for.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Write the JSON Schema of manifest.json, for editors.
    Schema,
    /// Write the types of the host APIs, as a package for npm.
    Types(TypesArgs),
    /// Write what a shell needs to complete commands and flags.
    Completions(CompletionsArgs),
    /// Write a manual page for each command.
    Man(ManArgs),
}

/// `guichet new`
#[derive(Debug, ClapArgs)]
pub(crate) struct NewArgs {
    /// The folder to make; it may exist if it is empty.
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
    /// What to begin with; asked for on a terminal, otherwise `page`.
    #[arg(long, value_enum)]
    pub(crate) template: Option<TemplateName>,
    /// The app's id, under a prefix of your department, such as gov.example.repairs.
    #[arg(long, value_name = "ID")]
    pub(crate) app_id: Option<AppId>,
    /// Ask nothing; what is not given is chosen.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// The folders `guichet new` can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TemplateName {
    /// Pages with logic in JavaScript.
    Page,
    /// Pages with logic in Rust, a WebAssembly component.
    Component,
    /// A page made with Vite and Vue, which npm fetches.
    Vue,
}

impl TemplateName {
    /// The word that is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Component => "component",
            Self::Vue => "vue",
        }
    }
}

/// `guichet build`
#[derive(Debug, ClapArgs)]
pub(crate) struct BuildArgs {
    /// The app's folder, with its manifest.json.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) directory: PathBuf,
    /// Where to write the package; otherwise dist/<app-id>-<code>.ma in the app's folder.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The publisher's key to seal with, a file or a PKCS#11 URI; without one the package stays unsealed.
    #[arg(long, value_name = "KEY", env = "GUICHET_KEY")]
    pub(crate) key: Option<PathBuf>,
    /// Write nothing and prove that this package is the build of the folder.
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    pub(crate) check: Option<PathBuf>,
    /// Pack what another tool (Vite, webpack …) has built into this folder; the manifest is made if there is none.
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    pub(crate) from: Option<PathBuf>,
    /// For the manifest: the app's id, under a prefix of your department.
    #[arg(long, value_name = "ID", requires = "from")]
    pub(crate) app_id: Option<AppId>,
    /// For the manifest: the app's name; otherwise the title of its first page.
    #[arg(long, value_name = "NAME", requires = "from")]
    pub(crate) name: Option<String>,
    /// For the manifest: a picture in the build, as the app's icon.
    #[arg(long, value_name = "PATH", requires = "from")]
    pub(crate) icon: Option<String>,
    /// For the manifest: a host that the app may reach; may be given more than once.
    #[arg(long = "domain", value_name = "HOST", requires = "from")]
    pub(crate) domains: Vec<Domain>,
    /// Ask nothing; what is not given is chosen, but for hosts.
    #[arg(long, requires = "from")]
    pub(crate) yes: bool,
}

/// `guichet check`
#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    /// The app's folder, or a package.
    #[arg(value_name = "DIR|FILE", default_value = ".")]
    pub(crate) place: PathBuf,
    /// Check what another tool (Vite, webpack …) has built into this folder, with the manifest of the app's folder.
    #[arg(long, value_name = "DIR", conflicts_with = "fix")]
    pub(crate) from: Option<PathBuf>,
    /// Change the folder where that is safe, and check it again.
    #[arg(long)]
    pub(crate) fix: bool,
}

/// `guichet dev`
#[derive(Debug, ClapArgs)]
pub(crate) struct DevArgs {
    /// The app's folder, with its manifest.json.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) directory: PathBuf,
    /// Show what another tool (Vite, webpack …) builds into this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
    /// Run this first, and again when a file it is made from changes; otherwise what the folder needs.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) run: Option<String>,
    /// The terminal, and the person at it.
    #[arg(long, value_enum, value_name = "NAME", default_value = "desktop")]
    pub(crate) profile: ProfileName,
    /// Light, dark, or as the system has it.
    #[arg(long, value_enum, value_name = "NAME", default_value = "system")]
    pub(crate) theme: ThemeName,
    /// The language of the person; otherwise that of messages.
    #[arg(long, value_name = "TAG")]
    pub(crate) app_lang: Option<String>,
    /// How the app reaches the network.
    #[arg(long, value_enum, value_name = "NAME", default_value = "online")]
    pub(crate) network: NetworkName,
    /// How a simulated device is: printer=jam; several with commas.
    #[arg(long = "device", value_name = "NAME=STATE", value_delimiter = ',')]
    pub(crate) devices: Vec<Simulation>,
    /// Let a WebDriver drive the window: for tests only.
    #[arg(long)]
    pub(crate) automation: bool,
}

/// `guichet doctor`
#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    /// A store that should answer, and whose clock this one is compared with.
    #[arg(long, value_name = "URL", env = "GUICHET_STORE_URL")]
    pub(crate) store: Option<String>,
}

/// `guichet key`
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key, in a new file that only you can read or on a PKCS#11 token.
    New(KeyArgs),
    /// Show the public half of a key.
    Show(KeyArgs),
    /// Show the keys on PKCS#11 tokens.
    List(KeyListArgs),
}

/// `guichet key new` and `guichet key show`
#[derive(Debug, ClapArgs)]
pub(crate) struct KeyArgs {
    /// The key file, or the key's PKCS#11 URI.
    #[arg(value_name = "KEY")]
    pub(crate) key: PathBuf,
}

/// `guichet key list`
#[derive(Debug, ClapArgs)]
pub(crate) struct KeyListArgs {
    /// Show only what this PKCS#11 URI means; otherwise all that the module shows.
    #[arg(value_name = "URI")]
    pub(crate) uri: Option<String>,
}

/// `guichet seal`
#[derive(Debug, ClapArgs)]
pub(crate) struct SealArgs {
    /// The package.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The publisher's key, a file or a PKCS#11 URI.
    #[arg(long, value_name = "KEY", env = "GUICHET_KEY")]
    pub(crate) key: PathBuf,
    /// Where to write the sealed package; otherwise in place.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `guichet verify`
#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// The package.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Judge everything but the seal.
    #[arg(long, conflicts_with_all = ["trust", "keys"])]
    pub(crate) unsealed: bool,
    /// Judge the seal by the publisher keys that the store of this trust file has signed.
    #[arg(long, value_name = "FILE", env = "GUICHET_TRUST")]
    pub(crate) trust: Option<PathBuf>,
    /// Judge the seal by a publisher keys document (keys/<department>.json) at hand.
    #[arg(long, value_name = "FILE", conflicts_with = "trust")]
    pub(crate) keys: Option<PathBuf>,
}

/// `guichet inspect`
#[derive(Debug, ClapArgs)]
pub(crate) struct InspectArgs {
    /// The package.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Name the department of the seal by its publisher keys document at hand; the seal is not judged.
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
}

/// `guichet diff`
#[derive(Debug, ClapArgs)]
pub(crate) struct DiffArgs {
    /// The package before.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The package after.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
}

/// `guichet import`
#[derive(Debug, ClapArgs)]
pub(crate) struct ImportArgs {
    /// The package of another tool, stored or compressed.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where to write ours; otherwise <name>.imported.ma beside it.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `guichet address`
#[derive(Debug, ClapArgs)]
pub(crate) struct AddressArgs {
    /// The app's id.
    #[arg(value_name = "APP_ID")]
    pub(crate) app_id: AppId,
    /// The page to open, as the app's manifest names it; otherwise its first.
    #[arg(long, value_name = "PAGE")]
    pub(crate) page: Option<String>,
    /// What the page is told after the question mark, percent-encoded, such as case=1.
    #[arg(long, value_name = "QUERY")]
    pub(crate) query: Option<String>,
    /// The part of the page to go to, after the number sign.
    #[arg(long, value_name = "FRAGMENT")]
    pub(crate) fragment: Option<String>,
    /// The version to open; otherwise the newest a terminal has.
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// Begin with https:// and this host, which terminals must know; otherwise with guichet://.
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// Write a QR code of it too, as a picture.
    #[arg(long, value_name = "FILE.svg|FILE.png")]
    pub(crate) qr: Option<PathBuf>,
}

/// `guichet replay`
#[derive(Debug, ClapArgs)]
pub(crate) struct ReplayArgs {
    /// The journal that guichet-desktop --record wrote.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Run the logic of this package in the place of what was recorded.
    #[arg(long, value_name = "FILE")]
    pub(crate) package: Option<PathBuf>,
    /// Also play the pages in a window that nobody sees, and find the first difference in what they show.
    #[arg(long)]
    pub(crate) glass: bool,
}

/// `guichet publish`
#[derive(Debug, ClapArgs)]
pub(crate) struct PublishArgs {
    /// The sealed package.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The journeys that the store is to run while it is in review; otherwise tests/ of the app, for a package in its dist/.
    #[arg(long, value_name = "DIR")]
    pub(crate) tests: Option<PathBuf>,
    /// Keep it as a draft: reviewers do not see it, and listed people may try it out.
    #[arg(long)]
    pub(crate) draft: bool,
    /// Let it take the place of this submission of the same app.
    #[arg(long, value_name = "SUBMISSION")]
    pub(crate) replaces: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// `guichet review`
#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// Show what waits for a decision.
    List(ReviewListArgs),
    /// Show one submission: what it is, what it asks for, what changed.
    Show(ReviewShowArgs),
    /// Check a submission on this machine and sign its release.
    Approve(ApproveArgs),
    /// Send a submission back.
    Refuse(RefuseArgs),
}

/// `guichet review list`
#[derive(Debug, ClapArgs)]
pub(crate) struct ReviewListArgs {
    /// Show only submissions in this state; otherwise those that wait for a decision.
    #[arg(long, value_parser = state)]
    pub(crate) state: Option<SubmissionState>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// `guichet review show`
#[derive(Debug, ClapArgs)]
pub(crate) struct ReviewShowArgs {
    /// The submission's id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// `guichet review approve`
#[derive(Debug, ClapArgs)]
pub(crate) struct ApproveArgs {
    /// The submission's id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Your reviewer's key, a file or a PKCS#11 URI.
    #[arg(long, value_name = "KEY", env = "GUICHET_REVIEWER_KEY")]
    pub(crate) key: PathBuf,
    /// The store's trust file, as you were given it.
    #[arg(long, value_name = "FILE", env = "GUICHET_TRUST", default_value = "guichet.trust.json")]
    pub(crate) trust: PathBuf,
    /// Sign without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    /// You mean to go back to an earlier version; without it only newer ones are signed.
    #[arg(long, conflicts_with = "recall")]
    pub(crate) revert: bool,
    /// You mean to take the app back; without it only releases are signed.
    #[arg(long)]
    pub(crate) recall: bool,
    /// Sign also for what the department lists under signatures of keys that were removed.
    #[arg(long)]
    pub(crate) adopt: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// `guichet review refuse`
#[derive(Debug, ClapArgs)]
pub(crate) struct RefuseArgs {
    /// The submission's id.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// What the publisher is to change.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// `guichet status`
#[derive(Debug, ClapArgs)]
pub(crate) struct StatusArgs {
    /// An app's id or a submission's id; otherwise everything you may see.
    #[arg(value_name = "APP_ID|SUBMISSION")]
    pub(crate) what: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

fn state(text: &str) -> Result<SubmissionState, String> {
    let words: Vec<_> = SubmissionState::ALL.iter().map(|state| state.as_str()).collect();
    text.parse().map_err(|_| format!("one of {}", words.join(", ")))
}
