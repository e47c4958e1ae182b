//! An app that may ask one host reaches that one and no other, whatever it tries: the unmodified program, its names written
//! down and its public connections led to a listener of ours.

use std::{
    collections::BTreeSet,
    fs,
    io::Read as _,
    net::TcpListener,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use guichet_journeys::{
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

#[test]
fn with_a_permission_for_one_host_no_other_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    app(&folder.join("app"));
    let (names, shim) = (folder.join("names.txt"), folder.join("network.so"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/network.c");
    must(Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).arg("-ldl")).unwrap();

    // A listener that hears whom a TLS client wants, and hangs up: its certificate would prove nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
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

    let town = Town::found(folder, &[HOSTILE]).unwrap();
    let package = folder.join("app.ma");
    town.build(HOSTILE.id, &folder.join("app"), &package).unwrap();
    let submission = town.publish(HOSTILE.id, &package).unwrap();
    assert_eq!(town.approve(HOSTILE.id, &submission).unwrap(), 2, "a host to reach takes two reviewers");
    let display = Display::start().unwrap();
    let address = format!("guichet://miniapp/gov.example.hostile.exfiltration/pages/leak?port={port}&host=sink.test");
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(folder.join("home")).args(["--open", &address]);
    command.env("DISPLAY", display.name()).env("GUICHET_LOG", "info");
    command.env("LD_PRELOAD", &shim).env("SINK_NAMES", &names).env("SINK_PORT", port.to_string());
    let mut desktop = Running::start("guichet-desktop", &mut command).unwrap();
    let said = desktop.line("exfiltration done", DEADLINE).unwrap();
    assert!(said.contains("nothing answered"), "the page says: {said}");
    for who in ["the logic: network/", "the page: network/"] {
        assert!(desktop.said().contains(who), "{who}: {}", desktop.said());
    }
    desktop.stop().unwrap();

    let looked_up = fs::read_to_string(&names).unwrap();
    let looked_up: BTreeSet<_> = looked_up.lines().filter(|name| name.ends_with("sink.test")).collect();
    assert_eq!(looked_up, BTreeSet::from(["declared.sink.test"]));
    let greetings = greetings.lock().unwrap();
    assert_eq!(greetings.len(), 2, "one of the logic, one of the page");
    for greeting in greetings.iter() {
        assert_eq!(greeting.first(), Some(&22), "a TLS handshake");
        assert!(greeting.windows(18).any(|part| part == b"declared.sink.test"), "{greeting:?}");
    }
}
