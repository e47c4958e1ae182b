//! `guichet.trust.json`: what a host is given once, and everything it ever trusts follows from.

use guichet_trust::log::Policy;
use serde::{Deserialize, Serialize};

use crate::{
    Refusal,
    document::{self, Document, DocumentFault, DocumentRefusal, FORMAT},
};

/// The file's usual name.
pub const TRUST_FILE_NAME: &str = "guichet.trust.json";

/// The first root and where the rest is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustFile {
    /// 1.
    pub format: u32,
    /// The root document, as text so that its signed bytes stay as they are.
    pub root: String,
    /// Where the static files lie.
    pub static_url: String,
    /// Where the store answers; a host works without.
    #[serde(default)]
    pub api_url: String,
    /// The transparency log; with an empty key this store has none, and releases need no proof.
    #[serde(default)]
    pub log: Log,
}

/// The transparency log a host checks releases against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// The log's verifier key.
    #[serde(default)]
    pub key: String,
    /// The verifier keys of witnesses.
    #[serde(default)]
    pub witnesses: Vec<String>,
    /// How many of the witnesses must have signed: `none`, `any`, `all` or a number; empty without a log.
    #[serde(default)]
    pub policy: String,
}

impl Log {
    fn policy(&self) -> Result<Option<Policy>, DocumentFault> {
        if self.key.is_empty() && self.witnesses.is_empty() && self.policy.is_empty() {
            return Ok(None);
        }
        Policy::parse(&self.key, &self.witnesses, &self.policy).map(Some).map_err(DocumentFault::Json)
    }
}

impl TrustFile {
    /// A trust file without a log.
    pub fn new(root: &[u8], static_url: &str, api_url: &str) -> Result<Self, Refusal> {
        let root = std::str::from_utf8(root).map_err(|_| document::refuse::<Self>(NO_ROOT))?.to_owned();
        let file = Self {
            format: FORMAT,
            root,
            static_url: static_url.to_owned(),
            api_url: api_url.to_owned(),
            log: Log::default(),
        };
        file.check().map_err(document::refuse::<Self>)?;
        Ok(file)
    }

    /// The same trust file with a log, which every release must then be proved to be in.
    pub fn with_log(self, policy: &Policy) -> Self {
        let log = Log {
            key: policy.log().to_string(),
            witnesses: policy.witnesses().iter().map(ToString::to_string).collect(),
            policy: policy.quorum().to_text(),
        };
        Self { log, ..self }
    }

    /// Which checkpoints of the log may be believed; none if the file names no log.
    pub fn policy(&self) -> Result<Option<Policy>, Refusal> {
        self.log.policy().map_err(document::refuse::<Self>)
    }

    /// The text of the file, for people to read.
    pub fn to_text(&self) -> Result<String, Refusal> {
        let value = guichet_trust::canonical::to_vec(self).and_then(|bytes| guichet_trust::canonical::parse(&bytes));
        value.map(|value| format!("{value:#}\n")).map_err(refuse)
    }

    /// Reads the file; it need not be canonical, for nobody signs it.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let file: Self = guichet_trust::canonical::parse_as(bytes).map_err(refuse)?;
        if file.format != FORMAT {
            return Err(document::refuse::<Self>(DocumentFault::Format(file.format)));
        }
        file.check().map_err(document::refuse::<Self>)?;
        Ok(file)
    }

    /// The hosts that the file names, in lower case: whose `https` addresses open apps here (A2).
    pub fn hosts(&self) -> Vec<String> {
        let mut hosts: Vec<_> = [&self.static_url, &self.api_url].into_iter().filter_map(|url| host(url)).collect();
        hosts.dedup();
        hosts
    }

    /// The bytes of the root document, as they were signed.
    pub fn root_bytes(&self) -> &[u8] {
        self.root.as_bytes()
    }
}

/// The host of a URL of http or https, without a port.
fn host(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let end = if host.starts_with('[') { host.find(']').map(|end| end + 1) } else { host.find(':') };
    let host = host.get(..end.unwrap_or(host.len()))?;
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

const NO_ROOT: DocumentFault = DocumentFault::Invalid { member: "root", wanted: "the text of a root document" };

fn refuse(refusal: guichet_trust::Refusal) -> Refusal {
    DocumentRefusal { document: TrustFile::NAME, fault: DocumentFault::Json(refusal) }.into()
}

impl Document for TrustFile {
    const NAME: &'static str = "the trust file";

    fn format(&self) -> u32 {
        self.format
    }

    fn check(&self) -> Result<(), DocumentFault> {
        if !self.root.trim_start().starts_with('{') {
            return Err(NO_ROOT);
        }
        let is_url = |url: &str| ["https://", "http://", "file://"].iter().any(|scheme| url.starts_with(scheme));
        if !is_url(&self.static_url) {
            return Err(DocumentFault::Invalid { member: "static_url", wanted: "a URL of https, http or file" });
        }
        if !self.api_url.is_empty() && !is_url(&self.api_url) {
            return Err(DocumentFault::Invalid { member: "api_url", wanted: "a URL of https, http or file" });
        }
        self.log.policy().map(drop)
    }
}
