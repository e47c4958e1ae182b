//! An app that may ask a host reaches that one and no other, whatever it tries, and not even that if its name leads inside: the
//! unmodified program, its names written down and its connections led to a listener of ours.

use std::{
    collections::BTreeSet,
    fs,
    io::Read as _,
    net::TcpListener,
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use anyhow::{Result, ensure};
use guichet_journeys::{
    attacks::{self, PREFIX},
    display::Display,
    process::{Running, must, program},
    town::Town,
};

use crate::isolation::HOSTILE;

/// How long the page may take for all its ways.
const DEADLINE: Duration = Duration::from_secs(180);

/// The exfiltration sample with a permission for one host, which its logic and its page ask first.
fn app(folder: &Path) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hostile/exfiltration");
    must(Command::new("cp").arg("-r").arg(sample).arg(folder)).unwrap();
    let change = |file: &str, from: &str, to: &str| {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    let asks =
        r#"{ "name": "host:network", "reason": "For the test.", "scope": { "domains": ["declared.sink.test"] } }"#;
    change("manifest.json", "\"window\"", &format!("\"req_permissions\": [{asks}],\n  \"window\""));
    change(
        "app.js",
        "export default { launched() {} };",
        "export default { launched() { fetch('https://declared.sink.test/logic').catch((error) => console.log(`the logic: ${error.message}`)); } };",
    );
    change(
        "pages/leak.js",
        "run();\n",
        "fetch('https://declared.sink.test/page').catch((error) => guichet.log.write('info', `the page: ${error.message}`)).then(run);\n",
    );
}

/// What came of an app that may ask some hosts.
struct Came {
    /// What its page said at its end.
    told: String,
    /// All that the window said.
    said: String,
    /// The names of the sink that were looked up.
    names: BTreeSet<String>,
    /// What those said first who connected.
    greetings: Vec<Vec<u8>>,
}

/// Opens a MiniApp's page in the unmodified program until it says that it is done.
fn open(folder: &Path, place: &Path, page: &str, done: &str) -> Result<Came> {
    let (names, shim) = (folder.join("names.txt"), folder.join("network.so"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/network.c");
    must(Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).arg("-ldl"))?;

    // A listener that hears whom a TLS client wants, and hangs up: its certificate would prove nothing.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let greetings: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let heard = Arc::clone(&greetings);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut greeting = vec![0; 4096];
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let length = stream.read(&mut greeting).unwrap_or(0);
            greeting.truncate(length);
            heard.lock().unwrap().push(greeting);
        }
    });

    let town = Town::found(folder, &[HOSTILE])?;
    let package = folder.join("app.ma");
    town.build(HOSTILE.id, place, &package)?;
    let submission = town.publish(HOSTILE.id, &package)?;
    ensure!(town.approve(HOSTILE.id, &submission)? == 2, "a host to reach takes two reviewers");
    let display = Display::start()?;
    let address = format!("guichet://miniapp/{PREFIX}{page}?port={port}&host=sink.test");
    let mut command = program("guichet-desktop")?;
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(folder.join("home")).args(["--open", &address]);
    command.env("DISPLAY", display.name()).env("GUICHET_LOG", "info");
    command.env("LD_PRELOAD", &shim).env("SINK_NAMES", &names).env("SINK_PORT", port.to_string());
    let mut desktop = Running::start("guichet-desktop", &mut command)?;
    let told = desktop.line(done, DEADLINE)?;
    let said = desktop.said();
    desktop.stop()?;

    let names = fs::read_to_string(&names)?;
    let names = names.lines().filter(|name| name.ends_with("sink.test")).map(str::to_owned).collect();
    let greetings = greetings.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Came { told, said, names, greetings })
}

#[test]
fn with_a_permission_for_one_host_no_other_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    app(&folder.join("app"));
    let came = open(folder, &folder.join("app"), "exfiltration/pages/leak", "exfiltration done").unwrap();
    assert!(came.told.contains("nothing answered"), "the page says: {}", came.told);
    for who in ["the logic: network/", "the page: network/"] {
        assert!(came.said.contains(who), "{who}: {}", came.said);
    }
    assert_eq!(came.names, BTreeSet::from(["declared.sink.test".to_owned()]));
    assert_eq!(came.greetings.len(), 2, "one of the logic, one of the page");
    for greeting in &came.greetings {
        assert_eq!(greeting.first(), Some(&22), "a TLS handshake");
        assert!(greeting.windows(18).any(|part| part == b"declared.sink.test"), "{greeting:?}");
    }
}

#[test]
fn a_permitted_name_that_leads_inside_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, place) = (folder.path(), folder.path().join("app"));
    attacks::lay_out("leads-inside", &[], None, &place).unwrap();
    let came = open(folder, &place, "leads-inside/pages/home", "leads inside, told: ").unwrap();
    let refused = "network/address";
    assert!(came.told.contains(&format!("told: {}", [refused; 4].join(", "))), "{}", came.told);
    assert_eq!(came.names, BTreeSet::from(["loopback.sink.test".to_owned(), "metadata.sink.test".to_owned()]));
    assert!(came.greetings.is_empty(), "{:?}", came.greetings);
}
