//! People, tokens and the record, as an operator types them.

use std::path::Path;

use crate::process::{init, store};

/// What a command prints, if it does as it is told.
fn says(arguments: &[&str]) -> String {
    let output = store(arguments);
    assert!(output.status.success(), "{arguments:?} {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn refuses(arguments: &[&str]) -> (i32, String) {
    let output = store(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let class = said.split_once("error[").and_then(|(_, rest)| Some(rest.split_once(']')?.0.to_owned()));
    (output.status.code().unwrap(), class.unwrap_or(said))
}

#[test]
fn people_come_change_and_go_and_the_record_tells() {
    let folder = tempfile::tempdir().unwrap();
    let dir = init(folder.path());
    let person = |what: &str, more: &[&str]| {
        [&["admin", "person", what, "--dir", &dir], more].concat().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let run = |arguments: Vec<String>| says(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let fails = |arguments: Vec<String>| refuses(&arguments.iter().map(String::as_str).collect::<Vec<_>>());

    let address = run(person("invite", &["--name", "Ana", "--role", "administrator"]));
    assert!(address.contains("/join?invitation=gst_"), "{address}");
    let taken = fails(person("invite", &["--name", "Ana", "--role", "auditor"]));
    assert_eq!(taken, (1, "person/name-taken".to_owned()));
    assert_eq!(fails(person("add", &["--name", "Rui", "--role", "lead"])), (1, "person/department".to_owned()));
    assert_eq!(fails(person("add", &["--name", " ", "--role", "auditor"])), (1, "person/name".to_owned()));
    assert_eq!(fails(person("invite", &["--name", "X", "--role", "auditor", "--days", "31"])).0, 64);
    run(person("add", &["--name", "Rui", "--role", "operator"]));
    assert_eq!(run(person("role", &["--name", "Rui", "--role", "auditor"])), "Rui is an auditor now");
    assert_eq!(fails(person("role", &["--name", "Eva", "--role", "auditor"])), (1, "person/not-found".to_owned()));

    let token = |what: &str, more: &[&str]| says(&[&["admin", "token", what, "--dir", &dir], more].concat());
    let secret = token("add", &["--name", "Rui", "--for", "export", "--may", "audit", "read"]);
    assert!(secret.starts_with("gst_"));
    let list = token("list", &["--name", "Rui"]);
    let (id, rest) = list.split_once('\t').unwrap();
    assert!(rest.starts_with("export\taudit read\t20"), "{list}");
    assert_eq!(token("revoke", &["--id", id]), "the token for `export` is no more");
    assert_eq!(refuses(&["admin", "token", "revoke", "--dir", &dir, "--id", id]), (1, "token/not-found".to_owned()));
    let submit = ["admin", "token", "add", "--dir", &dir, "--name", "Rui", "--for", "x", "--may", "submit"];
    assert_eq!(refuses(&submit), (1, "access/role".to_owned()));

    let settings = folder.path().join("organisation.json");
    std::fs::write(&settings, r#"{"issuer":"https://id.example","client_id":"g","name":{"en":"Staff","zh":"员工"}}"#)
        .unwrap();
    let rui = ["--name", "Rui"];
    let link = |name, subject| ["--name", name, "--subject", subject, "--organisation", settings.to_str().unwrap()];
    assert_eq!(fails(person("identity", &rui)), (1, "organisation/no-account".to_owned()));
    assert_eq!(fails(person("unlink", &rui)), (1, "organisation/not-linked".to_owned()));
    assert_eq!(fails(person("link", &link("Rui", "a b"))), (1, "organisation/subject".to_owned()));
    assert_eq!(fails(person("link", &link("Eva", "12"))), (1, "person/not-found".to_owned()));
    assert_eq!(fails(person("link", &[&rui[..], &["--subject", "12"]].concat())).0, 64);
    insta::assert_snapshot!(run(person("link", &link("Rui", "2482"))), @"Rui signs in as `2482` at https://id.example now");
    assert_eq!(fails(person("link", &link("Rui", "2482"))), (1, "organisation/linked-already".to_owned()));
    insta::assert_snapshot!(run(person("link", &link("Rui", "2483"))), @"Rui signs in as `2483` at https://id.example now");
    assert_eq!(run(person("identity", &rui)), "https://id.example\t2483");
    insta::assert_snapshot!(run(person("unlink", &rui)), @"Rui is linked to no account of the organisation any more");
    assert_eq!(fails(person("identity", &rui)), (1, "organisation/no-account".to_owned()));

    run(person("leave", &["--name", "Rui"]));
    assert_eq!(fails(person("link", &link("Rui", "2482"))), (1, "person/not-found".to_owned()));
    let list = run(person("list", &[]));
    let fields: Vec<_> = list.split('\t').collect();
    assert_eq!((fields[0], fields[1], fields[2]), ("Rui", "auditor", "-"), "{list}");
    assert_ne!(fields[4], "-", "when they left");

    let export = folder.path().join("audit.jsonl");
    let out = export.to_str().unwrap();
    says(&["audit", "export", "--dir", &dir, "--out", out]);
    let lines = std::fs::read_to_string(&export).unwrap();
    assert_eq!(lines.trim_end(), says(&["audit", "export", "--dir", &dir]));
    let deeds: Vec<_> =
        lines.lines().map(|line| line.split("\"deed\":\"").nth(1).unwrap().split('"').next().unwrap()).collect();
    assert_eq!(
        deeds,
        [
            "person.invite",
            "person.add",
            "person.role",
            "token.make",
            "token.revoke",
            "identity.link",
            "identity.link",
            "identity.unlink",
            "person.leave"
        ]
    );
    assert!(!lines.contains("gst_"), "no secret is in it");
    assert_eq!(says(&["audit", "verify-file", out]), "9 entries are whole");
    assert!(says(&["audit", "verify", "--dir", &dir]).starts_with("9 entries are whole"));
    std::fs::write(&export, lines.replacen("Rui", "Eva", 1)).unwrap();
    assert_eq!(refuses(&["audit", "verify-file", out]), (2, "audit/broken".to_owned()));
    assert!(Path::new(out).exists());
    assert_eq!(
        store(&["audit", "export", "--dir", &dir, "--out", out]).status.code(),
        Some(1),
        "nothing is overwritten"
    );
}
