//! The contract itself; the notices of a desktop are held against it in the crate that has screens.

use guichet_contract::{Ask, Consent, DevicePolicy, Failure, Grants, Part, Permission, Services, Value};

/// A terminal whose notices can be seen.
pub(crate) trait Bench {
    fn services(&self) -> &dyn Services;
    /// How many can be seen.
    fn seen(&self) -> usize;
}

pub(crate) fn call(
    services: &dyn Services,
    app: &str,
    function: &str,
    arguments: Vec<Value>,
) -> Result<Value, Failure> {
    let held = [Permission::unlimited("host:notify".parse().unwrap())];
    let grants = Grants::intersect(app.parse().unwrap(), &held, &held, &DevicePolicy::default(), &Consent::default());
    match Ask::decode("notify", function, arguments)? {
        Ask::Service(call) => {
            assert!(call.stop().is_some(), "{function} waits for others");
            call.perform(&grants, services)
        }
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

pub(crate) fn show(services: &dyn Services, app: &str, title: &str) -> Result<Value, Failure> {
    call(services, app, "show", vec![Value::Text(title.to_owned()), Value::Text("请到 <b>3</b> 号窗口".to_owned())])
}

pub(crate) fn keeps_the_contract(bench: &dyn Bench) {
    let services = bench.services();
    assert!(services.parts().contains(&Part::Notify));
    assert_eq!(show(services, "a.b", "轮到您了"), Ok(Value::Integer(1)));
    assert_eq!(show(services, "a.c", "another"), Ok(Value::Integer(1)));
    assert_eq!(bench.seen(), 2);

    // Each app's own, and nothing happens to one that is gone.
    assert_eq!(call(services, "a.c", "withdraw", vec![Value::Integer(2)]), Ok(Value::Null));
    assert_eq!(bench.seen(), 2);
    for _ in 0..2 {
        assert_eq!(call(services, "a.b", "withdraw", vec![Value::Integer(1)]), Ok(Value::Null));
        assert_eq!(bench.seen(), 1);
    }

    // No more at once than may be: one more takes the place of the oldest.
    for number in 2..=7 {
        assert_eq!(show(services, "a.b", &format!("no. {number}")), Ok(Value::Integer(number)));
    }
    assert_eq!(bench.seen(), 6, "five and another");

    // Over with the session.
    services.over(&"a.b".parse().unwrap());
    services.over(&"a.c".parse().unwrap());
    assert_eq!(bench.seen(), 0);
}
