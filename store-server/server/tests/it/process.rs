//! The program itself: its output, its exit codes, and how it starts and stops.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    ops::{Deref, DerefMut},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

pub(crate) fn store(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_guichet-store")).args(arguments).output().unwrap()
}

pub(crate) fn init(folder: &Path) -> String {
    let dir = folder.join("store").to_str().unwrap().to_owned();
    let output = store(&["init", "--dir", &dir, "--static-url", "http://127.0.0.1:1/static"]);
    assert!(output.status.success(), "{output:?}");
    dir
}

/// A server that is gone when its test is over, however that ends.
pub(crate) struct Serving(Child);

impl Serving {
    /// One that somebody started in their own way.
    pub(crate) fn of(child: Child) -> Self {
        Self(child)
    }
}

impl Deref for Serving {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Serving {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Its test may have ended it already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that answers, and where.
pub(crate) fn serving(dir: &str, database: Option<&str>) -> (Serving, String) {
    let database = database.map(|address| format!("--database={address}"));
    serving_with(dir, &database.iter().map(String::as_str).collect::<Vec<_>>(), &[])
}

/// The same with these words and this environment.
pub(crate) fn serving_with(dir: &str, words: &[&str], environment: &[(&'static str, String)]) -> (Serving, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_guichet-store"))
        .args(["serve", "--dir", dir, "--listen", "127.0.0.1:0"])
        .args(words)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
    (Serving(child), address)
}

#[test]
fn a_store_is_made_served_and_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let dir = init(folder.path());
    let (mut child, address) = serving(&dir, None);

    let mut connection = TcpStream::connect(&address).unwrap();
    write!(connection, "GET /api/v1/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains(r#""status":"ok""#), "{answer}");

    let second = store(&["serve", "--dir", &dir, "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("error[serve/in-use]"));
    // The operator adds a person while the server runs.
    let added = store(&["admin", "person", "add", "--dir", &dir, "--name", "A", "--role", "administrator"]);
    let token = String::from_utf8_lossy(&added.stdout).trim().to_owned();
    assert!(token.starts_with("gst_") && token.len() == 47, "{token}");

    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn mistakes_have_their_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let dir = init(folder.path());
    let missing = folder.path().join("none").to_str().unwrap().to_owned();
    for (arguments, code, text) in [
        (vec!["--help"], 0, ""),
        (vec!["serve"], 64, "--dir"),
        (vec!["admin", "person", "add", "--dir", &dir, "--name", "A", "--role", "king"], 64, "developer"),
        (vec!["serve", "--dir", &missing], 1, "error[init/missing]"),
        (
            vec![
                "admin",
                "department",
                "add",
                "--dir",
                &dir,
                "--offline",
                &missing,
                "--id",
                "works",
                "--prefix",
                "a.b",
            ]
            .into_iter()
            .chain(["--name-zh", "市政", "--name-en", "Works"])
            .collect(),
            1,
            "error[key/unreadable]",
        ),
        (vec!["init", "--dir", &dir], 1, "error[init/exists]"),
        (vec!["init", "--dir", &missing, "--static-url", "nonsense"], 1, "error[document/invalid]"),
        (
            vec!["admin", "person", "add", "--dir", &dir, "--name", "A", "--role", "reviewer", "--department", "none"],
            1,
            "error[department/not-found]",
        ),
        (vec!["admin", "halt", "--dir", &dir, "--app", "a.b"], 64, "--reason"),
        (vec!["admin", "halt", "--dir", &dir, "--app", "a.b", "--reason", " "], 64, "say why"),
        (vec!["admin", "halt", "--dir", &dir, "--app", "a.b", "--reason", "x"], 1, "error[release/not-found]"),
        (vec!["admin", "resume", "--dir", &dir, "--app", "a.b"], 1, "error[release/not-found]"),
    ] {
        let output = store(&arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(text), "{arguments:?} {stderr}");
        assert_eq!(text.starts_with("error["), stderr.contains("hint: "), "{arguments:?} {stderr}");
    }
    assert!(!folder.path().join("none").exists(), "a refused init leaves nothing");
}

#[cfg(unix)]
#[test]
fn secret_keys_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let dir = init(folder.path());
    for key in ["online/snapshot", "online/timestamp", "online/brake", "offline/root", "offline/targets"] {
        let path = Path::new(&dir).join(format!("{key}.key"));
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{key}");
    }
}

#[test]
fn departments_do_not_share_names_prefixes_or_keys() {
    let folder = tempfile::tempdir().unwrap();
    let dir = init(folder.path());
    let department = |id: &str, prefix: &str| {
        let names = ["--name-zh", "部门", "--name-en", "Office"];
        let mut arguments = vec!["admin", "department", "add", "--dir", &dir, "--id", id, "--prefix", prefix];
        arguments.extend(names);
        store(&arguments)
    };
    let class = |output: &Output| {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        text.split_once("error[").and_then(|(_, rest)| Some(rest.split_once(']')?.0.to_owned())).unwrap_or(text)
    };
    assert_eq!(department("residence", "gov.example").status.code(), Some(0));
    assert_eq!(class(&department("residence", "gov.other")), "department/exists");
    assert_eq!(class(&department("tax", "gov.example.tax")), "department/prefix-taken");
    for reserved in ["targets", "brake", "tax-wide"] {
        assert_eq!(class(&department(reserved, "gov.tax")), "department/reserved", "{reserved}");
    }
    assert_eq!(department("tax", "gov.tax").status.code(), Some(0));

    let key = guichet_trust::sign::SecretKey::generate([5; 32]).public().to_string();
    let keys = |who: &str, what: &str, department: &str| {
        store(&["keys", who, what, "--dir", &dir, "--department", department, "--key", &key])
    };
    assert_eq!(class(&keys("publisher", "revoke", "tax")), "key/not-listed");
    assert_eq!(keys("publisher", "add", "tax").status.code(), Some(0));
    assert_eq!(class(&keys("publisher", "add", "residence")), "key/listed");
    assert_eq!(keys("publisher", "revoke", "tax").status.code(), Some(0));
    assert_eq!(keys("reviewer", "add", "tax").status.code(), Some(0));
    assert_eq!(class(&keys("reviewer", "add", "tax")), "key/listed");
    assert_eq!(class(&keys("reviewer", "add", "none")), "department/not-found");
}

/// The commands of a guide.
pub(crate) fn typed(guide: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides").join(guide);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("$ ").map(str::to_owned)).collect()
}

#[test]
fn the_guide_over_an_air_gap_is_replayed() {
    let lines = typed("air-gap.md");
    assert_eq!(lines, typed("air-gap.zh-Hans.md"), "both languages type the same");
    assert_eq!(lines.len(), 3);
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let trust = folder.path().join("guichet.trust.json");
    std::fs::copy(folder.path().join("store/guichet.trust.json"), &trust).unwrap();
    let run = |line: &str| {
        let arguments: Vec<_> = line.split(' ').skip(1).collect();
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet-store"));
        command.current_dir(folder.path()).args(arguments).output().unwrap()
    };
    for line in lines.iter().filter(|line| line.starts_with("guichet-store ")) {
        let output = run(line);
        assert!(output.status.success(), "{line}: {output:?}");
    }
    assert!(folder.path().join("mirror/metadata/timestamp.json").is_file());
    std::fs::remove_file(folder.path().join("stick/metadata/timestamp.json")).unwrap();
    std::fs::remove_dir_all(folder.path().join("mirror")).unwrap();
    let refused = run(&lines[1]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("error[file/missing]"), "{said}");
}

#[test]
fn keys_that_prove_nothing_are_not_enrolled() {
    let folder = tempfile::tempdir().unwrap();
    let dir = init(folder.path());
    let trusted = |dir: &str| std::fs::read_dir(Path::new(dir).join("static/metadata")).unwrap().count();
    let before = trusted(&dir);
    for (key, class) in [
        // The point of order 1, y = p + 1, and a good point plus one of order 8.
        ("ed25519:0100000000000000000000000000000000000000000000000000000000000000", "key/weak"),
        ("ed25519:eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "key/encoding"),
        ("ed25519:d0424b701d60255de5df705071059ccd22b8349bb4138202ebbd65e9e0ad211b", "key/torsion"),
        ("ed25519:0200000000000000000000000000000000000000000000000000000000000000", "key/format"),
        ("0100", "key/format"),
    ] {
        for who in ["publisher", "reviewer"] {
            let output = store(&["keys", who, "add", "--dir", &dir, "--department", "residence", "--key", key]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains(&format!("error[{class}]")) && said.contains("hint: "), "{said}");
            assert!(said.contains(key), "{said}");
        }
    }
    assert_eq!(trusted(&dir), before, "nothing was published");
}
