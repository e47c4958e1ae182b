//! `CKA_EC_POINT`, in the forms tokens give it for Ed25519.

/// The 32 bytes of the public key: in an OCTET STRING (SoftHSM and most), in a BIT STRING (RFC 8410), or as they are
/// (PKCS#11 3.0, 2.3.5).
pub(crate) fn key_bytes(point: &[u8]) -> Option<[u8; 32]> {
    let bytes = match point.len() {
        34 => point.strip_prefix(&[0x04, 0x20]),
        35 => point.strip_prefix(&[0x03, 0x21, 0x00]),
        _ => Some(point),
    };
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_read_in_each_of_its_forms() {
        let key = [7; 32];
        assert_eq!(key_bytes(&key), Some(key));
        assert_eq!(key_bytes(&[&[4, 0x20], &key[..]].concat()), Some(key));
        assert_eq!(key_bytes(&[&[3, 0x21, 0], &key[..]].concat()), Some(key));
        // A key that begins like a form is a key: only the length tells.
        let alike = [&[4, 0x20], &[7; 30][..]].concat();
        assert_eq!(key_bytes(&alike), Some(alike.as_slice().try_into().unwrap()));
    }

    #[test]
    fn everything_else_is_no_key() {
        for point in [vec![], vec![7; 31], vec![7; 33], vec![4, 0x20], [&[4, 0x39], &[7; 57][..]].concat()] {
            assert_eq!(key_bytes(&point), None, "{point:?}");
        }
    }
}
