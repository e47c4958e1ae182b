//! `network`: requests over HTTPS to the hosts that the scope of `host:network` lists.
//!
//! One [`Fetch`] is one or more [`Exchange`]s: each redirect is an exchange of its own, with a permit of its own.

mod fetch;
mod message;
mod url;

use std::time::Duration;

use serde_json::{Value as Json, json};

pub use fetch::Fetch;
pub use message::{Answer, Body, Header, Method, Redirect, Request, Response, for_logic};
pub use url::{Domain, InvalidUrl, Url};

pub use crate::stop::Stop;
use crate::{Call, Failure, Permission, PermissionName, Permit, Scope, Services, Value};

/// Longest URL, in bytes.
pub const MAX_URL_BYTES: usize = 8 << 10;
/// Most headers of a request.
pub const MAX_HEADERS: usize = 64;
/// All names and values of a request's headers together, in bytes.
pub const MAX_HEADER_BYTES: usize = 16 << 10;
/// Longest body of a request, in bytes.
pub const MAX_REQUEST_BYTES: usize = 1 << 20;
/// Longest body of a response, in bytes, as the app gets it.
pub const MAX_RESPONSE_BYTES: usize = 4 << 20;
/// Longest body of a response that is bytes and goes to logic, in bytes: more would take all the time of an event.
pub const MAX_LOGIC_BYTES: usize = 1 << 20;
/// Most redirects that are followed.
pub const MAX_REDIRECTS: usize = 5;
/// How long one fetch may take, redirects and all.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The member of the scope that lists hosts.
pub(crate) const DOMAINS: &str = "domains";

/// What a device must provide for `network` to work.
pub trait Network: Send + Sync {
    /// Sends one request and takes the whole answer, following nothing, within the patience of the exchange.
    fn exchange(&self, permit: Permit<Exchange>) -> Result<Answer, Failure>;
}

/// One request to one host.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What to send, and where.
    pub request: Request,
    /// How long it may take.
    pub patience: Duration,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

impl Call for Exchange {
    type Reply = Answer;

    fn needs(&self) -> Permission {
        permission(&self.request.url)
    }

    fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Answer, Failure> {
        services.network().exchange(permit)
    }
}

impl From<Answer> for Value {
    fn from(answer: Answer) -> Self {
        answer.response.into()
    }
}

/// The name of the permission.
pub(crate) fn permission_name() -> PermissionName {
    PermissionName::host("network")
}

/// What is wrong with a scope: it has to list under `domains` the hosts that may be reached.
pub(crate) fn scope_fault(scope: &Scope) -> Option<String> {
    let domains = match scope.members().get(DOMAINS) {
        Some(Json::Array(domains)) if !domains.is_empty() => domains,
        _ => return Some("it lists no `domains`".to_owned()),
    };
    let fault = |domain: &Json| match domain.as_str() {
        Some(text) => text.parse::<Domain>().err().map(|invalid| invalid.to_string()),
        None => Some(format!("{domain} is not the name of a host")),
    };
    domains.iter().find_map(fault)
}

fn permission(url: &Url) -> Permission {
    Permission::limited(permission_name(), DOMAINS, json!([url.domain().to_string()]))
}
