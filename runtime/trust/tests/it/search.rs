//! The search for a target through delegations: its order, its end, and who judges whom (TUF 5.6.7).

use guichet_trust::{
    client::{Refresh, TrustedMetadata},
    digest::Digest,
    metadata::{Document, SuccinctRoles, Targets},
};
use serde_json::{Value, json};

use crate::store::{Device, Store, forge, key, signed};

/// Delegator, role, whether it is terminating, what it covers.
type Edge<'a> = (&'a str, &'a str, bool, &'a [&'a str]);

const ALL: &[&str] = &["*"];

fn file(bytes: &[u8]) -> Value {
    json!({"length": bytes.len(), "hashes": {"sha256": Digest::of(bytes)}})
}

fn listed(name: &str) -> (String, Value) {
    let public = key(name).public();
    let key = json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public.to_string()[8..]}});
    (public.id().to_string(), key)
}

/// A store whose roles delegate like this; each role's document is signed by the key of its name and lists `files`.
fn graph(edges: &[Edge<'_>], files: &[(&str, &str)]) -> Store {
    let mut store = Store::new();
    store.roles.clear();
    let mut names = vec!["targets"];
    edges.iter().for_each(|(_, role, ..)| {
        if !names.contains(role) {
            names.push(role)
        }
    });
    for name in names {
        let from = edges.iter().filter(|(delegator, ..)| *delegator == name);
        let keys: serde_json::Map<_, _> = from.clone().map(|(_, role, ..)| listed(role)).collect();
        let roles = from.map(|(_, role, terminating, paths)| {
            json!({"name": role, "keyids": [listed(role).0], "threshold": 1, "terminating": terminating, "paths": paths})
        });
        let targets = files.iter().filter(|(role, _)| *role == name);
        let targets: serde_json::Map<_, _> =
            targets.map(|(role, path)| ((*path).to_owned(), file(role.as_bytes()))).collect();
        let document = json!({"_type": "targets", "spec_version": "1.0.34", "version": 2, "expires": "2026-06-01T00:00:00Z",
            "targets": targets, "delegations": {"keys": keys, "roles": roles.collect::<Vec<_>>()}});
        let document = Document::parse(forge(&document, &[name])).unwrap();
        if name == "targets" {
            store.targets = document;
        } else {
            store.roles.insert(name.to_owned(), document);
        }
    }
    let mut snapshot = signed(store.snapshot.bytes());
    snapshot["meta"] = json!({"targets.json": {"version": 2}});
    snapshot["version"] = json!(1);
    store.snapshot = Document::parse(forge(&snapshot, &["snapshot"])).unwrap();
    store.publish();
    store
}

struct Searched {
    /// The roles whose documents were fetched for it, in order.
    visited: Vec<String>,
    /// The file that was found, as its length and digest.
    found: Option<Value>,
    refused: Vec<&'static str>,
    refresh: Refresh,
}

fn search_from(trusted: TrustedMetadata, store: &Store, path: &str) -> Searched {
    let mut device = Device::new(store);
    device.trusted = trusted;
    let (mut refresh, refusals) = device.drive(store, &[]);
    assert_eq!(refusals, []);
    let mut refused: Vec<_> = refresh.want_target(path).err().into_iter().map(|it| it.class()).collect();
    let mut visited = Vec::new();
    while let Some(fetch) = refresh.next() {
        let path = fetch.path.clone();
        refused.extend(refresh.accept(store.files.get(&path).cloned()).err().map(|it| it.class()));
        visited.push(path.trim_start_matches("2.").trim_end_matches(".json").to_owned());
    }
    let found = refresh.found().map(|file| json!({"length": file.length, "hashes": file.hashes}));
    Searched { visited, found, refused, refresh }
}

fn search(store: &Store, path: &str) -> Searched {
    search_from(Device::new(store).trusted, store, path)
}

#[test]
fn roles_are_visited_depth_first_in_order_of_appearance() {
    let py: &[&str] = &["*.py"];
    let cases: [(&[Edge<'_>], &[&str]); 13] = [
        (&[], &[]),
        (&[("targets", "A", false, ALL)], &["A"]),
        (&[("targets", "A", false, ALL), ("targets", "B", false, ALL)], &["A", "B"]),
        (&[("targets", "A", false, ALL), ("targets", "B", false, ALL), ("B", "C", false, ALL)], &["A", "B", "C"]),
        (
            &[
                ("targets", "A", false, ALL),
                ("targets", "B", false, ALL),
                ("A", "C", false, ALL),
                ("A", "D", false, ALL),
            ],
            &["A", "C", "D", "B"],
        ),
        (
            &[
                ("targets", "A", false, ALL),
                ("targets", "B", false, ALL),
                ("A", "C", false, ALL),
                ("C", "D", false, ALL),
            ],
            &["A", "C", "D", "B"],
        ),
        (
            &[
                ("targets", "A", false, ALL),
                ("targets", "B", false, ALL),
                ("A", "C", true, ALL),
                ("A", "D", false, ALL),
            ],
            &["A", "C"],
        ),
        (
            &[
                ("targets", "A", false, ALL),
                ("targets", "B", false, ALL),
                ("A", "C", true, ALL),
                ("C", "D", false, ALL),
            ],
            &["A", "C", "D"],
        ),
        (&[("targets", "A", false, py), ("targets", "B", false, ALL), ("A", "C", false, ALL)], &["B"]),
        (&[("targets", "A", true, py), ("targets", "B", false, ALL)], &["B"]),
        (
            &[
                ("targets", "A", false, ALL),
                ("targets", "B", false, ALL),
                ("B", "C", false, ALL),
                ("C", "D", false, ALL),
                ("D", "B", false, ALL),
            ],
            &["A", "B", "C", "D"],
        ),
        (
            &[
                ("targets", "A", false, ALL),
                ("targets", "B", false, ALL),
                ("B", "C", false, ALL),
                ("A", "C", false, ALL),
            ],
            &["A", "C", "B"],
        ),
        (
            &[
                ("targets", "A", false, ALL),
                ("targets", "B", false, ALL),
                ("B", "C", false, ALL),
                ("A", "C", false, py),
            ],
            &["A", "B", "C"],
        ),
    ];
    for (edges, visited) in cases {
        let store = graph(edges, &[]);
        let searched = search(&store, "missing");
        assert_eq!(searched.visited, visited, "{edges:?}");
        assert_eq!((searched.found, searched.refused), (None, vec![]), "{edges:?}");
        // What was fetched is kept, and a second search fetches nothing, from this state or from a restored one.
        let trusted = searched.refresh.finish();
        let stored = trusted.documents().map(|(name, bytes)| (name, bytes.to_vec())).collect();
        let restored = TrustedMetadata::restore(&store.files["1.root.json"], &stored).unwrap();
        for trusted in [trusted, restored] {
            assert_eq!(search_from(trusted, &store, "missing").visited, [""; 0], "{edges:?}");
        }
    }
}

#[test]
fn the_first_role_that_lists_a_target_and_may_decides() {
    let edges: &[Edge<'_>] = &[
        ("targets", "A", false, &["*.doc", "*.md"]),
        ("targets", "B", false, &["releases/*/*"]),
        ("B", "C", false, &["releases/x/*"]),
        ("B", "D", false, &["releases/y/*.zip"]),
    ];
    let files = [
        ("targets", "targetfile"),
        ("A", "README.md"),
        ("B", "releases/x/both"),
        ("C", "releases/x/both"),
        ("C", "releases/x/x_v1"),
        ("D", "releases/y/y_v1.zip"),
        ("D", "releases/z/z_v1.zip"),
        ("D", "README.md"),
        ("A", "targetfile"),
    ];
    let store = graph(edges, &files);
    for (path, role, visited) in [
        ("targetfile", Some("targets"), &[][..]),
        ("README.md", Some("A"), &["A"]),
        ("releases/x/both", Some("B"), &["B"]),
        ("releases/x/x_v1", Some("C"), &["B", "C"]),
        ("releases/y/y_v1.zip", Some("D"), &["B", "D"]),
        ("releases/z/z_v1.zip", None, &["B"]),
        ("nothing/here", None, &[]),
    ] {
        let searched = search(&store, path);
        assert_eq!(searched.found, role.map(|role| file(role.as_bytes())), "{path}");
        assert_eq!(searched.visited, visited, "{path}");
    }
}

#[test]
fn a_role_that_does_not_verify_ends_the_search() {
    let edges: &[Edge<'_>] = &[("targets", "A", false, ALL), ("targets", "B", false, ALL)];
    let healthy = graph(edges, &[("B", "x")]);
    assert_eq!(search(&healthy, "x").found, Some(file(b"B")));
    let unsigned = forge(&signed(healthy.roles["A"].bytes()), &["B"]);
    let mut expired = signed(healthy.roles["A"].bytes());
    expired["expires"] = json!("2025-12-31T00:00:00Z");
    let mut other = signed(healthy.roles["A"].bytes());
    other["version"] = json!(3);
    for (bytes, class) in [
        (Some(unsigned), "metadata/threshold"),
        (Some(forge(&expired, &["A"])), "metadata/expired"),
        (Some(forge(&other, &["A"])), "metadata/version"),
        (Some(b"{}".to_vec()), "metadata/format"),
        (None, "metadata/missing"),
    ] {
        let mut store = healthy.clone();
        let mut snapshot = signed(store.snapshot.bytes());
        snapshot["meta"]["A.json"] = json!({"version": 2});
        snapshot["version"] = json!(3);
        store.snapshot = Document::parse(forge(&snapshot, &["snapshot"])).unwrap();
        store.stamp();
        match bytes {
            Some(bytes) => store.replace("2.A.json", bytes),
            None => drop(store.files.remove("2.A.json")),
        }
        let searched = search(&store, "x");
        assert_eq!((searched.found, searched.refused), (None, vec![class]));
        assert_eq!(searched.refresh.finish().version("A"), None);
    }
}

#[test]
fn a_role_the_snapshot_does_not_list_is_not_fetched() {
    let mut store = graph(&[("targets", "A", false, ALL)], &[("A", "x")]);
    let mut snapshot = signed(store.snapshot.bytes());
    snapshot["meta"] = json!({"targets.json": {"version": 2}});
    snapshot["version"] = json!(3);
    store.snapshot = Document::parse(forge(&snapshot, &["snapshot"])).unwrap();
    store.stamp();
    let searched = search(&store, "x");
    assert_eq!((searched.visited.len(), searched.refused), (0, vec!["metadata/missing"]));
}

#[test]
fn a_role_is_judged_by_the_delegator_it_was_reached_by() {
    // A and B both delegate to C, with different keys; only A's signed.
    let edges: &[Edge<'_>] = &[
        ("targets", "A", false, &["a/*"]),
        ("targets", "B", false, &["b/*"]),
        ("A", "C", false, &["a/*"]),
        ("B", "C", false, &["b/*"]),
    ];
    let mut store = graph(edges, &[("C", "a/x"), ("C", "b/x")]);
    let mut rival = signed(store.roles["B"].bytes());
    let (id, listed) = listed("rival");
    rival["delegations"]["keys"] = json!({id.clone(): listed});
    rival["delegations"]["roles"][0]["keyids"] = json!([id]);
    rival["version"] = json!(3);
    store.publish_forged("B", &rival, &["B"]);
    let by_a = search(&store, "a/x");
    assert_eq!((by_a.found, by_a.refused), (Some(file(b"C")), vec![]));
    let trusted = by_a.refresh.finish();
    let by_b = search_from(trusted.clone(), &store, "b/x");
    assert_eq!((by_b.found, by_b.refused), (None, vec!["metadata/threshold"]), "what is kept is not judged anew");

    // Signed by both, it serves both; and who reached it first does not matter.
    let both = forge(&signed(store.roles["C"].bytes()), &["C", "rival"]);
    store.roles.insert("C".to_owned(), Document::parse(both).unwrap());
    store.publish();
    for first in ["a/x", "b/x"] {
        let trusted = search(&store, first).refresh.finish();
        let stored = trusted.documents().map(|(name, bytes)| (name, bytes.to_vec())).collect();
        let restored = TrustedMetadata::restore(&store.files["1.root.json"], &stored).unwrap();
        for path in ["a/x", "b/x"] {
            assert_eq!(search_from(restored.clone(), &store, path).found, Some(file(b"C")), "{first} then {path}");
        }
    }
}

#[test]
fn a_search_visits_so_many_roles_and_no_more() {
    let names: Vec<_> = (0..40).map(|number| format!("r{number:02}")).collect();
    let edges: Vec<Edge<'_>> = names.iter().map(|name| ("targets", name.as_str(), false, ALL)).collect();
    let store = graph(&edges, &[("r31", "in reach"), ("r32", "out of reach")]);
    assert_eq!(search(&store, "in reach").found, Some(file(b"r31")));
    let searched = search(&store, "out of reach");
    assert_eq!((searched.found, searched.visited.len()), (None, 32));
}

#[test]
fn a_delegated_role_may_have_any_name() {
    for (role, stem) in [
        ("?", "%3F"),
        ("#", "%23"),
        ("/role", "%2Frole"),
        ("../role", "..%2Frole"),
        ("..", ".."),
        ("3.root", "3%2Eroot"),
        ("税", "%E7%A8%8E"),
    ] {
        let store = graph(&[("targets", role, false, ALL)], &[(role, "x")]);
        let searched = search(&store, "x");
        assert_eq!(searched.visited, [stem]);
        assert_eq!(searched.found, Some(file(role.as_bytes())), "{role}");
        let trusted = searched.refresh.finish();
        let names: Vec<_> = trusted.documents().map(|(name, _)| name).collect();
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(names.contains(&format!("{stem}.json")), "{names:?}");
    }
}

#[test]
fn hash_bins_are_found_by_their_number() {
    let mut store = graph(&[], &[]);
    let (id, listed) = listed("bins");
    let bins = json!({"keyids": [id], "threshold": 1, "bit_length": 3, "name_prefix": "bin"});
    let mut targets = signed(store.targets.bytes());
    targets["delegations"] = json!({"keys": {id: listed}, "succinct_roles": bins});
    targets["version"] = json!(3);
    store.targets = Document::parse(forge(&targets, &["targets"])).unwrap();
    let bins: SuccinctRoles = serde_json::from_value(bins).unwrap();
    let path = "apps/residence/gov.example.permit/stable.json";
    let home = bins.bin(path).name;
    for bin in bins.all() {
        // Every bin lists the path; only its own may.
        let document = json!({"_type": "targets", "spec_version": "1.0.34", "version": 2,
            "expires": "2026-06-01T00:00:00Z", "targets": {path: file(bin.name.as_bytes())}});
        store.roles.insert(bin.name, Document::parse(forge(&document, &["bins"])).unwrap());
    }
    store.publish();
    let searched = search(&store, path);
    assert_eq!(searched.visited, [home.as_str()]);
    assert_eq!(searched.found, Some(file(home.as_bytes())));

    let names: Vec<_> = bins.all().map(|bin| bin.name).collect();
    let wanted: Vec<_> = names.iter().map(String::as_str).collect();
    let device = Device::following(&store, &wanted);
    let delegated: Vec<_> = device.trusted.delegated_roles().map(|it| it.name.clone()).collect();
    assert_eq!(delegated, names);
    let vouching: Vec<_> = names.iter().filter(|name| device.trusted.target(name, path).is_some()).collect();
    assert_eq!(vouching, [&home]);

    targets["delegations"]["roles"] = json!([]);
    let both = Document::<Targets>::parse(forge(&targets, &["targets"])).unwrap_err();
    insta::assert_snapshot!(both, @"the document is not valid metadata: it delegates to `roles` and to `succinct_roles`");
    targets["delegations"].as_object_mut().unwrap().remove("roles");
    for bits in [0, 33] {
        targets["delegations"]["succinct_roles"]["bit_length"] = json!(bits);
        let refused = Document::<Targets>::parse(forge(&targets, &["targets"])).unwrap_err();
        assert_eq!(refused.class(), "metadata/format", "{bits}");
    }
}
