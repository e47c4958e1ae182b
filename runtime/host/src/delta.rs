//! Updating by dictionary: from a release that is here and a delta, the release that is offered.
//!
//! A delta is a way to save bytes and nothing else. Whatever is wrong with one costs those bytes: the device then fetches
//! the files it lacks. What counts is the result, which is held against the release document like any other package.

use guichet_contract::AppId;
use guichet_package::{
    Limits, PackageFile, PublisherKeys, ReleaseDocument, VerifiedPackage,
    delta::{self, Coding, DeltaIndex, Dictionary},
};
use guichet_trust::digest::Digest;

use crate::{error::HostError, host::Inner, slots::Slot, state::State, transport::StaticPath, update::Offer};

/// Below this many missing bytes, before compression, the files themselves are as quick.
const SMALL_UPDATE: u64 = 8 << 10;

/// What an attempt cost and brought.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    /// Bytes that came over the wire.
    pub(crate) wire_bytes: u64,
    /// The release, verified as a whole.
    pub(crate) package: Option<VerifiedPackage>,
}

/// A delta that came, and the release it is made from.
struct Found {
    slot: Slot,
    coding: Coding,
    bytes: Vec<u8>,
}

impl Inner {
    /// Tries to make the offered release from one that is here. `missing` bytes of files are to be had otherwise.
    pub(crate) fn by_delta(&self, offer: &Offer, state: &State, keys: &PublisherKeys, missing: u64) -> Attempt {
        let mut attempt = Attempt::default();
        if missing < SMALL_UPDATE {
            return attempt;
        }
        let app = &offer.release.app_id;
        let here: Vec<_> = state.slots().filter_map(|sequence| self.slots.open(app, sequence, keys).ok()).collect();
        let made = self.find_delta(here, &offer.release, missing, &mut attempt.wire_bytes).and_then(|found| {
            let Some(found) = found else { return Ok(None) };
            self.make(app, &found, &offer.release, keys).map(Some)
        });
        match made {
            Ok(package) => attempt.package = package,
            Err(error) => tracing::warn!(%app, class = error.class(), %error, "a delta was of no use"),
        }
        attempt
    }

    /// The smallest delta that was made ahead, or else one that the store makes now.
    fn find_delta(
        &self,
        here: Vec<Slot>,
        wanted: &ReleaseDocument,
        missing: u64,
        wire_bytes: &mut u64,
    ) -> Result<Option<Found>, HostError> {
        let result = &wanted.container.sha256;
        let index = self.transport.fetch(&StaticPath::delta_index(result), DeltaIndex::MOST_BYTES)?.unwrap_or_default();
        *wire_bytes += index.len() as u64;
        let dictionaries: Vec<Digest> = here.iter().map(|slot| slot.release.container.sha256).collect();
        let smallest = DeltaIndex::parse(&index).smallest(&dictionaries, Coding::KNOWN);
        if let Some((dictionary, coding, length)) = smallest.filter(|(.., length)| *length < missing) {
            let fetched = self.transport.fetch(&StaticPath::delta(&dictionary, result, coding), length)?;
            let slot = here.into_iter().find(|slot| slot.release.container.sha256 == dictionary);
            let found = slot.zip(fetched).map(|(slot, bytes)| Found { slot, coding, bytes });
            *wire_bytes += found.as_ref().map_or(0, |found| found.bytes.len() as u64);
            return Ok(found);
        }
        // The current release comes first.
        let Some(slot) = here.into_iter().next() else { return Ok(None) };
        let package = StaticPath::package(result);
        let made = self.transport.fetch_delta(&package, &slot.release.container.sha256, missing)?;
        let found = made.map(|(coding, bytes)| Found { slot, coding, bytes });
        *wire_bytes += found.as_ref().map_or(0, |found| found.bytes.len() as u64);
        Ok(found)
    }

    /// Applies a delta and verifies what comes out.
    fn make(
        &self,
        app: &AppId,
        Found { slot, coding, bytes }: &Found,
        wanted: &ReleaseDocument,
        keys: &PublisherKeys,
    ) -> Result<VerifiedPackage, HostError> {
        let limits = Limits::default();
        let refuse = |refusal| HostError::Package { subject: app.to_string(), refusal };
        let mut failed = None;
        let blob = |digest: &Digest| {
            self.blobs.read(digest).unwrap_or_else(|error| {
                failed = Some(error);
                None
            })
        };
        let container = slot.contents.container(blob, &limits);
        if let Some(error) = failed {
            return Err(error);
        }
        let container = container.map_err(refuse)?;
        let dictionary = Dictionary { bytes: &container, digest: slot.release.container.sha256 };
        let length = wanted.container.length.min(limits.container_bytes);
        let made = delta::apply(*coding, dictionary, bytes, length);
        drop(container);
        self.verify_container(made.map_err(refuse)?, wanted, keys)
    }

    /// A container as the release document names it, judged from its first byte to its seal.
    pub(crate) fn verify_container(
        &self,
        container: Vec<u8>,
        wanted: &ReleaseDocument,
        keys: &PublisherKeys,
    ) -> Result<VerifiedPackage, HostError> {
        let verified = PackageFile::open(container, &Limits::default()).and_then(|file| file.verify(keys));
        let verified = verified.and_then(|package| package.matches(wanted).map(|()| package));
        verified.map_err(|refusal| HostError::Package { subject: wanted.app_id.to_string(), refusal })
    }
}
