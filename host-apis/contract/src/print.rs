//! `print`: documents on the printers of a terminal.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::{
    Arguments, Call, Failure, InvalidArguments, Permission, PermissionName, Permit, Scope, Services, Stop, Value,
    clipboard::TOUCH,
    members::{Members, record},
    words::words,
};

/// Longest document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 2 << 20;
/// Most copies of one document.
pub const MAX_COPIES: u32 = 20;
/// Most jobs of one app that are under way.
pub const MAX_UNDER_WAY: usize = 10;
/// How long a printer that is busy is asked again.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Longest name of a printer, in bytes.
pub const MAX_NAME_BYTES: usize = 128;

/// The member of the scope that limits copies.
const COPIES: &str = "copies";

words! {
    /// What a printer takes.
    Form {
        /// Lines of text.
        Text = "text",
        /// A PDF.
        Pdf = "pdf",
    }
}

words! {
    /// How a printer is.
    Condition {
        /// It prints what comes.
        Ready = "ready",
        /// It prints something.
        Busy = "busy",
        /// It needs paper.
        PaperOut = "paper-out",
        /// Paper is stuck in it.
        Jammed = "jammed",
        /// It needs a person for something else.
        Attention = "attention",
        /// It does not answer.
        Unreachable = "unreachable",
    }
}

impl Condition {
    /// Whether a person has to do something before it prints again.
    pub fn needs_a_person(self) -> bool {
        !matches!(self, Self::Ready | Self::Busy)
    }
}

words! {
    /// How far a job is.
    Progress {
        /// It has not begun.
        Waiting = "waiting",
        /// It is on its way to the paper.
        Printing = "printing",
        /// It goes on once its printer is ready.
        Stopped = "stopped",
        /// All of it is on paper.
        Done = "done",
        /// It cannot be printed.
        Failed = "failed",
        /// It was taken back.
        Cancelled = "cancelled",
    }
}

impl Progress {
    /// Whether nothing more will come of it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// What is to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// Lines of text.
    Text(String),
    /// A PDF.
    Pdf(Vec<u8>),
}

impl Document {
    /// What a printer has to take for it.
    pub fn form(&self) -> Form {
        match self {
            Self::Text(_) => Form::Text,
            Self::Pdf(_) => Form::Pdf,
        }
    }

    /// The bytes of it.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Pdf(bytes) => bytes,
        }
    }
}

words! {
    /// What a page is printed on, upright.
    Paper {
        /// 210 mm by 297 mm.
        A4 = "a4",
        /// 148 mm by 210 mm.
        A5 = "a5",
    }
}

/// What an app wants printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Original {
    /// What it has made itself.
    Document(Document),
    /// A page of it, as it is seen; the shell makes a PDF of it.
    Page(Paper),
}

impl Original {
    /// What a printer has to take for it.
    pub fn form(&self) -> Form {
        match self {
            Self::Document(document) => document.form(),
            Self::Page(_) => Form::Pdf,
        }
    }
}

/// What is to be printed, where and how often. Printers get a [`Document`]; an app may name an [`Original`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order<D = Document> {
    /// What is to be printed.
    pub document: D,
    /// The printer; the first that takes such a document if it is none.
    pub printer: Option<String>,
    /// How often.
    pub copies: u32,
}

/// A printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printer {
    /// Its name on this terminal.
    pub name: String,
    /// How it is.
    pub condition: Condition,
    /// What it takes.
    pub takes: Vec<Form>,
}

/// A job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// How far it is.
    pub progress: Progress,
    /// How its printer is.
    pub condition: Condition,
}

/// What a terminal must provide for `print` to work. Each app sees its own jobs only.
pub trait Print: Send + Sync {
    /// The printers there are.
    fn printers(&self, permit: Permit<Printers>) -> Result<Vec<Printer>, Failure>;
    /// Hands a document over; the number of the job.
    fn submit(&self, permit: Permit<Submit>) -> Result<u32, Failure>;
    /// How far a job is.
    fn status(&self, permit: Permit<Status>) -> Result<Job, Failure>;
    /// Takes a job back.
    fn cancel(&self, permit: Permit<Cancel>) -> Result<(), Failure>;
}

/// Asks for the printers.
#[derive(Debug, Default)]
pub struct Printers {
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Hands a document over.
#[derive(Debug)]
pub struct Submit {
    /// What is to be done.
    pub order: Order<Original>,
    /// The page that asks; none: the app's logic.
    pub page: Option<u32>,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Asks how far a job is.
#[derive(Debug)]
pub struct Status {
    /// The number of the job.
    pub job: u32,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Takes a job back.
#[derive(Debug)]
pub struct Cancel {
    /// The number of the job.
    pub job: u32,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// A reply of this interface, as a [`Value`].
#[derive(Debug)]
pub struct Reply<T>(pub T);

macro_rules! print_call {
    ($call:ident, $method:ident, $reply:ty, $needs:expr $(, { $($more:item)* })?) => {
        impl Call for $call {
            type Reply = Reply<$reply>;

            fn needs(&self) -> Permission {
                let needs: fn(&Self) -> Permission = $needs;
                needs(self)
            }

            fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Self::Reply, Failure> {
                services.print().$method(permit).map(Reply)
            }

            fn stop(&self) -> Option<Stop> {
                Some(self.stop.clone())
            }

            $($($more)*)?
        }
    };
}

print_call!(Printers, printers, Vec<Printer>, |_| of_copies(1));
print_call!(Submit, submit, u32, |call| Permission::limited(permission_name(), COPIES, json!(call.order.copies)), {
    fn untouched(&self) -> Option<Failure> {
        matches!(self.order.document, Original::Page(_)).then(untouched)
    }

    fn asked_by(&mut self, page: u32) {
        self.page = Some(page);
    }
});
print_call!(Status, status, Job, |_| of_copies(1));
print_call!(Cancel, cancel, (), |_| of_copies(1));

fn untouched() -> Failure {
    let seconds = TOUCH.as_secs();
    Failure::Unavailable(format!(
        "print/untouched: no page is printed that nobody has asked for; hint: call it when a button is pressed, within {seconds} seconds"
    ))
}

/// The name of the permission.
pub(crate) fn permission_name() -> PermissionName {
    PermissionName::host("print")
}

/// What whoever may print at all may do.
fn of_copies(copies: u32) -> Permission {
    Permission::limited(permission_name(), COPIES, json!(copies))
}

/// What is wrong with a scope: it may say how many copies, and nothing else.
pub(crate) fn scope_fault(scope: &Scope) -> Option<String> {
    let is_limit = |limit: &Json| limit.as_u64().is_some_and(|copies| (1..=u64::from(MAX_COPIES)).contains(&copies));
    let fault = |(member, limit): (&String, &Json)| match member.as_str() {
        COPIES if is_limit(limit) => None,
        COPIES => Some(format!("`copies` is a whole number from 1 to {MAX_COPIES}")),
        other => Some(format!("`{other}` limits nothing here; `copies` does")),
    };
    scope.members().iter().find_map(fault)
}

impl Printers {
    pub(crate) fn decode(arguments: Arguments) -> Result<Self, InvalidArguments> {
        arguments.end().map(|()| Self::default())
    }
}

impl Submit {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let order = Order::decode(&mut arguments)?;
        arguments.end().map(|()| Self { order, page: None, stop: Stop::default() })
    }
}

impl Status {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let job = number(&mut arguments)?;
        arguments.end().map(|()| Self { job, stop: Stop::default() })
    }
}

impl Cancel {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let job = number(&mut arguments)?;
        arguments.end().map(|()| Self { job, stop: Stop::default() })
    }
}

fn number(arguments: &mut Arguments) -> Result<u32, InvalidArguments> {
    let job = arguments.integer("job", u32::MAX.into())?;
    u32::try_from(job).map_err(|_| arguments.wrong("job", "the number of a job"))
}

impl Order<Original> {
    fn decode(arguments: &mut Arguments) -> Result<Self, InvalidArguments> {
        let value = arguments.value().unwrap_or(Value::Null);
        Self::read(value).map_err(|(member, wanted)| arguments.wrong(member, wanted))
    }

    /// Or which member is wrong, and what it must be.
    fn read(value: Value) -> Result<Self, (&'static str, &'static str)> {
        let mut members = Members::of(value).ok_or(("order", "a record {document, printer, copies}"))?;
        let document = match members.take("document") {
            Value::Text(text) if text.len() <= MAX_DOCUMENT_BYTES => Original::Document(Document::Text(text)),
            Value::Bytes(bytes) if bytes.len() <= MAX_DOCUMENT_BYTES && bytes.starts_with(b"%PDF-") => {
                Original::Document(Document::Pdf(bytes))
            }
            page => {
                let paper = Members::of(page).and_then(|mut page| Paper::of(&page.take("paper")));
                let wanted =
                    "a text or the bytes of a PDF, of at most 2 MiB, or the page that is seen, as {paper: a4 or a5}";
                Original::Page(paper.ok_or(("document", wanted))?)
            }
        };
        let printer = match members.take("printer") {
            Value::Null => None,
            Value::Text(name) if name.len() <= MAX_NAME_BYTES => Some(name),
            _ => return Err(("printer", "the name of a printer")),
        };
        let copies = match members.take("copies") {
            Value::Null => Some(1),
            Value::Integer(copies) => u32::try_from(copies).ok(),
            _ => None,
        };
        let copies = copies.filter(|copies| (1..=MAX_COPIES).contains(copies));
        Ok(Self { document, printer, copies: copies.ok_or(("copies", "a whole number from 1 to 20"))? })
    }
}

impl Order {
    /// Reads an order as a driver gets it; none if it is no order. A driver gets no page.
    pub fn of(value: Value) -> Option<Self> {
        let Order { document, printer, copies } = Order::read(value).ok()?;
        match document {
            Original::Document(document) => Some(Self { document, printer, copies }),
            Original::Page(_) => None,
        }
    }
}

impl From<Order> for Value {
    fn from(order: Order) -> Self {
        record([
            (
                "document",
                match order.document {
                    Document::Text(text) => Self::Text(text),
                    Document::Pdf(bytes) => Self::Bytes(bytes),
                },
            ),
            ("printer", order.printer.map_or(Self::Null, Self::Text)),
            ("copies", Self::Integer(order.copies.into())),
        ])
    }
}

impl Printer {
    /// Reads a printer as a driver tells of it; none if it is no printer.
    pub fn of(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            name: members.text("name").filter(|name| (1..=MAX_NAME_BYTES).contains(&name.len()))?,
            condition: Condition::of(&members.take("condition"))?,
            takes: members.list("takes")?.iter().map(Form::of).collect::<Option<_>>()?,
        })
    }
}

impl Job {
    /// Reads a job as a driver tells of it; none if it is no job.
    pub fn of(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        let progress = Progress::of(&members.take("progress"))?;
        Some(Self { progress, condition: Condition::of(&members.take("condition"))? })
    }
}

impl From<Printer> for Value {
    fn from(printer: Printer) -> Self {
        let takes = printer.takes.into_iter().map(Self::from).collect();
        record([
            ("name", Self::Text(printer.name)),
            ("condition", printer.condition.into()),
            ("takes", Self::List(takes)),
        ])
    }
}

impl From<Job> for Value {
    fn from(job: Job) -> Self {
        record([("progress", job.progress.into()), ("condition", job.condition.into())])
    }
}

impl From<Reply<Vec<Printer>>> for Value {
    fn from(reply: Reply<Vec<Printer>>) -> Self {
        Self::List(reply.0.into_iter().map(Self::from).collect())
    }
}

impl From<Reply<u32>> for Value {
    fn from(reply: Reply<u32>) -> Self {
        Self::Integer(reply.0.into())
    }
}

impl From<Reply<Job>> for Value {
    fn from(reply: Reply<Job>) -> Self {
        reply.0.into()
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

    fn held(scope: &str) -> Grants {
        let held: Vec<Permission> = serde_json::from_str(&format!(r#"[{{"name":"host:print"{scope}}}]"#)).unwrap();
        Grants::intersect("a.b".parse().unwrap(), &held, &held, &DevicePolicy::default(), &Consent::default())
    }

    fn submit(copies: u32) -> Submit {
        let document = Original::Document(Document::Text("x".to_owned()));
        Submit { order: Order { document, printer: None, copies }, page: None, stop: Stop::default() }
    }

    #[test]
    fn a_scope_limits_copies() {
        assert!(held("").permit(submit(20)).is_ok());
        let grants = held(r#","scope":{"copies":2}"#);
        assert!(grants.permit(submit(2)).is_ok());
        assert!(grants.permit(Status { job: 1, stop: Stop::default() }).is_ok());
        assert!(grants.permit(Printers::default()).is_ok(), "whoever may print may see the printers");
        let denial = grants.permit(submit(3)).unwrap_err();
        insta::assert_snapshot!(denial, @r#"the permission `host:print` for {"copies":3} is missing; hint: ask for it in manifest.json: "req_permissions": [{"name": "host:print", "reason": "…", "scope": {"copies":3}}]"#);
    }

    #[test]
    fn a_scope_that_limits_nothing_grants_nothing() {
        let fault = |scope: &str| {
            let permission: Permission =
                serde_json::from_str(&format!(r#"{{"name":"host:print","scope":{scope}}}"#)).unwrap();
            permission.scope_fault().unwrap_or_default()
        };
        assert_eq!(fault(r#"{"copies":20}"#), "");
        insta::assert_snapshot!(fault(r#"{"copies":21}"#), @"`copies` is a whole number from 1 to 20");
        insta::assert_snapshot!(fault(r#"{"copies":true}"#), @"`copies` is a whole number from 1 to 20");
        insta::assert_snapshot!(fault(r#"{"pages":1}"#), @"`pages` limits nothing here; `copies` does");
        assert!(held(r#","scope":{"copies":0}"#).held().is_empty());
    }

    #[test]
    fn an_order_says_what_is_wrong_with_it() {
        let refuse = |members: &[(&str, Value)]| {
            let members = members.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
            Ask::decode("print", "submit", vec![Value::Record(members.collect())]).unwrap_err().to_string()
        };
        let text = || ("document", Value::Text("x".to_owned()));
        insta::assert_snapshot!(refuse(&[]), @"print.submit: document must be a text or the bytes of a PDF, of at most 2 MiB, or the page that is seen, as {paper: a4 or a5}");
        insta::assert_snapshot!(refuse(&[("document", Value::Bytes(b"PK".to_vec()))]), @"print.submit: document must be a text or the bytes of a PDF, of at most 2 MiB, or the page that is seen, as {paper: a4 or a5}");
        insta::assert_snapshot!(refuse(&[("document", Value::Text("x".repeat(MAX_DOCUMENT_BYTES + 1)))]), @"print.submit: document must be a text or the bytes of a PDF, of at most 2 MiB, or the page that is seen, as {paper: a4 or a5}");
        insta::assert_snapshot!(refuse(&[text(), ("copies", Value::Integer(0))]), @"print.submit: copies must be a whole number from 1 to 20");
        insta::assert_snapshot!(refuse(&[text(), ("printer", Value::Integer(0))]), @"print.submit: printer must be the name of a printer");
    }

    #[test]
    fn a_page_needs_a_touch_and_no_driver_gets_one() {
        let page = |paper: Value| record([("document", record([("paper", paper)]))]);
        let mut asked = Submit::decode(Arguments::new("print.submit", vec![page(Paper::A5.into())])).unwrap();
        assert_eq!((&asked.order.document, asked.page), (&Original::Page(Paper::A5), None));
        Call::asked_by(&mut asked, 3);
        assert_eq!(asked.page, Some(3));
        insta::assert_snapshot!(asked.untouched().unwrap(), @"print/untouched: no page is printed that nobody has asked for; hint: call it when a button is pressed, within 5 seconds");
        assert!(submit(1).untouched().is_none(), "what an app has made is printed without one");
        assert_eq!(Order::of(page(Paper::A5.into())), None);
        assert!(Ask::decode("print", "submit", vec![page(Value::Text("a3".to_owned()))]).is_err());
    }

    #[test]
    fn what_a_driver_tells_is_read_or_is_nothing() {
        let printer =
            Printer { name: "A4".to_owned(), condition: Condition::PaperOut, takes: vec![Form::Pdf, Form::Text] };
        assert_eq!(Printer::of(printer.clone().into()), Some(printer));
        let job = Job { progress: Progress::Stopped, condition: Condition::Jammed };
        assert_eq!(Job::of(job.into()), Some(job));
        for nonsense in [
            Value::Null,
            Value::Text("ready".to_owned()),
            record([("progress", Value::Text("nearly".to_owned())), ("condition", Condition::Ready.into())]),
            record([("progress", Progress::Done.into())]),
        ] {
            assert_eq!(Job::of(nonsense.clone()), None, "{nonsense:?}");
        }
        let nameless = [("condition", Condition::Ready.into()), ("takes", Value::List(Vec::new()))];
        assert_eq!(Printer::of(record(nameless)), None);
    }
}
