//! Policies of terminals, from the draft to what a terminal would say.

use crate::program::Desk;

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("pin", "135790\n");
    desk.ok(&["key", "new", "operator.key"]);
    desk.write("operator.pub", desk.ok(&["key", "show", "operator.key"]));
    desk.ok(&["policy", "new", "a.json", "--hall", "政务大厅", "--name", "A-03", "--pin-file", "pin"]);
    desk
}

#[test]
fn a_policy_is_written_filled_in_signed_and_shown() {
    let desk = desk();
    let draft = desk.read("a.json");
    assert!(draft.contains("\"warn_seconds\": 60") && draft.contains("$argon2id$") && !draft.contains("135790"));
    desk.replace("a.json", "\"hours\": []", r#""hours": [{"days": ["mon"], "from": "08:30", "to": "17:00"}]"#);
    insta::assert_snapshot!(desk.run(&["policy", "sign", "a.json", "--key", "operator.key", "-o", "kiosk.json"]), @r"
    exit: 0
    ----- stdout
    policy     kiosk.json
    sequence   1
    signed by  ed25519:[DIGEST]
    ----- stderr
    next: assign it to the terminal in the store's console, or lay it on the terminal, with ed25519:[DIGEST] in operator.pub beside it
    ");
    let shown = desk.json(&["policy", "show", "kiosk.json", "--operator-key", "operator.pub"]);
    assert_eq!((&shown["policy"]["terminal"]["name"], &shown["verified"]), (&"A-03".into(), &true.into()));
    assert_eq!(shown["policy"]["hours"][0]["to"], "17:00");
    let zh = desk.run(&["--lang", "zh", "policy", "show", "kiosk.json"]);
    assert!(zh.contains("没有人为这些内容担保") && zh.contains("A-03"), "{zh}");
}

#[test]
fn what_is_wrong_with_a_policy_is_said_before_it_is_signed() {
    let desk = desk();
    let sign = || desk.run(&["policy", "sign", "a.json", "--key", "operator.key", "-o", "kiosk.json"]);
    insta::assert_snapshot!(desk.run(&["policy", "new", "a.json", "--hall", "h", "--name", "n"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[file/unwritable]: could not write the file: File exists (os error 17)
      --> a.json
      hint: see that the folder is there, that you may write to it and that the disk is not full
    ");
    desk.write("short", "1234\n");
    insta::assert_snapshot!(desk.run(&["policy", "new", "b.json", "--hall", "h", "--name", "n", "--pin-file", "short"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[policy/pin]: a staff's PIN is 6 to 12 digits
      --> short
      hint: write only digits into the first line of the file
    ");
    desk.replace("a.json", "\"warn_seconds\": 60", "\"warn_seconds\": 6");
    insta::assert_snapshot!(sign(), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[document/invalid]: the policy is wrong: `idle.warn_seconds` is not between 10 and 3600
      --> a.json: idle.warn_seconds
      hint: ask whoever signed it to correct it
    ");
    desk.replace("a.json", "\"warn_seconds\": 6", "\"warn_seconds\": 60");
    desk.replace("a.json", "\"hours\": []", r#""hours": [], "devices": {"printers": [{"name": "A4"}]}"#);
    insta::assert_snapshot!(sign(), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[policy/devices]: the policy's devices cannot be so: A4: a printer has either `ipp` or `driver`
      --> a.json
      hint: write `devices` as docs/reference/drivers.md says for devices.json
    ");
    assert!(!desk.path("kiosk.json").exists());
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "policy", "sign", "a.json", "--key", "operator.key"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    错误[policy/devices]: 策略里的设备不能这样写：A4: a printer has either `ipp` or `driver`
      --> a.json
      建议: 照 docs/reference/drivers.md 里 devices.json 的写法写 devices
    ");
}

#[test]
fn a_policy_of_another_operator_is_refused() {
    let desk = desk();
    desk.ok(&["policy", "sign", "a.json", "--key", "operator.key"]);
    desk.ok(&["key", "new", "other.key"]);
    desk.write("operator.pub", desk.ok(&["key", "show", "other.key"]));
    insta::assert_snapshot!(desk.run(&["policy", "show", "a.signed.json", "--operator-key", "operator.pub"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[policy/other-key]: the policy is signed by key [DIGEST], and this terminal obeys [DIGEST]
      --> a.signed.json
      hint: sign it with the operator's key, or give the terminal the right operator.pub
    ");
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "policy", "show", "a.signed.json", "--operator-key", "operator.pub"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    错误[policy/other-key]: 策略不是由运维人员的密钥签的
      --> a.signed.json
      详情: the policy is signed by key [DIGEST], and this terminal obeys [DIGEST]
      建议: 用运维人员的密钥签名，或核对 operator.pub
    ");
}
