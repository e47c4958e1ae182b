//! The command line of a kiosk; what its own processes say to each other is hidden.

use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser};
use guichet_host::policy::PolicyFiles;

/// The terminal of a hall: full screen, a process for every citizen, nothing left behind
#[derive(Debug, Parser)]
#[command(
    name = "guichet-kiosk",
    version,
    after_help = "GUICHET_LOG says what is logged to standard error, such as `info`."
)]
pub(super) struct Options {
    /// What this terminal is for, signed by the operator (`guichet policy sign`)
    #[arg(long, value_name = "FILE", required_unless_present_any = ["man", "keep", "sit", "sorry", "staff"])]
    policy: Option<PathBuf>,
    /// What this terminal trusts from the beginning [default: guichet.trust.json beside the policy]
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// The operator's public key [default: operator.pub beside the policy]
    #[arg(long, value_name = "FILE")]
    operator_key: Option<PathBuf>,
    /// The folder for what is installed [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "GUICHET_HOME")]
    home: Option<PathBuf>,
    /// The folder in memory for what citizens enter
    #[arg(long, value_name = "DIR", env = "GUICHET_KIOSK_MEMORY", default_value = "/dev/shm")]
    pub(super) memory: PathBuf,
    /// Enrol this terminal with a code that somebody has made at the store, put what it is given in place, and end
    #[arg(long, value_name = "CODE", requires = "store")]
    enrol: Option<String>,
    /// The store to enrol at
    #[arg(long, value_name = "URL", requires = "enrol")]
    store: Option<String>,
    /// How often to look for new releases
    #[arg(long, value_name = "SECONDS", env = "GUICHET_REFRESH_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) refresh_seconds: u64,
    /// Draw pages in processes without a sandbox, where the system cannot give one
    #[arg(long)]
    pub(super) no_renderer_sandbox: bool,
    /// Write the manual page into the man1 of a folder that `man` looks into, such as ~/.local/share/man, and end
    #[arg(long, value_name = "DIR")]
    man: Option<PathBuf>,
    /// Let a WebDriver drive the window: for tests only, and not in a release
    #[cfg(debug_assertions)]
    #[arg(long, hide = true)]
    pub(super) automation: bool,
    #[arg(long, hide = true, value_name = "DIR")]
    keep: Option<PathBuf>,
    #[arg(long, hide = true, value_name = "DIR")]
    sit: Option<PathBuf>,
    #[arg(long, hide = true, value_name = "WHY")]
    sorry: Option<String>,
    /// Beside what `sorry` says: a way to the page for staff
    #[arg(long, hide = true)]
    pub(super) staff_door: bool,
    #[arg(long, hide = true, value_name = "LANG")]
    staff: Option<String>,
}

/// Which of the processes this is.
pub(super) enum Role<'a> {
    /// The one that somebody has started.
    Supervisor,
    /// Gets its papers from this store, for this code.
    Newcomer {
        /// The address of the store.
        store: &'a str,
        /// The code.
        code: &'a str,
    },
    /// Keeps the session in this folder.
    Keeper(&'a Path),
    /// The window of the session in this folder.
    Window(&'a Path),
    /// Says that this terminal does not serve, and why in a word.
    Sorry(&'a str),
    /// The page for staff, in this language.
    Staff(&'a str),
    /// Writes the manual page below this folder.
    Manual(&'a Path),
}

impl Options {
    /// Reads the command line of this process.
    pub(super) fn read() -> Result<Self, clap::Error> {
        Self::try_parse()
    }

    /// Which of the processes this is.
    pub(super) fn role(&self) -> Role<'_> {
        match (&self.keep, &self.sit, &self.sorry) {
            (Some(room), _, _) => Role::Keeper(room),
            (_, Some(room), _) => Role::Window(room),
            (_, _, Some(why)) => Role::Sorry(why),
            _ if let Some(lang) = &self.staff => Role::Staff(lang),
            _ => match (&self.man, &self.store, &self.enrol) {
                (Some(folder), ..) => Role::Manual(folder),
                (_, Some(store), Some(code)) => Role::Newcomer { store, code },
                _ => Role::Supervisor,
            },
        }
    }

    /// The manual page.
    pub(super) fn page() -> std::io::Result<Vec<u8>> {
        let mut page = Vec::new();
        clap_mangen::Man::new(Self::command()).manual("Guichet").render(&mut page)?;
        Ok(page)
    }

    /// The three files that make this a terminal of a hall.
    pub(super) fn files(&self) -> PolicyFiles {
        let beside = PolicyFiles::beside(self.policy.as_deref().unwrap_or(Path::new("policy")));
        PolicyFiles {
            trust: self.trust.clone().unwrap_or(beside.trust),
            operator_key: self.operator_key.clone().unwrap_or(beside.operator_key),
            policy: beside.policy,
        }
    }

    /// The home: as given, or the platform's data folder; none if the system does not say where that is.
    pub(super) fn home(&self) -> Option<PathBuf> {
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let data = || folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")));
        self.home.clone().or_else(|| Some(data()?.join("guichet")))
    }

    /// Whether a WebDriver may drive the window.
    pub(super) fn automation(&self) -> bool {
        #[cfg(debug_assertions)]
        return self.automation;
        #[cfg(not(debug_assertions))]
        false
    }

    /// What a window is told of all this.
    pub(super) fn of_a_window(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if self.no_renderer_sandbox {
            arguments.push("--no-renderer-sandbox".to_owned());
        }
        if self.automation() {
            arguments.push("--automation".to_owned());
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_files_lie_beside_the_policy() {
        let options = Options::try_parse_from(["guichet-kiosk", "--policy", "/etc/guichet/policy"]).unwrap();
        let files = options.files();
        assert_eq!(files.trust, Path::new("/etc/guichet/guichet.trust.json"));
        assert_eq!(files.operator_key, Path::new("/etc/guichet/operator.pub"));
        assert!(matches!(options.role(), Role::Supervisor));
        let given = ["guichet-kiosk", "--policy", "/p", "--trust", "/t", "--operator-key", "/o"];
        let files = Options::try_parse_from(given).unwrap().files();
        assert_eq!((files.trust, files.operator_key), ("/t".into(), "/o".into()));
    }

    #[test]
    fn the_page_names_what_people_may_type_and_nothing_else() {
        let page = String::from_utf8(Options::page().unwrap()).unwrap();
        assert!(page.contains(".TH guichet-kiosk 1"), "{page}");
        for argument in Options::command().get_arguments() {
            let Some(flag) = argument.get_long() else { continue };
            let is_named = page.contains(&format!("\\-\\-{}", flag.replace('-', "\\-")));
            assert_eq!(is_named, !argument.is_hide_set(), "--{flag}\n{page}");
        }
        let asked = Options::try_parse_from(["guichet-kiosk", "--man", "share/man"]).unwrap();
        assert!(matches!(asked.role(), Role::Manual(folder) if folder == Path::new("share/man")));
    }

    #[test]
    fn nobody_keeps_a_terminal_without_a_policy() {
        let refused = Options::try_parse_from(["guichet-kiosk"]).unwrap_err().to_string();
        assert!(refused.contains("--policy <FILE>"), "{refused}");
        assert!(Options::try_parse_from(["guichet-kiosk", "--keep", "/dev/shm/s1"]).is_ok());
        let alone = ["guichet-kiosk", "--policy", "/etc/guichet/policy", "--enrol", "7QX2"];
        let refused = Options::try_parse_from(alone).unwrap_err().to_string();
        assert!(refused.contains("--store <URL>"), "{refused}");
    }
}
