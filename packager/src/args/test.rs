//! `guichet test`

use std::path::PathBuf;

use clap::{
    Args as ClapArgs,
    builder::{PossibleValuesParser, TypedValueParser},
};
use guichet_host::Profile;

/// Every profile there is.
const ALL: &str = "all";

/// `guichet test`
#[derive(Debug, ClapArgs)]
pub(crate) struct TestArgs {
    /// The app's folder, or a package.
    #[arg(value_name = "DIR|FILE", default_value = ".")]
    pub(crate) place: PathBuf,
    /// Test what another tool (Vite, webpack …) has built into this folder, with the manifest of the app's folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
    /// Where the journeys are; otherwise tests/ in the app's folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) tests: Option<PathBuf>,
    /// Only journeys in whose name or file this is found.
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// Open no window, and skip what needs one.
    #[arg(long)]
    pub(crate) headless: bool,
    /// A terminal to stand in for, and the person at it, or `all`; may be given more than once.
    #[arg(long = "profile", value_name = "NAME", default_values = ["desktop", "phone"], value_parser = profiles())]
    pub(crate) profiles: Vec<Profiles>,
    /// Where pictures go; otherwise dist/journeys in the app's folder, or journeys where another tool builds into dist.
    #[arg(long, value_name = "DIR")]
    pub(crate) pictures: Option<PathBuf>,
    /// Write a report for a build server too, as JUnit's XML.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}

/// What one `--profile` means.
#[derive(Clone, Debug)]
pub(crate) struct Profiles(pub(crate) Vec<Profile>);

fn profiles() -> impl TypedValueParser<Value = Profiles> {
    let names = Profile::ALL.into_iter().map(Profile::name).chain([ALL]);
    PossibleValuesParser::new(names).try_map(|text| match text.as_str() {
        ALL => Ok(Profiles(Profile::ALL.to_vec())),
        one => one.parse().map(|one| Profiles(vec![one])),
    })
}
