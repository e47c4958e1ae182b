//! `card`: applets on smart cards (ISO 7816-4), each behind a scope.

use std::{fmt, str::FromStr, time::Duration};

use serde_json::{Value as Json, json};

use crate::{
    Arguments, Call, Failure, InvalidArguments, Permission, PermissionName, Permit, Scope, Services, Stop, Value,
    members::{Members, record},
    words::words,
};

/// Longest command, in bytes: a short APDU with all its data.
pub const MAX_COMMAND_BYTES: usize = 261;
/// Longest answer, in bytes, status included: an extended one.
pub const MAX_ANSWER_BYTES: usize = 65_538;
/// Most connections of one app.
pub const MAX_CONNECTIONS: usize = 4;
/// Longest wait for a card, in seconds.
pub const MAX_SECONDS: i64 = 60;
/// Longest name of a reader, in bytes.
pub const MAX_NAME_BYTES: usize = 128;

/// The member of the scope that lists applets.
const APPLETS: &str = "applets";

words! {
    /// What is in a reader.
    Slot {
        /// No card.
        Empty = "empty",
        /// A card that answers.
        Present = "present",
        /// A card that does not answer.
        Mute = "mute",
    }
}

/// The identifier of an applet (AID, ISO 7816-4): 5 to 16 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Applet(Vec<u8>);

/// A text is not the identifier of an applet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not the identifier of an applet: 5 to 16 bytes in hexadecimal, upper case", .0.escape_debug())]
pub struct InvalidApplet(pub String);

impl Applet {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The command that selects it: SELECT by name, first occurrence, with all it says about itself.
    pub fn select(&self) -> Vec<u8> {
        let length = u8::try_from(self.0.len()).unwrap_or(u8::MAX);
        [&[0x00, SELECT, BY_NAME, 0x00, length][..], &self.0, &[0x00]].concat()
    }
}

impl FromStr for Applet {
    type Err = InvalidApplet;

    fn from_str(text: &str) -> Result<Self, InvalidApplet> {
        let refuse = || InvalidApplet(text.to_owned());
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
        if !(10..=32).contains(&text.len()) || !text.len().is_multiple_of(2) || !text.bytes().all(is_digit) {
            return Err(refuse());
        }
        let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
        pairs.map(|pair| u8::from_str_radix(pair, 16).map_err(|_| refuse())).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Applet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// Instructions (ISO 7816-4) that change where the next command goes.
const SELECT: u8 = 0xa4;
const MANAGE_CHANNEL: u8 = 0x70;
/// P1 of SELECT: by name; and those that stay below the selected applet: a child, a file in it, a path from it.
const BY_NAME: u8 = 0x04;
const BELOW: [u8; 3] = [0x01, 0x02, 0x09];
/// The class that readers keep for themselves (PC/SC, part 3).
const OF_THE_READER: u8 = 0xff;

/// A command that stays within its applet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command(Vec<u8>);

impl Command {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Or why it is none of the app's.
    fn read(bytes: Vec<u8>) -> Result<Self, &'static str> {
        let [class, instruction, p1, ..] = *bytes.as_slice() else { return Err("a command has 4 bytes or more") };
        if bytes.len() < 4 || bytes.len() > MAX_COMMAND_BYTES {
            return Err("a command has 4 to 261 bytes");
        }
        // ISO 7816-4, 5.4.1: the channel is in the two lowest bits of an interindustry class, or in four with bit 7 set.
        let is_other_channel = class & 0x03 != 0 || class & 0x40 != 0;
        match instruction {
            _ if class == OF_THE_READER => Err("it speaks to the reader"),
            _ if is_other_channel => Err("it speaks on another channel"),
            MANAGE_CHANNEL => Err("it opens or closes a channel"),
            SELECT if !BELOW.contains(&p1) => Err("it selects what may lie outside of the applet"),
            _ => Ok(Self(bytes)),
        }
    }
}

/// A reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Its name on this terminal.
    pub name: String,
    /// What is in it.
    pub slot: Slot,
}

/// A connection to an applet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Of the app.
    pub number: u32,
    /// Where the card is.
    pub reader: String,
    /// What the applet said of itself.
    pub selected: Vec<u8>,
}

/// What an applet has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Without the status.
    pub data: Vec<u8>,
    /// SW1 and SW2.
    pub status: u16,
}

impl Answer {
    /// Takes a response APDU apart; none if it has no status.
    pub fn of(mut response: Vec<u8>) -> Option<Self> {
        let (sw2, sw1) = (response.pop()?, response.pop()?);
        Some(Self { data: response, status: u16::from_be_bytes([sw1, sw2]) })
    }
}

/// What a terminal must provide for `card` to work. Each app reaches its own connections only.
pub trait Card: Send + Sync {
    /// The readers there are.
    fn readers(&self, permit: Permit<Readers>) -> Result<Vec<Reader>, Failure>;
    /// Waits until something is in a reader.
    fn wait_for(&self, permit: Permit<WaitFor>) -> Result<Reader, Failure>;
    /// Connects to an applet.
    fn connect(&self, permit: Permit<Connect>) -> Result<Connection, Failure>;
    /// Sends a command to it.
    fn exchange(&self, permit: Permit<Exchange>) -> Result<Answer, Failure>;
    /// Ends a connection.
    fn disconnect(&self, permit: Permit<Disconnect>) -> Result<(), Failure>;
}

/// Asks for the readers.
#[derive(Debug, Default)]
pub struct Readers {
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Waits until something is in a reader.
#[derive(Debug)]
pub struct WaitFor {
    /// What.
    pub slot: Slot,
    /// How long.
    pub patience: Duration,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Connects to an applet.
#[derive(Debug)]
pub struct Connect {
    /// Which.
    pub applet: Applet,
    /// In which reader; the first with a card if it is none.
    pub reader: Option<String>,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Sends a command.
#[derive(Debug)]
pub struct Exchange {
    /// Over which connection.
    pub connection: u32,
    /// Which.
    pub command: Command,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Ends a connection.
#[derive(Debug)]
pub struct Disconnect {
    /// Which.
    pub connection: u32,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// A reply of this interface, as a [`Value`].
#[derive(Debug)]
pub struct Reply<T>(pub T);

macro_rules! card_call {
    ($call:ident, $method:ident, $reply:ty, $needs:expr) => {
        impl Call for $call {
            type Reply = Reply<$reply>;

            fn needs(&self) -> Permission {
                let needs: fn(&Self) -> Permission = $needs;
                needs(self)
            }

            fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Self::Reply, Failure> {
                services.card().$method(permit).map(Reply)
            }

            fn stop(&self) -> Option<Stop> {
                Some(self.stop.clone())
            }
        }
    };
}

card_call!(Readers, readers, Vec<Reader>, |_| of_applets(&[]));
card_call!(WaitFor, wait_for, Reader, |_| of_applets(&[]));
card_call!(Connect, connect, Connection, |call| of_applets(&[call.applet.to_string()]));
card_call!(Exchange, exchange, Answer, |_| of_applets(&[]));
card_call!(Disconnect, disconnect, (), |_| of_applets(&[]));

/// The name of the permission.
pub(crate) fn permission_name() -> PermissionName {
    PermissionName::host("card")
}

/// With no applet: what whoever reaches any card may do.
fn of_applets(applets: &[String]) -> Permission {
    Permission::limited(permission_name(), APPLETS, json!(applets))
}

/// What is wrong with a scope: it has to list applets, and nothing else.
pub(crate) fn scope_fault(scope: &Scope) -> Option<String> {
    if let Some(other) = scope.members().keys().find(|member| *member != APPLETS) {
        return Some(format!("`{other}` limits nothing here; `{APPLETS}` does"));
    }
    let applets = match scope.members().get(APPLETS) {
        Some(Json::Array(applets)) if !applets.is_empty() => applets,
        _ => return Some("it lists no `applets`".to_owned()),
    };
    let fault = |applet: &Json| match applet.as_str() {
        Some(text) => text.parse::<Applet>().err().map(|invalid| invalid.to_string()),
        None => Some(format!("{applet} is not the identifier of an applet")),
    };
    applets.iter().find_map(fault)
}

impl Readers {
    pub(crate) fn decode(arguments: Arguments) -> Result<Self, InvalidArguments> {
        arguments.end().map(|()| Self::default())
    }
}

impl WaitFor {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let slot = arguments.value().and_then(|value| Slot::of(&value));
        let slot = slot.ok_or_else(|| arguments.wrong("slot", "empty, present or mute"))?;
        let seconds = arguments.integer("seconds", MAX_SECONDS)?;
        let patience = Duration::from_secs(seconds.unsigned_abs().max(1));
        arguments.end().map(|()| Self { slot, patience, stop: Stop::default() })
    }
}

impl Connect {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let applet = arguments.text("applet")?;
        let applet = applet.parse().map_err(|_| {
            arguments.wrong("applet", "the identifier of an applet: 5 to 16 bytes in hexadecimal, upper case")
        })?;
        let reader = match arguments.value().unwrap_or(Value::Null) {
            Value::Null => None,
            Value::Text(name) if name.len() <= MAX_NAME_BYTES => Some(name),
            _ => return Err(arguments.wrong("reader", "the name of a reader")),
        };
        arguments.end().map(|()| Self { applet, reader, stop: Stop::default() })
    }
}

impl Exchange {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let connection = number(&mut arguments)?;
        let Some(Value::Bytes(bytes)) = arguments.value() else {
            return Err(arguments.wrong("command", "the bytes of a command APDU"));
        };
        let foreign = |why| {
            let class = "card/foreign";
            let hint = "the scope of host:card says which applets are reached, and `connect` selects one";
            InvalidArguments(format!("{class}: the command stays here, because {why}; hint: {hint}"))
        };
        let command = Command::read(bytes).map_err(foreign)?;
        arguments.end().map(|()| Self { connection, command, stop: Stop::default() })
    }
}

impl Disconnect {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let connection = number(&mut arguments)?;
        arguments.end().map(|()| Self { connection, stop: Stop::default() })
    }
}

fn number(arguments: &mut Arguments) -> Result<u32, InvalidArguments> {
    let connection = arguments.integer("connection", u32::MAX.into())?;
    u32::try_from(connection).map_err(|_| arguments.wrong("connection", "the number of a connection"))
}

impl Reader {
    /// Reads a reader as a driver tells of it; none if it is no reader.
    pub fn of(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        let name = members.text("name").filter(|name| (1..=MAX_NAME_BYTES).contains(&name.len()))?;
        Some(Self { name, slot: Slot::of(&members.take("slot"))? })
    }
}

impl From<Reader> for Value {
    fn from(reader: Reader) -> Self {
        record([("name", Self::Text(reader.name)), ("slot", reader.slot.into())])
    }
}

impl From<Reply<Vec<Reader>>> for Value {
    fn from(reply: Reply<Vec<Reader>>) -> Self {
        Self::List(reply.0.into_iter().map(Self::from).collect())
    }
}

impl From<Reply<Reader>> for Value {
    fn from(reply: Reply<Reader>) -> Self {
        reply.0.into()
    }
}

impl From<Reply<Connection>> for Value {
    fn from(reply: Reply<Connection>) -> Self {
        let Connection { number, reader, selected } = reply.0;
        record([
            ("number", Self::Integer(number.into())),
            ("reader", Self::Text(reader)),
            ("selected", Self::Bytes(selected)),
        ])
    }
}

impl From<Reply<Answer>> for Value {
    fn from(reply: Reply<Answer>) -> Self {
        let Answer { data, status } = reply.0;
        record([("data", Self::Bytes(data)), ("status", Self::Integer(status.into()))])
    }
}

impl From<Reply<()>> for Value {
    fn from(_: Reply<()>) -> Self {
        Self::Null
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ask, Consent, DevicePolicy, Grants};

    const OURS: &str = "F0475549434845540001";

    fn held(scope: &str) -> Grants {
        let held: Vec<Permission> = serde_json::from_str(&format!(r#"[{{"name":"host:card"{scope}}}]"#)).unwrap();
        Grants::intersect("a.b".parse().unwrap(), &held, &held, &DevicePolicy::default(), &Consent::default())
    }

    fn connect(applet: &str) -> Connect {
        Connect { applet: applet.parse().unwrap(), reader: None, stop: Stop::default() }
    }

    #[test]
    fn only_applets_of_the_scope_are_reached() {
        let grants = held(&format!(r#","scope":{{"applets":["{OURS}"]}}"#));
        assert!(grants.permit(connect(OURS)).is_ok());
        assert!(grants.permit(Readers::default()).is_ok());
        let denial = grants.permit(connect("A000000003000000")).unwrap_err();
        insta::assert_snapshot!(denial, @r#"the permission `host:card` for {"applets":["A000000003000000"]} is missing; hint: ask for it in manifest.json: "req_permissions": [{"name": "host:card", "reason": "…", "scope": {"applets":["A000000003000000"]}}]"#);
        assert!(held("").permit(Readers::default()).is_err(), "without applets nothing is granted");
    }

    #[test]
    fn a_scope_lists_applets() {
        let fault = |scope: &str| {
            let permission: Permission =
                serde_json::from_str(&format!(r#"{{"name":"host:card.read","scope":{scope}}}"#)).unwrap();
            permission.scope_fault().unwrap_or_default()
        };
        assert_eq!(fault(&format!(r#"{{"applets":["{OURS}"]}}"#)), "");
        insta::assert_snapshot!(fault(r#"{"applets":[]}"#), @"it lists no `applets`");
        insta::assert_snapshot!(fault(r#"{"applets":["A000"]}"#), @"`A000` is not the identifier of an applet: 5 to 16 bytes in hexadecimal, upper case");
        insta::assert_snapshot!(fault(r#"{"readers":1}"#), @"`readers` limits nothing here; `applets` does");
    }

    #[test]
    fn an_applet_is_selected_by_its_name() {
        let applet: Applet = "A000000003".parse().unwrap();
        assert_eq!(applet.select(), [0x00, 0xa4, 0x04, 0x00, 5, 0xa0, 0, 0, 0, 3, 0]);
        assert_eq!(applet.to_string(), "A000000003");
        for wrong in ["", "A0000000", "a000000003", "A00000000", "A00000000G", &"A0".repeat(17)] {
            assert!(wrong.parse::<Applet>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_command_leaves_its_applet() {
        let refused = |bytes: &[u8]| Command::read(bytes.to_vec()).err();
        for good in [
            &[0x00, 0xb0, 0x00, 0x00, 0x00][..],
            &[0x00, 0xa4, 0x02, 0x0c, 0x02, 0x01, 0x01],
            &[0x80, 0x20, 0x00, 0x01],
        ] {
            assert_eq!(refused(good), None, "{good:02x?}");
        }
        for (bad, why) in [
            (&[0x00, 0xa4, 0x04, 0x00, 0x05, 0xa0, 0, 0, 0, 3][..], "it selects what may lie outside of the applet"),
            (&[0x00, 0xa4, 0x00, 0x00, 0x02, 0x3f, 0x00], "it selects what may lie outside of the applet"),
            (&[0x00, 0xa4, 0x08, 0x00], "it selects what may lie outside of the applet"),
            (&[0x00, 0x70, 0x00, 0x00, 0x01], "it opens or closes a channel"),
            (&[0x01, 0xb0, 0x00, 0x00], "it speaks on another channel"),
            (&[0x41, 0xb0, 0x00, 0x00], "it speaks on another channel"),
            (&[0xff, 0xca, 0x00, 0x00], "it speaks to the reader"),
            (&[0x00, 0xb0], "a command has 4 bytes or more"),
            (&[0x00, 0xb0, 0x00], "a command has 4 to 261 bytes"),
        ] {
            assert_eq!(refused(bad), Some(why), "{bad:02x?}");
        }
        assert!(refused(&[0; MAX_COMMAND_BYTES + 1]).is_some());
        let asked = Ask::decode("card", "exchange", vec![Value::Integer(1), Value::Bytes(vec![0, 0x70, 0, 0])]);
        insta::assert_snapshot!(asked.unwrap_err(), @"card/foreign: the command stays here, because it opens or closes a channel; hint: the scope of host:card says which applets are reached, and `connect` selects one");
    }

    #[test]
    fn an_answer_ends_with_its_status() {
        assert_eq!(Answer::of(vec![1, 2, 0x90, 0x00]), Some(Answer { data: vec![1, 2], status: 0x9000 }));
        assert_eq!(Answer::of(vec![0x6a, 0x82]), Some(Answer { data: vec![], status: 0x6a82 }));
        assert_eq!(Answer::of(vec![0x90]), None);
    }
}
