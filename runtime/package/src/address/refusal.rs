//! Why a text opens nothing.

use super::{MAX_ADDRESS_BYTES, MAX_QUERY_BYTES, SCHEME, uri::UriFault};
use crate::refusal::Words;

/// A text is no address of this platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what())]
pub enum AddressRefusal {
    /// The grammar of MiniApp Addressing does not fit.
    NotAnAddress {
        /// What was given.
        text: String,
        /// Which part does not fit.
        fault: UriFault,
    },
    /// It is an address of another platform.
    ForeignScheme {
        /// Its scheme.
        scheme: String,
    },
    /// What it calls an id is none of this platform's.
    NoAppId {
        /// The id.
        id: String,
    },
    /// The page leads out of the app, or is not text.
    LeavesApp {
        /// The path.
        path: String,
    },
    /// It is longer than [`MAX_ADDRESS_BYTES`].
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// Its query is longer than [`MAX_QUERY_BYTES`].
    QueryTooLong {
        /// How long the query is.
        bytes: usize,
    },
}

impl AddressRefusal {
    /// The stable word for this kind of refusal, such as `address/not-an-address`.
    pub fn class(&self) -> &'static str {
        self.words().class
    }

    /// What is wrong, in one sentence.
    pub fn what(&self) -> String {
        self.words().what
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        self.words().hint
    }

    pub(crate) fn words(&self) -> Words {
        match self {
            Self::NotAnAddress { text, fault } => Words::new(
                "address/not-an-address",
                format!("`{text}` does not say which service to open: {}", why(*fault)),
                format!(
                    "write an app id such as gov.example.permit, or {SCHEME}://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded"
                ),
            ),
            Self::ForeignScheme { scheme } => Words::new(
                "address/foreign-scheme",
                format!("`{scheme}://` is the scheme of another platform"),
                format!("addresses of this platform begin with {SCHEME}://miniapp/"),
            ),
            Self::NoAppId { id } => Words::new(
                "address/no-app-id",
                format!("`{id}` can be the id of no app here"),
                "an app id has two or more labels of letters, digits and -, joined by dots",
            ),
            Self::LeavesApp { path } => Words::new(
                "address/leaves-app",
                format!("the page `{path}` leads out of the app or is not text"),
                "name a page as the app's manifest does, such as pages/new",
            ),
            Self::TooLong { bytes } => Words::new(
                "address/too-long",
                format!("the address has {bytes} bytes, and {MAX_ADDRESS_BYTES} is the most"),
                "carry a reference in the query, not the data itself",
            ),
            Self::QueryTooLong { bytes } => Words::new(
                "address/query-too-long",
                format!("the query has {bytes} bytes, and {MAX_QUERY_BYTES} is the most"),
                "carry a reference in the query, not the data itself",
            ),
        }
    }
}

fn why(fault: UriFault) -> &'static str {
    match fault {
        UriFault::Prefix => "it is no app id and begins with no scheme and `miniapp/`",
        UriFault::Host => "what follows `https://` is no host",
        UriFault::Id => "what follows `miniapp/` is no id",
        UriFault::Version => "only `;version=` and a version may follow the id",
        UriFault::Path => "the page has a character that an address cannot have",
        UriFault::Query => "the query has a character that an address cannot have",
        UriFault::Fragment => "the fragment has a character that an address cannot have",
    }
}
