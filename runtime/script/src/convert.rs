//! Between QuickJS's values and those of the WIT: the rules that natives.rs is written with.

use std::vec::IntoIter;

use rquickjs::{Array, Ctx, Exception, IntoJs, Object, TypedArray, Value};

use crate::bindings::guichet::app::calls::Failure;

/// A type of the WIT that comes from JavaScript.
pub(crate) trait Native: Sized {
    /// What a caller is told when the value is of another kind.
    const WANTED: &'static str;

    /// The value, if it is of this kind.
    fn from_script(value: &Value<'_>) -> Option<Self>;
}

/// A type of the WIT that goes to JavaScript.
pub(crate) trait Script {
    /// The value as JavaScript sees it; a failure is thrown.
    fn to_script<'js>(self, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>>;
}

/// The arguments of one call, taken one by one.
pub(crate) struct Arguments<'js> {
    ctx: Ctx<'js>,
    function: &'static str,
    left: IntoIter<Value<'js>>,
}

impl<'js> Arguments<'js> {
    pub(crate) fn new(ctx: Ctx<'js>, function: &'static str, values: Vec<Value<'js>>) -> Self {
        Self { ctx, function, left: values.into_iter() }
    }

    /// The next argument, or an `InvalidError` that names it.
    pub(crate) fn take<T: Native>(&mut self, name: &str) -> rquickjs::Result<T> {
        let value = self.left.next().unwrap_or_else(|| Value::new_undefined(self.ctx.clone()));
        T::from_script(&value).ok_or_else(|| throw(&self.ctx, "InvalidError", &format!("{}: {name} must be {}", self.function, T::WANTED)))
    }
}

/// The class at the beginning of a failure's text, such as `print/unsupported`.
fn class_of(message: &str) -> Option<&str> {
    let (class, _) = message.split_once(": ")?;
    let (interface, word) = class.split_once('/')?;
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    (is_word(interface) && is_word(word)).then_some(class)
}

fn throw(ctx: &Ctx<'_>, name: &str, message: &str) -> rquickjs::Error {
    let named = Exception::from_message(ctx.clone(), message).and_then(|error| {
        error.as_object().set("name", name)?;
        if let Some(class) = class_of(message) {
            error.as_object().set("class", class)?;
        }
        Ok(error)
    });
    match named {
        Ok(error) => ctx.throw(error.into_value()),
        Err(error) => error,
    }
}

impl Native for String {
    const WANTED: &'static str = "a text";

    fn from_script(value: &Value<'_>) -> Option<Self> {
        value.as_string()?.to_string().ok()
    }
}

impl Native for bool {
    const WANTED: &'static str = "true or false";

    fn from_script(value: &Value<'_>) -> Option<Self> {
        value.as_bool()
    }
}

impl Native for u32 {
    const WANTED: &'static str = "a whole number from 0 to 4294967295";

    fn from_script(value: &Value<'_>) -> Option<Self> {
        let number = value.as_number()?;
        (number.fract() == 0.0 && (0.0..=f64::from(Self::MAX)).contains(&number)).then_some(number as Self)
    }
}

impl Native for f64 {
    const WANTED: &'static str = "a number";

    fn from_script(value: &Value<'_>) -> Option<Self> {
        value.as_number()
    }
}

impl Native for Vec<u8> {
    const WANTED: &'static str = "bytes";

    fn from_script(value: &Value<'_>) -> Option<Self> {
        let array = value.as_object()?.as_typed_array::<u8>()?;
        // SAFETY: no JavaScript runs while the slice is copied.
        unsafe { array.as_bytes() }.map(<[u8]>::to_vec)
    }
}

impl<T: Native> Native for Vec<T> {
    const WANTED: &'static str = "a list";

    fn from_script(value: &Value<'_>) -> Option<Self> {
        value.as_array()?.iter::<Value<'_>>().map(|item| T::from_script(&item.ok()?)).collect()
    }
}

impl<T: Native> Native for Option<T> {
    const WANTED: &'static str = T::WANTED;

    fn from_script(value: &Value<'_>) -> Option<Self> {
        if value.is_undefined() || value.is_null() { Some(None) } else { T::from_script(value).map(Some) }
    }
}

/// `{ok}` or `{err}`.
impl<T: Native, E: Native> Native for Result<T, E> {
    const WANTED: &'static str = "`{ok}` or `{err}`";

    fn from_script(value: &Value<'_>) -> Option<Self> {
        match member(value, "ok") {
            Some(ok) => Some(Ok(ok)),
            None => member(value, "err").map(Err),
        }
    }
}

/// A member of a record.
pub(crate) fn member<T: Native>(record: &Value<'_>, name: &str) -> Option<T> {
    T::from_script(&record.as_object()?.get::<_, Value<'_>>(name).ok()?)
}

impl Script for () {
    fn to_script<'js>(self, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>> {
        Ok(Value::new_undefined(ctx.clone()))
    }
}

impl Script for Vec<u8> {
    fn to_script<'js>(self, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>> {
        Ok(TypedArray::new_copy(ctx.clone(), self)?.into_value())
    }
}

impl<T: Script> Script for Vec<T> {
    fn to_script<'js>(self, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>> {
        let array = Array::new(ctx.clone())?;
        for (index, item) in self.into_iter().enumerate() {
            array.set(index, item.to_script(ctx)?)?;
        }
        Ok(array.into_value())
    }
}

impl<T: Script> Script for Option<T> {
    fn to_script<'js>(self, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>> {
        match self {
            Some(value) => value.to_script(ctx),
            None => Ok(Value::new_undefined(ctx.clone())),
        }
    }
}

impl<T: Script> Script for Result<T, Failure> {
    fn to_script<'js>(self, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>> {
        match self {
            Ok(value) => value.to_script(ctx),
            Err(Failure::Denied(text)) => Err(throw(ctx, "DeniedError", &text)),
            Err(Failure::Unavailable(text)) => Err(throw(ctx, "UnavailableError", &text)),
            Err(Failure::Invalid(text)) => Err(throw(ctx, "InvalidError", &text)),
        }
    }
}

macro_rules! script {
    ($($type:ty),*) => {
        $(impl Script for $type {
            fn to_script<'js>(self, ctx: &Ctx<'js>) -> rquickjs::Result<Value<'js>> {
                self.into_js(ctx)
            }
        })*
    };
}

script!(bool, u32, f64, String);

/// A record under construction.
pub(crate) struct Members<'js>(pub(crate) Object<'js>);

impl<'js> Members<'js> {
    pub(crate) fn new(ctx: &Ctx<'js>) -> rquickjs::Result<Self> {
        Object::new(ctx.clone()).map(Self)
    }

    pub(crate) fn with(self, ctx: &Ctx<'js>, name: &str, value: impl Script) -> rquickjs::Result<Self> {
        self.0.set(name, value.to_script(ctx)?)?;
        Ok(self)
    }
}
