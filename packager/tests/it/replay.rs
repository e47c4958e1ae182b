//! `guichet replay` on journals as `guichet-desktop --record` writes them, behind two walls.

use crate::program::Desk;

const HEAD: &str = r#"{"format":1,"host":"0.1.0","journal":"guichet"}
{"is":{"script":{"app.js":"export const add = ({ a }) => a + 1; export default { launched() { console.log(Date.now()) } };"}},"program":1}
{"begin":{"app_id":"gov.example.repairs","personal":[],"program":1,"version":{"code":1,"name":"1.0.0"}},"session":1}
{"at":5,"event":{"launched":{"dir":"ltr","lang":"en","query":"","referrer":"","route":"pages/home","seed":["1","2"]}},"n":1,"session":1}
{"n":1,"outputs":[{"tell":{"arguments":["info","5"],"function":"write","interface":"log"}}],"session":1}
{"at":6,"event":{"asked":{"id":1,"input":"{\"a\":1}","name":"add","page":1}},"n":2,"session":1}
{"n":2,"outputs":[{"tell":{"arguments":[1,{"ok":"2"}],"function":"answer","interface":"page"}}],"session":1}
"#;

#[test]
fn the_same_outputs_are_done_and_another_one_is_shown_with_its_place() {
    let desk = Desk::new();
    desk.write("a.journal", format!("{HEAD}{{\"end\":\"session/closed\",\"session\":1}}\n"));
    insta::assert_snapshot!(desk.run(&["replay", "a.journal"]), @r"
    exit: 0
    ----- stdout
    the same: 1 sessions, 2 events, 2 outputs
    ----- stderr
    ");
    desk.write("b.journal", HEAD.replace(r#"{"ok":"2"}"#, r#"{"ok":"3"}"#));
    insta::assert_snapshot!(desk.run(&["replay", "b.journal"]), @r#"
    exit: 1
    ----- stdout
    the outputs differ
      --> b.journal:7
    session   1 (gov.example.repairs)
    event     2 {"asked":{"id":1,"input":"{\"a\":1}","name":"add","page":1}}
    output    1
    expected  {"tell":{"arguments":[1,{"ok":"3"}],"function":"answer","interface":"page"}}
    got       {"tell":{"arguments":[1,{"ok":"2"}],"function":"answer","interface":"page"}}
    ----- stderr
    "#);
    insta::assert_snapshot!(desk.run(&["replay", "b.journal", "--json"]), @r#"
    exit: 1
    ----- stdout
    {
      "same": false,
      "sessions": 1,
      "other_apps": 0,
      "events": 2,
      "outputs": 1,
      "redacted": false,
      "cut_short": false,
      "full": false,
      "stopped": [],
      "difference": {
        "line": 7,
        "session": 1,
        "app_id": "gov.example.repairs",
        "event": 2,
        "input": {
          "asked": {
            "id": 1,
            "input": "{\"a\":1}",
            "name": "add",
            "page": 1
          }
        },
        "output": 1,
        "expected": {
          "tell": {
            "arguments": [
              1,
              {
                "ok": "3"
              }
            ],
            "function": "answer",
            "interface": "page"
          }
        },
        "got": {
          "tell": {
            "arguments": [
              1,
              {
                "ok": "2"
              }
            ],
            "function": "answer",
            "interface": "page"
          }
        }
      }
    }
    ----- stderr
    "#);
}

#[test]
fn what_a_journal_cannot_say_is_told_in_both_languages() {
    let desk = Desk::new();
    let redacted = HEAD.replace(r#""personal":[]"#, r#""personal":["name"]"#);
    let stopped = r#"{"at":7,"event":{"asked":{"id":2,"input":"null","name":"spin","page":1}},"n":3,"session":1}
{"n":3,"outputs":[{"ended":{"class":"logic/event-deadline","outside":true,"reason":"too long"}}],"session":1}
{"full":true}
{"cut"#;
    desk.write("a.journal", redacted.clone() + stopped);
    insta::assert_snapshot!(desk.run(&["replay", "a.journal"]), @r"
    exit: 0
    ----- stdout
    the same: 1 sessions, 2 events, 2 outputs
    ----- stderr
    session 1 was stopped from outside its logic at event 3 (logic/event-deadline) and was run up to there
    the last line of the journal is not whole, as after a crash; all before it was run
    the journal was full before its sessions ended; what followed is not in it
    ");
    desk.write("b.journal", redacted.replace(r#"{"ok":"2"}"#, r#"{"ok":"3"}"#));
    let said = desk.run(&["--lang", "zh", "replay", "b.journal"]);
    assert!(said.contains("输出不同") && said.contains("个人信息"), "{said}");
}

#[test]
fn another_release_is_given_as_a_package() {
    let desk = Desk::with_package();
    desk.write("a.journal", HEAD);
    let differs = desk.run(&["replay", "a.journal", "--package", "app.ma"]);
    assert!(differs.starts_with("exit: 1") && differs.contains("a.journal:5"), "{differs}");
    desk.write("other.journal", HEAD.replace("gov.example.repairs", "gov.example.others"));
    insta::assert_snapshot!(desk.run(&["replay", "other.journal", "--package", "app.ma"]), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[journal/other-app]: the journal has no session of gov.example.repairs
      --> other.journal
      hint: give a package of the app that was recorded
    ");
}

#[test]
fn what_is_no_journal_is_refused() {
    let desk = Desk::with_package();
    desk.write("odd.journal", HEAD.replace("\"n\":2", "\"n\":7"));
    desk.write("later.journal", HEAD.replace("\"format\":1", "\"format\":3"));
    desk.write(
        "large.journal",
        format!(
            "{}\n{}",
            HEAD.lines().next().unwrap(),
            HEAD.lines()
                .skip(1)
                .map(|line| {
                    if line.contains("script") {
                        "{\"is\":null,\"program\":1}\n".to_owned()
                    } else {
                        format!("{line}\n")
                    }
                })
                .collect::<String>()
        ),
    );
    let all = ["app.ma", "later.journal", "odd.journal", "large.journal", "none.journal"].map(|file| {
        let zh = desk.run(&["--lang", "zh", "replay", file]);
        desk.run(&["replay", file]) + "\n" + zh.split("----- stderr\n").nth(1).unwrap()
    });
    insta::assert_snapshot!(all.join("\n"), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[journal/not-a-journal]: this is not a journal
      --> app.ma
      hint: name the file that guichet-desktop --record wrote
    错误[journal/not-a-journal]: 这个文件不是会话记录
      --> app.ma
      建议: 写明 guichet-desktop --record 写下的那个文件
    exit: 2
    ----- stdout
    ----- stderr
    error[journal/format]: the journal has form 3, and this program reads form 2
      --> later.journal
      hint: use the guichet of the release that recorded it
    错误[journal/format]: 记录的格式是 3，本程序读不了
      --> later.journal
      建议: 用录制它的那一版 guichet
    exit: 2
    ----- stdout
    ----- stderr
    error[journal/malformed]: line 6 is not one of a journal: its event comes out of turn
      --> odd.journal
      hint: a journal that was edited is evidence of nothing; record the session again
    错误[journal/malformed]: 第 6 行不是会话记录里会有的
      --> odd.journal
      建议: 改动过的记录什么都证明不了；请重新录制
    exit: 2
    ----- stdout
    ----- stderr
    error[journal/no-program]: the journal does not have the program of gov.example.repairs
      --> large.journal
      hint: give the package that was recorded with --package FILE
    错误[journal/no-program]: 记录里没有 gov.example.repairs 的程序
      --> large.journal
      建议: 用 --package FILE 给出录制时的那个包
    exit: 1
    ----- stdout
    ----- stderr
    error[file/unreadable]: could not read the file: No such file or directory (os error 2)
      --> none.journal
      hint: see that the file is there and that you may read it
    错误[file/unreadable]: 文件读不出来：No such file or directory (os error 2)
      --> none.journal
      建议: 看看文件是否还在、您是否有权读取
    ");
}

/// What can be played in a window is in the journeys.
#[test]
fn a_journal_without_pages_cannot_be_played() {
    let desk = Desk::new();
    desk.write("a.journal", HEAD);
    let zh = desk.run(&["--lang", "zh", "replay", "a.journal", "--glass"]);
    insta::assert_snapshot!(desk.run(&["replay", "a.journal", "--glass"]) + "\n" + zh.split("----- stderr\n").nth(1).unwrap(), @r"
    exit: 2
    ----- stdout
    ----- stderr
    error[journal/no-pages]: the journal has nothing of pages
      --> a.journal
      hint: record it again with guichet-desktop --record of this version, and open a page
    错误[journal/no-pages]: 记录里没有页面
      --> a.journal
      建议: 用这一版的 guichet-desktop --record 重新录制，并打开一个页面
    ");
}
