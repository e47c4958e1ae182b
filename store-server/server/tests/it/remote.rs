//! A PostgreSQL that is reached over a network, behind TLS and a password.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    databases::{class, init},
    ports,
    postgres::{Postgres, run},
};

const PASSWORD: &str = "p%40ss%2Fword";

/// One that talks to nobody in the clear, and where it listens.
fn remote() -> (Postgres, u16) {
    // A port that was free is sometimes taken meanwhile.
    let one = || {
        let port = ports::free().unwrap();
        let settings =
            format!("listen_addresses=127.0.0.1 port={port} ssl=on ssl_cert_file=host.pem ssl_key_file=host.key");
        let server = Postgres::start_with(&settings, |server| {
            for file in ["host.pem", "host.key"] {
                let to = server.data().join(file);
                fs::copy(tls(file), &to).unwrap();
                run(Command::new("chmod").arg("600").arg(&to));
                server.hand_over(&to);
            }
            let rules = server.data().join("pg_hba.conf");
            let text = fs::read_to_string(&rules).unwrap();
            fs::write(&rules, text.replace("\nhost ", "\nhostssl ")).unwrap();
        });
        server.map(|server| (server, port))
    };
    (0..5).find_map(|_| one()).unwrap()
}

fn tls(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tls").join(file)
}

#[test]
fn a_store_behind_tls_believes_who_proves_it_and_never_says_the_password() {
    let (server, port) = remote();
    let local = format!("--port={port}");
    let query = |database: &str, text: &str| {
        let mut command = server.program("psql");
        command.arg("--host").arg(server.data().parent().unwrap());
        command.args([local.as_str(), "--username=store", "--quiet", "--dbname", database, "--command", text]);
        run(&mut command);
    };
    query("postgres", "ALTER USER store PASSWORD 'p@ss/word'");
    query("postgres", "CREATE DATABASE one");

    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let authority = tls("ca.pem").to_str().unwrap().to_owned();
    let at = |place: &str, settings: &str| format!("postgres://store:{PASSWORD}@{place}:{port}/one?{settings}");
    for (database, why) in [
        (at("localhost", "sslmode=verify-full"), "an authority that only the office knows"),
        (at("127.0.0.1", &format!("sslmode=verify-full&sslrootcert={authority}")), "the name of another"),
        (at("localhost", "sslmode=disable"), "it talks to nobody in the clear"),
        (at("localhost", "sslmode=require").replace("word", "wrong"), "another password"),
        (at("localhost", "").replace("/one?", "/none?"), "no such database"),
    ] {
        let refused = init(&dir, &database);
        assert_eq!(class(&refused), "database/unreachable", "{why}");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains(&format!("{port}/")) && !said.contains("p%40ss") && !said.contains("p@ss"), "{said}");
        assert!(!dir.exists(), "{why}");
    }
    let made = init(&dir, &at("localhost", &format!("sslmode=verify-full&sslrootcert={authority}")));
    assert!(made.status.success(), "{made:?}");
}
