//! From a name and arguments to a typed call: one table, held against the WIT by a test.

use crate::{
    Arguments, Call, Failure, Grants, InvalidArguments, Services, Stop, Value,
    card::{Connect, Disconnect, Exchange, Readers, WaitFor},
    clipboard,
    code::{Make, MakeBars, Read},
    files,
    navigation::Navigation,
    network::Fetch,
    notify::{Show, Withdraw},
    open_app,
    print::{Cancel, Printers, Status, Submit},
    scan, speech,
    storage::{Get, Keys, Remove, Set},
    telemetry::Count,
    timer::After,
};

/// A call that the session itself performs, because it is about the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionCall {
    /// `navigation`.
    Navigation(Navigation),
    /// `timer.after`.
    Timer(After),
    /// `app-info.get`.
    AppInfo,
}

/// A decoded call: of the session, or of a service behind a permission.
pub enum Ask {
    /// Performed by the session.
    Session(SessionCall),
    /// Performed by a service, if the grants permit it.
    Service(Box<dyn ServiceCall>),
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Session(call) => f.debug_tuple("Session").field(call).finish(),
            Self::Service(_) => f.write_str("Service(..)"),
        }
    }
}

/// A [`Call`] whose type has been put away.
pub trait ServiceCall: Send {
    /// Decides, and performs the call if it is permitted.
    fn perform(self: Box<Self>, grants: &Grants, services: &dyn Services) -> Result<Value, Failure>;

    /// How a call that waits for others is given up; none for one that is performed at once.
    fn stop(&self) -> Option<Stop> {
        None
    }

    /// What is said if no person has touched the app just now; none for a call that needs no touch.
    fn untouched(&self) -> Option<Failure> {
        None
    }

    /// A page of the app asks, and not its logic.
    fn asked_by(&mut self, _page: u32) {}
}

impl<C: Call + Send> ServiceCall for C {
    fn perform(self: Box<Self>, grants: &Grants, services: &dyn Services) -> Result<Value, Failure> {
        let permit = grants.permit(*self).map_err(|denial| Failure::Denied(denial.to_string()))?;
        C::perform(permit, services).map(Into::into)
    }

    fn stop(&self) -> Option<Stop> {
        Call::stop(self)
    }

    fn untouched(&self) -> Option<Failure> {
        Call::untouched(self)
    }

    fn asked_by(&mut self, page: u32) {
        Call::asked_by(self, page);
    }
}

type Decode = fn(Arguments) -> Result<Ask, InvalidArguments>;

/// Every function of the WIT that starts a call: `interface.function`.
const TABLE: &[(&str, Decode)] = &[
    ("storage.get", |a| Get::decode(a).map(service)),
    ("storage.set", |a| Set::decode(a).map(service)),
    ("storage.remove", |a| Remove::decode(a).map(service)),
    ("storage.keys", |a| Keys::decode(a).map(service)),
    ("network.fetch", |a| Fetch::decode(a).map(|fetch| Ask::Service(Box::new(fetch)))),
    ("print.printers", |a| Printers::decode(a).map(service)),
    ("print.submit", |a| Submit::decode(a).map(service)),
    ("print.status", |a| Status::decode(a).map(service)),
    ("print.cancel", |a| Cancel::decode(a).map(service)),
    ("card.readers", |a| Readers::decode(a).map(service)),
    ("card.wait-for", |a| WaitFor::decode(a).map(service)),
    ("card.connect", |a| Connect::decode(a).map(service)),
    ("card.exchange", |a| Exchange::decode(a).map(service)),
    ("card.disconnect", |a| Disconnect::decode(a).map(service)),
    ("code.make", |a| Make::decode(a).map(|make| Ask::Service(Box::new(make)))),
    ("code.make-bars", |a| MakeBars::decode(a).map(|make| Ask::Service(Box::new(make)))),
    ("code.read", |a| Read::decode(a).map(|read| Ask::Service(Box::new(read)))),
    ("speech.languages", |a| speech::Languages::decode(a).map(service)),
    ("speech.say", |a| speech::Say::decode(a).map(service)),
    ("speech.wait-for", |a| speech::WaitFor::decode(a).map(service)),
    ("speech.stop", |a| speech::Stop::decode(a).map(service)),
    ("clipboard.write", |a| clipboard::Write::decode(a).map(|write| Ask::Service(Box::new(write)))),
    ("clipboard.read", |a| clipboard::Read::decode(a).map(service)),
    ("scan.scanners", |a| scan::Scanners::decode(a).map(service)),
    ("scan.page", |a| scan::Page::decode(a).map(service)),
    ("notify.show", |a| Show::decode(a).map(service)),
    ("notify.withdraw", |a| Withdraw::decode(a).map(service)),
    ("files.pick", |a| files::Pick::decode(a).map(service)),
    ("files.read", |a| files::Read::decode(a).map(service)),
    ("files.close", |a| files::Close::decode(a).map(service)),
    ("files.save", |a| files::Save::decode(a).map(service)),
    ("open-app.open", |a| open_app::Open::decode(a).map(service)),
    ("open-app.given", |a| open_app::Given::decode(a).map(|given| Ask::Service(Box::new(given)))),
    ("open-app.answer", |a| open_app::Answer::decode(a).map(|answer| Ask::Service(Box::new(answer)))),
    ("telemetry.count", |a| Count::decode(a).map(service)),
    ("navigation.navigate", |a| Navigation::decode_navigate(a).map(navigation)),
    ("navigation.redirect", |a| Navigation::decode_redirect(a).map(navigation)),
    ("navigation.back", |a| Navigation::decode_back(a).map(navigation)),
    ("timer.after", |a| After::decode(a).map(|after| Ask::Session(SessionCall::Timer(after)))),
    ("app-info.get", |a| a.end().map(|()| Ask::Session(SessionCall::AppInfo))),
];

fn service<C: Call + Send + 'static>(call: C) -> Ask {
    Ask::Service(Box::new(call))
}

fn navigation(navigation: Navigation) -> Ask {
    Ask::Session(SessionCall::Navigation(navigation))
}

impl Ask {
    /// Decodes a call by its WIT name, such as `storage` and `get`.
    pub fn decode(interface: &str, function: &str, arguments: Vec<Value>) -> Result<Self, InvalidArguments> {
        let wanted = |name: &str| name.split_once('.') == Some((interface, function));
        match TABLE.iter().find(|(name, _)| wanted(name)) {
            Some((name, decode)) => decode(Arguments::new(name, arguments)),
            None => Err(InvalidArguments(format!("there is no host function {interface}.{function}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use wit_parser::{Resolve, Type, TypeDefKind};

    #[test]
    fn the_table_is_the_wit() {
        let mut resolve = Resolve::new();
        resolve.push_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")).unwrap();
        let mut starts = Vec::new();
        for (_, interface) in &resolve.interfaces {
            let Some(interface_name) = &interface.name else { continue };
            for (name, function) in &interface.functions {
                let is_call =
                    matches!(function.result, Some(Type::Id(id)) if resolve.types[id].name.as_deref() == Some("call"));
                if is_call {
                    assert!(
                        interface.functions.contains_key(&format!("{name}-result")),
                        "{interface_name}.{name} has no result"
                    );
                    starts.push(format!("{interface_name}.{name}"));
                }
            }
        }
        let mut table: Vec<_> = TABLE.iter().map(|(name, _)| (*name).to_owned()).collect();
        starts.sort();
        table.sort();
        assert_eq!(table, starts);
    }

    #[test]
    fn wrong_arguments_say_which_and_why() {
        let refuse =
            |interface, function, arguments| Ask::decode(interface, function, arguments).unwrap_err().to_string();
        insta::assert_snapshot!(refuse("storage", "get", vec![]), @"storage.get: key must be a text");
        insta::assert_snapshot!(refuse("storage", "get", vec![Value::Text(String::new())]), @"storage.get: key must be 1 to 512 bytes long");
        insta::assert_snapshot!(refuse("timer", "after", vec![Value::Integer(-1)]), @"timer.after: ms must be a whole number from 0 to 86400000");
        insta::assert_snapshot!(refuse("navigation", "back", vec![Value::Null]), @"navigation.back: too many arguments");
        insta::assert_snapshot!(refuse("printer", "print", vec![]), @"there is no host function printer.print");
    }

    /// One value of every kind, and numbers that no integer of the WIT takes.
    fn every_kind() -> Vec<Value> {
        vec![
            Value::Null,
            Value::Bool(true),
            Value::Integer(-1),
            Value::Integer(1 << 40),
            Value::Float(0.5),
            Value::Float(f64::NAN),
            Value::Text("x".to_owned()),
            Value::Bytes(vec![1]),
            Value::List(vec![Value::Null]),
            Value::Record([("x".to_owned(), Value::Null)].into()),
        ]
    }

    /// Whether a value may be of a type of the WIT, as far as its kind goes.
    fn may_be(resolve: &Resolve, ty: Type, value: &Value) -> bool {
        let kind = match ty {
            Type::String => return matches!(value, Value::Text(_)),
            Type::U32 => return false,
            Type::Id(id) => &resolve.types[id].kind,
            _ => panic!("{ty:?} is new: say what may be given for it"),
        };
        match kind {
            TypeDefKind::Type(ty) => may_be(resolve, *ty, value),
            TypeDefKind::Option(ty) => *value == Value::Null || may_be(resolve, *ty, value),
            TypeDefKind::List(Type::U8) => matches!(value, Value::Bytes(_)),
            TypeDefKind::Variant(variant) => {
                variant.cases.iter().filter_map(|case| case.ty).any(|ty| may_be(resolve, ty, value))
            }
            // What these are made of is made of texts: none of the values is.
            TypeDefKind::Record(_) | TypeDefKind::List(_) | TypeDefKind::Enum(_) => false,
            _ => panic!("{kind:?} is new: say what may be given for it"),
        }
    }

    /// What is right for every parameter, by its name.
    fn right(parameter: &str) -> Value {
        match parameter {
            "ms" | "job" | "seconds" | "connection" | "number" | "offset" | "most" => Value::Integer(1),
            "picture" => Value::Record(
                [("width".to_owned(), Value::Integer(1)), ("grey".to_owned(), Value::Bytes(vec![0]))].into(),
            ),
            "bars" => Value::Text("code128".to_owned()),
            "reader" | "speed" => Value::Null,
            "how" => Value::Record([("resolution".to_owned(), Value::Integer(75))].into()),
            "endings" => Value::List(vec![Value::Text("pdf".to_owned())]),
            "name" => Value::Text("x.pdf".to_owned()),
            "bytes" => Value::Bytes(vec![1]),
            "app" => Value::Text("gov.example.tax".to_owned()),
            "lang" => Value::Text("zh-Hans".to_owned()),
            "slot" => Value::Text("present".to_owned()),
            "applet" => Value::Text("A000000003".to_owned()),
            "command" => Value::Bytes(vec![0, 0xb0, 0, 0]),
            "order" => Value::Record([("document".to_owned(), Value::Text("x".to_owned()))].into()),
            "route" => Value::Text("pages/x".to_owned()),
            "request" => Value::Record(
                [("method", "GET"), ("url", "https://a.example/")]
                    .map(|(n, v)| (n.to_owned(), Value::Text(v.to_owned())))
                    .into(),
            ),
            _ => Value::Text("x".to_owned()),
        }
    }

    #[test]
    fn every_function_refuses_every_argument_of_a_wrong_type() {
        let mut resolve = Resolve::new();
        resolve.push_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")).unwrap();
        let mut refused = 0;
        for (name, _) in TABLE {
            let (interface, function) = name.split_once('.').unwrap();
            let (_, found) =
                resolve.interfaces.iter().find(|(_, found)| found.name.as_deref() == Some(interface)).unwrap();
            let parameters = &found.functions[function].params;
            let rights: Vec<_> = parameters.iter().map(|parameter| right(&parameter.name)).collect();
            Ask::decode(interface, function, rights.clone()).unwrap();
            let refuse = |arguments: Vec<Value>| {
                let asked = Ask::decode(interface, function, arguments.clone());
                assert!(asked.is_err(), "{name} takes {arguments:?}");
            };
            refuse([&rights[..], &[Value::Null]].concat());
            for (at, parameter) in parameters.iter().enumerate() {
                // What may be nothing may be left out at the end.
                if !may_be(&resolve, parameter.ty, &Value::Null) {
                    refuse(rights.get(..at).unwrap().to_vec());
                }
                for wrong in every_kind().into_iter().filter(|value| !may_be(&resolve, parameter.ty, value)) {
                    let mut arguments = rights.clone();
                    arguments[at] = wrong;
                    refuse(arguments);
                    refused += 1;
                }
                // The members of a record are arguments, too.
                let Type::Id(id) = parameter.ty else { continue };
                let TypeDefKind::Record(record) = &resolve.types[id].kind else { continue };
                for field in &record.fields {
                    for wrong in every_kind().into_iter().filter(|value| !may_be(&resolve, field.ty, value)) {
                        // What may be left out may be nothing, and an empty list may be left out.
                        if wrong == Value::Null {
                            continue;
                        }
                        let Value::Record(mut members) = right(&parameter.name) else { panic!("it is a record") };
                        members.insert(field.name.clone(), wrong);
                        let mut arguments = rights.clone();
                        arguments[at] = Value::Record(members);
                        refuse(arguments);
                        refused += 1;
                    }
                }
            }
        }
        assert!(refused > 100, "only {refused} were tried");
    }
}
