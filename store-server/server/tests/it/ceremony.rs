//! The guide *The key ceremony*, its commands run as they stand, in both languages; and what a ceremony refuses.

use std::{fs, path::Path, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_store::commands;
use guichet_trust::{
    client::{Limits, Refresh, TrustedMetadata},
    sign::SecretKey,
};

use crate::house::{House, key, told};

/// The PIN that the guide gives its token.
const PIN: &str = "271828";

/// The words of a command line; `"$(guichet key show KEY)"` is the public half of that key.
fn words(line: &str, folder: &Path) -> Vec<String> {
    let (mut words, mut rest) = (Vec::new(), line);
    let plain = |text: &str| text.split_whitespace().map(|word| word.trim_matches('\'').to_owned()).collect::<Vec<_>>();
    while let Some((before, after)) = rest.split_once("\"$(guichet key show ") {
        let (key, after) = after.split_once(")\"").unwrap();
        words.extend(plain(before));
        words.push(secret(&folder.join(file_of(key.trim_matches('\'')))).public().to_string());
        rest = after;
    }
    words.extend(plain(rest));
    words
}

/// The key's file; of a key on a token, the file it was imported from.
fn file_of(key: &str) -> String {
    key.strip_prefix("pkcs11:").map_or(key.to_owned(), |uri| format!("{}.key", uri.replace([';', '='], "-")))
}

/// Puts a key on a token as the other program would, so that its file tells the public half.
fn import(key: &SecretKey, uri: &str, folder: &Path) {
    let file = folder.join(file_of(uri));
    fs::write(&file, key.to_file()).unwrap();
    let secret = key.to_file().split('"').rev().nth(1).map(|text| STANDARD.decode(text).unwrap()).unwrap();
    // PKCS#8 of an Ed25519 key (RFC 8410, 7).
    let header = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let body = STANDARD.encode([&header[..], &secret].concat());
    let pem = folder.join("import.pem");
    fs::write(&pem, format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")).unwrap();
    let value = |name: &str| uri.split([':', ';']).find_map(|part| part.strip_prefix(name)).unwrap().to_owned();
    let (token, label) = (value("token="), value("object="));
    let import = ["--import", pem.to_str().unwrap(), "--token", &token, "--label", &label, "--id", "01", "--pin", PIN];
    run_at_hand(Command::new("softhsm2-util").args(import), folder, &[]);
}

/// Runs a program on the machine where the tokens are.
fn run_at_hand(command: &mut Command, folder: &Path, exported: &[(String, String)]) -> String {
    let output = command
        .env("SOFTHSM2_CONF", folder.join("softhsm2.conf"))
        .envs(exported.iter().cloned())
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; cargo xtask setup installs what the tests need"));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn secret(file: &Path) -> SecretKey {
    SecretKey::from_file(&fs::read_to_string(file).unwrap()).unwrap()
}

fn typed(guide: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides").join(guide);
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

/// Runs a guide in a folder; what its last `keys list` said.
fn replay(guide: &str, folder: &Path) -> String {
    let (mut said, mut exported) = (String::new(), Vec::new());
    fs::create_dir(folder.join("tokens")).unwrap();
    let tokens = folder.join("tokens").display().to_string();
    fs::write(folder.join("softhsm2.conf"), format!("directories.tokendir = {tokens}\nlog.level = ERROR\n")).unwrap();
    fs::write(folder.join("pin"), PIN).unwrap();
    for (number, line) in typed(guide).iter().enumerate() {
        let words = words(line, folder);
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            // The other program is not built here: what it would do.
            ["guichet", "key", "new", uri] if uri.starts_with("pkcs11:") => {
                import(&SecretKey::generate([u8::try_from(number).unwrap(); 32]), uri, folder);
            }
            ["guichet", "key", "list"] => {}
            ["export", assignment] => {
                let (name, value) = assignment.split_once('=').unwrap();
                exported.push((name.to_owned(), value.to_owned()));
            }
            ["softhsm2-util", ..] => {
                run_at_hand(Command::new("softhsm2-util").args(&words[1..]), folder, &exported);
            }
            ["guichet", "key", "new", file] => {
                let key = SecretKey::generate([u8::try_from(number).unwrap(); 32]);
                fs::write(folder.join(file), key.to_file()).unwrap();
            }
            ["mkdir", name] => fs::create_dir(folder.join(name)).unwrap(),
            ["guichet-store", ..] => {
                // Nobody types here.
                let typed = words[1..].iter().map(|word| match word.starts_with("pkcs11:") {
                    true => format!("{word}?pin-source={}", folder.join("pin").display()),
                    false => word.clone(),
                });
                let mut program = Command::new(env!("CARGO_BIN_EXE_guichet-store"));
                let output = run_at_hand(program.args(typed), folder, &exported);
                if line.starts_with("guichet-store keys list") {
                    said = output;
                }
            }
            _ => panic!("not a command of this guide: {line}"),
        }
    }
    said
}

/// A device that has only the trust file follows the published files to their end.
fn follow(store: &Path, now_ms: u64) -> TrustedMetadata {
    let metadata = store.join("static/metadata");
    let first = fs::read(metadata.join("1.root.json")).unwrap();
    let mut refresh = Refresh::begin(TrustedMetadata::from_root(&first).unwrap(), now_ms, Limits::default());
    while let Some(fetch) = refresh.next() {
        refresh.accept(fs::read(metadata.join(&fetch.path)).ok()).unwrap();
    }
    refresh.finish()
}

#[test]
fn the_guides_work_as_they_are_written() {
    let guides = ["key-ceremony.md", "key-ceremony.zh-Hans.md"];
    assert_eq!(typed(guides[0]), typed(guides[1]));
    let folder = tempfile::tempdir().unwrap();
    let list = replay(guides[0], folder.path());
    let heads: Vec<_> = list.lines().filter(|line| line.contains(" of ")).collect();
    assert_eq!(
        heads,
        [
            "root: 2 of 3",
            "targets: 1 of 1",
            "snapshot: 1 of 1",
            "timestamp: 1 of 1",
            "brake: 1 of 1",
            "residence: 1 of 1",
            "residence-wide: 3 of 0"
        ]
    );
    let store = folder.path().join("store");
    let now_ms = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as u64;
    let trusted = follow(&store, now_ms);
    assert_eq!((trusted.version("root"), trusted.version("targets")), (Some(7), Some(6)));
    // The server's own key is the new one, in a file only its owner reads; the log has one, too.
    let keys: Vec<_> = fs::read_dir(store.join("online")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(keys.len(), 6, "{keys:?}");
}

#[tokio::test]
async fn a_ceremony_that_is_not_complete_changes_nothing() {
    let house = House::open().await;
    let offline = secret(&house.offline().join("root.key"));
    let change =
        commands::KeyChange { add: vec![key(61).public(), key(62).public()], threshold: Some(2), ..Default::default() };
    let mut ceremony = commands::prepare_document(&house.store, "root", change).await.map_err(told).unwrap();
    let refused = |result: Result<_, guichet_store::error::NotDone>| {
        result.map(|_: guichet_trust::editor::Question| ()).map_err(told).unwrap_err()
    };
    assert!(refused(commands::import_document(&house.store, &ceremony).await).contains("key/unsigned"));
    ceremony.sign(&offline).unwrap();
    assert!(
        refused(commands::import_document(&house.store, &ceremony).await).contains("key/unsigned"),
        "the new root asks for two"
    );
    let another = commands::KeyChange { renew: true, ..Default::default() };
    let mut another = commands::prepare_document(&house.store, "root", another).await.map_err(told).unwrap();
    another.sign(&offline).unwrap();
    commands::import_document(&house.store, &another).await.map_err(told).unwrap();
    ceremony.sign(&key(61)).unwrap();
    assert!(refused(commands::import_document(&house.store, &ceremony).await).contains("key/outdated"));
    let wrong = commands::KeyChange { online: true, ..Default::default() };
    let not_online = commands::prepare_document(&house.store, "residence", wrong).await.map_err(told).unwrap_err();
    assert!(not_online.contains("key/not-online"), "{not_online}");
}

#[tokio::test]
async fn a_running_store_signs_with_the_key_that_is_listed() {
    let house = House::open().await;
    let offline = secret(&house.offline().join("root.key"));
    for role in ["snapshot", "timestamp"] {
        let change = commands::KeyChange { online: true, ..Default::default() };
        let mut ceremony = commands::prepare_document(&house.store, role, change).await.map_err(told).unwrap();
        // The new key lies ready and signs nothing yet: the store goes on.
        let department = "residence".parse().unwrap();
        let (folder, reviewer) = (house.offline(), key(70 + role.len() as u8).public());
        commands::add_reviewer(&house.store, &folder, &department, reviewer).await.map_err(told).unwrap();
        ceremony.sign(&offline).unwrap();
        commands::import_document(&house.store, &ceremony).await.map_err(told).unwrap();
    }
    // As another process that had the store open all the time.
    let other = house.beside().await;
    let department = "tax".parse().unwrap();
    commands::add_reviewer(&other, &house.offline(), &department, key(80).public()).await.map_err(told).unwrap();
    let trusted = follow(&house.folder.path().join("store"), crate::house::NOW_MS);
    assert_eq!(trusted.version("root"), Some(3));
}

#[test]
fn daily_commands_sign_with_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("tokens")).unwrap();
    let conf = format!("directories.tokendir = {}\n", folder.join("tokens").display());
    fs::write(folder.join("softhsm2.conf"), conf).unwrap();
    fs::write(folder.join("pin"), PIN).unwrap();
    fs::write(folder.join("wrong"), "161803").unwrap();
    let exported = [("GUICHET_PKCS11_MODULE".to_owned(), "/usr/lib/softhsm/libsofthsm2.so".to_owned())];
    let program = |line: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet-store"));
        command.args(line.split(' '));
        command
    };
    let run = |line: &str| run_at_hand(&mut program(line), folder, &exported);
    run("init --dir store --offline usb");
    let init = ["--init-token", "--free", "--label", "Office", "--pin", PIN, "--so-pin", "31415926"];
    run_at_hand(Command::new("softhsm2-util").args(init), folder, &exported);
    import(&secret(&folder.join("usb/targets.key")), "pkcs11:token=Office;object=targets", folder);
    fs::remove_dir_all(folder.join("usb")).unwrap();

    let offline =
        |pin: &str| format!("--offline pkcs11:token=Office;object=targets?pin-source={}/{pin}", folder.display());
    let right = offline("pin");
    run(&format!(
        "admin department add --dir store {right} --id tax --name-zh 税务 --name-en Tax --prefix gov.example.tax"
    ));
    run(&format!("keys reviewer add --dir store {right} --department tax --key {}", key(81).public()));
    run(&format!("keys publisher add --dir store {right} --department tax --key {}", key(82).public()));
    let list = run("keys list --dir store");
    assert!(list.contains(&key(81).public().id().to_string()), "{list}");

    // Whoever has the token but not the PIN changes nothing.
    let line =
        format!("keys reviewer add --dir store {} --department tax --key {}", offline("wrong"), key(83).public());
    let output = program(&line)
        .env("SOFTHSM2_CONF", folder.join("softhsm2.conf"))
        .envs(exported.iter().cloned())
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("error[key/wrong-pin]: the PIN is wrong\n  --> pkcs11:token=Office;object=targets\n"),
        "{said}"
    );
    assert!(!said.contains("161803"), "{said}");
    assert_eq!(run("keys list --dir store"), list);

    let output = program("init --dir other --offline pkcs11:token=Office").current_dir(folder).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("error[init/offline]"));
    assert!(!folder.join("other").exists());
}
