//! The one judgement of a package: whatever opens is canonical to the last byte.
#![no_main]

use std::collections::BTreeMap;

use guichet_fuzz::within_64_mib;
use guichet_package::{CheckedPackage, Limits, PackageFile, SigningBlock, container};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    let checked = within_64_mib(|| CheckedPackage::read(bytes, &limits));
    let opened = within_64_mib(|| PackageFile::open(bytes.to_vec(), &limits));
    assert_eq!(checked.is_ok(), opened.is_ok());
    if let Ok(opened) = opened {
        let files: BTreeMap<_, _> = opened.files().map(|(path, bytes)| (path.clone(), bytes)).collect();
        let block = SigningBlock { statement: opened.statement_bytes(), seals: opened.seals_bytes() };
        assert!(container::encode(&files, Some(block), &limits).is_ok_and(|again| again == bytes));
    }
});
