//! One round of load on one server, and what it cost.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::{Case, Protocol, servers::Server};

/// The core from which the load comes.
const CORE: &str = "1";
const SECONDS: u32 = 2;
/// Streams at once on a connection.
const STREAMS: &str = "16";
/// The kernel counts CPU time in hundredths of a second for programs to read.
const TICK_US: f64 = 10_000.0;

/// What the answers cost.
pub(super) struct Cost {
    /// Answers a second.
    pub(super) rate: f64,
    /// Microseconds of the server's CPU for an answer.
    pub(super) process_us: f64,
    /// Microseconds of all CPUs for an answer.
    pub(super) machine_us: f64,
}

pub(super) fn measure(case: &Case, server: &Server) -> Result<Cost> {
    let header = if case.has_it { Some(format!("If-None-Match: {}", tag(server, case.path)?)) } else { None };
    let mut command = Command::new("taskset");
    command.args(["-c", CORE]);
    let connections = case.connections.to_string();
    match case.protocol {
        Protocol::Http1 => command.args(["wrk", "-t1", "-c", &connections, "-d", &format!("{SECONDS}s")]),
        Protocol::Http2 => {
            command.args(["h2load", "-t1", "-c", &connections, "-m", STREAMS, "-D", &SECONDS.to_string(), "-p", "h2c"])
        }
    };
    if let Some(header) = &header {
        command.args(["-H", header]);
    }
    let before = (ticks_of(server.pid())?, ticks_of_all()?);
    let output = command.arg(server.url(case.protocol, case.path)).output().context("cannot start the load")?;
    let after = (ticks_of(server.pid())?, ticks_of_all()?);
    let text = String::from_utf8_lossy(&output.stdout);
    let answers = match case.protocol {
        Protocol::Http1 => wrk(&text),
        Protocol::Http2 => h2load(&text, case.has_it),
    };
    let (answers, rate) = answers.with_context(|| format!("the load went wrong: {text}"))?;
    let each = |ticks: u64| ticks as f64 * TICK_US / answers;
    Ok(Cost { rate, process_us: each(after.0 - before.0), machine_us: each(after.1 - before.1) })
}

/// Answers and answers a second. None of them may be an error; what is unchanged is none.
fn wrk(text: &str) -> Option<(f64, f64)> {
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return None;
    }
    let (before, _) = text.split_once(" requests in ")?;
    let answers = before.rsplit(char::is_whitespace).next()?.parse().ok()?;
    let (_, after) = text.split_once("Requests/sec:")?;
    Some((answers, after.split_whitespace().next()?.parse().ok()?))
}

fn h2load(text: &str, has_it: bool) -> Option<(f64, f64)> {
    let (before, _) = text.split_once(" req/s")?;
    let rate = before.rsplit(char::is_whitespace).next()?.parse().ok()?;
    let (_, codes) = text.split_once("status codes: ")?;
    let mut counts = codes.split(", ").filter_map(|count| count.split_whitespace().next()?.parse::<f64>().ok());
    let (good, unchanged, refused, failed) = (counts.next()?, counts.next()?, counts.next()?, counts.next()?);
    let (wanted, other) = if has_it { (unchanged, good) } else { (good, unchanged) };
    (wanted > 0.0 && other + refused + failed == 0.0).then_some((wanted, rate))
}

/// The entity tag by which this server knows the file.
fn tag(server: &Server, path: &str) -> Result<String> {
    let url = server.url(Protocol::Http1, path);
    let (address, _) = url.trim_start_matches("http://").split_once('/').context("no path")?;
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "HEAD /static/{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("etag")
        {
            return Ok(value.trim().to_owned());
        }
    }
    bail!("no entity tag for {url}")
}

/// User and system time of a process with all its threads, in ticks.
fn ticks_of(pid: u32) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).context("the server is gone")?;
    let (_, fields) = text.rsplit_once(')').context("not a stat file")?;
    let times: Vec<u64> = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(times.iter().sum())
}

/// The time in which any CPU did something, in ticks.
fn ticks_of_all() -> Result<u64> {
    let text = fs::read_to_string("/proc/stat")?;
    let fields = text.lines().next().context("not a stat file")?.split_whitespace().skip(1).take(8);
    let times: Vec<u64> = fields.filter_map(|field| field.parse().ok()).collect();
    // The fourth and the fifth are idling and waiting for a disk.
    Ok(times.iter().enumerate().filter(|(number, _)| !matches!(number, 3 | 4)).map(|(_, ticks)| ticks).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrk_says() {
        let said =
            "Running 2s test\n  437888 requests in 2.00s, 62.64MB read\nRequests/sec: 218944.12\nTransfer/sec: 31MB";
        assert_eq!(wrk(said), Some((437_888.0, 218_944.12)));
        assert_eq!(wrk(&said.replace("Transfer", "Non-2xx or 3xx responses: 3\nTransfer")), None);
        assert_eq!(wrk("unable to connect"), None);
    }

    #[test]
    fn what_h2load_says() {
        let said = "finished in 2.00s, 120548.50 req/s, 13.9MB/s\nrequests: 241097 total\n\
                    status codes: 0 2xx, 241097 3xx, 0 4xx, 0 5xx\n";
        assert_eq!(h2load(said, true), Some((241_097.0, 120_548.5)));
        assert_eq!(h2load(said, false), None);
        assert_eq!(h2load("", true), None);
    }
}
