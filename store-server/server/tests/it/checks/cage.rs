//! The process of a check, from inside.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use guichet_store::checks::WORD;

use super::PROGRAM;

/// A program in the cage of checks, with one folder that it may read.
fn caged(readable: &Path, script: &str) -> Output {
    let words = [WORD, "run", readable.to_str().unwrap(), "--", "/bin/bash", "-c", script];
    Command::new(PROGRAM).args(words).env_clear().env("PATH", "/usr/bin:/bin").output().unwrap()
}

#[test]
fn a_program_in_the_cage_reads_what_it_is_given_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let [given, other] = ["given", "other"].map(|name| folder.path().join(name));
    for path in [&given, &other] {
        std::fs::create_dir(path).unwrap();
        std::fs::write(path.join("file"), "read").unwrap();
    }
    let read = caged(&given, &format!("cat {}/file", given.display()));
    assert_eq!((read.status.code(), &read.stdout[..]), (Some(0), &b"read"[..]), "{read:?}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for script in [
        format!("cat {}/file", other.display()),
        "cat /etc/passwd".to_owned(),
        "cat /proc/self/environ".to_owned(),
        format!("echo x > {}/file", given.display()),
        "echo x > /tmp/guichet-caged".to_owned(),
        format!("exec 3<>/dev/tcp/127.0.0.1/{port}"),
        "unshare -r true".to_owned(),
        "kill -0 $PPID".to_owned(),
    ] {
        let output = caged(&given, &script);
        assert!(!output.status.success() && output.stdout.is_empty(), "{script}: {output:?}");
    }
}

#[test]
fn the_process_of_a_check_that_is_given_rubbish_says_so() {
    let mut child = Command::new(PROGRAM);
    let child = child.arg(WORD).stdin(Stdio::null()).output().unwrap();
    assert_eq!((child.status.code(), &child.stderr[..]), (Some(1), &b"there is nothing to look at\n"[..]), "{child:?}");
}
