//! Both servers on one folder: a store as `init` makes it, and files of the sizes that are measured.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::Protocol;
use crate::shell;

/// Which core serves; the load comes from another.
const CORE: &str = "0";
const READY: Duration = Duration::from_secs(20);

pub(super) struct Servers {
    pub(super) ours: Server,
    pub(super) peer: Server,
}

/// A server that runs until it is dropped.
pub(super) struct Server {
    process: Child,
    http1: u16,
    http2: u16,
}

impl Servers {
    pub(super) fn start(folder: &Path, program: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let store = folder.join("store");
        let dir = store.to_string_lossy();
        let mut init = Command::new(program);
        init.args(["init", "--dir", &dir]).stdout(Stdio::null());
        shell::finish(&mut init)?;
        let public = store.join("static");
        fs::create_dir_all(public.join("packages"))?;
        for (path, length) in
            [("metadata/1.bench.json", 2048), ("packages/1m.ma", 1 << 20), ("packages/20m.ma", 20 << 20)]
        {
            let bytes: Vec<u8> =
                (0..length as u32).map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
            fs::write(public.join(path), bytes)?;
        }
        Ok(Self { ours: ours(program, &dir, folder)?, peer: nginx(folder, &public)? })
    }
}

impl Server {
    /// The address of a static file.
    pub(super) fn url(&self, protocol: Protocol, path: &str) -> String {
        let port = match protocol {
            Protocol::Http1 => self.http1,
            Protocol::Http2 => self.http2,
        };
        format!("http://127.0.0.1:{port}/static/{path}")
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.process.kill();
        let _waited = self.process.wait();
    }
}

fn pinned(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", CORE]).arg(program);
    command
}

/// Ours as it is shipped, with the logging it has by itself.
fn ours(program: &Path, dir: &str, folder: &Path) -> Result<Server> {
    let mut command = pinned(program);
    command.args(["serve", "--dir", dir, "--listen", "127.0.0.1:0"]).env_remove("RUST_LOG");
    let log = File::create(folder.join("ours.log"))?;
    let mut process = command.stdout(Stdio::piped()).stderr(log).spawn().context("cannot start guichet-store")?;
    let output = process.stdout.take().context("it has no output")?;
    let mut server = Server { process, http1: 0, http2: 0 };
    let line = BufReader::new(output).lines().next().context("guichet-store ended")??;
    let port =
        line.rsplit(':').next().and_then(|port| port.parse().ok()).with_context(|| format!("no port: {line}"))?;
    (server.http1, server.http2) = (port, port);
    Ok(server)
}

/// nginx with what its manual advises for files that are asked for often; it writes no log of requests.
fn nginx(folder: &Path, public: &Path) -> Result<Server> {
    let (http1, http2) = (free_port()?, free_port()?);
    let place = folder.join("nginx");
    fs::create_dir_all(&place)?;
    let (place, public) = (place.display(), public.display());
    let settings = format!(
        "daemon off; master_process off; worker_processes 1; pid {place}/pid; error_log {place}/error.log crit;
events {{ worker_connections 4096; multi_accept on; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; keepalive_requests 100000000; keepalive_timeout 600;
  open_file_cache max=1000 inactive=600s; open_file_cache_valid 60s;
  types {{ application/json json; }} default_type application/octet-stream;
  client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
  uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
  server {{
    listen 127.0.0.1:{http1}; root {public};
    location /static/metadata/ {{ alias {public}/metadata/; tcp_nopush off; }}
    location /static/packages/ {{ alias {public}/packages/; tcp_nopush on; }}
  }}
  server {{ listen 127.0.0.1:{http2} http2; location /static/ {{ alias {public}/; tcp_nopush off; }} }}
}}
"
    );
    let path: PathBuf = folder.join("nginx.conf");
    File::create(&path)?.write_all(settings.as_bytes())?;
    let mut command = pinned(Path::new("nginx"));
    command.arg("-c").arg(&path).stdout(Stdio::null()).stderr(Stdio::null());
    let server = Server { process: command.spawn().context("cannot start nginx")?, http1, http2 };
    let begun = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, http2)).is_err() {
        if begun.elapsed() > READY {
            bail!("nginx does not answer; see {place}/error.log");
        }
        std::thread::yield_now();
    }
    Ok(server)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
