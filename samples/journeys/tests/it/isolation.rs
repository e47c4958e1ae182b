//! A page with every way out that we know of reaches nothing: the unmodified program against listeners that count.
//!
//! The same page in a plain browser of the same engine is the control: there the listeners must count dozens of ways.

use std::{
    collections::BTreeSet,
    io::Write as _,
    net::{TcpStream, UdpSocket},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use guichet_journeys::{
    display::Display,
    process::{Running, program, run},
    sink::{Kind, Sink},
    town::{Office, Town},
    until::until,
};

/// The department of the app.
pub(crate) const HOSTILE: Office =
    Office { id: "hostile", name_zh: "测试", name_en: "Hostile office", prefix: "gov.example.hostile" };

/// The engine's own browser, which comes with its library.
const PLAIN_BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

/// Fewest ways that must get out of the plain browser for the listeners to be believed.
pub(crate) const LEAST_WAYS: usize = 40;

/// What of each kind must get out of it, or the listener for that kind is not to be believed. Datagrams it cannot send, as it
/// has no WebRTC: the listener for those hears one of the journey itself whenever it is asked what it has heard.
const KINDS: [Kind; 3] = [Kind::Http, Kind::WebSocket, Kind::Tcp];

/// What must get out of it as the page goes.
const LAST: &str = "pagehide-beacon";

/// How long the page may take for all its ways.
const DEADLINE: Duration = Duration::from_secs(180);

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hostile/exfiltration")
}

/// Publishes the app at a store that knows [`HOSTILE`], opens it in the unmodified program, and lets it try everything.
pub(crate) fn a_page_reaches_nothing(town: &Town, folder: &Path, display: &str) -> Result<()> {
    let package = folder.join("exfiltration.ma");
    town.release(HOSTILE.id, &sample(), &package)?;

    let sink = Sink::open(folder, None)?;
    let address = format!("guichet://miniapp/gov.example.hostile.exfiltration/pages/leak?{}", sink.query());
    let mut command = program("guichet-desktop")?;
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(folder.join("isolated")).args(["--open", &address]);
    command.env("DISPLAY", display).env("GUICHET_LOG", "info");
    sink.watch(&mut command);
    let mut desktop = Running::start("guichet-desktop", &mut command)?;
    let said = desktop.line("exfiltration done", DEADLINE)?;
    ensure!(said.contains("nothing answered"), "the page says: {said}");
    sink.is_empty()?;
    ensure!(desktop.is_running()?, "the page ended the program");
    desktop.stop_with_children()?;
    // What was to go out with the page, or after it, would have by now.
    sink.is_empty()
}

/// The same page where nothing stops it.
pub(crate) fn a_plain_browser_leaks(folder: &Path, display: &str) -> Result<()> {
    let sink = Sink::open(folder, Some(sample()))?;
    let page = format!("http://127.0.0.1:{}/pages/leak.html?{}", sink.port, sink.query());
    let mut command = Command::new(PLAIN_BROWSER);
    command.arg(page).env("DISPLAY", display).env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    sink.watch(&mut command);
    let browser = Running::start("MiniBrowser", &mut command)?;
    let counted = until("the sink has counted enough ways", Duration::from_secs(60), || {
        let (seen, names) = (sink.seen(), sink.names());
        let kinds: BTreeSet<_> = seen.iter().map(|(kind, _)| *kind).collect();
        let is_enough = seen.len() >= LEAST_WAYS && names.len() >= LEAST_WAYS;
        let is_each = KINDS.iter().all(|kind| kinds.contains(kind)) && seen.contains(&(Kind::Http, LAST.to_owned()));
        Ok((is_enough && is_each).then_some(()))
    });
    browser.stop()?;
    counted.with_context(|| format!("seen: {:?}\nlooked up: {:?}", sink.seen(), sink.names()))
}

#[test]
fn a_page_with_every_way_out_reaches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &[HOSTILE]).unwrap();
    let display = Display::start().unwrap();
    a_page_reaches_nothing(&town, folder.path(), display.name()).unwrap();
}

#[test]
fn the_sink_counts_what_a_plain_browser_lets_out() {
    let folder = tempfile::tempdir().unwrap();
    let display = Display::start().unwrap();
    a_plain_browser_leaks(folder.path(), display.name()).unwrap();
}

#[test]
fn the_sink_counts_each_kind_and_every_name_but_those_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::open(folder.path(), None).unwrap();
    let look_up = |name: &str| run(Command::new("getent").args(["ahosts", name]).envs(sink.environment())).unwrap();
    look_up("localhost");
    look_up("127.0.0.1");
    sink.is_empty().unwrap();
    look_up("gov.example.app.evil.example");
    assert_eq!(sink.names(), BTreeSet::from(["gov.example.app.evil.example".to_owned()]));
    sink.is_empty().unwrap_err();

    let here = ("127.0.0.1", sink.port);
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"secret", here).unwrap();
    for text in ["GET /way HTTP/1.1\r\n\r\n", "GET /way HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "\u{16}secret", ""] {
        TcpStream::connect(here).unwrap().write_all(text.as_bytes()).unwrap();
    }
    sink.is_empty().unwrap_err();
    let seen: Vec<_> = sink.seen().into_iter().collect();
    let all = [(Kind::Http, "way"), (Kind::WebSocket, "way"), (Kind::Tcp, "a connection"), (Kind::Udp, "a datagram")];
    assert_eq!(seen, all.map(|(kind, way)| (kind, way.to_owned())));
}
