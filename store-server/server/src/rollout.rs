//! Letting releases out: how one begins, how far it goes, and what became of it on devices.

use std::collections::BTreeSet;

use guichet_api::{BeaconKind, Beginning, Submission};
use guichet_contract::{AppId, Channel, Department};
use guichet_package::{
    ReleaseDocument,
    release::{EVERYONE, MOST_REASON},
};

use crate::{
    access::{self, Action},
    audit::{self, Deed},
    brake,
    database::{
        beacons, commit, log,
        people::Person,
        reviews,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    lifecycle::{self, Event},
    people::Actor,
    problems, reissue, review,
    store::Store,
};

const HOUR_MS: u64 = 60 * 60 * 1000;
/// Most points of a curve.
const POINTS: u64 = 48;
const MOST_GROUPS: usize = 32;

/// Refuses whoever may not stop the releases of an app's channel. Says whose they are.
pub async fn may_stop(
    store: &Store,
    person: &Person,
    app_id: &AppId,
    channel: &Channel,
) -> Result<Department, NotDone> {
    let latest = log::latest(&mut *store.database.read().await?, app_id, channel).await?;
    let department = latest.ok_or_else(|| problems::never_released(app_id, channel))?.department;
    access::check(person, Action::Stop, Some(&department))?;
    Ok(department)
}

fn plain(reason: &str) -> Result<String, NotDone> {
    Ok(reissue::plain(reason).ok_or_else(|| problems::no_stop_reason(MOST_REASON))?)
}

/// Halts the newest release.
pub async fn halt(
    store: &Store,
    person: &Person,
    app_id: &AppId,
    channel: &Channel,
    reason: &str,
) -> Result<u64, NotDone> {
    may_stop(store, person, app_id, channel).await?;
    brake::halt(store, Actor::Person(person), app_id, channel, &plain(reason)?).await
}

/// Lets them go on, as far as they had come.
pub async fn resume(
    store: &Store,
    person: &Person,
    app_id: &AppId,
    channel: &Channel,
    reason: Option<&str>,
) -> Result<u64, NotDone> {
    may_stop(store, person, app_id, channel).await?;
    let reason = reason.map(plain).transpose()?.unwrap_or_default();
    brake::resume(store, Actor::Person(person), app_id, channel, &reason).await
}

/// Lets the newest release out to so many of 10 000.
pub async fn let_out(
    store: &Store,
    person: &Person,
    app_id: &AppId,
    channel: &Channel,
    ceiling: u16,
    reason: &str,
) -> Result<u64, NotDone> {
    may_stop(store, person, app_id, channel).await?;
    brake::stage(store, Actor::Person(person), app_id, channel, ceiling, &plain(reason)?).await
}

/// Says how a submission's release is to begin, before it is approved. Its publisher may, its reviewers and operators.
pub async fn begin(store: &Store, person: &Person, id: &str, plan: &Beginning) -> Result<Submission, NotDone> {
    let is_group = |name: &String| {
        !name.is_empty() && name.len() <= 32 && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let is_good = plan.ceiling.is_none_or(|ceiling| ceiling <= EVERYONE)
        && plan.groups.len() <= MOST_GROUPS
        && plan.groups.iter().all(is_group);
    if !is_good {
        return Err(problems::not_a_beginning().into());
    }
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = records::get(&mut change, id).await?.ok_or_else(|| problems::no_such_submission(id))?;
    let may = |action| access::check(person, action, Some(&record.department));
    may(Action::Submit).or_else(|_| may(Action::Stop))?;
    if record.released_at_ms.is_some() || !(record.state.is_open() || record.state.is_with_publisher()) {
        return Err(problems::too_late(record.state).into());
    }
    let ceiling = plan.ceiling.filter(|ceiling| *ceiling < EVERYONE);
    records::begin(&mut change, id, ceiling, plan.not_before_ms).await?;
    let mut release = parsed(&record)?;
    if release.rollout.groups != plan.groups {
        release.rollout.groups.clone_from(&plan.groups);
        let document = release.to_bytes().map_err(StoreError::document("write a release document"))?;
        records::renumber(&mut change, id, record.sequence, &document, &record.widens, record.is_wide).await?;
        // What was signed was for others.
        reviews::clear(&mut change, id, true).await?;
        lifecycle::follow(&mut change, &record, Event::Lapsed, None, now_ms).await?;
    }
    let about = format!("{} {} #{}", record.app_id, record.version.name, record.sequence);
    let after = serde_json::to_string(plan).map_err(StoreError::document("record how a release begins"))?;
    let deed = Deed::new("submission.beginning", &about, Some(&record.department)).to(after);
    audit::record(&mut change, Actor::Person(person), deed, now_ms).await?;
    commit(change).await?;
    review::shown(store, id).await
}

/// How a submission's release begins, if not with everyone at once.
pub fn beginning(record: &SubmissionRecord) -> Result<Option<Beginning>, StoreError> {
    let groups = parsed(record)?.rollout.groups;
    let plan = Beginning { ceiling: record.ceiling, not_before_ms: record.not_before_ms, groups };
    Ok((plan != Beginning::default()).then_some(plan))
}

fn parsed(record: &SubmissionRecord) -> Result<ReleaseDocument, StoreError> {
    ReleaseDocument::parse(&record.release_document).map_err(StoreError::document("read a proposed release document"))
}

/// What became of one release on devices, bucket by bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curve {
    /// How many had installed it by the end of each bucket.
    pub installed: Vec<u64>,
    /// Launches within each bucket.
    pub launched: Vec<u64>,
    /// Errors within each bucket.
    pub errors: Vec<u64>,
    /// How many gave it up for the one before.
    pub reverted: u64,
}

/// When the buckets of some curves end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// When the first begins, in milliseconds since 1970.
    pub from_ms: u64,
    /// How long each is, in milliseconds.
    pub each_ms: u64,
    /// How many there are.
    pub count: usize,
}

impl Buckets {
    /// From the hour in which a release came out to now, in at most 48 buckets of whole hours.
    pub fn since(released_at_ms: u64, now_ms: u64) -> Self {
        let from_ms = released_at_ms - released_at_ms % HOUR_MS;
        let hours = now_ms.saturating_sub(from_ms) / HOUR_MS + 1;
        let each = hours.div_ceil(POINTS).max(1);
        Self { from_ms, each_ms: each * HOUR_MS, count: usize::try_from(hours.div_ceil(each)).unwrap_or(1) }
    }

    /// When a bucket ends.
    pub fn end_ms(&self, bucket: usize) -> u64 {
        self.from_ms + self.each_ms * (bucket as u64 + 1)
    }
}

impl Curve {
    /// Puts hourly counts into buckets; what came before the first counts as installed from the beginning on.
    pub fn of(beacons: &[(BeaconKind, u64, u64)], buckets: &Buckets) -> Self {
        let empty = vec![0; buckets.count];
        let mut curve = Self { installed: empty.clone(), launched: empty.clone(), errors: empty, reverted: 0 };
        let mut before = 0;
        for (kind, hour_ms, count) in beacons {
            let at = hour_ms.checked_sub(buckets.from_ms).and_then(|ms| usize::try_from(ms / buckets.each_ms).ok());
            let slot = match kind {
                BeaconKind::Installed => &mut curve.installed,
                BeaconKind::Launched => &mut curve.launched,
                BeaconKind::Error => &mut curve.errors,
                BeaconKind::Reverted => {
                    curve.reverted += count;
                    continue;
                }
                BeaconKind::Painted => continue,
            };
            match at.and_then(|at| slot.get_mut(at)) {
                Some(bucket) => *bucket += count,
                None if *kind == BeaconKind::Installed && *hour_ms < buckets.from_ms => before += count,
                None => {}
            }
        }
        let mut sum = before;
        for bucket in &mut curve.installed {
            sum += *bucket;
            *bucket = sum;
        }
        curve
    }

    /// Errors for each thousand launches so far, bucket by bucket; none before the first launch.
    pub fn errors_of_a_thousand(&self) -> Vec<Option<f64>> {
        let (mut launched, mut errors) = (0_u64, 0_u64);
        let rate = |(more, wrong): (&u64, &u64)| {
            launched += more;
            errors += wrong;
            #[expect(clippy::cast_precision_loss, reason = "a curve is drawn to a pixel")]
            let rate = (launched > 0).then(|| errors as f64 * 1000.0 / launched as f64);
            rate
        };
        self.launched.iter().zip(&self.errors).map(rate).collect()
    }
}

/// The curve of one release.
pub async fn curve(
    store: &Store,
    app_id: &AppId,
    channel: &Channel,
    sequence: u64,
    buckets: &Buckets,
) -> Result<Curve, StoreError> {
    let all = beacons::of_release(&mut *store.database.read().await?, app_id, channel, sequence).await?;
    Ok(Curve::of(&all, buckets))
}

/// The names of groups in a line of text.
pub fn groups(text: &str) -> BTreeSet<String> {
    text.split([',', ' ', '，', '、']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_fall_into_buckets_and_installations_add_up() {
        let buckets = Buckets::since(10 * HOUR_MS + 5, 12 * HOUR_MS);
        assert_eq!(buckets, Buckets { from_ms: 10 * HOUR_MS, each_ms: HOUR_MS, count: 3 });
        let beacons = [
            (BeaconKind::Installed, 9 * HOUR_MS, 1),
            (BeaconKind::Installed, 10 * HOUR_MS, 4),
            (BeaconKind::Launched, 10 * HOUR_MS, 10),
            (BeaconKind::Installed, 12 * HOUR_MS, 2),
            (BeaconKind::Launched, 12 * HOUR_MS, 30),
            (BeaconKind::Error, 12 * HOUR_MS, 1),
            (BeaconKind::Reverted, 12 * HOUR_MS, 3),
            (BeaconKind::Painted, 12 * HOUR_MS, 9),
        ];
        let curve = Curve::of(&beacons, &buckets);
        assert_eq!((curve.installed.as_slice(), curve.reverted), ([5, 5, 7].as_slice(), 3));
        assert_eq!(curve.errors_of_a_thousand(), [Some(0.0), Some(0.0), Some(25.0)]);
        assert_eq!(Curve::of(&[], &buckets).errors_of_a_thousand(), [None, None, None]);
    }

    #[test]
    fn a_year_has_no_more_points_than_a_day() {
        let year = Buckets::since(0, 365 * 24 * HOUR_MS);
        assert!(year.count <= 48 && year.end_ms(year.count - 1) > 365 * 24 * HOUR_MS, "{year:?}");
    }

    #[test]
    fn groups_are_told_apart_as_people_write_them() {
        let expected: BTreeSet<String> = ["hall-a".to_owned(), "hall-b".to_owned()].into();
        assert_eq!(groups(" hall-a，hall-b, "), expected);
        assert_eq!(groups(" "), BTreeSet::new());
    }
}
