//! Keys on a PKCS#11 token, SoftHSM 2: made, listed, used; and what stands in the way.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    program::Desk,
    town::{Mischief, Town},
};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "271828";
const KEY: &str = "pkcs11:token=Works;object=publisher";

/// A desk with a token `Works` in a folder of its own, and its PIN in the file `pin`.
fn with_token(desk: Desk) -> Desk {
    make_token(&desk);
    desk
}

fn make_token(desk: &Desk) {
    desk.write("tokens/.keep", "");
    let tokens = desk.path("tokens");
    desk.write("softhsm2.conf", format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display()));
    desk.write("pin", format!("{PIN}\n"));
    init(desk, "Works");
}

fn init(desk: &Desk, label: &str) {
    let output = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "31415926"])
        .env("SOFTHSM2_CONF", desk.path("softhsm2.conf"))
        .output()
        .unwrap_or_else(|error| panic!("softhsm2-util: {error}; cargo xtask setup installs it"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn command(desk: &Desk, arguments: &[&str]) -> Command {
    at_hand(desk, desk.command(arguments))
}

/// The command, on a machine where the token is.
fn at_hand(desk: &Desk, mut command: Command) -> Command {
    command.env("GUICHET_PKCS11_MODULE", MODULE).env("SOFTHSM2_CONF", desk.path("softhsm2.conf"));
    command
}

/// The URI with the PIN's file.
fn with_pin(desk: &Desk, uri: &str) -> String {
    format!("{uri}?pin-source={}", desk.path("pin").display())
}

/// What a run says, without what differs from token to token.
fn run(desk: &Desk, arguments: &[&str]) -> String {
    let shown = desk.shown(&command(desk, arguments).output().unwrap());
    let mut text = String::new();
    let mut rest = shown.as_str();
    while let Some((before, after)) = rest.split_once("serial=") {
        text.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        text.push_str(if rest == after { "serial=" } else { "serial=[SERIAL]" });
    }
    text.push_str(rest);
    text
}

fn ok(desk: &Desk, arguments: &[&str]) -> String {
    let output = command(desk, arguments).output().unwrap();
    assert!(output.status.success(), "guichet {arguments:?}\n{}", desk.shown(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_key_on_a_token_seals_like_one_in_a_file() {
    let desk = with_token(Desk::with_app());
    insta::assert_snapshot!(run(&desk, &["key", "new", &with_pin(&desk, &format!("{KEY};id=%01"))]), @r"
    exit: 0
    ----- stdout
    key  ed25519:[DIGEST]
    id   [DIGEST]
    ----- stderr
    made a key on the token; it cannot be copied off it, so have a second one listed for the day the token is lost
    ");
    insta::assert_snapshot!(run(&desk, &["key", "list"]), @r"
    exit: 0
    ----- stdout
    pkcs11:token=Works;serial=[SERIAL];object=publisher;id=%01  ed25519:[DIGEST]
    ----- stderr
    ");
    assert_eq!(ok(&desk, &["key", "show", KEY]), ok(&desk, &["key", "show", &with_pin(&desk, KEY)]));
    ok(&desk, &["build", "app", "--key", &with_pin(&desk, KEY), "-o", "built.ma"]);
    ok(&desk, &["build", "app", "-o", "sealed.ma"]);
    insta::assert_snapshot!(run(&desk, &["seal", "sealed.ma", "--key", &with_pin(&desk, KEY)]), @r"
    exit: 0
    ----- stdout
    package    sealed.ma
    digest     [DIGEST]
    sealed by  [DIGEST]
    ----- stderr
    next: guichet publish sealed.ma
    ");
    // Ed25519 has one signature for one text, on a token too.
    assert_eq!(desk.bytes("built.ma"), desk.bytes("sealed.ma"));
    let shown: serde_json::Value = serde_json::from_str(&ok(&desk, &["key", "show", KEY, "--json"])).unwrap();
    desk.write(
        "keys.json",
        serde_json::json!({
            "department": "works", "format": 1, "keys": [{"key": shown["key"], "revoked": false}],
            "name": {"en": "Public works", "zh-Hans": "市政"}, "prefixes": ["gov.example"],
        })
        .to_string(),
    );
    desk.ok(&["verify", "--keys", "keys.json", "sealed.ma"]);
}

#[test]
fn a_reviewer_signs_with_a_token() {
    let town = Town::found_with(Mischief::default(), |desk| {
        make_token(desk);
        let made = ok(desk, &["key", "new", &with_pin(desk, "pkcs11:token=Works;object=reviewer"), "--json"]);
        let made: serde_json::Value = serde_json::from_str(&made).unwrap();
        made["key"].as_str().unwrap().parse().unwrap()
    });
    let key = with_pin(&town.desk, "pkcs11:token=Works;object=reviewer");
    let output = at_hand(&town.desk, town.approving(&key, &["--yes"])).output().unwrap();
    assert!(output.status.success(), "{}", town.desk.shown(&output));
    assert_eq!(town.complete(), ["works"]);
    // A second one adds to what the token signed.
    let second = town.approve("second.key", &["--yes"]);
    assert!(second.starts_with("exit: 0"), "{second}");
    assert_eq!(town.complete(), ["works", "works-wide"]);
}

#[test]
fn what_stands_in_the_way_is_said_in_both_languages() {
    let desk = with_token(Desk::with_package());
    let seal = |uri: &str| {
        let before = desk.bytes("app.ma");
        let said = run(&desk, &["seal", "app.ma", "--key", uri]);
        let said = format!("{said}\n{}", run(&desk, &["seal", "app.ma", "--key", uri, "--lang", "zh"]));
        assert_eq!(desk.bytes("app.ma"), before, "nothing is half-written");
        said
    };
    insta::assert_snapshot!(seal(&with_pin(&desk, KEY)), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/not-found]: the token has no such key; it has none at all
      --> pkcs11:token=Works;object=publisher
      hint: compare object=… and id=… with guichet key list, or make the key: guichet key new URI
    exit: 1
    ----- stdout
    ----- stderr
    错误[key/not-found]: 密码钥匙里没有这样的密钥
      --> pkcs11:token=Works;object=publisher
      详情: the token has no such key; it has none at all
      建议: 用 guichet key list 核对 object=… 和 id=…，或生成一个：guichet key new URI
    ");
    ok(&desk, &["key", "new", &with_pin(&desk, &format!("{KEY};id=%01"))]);
    insta::assert_snapshot!(seal(KEY), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/no-pin]: the token asks for its PIN, and none was given
      --> pkcs11:token=Works;object=publisher
      hint: type it where the command runs, or name a file with the PIN: ?pin-source=/path
    exit: 1
    ----- stdout
    ----- stderr
    错误[key/no-pin]: 密码钥匙要 PIN，却没有得到
      --> pkcs11:token=Works;object=publisher
      详情: the token asks for its PIN, and none was given
      建议: 在运行命令的终端里输入，或写明存放 PIN 的文件：?pin-source=/路径
    ");
    insta::assert_snapshot!(seal(&with_pin(&desk, "pkcs11:token=Works;object=nobody")), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/not-found]: the token has no such key; it has pkcs11:object=publisher;id=%01
      --> pkcs11:token=Works;object=nobody
      hint: compare object=… and id=… with guichet key list, or make the key: guichet key new URI
    exit: 1
    ----- stdout
    ----- stderr
    错误[key/not-found]: 密码钥匙里没有这样的密钥
      --> pkcs11:token=Works;object=nobody
      详情: the token has no such key; it has pkcs11:object=publisher;id=%01
      建议: 用 guichet key list 核对 object=… 和 id=…，或生成一个：guichet key new URI
    ");
    insta::assert_snapshot!(seal("pkcs11:token=Nobody"), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/no-token]: no such token is present; these are: Works
      --> pkcs11:token=Nobody
      hint: plug the token in, and compare its label: guichet key list
    exit: 1
    ----- stdout
    ----- stderr
    错误[key/no-token]: 没有插着这样的密码钥匙
      --> pkcs11:token=Nobody
      详情: no such token is present; these are: Works
      建议: 插上密码钥匙，并核对它的标签：guichet key list
    ");
    insta::assert_snapshot!(seal(&format!("{KEY}?pin-value={PIN}")), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/pin-in-uri]: the PIN stands in the PKCS#11 URI, where others can read it
      hint: leave it out: it is asked for, or read from the file that pin-source=/path names. Change the PIN: it stands in the history of your shell
    exit: 1
    ----- stdout
    ----- stderr
    错误[key/pin-in-uri]: PIN 写在了 PKCS#11 URI 里，别人看得到
      详情: the PIN stands in the PKCS#11 URI, where others can read it
      建议: 去掉它：程序会询问，或从 pin-source=/路径 所指的文件读取。请更换 PIN：它已留在命令记录里
    ");
    insta::assert_snapshot!(seal(&format!("{KEY}?module-path=/usr/lib/none.so")), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/module]: the PKCS#11 module `/usr/lib/none.so` could not be loaded: there is no such file
      --> pkcs11:token=Works;object=publisher
      hint: see that the module is there and made for this system; the maker of the token says where it is
    exit: 1
    ----- stdout
    ----- stderr
    错误[key/module]: PKCS#11 模块装不上
      --> pkcs11:token=Works;object=publisher
      详情: the PKCS#11 module `/usr/lib/none.so` could not be loaded: there is no such file
      建议: 看看模块是否在那里、是否适合这个系统；模块在哪里，密码钥匙厂商会说明
    ");
    insta::assert_snapshot!(seal("pkcs11:token=Works;library-version=3"), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/uri]: this PKCS#11 URI cannot be used: `library-version` is not understood here
      hint: write it like pkcs11:token=LABEL;object=NAME (RFC 7512); guichet key list shows those there are
    exit: 1
    ----- stdout
    ----- stderr
    错误[key/uri]: 这个 PKCS#11 URI 不能用
      详情: this PKCS#11 URI cannot be used: `library-version` is not understood here
      建议: 写成 pkcs11:token=标签;object=名字 这样（RFC 7512）；guichet key list 会列出有哪些
    ");
    desk.write("pin", "161803\n");
    insta::assert_snapshot!(seal(&with_pin(&desk, KEY)), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/wrong-pin]: the PIN is wrong
      --> pkcs11:token=Works;object=publisher
      hint: type it again with care: a token locks itself after a few wrong ones
    exit: 1
    ----- stdout
    ----- stderr
    错误[key/wrong-pin]: PIN 不对
      --> pkcs11:token=Works;object=publisher
      详情: the PIN is wrong
      建议: 先查清楚再输入：错几次，密码钥匙就会自己锁定
    ");
    desk.write("pin", format!("{PIN}\n"));
    init(&desk, "Works");
    insta::assert_snapshot!(seal(&with_pin(&desk, KEY)), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/two-tokens]: more than one token that is present is meant: pkcs11:token=Works;serial=[SERIAL], pkcs11:token=Works;serial=[SERIAL]
      --> pkcs11:token=Works;object=publisher
      hint: add serial=… or slot-id=… to the URI
    exit: 1
    ----- stdout
    ----- stderr
    错误[key/two-tokens]: 插着的密码钥匙里不止一个符合
      --> pkcs11:token=Works;object=publisher
      详情: more than one token that is present is meant: pkcs11:token=Works;serial=[SERIAL], pkcs11:token=Works;serial=[SERIAL]
      建议: 在 URI 里加上 serial=… 或 slot-id=…
    ");
    let unset = desk.run(&["key", "show", KEY]);
    insta::assert_snapshot!(unset, @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/no-module]: nothing says which PKCS#11 module leads to the token
      --> pkcs11:token=Works;object=publisher
      hint: add ?module-path=/full/path.so to the URI, or set GUICHET_PKCS11_MODULE; the maker of the token says where the module is
    ");
}

/// A terminal that types: `script` gives the program one, and shows what the program would show.
#[test]
fn a_pin_is_asked_for_and_not_shown() {
    let desk = with_token(Desk::with_package());
    ok(&desk, &["key", "new", &with_pin(&desk, KEY)]);
    for (lang, prompt) in [("en", "PIN of the token Works:"), ("zh", "密码钥匙 Works 的 PIN：")] {
        let line = format!("tty; exec {} seal app.ma --key '{KEY}' --lang {lang}", env!("CARGO_BIN_EXE_guichet"));
        let mut child = Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .env_clear()
            .env("LANG", "C.UTF-8")
            .env("PATH", "/usr/bin:/bin")
            .env("GUICHET_PKCS11_MODULE", MODULE)
            .env("SOFTHSM2_CONF", desk.path("softhsm2.conf"))
            .current_dir(desk.path("."))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut shown = Shown::of(child.stdout.take().unwrap());
        shown.wait_for(prompt);
        let terminal = shown.text.lines().next().unwrap().trim().to_owned();
        until_it_shows_nothing(&terminal);
        let mut keyboard = child.stdin.take().unwrap();
        keyboard.write_all(format!("{PIN}\n").as_bytes()).unwrap();
        shown.wait_for("guichet publish");
        drop(keyboard);
        assert!(child.wait().unwrap().success(), "{}", shown.text);
        assert!(!shown.text.contains(PIN), "{}", shown.text);
    }
}

/// Nobody types faster than a program that has asked stops the terminal from showing what is typed; a test could.
fn until_it_shows_nothing(terminal: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let shows = || {
        let output = Command::new("stty").args(["-F", terminal, "-a"]).output().unwrap();
        !String::from_utf8(output.stdout).unwrap().split_whitespace().any(|word| word == "-echo")
    };
    while shows() {
        assert!(Instant::now() < deadline, "{terminal} shows what is typed");
    }
}

/// What a terminal shows, until it shows what is waited for.
struct Shown {
    from: std::process::ChildStdout,
    text: String,
}

impl Shown {
    fn of(from: std::process::ChildStdout) -> Self {
        Self { from, text: String::new() }
    }

    fn wait_for(&mut self, wanted: &str) {
        use std::io::Read as _;
        let mut bytes = self.text.clone().into_bytes();
        let mut piece = [0; 256];
        while !self.text.contains(wanted) {
            let count = self.from.read(&mut piece).unwrap();
            assert!(count > 0, "the program ended before it showed {wanted}: {}", self.text);
            bytes.extend_from_slice(&piece[..count]);
            self.text = String::from_utf8_lossy(&bytes).into_owned();
        }
    }
}
