//! `open-app`: another app, opened for something, and what it answers.

use serde_json::{Value as Json, json};

use crate::{
    AppId, Arguments, Call, Failure, Grants, InvalidArguments, Permission, PermissionName, Permit, Scope, ServiceCall,
    Services, Stop, Value, clipboard::TOUCH, members::record,
};

/// Longest text that is given or answered, in bytes.
pub const MAX_DATA_BYTES: usize = 16 << 10;

/// The member of the scope that lists apps.
const APPS: &str = "apps";

/// Who has opened an app, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The app that has opened it.
    pub app: AppId,
    /// What it has to know.
    pub data: String,
}

/// What a terminal must provide for `open-app` to work.
pub trait OpenApp: Send + Sync {
    /// Opens an app; what it answers, or none if it was closed.
    fn open(&self, permit: Permit<Open>) -> Result<Option<String>, Failure>;
    /// Who has opened this app and waits.
    fn given(&self, app: &AppId) -> Result<Option<Visit>, Failure>;
    /// Answers whoever has opened this app.
    fn answer(&self, app: &AppId, data: String) -> Result<(), Failure>;
}

/// Opens an app.
#[derive(Debug)]
pub struct Open {
    /// Which.
    pub app: AppId,
    /// What it has to know.
    pub data: String,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Asks who has opened this app; it needs no permission.
#[derive(Debug)]
pub struct Given;

/// Answers whoever has opened this app; it needs no permission.
#[derive(Debug)]
pub struct Answer {
    data: String,
}

/// What an app has answered, as a [`Value`].
#[derive(Debug)]
pub struct Answered(Option<String>);

impl Call for Open {
    type Reply = Answered;

    fn needs(&self) -> Permission {
        Permission::limited(permission_name(), APPS, json!([self.app.as_str()]))
    }

    fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Answered, Failure> {
        services.open_app().open(permit).map(Answered)
    }

    fn stop(&self) -> Option<Stop> {
        Some(self.stop.clone())
    }

    fn untouched(&self) -> Option<Failure> {
        let seconds = TOUCH.as_secs();
        Some(Failure::Unavailable(format!(
            "open-app/untouched: no app opens that nobody has asked for; hint: call it when a button is pressed, within {seconds} seconds"
        )))
    }
}

impl ServiceCall for Given {
    fn perform(self: Box<Self>, grants: &Grants, services: &dyn Services) -> Result<Value, Failure> {
        let visit = services.open_app().given(grants.app())?;
        Ok(visit.map_or(Value::Null, |Visit { app, data }| {
            record([("app", Value::Text(app.to_string())), ("data", Value::Text(data))])
        }))
    }
}

impl ServiceCall for Answer {
    fn perform(self: Box<Self>, grants: &Grants, services: &dyn Services) -> Result<Value, Failure> {
        services.open_app().answer(grants.app(), self.data).map(|()| Value::Null)
    }
}

impl From<Answered> for Value {
    fn from(answered: Answered) -> Self {
        answered.0.map_or(Self::Null, Self::Text)
    }
}

/// The name of the permission.
pub(crate) fn permission_name() -> PermissionName {
    PermissionName::host("open-app")
}

/// What is wrong with a scope: it has to list apps, and nothing else.
pub(crate) fn scope_fault(scope: &Scope) -> Option<String> {
    if let Some(other) = scope.members().keys().find(|member| *member != APPS) {
        return Some(format!("`{other}` limits nothing here; `{APPS}` does"));
    }
    let apps = match scope.members().get(APPS) {
        Some(Json::Array(apps)) if !apps.is_empty() => apps,
        _ => return Some("it lists no `apps`".to_owned()),
    };
    let is_app = |app: &Json| app.as_str().is_some_and(|text| text.parse::<AppId>().is_ok());
    apps.iter().find(|app| !is_app(app)).map(|app| format!("{app} is not the id of an app"))
}

impl Open {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let app = arguments.text("app")?;
        let app = app.parse().map_err(|_| arguments.wrong("app", "the id of an app"))?;
        let data = data(&mut arguments)?;
        arguments.end().map(|()| Self { app, data, stop: Stop::default() })
    }
}

impl Given {
    pub(crate) fn decode(arguments: Arguments) -> Result<Self, InvalidArguments> {
        arguments.end().map(|()| Self)
    }
}

impl Answer {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let data = data(&mut arguments)?;
        arguments.end().map(|()| Self { data })
    }
}

fn data(arguments: &mut Arguments) -> Result<String, InvalidArguments> {
    let data = arguments.text("data")?;
    if data.len() <= MAX_DATA_BYTES { Ok(data) } else { Err(arguments.wrong("data", "at most 16384 bytes long")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_lists_apps() {
        let fault = |scope: &str| {
            let permission: Permission =
                serde_json::from_str(&format!(r#"{{"name":"host:open-app","scope":{scope}}}"#)).unwrap();
            permission.scope_fault().unwrap_or_default()
        };
        assert_eq!(fault(r#"{"apps":["gov.example.tax"]}"#), "");
        insta::assert_snapshot!(fault("{}"), @"it lists no `apps`");
        insta::assert_snapshot!(fault(r#"{"apps":["gov.example.tax","Tax"]}"#), @r#""Tax" is not the id of an app"#);
        insta::assert_snapshot!(fault(r#"{"any":true}"#), @"`any` limits nothing here; `apps` does");
    }
}
