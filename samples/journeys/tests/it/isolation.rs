//! A page with every way out that we know of reaches nothing: the unmodified program against listeners that count.
//!
//! The same page in a plain browser of the same engine is the control: there the listeners must count dozens of ways.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use guichet_journeys::{
    display::Display,
    process::{Running, program},
    sink::Sink,
    town::{Office, Town},
    until::until,
};

/// The department of the app.
pub(crate) const HOSTILE: Office =
    Office { id: "hostile", name_zh: "测试", name_en: "Hostile office", prefix: "gov.example.hostile" };

/// The engine's own browser, which comes with its library.
const PLAIN_BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

/// Fewest ways that must get out of the plain browser for the listeners to be believed.
const LEAST_WAYS: usize = 40;

/// How long the page may take for all its ways.
const DEADLINE: Duration = Duration::from_secs(180);

/// Listens for everything a page could send to this machine, and writes down the first line of it.
struct Sink {
    port: u16,
    seen: Arc<Mutex<BTreeSet<String>>>,
    names: PathBuf,
    shim: PathBuf,
}

impl Sink {
    /// Opens a TCP and a UDP port of the same number; `site` is a folder that is served, so that a page can come from it.
    fn open(folder: &Path, site: Option<PathBuf>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let datagrams = UdpSocket::bind(("127.0.0.1", port))?;
        let seen: Arc<Mutex<BTreeSet<String>>> = Arc::default();
        let (connected, sent) = (seen.clone(), seen.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, site) = (connected.clone(), site.clone());
                thread::spawn(move || answer(stream, &seen, site.as_deref()));
            }
        });
        thread::spawn(move || {
            while datagrams.recv_from(&mut [0; 2048]).is_ok() {
                sent.lock().unwrap().insert("a datagram".to_owned());
            }
        });
        let (names, shim) = (folder.join("names.txt"), folder.join("names.so"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/names.c");
        must(Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).arg("-ldl"))?;
        Ok(Self { port, seen, names, shim })
    }

    /// What has arrived so far.
    fn seen(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The sink's names that were looked up so far.
    fn names(&self) -> BTreeSet<String> {
        let names = fs::read_to_string(&self.names).unwrap_or_default();
        names.lines().filter(|name| name.ends_with("sink.test")).map(str::to_owned).collect()
    }

    /// What the page needs to know to find the sink.
    fn query(&self) -> String {
        format!("port={}&host=sink.test", self.port)
    }

    /// Has a program's lookups written down.
    fn watch(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.shim).env("SINK_NAMES", &self.names);
    }
}

/// Writes down what a connection wants, and answers so kindly that no way fails for want of an answer.
fn answer(mut stream: TcpStream, seen: &Mutex<BTreeSet<String>>, site: Option<&Path>) {
    let mut buffer = [0; 4096];
    let length =
        stream.set_read_timeout(Some(Duration::from_secs(2))).and_then(|()| stream.read(&mut buffer)).unwrap_or(0);
    let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned();
    let target = text.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default().trim_start_matches('/');
    let file = site.and_then(|site| fs::read(site.join(path)).ok());
    if file.is_none() {
        let way = if text.starts_with(|c: char| c.is_ascii_uppercase()) { path } else { "a connection" };
        seen.lock().unwrap().insert(way.to_owned());
    }
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        _ => "text/javascript",
    };
    let body = file.unwrap_or_default();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // A page that goes away in the middle has been counted already.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hostile/exfiltration")
}

/// Publishes the app at a store that knows [`HOSTILE`], opens it in the unmodified program, and lets it try everything.
pub(crate) fn a_page_reaches_nothing(town: &Town, folder: &Path) -> Result<()> {
    let package = folder.join("exfiltration.ma");
    town.build(HOSTILE.id, &sample(), &package)?;
    let submission = town.publish(HOSTILE.id, &package)?;
    town.approve(HOSTILE.id, &submission)?;

    let sink = Sink::open(folder, None)?;
    let display = Display::start()?;
    let address = format!("guichet://miniapp/gov.example.hostile.exfiltration/pages/leak?{}", sink.query());
    let mut command = program("guichet-desktop")?;
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(folder.join("isolated")).args(["--open", &address]);
    command.env("DISPLAY", display.name()).env("GUICHET_LOG", "info");
    sink.watch(&mut command);
    let mut desktop = Running::start("guichet-desktop", &mut command)?;
    let said = desktop.line("exfiltration done", DEADLINE)?;
    ensure!(said.contains("nothing answered"), "the page says: {said}");
    sink.is_empty()?;
    ensure!(desktop.is_running()?, "the page ended the program");
    desktop.stop()
}

/// The same page where nothing stops it.
fn a_plain_browser_leaks(folder: &Path) -> Result<()> {
    let sink = Sink::open(folder, Some(sample()))?;
    let display = Display::start()?;
    let page = format!("http://127.0.0.1:{}/pages/leak.html?{}", sink.port, sink.query());
    let mut command = Command::new(PLAIN_BROWSER);
    command.arg(page).env("DISPLAY", display.name()).env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    sink.watch(&mut command);
    let browser = Running::start("MiniBrowser", &mut command)?;
    let counted = until("the sink has counted enough ways", Duration::from_secs(60), || {
        let is_enough = sink.seen().len() >= LEAST_WAYS && sink.names().len() >= LEAST_WAYS;
        Ok(is_enough.then_some(()))
    });
    browser.stop()?;
    counted.with_context(|| format!("seen: {:?}\nlooked up: {:?}", sink.seen(), sink.names()))
}

#[test]
fn a_page_with_every_way_out_reaches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &[HOSTILE]).unwrap();
    a_page_reaches_nothing(&town, folder.path()).unwrap();
}

#[test]
fn the_sink_counts_what_a_plain_browser_lets_out() {
    let folder = tempfile::tempdir().unwrap();
    a_plain_browser_leaks(folder.path()).unwrap();
}
