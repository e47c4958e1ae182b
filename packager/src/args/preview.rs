//! `guichet preview`

use std::{net::SocketAddr, path::PathBuf};

use clap::Args as ClapArgs;

/// `guichet preview`
#[derive(Debug, ClapArgs)]
pub(crate) struct PreviewArgs {
    /// The app's folder, with its manifest.json.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) directory: PathBuf,
    /// Show what another tool (Vite, webpack …) builds into this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
    /// Run this first, and again when a file it is made from changes; otherwise what the folder needs.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) run: Option<String>,
    /// How long the preview goes on.
    #[arg(long, value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=480))]
    pub(crate) minutes: u64,
    /// Where terminals find this computer; otherwise its address in its network, and any free port.
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// What this computer calls itself; otherwise its own name.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Write the QR code as a picture too.
    #[arg(long, value_name = "FILE.svg|FILE.png")]
    pub(crate) qr: Option<PathBuf>,
    /// Show the terminals this computer is paired with.
    #[arg(long, conflicts_with_all = ["from", "run", "listen", "name", "qr", "end"])]
    pub(crate) terminals: bool,
    /// End the pairing with a terminal: its name, or the beginning of its key.
    #[arg(long, value_name = "TERMINAL", conflicts_with_all = ["from", "run", "listen", "name", "qr"])]
    pub(crate) end: Option<String>,
}
