//! Packages of other tools: taken over with a word about each change, or refused with nothing written.

use std::io::Write as _;

use flate2::{Compression, write::DeflateEncoder};

use crate::program::Desk;

/// A compressed archive as other tools write them: a folder first, then the files as they come.
fn foreign(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes) in files {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        let (method, packed) = if bytes.is_empty() { (0, Vec::new()) } else { (8_u16, encoder.finish().unwrap()) };
        let mut common = [20, 0, method, 0x6000, 0x5a21].map(u16::to_le_bytes).concat();
        let numbers = [crc32fast::hash(bytes), packed.len() as u32, bytes.len() as u32];
        common.extend(numbers.map(u32::to_le_bytes).concat());
        common.extend([name.len() as u16, 0].map(u16::to_le_bytes).concat());
        let offset = out.len() as u32;
        out.extend([b"PK\x03\x04", &common[..], name.as_bytes(), &packed].concat());
        directory
            .extend([b"PK\x01\x02\x14\x00", &common[..], &[0; 10], &offset.to_le_bytes(), name.as_bytes()].concat());
    }
    let count = files.len() as u16;
    let end = [[0, 0, count, count].map(u16::to_le_bytes).concat(), (directory.len() as u32).to_le_bytes().to_vec()];
    let offset = (out.len() as u32).to_le_bytes();
    [&out, &directory, &b"PK\x05\x06"[..], &end.concat(), &offset, &[0; 2]].concat()
}

const MANIFEST: &str = r#"{"app_id": "gov.example.repairs", "name": "Repairs", "icons": [{"src": "common/icon.svg"}],
"pages": ["pages/home"], "platform_version": {"min_code": 1}, "version": {"code": 1, "name": "1.0.0"}}"#;

fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("manifest.json", MANIFEST.into()),
        ("app.js", b"export default {};\n".to_vec()),
        ("app.css", Vec::new()),
        ("common/", Vec::new()),
        ("common/icon.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n".to_vec()),
        ("pages/home.html", b"<h1>Home</h1>\n".to_vec()),
    ]
}

#[test]
fn a_compressed_package_is_written_anew_and_each_change_is_said() {
    let desk = Desk::new();
    desk.write("theirs.ma", foreign(&files()));
    insta::assert_snapshot!(desk.run(&["import", "theirs.ma"]), @r"
    exit: 0
    ----- stdout
    package  theirs.imported.ma
    app      gov.example.repairs 1.0.0 (1)
    digest   [DIGEST]
    size [SIZE]
    ----- stderr
    the entries are sorted by name now
    app.js was compressed (21 B) and is stored now (19 B)
    common/icon.svg was compressed (47 B) and is stored now (42 B)
    manifest.json was compressed (132 B) and is stored now (194 B)
    pages/home.html was compressed (14 B) and is stored now (14 B)
    the entry for the folder common/ was left out
    not sealed yet; next: guichet seal --key KEY theirs.imported.ma
    ");
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "import", "theirs.ma", "-o", "zh.ma"]), @r"
    exit: 0
    ----- stdout
    软件包  zh.ma
    应用    gov.example.repairs 1.0.0 (1)
    摘要    [DIGEST]
    大小 [SIZE]
    ----- stderr
    条目现在按名字排序
    app.js 原来是压缩的（21 B），现在原样存放（19 B）
    common/icon.svg 原来是压缩的（47 B），现在原样存放（42 B）
    manifest.json 原来是压缩的（132 B），现在原样存放（194 B）
    pages/home.html 原来是压缩的（14 B），现在原样存放（14 B）
    去掉了文件夹 common/ 的条目
    还没有封签；下一步：guichet seal --key KEY zh.ma
    ");
    assert_eq!(desk.bytes("theirs.imported.ma"), desk.bytes("zh.ma"));
    for (name, bytes) in files().into_iter().filter(|(name, _)| !name.ends_with('/')) {
        desk.write(&format!("app/{name}"), bytes);
    }
    desk.ok(&["build", "app", "-o", "built.ma"]);
    assert_eq!(desk.bytes("built.ma"), desk.bytes("zh.ma"));
    let kinds = desk.json(&["import", "theirs.ma"])["changes"].as_array().unwrap().len();
    assert_eq!(kinds, 6);
}

#[test]
fn a_package_of_ours_only_loses_its_signing_block() {
    let desk = Desk::with_package();
    let changes = desk.json(&["import", "app.ma"])["changes"].clone();
    assert_eq!(changes[0]["kind"], "signing_block_dropped");
    assert_eq!(changes.as_array().unwrap().len(), 1);
    desk.ok(&["seal", "app.imported.ma", "--key", "publisher.key"]);
    assert_eq!(desk.bytes("app.imported.ma"), desk.bytes("app.ma"));
}

#[test]
fn a_hostile_archive_is_refused_and_nothing_is_written() {
    let desk = Desk::new();
    let refused = |more: (&'static str, Vec<u8>)| {
        desk.write("theirs.ma", foreign(&[files(), vec![more]].concat()));
        let said = desk.run(&["import", "theirs.ma"]);
        assert!(!desk.path("theirs.imported.ma").exists());
        said
    };
    insta::assert_snapshot!(refused(("bomb.bin", vec![0; 8 << 20])), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[container/ratio]: an entry unpacks to more than 200 times its packed size
      --> theirs.ma: bomb.bin
      hint: ask whoever sent it; if the file is meant, leave it out and let the app make it
    ");
    insta::assert_snapshot!(refused(("app.js", Vec::new())), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[container/duplicate-entry]: two entries have the same name
      --> theirs.ma: app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    ");
    let class = |more| refused(more).split(['[', ']']).nth(1).unwrap().to_owned();
    assert_eq!(class(("../evil.js", Vec::new())), "path/dot-segment");
    assert_eq!(class(("APP.js", Vec::new())), "path/collision");
    assert_eq!(class(("more/", b"x".to_vec())), "container/folder-entry");
    let mut trailing = foreign(&files());
    trailing.push(0);
    desk.write("theirs.ma", trailing);
    let output = desk.command(&["--json", "import", "theirs.ma"]).output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &said["class"]), (Some(2), &"container/trailing-bytes".into()));
}
