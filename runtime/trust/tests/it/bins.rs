//! A department that lists a great deal: its list in hash bins, what a device makes of them, and who may sign.

use std::collections::BTreeMap;

use guichet_trust::{
    client::{Limits, Refresh, TrustedMetadata},
    editor::{Draft, Listing, MOST_UNBINNED, NewDelegation},
    metadata::{Document, TargetFile, Targets},
};

use crate::store::{DAY, NOW, Store, key, public, sign};

fn path(app: usize) -> String {
    format!("apps/residence/gov.example.residence.app-{app:05}/stable.json")
}

fn file(app: usize, sequence: u64) -> TargetFile {
    TargetFile::of(format!("release {sequence} of {app}").as_bytes())
}

/// Signs one change of what `residence` lists, all documents of it with the same keys.
fn change(store: &mut Store, listing: &mut Listing, (app, sequence): (usize, u64), names: &[&str]) -> Vec<String> {
    let next = listing.next(&store.targets, "residence", (&path(app), &file(app, sequence)), NOW + 30 * DAY).unwrap();
    let mut signed = Vec::new();
    for (role, draft) in next.drafts {
        let document = sign(&draft, names);
        store.roles.insert(role.clone(), document.clone());
        if role == "residence" {
            listing.own = Some(document);
        } else {
            listing.bins.insert(role.clone(), document);
        }
        signed.push(role);
    }
    signed
}

/// A store in which `residence` lists so many apps in one document.
fn listing(apps: usize) -> (Store, Listing) {
    let mut store = Store::new();
    let mut draft = Draft::of_role(&store.targets, "residence", None, NOW + 30 * DAY).unwrap();
    for app in 0..apps {
        draft.set_target(&path(app), file(app, 1)).unwrap();
    }
    let own = sign(&draft, &["ana"]);
    store.roles.insert("residence".to_owned(), own.clone());
    (store, Listing { own: Some(own), bins: BTreeMap::new() })
}

/// Follows everything there is, and how many bytes that took.
fn follow(store: &Store, trusted: TrustedMetadata) -> (TrustedMetadata, usize, Vec<String>) {
    let mut refresh = Refresh::begin(trusted, store.now, Limits::default());
    let (mut bytes, mut refused) = (0, Vec::new());
    for _ in 0..3 {
        while let Some(fetch) = refresh.next().cloned() {
            let answer = store.files.get(&fetch.path).cloned();
            bytes += answer.as_ref().map_or(0, Vec::len);
            if refresh.accept(answer).is_err() {
                refused.push(fetch.path);
            }
        }
        let roles: Vec<_> = refresh.trusted().delegated_roles().map(|role| role.name.clone()).collect();
        roles.iter().for_each(|role| refresh.want_role(role));
    }
    (refresh.finish(), bytes, refused)
}

fn first(store: &Store) -> TrustedMetadata {
    TrustedMetadata::from_root(store.root.bytes()).unwrap()
}

#[test]
fn a_list_that_grows_is_handed_to_bins_and_every_device_finds_the_same() {
    let (mut store, mut listing) = listing(MOST_UNBINNED - 1);
    store.publish();
    let (device, ..) = follow(&store, first(&store));
    assert_eq!(change(&mut store, &mut listing, (MOST_UNBINNED - 1, 1), &["ana"]), ["residence"]);
    let signed = change(&mut store, &mut listing, (MOST_UNBINNED, 1), &["ana"]);
    assert_eq!((signed.len(), signed[0].as_str(), signed[32].as_str()), (33, "residence", "residence_bin-1f"));
    store.publish();
    let (device, _, refused) = follow(&store, device);
    assert_eq!(refused, [""; 0]);
    assert_eq!(device.targets("residence").count(), MOST_UNBINNED + 1);
    for app in [0, 17, MOST_UNBINNED] {
        assert_eq!(device.target("residence", &path(app)), Some(&file(app, 1)));
    }
    assert!(device.role("residence").unwrap().signed().targets.is_empty());

    // From now on a release is one small document.
    let signed = change(&mut store, &mut listing, (17, 2), &["bo"]);
    assert_eq!(signed.len(), 1);
    store.publish();
    let (device, bytes, _) = follow(&store, device);
    assert_eq!(device.target("residence", &path(17)), Some(&file(17, 2)));
    assert!(bytes < 24 << 10, "{bytes} bytes");
    // A client that searches as TUF has it finds it, too, and so does one that restores what was kept.
    let mut search = Refresh::begin(first(&store), store.now, Limits::default());
    while let Some(fetch) = search.next().cloned() {
        search.accept(store.files.get(&fetch.path).cloned()).unwrap();
    }
    search.want_target(&path(17)).unwrap();
    while let Some(fetch) = search.next().cloned() {
        search.accept(store.files.get(&fetch.path).cloned()).unwrap();
    }
    assert_eq!(search.found(), Some(&file(17, 2)));
    let kept = device.documents().map(|(name, bytes)| (name, bytes.to_vec())).collect();
    let restored = TrustedMetadata::restore(store.root.bytes(), &kept).unwrap();
    assert_eq!(restored.targets("residence").count(), MOST_UNBINNED + 1);
    assert_eq!(restored.target("residence", &path(17)), Some(&file(17, 2)));
}

#[test]
fn ten_thousand_apps_of_one_department_cost_a_returning_device_at_most_64_kib() {
    let (mut store, mut listing) = listing(9_999);
    change(&mut store, &mut listing, (9_999, 1), &["ana"]);
    store.publish();
    let (device, ..) = follow(&store, first(&store));
    assert_eq!(change(&mut store, &mut listing, (5, 2), &["ana"]).len(), 1);
    store.publish();
    let (_, bytes, _) = follow(&store, device);
    assert!(bytes <= 64 << 10, "{bytes} bytes");
}

#[test]
fn what_lists_four_times_as_much_has_twice_the_bins() {
    let (mut store, mut listing) = listing(3_999);
    assert_eq!(change(&mut store, &mut listing, (3_999, 1), &["ana"]).len(), 33);
    assert_eq!(change(&mut store, &mut listing, (4_000, 1), &["ana"]).len(), 65);
    store.publish();
    let (device, _, refused) = follow(&store, first(&store));
    assert_eq!((refused.len(), device.targets("residence").count()), (0, 4_001));
    assert_eq!(device.version("residence_bin-00"), Some(2));
    assert_eq!(device.version("residence_bin-3f"), Some(1));
}

#[test]
fn a_key_that_the_office_removes_signs_for_no_bin_any_more() {
    let (mut store, mut listing) = listing(MOST_UNBINNED);
    change(&mut store, &mut listing, (MOST_UNBINNED, 1), &["ana"]);
    // Only this bin is by the one who leaves; the department's own document still names the key for its bins.
    change(&mut store, &mut listing, (3, 2), &["bo"]);
    store.retarget(|targets| targets.remove_role_key("residence", &key("bo").public().id()).unwrap());
    let (device, ..) = follow(&store, first(&store));
    assert_eq!(device.target("residence", &path(3)), None);
    let of_bin = listing.bins.values().find(|bin| bin.signed().targets.contains_key(&path(3))).unwrap();
    let lost = of_bin.signed().targets.len();
    assert_eq!(device.targets("residence").count(), MOST_UNBINNED + 1 - lost);
    // The next change signs for the lost bin too, and says to the bins that the key is gone.
    let other = (0..).find(|app| !of_bin.signed().targets.contains_key(&path(*app))).unwrap();
    let signed = change(&mut store, &mut listing, (other, 2), &["ana"]);
    assert_eq!((signed.len(), signed[0].as_str()), (3, "residence"));
    store.publish();
    let (device, ..) = follow(&store, first(&store));
    assert_eq!(device.targets("residence").count(), MOST_UNBINNED + 1);
    assert_eq!(device.target("residence", &path(3)), Some(&file(3, 2)));
    assert_eq!(device.target("residence", &path(other)), Some(&file(other, 2)));
}

#[test]
fn no_department_takes_the_name_of_anothers_bin() {
    let (mut store, mut listing) = listing(MOST_UNBINNED);
    change(&mut store, &mut listing, (MOST_UNBINNED, 1), &["ana"]);
    // The brake comes first in the list of the office, and delegates to a name that is not its own.
    let mut hostile = Draft::of_role(&store.targets, "brake", None, NOW + 30 * DAY).unwrap();
    let paths = &["brake/*/*/*"];
    let name = "residence_bin-00";
    hostile
        .delegate(&NewDelegation { name, keys: &public(&["brake"]), threshold: 1, paths, terminating: true })
        .unwrap();
    store.roles.insert("brake".to_owned(), sign(&hostile, &["brake"]));
    store.publish();
    let (device, _, refused) = follow(&store, first(&store));
    assert_eq!((refused.len(), device.targets("residence").count()), (0, MOST_UNBINNED + 1));
}

#[test]
fn a_bin_lists_only_its_own_share_and_only_paths_of_its_department() {
    let (mut store, mut listing) = listing(MOST_UNBINNED);
    change(&mut store, &mut listing, (MOST_UNBINNED, 1), &["ana"]);
    let own = listing.own.clone().unwrap();
    let (name, honest) = listing.bins.iter().next().unwrap();
    let elsewhere = (0..).map(path).find(|path| own.signed().bins().unwrap().bin(path).name != *name).unwrap();
    let tax = (0..).map(|app| format!("apps/tax/gov.example.tax.{app}/stable.json"));
    let tax = tax.into_iter().find(|path| own.signed().bins().unwrap().bin(path).name == *name).unwrap();
    let draft = Draft::of_role(&own, name, Some(honest), NOW + 30 * DAY).unwrap();
    // The editor lists no such thing, so it is written into bytes that nobody has signed.
    let mut signed = crate::store::signed(&draft.sign(&[]).unwrap());
    for path in [&elsewhere, &tax] {
        signed["targets"][path] = serde_json::to_value(file(0, 66)).unwrap();
    }
    let forged = Document::<Targets>::parse(crate::store::forge(&signed, &["ana"])).unwrap();
    store.roles.insert(name.clone(), forged);
    store.publish();
    let (device, ..) = follow(&store, first(&store));
    assert!(
        device.targets("residence").all(|(path, found)| path.starts_with("apps/residence/") && *found != file(0, 66))
    );
    for path in [&elsewhere, &tax] {
        assert_ne!(device.target("residence", path), Some(&file(0, 66)));
    }
    let next = listing.next(&store.targets, "residence", (&tax, &file(0, 1)), NOW + DAY);
    assert_eq!(next.unwrap_err().class(), "editor/path");
}
