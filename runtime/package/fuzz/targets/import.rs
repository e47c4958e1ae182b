//! Taking over the packages of other tools: whatever is taken becomes a package of ours that says the same.
#![no_main]

use guichet_fuzz::{mend_checksums, within_64_mib};
use guichet_package::{CheckedPackage, Limits, PackageFile};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    let mut bytes = bytes.to_vec();
    if !bytes.is_empty() {
        mend_checksums(&mut bytes);
    }
    let Ok(imported) = within_64_mib(|| PackageFile::import(bytes.as_slice(), &limits)) else { return };
    // What cannot be signed, such as a number that readers disagree about, is refused here.
    let Ok(package) = imported.draft.unsealed() else { return };
    assert!(CheckedPackage::read(package.bytes(), &limits).is_ok());
    let again = PackageFile::import(package.bytes(), &limits).map(|again| again.draft.unsealed());
    assert!(again.is_ok_and(|again| again.is_ok_and(|again| again.bytes() == package.bytes())));
});
