//! The walls of a driver, tried from inside by programs of the system.

mod protocol;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Whether this kernel has Landlock; without it, files and ports are not walled in.
pub(crate) fn has_landlock() -> bool {
    fs::read_to_string("/proc/self/status").is_ok()
        && inside(&[], &["/bin/cat", "/proc/self/status"]).status.code() != Some(0)
}

/// Runs a program as a driver would be.
fn inside(before: &[&str], command: &[&str]) -> Output {
    let mut launcher = Command::new(env!("CARGO_BIN_EXE_guichet-driver"));
    launcher.args(before).arg("--").args(command).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_driver_has_little_room() {
    let limits = inside(&[], &["/bin/sh", "-c", "ulimit -c; ulimit -n; ulimit -d; ulimit -f"]);
    assert_eq!(said(&limits), "0\n64\n262144\n2048\n");
}

#[test]
fn a_driver_sees_its_devices_and_no_other_file() {
    if !has_landlock() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (device, secret) = (folder.path().join("device"), folder.path().join("secret"));
    fs::write(&device, "paper").unwrap();
    fs::write(&secret, "of the host").unwrap();
    let (device, secret) = (device.to_str().unwrap(), secret.to_str().unwrap());
    assert_eq!(said(&inside(&["--device", device], &["/bin/cat", device])), "paper");
    let write = format!("echo ink >{device}");
    assert!(inside(&["--device", device], &["/bin/sh", "-c", &write]).status.success());
    assert_eq!(fs::read_to_string(device).unwrap(), "ink\n");
    let refused = inside(&["--device", device], &["/bin/cat", secret]);
    assert!(!refused.status.success() && said(&refused).contains("Permission denied"), "{}", said(&refused));
    let beside = format!("echo more >{}/more", folder.path().display());
    assert!(!inside(&["--device", device], &["/bin/sh", "-c", &beside]).status.success());
}

#[test]
fn what_is_not_said_as_it_should_be_is_not_run() {
    for wrong in [&["/bin/true"][..], &["--port", "x", "--", "/bin/true"], &["--"], &[]] {
        let output = Command::new(env!("CARGO_BIN_EXE_guichet-driver")).args(wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", said(&output));
    }
    let absent = inside(&[], &["/nowhere/driver"]);
    insta::assert_snapshot!(said(&absent), @"error: the driver cannot be started: No such file or directory (os error 2)");
}

/// Nobody tells it: whoever has started it is killed.
#[test]
fn a_driver_that_hangs_ends_with_whoever_has_started_it() {
    let script = format!("{} -- /bin/sleep 600 & echo $!; wait", env!("CARGO_BIN_EXE_guichet-driver"));
    let mut host = Command::new("/bin/sh").args(["-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
    let mut driver = String::new();
    BufReader::new(host.stdout.take().unwrap()).read_line(&mut driver).unwrap();
    let stat = || fs::read_to_string(format!("/proc/{}/stat", driver.trim())).unwrap_or_default();
    let until = |is_so: &dyn Fn(&str) -> bool| {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is_so(&stat()) {
            assert!(Instant::now() < deadline, "it is {}", stat());
            thread::park_timeout(Duration::from_millis(5));
        }
    };
    until(&|stat| stat.contains("(sleep)"));
    host.kill().unwrap();
    host.wait().unwrap();
    until(&|stat| stat.is_empty() || stat.contains(") Z "));
}
