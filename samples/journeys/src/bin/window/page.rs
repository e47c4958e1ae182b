//! The page that all shows, as an app and as a plain site.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Instant,
};

use anyhow::{Context, Result};
use serde_json::json;

const LOGIC: &str = "App({});\n";
const ICON: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M4 4h16v16H4z"/></svg>"#;

/// Says when the page has been drawn: two frames after it was loaded, as the host's bridge does.
const PAINTED: &str = "<script>addEventListener('load', () => requestAnimationFrame(() => requestAnimationFrame(() => \
    { document.title = 'painted'; fetch('/painted'); })));</script>";

/// Writes an app whose one page has a heading and, with a bundle, its scripts and style sheets.
pub(crate) fn app(folder: &Path, app_id: &str, bundle: &[PathBuf], script: &str, logic: Option<&str>) -> Result<()> {
    for part in ["pages", "common"] {
        fs::create_dir_all(folder.join(part))?;
    }
    fs::write(folder.join("common/icon.svg"), ICON)?;
    fs::write(folder.join("app.css"), "")?;
    fs::write(folder.join("app.js"), logic.unwrap_or(LOGIC))?;
    fs::write(folder.join("pages/home.html"), page(bundle, "../common/"))?;
    fs::write(folder.join("pages/home.js"), script)?;
    for file in bundle {
        fs::copy(file, folder.join("common").join(name(file)?))?;
    }
    let manifest = json!({
        "app_id": app_id, "name": "page", "icons": [{"src": "common/icon.svg", "sizes": "24x24"}], "lang": "en", "dir": "ltr",
        "version": {"code": 1, "name": "1.0.0"}, "platform_version": {"min_code": 1}, "pages": ["pages/home"],
    });
    fs::write(folder.join("manifest.json"), manifest.to_string())?;
    Ok(())
}

fn page(bundle: &[PathBuf], prefix: &str) -> String {
    let mut page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>page</title>".to_owned();
    let names = || bundle.iter().filter_map(|file| file.file_name()?.to_str());
    names().filter(|name| name.ends_with(".css")).for_each(|name| {
        page += &format!("<link rel=\"stylesheet\" href=\"{prefix}{name}\">");
    });
    page += "<h1>hello</h1><div id=\"app\"></div>";
    names().filter(|name| name.ends_with(".js")).for_each(|name| {
        page += &format!("<script src=\"{prefix}{name}\"></script>");
    });
    page
}

fn name(file: &Path) -> Result<String> {
    Ok(file.file_name().and_then(|name| name.to_str()).context("a file has a name")?.to_owned())
}

/// The same page as a plain site on this machine, which says when it was drawn.
pub(crate) struct Site {
    pub(crate) url: String,
    painted: Receiver<Instant>,
}

impl Site {
    pub(crate) fn open(bundle: &[PathBuf]) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/", listener.local_addr()?);
        let (document, bundle) = (page(bundle, "/") + PAINTED, bundle.to_vec());
        let (sender, painted) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let (document, bundle, sender) = (document.clone(), bundle.clone(), sender.clone());
                thread::spawn(move || serve(stream, &document, &bundle, &sender));
            }
        });
        Ok(Self { url, painted })
    }

    /// Waits until somebody has drawn the page.
    pub(crate) fn painted(&self) -> Result<Instant> {
        self.painted.recv_timeout(std::time::Duration::from_secs(60)).context("nobody has drawn the page")
    }
}

fn serve(mut stream: TcpStream, document: &str, bundle: &[PathBuf], painted: &Sender<Instant>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?.take(1 << 20));
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
        let path = first.split(' ').nth(1)?.trim_start_matches('/').to_owned();
        let mut line = String::new();
        while reader.read_line(&mut line).ok()? > 2 {
            line.clear();
        }
        let file = bundle.iter().find(|file| file.file_name().is_some_and(|name| name == path.as_str()));
        let (kind, body) = match (path.as_str(), file) {
            ("", _) => ("text/html", document.as_bytes().to_vec()),
            (_, Some(file)) if path.ends_with(".css") => ("text/css", fs::read(file).ok()?),
            (_, Some(file)) => ("text/javascript", fs::read(file).ok()?),
            ("painted", _) => {
                painted.send(Instant::now()).ok()?;
                ("text/plain", Vec::new())
            }
            _ => ("text/plain", Vec::new()),
        };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(&body).ok()?;
    }
}
