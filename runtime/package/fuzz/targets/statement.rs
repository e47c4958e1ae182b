//! What is signed: whatever is read can be written, and what is written reads as the same.
#![no_main]

use guichet_fuzz::within_64_mib;
use guichet_package::{
    Brake, Limits, Policy, PublisherKeys, Refusal, ReleaseDocument, Seals, SignedPolicy, Statement, TrustFile,
};

/// Members that are not known are read over, so only what was written comes back byte by byte.
fn check<T>(bytes: &[u8], parse: impl Fn(&[u8]) -> Result<T, Refusal>, write: impl Fn(&T) -> Result<Vec<u8>, Refusal>) {
    let Ok(document) = parse(bytes) else { return };
    let Ok(written) = write(&document) else { panic!("it was read and cannot be written") };
    assert!(parse(&written).is_ok_and(|again| write(&again).is_ok_and(|again| again == written)));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    within_64_mib(|| {
        check(bytes, |bytes| Statement::parse(bytes, &limits), Statement::to_bytes);
        check(bytes, |bytes| Seals::parse(bytes, &limits), Seals::to_bytes);
        check(bytes, PublisherKeys::parse, PublisherKeys::to_bytes);
        check(bytes, ReleaseDocument::parse, ReleaseDocument::to_bytes);
        check(bytes, Brake::parse, Brake::to_bytes);
        check(bytes, Policy::parse, Policy::to_bytes);
        check(bytes, Policy::read, Policy::to_bytes);
        let _ = SignedPolicy::unverified(bytes);
        let _ = TrustFile::parse(bytes);
    });
    if let Ok(statement) = Statement::parse(bytes, &limits) {
        assert!(statement.files.len() <= limits.files && statement.total_bytes() <= limits.total_bytes);
    }
});
