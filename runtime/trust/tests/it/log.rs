//! The log's formats from outside: golden bytes, and what Go's public log library makes of ours and we of its.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use guichet_trust::{
    Refusal,
    digest::Digest,
    log::{
        AddCheckpoint, Checkpoint, Frontier, LogProof, LogSigner, Policy, Quorum, SignedNote, Tile, TileReader,
        WitnessSigner, append_entry, consistency_proof, entries, entries_path, inclusion_proof, leaf_hash, root,
        tiles_of, verify_consistency, verify_inclusion,
    },
    sign::SecretKey,
};
use serde_json::{Value, json};

const SIZE: u64 = 300;
const TIME: u64 = 1_767_225_600;

fn leaf(number: u64) -> Vec<u8> {
    format!("leaf {number}").into_bytes()
}

fn log() -> LogSigner {
    LogSigner::new("log.example/guichet", SecretKey::generate([0x21; 32])).unwrap()
}

fn witnesses() -> Vec<WitnessSigner> {
    let witness = |number| WitnessSigner::new(&format!("w{number}.example"), SecretKey::generate([number; 32]));
    (0x31..0x34).map(|number| witness(number).unwrap()).collect()
}

fn policy() -> Policy {
    let keys = witnesses().iter().map(|witness| witness.key().clone()).collect();
    Policy::new(log().key().clone(), keys, Quorum::majority(3)).unwrap()
}

fn node(level: u8, index: u64) -> Result<Digest, Refusal> {
    let mut part = Frontier::new();
    (index << level..(index + 1) << level).for_each(|number| part.append(leaf_hash(&leaf(number))));
    Ok(part.root())
}

fn tile(tile: Tile) -> Vec<u8> {
    let first = tile.index * 256;
    (first..first + u64::from(tile.width))
        .flat_map(|number| *node(8 * tile.level, number).unwrap().as_bytes())
        .collect()
}

fn note(size: u64) -> SignedNote {
    let mut note = log().sign(size, root(size, &mut node).unwrap());
    for (witness, time) in witnesses().iter().zip(TIME..) {
        let cosignature = witness.cosign(&note, time).unwrap();
        note.add(cosignature);
    }
    note
}

fn proof(index: u64) -> LogProof {
    LogProof { leaf: leaf(index), index, path: inclusion_proof(index, SIZE, &mut node).unwrap(), note: note(SIZE) }
}

fn vectors() -> BTreeMap<String, Vec<u8>> {
    let keys: Vec<_> = policy().witnesses().iter().map(ToString::to_string).collect();
    let policy = json!({"key": log().key().to_string(), "witnesses": keys, "policy": policy().quorum().to_text()});
    let request = AddCheckpoint {
        old: 256,
        path: consistency_proof(256, SIZE, &mut node).unwrap(),
        note: log().sign(SIZE, root(SIZE, &mut node).unwrap()),
    };
    let mut files = BTreeMap::from([
        ("policy.json".to_owned(), format!("{policy:#}\n").into_bytes()),
        ("checkpoint".to_owned(), note(SIZE).to_text().into_bytes()),
        ("273.tlog-proof".to_owned(), proof(273).to_text().into_bytes()),
        ("add-checkpoint".to_owned(), request.to_text().into_bytes()),
    ]);
    for of in tiles_of(0, SIZE) {
        files.insert(of.path(), tile(of));
        if of.level == 0 {
            let first = of.index * 256;
            let mut bundle = Vec::new();
            (first..first + u64::from(of.width)).for_each(|number| append_entry(&mut bundle, &leaf(number)).unwrap());
            files.insert(entries_path(of.index, of.width), bundle);
        }
    }
    files
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/formats/v1/log"))
}

#[test]
fn the_bytes_of_the_log_stay_as_they_are() {
    for (name, bytes) in vectors() {
        let path = folder().join(&name);
        if std::env::var_os("GUICHET_WRITE_VECTORS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        assert!(fs::read(&path).unwrap() == bytes, "{name} is not what it was");
    }
}

#[test]
fn the_golden_log_is_read_and_believed() {
    let read = |name: &str| fs::read(folder().join(name)).unwrap();
    let policy: Value = serde_json::from_slice(&read("policy.json")).unwrap();
    let witnesses: Vec<String> = serde_json::from_value(policy["witnesses"].clone()).unwrap();
    let policy =
        Policy::parse(policy["key"].as_str().unwrap(), &witnesses, policy["policy"].as_str().unwrap()).unwrap();
    let head = policy.open(&SignedNote::parse(&read("checkpoint")).unwrap()).unwrap();
    assert_eq!((head.checkpoint.size, head.time), (SIZE, TIME + 2));

    let proof = LogProof::parse(&read("273.tlog-proof")).unwrap();
    assert_eq!(proof.verify(&policy).unwrap(), head);
    assert_eq!((proof.index, proof.leaf), (273, leaf(273)));

    let mut reader = TileReader::new(SIZE, |tile| -> Result<_, Refusal> { Ok(read(&tile.path())) });
    assert_eq!(root(SIZE, &mut |level, index| reader.node(level, index)).unwrap(), head.checkpoint.root);
    let mut tree = Frontier::new();
    for (index, width) in [(0, 256), (1, 44)] {
        let bundle = read(&entries_path(index, width));
        entries(&bundle, width).unwrap().iter().for_each(|leaf| tree.append(leaf_hash(leaf)));
    }
    assert_eq!((tree.size(), tree.root()), (SIZE, head.checkpoint.root));

    let request = AddCheckpoint::parse(&read("add-checkpoint")).unwrap();
    let old = root(256, &mut node).unwrap();
    verify_consistency((256, &old), (SIZE, &head.checkpoint.root), &request.path).unwrap();
}

/// Go's own library, as the Go toolchain carries it, asked about our bytes and for its own.
const ORACLE: &str = include_str!("log/oracle.go");

#[test]
#[ignore = "needs a Go toolchain; run by cargo xtask test --full"]
fn go_and_we_agree_on_every_byte() {
    let goroot = PathBuf::from(std::env::var("GUICHET_GOROOT").unwrap());
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("log-oracle");
    let library = goroot.join("src/cmd/vendor/golang.org/x/mod/sumdb");
    for package in ["note", "tlog"] {
        fs::create_dir_all(work.join(package)).unwrap();
        for entry in fs::read_dir(library.join(package)).unwrap() {
            let from = entry.unwrap().path();
            fs::copy(&from, work.join(package).join(from.file_name().unwrap())).unwrap();
        }
    }
    fs::write(work.join("go.mod"), "module oracle\n\ngo 1.22\n").unwrap();
    fs::write(work.join("main.go"), ORACLE).unwrap();
    let go = |arguments: &[&str]| {
        let mut command = Command::new(goroot.join("bin/go"));
        command.args(arguments).current_dir(&work).env("GOROOT", &goroot).env("GOCACHE", work.join("cache"));
        command.envs([("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("GOFLAGS", "-mod=mod"), ("CGO_ENABLED", "0")]);
        command
    };
    assert!(go(&["build", "-o", "oracle", "."]).status().unwrap().success());

    let sizes = [1_u64, 2, 3, 7, 8, 255, 256, 257, 300, 511, 513, 1_000];
    let indexes = |size: u64| [0, size / 3, size / 2, size - 1];
    let base64 = |hashes: &[Digest]| hashes.iter().map(ToString::to_string).collect::<Vec<_>>();
    let ours: Vec<_> = sizes
        .iter()
        .map(|&size| {
            let old = (size / 2).max(1);
            let inclusions: Vec<_> = indexes(size)
                .iter()
                .map(
                    |&index| json!({"index": index, "path": base64(&inclusion_proof(index, size, &mut node).unwrap())}),
                )
                .collect();
            let tiles: BTreeMap<_, _> = tiles_of(0, size).map(|of| (of.path(), hex(&tile(of)))).collect();
            json!({"size": size, "note": note(size).to_text(), "old": old, "tiles": tiles, "inclusions": inclusions,
                "consistency": base64(&consistency_proof(old, size, &mut node).unwrap())})
        })
        .collect();
    let keys: Vec<_> = witnesses().iter().map(|witness| witness.key().to_string()).collect();
    let asked = json!({"seed": hex(&[0x21; 32]), "key": log().key().to_string(), "witnesses": keys, "trees": ours});
    let mut child = Command::new(work.join("oracle")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "Go does not agree: its reason stands above");

    // What Go made of the same leaves and the same key, read by us.
    let theirs: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(theirs.len(), sizes.len());
    for (tree, &size) in theirs.iter().zip(&sizes) {
        let text = tree["note"].as_str().unwrap();
        assert_eq!(text, log().sign(size, root(size, &mut node).unwrap()).to_text(), "the same note to the last byte");
        let checkpoint = policy().of_the_log(&SignedNote::parse(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(checkpoint, Checkpoint { size, ..checkpoint.clone() });
        let path = |value: &Value| -> Vec<Digest> { serde_json::from_value(value.clone()).unwrap() };
        for inclusion in tree["inclusions"].as_array().unwrap() {
            let (index, path) = (inclusion["index"].as_u64().unwrap(), path(&inclusion["path"]));
            verify_inclusion(&leaf_hash(&leaf(index)), index, size, &path, &checkpoint.root).unwrap();
        }
        let old = tree["old"].as_u64().unwrap();
        let old_root = root(old, &mut node).unwrap();
        verify_consistency((old, &old_root), (size, &checkpoint.root), &path(&tree["consistency"])).unwrap();
        let tiles: BTreeMap<String, String> = serde_json::from_value(tree["tiles"].clone()).unwrap();
        assert_eq!(tiles, tiles_of(0, size).map(|of| (of.path(), hex(&tile(of)))).collect());
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
