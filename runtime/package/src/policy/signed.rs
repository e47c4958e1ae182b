//! A policy with the operator's signature: the bytes that were signed are kept as text, verified first, and parsed after.

use guichet_trust::{
    canonical,
    metadata::Expiry,
    sign::{KeyId, Message, PublicKey, Purpose, Signature},
};
use serde::{Deserialize, Serialize};

use super::{MOST_BYTES, Policy, TerminalName};
use crate::{
    Refusal,
    document::{self, Document, DocumentFault, DocumentRefusal, FORMAT},
    refusal::Words,
};

/// A policy whose operator's key is known, and the file it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPolicy {
    policy: Policy,
    envelope: Envelope,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    format: u32,
    /// The canonical bytes of the policy.
    policy: String,
    key: KeyId,
    signature: Signature,
}

/// Why a policy is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().what)]
pub enum PolicyRefusal {
    /// Another key signed it than the operator's.
    OtherKey {
        /// The key that the file names.
        key: KeyId,
        /// The operator's.
        operator: KeyId,
    },
    /// The signature was not made over this policy by the operator's key.
    BadSignature {
        /// The operator's key.
        key: KeyId,
    },
    /// It has ended.
    Expired {
        /// When.
        expires: Expiry,
    },
    /// The terminal has had a newer one.
    Rollback {
        /// Its sequence.
        found: u64,
        /// The highest that the terminal has had.
        highest: u64,
    },
    /// The terminal has had another one with this sequence.
    TwoOfOneNumber {
        /// The sequence.
        sequence: u64,
    },
    /// It is for another terminal.
    OtherTerminal {
        /// The terminal it is for.
        found: TerminalName,
        /// This one.
        expected: TerminalName,
    },
}

impl SignedPolicy {
    /// What the operator signs; the key may be one that this program never sees.
    pub fn message(policy: &[u8]) -> Message {
        Purpose::Policy.message(policy)
    }

    /// Puts a policy and a signature that was made elsewhere together; one that is not good is refused.
    pub fn attach(policy: &Policy, key: &PublicKey, signature: Signature) -> Result<Self, Refusal> {
        let bytes = policy.to_bytes()?;
        key.check(&Self::message(&bytes), &signature).map_err(|_| PolicyRefusal::BadSignature { key: key.id() })?;
        let text = String::from_utf8(bytes).map_err(|_| document::refuse::<Policy>(NOT_TEXT))?;
        let envelope = Envelope { format: FORMAT, policy: text, key: key.id(), signature };
        Ok(Self { policy: policy.clone(), envelope })
    }

    /// Reads a file that the holder of the operator's key signed.
    pub fn verify(bytes: &[u8], operator: &PublicKey) -> Result<Self, Refusal> {
        let envelope = Envelope::read(bytes)?;
        if envelope.key != operator.id() {
            return Err(PolicyRefusal::OtherKey { key: envelope.key, operator: operator.id() }.into());
        }
        let payload = envelope.policy.as_bytes();
        operator
            .verify(Purpose::Policy, payload, &envelope.signature)
            .map_err(|_| PolicyRefusal::BadSignature { key: operator.id() })?;
        Ok(Self { policy: Policy::parse(payload)?, envelope })
    }

    /// What a file says, without judging who signed it: for showing, never for following.
    pub fn unverified(bytes: &[u8]) -> Result<(Policy, KeyId), Refusal> {
        let envelope = Envelope::read(bytes)?;
        Ok((Policy::parse(envelope.policy.as_bytes())?, envelope.key))
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The operator's key.
    pub fn key(&self) -> KeyId {
        self.envelope.key
    }

    /// The bytes that were signed.
    pub fn signed_bytes(&self) -> &[u8] {
        self.envelope.policy.as_bytes()
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        document::to_bytes(&self.envelope)
    }
}

const NOT_TEXT: DocumentFault = DocumentFault::Invalid { member: "policy", wanted: "text in UTF-8" };

impl Envelope {
    fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() as u64 > MOST_BYTES * 2 {
            let fault = DocumentFault::TooLarge { most: MOST_BYTES * 2 };
            return Err(DocumentRefusal { document: Self::NAME, fault }.into());
        }
        // Spaces around the members change nothing that was signed: a file may have been through an editor.
        let refuse = |refusal| document::refuse::<Self>(DocumentFault::Json(refusal));
        let envelope: Self = canonical::parse_as(bytes).map_err(refuse)?;
        if envelope.format != FORMAT {
            return Err(document::refuse::<Self>(DocumentFault::Format(envelope.format)));
        }
        Ok(envelope)
    }
}

impl Document for Envelope {
    const NAME: &'static str = "the signed policy";

    fn format(&self) -> u32 {
        self.format
    }

    fn check(&self) -> Result<(), DocumentFault> {
        Ok(())
    }
}

impl PolicyRefusal {
    pub(crate) fn words(&self) -> Words {
        match self {
            Self::OtherKey { key, operator } => Words::new(
                "policy/other-key",
                format!("the policy is signed by key {key}, and this terminal obeys {operator}"),
                "sign it with the operator's key, or give the terminal the right operator.pub",
            ),
            Self::BadSignature { key } => Words::new(
                "policy/bad-signature",
                format!("the signature over the policy was not made by key {key}"),
                "the file was altered after it was signed: sign the policy again",
            ),
            Self::Expired { expires } => Words::new(
                "policy/expired",
                format!("the policy ended on {expires}"),
                "sign one with a higher sequence and a later end, and check the terminal's clock",
            ),
            Self::Rollback { found, highest } => Words::new(
                "policy/rollback",
                format!("the policy has sequence {found}, and this terminal has had {highest}"),
                format!("sign it with sequence {} or more", highest.saturating_add(1)),
            ),
            Self::TwoOfOneNumber { sequence } => Words::new(
                "policy/two-of-one-number",
                format!("this terminal has had another policy with sequence {sequence}"),
                format!("sign it with sequence {} or more", sequence.saturating_add(1)),
            ),
            Self::OtherTerminal { found, expected } => Words::new(
                "policy/other-terminal",
                format!(
                    "the policy is for {} in {}, and this terminal is {} in {}",
                    found.name, found.hall, expected.name, expected.hall
                ),
                "give this terminal the policy that names it",
            ),
        }
    }
}
