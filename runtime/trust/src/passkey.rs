//! Passkeys (WebAuthn Level 3): what a browser brings back from an authenticator, judged by the relying party.
//!
//! Attestation is not asked for: who made an authenticator does not matter here. What matters is in every answer, and is
//! checked: this challenge, this origin, this relying party, a person who was there and was verified (7.1, 7.2). The only
//! algorithm is ES256, which every authenticator has to know.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::{
    ecdsa::{Signature, VerifyingKey, signature::Verifier as _},
    pkcs8::DecodePublicKey as _,
};
use serde::Deserialize;

use crate::{Refusal, digest::Digest, refusal::Reason};

/// Somebody was there.
const PRESENT: u8 = 0x01;
/// By finger, face or PIN.
const VERIFIED: u8 = 0x04;
/// A new credential's data follow.
const ATTESTED: u8 = 0x40;
/// The longest id of a credential (5.8.3).
const LONGEST_ID: usize = 1023;

/// Who asks: a host name, and the address at which its pages are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// The RP ID, such as `store.example`.
    pub id: String,
    /// The origin, such as `https://store.example`.
    pub origin: String,
}

/// What a browser brings: what it asked on whose behalf, and what the authenticator says about it.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// `clientDataJSON`.
    pub client_data: &'a [u8],
    /// The authenticator data (6.1).
    pub authenticator_data: &'a [u8],
}

/// A credential that was made for this relying party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its id.
    pub id: Vec<u8>,
    /// How often it was used; 0 for those that do not count.
    pub counter: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// The parts of the authenticator data that are looked at.
struct Data<'a> {
    flags: u8,
    counter: u32,
    rest: &'a [u8],
}

fn refused(why: &'static str) -> Refusal {
    Reason::Passkey(why).into()
}

/// What both ceremonies have in common.
fn read<'a>(party: &RelyingParty, kind: &str, challenge: &Digest, answer: Answer<'a>) -> Result<Data<'a>, Refusal> {
    let asked: ClientData =
        serde_json::from_slice(answer.client_data).map_err(|_| refused("what the browser asked cannot be read"))?;
    if asked.r#type != kind {
        return Err(refused("it answers another kind of question"));
    }
    if asked.challenge != URL_SAFE_NO_PAD.encode(challenge.as_bytes()) {
        return Err(refused("it answers another question"));
    }
    if asked.origin != party.origin || asked.cross_origin {
        return Err(refused("it was asked by another site"));
    }
    let (of, rest) = answer.authenticator_data.split_first_chunk::<32>().ok_or_else(cut_off)?;
    let ([flags], rest) = rest.split_first_chunk::<1>().ok_or_else(cut_off)?;
    let (counter, rest) = rest.split_first_chunk::<4>().ok_or_else(cut_off)?;
    if Digest::from_bytes(*of) != Digest::of(party.id.as_bytes()) {
        return Err(refused("it is a passkey of another site"));
    }
    if flags & PRESENT == 0 || flags & VERIFIED == 0 {
        return Err(refused("it did not make sure that somebody is there, by finger, face or PIN"));
    }
    Ok(Data { flags: *flags, counter: u32::from_be_bytes(*counter), rest })
}

fn cut_off() -> Refusal {
    refused("what the authenticator says is cut off")
}

fn key(public_key: &[u8]) -> Result<p256::PublicKey, Refusal> {
    p256::PublicKey::from_public_key_der(public_key).map_err(|_| refused("its public key is not one of P-256"))
}

/// Judges a new credential; `public_key` is its SubjectPublicKeyInfo in DER, as the browser extracts it, and must be the one
/// in the authenticator's own words.
pub fn register(
    party: &RelyingParty,
    challenge: &Digest,
    answer: Answer<'_>,
    public_key: &[u8],
) -> Result<Registered, Refusal> {
    let data = read(party, "webauthn.create", challenge, answer)?;
    if data.flags & ATTESTED == 0 {
        return Err(refused("it made no credential"));
    }
    let (_, rest) = data.rest.split_first_chunk::<16>().ok_or_else(cut_off)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(cut_off)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (id, rest) = rest.split_at_checked(length).ok_or_else(cut_off)?;
    if id.is_empty() || id.len() > LONGEST_ID {
        return Err(refused("its id is empty or too long"));
    }
    // COSE_Key of ES256 in the one form that CTAP2 allows.
    let point = key(public_key)?.to_sec1_bytes();
    let (x, y) = point.get(1..).filter(|xy| xy.len() == 64).ok_or_else(cut_off)?.split_at(32);
    let cose = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20], x, &[0x22, 0x58, 0x20], y].concat();
    if !rest.starts_with(&cose) {
        return Err(refused("its public key is another one than the authenticator made, or not one of ES256"));
    }
    Ok(Registered { id: id.to_vec(), counter: data.counter })
}

/// Judges an assertion by a registered key; `counter` is that of its last use. Returns the new one.
pub fn verify(
    party: &RelyingParty,
    challenge: &Digest,
    answer: Answer<'_>,
    public_key: &[u8],
    counter: u32,
    signature: &[u8],
) -> Result<u32, Refusal> {
    let data = read(party, "webauthn.get", challenge, answer)?;
    let signature = Signature::from_der(signature).map_err(|_| refused("its signature cannot be read"))?;
    let message = [answer.authenticator_data, Digest::of(answer.client_data).as_bytes()].concat();
    let key = VerifyingKey::from(key(public_key)?);
    key.verify(&message, &signature).map_err(|_| refused("its signature is not over this"))?;
    if data.counter <= counter && (data.counter, counter) != (0, 0) {
        return Err(refused("it was used fewer times than before, so there may be two of it"));
    }
    Ok(data.counter)
}

#[cfg(test)]
mod tests {
    use p256::{
        ecdsa::{SigningKey, signature::Signer as _},
        pkcs8::EncodePublicKey as _,
    };

    use super::*;

    const CHALLENGE: &[u8] = b"a question";

    /// An authenticator in a few lines, and what somebody may have done to it.
    struct Authenticator {
        origin: &'static str,
        site: &'static str,
        kind: &'static str,
        question: &'static [u8],
        flags: u8,
        counter: u32,
        cross: bool,
    }

    const GET: Authenticator = Authenticator {
        origin: "https://store.example",
        site: "store.example",
        kind: "webauthn.get",
        question: CHALLENGE,
        flags: PRESENT | VERIFIED,
        counter: 0,
        cross: false,
    };
    const CREATE: Authenticator =
        Authenticator { kind: "webauthn.create", flags: PRESENT | VERIFIED | ATTESTED, ..GET };

    fn party() -> RelyingParty {
        RelyingParty { id: "store.example".to_owned(), origin: "https://store.example".to_owned() }
    }

    fn secret(seed: u8) -> SigningKey {
        SigningKey::from_slice(&[seed; 32]).unwrap()
    }

    fn spki(key: &SigningKey) -> Vec<u8> {
        p256::PublicKey::from(*key.verifying_key()).to_public_key_der().unwrap().into_vec()
    }

    impl Authenticator {
        fn client_data(&self) -> Vec<u8> {
            let challenge = URL_SAFE_NO_PAD.encode(Digest::of(self.question).as_bytes());
            let (kind, origin, cross) = (self.kind, self.origin, self.cross);
            format!(
                r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":{cross},"more":1}}"#
            )
            .into_bytes()
        }

        fn data(&self) -> Vec<u8> {
            [&Digest::of(self.site.as_bytes()).as_bytes()[..], &[self.flags], &self.counter.to_be_bytes()].concat()
        }

        fn used(&self, counter: u32, by: &SigningKey) -> Result<u32, String> {
            let (client_data, data) = (self.client_data(), self.data());
            let message = [&data[..], &Digest::of(&client_data).as_bytes()[..]].concat();
            let signature: Signature = by.sign(&message);
            let answer = Answer { client_data: &client_data, authenticator_data: &data };
            let signature = signature.to_der();
            let challenge = Digest::of(CHALLENGE);
            verify(&party(), &challenge, answer, &spki(&secret(7)), counter, signature.as_bytes())
                .map_err(|refusal| refusal.what())
        }

        fn made(&self, id: &[u8], key: &SigningKey) -> Result<Registered, String> {
            let client_data = self.client_data();
            let point = p256::PublicKey::from(*secret(7).verifying_key()).to_sec1_bytes();
            let (x, y) = point[1..].split_at(32);
            let length = u16::try_from(id.len()).unwrap().to_be_bytes();
            let cose = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20], x, &[0x22, 0x58, 0x20], y].concat();
            let data = [&self.data()[..], &[0; 16], &length, id, &cose].concat();
            let answer = Answer { client_data: &client_data, authenticator_data: &data };
            register(&party(), &Digest::of(CHALLENGE), answer, &spki(key)).map_err(|refusal| refusal.what())
        }
    }

    #[test]
    fn a_passkey_that_was_made_here_is_used_here() {
        let made = CREATE.made(b"id", &secret(7)).unwrap();
        assert_eq!(made, Registered { id: b"id".to_vec(), counter: 0 });
        assert_eq!(GET.used(0, &secret(7)), Ok(0));
        assert_eq!(Authenticator { counter: 5, ..GET }.used(4, &secret(7)), Ok(5));
    }

    #[test]
    fn every_other_answer_is_refused_and_says_why() {
        let eve = secret(8);
        let mut said = Vec::new();
        for (authenticator, counter, key) in [
            (Authenticator { kind: "webauthn.create", ..GET }, 0, secret(7)),
            (Authenticator { question: b"another", ..GET }, 0, secret(7)),
            (Authenticator { origin: "https://evil.example", ..GET }, 0, secret(7)),
            (Authenticator { origin: "https://store.example:8443", ..GET }, 0, secret(7)),
            (Authenticator { cross: true, ..GET }, 0, secret(7)),
            (Authenticator { site: "evil.example", ..GET }, 0, secret(7)),
            (Authenticator { flags: PRESENT, ..GET }, 0, secret(7)),
            (Authenticator { flags: VERIFIED, ..GET }, 0, secret(7)),
            (Authenticator { counter: 4, ..GET }, 4, secret(7)),
            (Authenticator { counter: 0, ..GET }, 4, secret(7)),
            (GET, 0, eve.clone()),
        ] {
            said.push(authenticator.used(counter, &key).unwrap_err());
        }
        said.push(CREATE.made(b"", &secret(7)).unwrap_err());
        said.push(CREATE.made(&[1; 1024], &secret(7)).unwrap_err());
        said.push(CREATE.made(b"id", &eve).unwrap_err());
        said.push(Authenticator { kind: "webauthn.create", ..GET }.made(b"id", &secret(7)).unwrap_err());
        insta::assert_snapshot!(said.join("\n"), @r"
        the passkey is refused: it answers another kind of question
        the passkey is refused: it answers another question
        the passkey is refused: it was asked by another site
        the passkey is refused: it was asked by another site
        the passkey is refused: it was asked by another site
        the passkey is refused: it is a passkey of another site
        the passkey is refused: it did not make sure that somebody is there, by finger, face or PIN
        the passkey is refused: it did not make sure that somebody is there, by finger, face or PIN
        the passkey is refused: it was used fewer times than before, so there may be two of it
        the passkey is refused: it was used fewer times than before, so there may be two of it
        the passkey is refused: its signature is not over this
        the passkey is refused: its id is empty or too long
        the passkey is refused: its id is empty or too long
        the passkey is refused: its public key is another one than the authenticator made, or not one of ES256
        the passkey is refused: it made no credential
        ");
    }

    #[test]
    fn no_cut_makes_it_panic() {
        let data = [&CREATE.data()[..], &[0; 16], &[0, 200, 1]].concat();
        let client_data = CREATE.client_data();
        for length in 0..=data.len() {
            let answer = Answer { client_data: &client_data, authenticator_data: &data[..length] };
            register(&party(), &Digest::of(CHALLENGE), answer, &spki(&secret(7))).unwrap_err();
            verify(&party(), &Digest::of(CHALLENGE), answer, &[], 0, &[]).unwrap_err();
        }
    }
}
