//! The command line, and what follows from it and from the environment.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{CommandFactory, Parser, error::ErrorKind};
use clap_complete::Shell;
use guichet_contract::AppId;
use guichet_host::{LookTerminal, Profile, preview::PreviewAddress};
use guichet_package::{Address, compat::Layout, trust_file::TRUST_FILE_NAME};
use guichet_services::Simulation;

use crate::{desk::Background, preview};

/// The citizen's window on a desktop.
#[derive(Debug, Parser)]
#[command(
    name = "guichet-desktop",
    version,
    after_help = "GUICHET_LOG says what is logged to standard error, such as `info`; GUICHET_TRACE names a file for a Chrome trace of the opening path."
)]
pub(crate) struct Options {
    /// What this host trusts from the beginning: the store's guichet.trust.json [default: guichet.trust.json in the home]
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
    /// Update from this folder, such as one on a USB stick, instead of the address in the trust file; all checks are the same
    #[arg(long, value_name = "DIR")]
    pub(crate) updates_from: Option<PathBuf>,
    /// The folder that is this host's alone [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "GUICHET_HOME")]
    pub(crate) home: Option<PathBuf>,
    /// The devices of this terminal [default: devices.json in the home, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) devices: Option<PathBuf>,
    /// Open this app, or this page of an app; it is added first if it is not here. The address of `guichet preview`: that draft. With --unsealed: this file
    #[arg(long, value_name = "APP_ID|ADDRESS|FILE")]
    open: Option<String>,
    /// Look at a package file that nobody has to have sealed: without a store, nothing is kept, never as a kiosk
    #[arg(long, requires = "open")]
    unsealed: bool,
    /// Also take packages that are laid out as W3C's own test packages are, and say what was bent
    #[arg(long, requires = "unsealed")]
    compat: bool,
    /// Simulate the devices of a terminal, each as it is said (printer=jam) or with nothing wrong; several with commas
    #[arg(long, value_name = "NAME=STATE", requires = "unsealed")]
    pub(crate) simulate: Option<String>,
    /// Show what `guichet dev` writes on standard input, as a developer's window: without a store, nothing is kept, never as a terminal
    #[arg(long, conflicts_with_all = ["trust", "updates_from", "devices", "open", "unsealed", "profile", "screenshot", "report", "record", "console"])]
    dev: bool,
    /// List the developers' computers that this host is paired with for previews, and end
    #[arg(long, conflicts_with_all = ["open", "console", "end_preview", "screenshot", "report", "record"])]
    pub(crate) previews: bool,
    /// End the pairing with a developer's computer: its name, or the beginning of its key
    #[arg(long, value_name = "COMPUTER", conflicts_with_all = ["open", "console", "screenshot", "report", "record"])]
    pub(crate) end_preview: Option<String>,
    /// Print what a shell needs to complete these flags, and end
    #[arg(long, value_name = "SHELL")]
    pub(crate) completions: Option<Shell>,
    /// Write the manual page into the man1 of a folder that `man` looks into, such as ~/.local/share/man, and end
    #[arg(long, value_name = "DIR")]
    pub(crate) man: Option<PathBuf>,
    /// The language of names and of the host's own page: zh-Hans or en [default: as chosen before, or as the system has it]
    #[arg(long, value_name = "TAG", value_parser = language)]
    pub(crate) lang: Option<String>,
    /// The terminal to stand in for, and the person at it: phone, tablet, desktop, kiosk, elder or reader
    #[arg(long, value_name = "NAME", default_value = "desktop")]
    pub(crate) profile: Profile,
    /// Write a picture of the window when the page is ready, and end
    #[arg(long, value_name = "PNG")]
    pub(crate) screenshot: Option<PathBuf>,
    /// Write what was seen when the page is ready, and end
    #[arg(long, value_name = "JSON")]
    pub(crate) report: Option<PathBuf>,
    /// Write a journal of what the logic of every app is given and puts out, for `guichet replay`, into a new file. It holds what people enter, save for what an app declares as personal
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Play the pages of a recorded session, with those of --open FILE --unsealed if they are given, write what was found to --report, and end; `guichet replay --glass` does that
    #[arg(long, value_name = "FILE", requires_all = ["session", "report"], conflicts_with_all = ["record", "screenshot", "compat"])]
    pub(crate) replay: Option<PathBuf>,
    /// Which session of the journal
    #[arg(long, value_name = "N", requires = "replay")]
    pub(crate) session: Option<u64>,
    /// Print what this app has said on its console on this device, and end
    #[arg(long, value_name = "APP_ID", conflicts_with_all = ["open", "record", "screenshot", "report"])]
    pub(crate) console: Option<AppId>,
    /// How often to look for new releases
    #[arg(long, value_name = "SECONDS", env = "GUICHET_REFRESH_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) refresh_seconds: u64,
    /// Make the view of an app when it is opened, and keep none ready for the next one
    #[arg(long)]
    pub(crate) no_warm_view: bool,
    /// How long an app that was left stays loaded in the background; on a kiosk it ends at once
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    background_seconds: u64,
    /// How many apps stay loaded in the background
    #[arg(long, value_name = "N", default_value_t = 4)]
    background_apps: usize,
    /// Let a WebDriver drive the window: for tests only, all views then share one web context
    #[arg(long)]
    pub(crate) automation: bool,
    /// Draw pages in processes without a sandbox, where the system cannot give one
    #[arg(long)]
    pub(crate) no_renderer_sandbox: bool,
}

/// What the command line wants opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The home page.
    Nothing,
    /// An app of the store.
    App(Address),
    /// What `guichet dev` writes on standard input.
    Drafts,
    /// The drafts of a developer's computer.
    Preview(PreviewAddress),
    /// A package file, to be looked at.
    File {
        /// Where it is.
        path: PathBuf,
        /// How strictly it is read.
        layout: Layout,
        /// What the app is told it runs on.
        terminal: LookTerminal,
        /// The devices that are simulated; none: it has none.
        simulated: Option<Vec<Simulation>>,
    },
    /// The pages of a recorded session.
    Replay {
        /// The journal.
        journal: PathBuf,
        /// Which session of it.
        session: u64,
        /// The package whose pages are played; that of the journal if none is given.
        package: Option<PathBuf>,
        /// What it was recorded on; a kiosk's is played as a desktop's, in a window of its size.
        terminal: LookTerminal,
    },
}

impl Options {
    /// Reads the command line of this process.
    pub(crate) fn read() -> Result<(Self, Wanted), clap::Error> {
        let options = Self::try_parse()?;
        let wanted = options.wanted()?;
        Ok((options, wanted))
    }

    fn wanted(&self) -> Result<Wanted, clap::Error> {
        if self.dev {
            return Ok(Wanted::Drafts);
        }
        let refuse = |kind, what: String| Err(Self::command().error(kind, what));
        if let (Some(journal), Some(session)) = (&self.replay, self.session) {
            let package = self.open.as_deref().map(PathBuf::from);
            if package.is_some() && !self.unsealed {
                let what = "what is played with --replay is a package file; hint: add --unsealed";
                return refuse(ErrorKind::MissingRequiredArgument, what.to_owned());
            }
            let terminal = match self.profile.terminal() {
                LookTerminal::RehearsedKiosk => LookTerminal::Desktop,
                terminal => terminal,
            };
            return Ok(Wanted::Replay { journal: journal.clone(), session, package, terminal });
        }
        let Some(text) = &self.open else { return Ok(Wanted::Nothing) };
        if PreviewAddress::is_meant(text) {
            if self.unsealed || self.record.is_some() || self.updates_from.is_some() || self.trust.is_some() {
                let what = "a preview has no store and no file; hint: give its address alone, with --home and --lang";
                return refuse(ErrorKind::ArgumentConflict, what.to_owned());
            }
            if self.profile == Profile::Kiosk {
                let managed = preview::managed();
                let what = format!("error[{}]: {}; hint: {}", managed.class, managed.what, managed.hint);
                return refuse(ErrorKind::ArgumentConflict, what);
            }
            return match text.parse() {
                Ok(address) => Ok(Wanted::Preview(address)),
                Err(error) => refuse(ErrorKind::ValueValidation, format!("{error}; hint: {}", error.hint())),
            };
        }
        if self.unsealed {
            let terminal = self.profile.terminal();
            // A window that a WebDriver drives is for tests, so it may stand in for a kiosk too.
            if terminal == LookTerminal::RehearsedKiosk && !self.automation {
                let what = "a kiosk shows only what was approved, so --unsealed has no --profile kiosk; hint: look at it as desktop or phone";
                return refuse(ErrorKind::ArgumentConflict, what.to_owned());
            }
            let layout = if self.compat { Layout::Compat } else { Layout::Strict };
            let simulated = match self.simulate.as_deref() {
                None => None,
                Some("") => Some(Vec::new()),
                Some(list) => match Simulation::list(list) {
                    Ok(simulated) => Some(simulated),
                    Err(invalid) => return refuse(ErrorKind::ValueValidation, invalid.to_string()),
                },
            };
            return Ok(Wanted::File { path: text.into(), layout, terminal, simulated });
        }
        match address(text) {
            Ok(address) => Ok(Wanted::App(address)),
            Err(_) if Path::new(text).is_file() => refuse(
                ErrorKind::MissingRequiredArgument,
                format!("`{text}` is a file, and nobody vouches for a file; hint: add --unsealed to look at it"),
            ),
            Err(what) => refuse(ErrorKind::ValueValidation, what),
        }
    }

    /// The script that completes these flags in a shell.
    pub(crate) fn completions(shell: Shell) -> Vec<u8> {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Self::command(), "guichet-desktop", &mut script);
        script
    }

    /// The manual page.
    pub(crate) fn page() -> std::io::Result<Vec<u8>> {
        let mut page = Vec::new();
        clap_mangen::Man::new(Self::command()).manual("Guichet").render(&mut page)?;
        Ok(page)
    }

    /// The home: as given, or the platform's data folder; none if the system does not say where that is.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let data = || folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")));
        self.home.clone().or_else(|| Some(data()?.join("guichet")))
    }

    /// What may wait in the background.
    pub(crate) fn background(&self) -> Background {
        Background {
            longest: Duration::from_secs(self.background_seconds),
            most: self.background_apps,
            takes_what_is_left: self.profile != Profile::Kiosk,
        }
    }

    /// The trust file: as given, or the one in the home.
    pub(crate) fn trust(&self, home: &Path) -> PathBuf {
        self.trust.clone().unwrap_or_else(|| home.join(TRUST_FILE_NAME))
    }
}

fn address(text: &str) -> Result<Address, String> {
    Address::given(text).map_err(|refusal| format!("{refusal}; hint: {}", refusal.hint()))
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
    fn the_page_and_the_scripts_know_every_flag() {
        let page = String::from_utf8(Options::page().unwrap()).unwrap();
        let scripts =
            [Shell::Bash, Shell::Fish, Shell::Zsh].map(|shell| String::from_utf8(Options::completions(shell)).unwrap());
        let command = Options::command();
        for flag in command.get_arguments().filter_map(|argument| argument.get_long()) {
            assert!(page.contains(&format!("\\-\\-{}", flag.replace('-', "\\-"))), "the page does not name --{flag}");
            assert!(scripts.iter().all(|script| script.contains(flag)), "a script does not name --{flag}");
        }
    }

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
    fn the_system_is_told_how_to_open_an_address() {
        let entry = include_str!("../guichet-desktop.desktop");
        let of = |key: &str| entry.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
        let scheme = guichet_package::address::SCHEME;
        assert_eq!(of("MimeType="), format!("x-scheme-handler/{scheme};"));
        let words = of("Exec=").replace("%u", "guichet://miniapp/a.b/pages/x?y#z");
        let options = Options::try_parse_from(words.split(' ')).unwrap();
        let Ok(Wanted::App(address)) = options.wanted() else { panic!("an address") };
        assert_eq!(address.to_string(), "guichet://miniapp/a.b/pages/x?y#z");
    }

    #[test]
    fn wrong_usage_says_what_would_be_right() {
        let refuse = |arguments: &[&str]| {
            let all = ["guichet-desktop"].iter().chain(arguments);
            Options::try_parse_from(all).and_then(|options| options.wanted()).unwrap_err().to_string()
        };
        insta::assert_snapshot!(refuse(&["--open", "permit"]));
        insta::assert_snapshot!(refuse(&["--lang", "xx"]));
        insta::assert_snapshot!(refuse(&["--profile", "watch"]));
        insta::assert_snapshot!(refuse(&["--refresh-seconds", "0"]));
        insta::assert_snapshot!(refuse(&["--unsealed"]));
        insta::assert_snapshot!(refuse(&["--open", "x.ma", "--compat"]));
        insta::assert_snapshot!(refuse(&["--open", "x.ma", "--unsealed", "--profile", "kiosk"]));
        insta::assert_snapshot!(refuse(&["--open", "./Cargo.toml"]));
    }

    #[test]
    fn the_address_of_a_preview_opens_no_app_and_never_on_a_kiosk() {
        let address = format!("guichet://preview/127.0.0.1:7411/{}/{}", "A".repeat(43), "A".repeat(22));
        let wanted = |more: &[&str]| {
            let all = ["guichet-desktop", "--open", &address].into_iter().chain(more.iter().copied());
            Options::try_parse_from(all).and_then(|options| options.wanted())
        };
        assert!(matches!(wanted(&[]), Ok(Wanted::Preview(_))));
        let kiosk = wanted(&["--profile", "kiosk"]).unwrap_err().to_string();
        assert!(kiosk.contains("error[preview/managed]"), "{kiosk}");
        for more in [&["--unsealed"][..], &["--trust", "t.json"], &["--updates-from", "usb"], &["--record", "j"]] {
            assert!(wanted(more).is_err(), "{more:?}");
        }
        let other = Options::try_parse_from(["guichet-desktop", "--open", "guichet://preview/x"]).unwrap();
        assert!(other.wanted().unwrap_err().to_string().contains("guichet preview has shown"));
    }

    #[test]
    fn a_file_is_opened_only_where_nobody_has_to_vouch_for_it() {
        let wanted = |arguments: &[&str]| {
            let all = ["guichet-desktop"].iter().chain(arguments);
            Options::try_parse_from(all).unwrap().wanted().unwrap()
        };
        let file = |layout| {
            let (path, terminal) = ("a.ma".into(), LookTerminal::Desktop);
            Wanted::File { path, layout, terminal, simulated: None }
        };
        assert_eq!(wanted(&["--open", "a.ma", "--unsealed"]), file(Layout::Strict));
        assert_eq!(wanted(&["--open", "a.ma", "--unsealed", "--compat"]), file(Layout::Compat));
        let tested =
            |profile: &str| match wanted(&["--open", "a.ma", "--unsealed", "--automation", "--profile", profile]) {
                Wanted::File { terminal, .. } => terminal.name(),
                other => panic!("{other:?}"),
            };
        let tested = Profile::ALL.map(|profile| tested(profile.name()));
        assert_eq!(tested, ["phone", "phone", "desktop", "kiosk", "phone", "desktop"]);
        assert_eq!(wanted(&["--open", "a.ma"]), Wanted::App(Address::given("a.ma").unwrap()));
        assert_eq!(wanted(&[]), Wanted::Nothing);
    }
}
