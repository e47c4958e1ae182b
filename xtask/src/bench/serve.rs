//! `bench serve`: the store's static files beside nginx on the same files, with the same generators of load, in turns.
//!
//! Server on one core, load on another. Small answers: `wrk` over HTTP/1, `h2load` over HTTP/2 without TLS. Large ones:
//! `wrk`, and the CPU of the whole machine, because much of the work of sending to the same machine is charged to whoever
//! receives.

mod load;
mod servers;

use std::path::Path;

use anyhow::{Context, Result};

use self::{load::Cost, servers::Servers};
use super::{
    build, peers,
    report::{Figure, Row, Spread},
};

const ROUNDS: usize = 7;

/// By which protocol.
#[derive(Clone, Copy)]
enum Protocol {
    Http1,
    /// By prior knowledge, without TLS.
    Http2,
}

/// What is asked for, and how.
struct Case {
    name: &'static str,
    path: &'static str,
    protocol: Protocol,
    connections: u32,
    /// Whether the asker has it already.
    has_it: bool,
    /// Whether the CPU of the whole machine counts, and not that of the server's process.
    is_large: bool,
}

const CASES: [Case; 6] = [
    small("304-h1", "metadata/timestamp.json", Protocol::Http1, true),
    small("2k-h1", "metadata/1.bench.json", Protocol::Http1, false),
    small("304-h2", "metadata/timestamp.json", Protocol::Http2, true),
    small("2k-h2", "metadata/1.bench.json", Protocol::Http2, false),
    large("1m", "packages/1m.ma"),
    large("20m", "packages/20m.ma"),
];

const fn small(name: &'static str, path: &'static str, protocol: Protocol, has_it: bool) -> Case {
    let connections = match protocol {
        Protocol::Http1 => 32,
        Protocol::Http2 => 8,
    };
    Case { name, path, protocol, connections, has_it, is_large: false }
}

const fn large(name: &'static str, path: &'static str) -> Case {
    Case { name, path, protocol: Protocol::Http1, connections: 8, has_it: false, is_large: true }
}

pub(super) fn measure(root: &Path) -> Result<Vec<Row>> {
    peers::provide_servers()?;
    let programs = build(root, &["-p", "guichet-store", "--bin", "guichet-store"])?;
    let servers = Servers::start(&root.join("target/bench/serve"), &programs.join("guichet-store"))?;
    let mut rows = Vec::new();
    for case in &CASES {
        rows.extend(rows_of(case, &compared(case, &servers)?)?);
    }
    Ok(rows)
}

/// Ours and nginx's costs, round by round; who begins takes turns, and the first round only warms.
fn compared(case: &Case, servers: &Servers) -> Result<Vec<(Cost, Cost)>> {
    let mut rounds = Vec::new();
    for round in 0..=ROUNDS {
        let (ours, peer) = if round % 2 == 0 {
            let ours = load::measure(case, &servers.ours)?;
            (ours, load::measure(case, &servers.peer)?)
        } else {
            let peer = load::measure(case, &servers.peer)?;
            (load::measure(case, &servers.ours)?, peer)
        };
        if round > 0 {
            rounds.push((ours, peer));
        }
    }
    Ok(rounds)
}

fn rows_of(case: &Case, rounds: &[(Cost, Cost)]) -> Result<Vec<Row>> {
    let name = case.name;
    let spread =
        |of: &dyn Fn(&(Cost, Cost)) -> f64| Spread::of(rounds.iter().map(of).collect()).context("nothing was measured");
    let row =
        |what: String, unit, figure, note: &str| Row { what, unit, figure, n: rounds.len(), note: note.to_owned() };
    let (cpu, of): (String, fn(&Cost) -> f64) = if case.is_large {
        (format!("cpu-machine-{name}"), |cost| cost.machine_us)
    } else {
        (format!("cpu-{name}"), |cost| cost.process_us)
    };
    let ratio = |of: &dyn Fn(&(Cost, Cost)) -> f64| spread(of).map(Figure::Ratio);
    let value = |of: &dyn Fn(&(Cost, Cost)) -> f64| spread(of).map(Figure::Value);
    let rate = "answers a second of `guichet-store serve` and of nginx";
    let whose =
        if case.is_large { "CPU of the whole machine for an answer" } else { "CPU of the server for an answer" };
    Ok(vec![
        row(name.to_owned(), "nginx's rate / ours", ratio(&|(ours, peer)| peer.rate / ours.rate)?, rate),
        row(format!("{name}/ours"), "1/s", value(&|(ours, _)| ours.rate)?, "answers a second"),
        row(format!("{name}/peer"), "1/s", value(&|(_, peer)| peer.rate)?, "answers a second"),
        row(cpu.clone(), "CPU time", ratio(&|(ours, peer)| of(ours) / of(peer))?, whose),
        row(format!("{cpu}/ours"), "us", value(&|(ours, _)| of(ours))?, whose),
        row(format!("{cpu}/peer"), "us", value(&|(_, peer)| of(peer))?, whose),
    ])
}
