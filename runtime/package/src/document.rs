//! What every signed document of ours has in common: canonical JSON, a `format`, and members that must be understood.

use guichet_trust::canonical;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Refusal, refusal::Words};

/// The number of the formats of this crate.
pub const FORMAT: u32 = 1;

/// A document is refused for its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().what)]
pub struct DocumentRefusal {
    /// Which document, such as `the statement`.
    pub document: &'static str,
    /// What is wrong with it.
    pub fault: DocumentFault,
}

/// What can be wrong with a document's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentFault {
    /// It is not canonical JSON with the members it must have.
    Json(guichet_trust::Refusal),
    /// It is of a format of another time.
    Format(u32),
    /// It has a member that must be understood and is not.
    MustUnderstand(String),
    /// A member has a value that cannot be.
    Invalid {
        /// The member.
        member: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// It has more bytes than the limits allow.
    TooLarge {
        /// In bytes.
        most: u64,
    },
}

impl DocumentRefusal {
    pub(crate) fn words(&self) -> Words {
        let document = self.document;
        match &self.fault {
            DocumentFault::Json(refusal) => Words {
                class: refusal.class(),
                what: format!("{document} cannot be read: {}", refusal.what()),
                place: refusal.place(),
                hint: refusal.hint(),
            },
            DocumentFault::Format(format) => Words::new(
                "document/format",
                format!("{document} is of format {format}, and this program knows format {FORMAT}"),
                "update this program",
            ),
            DocumentFault::MustUnderstand(member) => Words::new(
                "document/must-understand",
                format!("{document} has `{member}`, which must be understood and is not"),
                "update this program",
            ),
            DocumentFault::Invalid { member, wanted } => Words::new(
                "document/invalid",
                format!("{document} is wrong: `{member}` is not {wanted}"),
                "ask whoever signed it to correct it",
            )
            .at(*member),
            DocumentFault::TooLarge { most } => Words::new(
                "document/too-large",
                format!("{document} is larger than {most} bytes"),
                "ask whoever signed it to correct it",
            ),
        }
    }
}

/// A document of ours.
pub(crate) trait Document: Serialize + DeserializeOwned {
    /// What it is called in refusals.
    const NAME: &'static str;

    fn format(&self) -> u32;

    /// What the types of the members do not say.
    fn check(&self) -> Result<(), DocumentFault>;

    fn must_understand(&self) -> &[String] {
        &[]
    }
}

pub(crate) fn refuse<D: Document>(fault: DocumentFault) -> Refusal {
    DocumentRefusal { document: D::NAME, fault }.into()
}

/// The canonical bytes of a document that may be signed.
pub(crate) fn to_bytes<D: Document>(document: &D) -> Result<Vec<u8>, Refusal> {
    document.check().map_err(refuse::<D>)?;
    canonical::to_vec(document).map_err(|refusal| refuse::<D>(DocumentFault::Json(refusal)))
}

/// Reads bytes that must be the canonical form of a document this program understands.
pub(crate) fn parse<D: Document>(bytes: &[u8]) -> Result<D, Refusal> {
    let document: D = canonical::parse_canonical(bytes).map_err(|refusal| refuse::<D>(DocumentFault::Json(refusal)))?;
    if document.format() != FORMAT {
        return Err(refuse::<D>(DocumentFault::Format(document.format())));
    }
    if let Some(member) = document.must_understand().first() {
        return Err(refuse::<D>(DocumentFault::MustUnderstand(member.clone())));
    }
    document.check().map_err(refuse::<D>)?;
    Ok(document)
}
