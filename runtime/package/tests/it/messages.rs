//! What people read: the whole text of every refusal, in the form programs print it.

use std::collections::BTreeSet;

use guichet_contract::Permission;
use guichet_package::{
    ContentsRefusal, DocumentFault, DocumentRefusal, Finding, LayoutRefusal, Limits, PackageDraft, Refusal,
    ReleaseDocument, SealRefusal,
    container::{ContainerFault, ContainerRefusal},
    manifest::{ManifestFault, ManifestRefusal},
    path::{PathFault, PathRefusal},
    release::ReleaseRefusal,
};

use crate::support::{
    Files, MANIFEST, draft, files, files_with_manifest, key, keys, open, path, sealed, with_component, without,
};

fn printed(refusal: &Refusal) -> String {
    let place = refusal.place().map(|place| format!("\n  --> {place}")).unwrap_or_default();
    format!("error[{}]: {}{place}\n  hint: {}", refusal.class(), refusal.what(), refusal.hint())
}

/// All of one kind: each class is two words, and no two refusals share one.
fn printed_all(refusals: impl IntoIterator<Item = Refusal>) -> String {
    let mut classes = BTreeSet::new();
    let mut all = Vec::new();
    for refusal in refusals {
        let is_word = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        assert_eq!(refusal.class().split('/').filter(|part| is_word(part)).count(), 2, "{}", refusal.class());
        assert!(classes.insert(refusal.class()), "{}", refusal.class());
        all.push(printed(&refusal));
    }
    all.join("\n")
}

fn refused(files: Files) -> String {
    printed(&draft(files).unwrap_err())
}

fn refused_manifest(from: &str, to: &str) -> String {
    assert!(MANIFEST.contains(from));
    refused(files_with_manifest(&MANIFEST.replace(from, to)))
}

#[test]
fn an_author_is_told_what_is_missing() {
    insta::assert_snapshot!(refused(without("manifest.json")), @r#"
    error[manifest/missing]: the package has no manifest.json
      hint: put manifest.json into the package's root folder; `guichet new` shows one
    "#);
    insta::assert_snapshot!(refused(without("app.js")), @r#"
    error[layout/missing-file]: the package has no app.js
      hint: add app.js to the root folder; it may be empty
    "#);
    insta::assert_snapshot!(refused(without("pages/form.html")), @r#"
    error[layout/missing-page]: the page `pages/form.html` is named and is not there
      --> manifest.json#/pages/1
      hint: add pages/form.html, or take the page out of the manifest
    "#);
    insta::assert_snapshot!(refused_manifest(r#""glaze": "indigo""#, r#""logic": "logic.wasm""#), @r#"
    error[layout/missing-logic]: the component `logic.wasm` is named and is not there
      --> manifest.json#/guichet/logic
      hint: build the component first, or correct the manifest
    "#);
    insta::assert_snapshot!(printed(&draft(with_component("run();\n")).unwrap_err()), @r#"
    error[layout/two-logics]: the component `logic.wasm` is the logic, and app.js has content too
      --> app.js
      hint: empty app.js but keep the file, or take `logic` out of the manifest
    "#);
}

#[test]
fn a_build_remarks_on_what_a_loader_puts_up_with() {
    let remarks = |files: Files| {
        let findings = draft(files).unwrap().findings();
        let said = |finding: &Finding| {
            let weight = if finding.is_refused() { "" } else { "advice: " };
            format!("{weight}{}", printed(&finding.clone().into()))
        };
        findings.iter().map(said).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(remarks(files()), "");
    insta::assert_snapshot!(remarks(without("common/icon.svg")), @r#"
    error[check/missing-icon]: the icon `common/icon.svg` is named and is not there
      --> manifest.json#/icons/0/src
      hint: add common/icon.svg, or correct the manifest
    "#);
    let mut more = files();
    for (name, text) in [("i18n/zh-Hans.json", "[]"), ("i18n/chinese!.json", "{}"), ("notes/draft.txt", "x")] {
        more.insert(path(name), text.into());
    }
    insta::assert_snapshot!(remarks(more), @r#"
    error[check/language-tag]: the localization resource is not named by a language
      --> i18n/chinese!.json
      hint: name it by a BCP 47 tag, such as i18n/zh-Hans.json
    error[check/localization]: the localization resource cannot be read: it is not an object of texts
      --> i18n/zh-Hans.json
      hint: write an object of texts, nested at will
    advice: error[check/unreferenced]: the file is neither declared nor referenced, so no host reads it
      --> notes/draft.txt
      hint: leave it out, name it where it is used, or put it into common/
    "#);
    let asks = |scope: &str| {
        let asks = format!(r#"{{"name": "host:network", "reason": "Asks.", "scope": {scope}}}"#);
        let held = r#"{"name": "host:storage", "reason": "Keeps your draft."}"#;
        remarks(files_with_manifest(&MANIFEST.replace(held, &asks)))
    };
    assert_eq!(asks(r#"{"domains": ["data.example.gov", "a.example:8443"]}"#), "");
    insta::assert_snapshot!(asks("{}"), @r#"
    error[check/scope]: nothing can be granted for `host:network`: it lists no `domains`
      --> manifest.json#/req_permissions/0
      hint: list the hosts by name: "scope": {"domains": ["data.example.gov"]}
    "#);
    insta::assert_snapshot!(asks(r#"{"domains": ["a.example", "*.example"]}"#), @r#"
    error[check/scope]: nothing can be granted for `host:network`: `*.example` is not the name of a host such as data.example.gov, in lower case, without a wildcard
      --> manifest.json#/req_permissions/0
      hint: list the hosts by name: "scope": {"domains": ["data.example.gov"]}
    "#);
    let old = MANIFEST.replace("1.2.0", "1.2").replace(r#"{"min_code": 1}"#, r#"{"min_code": 1, "target_code": 0}"#);
    insta::assert_snapshot!(remarks(files_with_manifest(&old)), @r#"
    advice: error[check/version-name]: `1.2` is not a version such as 1.2.0
      --> manifest.json#/version/name
      hint: write three numbers joined by dots (semver.org)
    advice: error[check/target-code]: the app is made for platform 0 but needs 1
      --> manifest.json#/platform_version/target_code
      hint: raise target_code to min_code at least, or leave it out
    "#);
}

#[test]
fn an_author_is_told_what_the_manifest_lacks() {
    insta::assert_snapshot!(refused_manifest("\"lang\": \"en\",", "\"lang\": en,"), @r#"
    error[manifest/not-json]: the manifest is not JSON: expected value at line 5 column 11
      --> manifest.json
      hint: correct the JSON at that line
    "#);
    insta::assert_snapshot!(refused(files_with_manifest("[]")), @r#"
    error[manifest/not-an-object]: the manifest is JSON, but not an object
      --> manifest.json
      hint: begin it with { and end it with }
    "#);
    insta::assert_snapshot!(refused_manifest("\"lang\": \"en\"", "\"name\": \"Twice\""), @r#"
    error[manifest/duplicate-member]: the manifest is ambiguous: two members are named `name` at line 5 column 8
      --> manifest.json
      hint: keep one of the two members
    "#);
    insta::assert_snapshot!(refused_manifest("\"name\": \"Residence permit\",", ""), @r#"
    error[manifest/missing-member]: the manifest has no `name`
      --> manifest.json#/name
      hint: add `name`; MiniApp Manifest requires it
    "#);
    insta::assert_snapshot!(refused_manifest("\"code\": 3", "\"code\": \"3\""), @r#"
    error[manifest/wrong-type]: `version.code` is not a number
      --> manifest.json#/version/code
      hint: write a number there
    "#);
    insta::assert_snapshot!(refused_manifest("\"code\": 3", "\"code\": 3.5"), @r#"
    error[manifest/out-of-range]: `version.code` is not a whole number from 1 to 4294967295
      --> manifest.json#/version/code
      hint: write a whole number from 1 to 4294967295 there
    "#);
    insta::assert_snapshot!(refused_manifest("\"gov.example.residence.permit\"", "\"Permit\""), @r#"
    error[manifest/app-id]: `Permit` cannot be an app id here
      --> manifest.json#/app_id
      hint: write two or more labels of a-z, 0-9 and -, each beginning with a letter, joined by dots, such as gov.example.residence
    "#);
    insta::assert_snapshot!(refused_manifest("common/icon.svg", "https://a.example/icon.svg"), @r#"
    error[manifest/no-icons]: no item of `icons` names an image of the package
      --> manifest.json#/icons
      hint: add an icon: "icons": [{"src": "common/icon.svg"}]
    "#);
    insta::assert_snapshot!(refused_manifest("[\"pages/home\", \"pages/form\"]", "[]"), @r#"
    error[manifest/no-pages]: no item of `pages` names a page of the package
      --> manifest.json#/pages
      hint: add a page: "pages": ["pages/home"]
    "#);
    let newer: Refusal = draft(files()).unwrap().manifest().check_platform(0).unwrap_err().into();
    insta::assert_snapshot!(printed(&newer), @r#"
    error[manifest/platform]: the app is made for platform 1, and this one is 0
      --> manifest.json#/platform_version/min_code
      hint: update Guichet on this terminal, or ask the department for a version for this platform
    "#);
    insta::assert_snapshot!(refused_manifest("\"indigo\"", "\"red\""), @r#"
    error[manifest/extension]: `guichet.glaze` is not one of celadon, indigo, plum, ochre, persimmon, moss, rose and slate
      --> manifest.json#/guichet/glaze
      hint: write one of celadon, indigo, plum, ochre, persimmon, moss, rose and slate there, or leave it out
    "#);
    let tight = Limits { manifest_bytes: 100, ..Limits::default() };
    insta::assert_snapshot!(printed(&PackageDraft::new(files(), &tight).unwrap_err()), @r#"
    error[manifest/too-large]: the manifest is larger than 100 bytes
      --> manifest.json
      hint: keep long texts in i18n/ and images in common/
    "#);
}

#[test]
fn what_was_ignored_is_said() {
    let manifest =
        MANIFEST.replace("\"lang\": \"en\"", "\"lang\": \"?\", \"window\": {\"fullscreen\": \"yes\"}, \"theme\": 1");
    let draft = draft(files_with_manifest(&manifest)).unwrap();
    let notes: Vec<String> = draft.notes().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(notes.join("\n"), @r#"
    /theme: ignored, because it is not a member we know
    /lang: ignored, because it is not a BCP 47 language tag
    /window/fullscreen: ignored, because it is not true or false
    "#);
}

#[test]
fn every_path_fault_has_words() {
    let other = || "Pages/home.html".to_owned();
    let faults = [
        PathFault::Empty,
        PathFault::Absolute,
        PathFault::DotSegment,
        PathFault::ForbiddenCharacter('\\'),
        PathFault::InvisibleCharacter('\u{202e}'),
        PathFault::LookalikeSeparator('\u{ff0f}'),
        PathFault::NotNormalized,
        PathFault::TrailingDotOrSpace,
        PathFault::ReservedName,
        PathFault::NameTooLong,
        PathFault::TooDeep,
        PathFault::Collision(other()),
        PathFault::FileAndFolder(other()),
    ];
    let all = faults.map(|fault| PathRefusal { path: "pages/home.html".to_owned(), fault }.into());
    insta::assert_snapshot!(printed_all(all), @r#"
    error[path/empty]: `pages/home.html` has an empty name in it
      hint: write the path as in pages/home.html
    error[path/absolute]: `pages/home.html` begins with `/`
      hint: write the path relative to the package's root
    error[path/dot-segment]: `pages/home.html` has `.` or `..` in it
      hint: write the path without dot segments
    error[path/forbidden-character]: `pages/home.html` has the character U+005C in it, which file names may not have
      hint: rename the file; W3C MiniApp Packaging lists the characters under File Names
    error[path/invisible-character]: `pages/home.html` has the invisible character U+202E in it
      hint: rename the file
    error[path/lookalike-separator]: `pages/home.html` has the character U+FF0F in it, which reads as `/` or `\`
      hint: rename the file
    error[path/not-normalized]: `pages/home.html` is not in Unicode Normalization Form C
      hint: rename the file; some systems store accents as separate characters
    error[path/trailing-dot-or-space]: `pages/home.html` has a name that ends with a dot or a space
      hint: rename the file
    error[path/reserved-name]: `pages/home.html` has a name that Windows takes for a device
      hint: rename the file
    error[path/name-too-long]: `pages/home.html` has a name of more than 255 bytes
      hint: shorten the name
    error[path/too-deep]: `pages/home.html` is more than 16 levels deep
      hint: use fewer folders
    error[path/collision]: `pages/home.html` is the same as `Pages/home.html` where case does not count
      hint: rename one of them: not every terminal tells them apart
    error[path/file-and-folder]: `pages/home.html` meets `Pages/home.html`, so that one name is both a file and a folder
      hint: rename one of them
    "#);
}

#[test]
fn every_container_fault_has_words() {
    use ContainerFault as F;
    let faults = vec![
        F::MediaType("text/html".to_owned()),
        F::NotAZip,
        F::Empty,
        F::Prefix,
        F::Truncated,
        F::TrailingBytes,
        F::Comment,
        F::Split,
        F::Zip64,
        F::DirectoryPosition,
        F::EntryCount,
        F::DirectoryDamaged,
        F::DuplicateEntry,
        F::NotSorted,
        F::Encrypted,
        F::DataDescriptor,
        F::Compressed,
        F::Method(93),
        F::SizeMismatch,
        F::Deflate,
        F::Ratio { most: 200 },
        F::Feature("is a device, a pipe or a socket"),
        F::ExtraField,
        F::UnicodePath,
        F::SymbolicLink,
        F::FolderEntry,
        F::NameEncoding,
        F::Overlap,
        F::HiddenBytes,
        F::LocalName,
        F::LocalSize,
        F::LocalChecksum,
        F::LocalHeader,
        F::Checksum,
        F::SigningBlock("a pair is cut off"),
        F::NoSigningBlock,
        F::NotCanonical,
        F::TooLarge { most: 9 },
        F::FileTooLarge { most: 9 },
        F::FilesTooLarge { most: 9 },
        F::TooManyFiles { most: 9 },
    ];
    let refusals = faults.into_iter().map(|fault| ContainerRefusal { place: Some("app.js".to_owned()), fault });
    insta::assert_snapshot!(printed_all(refusals.map(Refusal::from)), @r#"
    error[container/media-type]: the server says that it is `text/html`, not a MiniApp package
      --> app.js
      hint: see that the address is right; if it is, tell the store's operator that packages are application/miniapp-pkg+zip
    error[container/not-a-zip]: the file is not a MiniApp package
      --> app.js
      hint: choose a .ma file
    error[container/empty]: the package has no files
      --> app.js
      hint: build the package again with `guichet build`
    error[container/prefix]: something stands before the archive
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/truncated]: the package ends too early
      --> app.js
      hint: fetch the package again; if it stays so, ask its publisher
    error[container/trailing-bytes]: something stands after the archive's end
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/comment]: the archive has a comment
      --> app.js
      hint: build the package again with `guichet build`
    error[container/split]: the archive is one part of several
      --> app.js
      hint: build the package again with `guichet build`
    error[container/zip64]: the archive uses 64-bit fields, which no package needs
      --> app.js
      hint: build the package again with `guichet build`
    error[container/directory-position]: the archive's directory does not lie where its end says
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/entry-count]: the archive has another number of entries than it says
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/directory-damaged]: the archive's directory cannot be read
      --> app.js
      hint: fetch the package again; if it stays so, ask its publisher
    error[container/duplicate-entry]: two entries have the same name
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/not-sorted]: the entries are not sorted by name
      --> app.js
      hint: build the package again with `guichet build`
    error[container/encrypted]: an entry is encrypted
      --> app.js
      hint: build the package again with `guichet build`
    error[container/data-descriptor]: an entry gives its size after its bytes
      --> app.js
      hint: build the package again with `guichet build`
    error[container/compressed]: an entry is compressed, which sealed packages never are
      --> app.js
      hint: this is a package of another tool; `guichet import` takes it over, `guichet build` makes one from its sources
    error[container/method]: an entry is packed by method 93, which MiniApp Packaging does not know
      --> app.js
      hint: build the package again with `guichet build`
    error[container/size-mismatch]: an entry has two sizes
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/deflate]: an entry's compressed bytes do not unpack to one file
      --> app.js
      hint: fetch the package again; if it stays so, ask its publisher
    error[container/ratio]: an entry unpacks to more than 200 times its packed size
      --> app.js
      hint: ask whoever sent it; if the file is meant, leave it out and let the app make it
    error[container/feature]: an entry is a device, a pipe or a socket
      --> app.js
      hint: build the package again with `guichet build`
    error[container/extra-field]: an entry has an extra field
      --> app.js
      hint: build the package again with `guichet build`
    error[container/unicode-path]: an extra field gives an entry a second name
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/symbolic-link]: an entry is a symbolic link
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/folder-entry]: an entry is a folder
      --> app.js
      hint: build the package again with `guichet build`
    error[container/name-encoding]: an entry's name is not marked and written as UTF-8
      --> app.js
      hint: build the package again with `guichet build`
    error[container/overlap]: two entries share bytes
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/hidden-bytes]: there are bytes that the directory does not list
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/local-name]: an entry has two names
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/local-size]: an entry's two headers give different sizes
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/local-checksum]: an entry's two headers give different checksums
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/local-header]: an entry's two headers differ
      --> app.js
      hint: do not open this file with other programs; ask whoever sent it, or build the package again with `guichet build`
    error[container/checksum]: the file's bytes are not those that were packed
      --> app.js
      hint: fetch the package again; if it stays so, ask its publisher
    error[container/signing-block]: the signing block cannot be read: a pair is cut off
      --> app.js
      hint: fetch the package again; if it stays so, ask its publisher
    error[container/no-signing-block]: the package has no statement of its contents
      --> app.js
      hint: it was made by another tool; `guichet import` takes it over, `guichet build` makes one from its sources
    error[container/not-canonical]: the archive is not written in the one form a package has
      --> app.js
      hint: build the package again with `guichet build`
    error[container/too-large]: the package is larger than 9 bytes
      --> app.js
      hint: leave out what the app does not need
    error[container/file-too-large]: the file is larger than 9 bytes
      --> app.js
      hint: make the file smaller, or serve it from the department's own server
    error[container/files-too-large]: the files together are larger than 9 bytes
      --> app.js
      hint: leave out what the app does not need
    error[container/too-many-files]: the package has more than 9 files
      --> app.js
      hint: join small files, and keep tools' folders such as node_modules out of the package
    "#);
}

#[test]
fn a_package_altered_by_one_byte_says_where() {
    let mut bytes = sealed().bytes().to_vec();
    let at = bytes.windows(4).position(|window| window == b"Home").unwrap();
    bytes[at] = b'h';
    insta::assert_snapshot!(printed(&open(bytes).unwrap_err()), @r#"
    error[container/checksum]: the file's bytes are not those that were packed
      --> pages/home.html
      hint: fetch the package again; if it stays so, ask its publisher
    "#);
}

#[test]
fn every_contents_refusal_has_words() {
    let name = || "pages/home.html".to_owned();
    let all = [
        ContentsRefusal::Altered { path: name() },
        ContentsRefusal::Missing { path: name() },
        ContentsRefusal::Unlisted { path: name() },
        ContentsRefusal::Disagrees { member: "permissions" },
    ];
    insta::assert_snapshot!(printed_all(all.map(Refusal::from)), @r#"
    error[contents/altered]: the file's bytes are not those that were sealed
      --> pages/home.html
      hint: fetch the package again; if it stays so, ask its publisher
    error[contents/missing-file]: a file that was sealed is not there
      --> pages/home.html
      hint: fetch the package again; if it stays so, ask its publisher
    error[contents/unlisted-file]: a file is there that was not sealed
      --> pages/home.html
      hint: fetch the package again; if it stays so, ask its publisher
    error[contents/disagrees]: the statement and the manifest differ in `permissions`
      --> permissions
      hint: build the package with `guichet build`, which writes the statement from the manifest
    "#);
}

#[test]
fn every_seal_refusal_has_words() {
    let unsealed = draft(files()).unwrap().unsealed().unwrap();
    insta::assert_snapshot!(printed(&unsealed.verify(&keys()).unwrap_err()), @r#"
    error[seal/missing]: the package is not sealed
      hint: seal it with your publisher key: guichet seal --key FILE PACKAGE
    "#);
    let mut none = keys();
    none.keys.clear();
    insta::assert_snapshot!(printed(&sealed().verify(&none).unwrap_err()), @r#"
    error[seal/unknown-publisher]: no key of the department `residence` sealed this package
      --> key bfe1a83869e5bf574e3ff3acbb83f840de84a990d10059f3096f0bf4f2b90c10
      hint: ask the security office to list the key: guichet-store keys publisher add
    "#);
    let mut revoked = keys();
    revoked.revoke(&key(7).public());
    insta::assert_snapshot!(printed(&sealed().verify(&revoked).unwrap_err()), @r#"
    error[seal/revoked-key]: the key that sealed this package was revoked
      --> key bfe1a83869e5bf574e3ff3acbb83f840de84a990d10059f3096f0bf4f2b90c10
      hint: seal the package again with a key that is listed, and publish it again
    "#);
    insta::assert_snapshot!(printed(&SealRefusal::BadSignature { key: key(7).public().id() }.into()), @r#"
    error[seal/bad-signature]: the seal was not made over these contents
      --> key bfe1a83869e5bf574e3ff3acbb83f840de84a990d10059f3096f0bf4f2b90c10
      hint: the package was altered after it was sealed: build and seal it again
    "#);
    let mut foreign = keys();
    foreign.prefixes = vec!["gov.example.tax".parse().unwrap(), "gov.example.toll".parse().unwrap()];
    insta::assert_snapshot!(printed(&sealed().verify(&foreign).unwrap_err()), @r#"
    error[seal/foreign-app-id]: the app id `gov.example.residence.permit` does not belong to the department `residence`
      --> app_id
      hint: use an app id under gov.example.tax or gov.example.toll
    "#);
}

#[test]
fn every_release_refusal_has_words() {
    let package = sealed().verify(&keys()).unwrap();
    let mut release = ReleaseDocument::of(&package, "stable".parse().unwrap(), 1);
    release.permissions.push(Permission::unlimited("host:print".parse().unwrap()));
    insta::assert_snapshot!(printed(&package.matches(&release).unwrap_err()), @r#"
    error[release/permission]: the release approves `host:print`, which the package does not ask for
      --> the release document's permissions
      hint: sign a release document that approves what the package asks for, or less
    "#);
    insta::assert_snapshot!(printed(&ReleaseRefusal::OtherPackage { member: "statement" }.into()), @r#"
    error[release/other-package]: this is not the package that was approved: `statement` differs
      --> the release document's statement
      hint: fetch the package again; if it stays so, ask the store's operator
    "#);
    insta::assert_snapshot!(printed(&ReleaseRefusal::OtherLeaf { member: "sequence" }.into()), @r#"
    error[log/other-release]: the log has another release than this in its place: `sequence` differs
      --> the leaf's sequence
      hint: this was not published for everybody to see: tell the store's operator and the security office
    "#);
}

#[test]
fn every_document_fault_has_words() {
    let faults = [
        DocumentFault::Json(guichet_trust::canonical::parse(b"{").unwrap_err()),
        DocumentFault::Format(2),
        DocumentFault::MustUnderstand("quota".to_owned()),
        DocumentFault::Invalid { member: "sequence", wanted: "above 0" },
        DocumentFault::TooLarge { most: 9 },
    ];
    let all = faults.map(|fault| DocumentRefusal { document: "the release document", fault }.into());
    insta::assert_snapshot!(printed_all(all), @r#"
    error[json/syntax]: the release document cannot be read: this is not JSON: EOF while parsing an object at line 1 column 1
      hint: check the file for damage and write it again with the tool that made it
    error[document/format]: the release document is of format 2, and this program knows format 1
      hint: update this program
    error[document/must-understand]: the release document has `quota`, which must be understood and is not
      hint: update this program
    error[document/invalid]: the release document is wrong: `sequence` is not above 0
      --> sequence
      hint: ask whoever signed it to correct it
    error[document/too-large]: the release document is larger than 9 bytes
      hint: ask whoever signed it to correct it
    "#);
}

#[test]
fn a_refusal_in_a_sentence_says_where() {
    let layout = LayoutRefusal::MissingPage { place: "/pages/1".to_owned(), path: "pages/form.html".to_owned() };
    insta::assert_snapshot!(Refusal::from(layout), @"the page `pages/form.html` is named and is not there (in manifest.json#/pages/1)");
    insta::assert_snapshot!(Refusal::from(ManifestRefusal { place: String::new(), fault: ManifestFault::Missing }), @"the package has no manifest.json");
}
