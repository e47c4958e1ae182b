//! A fetch: one exchange after another, as redirects lead (Fetch, *HTTP-redirect fetch*). Each asks for its own permit.

use super::{Answer, Body, DOMAINS, Exchange, MAX_REDIRECTS, Method, PATIENCE, Redirect, Request, Stop};
use crate::{Arguments, Call, Denial, Failure, Grants, InvalidArguments, Services, Value, ask::ServiceCall};

/// A redirect leads nowhere, or nobody wants to follow it.
const REDIRECTED: &str = "network/redirected";
/// The host is not in the scope.
const NOT_DECLARED: &str = "network/not-declared";

/// A request, and all that follows of it.
#[derive(Debug)]
pub struct Fetch {
    request: Request,
    stop: Stop,
}

impl Fetch {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let request = Request::decode(&mut arguments)?;
        arguments.end().map(|()| Self { request, stop: Stop::default() })
    }
}

impl ServiceCall for Fetch {
    fn perform(self: Box<Self>, grants: &Grants, services: &dyn Services) -> Result<Value, Failure> {
        let Self { mut request, stop } = *self;
        let mut patience = PATIENCE;
        for hop in 0..=MAX_REDIRECTS {
            let call = Exchange { request: request.clone(), patience, stop: stop.clone() };
            let permit = grants.permit(call).map_err(|denial| denied(&denial, &request, hop))?;
            let Answer { mut response, took } = <Exchange as Call>::perform(permit, services)?;
            patience = patience.saturating_sub(took);
            response.is_redirected = hop > 0;
            let location = match (request.redirect, response.status) {
                (Redirect::Manual, _) => None,
                (_, 301 | 302 | 303 | 307 | 308) => response.header("location"),
                _ => None,
            };
            let Some(location) = location else { return Ok(response.into()) };
            if request.redirect == Redirect::Error {
                return Err(Failure::Unavailable(format!(
                    "{REDIRECTED}: {} redirects, and the request says `redirect: \"error\"`",
                    request.url.domain()
                )));
            }
            request = follow(request, response.status, location)?;
        }
        Err(Failure::Unavailable(format!(
            "{REDIRECTED}: {} redirects more than {MAX_REDIRECTS} times; hint: ask the address it should lead to",
            request.url.domain()
        )))
    }

    fn stop(&self) -> Option<Stop> {
        Some(self.stop.clone())
    }
}

fn follow(request: Request, status: u16, location: &str) -> Result<Request, Failure> {
    let url = request.url.join(location).map_err(|invalid| {
        Failure::Unavailable(format!(
            "{REDIRECTED}: {} redirects to where nothing can be fetched: {invalid}",
            request.url.domain()
        ))
    })?;
    let mut next = Request { url, ..request.clone() };
    let is_get_now = match status {
        301 | 302 => request.method == Method::Post,
        303 => !matches!(request.method, Method::Get | Method::Head),
        _ => false,
    };
    if is_get_now {
        next.method = Method::Get;
        next.body = None::<Body>;
        next.headers.retain(|header| !header.name.starts_with("content-"));
    }
    // What opens one host's door is not shown to another.
    if next.url.domain() != request.url.domain() {
        next.headers.retain(|header| header.name != "authorization");
    }
    Ok(next)
}

/// Which host is missing, and the line that would ask for it.
fn denied(denial: &Denial, request: &Request, hop: usize) -> Failure {
    let (domain, name) = (request.url.domain(), &denial.missing.name);
    let how = if hop == 0 { "" } else { ", to which a redirect leads," };
    Failure::Denied(format!(
        "{NOT_DECLARED}: the permission `{name}` for {domain}{how} is missing; hint: ask for it in manifest.json: \"req_permissions\": [{{\"name\": \"{name}\", \"reason\": \"…\", \"scope\": {{\"{DOMAINS}\": [\"{domain}\"]}}}}]"
    ))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        sync::Mutex,
        time::Duration,
    };

    use super::*;
    use crate::{
        AppId, Arguments, Consent, DevicePolicy, Part, Permission, Permit,
        card::Card,
        clipboard::Clipboard,
        code::Code,
        files::Files,
        network::{Header, Network, Response},
        notify::Notify,
        open_app::OpenApp,
        print::Print,
        scan::Scan,
        speech::Speech,
        storage::Storage,
        telemetry::Telemetry,
    };

    /// Answers from a table and keeps what it was sent.
    struct Table {
        redirects: BTreeMap<&'static str, (u16, &'static str)>,
        sent: Mutex<Vec<Exchange>>,
    }

    impl Network for Table {
        fn exchange(&self, permit: Permit<Exchange>) -> Result<Answer, Failure> {
            let (_, exchange) = permit.redeem();
            let url = exchange.request.url.clone();
            let (status, location) = self.redirects.get(url.to_string().as_str()).copied().unwrap_or((200, ""));
            let headers = vec![
                Header { name: "location".to_owned(), value: location.to_owned() },
                Header { name: "set-cookie".to_owned(), value: "a=b".to_owned() },
            ];
            self.sent.lock().unwrap().push(exchange);
            let response = Response { status, url, is_redirected: false, headers, body: Body::Text("x".to_owned()) };
            Ok(Answer { response, took: Duration::from_secs(1) })
        }
    }

    impl Services for Table {
        fn storage(&self) -> &dyn Storage {
            unreachable!("nothing is stored here")
        }
        fn network(&self) -> &dyn Network {
            self
        }
        fn print(&self) -> &dyn Print {
            unreachable!("nothing is printed here")
        }
        fn card(&self) -> &dyn Card {
            unreachable!("no card is read here")
        }
        fn code(&self) -> &dyn Code {
            unreachable!("no code is read here")
        }
        fn speech(&self) -> &dyn Speech {
            unreachable!("nothing is said here")
        }
        fn clipboard(&self) -> &dyn Clipboard {
            unreachable!("nothing is copied here")
        }
        fn scan(&self) -> &dyn Scan {
            unreachable!("nothing is scanned here")
        }
        fn notify(&self) -> &dyn Notify {
            unreachable!("nothing is shown here")
        }
        fn files(&self) -> &dyn Files {
            unreachable!("no file is chosen here")
        }
        fn open_app(&self) -> &dyn OpenApp {
            unreachable!("no app is opened here")
        }
        fn telemetry(&self) -> &dyn Telemetry {
            unreachable!("nothing is counted here")
        }
        fn over(&self, _: &AppId) {}
        fn parts(&self) -> BTreeSet<Part> {
            BTreeSet::new()
        }
        fn changes(&self, _: &AppId) -> Result<u64, Failure> {
            Ok(0)
        }
        fn at_rest(&self, _: &AppId, work: &mut dyn FnMut()) {
            work();
        }
    }

    fn grants(permission: &str) -> Grants {
        let held: Vec<Permission> = serde_json::from_str(permission).unwrap();
        Grants::intersect("a.b".parse().unwrap(), &held, &held, &DevicePolicy::default(), &Consent::default())
    }

    const TWO: &str = r#"[{"name":"host:network","scope":{"domains":["a.example","b.example:8443"]}}]"#;

    fn request(url: &str, method: &str, members: &[(&str, Value)]) -> Vec<Value> {
        let mut record = BTreeMap::from([
            ("url".to_owned(), Value::Text(url.to_owned())),
            ("method".to_owned(), Value::Text(method.to_owned())),
        ]);
        record.extend(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        vec![Value::Record(record)]
    }

    fn header(name: &str, value: &str) -> Value {
        let text = |text: &str| Value::Text(text.to_owned());
        Value::Record([("name".to_owned(), text(name)), ("value".to_owned(), text(value))].into())
    }

    fn run(table: &Table, permission: &str, arguments: Vec<Value>) -> Result<Value, Failure> {
        let fetch = Fetch::decode(Arguments::new("network.fetch", arguments))?;
        Box::new(fetch).perform(&grants(permission), table)
    }

    fn table(redirects: &[(&'static str, u16, &'static str)]) -> Table {
        let redirects = redirects.iter().map(|(from, status, to)| (*from, (*status, *to))).collect();
        Table { redirects, sent: Mutex::default() }
    }

    fn sent(table: &Table) -> Vec<String> {
        let line = |exchange: &Exchange| {
            let Request { method, url, headers, body, .. } = &exchange.request;
            let names: Vec<_> = headers.iter().map(|header| header.name.as_str()).collect();
            let names = names.join(",");
            format!(
                "{} {url} [{names}] {}s{}",
                method.as_str(),
                exchange.patience.as_secs(),
                if body.is_some() { " body" } else { "" }
            )
        };
        table.sent.lock().unwrap().iter().map(line).collect()
    }

    #[test]
    fn only_a_declared_host_is_asked() {
        let asked = table(&[]);
        let ask = |permission: &str, url: &str| run(&asked, permission, request(url, "GET", &[]));
        assert!(ask(TWO, "https://a.example/x").is_ok());
        assert!(ask(TWO, "https://b.example:8443/x").is_ok());
        for (permission, url) in [
            (TWO, "https://b.example/x"),
            (TWO, "https://sub.a.example/x"),
            (TWO, "https://a.example:8443/x"),
            (TWO, "https://a.example.evil.example/"),
            ("[]", "https://a.example/"),
            (r#"[{"name":"host:network"}]"#, "https://a.example/"),
            (r#"[{"name":"host:network","scope":{"domains":[]}}]"#, "https://a.example/"),
            (r#"[{"name":"host:network","scope":{"domains":["*.example"]}}]"#, "https://a.example/"),
        ] {
            assert!(matches!(ask(permission, url), Err(Failure::Denied(_))), "{permission} {url}");
        }
        assert_eq!(sent(&asked).len(), 2);
        insta::assert_snapshot!(ask(TWO, "https://c.example/").unwrap_err(), @r#"network/not-declared: the permission `host:network` for c.example is missing; hint: ask for it in manifest.json: "req_permissions": [{"name": "host:network", "reason": "…", "scope": {"domains": ["c.example"]}}]"#);
    }

    #[test]
    fn every_redirect_asks_for_its_own_permit() {
        let asked = table(&[
            ("https://a.example/1", 302, "/2"),
            ("https://a.example/2", 307, "https://b.example:8443/3"),
            ("https://a.example/out", 302, "https://evil.example/"),
        ]);
        let headers = Value::List(vec![
            header("Authorization", "Bearer x"),
            header("content-type", "text/plain"),
            header("accept", "a/b"),
        ]);
        let post = |path: &str| {
            let members = [("headers", headers.clone()), ("body", Value::Text("x".to_owned()))];
            run(&asked, TWO, request(&format!("https://a.example/{path}"), "post", &members))
        };
        let Value::Record(response) = post("1").unwrap() else { panic!("a record") };
        assert_eq!(response["url"], Value::Text("https://b.example:8443/3".to_owned()));
        assert_eq!(response["is-redirected"], Value::Bool(true));
        assert_eq!(response["headers"], Value::List(vec![header("location", "")]), "no cookie");
        assert_eq!(
            sent(&asked),
            [
                "POST https://a.example/1 [authorization,content-type,accept] 30s body",
                "GET https://a.example/2 [authorization,accept] 29s",
                "GET https://b.example:8443/3 [accept] 28s",
            ]
        );
        insta::assert_snapshot!(post("out").unwrap_err(), @r#"network/not-declared: the permission `host:network` for evil.example, to which a redirect leads, is missing; hint: ask for it in manifest.json: "req_permissions": [{"name": "host:network", "reason": "…", "scope": {"domains": ["evil.example"]}}]"#);
    }

    #[test]
    fn redirects_end() {
        let asked = table(&[("https://a.example/", 302, "/"), ("https://a.example/plain", 302, "http://a.example/")]);
        let get = |path: &str, redirect: &str| {
            run(
                &asked,
                TWO,
                request(&format!("https://a.example{path}"), "GET", &[("redirect", Value::Text(redirect.to_owned()))]),
            )
        };
        insta::assert_snapshot!(get("/", "follow").unwrap_err(), @"network/redirected: a.example redirects more than 5 times; hint: ask the address it should lead to");
        assert_eq!(sent(&asked).len(), MAX_REDIRECTS + 1);
        insta::assert_snapshot!(get("/plain", "follow").unwrap_err(), @"network/redirected: a.example redirects to where nothing can be fetched: `http://a.example/` is not an https URL; only https://<host>/… can be fetched");
        insta::assert_snapshot!(get("/", "error").unwrap_err(), @r#"network/redirected: a.example redirects, and the request says `redirect: "error"`"#);
        let Value::Record(response) = get("/", "manual").unwrap() else { panic!("a record") };
        assert_eq!(response["status"], Value::Integer(302));
    }

    #[test]
    fn what_is_the_hosts_is_refused() {
        let asked = table(&[]);
        let refused = |method: &str, members: &[(&str, Value)]| {
            run(&asked, TWO, request("https://a.example/", method, members)).unwrap_err().to_string()
        };
        let with = |name: &str, value: &str| refused("GET", &[("headers", Value::List(vec![header(name, value)]))]);
        insta::assert_snapshot!(with("Cookie", "a=b"), @"network.fetch: the header `cookie` is the host's; hint: leave it out");
        for name in [
            "User-Agent",
            "Host",
            "Content-Length",
            "Transfer-Encoding",
            "Sec-CH-UA",
            "Proxy-Authorization",
            "Referer",
            "X-Forwarded-For",
        ] {
            assert!(with(name, "x").contains("is the host's"), "{name}");
        }
        insta::assert_snapshot!(with("x", "a\r\nHost: b"), @"network.fetch: `x` is no header that can be sent");
        assert!(with("a b", "x").contains("is no header"));
        assert!(with("x", "证").contains("is no header"));
        let many = Value::List(vec![header("x", "y"); 65]);
        insta::assert_snapshot!(refused("GET", &[("headers", many)]), @"network.fetch: headers must be at most 64");
        let long = Value::List(vec![header("x", &"y".repeat(17 << 10))]);
        insta::assert_snapshot!(refused("GET", &[("headers", long)]), @"network.fetch: headers must be at most 16 KiB together");
        insta::assert_snapshot!(refused("CONNECT", &[]), @"network.fetch: method must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS");
        insta::assert_snapshot!(refused("POST", &[("body", Value::Bytes(vec![0; MAX_BODY + 1]))]), @"network.fetch: body must be at most 1 MiB long");
        insta::assert_snapshot!(refused("GET", &[("body", Value::Text(String::new()))]), @"network.fetch: body must be left out of GET and HEAD");
        insta::assert_snapshot!(refused("GET", &[("redirect", Value::Text("x".to_owned()))]), @"network.fetch: redirect must be follow, error or manual");
        insta::assert_snapshot!(run(&asked, TWO, vec![Value::Null]).unwrap_err(), @"network.fetch: request must be a record {method, url, headers, body, redirect}");
        assert!(sent(&asked).is_empty());
    }

    const MAX_BODY: usize = crate::network::MAX_REQUEST_BYTES;
}
