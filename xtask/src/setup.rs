//! What a fresh Debian or Ubuntu machine with Rust still lacks: says it first, then installs it.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{guests, shell};

/// One Debian package and how to see that it is there.
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) is_for: &'static str,
}

const PACKAGES: &[Package] = &[
    Package { name: "build-essential", is_for: "linking, and C inside crates" },
    Package { name: "pkg-config", is_for: "finding system libraries" },
    Package { name: "libwebkit2gtk-4.1-dev", is_for: "the webview" },
    Package { name: "webkit2gtk-driver", is_for: "driving the webview in journeys" },
    Package { name: "xvfb", is_for: "a display where there is none" },
    Package { name: "xauth", is_for: "a display where there is none" },
    Package { name: "x11-utils", is_for: "what windows there are, in journeys" },
    Package { name: "xdotool", is_for: "real keys and clicks in journeys" },
    Package { name: "xdg-utils", is_for: "giving the window every `guichet:` link, as the reference says" },
    Package { name: "openbox", is_for: "a window manager: without, no window fills the screen by asking" },
    Package { name: "at-spi2-core", is_for: "the bus of screen readers" },
    Package { name: "dbus", is_for: "a session with that bus" },
    Package { name: "libatspi2.0-dev", is_for: "a screen reader in journeys" },
    Package { name: "imagemagick", is_for: "pictures of the window" },
    Package { name: "tesseract-ocr", is_for: "reading those pictures" },
    Package { name: "fonts-noto-cjk", is_for: "Chinese on the window" },
    Package { name: "softhsm2", is_for: "a PKCS#11 token in software, for keys on tokens" },
    Package { name: "postgresql", is_for: "the store's other database" },
    Package { name: "python3-venv", is_for: "schemathesis, which makes up requests to the store's API" },
    Package { name: "chromium", is_for: "the console in a real browser" },
    Package { name: "chromium-driver", is_for: "driving it, with passkeys" },
    Package { name: "libpcsclite-dev", is_for: "the driver for card readers" },
    Package { name: "pcscd", is_for: "a daemon for card readers, in tests" },
    Package { name: "vsmartcard-vpcd", is_for: "a card reader that is a program" },
    Package { name: "poppler-utils", is_for: "reading what a printer was given" },
    Package { name: "cups-ipp-utils", is_for: "a printer that speaks IPP, as a program" },
    Package { name: "espeak-ng", is_for: "a voice that reads aloud" },
    Package { name: "sane-utils", is_for: "scanners, and one that is a program" },
    Package { name: "dunst", is_for: "somebody who shows notices, in tests" },
    Package { name: "xclip", is_for: "copying and pasting elsewhere, in tests" },
    Package { name: "yara", is_for: "rules of YARA in the store's checks" },
    Package { name: "bubblewrap", is_for: "the wall around pages that the store looks at" },
    Package { name: "iproute2", is_for: "a network of its own for a journey" },
    Package { name: "dnsmasq-base", is_for: "a server of names that says whatever it is asked, in journeys" },
    Package { name: "clang-19", is_for: "QuickJS as WebAssembly" },
    Package { name: "llvm-19", is_for: "QuickJS as WebAssembly" },
    Package { name: "libclang-common-19-dev", is_for: "QuickJS as WebAssembly" },
];

/// Installs the missing packages, then builds the guests.
pub(crate) fn run(root: &Path) -> Result<()> {
    provide(PACKAGES)?;
    guests::build(root)
}

/// Installs those of these packages that are missing.
pub(crate) fn provide(packages: &[Package]) -> Result<()> {
    let missing: Vec<&Package> = packages.iter().filter(|package| !is_installed(package.name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("These Debian packages are missing and will be installed:");
    for package in &missing {
        eprintln!("  {:<24} {}", package.name, package.is_for);
    }
    install(&missing)
}

fn is_installed(name: &str) -> bool {
    let output = Command::new("dpkg-query").args(["-W", "-f=${Status}", name]).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("install ok installed"))
}

fn install(packages: &[&Package]) -> Result<()> {
    if !shell::has_program("apt-get") {
        let names: Vec<_> = packages.iter().map(|package| package.name).collect();
        bail!("this machine has no apt-get\n  hint: install the equivalents of {} and run again", names.join(" "));
    }
    apt(&["update", "-q"])?;
    let mut arguments = vec!["install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];
    arguments.extend(packages.iter().map(|package| package.name));
    apt(&arguments)
}

fn apt(arguments: &[&str]) -> Result<()> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    let mut command = if is_root { Command::new("apt-get") } else { Command::new("sudo") };
    if !is_root {
        command.arg("apt-get");
    }
    shell::finish(command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
}
