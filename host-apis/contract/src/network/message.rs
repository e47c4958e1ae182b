//! Requests and responses, and which parts of them are the app's.

use std::{collections::BTreeMap, time::Duration};

use super::{MAX_HEADER_BYTES, MAX_HEADERS, MAX_LOGIC_BYTES, MAX_REQUEST_BYTES, Url};
use crate::{Arguments, Failure, InvalidArguments, Value};

/// What a request wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of RFC 9110 and RFC 5789")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    const ALL: [Self; 7] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Options];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

/// What becomes of a redirect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redirect {
    /// It is followed.
    #[default]
    Follow,
    /// It is a failure.
    Error,
    /// It is the response.
    Manual,
}

/// Text or bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Body {
    /// The bytes on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl From<Vec<u8>> for Body {
    /// Text if it is UTF-8.
    fn from(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|error| Self::Bytes(error.into_bytes()), Self::Text)
    }
}

/// One header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// A token, in lower case.
    pub name: String,
    /// Visible characters, spaces and tabs.
    pub value: String,
}

impl Header {
    /// Whether only the host may send it: what frames the message, what names device or person, what browsers keep too.
    fn is_of_the_host(&self) -> bool {
        const OURS: &[&str] = &[
            "accept-charset",
            "accept-encoding",
            "connection",
            "content-length",
            "cookie",
            "cookie2",
            "date",
            "dnt",
            "expect",
            "forwarded",
            "host",
            "keep-alive",
            "origin",
            "referer",
            "set-cookie",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent",
            "via",
            "x-forwarded-for",
            "x-real-ip",
        ];
        OURS.contains(&self.name.as_str())
            || ["proxy-", "sec-", "access-control-"].iter().any(|start| self.name.starts_with(start))
    }

    /// Whether an app may see it in a response: no cookies, and nothing about a framing that is gone.
    fn is_for_the_app(&self) -> bool {
        const KEPT_BACK: &[&str] = &[
            "connection",
            "content-encoding",
            "content-length",
            "keep-alive",
            "set-cookie",
            "set-cookie2",
            "trailer",
            "transfer-encoding",
            "upgrade",
        ];
        !KEPT_BACK.contains(&self.name.as_str())
    }

    fn of(value: Value) -> Option<Self> {
        let Value::Record(mut record) = value else { return None };
        match (record.remove("name")?, record.remove("value")?) {
            (Value::Text(name), Value::Text(value)) => {
                Some(Self { name: name.to_ascii_lowercase(), value: value.trim_matches([' ', '\t']).to_owned() })
            }
            _ => None,
        }
    }

    fn is_sound(&self) -> bool {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !self.name.is_empty()
            && self.name.bytes().all(is_token)
            && self.value.bytes().all(|byte| byte == b'\t' || (b' '..0x7f).contains(&byte))
    }
}

/// A request that may be sent if the permission for its host is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it wants done.
    pub method: Method,
    /// Where it goes.
    pub url: Url,
    /// The app's headers, none of which is the host's.
    pub headers: Vec<Header>,
    /// What it carries.
    pub body: Option<Body>,
    /// What becomes of a redirect.
    pub redirect: Redirect,
}

impl Request {
    pub(crate) fn decode(arguments: &mut Arguments) -> Result<Self, InvalidArguments> {
        let wrong = |member: &str, wanted: &str| InvalidArguments(format!("network.fetch: {member} must be {wanted}"));
        let Some(Value::Record(mut members)) = arguments.value() else {
            return Err(wrong("request", "a record {method, url, headers, body, redirect}"));
        };
        let method = match members.remove("method") {
            Some(Value::Text(word)) => {
                Method::ALL.into_iter().find(|method| word.eq_ignore_ascii_case(method.as_str()))
            }
            _ => None,
        };
        let method = method.ok_or_else(|| wrong("method", "GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS"))?;
        let Some(Value::Text(url)) = members.remove("url") else { return Err(wrong("url", "a text")) };
        let url = url.parse().map_err(|invalid| InvalidArguments(format!("network.fetch: {invalid}")))?;
        let headers = headers(members.remove("headers").unwrap_or(Value::Null))?;
        let body = match members.remove("body").unwrap_or(Value::Null) {
            Value::Null => None,
            Value::Text(text) => Some(Body::Text(text)),
            Value::Bytes(bytes) => Some(Body::Bytes(bytes)),
            _ => return Err(wrong("body", "a text or bytes")),
        };
        if body.as_ref().is_some_and(|body| body.as_bytes().len() > MAX_REQUEST_BYTES) {
            return Err(wrong("body", "at most 1 MiB long"));
        }
        if body.is_some() && matches!(method, Method::Get | Method::Head) {
            return Err(wrong("body", "left out of GET and HEAD"));
        }
        let redirect = match members.remove("redirect").unwrap_or(Value::Null) {
            Value::Null => Redirect::Follow,
            Value::Text(word) if word == "follow" => Redirect::Follow,
            Value::Text(word) if word == "error" => Redirect::Error,
            Value::Text(word) if word == "manual" => Redirect::Manual,
            _ => return Err(wrong("redirect", "follow, error or manual")),
        };
        Ok(Self { method, url, headers, body, redirect })
    }
}

fn headers(value: Value) -> Result<Vec<Header>, InvalidArguments> {
    let refuse = |why: String| Err(InvalidArguments(format!("network.fetch: {why}")));
    let list = match value {
        Value::Null => Vec::new(),
        Value::List(list) if list.len() <= MAX_HEADERS => list,
        Value::List(_) => return refuse(format!("headers must be at most {MAX_HEADERS}")),
        _ => return refuse("headers must be a list of records {name, value}".to_owned()),
    };
    let mut headers = Vec::new();
    for value in list {
        let Some(header) = Header::of(value) else {
            return refuse("headers must be a list of records {name, value}".to_owned());
        };
        if !header.is_sound() {
            return refuse(format!("`{}` is no header that can be sent", header.name.escape_debug()));
        }
        if header.is_of_the_host() {
            return refuse(format!("the header `{}` is the host's; hint: leave it out", header.name));
        }
        headers.push(header);
    }
    if headers.iter().map(|header| header.name.len() + header.value.len()).sum::<usize>() > MAX_HEADER_BYTES {
        return refuse("headers must be at most 16 KiB together".to_owned());
    }
    Ok(headers)
}

/// What a host has answered to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The response.
    pub response: Response,
    /// How long it took.
    pub took: Duration,
}

/// A whole response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The address that answered.
    pub url: Url,
    /// Whether it is another than was asked.
    pub is_redirected: bool,
    /// All headers, names in lower case.
    pub headers: Vec<Header>,
    /// What it carries.
    pub body: Body,
}

impl Response {
    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name == name).map(|header| header.value.as_str())
    }
}

/// What a fetch has brought, as far as logic can take it within an event.
pub fn for_logic(brought: Result<Value, Failure>) -> Result<Value, Failure> {
    if let Ok(Value::Record(members)) = &brought
        && let Some(Value::Bytes(bytes)) = members.get("body")
        && bytes.len() > MAX_LOGIC_BYTES
    {
        let class = "network/too-large";
        return Err(Failure::Unavailable(format!(
            "{class}: logic takes at most 1 MiB of bytes at once; hint: fetch it in the page, or ask for less"
        )));
    }
    brought
}

impl From<Response> for Value {
    fn from(response: Response) -> Self {
        let header = |Header { name, value }| {
            let members = [("name".to_owned(), Self::Text(name)), ("value".to_owned(), Self::Text(value))];
            Self::Record(members.into())
        };
        Self::Record(BTreeMap::from([
            ("status".to_owned(), Self::Integer(response.status.into())),
            ("url".to_owned(), Self::Text(response.url.to_string())),
            ("is-redirected".to_owned(), Self::Bool(response.is_redirected)),
            (
                "headers".to_owned(),
                Self::List(response.headers.into_iter().filter(Header::is_for_the_app).map(header).collect()),
            ),
            (
                "body".to_owned(),
                match response.body {
                    Body::Text(text) => Self::Text(text),
                    Body::Bytes(bytes) => Self::Bytes(bytes),
                },
            ),
        ]))
    }
}
