//! What an app, another program or a kill may do to what is stored, against the disk and its twin.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use guichet_contract::{Failure, Services, Value, storage::QUOTA_KEYS};
use guichet_services::{Device, Memory};
use redb::{Database, TableDefinition};

use crate::storage::{call, get, keys, one_file, set, text};

/// As many records of a byte as an app may keep.
fn names() -> impl Iterator<Item = String> {
    (0..QUOTA_KEYS).map(|number| format!("{number:x}"))
}

/// One more is refused, and another in the place of one is not.
fn ends_at_its_number(services: &dyn Services) {
    assert_eq!(keys(services, "a.b", "").len() as u64, QUOTA_KEYS);
    let refusal = set(services, "a.b", "one more", text("x")).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "storage.set: the app would keep 16385 keys and may keep 16384; hint: remove keys that are no longer needed"
    );
    assert_eq!(get(services, "a.b", "one more"), Value::Null, "a refused value leaves nothing");
    set(services, "a.b", "0", text("y")).unwrap();
    call(services, "a.b", "remove", vec![text("1")]).unwrap();
    set(services, "a.b", "one more", text("x")).unwrap();
    set(services, "a.c", "another app's", text("x")).unwrap();
}

#[test]
fn records_of_one_byte_end_at_their_number() {
    let memory = Memory::default();
    for name in names() {
        set(&memory, "a.b", &name, text("x")).unwrap();
    }
    ends_at_its_number(&memory);

    // On a disk each change is made durable: all but the last are put there at once.
    let folder = tempfile::tempdir().unwrap();
    let device = one_file(folder.path());
    call(&device, "a.b", "remove", vec![text("key")]).unwrap();
    drop(device);
    let database = Database::open(folder.path().join("a.b/data/storage.redb")).unwrap();
    let write = database.begin_write().unwrap();
    {
        let mut entries = write.open_table(TableDefinition::<&str, &[u8]>::new("entries")).unwrap();
        for name in names() {
            entries.insert(name.as_str(), [0, b'x'].as_slice()).unwrap();
        }
    }
    write.commit().unwrap();
    drop(database);
    ends_at_its_number(&Device::new(folder.path().to_owned()));
}

/// Another app's file, which a link in the place of this app's leads to.
fn linked(link: impl FnOnce(&Path, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::new(folder.path().to_owned());
    set(&device, "x.y", "secret", text("another's")).unwrap();
    drop(device);
    link(&folder.path().join("x.y"), &folder.path().join("a.b"));
    let device = Device::new(folder.path().to_owned());
    for (function, arguments) in [
        ("get", vec![text("secret")]),
        ("keys", vec![text("")]),
        ("remove", vec![text("secret")]),
        ("set", vec![text("secret"), text("overwritten")]),
    ] {
        let failure = call(&device, "a.b", function, arguments).unwrap_err();
        let said = "storage: a link lies where the app's data on this device should be; hint: remove the app and install \
                    it again, and find out which program has put the link there";
        assert_eq!(failure, Failure::Unavailable(said.to_owned()), "{function}");
    }
    assert_eq!(get(&device, "x.y", "secret"), text("another's"));
}

#[cfg(unix)]
#[test]
fn a_link_that_another_program_has_planted_is_not_followed() {
    use std::os::unix::fs::symlink;

    linked(|other, own| symlink(other, own).unwrap());
    linked(|other, own| {
        fs::create_dir(own).unwrap();
        symlink(other.join("data"), own.join("data")).unwrap();
    });
    linked(|other, own| {
        fs::create_dir_all(own.join("data")).unwrap();
        symlink(other.join("data/storage.redb"), own.join("data/storage.redb")).unwrap();
    });
}

const CHILD: &str = "GUICHET_TEST_STORAGE";

#[test]
#[ignore = "run as a child by the test below"]
fn writes_until_it_is_killed() {
    let device = Device::new(env::var_os(CHILD).unwrap().into());
    for number in 0_u64.. {
        set(&device, "a.b", "number", text(&number.to_string())).unwrap();
        set(&device, "a.b", "long", text(&format!("{number} ").repeat(1000))).unwrap();
        println!("\nanswered {number}");
    }
}

#[test]
fn killed_in_the_middle_of_a_write_what_was_answered_is_there() {
    let folder = tempfile::tempdir().unwrap();
    // Wherever the kill meets it, it meets a write.
    for answers in [1, 7, 20] {
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--ignored", "--exact", "--nocapture", "storage_attacks::writes_until_it_is_killed"]);
        let mut child = child.env(CHILD, folder.path()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let answered =
            said.map_while(Result::ok).filter_map(|line| line.strip_prefix("answered ")?.parse::<u64>().ok());
        let answered = answered.take(answers).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();

        let device = Device::new(folder.path().to_owned());
        let Value::Text(number) = get(&device, "a.b", "number") else { panic!("it was answered") };
        let number: u64 = number.parse().unwrap();
        assert!(number >= answered, "{answered} was answered and {number} is there");
        let Value::Text(long) = get(&device, "a.b", "long") else { panic!("it was answered") };
        let (old, new) = (format!("{number} ").repeat(1000), format!("{} ", number.saturating_sub(1)).repeat(1000));
        assert!(long == old || long == new, "half of it is there");
        set(&device, "a.b", "number", text("and it goes on")).unwrap();
    }
}
