//! The contract itself; the clipboard of a screen is held against it in the crate that has screens.

use guichet_contract::{Ask, Consent, DevicePolicy, Failure, Grants, Part, Permission, Services, Value};

/// A terminal with a clipboard that others use, too.
pub(crate) trait Bench {
    fn services(&self) -> &dyn Services;
    fn copy_elsewhere(&self, text: &str);
    fn paste_elsewhere(&self) -> String;
}

pub(crate) fn call(services: &dyn Services, may_read: bool, arguments: Option<&str>) -> Result<Value, Failure> {
    let held = [Permission::unlimited("host:clipboard".parse().unwrap())];
    let held = if may_read { &held[..] } else { &[] };
    let grants = Grants::intersect("a.b".parse().unwrap(), held, held, &DevicePolicy::default(), &Consent::default());
    let (function, arguments) = match arguments {
        Some(text) => ("write", vec![Value::Text(text.to_owned())]),
        None => ("read", vec![]),
    };
    match Ask::decode("clipboard", function, arguments)? {
        Ask::Service(call) => {
            let untouched = call.untouched().unwrap();
            assert_eq!(untouched.class(), Some("clipboard/untouched"));
            assert!(call.stop().is_some(), "{function} waits for others");
            call.perform(&grants, services)
        }
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

pub(crate) fn keeps_the_contract(bench: &dyn Bench) {
    assert!(bench.services().parts().contains(&Part::Clipboard));
    let write = |text: &str| call(bench.services(), false, Some(text));
    let read = || call(bench.services(), true, None);

    // What is copied here is pasted elsewhere, and here.
    assert_eq!(write("3301-2026-0042 居住证"), Ok(Value::Null));
    assert_eq!(bench.paste_elsewhere(), "3301-2026-0042 居住证");
    assert_eq!(read(), Ok(Value::Text("3301-2026-0042 居住证".to_owned())));

    // What is copied elsewhere is pasted here, by whoever may.
    bench.copy_elsewhere("一段文字\nof two lines");
    assert_eq!(read(), Ok(Value::Text("一段文字\nof two lines".to_owned())));
    let denied = call(bench.services(), false, None).unwrap_err();
    assert_eq!(denied.case(), "denied", "{denied}");

    // As long as it may be, and longer.
    assert_eq!(write(&"x".repeat(65_536)), Ok(Value::Null));
    assert_eq!(read(), Ok(Value::Text("x".repeat(65_536))));
    assert_eq!(write(&"x".repeat(65_537)).unwrap_err().case(), "invalid");
    bench.copy_elsewhere(&"y".repeat(65_537));
    let long = read().unwrap_err();
    assert_eq!(long.class(), Some("clipboard/too-long"), "{long}");
}
