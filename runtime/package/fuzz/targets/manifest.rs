//! The manifest and its texts in other languages.
#![no_main]

use guichet_fuzz::within_64_mib;
use guichet_package::manifest::{LocalizationResource, process};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // A line of `---` parts the manifest from a localization resource.
    let parted = bytes.windows(5).position(|window| window == b"\n---\n");
    let (manifest, resource) = parted.map_or((bytes, &b"{}"[..]), |at| (&bytes[..at], &bytes[at + 5..]));
    let manifest = within_64_mib(|| process(manifest));
    let resource = within_64_mib(|| LocalizationResource::parse(resource));
    if let (Ok((manifest, _)), Ok(resource)) = (manifest, resource) {
        assert!(!manifest.pages.is_empty() || !manifest.widgets.is_empty());
        let localized = within_64_mib(|| manifest.localized(&resource));
        assert_eq!((&localized.app_id, localized.permissions()), (&manifest.app_id, manifest.permissions()));
    }
});
