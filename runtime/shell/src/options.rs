//! The command line, and what follows from it and from the environment.

use std::path::{Path, PathBuf};

use clap::Parser;

use guichet_package::trust_file::TRUST_FILE_NAME;

use crate::{address::Address, profile::Profile};

/// The citizen's window on a desktop.
#[derive(Debug, Parser)]
#[command(
    name = "guichet-desktop",
    version,
    after_help = "GUICHET_LOG says what is logged to standard error, such as `info`."
)]
pub(crate) struct Options {
    /// What this host trusts from the beginning: the store's guichet.trust.json [default: guichet.trust.json in the home]
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
    /// The folder that is this host's alone [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "GUICHET_HOME")]
    pub(crate) home: Option<PathBuf>,
    /// Open this app, or this page of an app; it is added first if it is not here
    #[arg(long, value_name = "APP_ID|ADDRESS", value_parser = address)]
    pub(crate) open: Option<Address>,
    /// The language of names and of the host's own page: zh-Hans or en [default: as chosen before, or as the system has it]
    #[arg(long, value_name = "TAG", value_parser = language)]
    pub(crate) lang: Option<String>,
    /// The terminal to stand in for: desktop, phone or kiosk
    #[arg(long, value_name = "NAME", default_value = "desktop")]
    pub(crate) profile: Profile,
    /// Write a picture of the window when the page is ready, and end
    #[arg(long, value_name = "PNG")]
    pub(crate) screenshot: Option<PathBuf>,
    /// Write what was seen when the page is ready, and end
    #[arg(long, value_name = "JSON")]
    pub(crate) report: Option<PathBuf>,
    /// How often to look for new releases
    #[arg(long, value_name = "SECONDS", env = "GUICHET_REFRESH_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) refresh_seconds: u64,
    /// Let a WebDriver drive the window: for tests only, all views then share one web context
    #[arg(long)]
    pub(crate) automation: bool,
    /// Draw pages in processes without a sandbox, where the system cannot give one
    #[arg(long)]
    pub(crate) no_renderer_sandbox: bool,
}

impl Options {
    /// The home: as given, or the platform's data folder; none if the system does not say where that is.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let data = || folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")));
        self.home.clone().or_else(|| Some(data()?.join("guichet")))
    }

    /// The trust file: as given, or the one in the home.
    pub(crate) fn trust(&self, home: &Path) -> PathBuf {
        self.trust.clone().unwrap_or_else(|| home.join(TRUST_FILE_NAME))
    }
}

fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|error: crate::address::InvalidAddress| format!("{error}; hint: {}", error.hint()))
}

fn language(text: &str) -> Result<String, String> {
    match text {
        "zh" | "zh-Hans" | "zh-CN" => Ok("zh-Hans".to_owned()),
        "en" => Ok("en".to_owned()),
        _ => Err(format!("there is no host page in `{text}`; hint: zh-Hans or en")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_wins_over_the_defaults() {
        let options = Options::parse_from([
            "guichet-desktop",
            "--home",
            "/h",
            "--lang",
            "zh",
            "--profile",
            "phone",
            "--open",
            "a.b",
        ]);
        assert_eq!(options.home(), Some(PathBuf::from("/h")));
        assert_eq!(options.trust(Path::new("/h")), PathBuf::from("/h/guichet.trust.json"));
        assert_eq!((options.lang.as_deref(), options.profile), (Some("zh-Hans"), Profile::Phone));
    }

    #[test]
    fn wrong_usage_says_what_would_be_right() {
        let refuse = |arguments: &[&str]| {
            let all = ["guichet-desktop"].iter().chain(arguments);
            Options::try_parse_from(all).unwrap_err().to_string()
        };
        insta::assert_snapshot!(refuse(&["--open", "permit"]));
        insta::assert_snapshot!(refuse(&["--lang", "xx"]));
        insta::assert_snapshot!(refuse(&["--profile", "watch"]));
        insta::assert_snapshot!(refuse(&["--refresh-seconds", "0"]));
    }
}
