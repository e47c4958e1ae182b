//! The device's way out: resolve once, keep the public addresses, connect to one of them, speak TLS to the name.

use std::{
    fmt, io,
    io::Read as _,
    net::{SocketAddr, ToSocketAddrs as _},
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use guichet_contract::{
    Failure, Permit,
    network::{Answer, Body, Domain, Exchange, Header, MAX_RESPONSE_BYTES, Network, Request, Response, Stop},
};
use ureq::{
    Agent, Error, Proxy,
    config::{AutoHeaderValue, Config},
    http::Uri,
    tls::{RootCerts, TlsConfig},
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{Connector as _, NextTimeout, RustlsConnector, TcpConnector},
    },
};

use super::{address::is_public, cut_off, offline, trouble};

/// Longest head of a response, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// How often it is looked whether anybody still wants the answer.
const STEP: Duration = Duration::from_millis(50);

/// All addresses of a host and a port.
pub type Resolve = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// How names become addresses and addresses connections; others only in tests.
#[derive(Clone)]
pub struct Ways {
    /// All addresses of a host.
    pub resolve: Arc<Resolve>,
    /// Where the one who has an address listens, once the address was judged: there.
    pub place: Arc<dyn Fn(SocketAddr) -> SocketAddr + Send + Sync>,
    /// Who may vouch for a host's name.
    pub roots: RootCerts,
}

impl Default for Ways {
    fn default() -> Self {
        Self {
            resolve: Arc::new(|host, port| (host, port).to_socket_addrs().map(Iterator::collect)),
            place: Arc::new(|address| address),
            roots: RootCerts::WebPki,
        }
    }
}

impl fmt::Debug for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ways").finish_non_exhaustive()
    }
}

/// Requests over HTTPS. Nothing is kept between two of them: no connection, no cookie, no ticket, no cache.
#[derive(Debug, Default)]
pub struct Https {
    ways: Ways,
}

impl Https {
    /// By other ways than the system's.
    pub fn by(ways: Ways) -> Self {
        Self { ways }
    }

    /// The public addresses of a host.
    fn resolve(&self, domain: &Domain, deadline: Instant, stop: &Stop) -> Result<Vec<SocketAddr>, Failure> {
        let (resolve, name, port) = (Arc::clone(&self.ways.resolve), domain.name().to_owned(), domain.port());
        let looked_up = apart(move || resolve(&name, port), domain, deadline, stop)?;
        let found = looked_up.map_err(|_| offline(domain, "cannot be found"))?;
        if found.is_empty() {
            return Err(offline(domain, "cannot be found"));
        }
        let public: Vec<_> = found.into_iter().filter(|address| is_public(address.ip())).collect();
        if public.is_empty() {
            return Err(trouble(
                "network/address",
                domain,
                "leads to an address of this machine or of an inner network",
                "apps reach public addresses only",
            ));
        }
        Ok(public)
    }

    fn agent(&self, addresses: Vec<SocketAddr>, left: Duration) -> Agent {
        let config = Config::builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None::<Proxy>)
            .user_agent(AutoHeaderValue::None)
            .max_response_header_size(MAX_HEAD_BYTES)
            .max_idle_connections(0)
            .timeout_global(Some(left))
            .tls_config(TlsConfig::builder().root_certs(self.ways.roots.clone()).build())
            .build();
        let connector = TcpConnector::default().chain(RustlsConnector::default());
        Agent::with_parts(config, connector, Resolved(addresses.into_iter().map(&*self.ways.place).collect()))
    }
}

impl Network for Https {
    fn exchange(&self, permit: Permit<Exchange>) -> Result<Answer, Failure> {
        let (_, Exchange { request, patience, stop }) = permit.redeem();
        let begun = Instant::now();
        let deadline = begun + patience;
        let domain = request.url.domain().clone();
        let addresses = self.resolve(&domain, deadline, &stop)?;
        let agent = self.agent(addresses, deadline.saturating_duration_since(Instant::now()));
        let calling = agent.clone();
        let response = apart(move || send(&calling, request), &domain, deadline, &stop);
        // Whoever still reads or writes there is woken.
        agent.shutdown();
        Ok(Answer { response: response??, took: begun.elapsed() })
    }
}

/// Runs `work` on a thread of its own, which is left behind when time is up or nobody wants the answer.
fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    domain: &Domain,
    deadline: Instant,
    stop: &Stop,
) -> Result<T, Failure> {
    let (done, result) = mpsc::sync_channel(1);
    let spawned = thread::Builder::new().name("network".to_owned()).spawn(move || done.send(work()));
    if spawned.is_err() {
        return Err(offline(domain, "cannot be asked: the device has no room for another thread"));
    }
    loop {
        if stop.is_stopped() {
            return Err(trouble("network/given-up", domain, "was not waited for", "none is needed: the app gave up"));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(late(domain));
        }
        match result.recv_timeout(left.min(STEP)) {
            Ok(value) => return Ok(value),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(offline(domain, "cannot be asked: the request failed inside the host"));
            }
        }
    }
}

fn late(domain: &Domain) -> Failure {
    trouble("network/timeout", domain, "has not answered in time", "try again later")
}

fn send(agent: &Agent, request: Request) -> Result<Response, Failure> {
    let domain = request.url.domain().clone();
    let mut head = ureq::http::Request::builder().method(request.method.as_str()).uri(request.url.to_string());
    for Header { name, value } in &request.headers {
        head = head.header(name, value);
    }
    let body = request.body.as_ref().map(Body::as_bytes);
    let sent = match body {
        Some(body) => head.body(body).map(|request| agent.run(request)),
        None => head.body(()).map(|request| agent.run(request)),
    };
    let unsendable = |error| Failure::Invalid(format!("network.fetch: this cannot be sent: {error}"));
    let mut response = sent.map_err(unsendable)?.map_err(|error| failure(&error, &domain))?;
    let header = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| Header {
        name: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    let headers = response.headers().iter().map(header).collect();
    let mut bytes = Vec::new();
    let most = MAX_RESPONSE_BYTES as u64 + 1;
    let reader = response.body_mut().as_reader();
    reader.take(most).read_to_end(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => late(&domain),
        _ => cut_off(&domain),
    })?;
    if bytes.len() > MAX_RESPONSE_BYTES {
        let hint = "ask for less at once, page by page";
        return Err(trouble("network/too-large", &domain, "answers with more than 4 MiB", hint));
    }
    Ok(Response {
        status: response.status().as_u16(),
        url: request.url,
        is_redirected: false,
        headers,
        body: bytes.into(),
    })
}

fn failure(error: &Error, domain: &Domain) -> Failure {
    match error {
        Error::Timeout(_) => late(domain),
        Error::Rustls(_) | Error::Tls(_) => not_proved(domain),
        Error::Io(error) if error.get_ref().is_some_and(|inner| inner.to_string().contains("certificate")) => {
            not_proved(domain)
        }
        Error::Io(_) | Error::HostNotFound | Error::ConnectionFailed => offline(domain, "cannot be reached"),
        Error::LargeResponseHeader(..) => {
            trouble("network/too-large", domain, "answers with a head of more than 64 KiB", "tell the host's operator")
        }
        error => trouble(
            "network/bad-answer",
            domain,
            &format!("does not answer as HTTP has it ({error})"),
            "tell the host's operator",
        ),
    }
}

fn not_proved(domain: &Domain) -> Failure {
    let hint = "check the clock of the device; if it is right, tell the host's operator: its certificate is not valid";
    trouble("network/certificate", domain, "cannot prove that it is that host", hint)
}

/// The addresses that were found and judged, whatever is asked now.
#[derive(Debug)]
struct Resolved(Vec<SocketAddr>);

impl Resolver for Resolved {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        self.0.iter().take(16).for_each(|address| addresses.push(*address));
        Ok(addresses)
    }
}
