//! The protocol of drivers, held by the host against drivers that are a line of shell: what is not an answer ends them.

use guichet_contract::Value;
use guichet_services::{
    card::{self, ReaderPart as _},
    driver::{Driver, Refusal, Setup, Trouble},
    print::{self, PrinterPart as _},
};

use crate::print::programs;

const HELLO: &str = r#"echo '{"guichet-driver":1,"name":"shell","parts":["print","card"]}' >&0; "#;

/// A driver that does this: its standard input is the socket.
fn driver(part: &'static str, script: &str) -> Driver {
    let arguments = vec!["-c".to_owned(), script.to_owned()];
    let setup = Setup {
        program: "/bin/sh".into(),
        arguments,
        environment: [("INK".to_owned(), "blue".to_owned())].into(),
        ..Setup::default()
    };
    Driver::new(part, setup, Some(programs())).unwrap()
}

/// What comes of the first question to a driver that says this to it.
fn first(answer: &str) -> Result<Value, Trouble> {
    driver("print", &format!("{HELLO} read -r question; {answer} >&0; read -r end")).ask("print.printers", vec![])
}

#[test]
fn what_is_an_answer_is_taken_and_nothing_else() {
    assert_eq!(first(r#"echo '{"id":1,"ok":7}'"#), Ok(Value::Integer(7)));
    let refusal = Refusal::new("busy", "no ink");
    let refused = r#"echo '{"id":1,"refusal":{"class":"busy","what":"no ink"}}'"#;
    assert_eq!(first(refused), Err(Trouble::Refused(refusal)));
    for wrong in [
        r#"echo '{"id":2,"ok":7}'"#,
        r#"echo '{"id":1}'"#,
        r#"echo '{"id":1,"ok":7,"refusal":{"class":"busy"}}'"#,
        "echo ready",
        "printf '{\"id\":1,\"ok\":7}'; exit",
        // A line of more than 256 KiB, with an end and without one.
        r#"(printf '{"id":1,"ok":"'; head -c 262144 /dev/zero | tr '\0' x; echo '"}')"#,
        r"(head -c 300000 /dev/zero | tr '\0' x)",
    ] {
        assert_eq!(first(wrong), Err(Trouble::Gone), "{wrong}");
    }
    let large = r#"(printf '{"id":1,"ok":"'; head -c 262000 /dev/zero | tr '\0' x; echo '"}')"#;
    assert!(first(large).is_ok(), "as long as a line may be");
}

#[test]
fn a_driver_says_first_what_it_is() {
    let answers = r#"read -r question; echo '{"id":1,"ok":7}' >&0; read -r end"#;
    let asked =
        |part, hello: &str| driver(part, &format!("echo '{hello}' >&0; {answers}")).ask("print.printers", vec![]);
    assert_eq!(asked("print", r#"{"guichet-driver":1,"name":"x","parts":["print"]}"#), Ok(Value::Integer(7)));
    for (part, hello) in [
        ("print", r#"{"guichet-driver":2,"name":"x","parts":["print"]}"#),
        ("card", r#"{"guichet-driver":1,"name":"x","parts":["print"]}"#),
        ("print", r#"{"guichet-driver":1,"name":"x"}"#),
        ("print", r#"{"id":1,"ok":7}"#),
    ] {
        assert_eq!(asked(part, hello), Err(Trouble::Gone), "{hello}");
    }
}

#[test]
fn a_driver_has_nothing_of_ours_in_its_environment() {
    let said = first(r#"echo "{\"id\":1,\"ok\":\"$(env | sort | tr '\n' ' ')\"}""#).unwrap();
    let Value::Text(said) = said else { panic!("{said:?}") };
    let ours = ["OLDPWD=", "PWD=", "_="];
    let given: Vec<&str> = said.split_whitespace().filter(|one| !ours.iter().any(|own| one.starts_with(own))).collect();
    assert_eq!(given, ["INK=blue", "LANG=C.UTF-8", "PATH=/usr/bin:/bin"]);
}

/// Refuses each question with the next of these classes, in words that would begin a line of their own.
fn refuses(part: &'static str, classes: &[&str]) -> Driver {
    let one_by_one = format!(
        r#"n=0; for class in {}; do read -r question; n=$((n+1)); echo "{{\"id\":$n,\"refusal\":{{\"class\":\"$class\",\"what\":\"a\\u000ab\"}}}}" >&0; done; read -r end"#,
        classes.join(" ")
    );
    driver(part, &format!("{HELLO} {one_by_one}"))
}

#[test]
fn each_refusal_is_what_it_says_and_any_other_is_words_in_one_line() {
    let printer = print::Driven::new("x", refuses("print", &["busy", "form", "unknown-job", "unreachable", "odd"]));
    let said = [(); 5].map(|()| printer.cancel(1).unwrap_err());
    let odd = print::Trouble::Refused("ab".to_owned());
    use print::Trouble::{Busy, Form, UnknownJob, Unreachable};
    assert_eq!(said, [Busy, Form, UnknownJob, Unreachable, odd]);

    let classes = ["no-card", "removed", "mute", "in-use", "unreachable", "odd"];
    let readers = card::Driven::new(refuses("card", &classes));
    let said = [(); 6].map(|()| readers.readers().unwrap_err());
    use card::Trouble as Of;
    let odd = Of::Refused("ab".to_owned());
    assert_eq!(said, [Of::NoCard, Of::Removed, Of::Mute, Of::InUse, Of::Unreachable, odd]);
}
