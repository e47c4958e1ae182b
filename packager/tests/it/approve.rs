//! Approving: what a reviewer sees, what is signed, and what is not signed whatever the store says.

use crate::{
    program::Desk,
    server::{Answer, Server},
    town::{Earlier, ID, Mischief, Town, carry, self_approval},
};

fn check(mischief: Mischief) -> String {
    let town = Town::found(mischief);
    let said = town.approve("first.key", &["--yes"]);
    assert_eq!(town.complete(), [""; 0], "nothing may be signed");
    said
}

#[test]
fn two_reviewers_release_an_app_that_asks_for_a_permission() {
    let town = Town::found(Mischief::default());
    insta::assert_snapshot!(town.approve("first.key", &["--yes"]), @r"
    exit: 0
    ----- stdout
    submission  0193a1b2-0000-7000-8000-000000000001
    app         Street repairs  gov.example.repairs
    version     1.0.0 (1)
    state       in review
    signed      1/2
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    app        Street repairs  gov.example.repairs
    version    1.0.0 (1)
    release    stable 1
    package    [DIGEST]
    sealed by  works, [DIGEST]
    roles      works, works-wide
    may do
      host:storage  + new  Keeps your reports and your draft on this device.
    signed role works: 1 of 1
    signed role works-wide: 1 of 2
    1 of 2 reviewers have signed; another reviewer runs the same command
    ");
    assert_eq!(town.complete(), ["works"]);
    insta::assert_snapshot!(town.approve("first.key", &["--yes"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[review/already-approved]: you have signed this already
      hint: it needs another reviewer's signature; ask a colleague
    ");
    insta::assert_snapshot!(town.approve("second.key", &["--yes", "--lang", "zh"]), @r"
    exit: 0
    ----- stdout
    提交  0193a1b2-0000-7000-8000-000000000001
    应用  Street repairs  gov.example.repairs
    版本  1.0.0 (1)
    状态  已发布
    序号  1
    ----- stderr
    正在核对 http://127.0.0.1:[PORT]/static 发布的内容
    正在下载 0193a1b2-0000-7000-8000-000000000001 的软件包
    应用    街面报修  gov.example.repairs
    版本    1.0.0 (1)
    发布    stable 1
    软件包  [DIGEST]
    封签    works, [DIGEST]
    角色    works, works-wide
    可以做
      host:storage  + 新增  在这台设备上保存您的报修记录和草稿。
    已为角色 works-wide 签名：2/2
    gov.example.repairs 1.0.0 已发布，序号 1
    ");
    assert_eq!(town.complete(), ["works", "works-wide"]);
    insta::assert_snapshot!(town.approve("second.key", &["--yes"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[review/nothing-to-decide]: the submission is released, so there is nothing to decide
      hint: guichet status 0193a1b2-0000-7000-8000-000000000001 shows what happened to it
    ");
}

#[test]
fn without_a_terminal_or_a_yes_nothing_is_signed() {
    let town = Town::found(Mischief::default());
    insta::assert_snapshot!(town.approve("first.key", &[]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[usage/nobody-to-confirm]: there is no terminal to ask on, and nothing is signed without a yes
      hint: look at it with guichet review show 0193a1b2-0000-7000-8000-000000000001, then give --yes
    ");
}

#[test]
fn on_a_terminal_only_a_yes_signs() {
    for answer in ["n\n", "\n", "yesterday\n"] {
        let town = Town::found(Mischief::default());
        let (code, said) = town.approve_typing("first.key", answer);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("Sign the release of gov.example.repairs 1.0.0? [y/N]"), "{said}");
        assert!(said.contains("error[review/not-signed]"), "{said}");
        assert_eq!(town.complete(), [""; 0]);
    }
    let town = Town::found(Mischief::default());
    let (code, said) = town.approve_typing("first.key", "y\n");
    assert_eq!((code, town.complete()), (0, vec!["works".to_owned()]), "{said}");
}

#[test]
fn a_key_that_is_not_a_reviewers_signs_nothing() {
    let town = Town::found(Mischief::default());
    insta::assert_snapshot!(town.approve("stranger.key", &["--yes"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[review/not-your-role]: your key may not sign for works, works-wide
      hint: name your own reviewer's key with --key; an administrator lists it with guichet-store keys reviewer add
    ");
    insta::assert_snapshot!(town.approve("no.key", &["--yes"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/unreadable]: could not read the key file: No such file or directory (os error 2)
      --> no.key
      hint: name the key file with --key; guichet key new FILE makes one
    ");
}

#[test]
fn a_release_document_that_differs_in_one_field() {
    let with = |change| check(Mischief { proposal: Some(change), ..Mischief::default() });
    insta::assert_snapshot!(with(|proposal| {
        proposal.release_document = proposal.release_document.replace("\"code\":1", "\"code\":9");
    }), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[review/proposal-differs]: the proposal is not what this machine verified: version: 1.0.0 (9), expected 1.0.0 (1)
      hint: do not sign; tell the security office. Nothing was signed
    ");
    insta::assert_snapshot!(with(|proposal| {
        proposal.release_document = proposal.release_document.replace("host:storage", "host:storage.get");
    }), @r#"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[review/proposal-differs]: the proposal is not what this machine verified: permissions: [{"name":"host:storage.get"}], expected [{"name":"host:storage"}]
      hint: do not sign; tell the security office. Nothing was signed
    "#);
    insta::assert_snapshot!(with(|proposal| {
        proposal.release_document = proposal.release_document.replace("{\"app_id\"", "{\"also\":1,\"app_id\"");
    }), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[review/proposal-differs]: the proposal is not what this machine verified: release document: members this program does not know, expected none of them
      hint: do not sign; tell the security office. Nothing was signed
    ");
    insta::assert_snapshot!(with(|proposal| proposal.target_path = "apps/works/gov.example.other/stable.json".to_owned()), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[review/proposal-differs]: the proposal is not what this machine verified: target path: apps/works/gov.example.other/stable.json, expected apps/works/gov.example.repairs/stable.json
      hint: do not sign; tell the security office. Nothing was signed
    ");
    insta::assert_snapshot!(with(|proposal| drop(proposal.roles.pop())), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[review/proposal-differs]: the proposal is not what this machine verified: roles: works, expected works, works-wide
      hint: do not sign; tell the security office. Nothing was signed
    ");
    insta::assert_snapshot!(with(|proposal| proposal.roles[0].next_version = 7), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[review/proposal-differs]: the proposal is not what this machine verified: version of role works: 7, expected 1
      hint: do not sign; tell the security office. Nothing was signed
    ");
}

#[test]
fn a_package_that_was_altered_on_the_way() {
    insta::assert_snapshot!(check(Mischief { package: Some(|bytes| {
        let at = bytes.windows(6).position(|window| window == b"KINDS.").unwrap();
        bytes[at] ^= 1;
    }), ..Mischief::default() }), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[container/checksum]: the file's bytes are not those that were packed
      --> submission 0193a1b2-0000-7000-8000-000000000001: app.js
      hint: fetch the package again; if it stays so, ask its publisher
    ");
}

#[test]
fn a_publisher_whom_the_security_office_does_not_list() {
    insta::assert_snapshot!(check(Mischief { stranger: true, ..Mischief::default() }), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[seal/unknown-publisher]: no key of the department `works` sealed this package
      --> submission 0193a1b2-0000-7000-8000-000000000001: key [DIGEST]
      hint: ask the security office to list the key: guichet-store keys publisher add
    ");
}

#[test]
fn metadata_that_cannot_be_trusted() {
    let expired = check(Mischief { expired: true, ..Mischief::default() });
    assert!(expired.starts_with("exit: 2"));
    insta::assert_snapshot!(expired.replace(char::is_numeric, "0"), @r"
    exit: 0
    ----- stdout
    ----- stderr
    checking what http://000.0.0.0:[PORT]/static publishes
    error[metadata/expired]: it expired on 0000-00-00T00:00:00Z, and it is 0000-00-00T00:00:00Z
      --> http://000.0.0.0:[PORT]/static: timestamp.json
      hint: check this device's clock; if it is right, the store has stopped refreshing: tell its operator
    ");
    insta::assert_snapshot!(check(Mischief { published: Some(|files| {
        let targets = files.get_mut("metadata/1.targets.json").unwrap();
        *targets = String::from_utf8(targets.clone()).unwrap().replace("\"threshold\":2", "\"threshold\":1").into_bytes();
    }), ..Mischief::default() }), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    error[metadata/digest]: its SHA-256 is [DIGEST], but [DIGEST] was announced
      --> http://127.0.0.1:[PORT]/static: 1.targets.json
      hint: the store's files do not belong together: try again, then tell its operator
    ");
    insta::assert_snapshot!(check(Mischief { published: Some(|files| drop(files.remove("metadata/timestamp.json"))), ..Mischief::default() }), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    error[metadata/missing]: the store has no such file, and the update cannot go on without it
      --> http://127.0.0.1:[PORT]/static: timestamp.json
      hint: the store's folder is incomplete: publish it again, or use another mirror
    ");
    insta::assert_snapshot!(check(Mischief { published: Some(|files| {
        files.iter_mut().filter(|(path, _)| path.starts_with("targets/")).for_each(|(_, bytes)| bytes.truncate(10));
    }), ..Mischief::default() }), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[metadata/length]: it is 10 bytes long, but 197 were announced or allowed
      --> targets/keys/[DIGEST].works.json
      hint: the store's files do not belong together: try again, then tell its operator
    ");
}

#[test]
fn a_pending_document_that_would_do_something_else_gets_no_second_signature() {
    let town = Town::found(Mischief {
        proposal: Some(|proposal| {
            let path = proposal.target_path.clone();
            for role in &mut proposal.roles {
                role.document =
                    role.document.take().map(|text| text.replace(&path, "apps/works/gov.example.other/stable.json"));
            }
        }),
        ..Mischief::default()
    });
    town.approve("first.key", &["--yes"]);
    insta::assert_snapshot!(town.approve("second.key", &["--yes"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[review/proposal-differs]: the proposal is not what this machine verified: document for a second signature: something else changes too, expected this release and nothing else
      hint: do not sign; tell the security office. Nothing was signed
    ");
}

const BOTH: [&str; 2] = ["apps/works/gov.example.lamps/stable.json", "apps/works/gov.example.repairs/stable.json"];

#[test]
fn what_waits_for_the_log_is_followed() {
    let town = Town::found(Mischief { earlier: Some(Earlier::Waiting), ..Mischief::default() });
    let said = town.approve("first.key", &["--yes"]);
    assert!(said.starts_with("exit: 0"), "{said}");
    assert_eq!(town.listed("works"), (2, BOTH.map(str::to_owned).into()));
    // A document that reviewers have not signed waits for nothing.
    insta::assert_snapshot!(check(Mischief { earlier: Some(Earlier::Waiting), proposal: Some(|proposal| {
        proposal.waiting[0].document = proposal.waiting[0].document.replace("gov.example.lamps", "gov.example.forged");
    }), ..Mischief::default() }), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    error[metadata/threshold]: it has 0 of the 1 signatures it needs
      --> role works
      hint: let more keyholders of the role sign, and check that their keys are still listed
    ");
    insta::assert_snapshot!(check(Mischief { earlier: Some(Earlier::Waiting), proposal: Some(|proposal| {
        proposal.waiting.clear();
    }), ..Mischief::default() }), @r"
    exit: 1
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[store/published-file]: the file `metadata/1.works.json` that the store publishes is not published yet
      hint: try again in a minute; if it stays, tell the store's operator. Nothing was signed
    ");
}

#[test]
fn a_list_that_grew_is_handed_to_bins_and_all_of_it_is_signed_at_once() {
    let much = || Mischief { earlier: Some(Earlier::Much), ..Mischief::default() };
    let town = Town::found(much());
    let said = town.approve("first.key", &["--yes"]);
    assert!(said.starts_with("exit: 0"), "{said}");
    assert!(said.contains("roles      works, works-wide"), "{said}");
    let complete = town.complete();
    assert_eq!((complete.len(), complete[0].as_str(), complete[32].as_str()), (33, "works", "works_bin-1f"));
    assert_eq!((town.listed("works"), town.paths()), ((2, Vec::new()), 1001));
    // A store that would leave a bin out, or add one, is not followed.
    let left_out = check(Mischief { proposal: Some(|proposal| drop(proposal.roles.remove(7))), ..much() });
    assert!(left_out.starts_with("exit: 2") && left_out.contains("[review/proposal-differs]"), "{left_out}");
}

#[test]
fn what_a_removed_key_had_signed_is_signed_for_only_by_who_says_so() {
    let with = || Town::found(Mischief { earlier: Some(Earlier::ByARemovedKey), ..Mischief::default() });
    let town = with();
    insta::assert_snapshot!(town.approve("first.key", &["--yes"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    app        Street repairs  gov.example.repairs
    version    1.0.0 (1)
    release    stable 1
    package    [DIGEST]
    sealed by  works, [DIGEST]
    roles      works, works-wide
    may do
      host:storage  + new  Keeps your reports and your draft on this device.
    error[review/not-adopted]: the keys that had signed what role works lists were removed: apps/works/gov.example.lamps/stable.json
      hint: ask the security office why, look at each, and give --adopt if you answer for them. Nothing was signed
    ");
    assert_eq!(town.complete(), [""; 0]);
    let said = town.approve("first.key", &["--yes", "--adopt"]);
    assert!(
        said.contains("you also sign for what removed keys had signed in role works: apps/works/gov.example.lamps")
    );
    assert_eq!(town.listed("works"), (2, BOTH.map(str::to_owned).into()));
    let said = with().approve("first.key", &["--yes", "--lang", "zh"]);
    assert!(
        said.contains("角色 works 列出的内容，签名的密钥已停用：apps/works/gov.example.lamps/stable.json"),
        "{said}"
    );
}

#[test]
fn p_z5_what_is_not_served_as_a_package_is_no_package() {
    insta::assert_snapshot!(check(Mischief { media_type: Some("text/html"), ..Mischief::default() }), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    downloading the package of 0193a1b2-0000-7000-8000-000000000001
    error[container/media-type]: the server says that it is `text/html`, not a MiniApp package
      --> http://127.0.0.1:[PORT]/api/v1/submissions/0193a1b2-0000-7000-8000-000000000001/package
      hint: see that the address is right; if it is, tell the store's operator that packages are application/miniapp-pkg+zip
    ");
    let alias = Some("application/x-w3c-miniapp-pkg+zip");
    let town = Town::found(Mischief { media_type: alias, ..Mischief::default() });
    assert!(town.approve("first.key", &["--yes"]).starts_with("exit: 0"));
}

#[test]
fn nobody_approves_their_own() {
    let desk = Desk::new();
    desk.ok(&["key", "new", "my.key"]);
    let server = Server::start(|_| self_approval());
    let mut command = desk.command(&["review", "approve", ID, "--key", "my.key", "--yes"]);
    let output = command.env("GUICHET_STORE_URL", server.url()).env("GUICHET_TOKEN", "right").output().unwrap();
    insta::assert_snapshot!(desk.shown(&output), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[review/self-approval]: you submitted this, so someone else must review it
      hint: ask another reviewer of your department
    ");
    let server = Server::start(|_| Answer::bytes(None));
    let mut command = desk.command(&["review", "approve", ID, "--key", "my.key", "--yes"]);
    let output = command.env("GUICHET_STORE_URL", server.url()).env("GUICHET_TOKEN", "right").output().unwrap();
    insta::assert_snapshot!(desk.shown(&output), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[store/not-a-store]: http://127.0.0.1:[PORT] answered with 404 Not Found, which a store does not
      hint: see that the address is a store's: --store URL or GUICHET_STORE_URL
    ");
}

#[test]
fn a_seal_is_judged_by_what_the_store_or_a_folder_publishes() {
    let town = Town::found(Mischief::default());
    insta::assert_snapshot!(town.desk.run(&["verify", "--trust", "guichet.trust.json", "app.ma"]), @r"
    exit: 0
    ----- stdout
    app        gov.example.repairs
    contents   [DIGEST]
    sealed by  works, [DIGEST]
    verdict    good
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    ");
    carry(&town, "stick");
    insta::assert_snapshot!(town.desk.run(&["verify", "--trust", "guichet.trust.json", "app.ma"]), @r"
    exit: 0
    ----- stdout
    app        gov.example.repairs
    contents   [DIGEST]
    sealed by  works, [DIGEST]
    verdict    good
    ----- stderr
    checking what [DESK]/stick publishes
    ");
    let town = Town::found(Mischief { stranger: true, ..Mischief::default() });
    insta::assert_snapshot!(town.desk.run(&["verify", "--trust", "guichet.trust.json", "app.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    checking what http://127.0.0.1:[PORT]/static publishes
    error[seal/unknown-publisher]: the seal is by none of the publisher keys that the store lists: [DIGEST]
      --> app.ma
      hint: seal with a key that the security office has listed for your department
    ");
}
