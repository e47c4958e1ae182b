//! `guichet-dev-bench`: from a save to the frame that shows it, in `guichet dev` and in Vite's development server with the
//! same app in Chromium, in turns. Prints one JSON object of lists of milliseconds; `cargo xtask bench dev` builds and
//! installs everything and starts it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::Parser;
use guichet_journeys::{display::Display, ports, process::programs, until::until};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

/// Modules and style sheets of the page, besides its own.
const PARTS: usize = 12;
/// Rounds that do not count.
const WARM: usize = 3;
/// How long a frame may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// What stands between two saves, so that neither finds the other's work going on.
const PAUSE: Duration = Duration::from_millis(300);

const LOGIC: &str = "let count = 0;\nconst word = 'word 0';\nconst tell = () => guichet.page.update({ count, word });\n\
    export default { launched: tell };\nexport function more() { count += 1; tell(); }\n";

#[derive(Parser)]
struct Arguments {
    /// Vite's program
    #[arg(long)]
    vite: PathBuf,
    /// Chromium
    #[arg(long)]
    chromium: PathBuf,
    /// How many saves of each kind are measured
    #[arg(long, default_value_t = 21)]
    rounds: usize,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
    let frames = Frames::listen()?;
    app(&ours, "")?;
    app(&theirs, &format!("<script src=\"painted.js\" data-at=\"{}\"></script>", frames.url))?;
    fs::write(theirs.join("pages/painted.js"), PAINTED)?;
    let display = Display::large()?;
    let dev = Dev::start(&ours, &display)?;
    let vite = Vite::start(&arguments, &theirs, &display, folder.path(), &frames)?;
    let (mut page, mut peer, mut logic, mut style) = (vec![], vec![], vec![], vec![]);
    for round in 0..WARM + arguments.rounds {
        let keep = |list: &mut Vec<f64>, time: Duration| {
            if round >= WARM {
                list.push(time.as_secs_f64() * 1000.0);
            }
        };
        let text = format!("page {round}");
        keep(&mut page, dev.save("pages/home.html", &html(&text, ""), "reload")?);
        let beacon = format!("<script src=\"painted.js\" data-at=\"{}\"></script>", frames.url);
        keep(&mut peer, vite.save(&theirs, &html(&text, &beacon), &text, &frames)?);
        keep(&mut logic, dev.save("app.js", &LOGIC.replace("word 0", &format!("word {}", round + 1)), "swap")?);
        let css = format!("body {{ margin: {}px }}\n", round % 7);
        keep(&mut style, dev.save("pages/home.css", &css, "styles")?);
    }
    vite.stop();
    dev.stop();
    println!("{}", json!({"page": page, "vite": peer, "logic": logic, "style": style}));
    Ok(())
}

/// Says when the page has been drawn: two frames after it was loaded, as the host's bridge does.
const PAINTED: &str = "const at = document.currentScript.dataset.at;\n\
    addEventListener('load', () => requestAnimationFrame(() => requestAnimationFrame(() => \
    fetch(`${at}/painted/${encodeURIComponent(document.querySelector('h1').textContent)}`, { mode: 'no-cors' }))));\n";

fn html(text: &str, more: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>page</title>\
         <link rel=\"stylesheet\" href=\"../app.css\"><link rel=\"stylesheet\" href=\"home.css\">{more}\
         <h1>{text}</h1><ul id=\"list\"></ul><script type=\"module\" src=\"home.js\"></script>\n"
    )
}

fn app(folder: &Path, more: &str) -> Result<()> {
    for part in ["pages", "common"] {
        fs::create_dir_all(folder.join(part))?;
    }
    let manifest = json!({
        "app_id": "gov.example.bench", "name": "Bench", "pages": ["pages/home"], "lang": "en",
        "icons": [{"src": "common/icon.svg"}], "version": {"code": 1, "name": "1.0.0"}, "platform_version": {"min_code": 1},
    });
    let imports: String =
        (0..PARTS).map(|part| format!("import {{ rows as rows{part} }} from '../common/part{part}.js';\n")).collect();
    let names: Vec<String> = (0..PARTS).map(|part| format!("...rows{part}()")).collect();
    let draw = "const list = document.getElementById('list');\nfor (const row of rows) { const item = \
        document.createElement('li'); item.textContent = row; list.append(item); }\n";
    let script = format!("{imports}const rows = [{}];\n{draw}", names.join(", "));
    for part in 0..PARTS {
        let rows =
            format!("export const rows = () => Array.from({{ length: 20 }}, (_, at) => `part {part} row ${{at}}`);\n");
        fs::write(folder.join(format!("common/part{part}.js")), rows)?;
    }
    let icon = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M4 4h16v16H4z"/></svg>"#;
    for (path, text) in [
        ("manifest.json", manifest.to_string().as_str()),
        ("app.js", LOGIC),
        ("app.css", "body { font: 16px sans-serif; background: #eff3f1 }\nli { padding: 2px 8px }\n"),
        ("pages/home.css", "h1 { color: #0d6656 }\n"),
        ("pages/home.js", &script),
        ("pages/home.html", &html("page", more)),
        ("common/icon.svg", icon),
    ] {
        fs::write(folder.join(path), text)?;
    }
    Ok(())
}

/// A program with a group of its own, so that all it starts goes with it.
struct Group(Child);

impl Group {
    fn start(command: &mut Command) -> Result<Self> {
        std::os::unix::process::CommandExt::process_group(command, 0);
        Ok(Self(command.spawn().with_context(|| format!("cannot start {command:?}"))?))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::TERM);
        }
        let _ = self.0.wait();
    }
}

/// `guichet dev`, and what it says.
struct Dev {
    folder: PathBuf,
    said: Receiver<(Instant, Value)>,
    group: Group,
}

impl Dev {
    fn start(folder: &Path, display: &Display) -> Result<Self> {
        let mut command = Command::new(programs()?.join("guichet"));
        command.args(["--json", "dev"]).arg(folder).env("DISPLAY", display.name());
        let mut group = Group::start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let output = group.0.stdout.take().context("it says nothing")?;
        let (sender, said) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let heard = Instant::now();
                if let Ok(line) = serde_json::from_str(&line) {
                    let _ = sender.send((heard, line));
                }
            }
        });
        let dev = Self { folder: folder.to_owned(), said, group };
        dev.painted("begin")?;
        Ok(dev)
    }

    fn painted(&self, kind: &str) -> Result<Instant> {
        loop {
            let (heard, line) = self.said.recv_timeout(PATIENCE).with_context(|| format!("no `{kind}` was painted"))?;
            match (line["is"].as_str(), line["kind"].as_str()) {
                (Some("painted"), Some(painted)) if painted == kind => return Ok(heard),
                (Some("painted" | "stopped" | "refused"), _) => bail!("instead of `{kind}`: {line}"),
                _ => {}
            }
        }
    }

    fn save(&self, file: &str, text: &str, kind: &str) -> Result<Duration> {
        rest();
        let begun = Instant::now();
        fs::write(self.folder.join(file), text)?;
        Ok(self.painted(kind)?.duration_since(begun))
    }

    fn stop(self) {
        drop(self.group);
    }
}

/// Vite's server and a Chromium that shows its page.
struct Vite {
    server: Group,
    browser: Group,
}

impl Vite {
    fn start(arguments: &Arguments, app: &Path, display: &Display, folder: &Path, frames: &Frames) -> Result<Self> {
        let port = ports::free()?;
        let mut command = Command::new("node");
        command.arg(fs::canonicalize(&arguments.vite)?).args([
            "--host",
            "127.0.0.1",
            "--strictPort",
            "--port",
            &port.to_string(),
        ]);
        command.current_dir(app).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Group::start(&mut command)?;
        until("Vite listens", PATIENCE, || Ok(TcpStream::connect(("127.0.0.1", port)).ok()))?;
        let mut command = Command::new(&arguments.chromium);
        command.arg(format!("--user-data-dir={}", folder.join("chromium").display()));
        command.arg(format!("--app=http://127.0.0.1:{port}/pages/home.html"));
        command.args(["--no-first-run", "--no-default-browser-check", "--disable-gpu"]).env("DISPLAY", display.name());
        if rustix::process::geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        let browser = Group::start(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))?;
        frames.painted("page")?;
        Ok(Self { server, browser })
    }

    fn save(&self, app: &Path, html: &str, text: &str, frames: &Frames) -> Result<Duration> {
        rest();
        let begun = Instant::now();
        fs::write(app.join("pages/home.html"), html)?;
        Ok(frames.painted(text)?.duration_since(begun))
    }

    fn stop(self) {
        drop(self.browser);
        drop(self.server);
    }
}

fn rest() {
    thread::park_timeout(PAUSE);
}

/// Hears from pages what they have drawn.
struct Frames {
    url: String,
    heard: Receiver<(Instant, String)>,
}

impl Frames {
    fn listen() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let (sender, heard) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let sender = sender.clone();
                thread::spawn(move || hear(stream, &sender));
            }
        });
        Ok(Self { url, heard })
    }

    fn painted(&self, text: &str) -> Result<Instant> {
        let wanted = text.replace(' ', "%20");
        loop {
            let (heard, painted) =
                self.heard.recv_timeout(PATIENCE).with_context(|| format!("nobody painted `{text}`"))?;
            if painted == wanted {
                return Ok(heard);
            }
        }
    }
}

fn hear(mut stream: TcpStream, sender: &Sender<(Instant, String)>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?.take(1 << 20));
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
        let heard = Instant::now();
        if let Some(text) = first.split(' ').nth(1).and_then(|path| path.strip_prefix("/painted/")) {
            sender.send((heard, text.to_owned())).ok()?;
        }
        let mut line = String::new();
        while reader.read_line(&mut line).ok()? > 2 {
            line.clear();
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok()?;
    }
}
