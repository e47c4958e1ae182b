//! Where somebody wants to go: what is read has one spelling, which reads as the same, and stays inside its app.
#![no_main]

use guichet_fuzz::within_64_mib;
use guichet_package::address::{Address, MAX_ADDRESS_BYTES, MAX_QUERY_BYTES, page};

/// A name that, joined to the folder of an app, is still inside it.
fn stays_inside(page: &str) -> bool {
    !page.contains(['\\', '\0']) && page.split('/').all(|segment| !matches!(segment, "." | ".."))
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Some(page) = within_64_mib(|| page(text)) {
        assert!(stays_inside(&page), "{page:?}");
    }
    let Ok(address) = within_64_mib(|| Address::given(text)) else { return };
    assert!(text.trim().len() <= MAX_ADDRESS_BYTES && address.query.len() <= MAX_QUERY_BYTES);
    assert!(address.page.as_deref().is_none_or(stays_inside), "{address:?}");
    let written = address.to_string();
    match written.parse::<Address>() {
        Ok(again) => {
            assert_eq!(again, address);
            assert_eq!(again.to_string(), written);
        }
        // Percent-encoding makes a page longer, so what is at the limit may be beyond it when it is written.
        Err(refusal) => assert!(written.len() > MAX_ADDRESS_BYTES, "{refusal}: {written:?}"),
    }
});
