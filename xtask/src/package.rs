//! `cargo xtask package`: the programs as Debian installs them, one package for each kind of machine.
//!
//! Programs that look for each other lie in one folder, `/usr/lib/guichet`; what people type is linked into `/usr/bin`.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{release, shell};

/// Where programs lie that look for each other.
const LIBEXEC: &str = "usr/lib/guichet";
/// Where `man` looks.
const MANUALS: &str = "usr/share/man";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Take the programs from this folder; otherwise they are built for release
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Where the packages go
    #[arg(long, value_name = "DIR", default_value = "target/debian")]
    out: PathBuf,
    /// Only these packages; otherwise all whose programs there are
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

/// One package of Debian's kind.
struct Package {
    name: &'static str,
    about: &'static str,
    /// Programs, and whether people type them.
    programs: &'static [(&'static str, bool)],
    /// Those that write their own manual pages, each asked with these words before the folder.
    manuals: &'static [(&'static str, &'static [&'static str])],
    depends: &'static str,
    recommends: &'static str,
    /// Other files: where they go, and what is in them.
    files: &'static [(&'static str, &'static str)],
    /// The unit that it brings; it is enabled by whoever sets the machine up.
    unit: Option<&'static str>,
}

const PACKAGES: &[Package] = &[
    Package {
        name: "guichet-runtime",
        about: "what runs the logic of MiniApps, and drives the parts of a terminal",
        programs: &[
            ("guichet-logic", false),
            ("guichet-compile", false),
            ("guichet-driver", false),
            ("guichet-driver-pcsc", false),
            ("guichet-driver-receipt", false),
        ],
        manuals: &[],
        depends: "libc6",
        recommends: "libpcsclite1",
        files: &[],
        unit: None,
    },
    Package {
        name: "guichet-desktop",
        about: "the citizen's window on a desktop, and what departments make MiniApps with",
        programs: &[("guichet", true), ("guichet-desktop", true)],
        manuals: &[("guichet", &["man"]), ("guichet", &["--lang", "zh", "man"]), ("guichet-desktop", &["--man"])],
        depends: "guichet-runtime (= VERSION), libc6, libgtk-3-0, libwebkit2gtk-4.1-0, bubblewrap, xdg-dbus-proxy",
        recommends: "fonts-noto-cjk",
        files: &[(
            "usr/share/applications/guichet-desktop.desktop",
            include_str!("../../runtime/shell/guichet-desktop.desktop"),
        )],
        unit: None,
    },
    Package {
        // Debian's cage does not begin without Xwayland, and does not depend on it.
        name: "guichet-kiosk",
        about: "the terminal of a hall",
        programs: &[("guichet-kiosk", true)],
        manuals: &[("guichet-kiosk", &["--man"])],
        depends: "guichet-runtime (= VERSION), libc6, libgtk-3-0, libwebkit2gtk-4.1-0, bubblewrap, xdg-dbus-proxy, cage, xwayland, systemd, dbus-user-session",
        recommends: "fonts-noto-cjk, cups, pcscd",
        files: &[
            ("usr/lib/systemd/system/guichet-kiosk.service", include_str!("../../runtime/shell/guichet-kiosk.service")),
            ("usr/lib/sysusers.d/guichet-kiosk.conf", include_str!("../../runtime/shell/guichet-kiosk.sysusers")),
        ],
        unit: Some("guichet-kiosk.service"),
    },
    Package {
        name: "guichet-store",
        about: "the store that receives, reviews and releases MiniApps",
        programs: &[("guichet-store", true)],
        manuals: &[("guichet-store", &["man"])],
        depends: "libc6, systemd",
        recommends: "yara",
        files: &[
            (
                "usr/lib/systemd/system/guichet-store.service",
                include_str!("../../store-server/server/guichet-store.service"),
            ),
            ("usr/lib/sysusers.d/guichet-store.conf", include_str!("../../store-server/server/guichet-store.sysusers")),
        ],
        unit: Some("guichet-store.service"),
    },
];

/// Builds the packages and prints where they are.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    if !shell::has_program("dpkg-deb") {
        bail!("dpkg-deb is not installed: packages of Debian's kind are made on Debian or Ubuntu");
    }
    let from = match &arguments.from {
        Some(folder) => folder.clone(),
        None => {
            release::build(root)?;
            release::folder(root)
        }
    };
    let out = root.join(&arguments.out);
    fs::create_dir_all(&out).with_context(|| format!("{} cannot be made", out.display()))?;
    for package in PACKAGES {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|name| name == package.name) {
            continue;
        }
        let path = make(package, &from, &out, root)?;
        println!("{} {:>7} KiB", path.display(), fs::metadata(&path)?.len() >> 10);
    }
    Ok(())
}

/// Makes one package of programs that lie in a folder.
fn make(package: &Package, from: &Path, out: &Path, root: &Path) -> Result<PathBuf> {
    let tree = out.join(format!("{}.tree", package.name));
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    fs::create_dir_all(&tree)?;
    fs::set_permissions(&tree, fs::Permissions::from_mode(0o755))?;
    for (program, is_typed) in package.programs {
        let source = from.join(program);
        put(&tree.join(LIBEXEC).join(program), &fs::read(&source).with_context(|| missing(&source))?, 0o755)?;
        if *is_typed {
            let link = tree.join("usr/bin").join(program);
            folder(&link)?;
            symlink(format!("../lib/guichet/{program}"), link)?;
        }
    }
    for (path, text) in package.files {
        put(&tree.join(path), text.as_bytes(), 0o644)?;
    }
    let pages = tree.join(MANUALS);
    for (program, words) in package.manuals {
        let mut command = Command::new(tree.join(LIBEXEC).join(program));
        shell::finish(command.args(*words).arg(&pages).stdout(std::process::Stdio::null()))
            .with_context(|| format!("{program} writes no manual page"))?;
    }
    if pages.exists() {
        compress(&pages)?;
    }
    let license = fs::read(root.join("LICENSE")).context("LICENSE")?;
    put(&tree.join("usr/share/doc").join(package.name).join("copyright"), &license, 0o644)?;
    put(&tree.join("DEBIAN/control"), control(package, &tree)?.as_bytes(), 0o644)?;
    if let Some(unit) = package.unit {
        put(&tree.join("DEBIAN/postinst"), after_installing(package.name).as_bytes(), 0o755)?;
        put(&tree.join("DEBIAN/prerm"), before_removing(unit).as_bytes(), 0o755)?;
    }
    let path = out.join(format!("{}_{}_{}.deb", package.name, env!("CARGO_PKG_VERSION"), architecture()));
    let mut build = Command::new("dpkg-deb");
    build.args(["--root-owner-group", "-Zxz", "--build"]).arg(&tree).arg(&path);
    shell::finish(build.stdout(std::process::Stdio::null()))?;
    fs::remove_dir_all(&tree)?;
    Ok(path)
}

/// Every page as Debian has them, the same bytes each time, and readable by everybody.
fn compress(folder: &Path) -> Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            compress(&path)?;
        } else {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
            shell::finish(Command::new("gzip").arg("-9n").arg(&path))?;
        }
    }
    Ok(())
}

fn missing(program: &Path) -> String {
    format!("{} is not there: cargo xtask release builds it", program.display())
}

fn control(package: &Package, tree: &Path) -> Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let recommends = match package.recommends {
        "" => String::new(),
        names => format!("Recommends: {names}\n"),
    };
    Ok(format!(
        "Package: {}\nVersion: {version}\nArchitecture: {}\nMaintainer: The Guichet authors <guichet@localhost>\nSection: misc\nPriority: optional\n\
         Installed-Size: {}\nDepends: {}\n{recommends}Description: {}\n One window, every service: MiniApps of public services, verified at every step.\n",
        package.name,
        architecture(),
        kilobytes(tree)?,
        package.depends.replace("VERSION", version),
        package.about,
    ))
}

/// Makes the user, and nothing else: what a machine runs is decided by whoever sets it up.
fn after_installing(name: &str) -> String {
    format!(
        "#!/bin/sh\nset -e\nif [ \"$1\" = configure ] && command -v systemd-sysusers >/dev/null; then\n    systemd-sysusers {name}.conf\nfi\n\
         if [ -d /run/systemd/system ]; then\n    systemctl daemon-reload || true\nfi\n"
    )
}

fn before_removing(unit: &str) -> String {
    format!(
        "#!/bin/sh\nset -e\nif [ \"$1\" = remove ] && [ -d /run/systemd/system ]; then\n    systemctl disable --now {unit} || true\nfi\n"
    )
}

/// As Debian calls what these programs run on.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "riscv64" => "riscv64",
        other => other,
    }
}

fn kilobytes(tree: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(tree)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        sum += if kind.is_dir() { kilobytes(&entry.path())? } else { entry.metadata()?.len().div_ceil(1024) };
    }
    Ok(sum)
}

fn put(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    folder(path)?;
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

/// The folders above a file, as everybody may look into them, whoever builds.
fn folder(path: &Path) -> Result<()> {
    let parent = path.parent().context("a file has a folder")?;
    fs::create_dir_all(parent)?;
    for above in parent.ancestors().take_while(|above| above.extension().is_none_or(|it| it != "tree")) {
        fs::set_permissions(above, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::UNITS_ARE_READ;

    fn of(command: &mut Command) -> String {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Says nothing but who it is, in a manual page.
    const WRITES_A_PAGE: &str = "#!/bin/sh\nfor folder; do :; done\nname=$(basename \"$0\")\n\
        case $1 in --lang) folder=$folder/zh_CN;; esac\nmkdir -p \"$folder/man1\"\n\
        echo \".TH $name 1\" > \"$folder/man1/$name.1\"\n";

    /// The walls around both services, as their units say them.
    const WALLS: [&str; 19] = [
        "LimitCORE=0",
        "UMask=0077",
        "StateDirectoryMode=0700",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "AmbientCapabilities=",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelLogs=yes",
        "ProtectControlGroups=yes",
        "ProtectClock=yes",
        "ProtectHostname=yes",
        "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes",
        "LockPersonality=yes",
        "SystemCallArchitectures=native",
    ];

    /// Each unit with what it has beside those: a kiosk's pages need namespaces and compile while they run, a store's checks do not.
    const UNITS: [(&str, &[&str]); 2] = [
        (
            "guichet-kiosk.service",
            &[
                "User=guichet-kiosk",
                "Restart=always",
                "RuntimeDirectoryMode=0700",
                "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
            ],
        ),
        (
            "guichet-store.service",
            &[
                "User=guichet-store",
                "Restart=on-failure",
                "PrivateDevices=yes",
                "ProtectProc=invisible",
                "RestrictNamespaces=yes",
                "MemoryDenyWriteExecute=yes",
                "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
                "SystemCallFilter=@system-service seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self",
            ],
        ),
    ];

    fn units_wall_in(machine: &Path) {
        for (name, own) in UNITS {
            let unit = fs::read_to_string(machine.join("usr/lib/systemd/system").join(name)).unwrap();
            for wall in WALLS.iter().chain(own) {
                let (directive, _) = wall.split_once('=').unwrap();
                // Said twice, the last counts, or both.
                let said: Vec<_> = unit.lines().filter(|line| line.split('=').next() == Some(directive)).collect();
                assert_eq!(said, [*wall], "{name}");
            }
        }
    }

    /// What systemd itself says of the units on a machine.
    fn systemd_understands(machine: &Path) {
        let may_be_skipped = |why: &str| {
            assert!(std::env::var_os(UNITS_ARE_READ).is_none(), "{why}");
            eprintln!("skipped: {why}");
        };
        if !shell::has_program("systemd-analyze") {
            may_be_skipped("systemd-analyze is not installed, and nothing has read the units as systemd does");
            return;
        }
        // What is to be started and comes with other packages.
        fs::write(machine.join("usr/bin/cage"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(machine.join("usr/bin/cage"), fs::Permissions::from_mode(0o755)).unwrap();
        let mut verifies = Command::new("systemd-analyze");
        verifies.args(["verify", "--man=no", "--recursive-errors=no"]).arg(format!("--root={}", machine.display()));
        let verified = verifies.args(UNITS.map(|(name, _)| name)).output().unwrap();
        let said = String::from_utf8_lossy(&verified.stderr);
        if said.contains("unrecognized option") {
            may_be_skipped(&format!("this systemd-analyze is older than 250 and cannot judge a unit alone: {said}"));
            return;
        }
        // What it does not know it passes over, and a wall is not there; and what is not there is not started.
        assert!(verified.status.success() && !said.contains("ignoring"), "{said}");
    }

    /// Every package is made, of programs that are none, and unpacked again.
    #[test]
    fn packages_hold_what_a_machine_needs() {
        if !shell::has_program("dpkg-deb") {
            return;
        }
        let folder = std::env::temp_dir().join(format!("guichet-package-{}", std::process::id()));
        let (programs, out) = (folder.join("programs"), folder.join("out"));
        fs::create_dir_all(&programs).unwrap();
        fs::create_dir_all(&out).unwrap();
        for (program, _) in PACKAGES.iter().flat_map(|package| package.programs) {
            let path = programs.join(program);
            fs::write(&path, WRITES_A_PAGE).unwrap();
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let machine = folder.join("machine");
        for package in PACKAGES {
            let path = make(package, &programs, &out, root).unwrap();
            let listed = of(Command::new("dpkg-deb").arg("--contents").arg(&path));
            assert!(listed.lines().all(|line| line.contains(" root/root ")), "{listed}");
            assert!(listed.starts_with("drwxr-xr-x "), "{listed}");
            let named = of(Command::new("dpkg-deb").args(["--field"]).arg(&path).args(["Package", "Depends"]));
            assert!(named.contains(package.name) && !named.contains("VERSION"), "{named}");
            of(Command::new("dpkg-deb").arg("-x").arg(&path).arg(&machine));
        }
        for program in ["guichet", "guichet-kiosk", "guichet-store"] {
            let real = fs::canonicalize(machine.join("usr/bin").join(program)).unwrap();
            assert_eq!(real, fs::canonicalize(machine.join(LIBEXEC).join(program)).unwrap());
            assert_eq!(fs::metadata(real).unwrap().permissions().mode() & 0o777, 0o755);
        }
        for page in
            ["man1/guichet", "zh_CN/man1/guichet", "man1/guichet-desktop", "man1/guichet-kiosk", "man1/guichet-store"]
        {
            let path = machine.join(MANUALS).join(format!("{page}.1.gz"));
            let written = of(Command::new("gzip").arg("-dc").arg(&path));
            assert_eq!(written, format!(".TH {} 1\n", page.rsplit('/').next().unwrap()));
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o644);
        }
        // The guide installs what is made here, under these names.
        let guide = fs::read_to_string(root.join("docs/guides/hall.md")).unwrap();
        for package in ["guichet-runtime", "guichet-kiosk"] {
            let made = format!("./{package}_{}_amd64.deb", env!("CARGO_PKG_VERSION"));
            assert!(guide.contains(&made), "{made}");
        }
        // What looks for its neighbours finds them.
        for program in ["guichet-logic", "guichet-compile", "guichet-driver-pcsc"] {
            assert!(machine.join(LIBEXEC).join(program).is_file());
        }
        units_wall_in(&machine);
        systemd_understands(&machine);
        assert!(fs::metadata(machine.join("usr")).unwrap().permissions().mode() & 0o777 == 0o755);
        fs::remove_dir_all(&folder).unwrap();
    }
}
