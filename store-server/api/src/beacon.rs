//! What became of releases on devices: counts without devices.

use guichet_contract::{AppId, Channel, telemetry::Event};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most beacons in one envelope.
pub const MOST_BEACONS: usize = 64;
/// Most bytes of an envelope.
pub const MOST_BEACON_BYTES: usize = 40 << 10;
/// Most counts in one envelope.
pub const MOST_COUNTS: usize = 64;
/// Most that one count adds.
pub const MOST_IN_A_COUNT: u32 = 10_000;

/// Some beacons of one device. Nothing in it says which device, and it need not arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeaconEnvelope {
    /// 1.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 1, maximum = 1)]
    pub format: u32,
    /// At most 64 of them; none only if there are counts.
    #[schema(max_items = 64)]
    pub beacons: Vec<Beacon>,
    /// What apps have counted, at most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 64)]
    pub counts: Vec<EventCount>,
}

/// How often a declared event of a release was counted on a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventCount {
    /// The app.
    #[schema(value_type = String, pattern = r"^[a-z][a-z0-9-]{0,62}(\.[a-z][a-z0-9-]{0,62})+$", max_length = 128)]
    pub app_id: AppId,
    /// The channel.
    #[schema(value_type = String, pattern = "^[a-z][a-z0-9-]{0,31}$")]
    pub channel: Channel,
    /// The release.
    #[serde(deserialize_with = "crate::whole::number")]
    pub sequence: u64,
    /// The event as the release's permission `host:telemetry` lists it, such as `sent` or `left:form`.
    #[schema(value_type = String, pattern = "^[a-z][a-z0-9-]{0,31}(:[a-z][a-z0-9-]{0,31})?$")]
    pub event: Event,
    /// How often, 1 to 10000.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 1, maximum = 10000)]
    pub count: u32,
}

/// How often an event of an app was counted on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayCount {
    /// When the day began in UTC, in milliseconds since 1970. A count is of the day on which it was told.
    pub day_ms: u64,
    /// The release.
    pub sequence: u64,
    /// Its version's name.
    pub version: String,
    /// The event, such as `sent` or `left:form`.
    #[schema(value_type = String)]
    pub event: Event,
    /// How often.
    pub count: u64,
}

/// What was counted in the last 90 days, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayCountList {
    /// The counts of the app's channel.
    pub items: Vec<DayCount>,
}

/// One thing that became of a release on a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    /// The app.
    #[schema(value_type = String, pattern = r"^[a-z][a-z0-9-]{0,62}(\.[a-z][a-z0-9-]{0,62})+$", max_length = 128)]
    pub app_id: AppId,
    /// The channel.
    #[schema(value_type = String, pattern = "^[a-z][a-z0-9-]{0,31}$")]
    pub channel: Channel,
    /// The release.
    #[serde(deserialize_with = "crate::whole::number")]
    pub sequence: u64,
    /// What became of it.
    pub kind: BeaconKind,
}

/// What can become of a release on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BeaconKind {
    /// It is in its place.
    Installed,
    /// It was launched for the first time.
    Launched,
    /// A page of it was seen for the first time.
    Painted,
    /// It threw, or ended by itself, before it had proved itself.
    Error,
    /// It was given up for the release before.
    Reverted,
}

impl BeaconKind {
    /// Every kind, in the order of the list above.
    pub const ALL: [Self; 5] = [Self::Installed, Self::Launched, Self::Painted, Self::Error, Self::Reverted];

    /// The kind's word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Launched => "launched",
            Self::Painted => "painted",
            Self::Error => "error",
            Self::Reverted => "reverted",
        }
    }
}
