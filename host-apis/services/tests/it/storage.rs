//! What `storage` promises, held against the disk and its twin.

use std::{collections::BTreeMap, path::Path, sync::Arc, thread};

use guichet_contract::{Ask, Consent, DevicePolicy, Failure, Grants, Permission, Services, Value};
use guichet_services::{Device, Memory};

/// Runs the same steps against both.
pub(crate) fn both(steps: impl Fn(&dyn Services)) {
    steps(&Memory::default());
    let folder = tempfile::tempdir().unwrap();
    steps(&Device::new(folder.path().to_owned()));
}

fn grants(app: &str) -> Grants {
    let storage = [Permission::unlimited("host:storage".parse().unwrap())];
    Grants::intersect(app.parse().unwrap(), &storage, &storage, &DevicePolicy::default(), &Consent::default())
}

pub(crate) fn call(
    services: &dyn Services,
    app: &str,
    function: &str,
    arguments: Vec<Value>,
) -> Result<Value, Failure> {
    match Ask::decode("storage", function, arguments)? {
        Ask::Service(call) => call.perform(&grants(app), services),
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(crate) fn set(services: &dyn Services, app: &str, key: &str, value: Value) -> Result<Value, Failure> {
    call(services, app, "set", vec![text(key), value])
}

pub(crate) fn get(services: &dyn Services, app: &str, key: &str) -> Value {
    call(services, app, "get", vec![text(key)]).unwrap()
}

pub(crate) fn keys(services: &dyn Services, app: &str, prefix: &str) -> Vec<String> {
    match call(services, app, "keys", vec![text(prefix)]).unwrap() {
        Value::List(keys) => keys
            .into_iter()
            .map(|key| match key {
                Value::Text(key) => key,
                other => panic!("{other:?} is no key"),
            })
            .collect(),
        other => panic!("{other:?} is no list"),
    }
}

#[test]
fn an_app_that_never_wrote_has_nothing() {
    both(|services| {
        assert_eq!(get(services, "a.b", "key"), Value::Null);
        assert!(keys(services, "a.b", "").is_empty());
        assert_eq!(call(services, "a.b", "remove", vec![text("key")]), Ok(Value::Null));
    });
}

#[test]
fn texts_and_bytes_come_back_as_what_they_were() {
    both(|services| {
        set(services, "a.b", "text", text("居住证")).unwrap();
        set(services, "a.b", "empty", text("")).unwrap();
        set(services, "a.b", "bytes", Value::Bytes(vec![0, 255, 1])).unwrap();
        assert_eq!(get(services, "a.b", "text"), text("居住证"));
        assert_eq!(get(services, "a.b", "empty"), text(""));
        assert_eq!(get(services, "a.b", "bytes"), Value::Bytes(vec![0, 255, 1]));
        set(services, "a.b", "text", Value::Bytes(Vec::new())).unwrap();
        assert_eq!(get(services, "a.b", "text"), Value::Bytes(Vec::new()));
    });
}

#[test]
fn apps_do_not_see_each_other() {
    both(|services| {
        set(services, "a.b", "key", text("a")).unwrap();
        set(services, "a.c", "key", text("c")).unwrap();
        call(services, "a.c", "remove", vec![text("key")]).unwrap();
        assert_eq!(get(services, "a.b", "key"), text("a"));
        assert_eq!(get(services, "a.c", "key"), Value::Null);
        assert!(keys(services, "a.c", "").is_empty());
    });
}

#[test]
fn keys_come_in_byte_order_below_their_prefix() {
    both(|services| {
        for key in ["draft/2", "draft/10", "草", "draft", "Draft", "draft/\u{10ffff}", "e"] {
            set(services, "a.b", key, text("")).unwrap();
        }
        assert_eq!(keys(services, "a.b", "draft/"), ["draft/10", "draft/2", "draft/\u{10ffff}"]);
        assert_eq!(keys(services, "a.b", ""), ["Draft", "draft", "draft/10", "draft/2", "draft/\u{10ffff}", "e", "草"]);
    });
}

#[test]
fn hostile_keys_are_only_keys() {
    both(|services| {
        for key in ["../../../etc/passwd", "%2e%2e/", "a\0b", "/", "__proto__"] {
            set(services, "a.b", key, text(key)).unwrap();
            assert_eq!(get(services, "a.b", key), text(key));
        }
    });
}

#[test]
fn the_quota_counts_keys_and_values_and_forgets_what_is_removed() {
    both(|services| {
        let mebibyte = || Value::Bytes(vec![7; (1 << 20) - 8]);
        for key in 0..10 {
            set(services, "a.b", &format!("key-000{key}"), mebibyte()).unwrap();
        }
        let refusal = set(services, "a.b", "one more", text("")).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "storage.set: the app would keep 10485768 bytes and may keep 10485760; hint: remove keys that are no longer needed"
        );
        assert_eq!(get(services, "a.b", "one more"), Value::Null, "a refused value leaves nothing");
        set(services, "a.b", "key-0000", text("small")).unwrap();
        call(services, "a.b", "remove", vec![text("key-0001")]).unwrap();
        set(services, "a.b", "one more", mebibyte()).unwrap();
        set(services, "a.c", "other app", mebibyte()).unwrap();
    });
}

#[test]
fn writers_at_the_same_time_cannot_pass_the_quota() {
    both(|services| {
        thread::scope(|scope| {
            for writer in 0..4 {
                scope.spawn(move || {
                    for key in 0..4 {
                        let _refused_when_full =
                            set(services, "a.b", &format!("{writer}/{key}"), Value::Bytes(vec![1; 1 << 20]));
                    }
                });
            }
        });
        assert_eq!(keys(services, "a.b", "").len(), 9, "ten would pass the quota by their keys");
    });
}

pub(crate) fn one_file(folder: &Path) -> Device {
    let device = Device::new(folder.to_owned());
    set(&device, "a.b", "key", text("kept")).unwrap();
    device
}

#[test]
fn data_on_disk_outlive_the_program() {
    let folder = tempfile::tempdir().unwrap();
    drop(one_file(folder.path()));
    let device = Device::new(folder.path().to_owned());
    assert_eq!(get(&device, "a.b", "key"), text("kept"));
    assert!(folder.path().join("a.b/data/storage.redb").is_file());
}

#[test]
fn an_app_that_was_removed_and_installed_again_begins_empty() {
    let folder = tempfile::tempdir().unwrap();
    let device = one_file(folder.path());
    std::fs::remove_dir_all(folder.path().join("a.b")).unwrap();
    assert_eq!(get(&device, "a.b", "key"), Value::Null);
    set(&device, "a.b", "key", text("new")).unwrap();
    drop(device);
    assert_eq!(get(&Device::new(folder.path().to_owned()), "a.b", "key"), text("new"));
}

#[test]
fn a_half_made_file_of_a_power_cut_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("a.b/data")).unwrap();
    std::fs::write(folder.path().join("a.b/data/storage.new"), b"half").unwrap();
    let device = one_file(folder.path());
    assert_eq!(get(&device, "a.b", "key"), text("kept"));
}

#[test]
fn a_damaged_file_is_said_and_harms_no_other_app() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("x.y/data")).unwrap();
    std::fs::write(folder.path().join("x.y/data/storage.redb"), vec![0x5a; 8192]).unwrap();
    let device = Arc::new(one_file(folder.path()));
    let failure = call(&*device, "x.y", "get", vec![text("key")]).unwrap_err();
    assert!(matches!(&failure, Failure::Unavailable(said) if said.contains("hint: ")), "{failure:?}");
    assert_eq!(get(&*device, "a.b", "key"), text("kept"));
}

#[test]
fn what_the_table_answers_is_a_value() {
    let memory = Memory::default();
    set(&memory, "a.b", "key", text("v")).unwrap();
    let listed = call(&memory, "a.b", "keys", vec![text("")]).unwrap();
    assert_eq!(listed, Value::List(vec![text("key")]));
    let record = Value::Record(BTreeMap::new());
    assert!(matches!(set(&memory, "a.b", "key", record), Err(Failure::Invalid(_))));
}

#[test]
fn every_change_is_counted_and_nothing_else_is() {
    both(|services| {
        let app = "a.b".parse().unwrap();
        assert_eq!(services.changes(&app), Ok(0));
        set(services, "a.b", "key", text("one")).unwrap();
        let after_one = services.changes(&app).unwrap();
        assert!(after_one > 0);
        get(services, "a.b", "key");
        call(services, "a.b", "remove", vec![text("other")]).unwrap();
        set(services, "a.c", "key", text("another app's")).unwrap();
        assert_eq!(services.changes(&app), Ok(after_one));
        call(services, "a.b", "remove", vec![text("key")]).unwrap();
        assert!(services.changes(&app).unwrap() > after_one);
    });
}

#[test]
fn a_file_may_be_exchanged_while_it_is_at_rest() {
    let folder = tempfile::tempdir().unwrap();
    let services = Device::new(folder.path().to_owned());
    let app = "a.b".parse().unwrap();
    set(&services, "a.b", "key", text("before")).unwrap();
    let before = services.changes(&app).unwrap();
    let (data, copy) = (folder.path().join("a.b/data"), folder.path().join("copy.redb"));
    services.at_rest(&app, &mut || {
        std::fs::copy(data.join("storage.redb"), &copy).unwrap();
    });
    set(&services, "a.b", "key", text("after")).unwrap();
    assert_ne!(services.changes(&app), Ok(before));
    services.at_rest(&app, &mut || std::fs::rename(&copy, data.join("storage.redb")).unwrap());
    assert_eq!(get(&services, "a.b", "key"), text("before"));
    assert_eq!(services.changes(&app), Ok(before));
}

/// Where the test below finds its small disk, when it has started itself once more in a namespace in which it may mount one.
#[cfg(target_os = "linux")]
const SMALL_DISK: &str = "GUICHET_TEST_SMALL_DISK";

#[test]
#[cfg(target_os = "linux")]
fn on_a_full_disk_nothing_is_lost_and_with_room_again_all_goes_on() {
    use std::process::Command;

    let Some(disk) = std::env::var_os(SMALL_DISK) else {
        let folder = tempfile::tempdir().unwrap();
        let script = r#"mount -t tmpfs -o size=4m tmpfs "$1" && shift && exec "$@""#;
        let test = "storage::on_a_full_disk_nothing_is_lost_and_with_room_again_all_goes_on";
        let mut again = Command::new("unshare");
        again.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]).arg(folder.path());
        again.arg(std::env::current_exe().unwrap()).args(["--exact", test]).env(SMALL_DISK, folder.path());
        let output = again.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    };
    let disk = Path::new(&disk);
    let services = Device::new(disk.join("apps"));
    set(&services, "a.b", "draft", text("kept")).unwrap();
    let filled = disk.join("filled");
    std::io::copy(&mut std::io::repeat(0), &mut std::fs::File::create(&filled).unwrap()).unwrap_err();

    let large = || Value::Bytes(vec![7; 1 << 20]);
    let refused = set(&services, "a.b", "large", large()).unwrap_err().to_string();
    insta::assert_snapshot!(refused, @"storage: this device has no room left; hint: free some space and try again; nothing was changed");
    assert_eq!(get(&services, "a.b", "draft"), text("kept"), "what was saved can be read meanwhile");
    std::fs::remove_file(filled).unwrap();
    set(&services, "a.b", "large", large()).unwrap();
    assert_eq!(get(&services, "a.b", "draft"), text("kept"));
    assert_eq!(get(&services, "a.b", "large"), large());
}
