//! What names a page asks for, as a server of names hears it, whoever asks and by what library: in a network of its own, in
//! which that server is the only one there is.

use std::{collections::BTreeSet, fs, process::Command, time::Duration};

use anyhow::Result;
use guichet_journeys::{
    display::Display,
    process::{Running, must},
    town::Town,
};

use super::isolation::{self, HOSTILE, LEAST_WAYS};

/// A server of names that knows one address for every name, and says whatever it is asked.
const SERVER: &str = "/usr/sbin/dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --log-queries --address=/#/127.0.0.1 \
                      --listen-address=127.0.0.1 --bind-interfaces";
/// A root in its own namespaces only, and there is no network in them but the machine's own address.
const WALLS: &str =
    "bwrap --dev-bind / / --unshare-user --uid 0 --gid 0 --unshare-net --cap-add ALL --die-with-parent --bind";
/// Whoever has no address but the machine's own need not ask for names, as the C library sees it.
const ADDRESS: &str = "ip address add 192.0.2.1/24 dev lo";
/// Tells a program that lookups are answered by a server.
const SERVED: &str = "SINK_SERVED";
const DEADLINE: Duration = Duration::from_secs(20);

/// A program with arguments, as one would type it.
fn typed(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    command
}

/// The names that the server was asked for since the last time, but for that of the journey itself and of this machine.
fn asked(server: &mut Running, heard: &mut usize) -> Result<BTreeSet<String>> {
    let own = format!("journey-{heard}.test");
    must(Command::new("getent").args(["ahosts", &own]))?;
    server.line(&format!("query[A] {own} "), DEADLINE)?;
    let said = server.said();
    let machine = fs::read_to_string("/proc/sys/kernel/hostname")?;
    let names = said.lines().skip(*heard).filter_map(|line| line.split_once("query[")?.1.split(' ').nth(1));
    let names = names.filter(|name| *name != own && *name != machine.trim()).map(str::to_owned).collect();
    *heard = said.lines().count();
    Ok(names)
}

#[test]
#[ignore = "run by the test below, in a network of its own"]
fn inside() {
    must(&mut typed(ADDRESS)).unwrap();
    let mut server = Running::start("dnsmasq", &mut typed(SERVER)).unwrap();
    server.line("cleared cache", DEADLINE).unwrap();
    let display = std::env::var("DISPLAY").unwrap();
    let mut heard = 0;
    assert_eq!(asked(&mut server, &mut heard).unwrap(), BTreeSet::new());

    let folder = tempfile::tempdir().unwrap();
    isolation::a_plain_browser_leaks(folder.path(), &display).unwrap();
    let leaked = asked(&mut server, &mut heard).unwrap();
    assert!(leaked.len() >= LEAST_WAYS, "{leaked:?}");

    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &[HOSTILE]).unwrap();
    isolation::a_page_reaches_nothing(&town, folder.path(), &display).unwrap();
    assert_eq!(asked(&mut server, &mut heard).unwrap(), BTreeSet::new());
    server.stop().unwrap();
}

#[test]
fn no_server_of_names_is_asked_for_what_a_page_wants_and_a_plain_browser_asks() {
    let folder = tempfile::tempdir().unwrap();
    let servers = folder.path().join("resolv.conf");
    fs::write(&servers, "nameserver 127.0.0.1\n").unwrap();
    // A server of another network would take the place of one that serves others here: it sees none of their sockets.
    let display = Display::start().unwrap();
    let mut command = typed(WALLS);
    command.arg(&servers).arg("/etc/resolv.conf").args(["--setenv", SERVED, "1"]);
    command.arg(std::env::current_exe().unwrap()).env("DISPLAY", display.name());
    let said = must(command.args(["--ignored", "--exact", "--nocapture", "lookups::inside"])).unwrap();
    assert!(said.contains("1 passed"), "{said}");
}
