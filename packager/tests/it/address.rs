//! `guichet address`.

use crate::program::Desk;

#[test]
fn an_address_is_written_as_every_terminal_reads_it() {
    let desk = Desk::new();
    let all = ["--page", "pages/证.html", "--query", "case=1", "--fragment", "top", "--version", "1.0.1-Trial"];
    let words = ["address", "gov.example.permit"].iter().chain(&all).copied().collect::<Vec<_>>();
    insta::assert_snapshot!(desk.run(&words), @r"
    exit: 0
    ----- stdout
    address  guichet://miniapp/gov.example.permit;version=1.0.1-trial/pages/%E8%AF%81?case=1#top
    ----- stderr
    ");
    insta::assert_snapshot!(desk.ok(&["--json", "address", "gov.example.permit", "--host", "hall.example"]), @r#"
    {
      "address": "https://hall.example/miniapp/gov.example.permit"
    }
    "#);
    insta::assert_snapshot!(desk.run(&["--lang", "zh", "address", "gov.example.permit", "--qr", "poster.svg"]), @r"
    exit: 0
    ----- stdout
    地址    guichet://miniapp/gov.example.permit
    二维码  poster.svg
    ----- stderr
    ");
    assert!(desk.read("poster.svg").starts_with("<svg "));
    desk.ok(&["address", "gov.example.permit", "--qr", "poster.PNG"]);
    assert!(desk.bytes("poster.PNG").starts_with(b"\x89PNG\r\n"));
}

#[test]
fn what_no_terminal_could_open_is_not_written() {
    let desk = Desk::new();
    let refuse = |words: &[&str]| {
        let words: Vec<_> = ["address", "gov.example.permit", "--qr", "x.svg"].iter().chain(words).copied().collect();
        let said = desk.run(&words);
        assert!(!desk.path("x.svg").exists());
        said
    };
    insta::assert_snapshot!(refuse(&["--query", "name=张"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[address/not-an-address]: `guichet://miniapp/gov.example.permit?name=张` does not say which service to open: the query has a character that an address cannot have
      hint: write an app id such as gov.example.permit, or guichet://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded
    ");
    insta::assert_snapshot!(refuse(&["--query", "name=张", "--lang", "zh"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    错误[address/not-an-address]: 这段文字没有说清要打开哪项服务
      详情: `guichet://miniapp/gov.example.permit?name=张` does not say which service to open: the query has a character that an address cannot have
      建议: 写应用标识，例如 gov.example.permit，或 guichet://miniapp/gov.example.permit/pages/new?case=1；其他字符要百分号编码
    ");
    insta::assert_snapshot!(refuse(&["--page", "../other"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[address/leaves-app]: the page `/../other` leads out of the app or is not text
      hint: name a page as the app's manifest does, such as pages/new
    ");
    insta::assert_snapshot!(refuse(&["--version", "1.0+build"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[address/not-an-address]: `guichet://miniapp/gov.example.permit;version=1.0+build` does not say which service to open: only `;version=` and a version may follow the id
      hint: write an app id such as gov.example.permit, or guichet://miniapp/gov.example.permit/pages/new?case=1; other characters are percent-encoded
    ");
    insta::assert_snapshot!(refuse(&["--query", &"x".repeat(3000)]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[address/too-long-for-qr]: the address has 3037 bytes, more than a QR code can hold
      hint: carry a reference in the query, not the data itself
    ");
    insta::assert_snapshot!(desk.run(&["address", "gov.example.permit", "--qr", "x.gif"]), @r"
    exit: 64
    ----- stdout
    ----- stderr
    error[usage/qr-kind]: the name of the picture ends neither in .svg nor in .png
      --> x.gif
      hint: name it like poster.svg (sharp at any size) or poster.png
    ");
}
