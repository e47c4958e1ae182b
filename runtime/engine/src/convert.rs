//! Between wasmtime's values and the contract's, directed by the type of the WIT.

use std::collections::BTreeMap;

use guichet_contract::{Failure, Value};
use wasmtime::component::{Type, Val, types};

/// A value is not of the type that the WIT asks for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Mismatch(String);

impl Mismatch {
    fn new(wanted: &str, found: &Value) -> Self {
        let found = match found {
            Value::Null => "nothing",
            Value::Bool(_) => "a truth value",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "a list",
            Value::Record(_) => "a record",
        };
        Self(format!("{wanted} is wanted, {found} was given"))
    }
}

/// What JavaScript would call a value's type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Number,
    Text,
    Bytes,
    List,
    Record,
}

/// The contract's form of a value that came out of a guest.
pub(crate) fn to_value(val: &Val, ty: &Type) -> Result<Value, Mismatch> {
    Ok(match (val, ty) {
        (Val::Bool(value), _) => Value::Bool(*value),
        (Val::S8(value), _) => Value::Integer((*value).into()),
        (Val::U8(value), _) => Value::Integer((*value).into()),
        (Val::S16(value), _) => Value::Integer((*value).into()),
        (Val::U16(value), _) => Value::Integer((*value).into()),
        (Val::S32(value), _) => Value::Integer((*value).into()),
        (Val::U32(value), _) => Value::Integer((*value).into()),
        (Val::S64(value), _) => Value::Integer(*value),
        (Val::U64(value), _) => {
            Value::Integer(i64::try_from(*value).map_err(|_| Mismatch(format!("{value} is too large a number")))?)
        }
        (Val::Float32(value), _) => Value::Float((*value).into()),
        (Val::Float64(value), _) => Value::Float(*value),
        (Val::Char(value), _) => Value::Text(value.to_string()),
        (Val::String(value), _) => Value::Text(value.clone()),
        (Val::Enum(case), _) => Value::Text(case.clone()),
        (Val::Flags(flags), _) => Value::List(flags.iter().cloned().map(Value::Text).collect()),
        (Val::List(items), Type::List(list)) => match list.ty() {
            Type::U8 => Value::Bytes(
                items.iter().filter_map(|item| if let Val::U8(byte) = item { Some(*byte) } else { None }).collect(),
            ),
            ty => Value::List(items.iter().map(|item| to_value(item, &ty)).collect::<Result<_, _>>()?),
        },
        (Val::Tuple(items), Type::Tuple(tuple)) => Value::List(
            items.iter().zip(tuple.types()).map(|(item, ty)| to_value(item, &ty)).collect::<Result<_, _>>()?,
        ),
        (Val::Record(members), Type::Record(record)) => {
            let fields = members.iter().zip(record.fields());
            Value::Record(
                fields
                    .map(|((name, val), field)| Ok((name.clone(), to_value(val, &field.ty)?)))
                    .collect::<Result<_, _>>()?,
            )
        }
        (Val::Option(value), Type::Option(option)) => inner(value.as_deref(), Some(option.ty()))?,
        (Val::Result(Ok(value)), Type::Result(result)) => tagged("ok", inner(value.as_deref(), result.ok())?),
        (Val::Result(Err(value)), Type::Result(result)) => tagged("err", inner(value.as_deref(), result.err())?),
        (Val::Variant(case, payload), Type::Variant(variant)) => {
            let ty = variant.cases().find(|one| one.name == case).and_then(|one| one.ty);
            let payload = inner(payload.as_deref(), ty)?;
            if is_untagged(variant) {
                payload
            } else {
                Value::Record(BTreeMap::from([
                    ("tag".to_owned(), Value::Text(case.clone())),
                    ("val".to_owned(), payload),
                ]))
            }
        }
        _ => return Err(Mismatch("a value of this type cannot cross to the host".to_owned())),
    })
}

/// The guest's form of a value that the host gives.
pub(crate) fn to_val(value: &Value, ty: &Type) -> Result<Val, Mismatch> {
    let wanted = |wanted: &str| Mismatch::new(wanted, value);
    Ok(match (ty, value) {
        (Type::Bool, Value::Bool(value)) => Val::Bool(*value),
        (Type::S8, _) => Val::S8(integer(value)?),
        (Type::U8, _) => Val::U8(integer(value)?),
        (Type::S16, _) => Val::S16(integer(value)?),
        (Type::U16, _) => Val::U16(integer(value)?),
        (Type::S32, _) => Val::S32(integer(value)?),
        (Type::U32, _) => Val::U32(integer(value)?),
        (Type::S64, _) => Val::S64(integer(value)?),
        (Type::U64, _) => Val::U64(integer(value)?),
        (Type::Float32, _) => Val::Float32(float(value)? as f32),
        (Type::Float64, _) => Val::Float64(float(value)?),
        (Type::Char, Value::Text(text)) => Val::Char(text.parse().map_err(|_| wanted("one character"))?),
        (Type::String, Value::Text(text)) => Val::String(text.clone()),
        (Type::Enum(cases), Value::Text(case)) if cases.names().any(|name| name == case) => Val::Enum(case.clone()),
        (Type::Flags(flags), Value::List(items)) => {
            let flag = |item: &Value| match item {
                Value::Text(name) if flags.names().any(|flag| flag == name) => Ok(name.clone()),
                other => Err(Mismatch::new("the name of a flag", other)),
            };
            Val::Flags(items.iter().map(flag).collect::<Result<_, _>>()?)
        }
        (Type::List(list), Value::Bytes(bytes)) if list.ty() == Type::U8 => {
            Val::List(bytes.iter().map(|byte| Val::U8(*byte)).collect())
        }
        (Type::List(list), Value::List(items)) => {
            let ty = list.ty();
            Val::List(items.iter().map(|item| to_val(item, &ty)).collect::<Result<_, _>>()?)
        }
        (Type::Tuple(tuple), Value::List(items)) if items.len() == tuple.types().len() => {
            Val::Tuple(items.iter().zip(tuple.types()).map(|(item, ty)| to_val(item, &ty)).collect::<Result<_, _>>()?)
        }
        (Type::Record(record), Value::Record(members)) => {
            let field = |field: types::Field<'_>| {
                let member = members.get(field.name).unwrap_or(&Value::Null);
                let val =
                    to_val(member, &field.ty).map_err(|Mismatch(text)| Mismatch(format!("{}: {text}", field.name)))?;
                Ok((field.name.to_owned(), val))
            };
            Val::Record(record.fields().map(field).collect::<Result<_, _>>()?)
        }
        (Type::Option(_), Value::Null) => Val::Option(None),
        (Type::Option(option), _) => Val::Option(Some(Box::new(to_val(value, &option.ty())?))),
        (Type::Result(result), Value::Record(members)) => match (members.get("ok"), members.get("err")) {
            (Some(ok), None) => Val::Result(Ok(payload(ok, result.ok())?)),
            (None, Some(err)) => Val::Result(Err(payload(err, result.err())?)),
            _ => return Err(wanted("`ok` or `err`")),
        },
        (Type::Variant(variant), _) if is_untagged(variant) => {
            let fit = variant.cases().find_map(|case| Some((case.name.to_owned(), to_val(value, &case.ty?).ok()?)));
            let (case, val) = fit.ok_or_else(|| wanted("another kind"))?;
            Val::Variant(case, Some(Box::new(val)))
        }
        (Type::Variant(variant), Value::Record(members)) => {
            let Some(Value::Text(tag)) = members.get("tag") else { return Err(wanted("a tag")) };
            let case = variant
                .cases()
                .find(|case| case.name == tag)
                .ok_or_else(|| Mismatch(format!("there is no case `{tag}`")))?;
            Val::Variant(tag.clone(), payload(members.get("val").unwrap_or(&Value::Null), case.ty)?)
        }
        (Type::String | Type::Char | Type::Enum(_), _) => return Err(wanted("a text")),
        (Type::Bool, _) => return Err(wanted("a truth value")),
        (Type::List(_) | Type::Tuple(_) | Type::Flags(_), _) => return Err(wanted("a list")),
        (Type::Record(_) | Type::Variant(_) | Type::Result(_), _) => return Err(wanted("a record")),
        _ => return Err(Mismatch("a value of this type cannot cross to a guest".to_owned())),
    })
}

/// What a `-result` function returns for a completion: a `result<_, failure>`, or the bare value where nothing can fail.
pub(crate) fn completion(result: &Result<Value, Failure>, ty: &Type) -> Result<Val, Mismatch> {
    match (ty, result) {
        (Type::Result(outcome), Ok(value)) => Ok(Val::Result(Ok(payload(value, outcome.ok())?))),
        (Type::Result(outcome), Err(failure)) => Ok(Val::Result(Err(match outcome.err() {
            Some(Type::Variant(_)) => Some(Box::new(Val::Variant(
                failure.case().to_owned(),
                Some(Box::new(Val::String(failure.to_string()))),
            ))),
            Some(_) => {
                return Err(Mismatch(
                    "it reports a failure, and the type of the result has no place for it".to_owned(),
                ));
            }
            None => None,
        }))),
        (_, Ok(value)) => to_val(value, ty),
        (_, Err(failure)) => Err(Mismatch(failure.to_string())),
    }
}

/// What holding a value costs at most, besides its text and its items: itself, and its place in a list or record.
pub(crate) const VALUE_BYTES: usize = 128;
/// What holding a record costs at most, besides its members.
pub(crate) const RECORD_BYTES: usize = 512;

/// What a value weighs, for the budget: what it takes to hold it.
pub(crate) fn weight(value: &Value) -> usize {
    VALUE_BYTES
        + match value {
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => 0,
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::List(items) => items.iter().map(weight).sum(),
            Value::Record(members) => {
                RECORD_BYTES + members.iter().map(|(name, value)| name.len() + weight(value)).sum::<usize>()
            }
        }
}

fn inner(val: Option<&Val>, ty: Option<Type>) -> Result<Value, Mismatch> {
    match (val, ty) {
        (Some(val), Some(ty)) => to_value(val, &ty),
        _ => Ok(Value::Null),
    }
}

fn payload(value: &Value, ty: Option<Type>) -> Result<Option<Box<Val>>, Mismatch> {
    ty.map(|ty| to_val(value, &ty).map(Box::new)).transpose()
}

fn tagged(tag: &str, value: Value) -> Value {
    Value::Record(BTreeMap::from([(tag.to_owned(), value)]))
}

fn integer<T: TryFrom<i64>>(value: &Value) -> Result<T, Mismatch> {
    let number = match value {
        Value::Integer(number) => Some(*number),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
        _ => None,
    };
    number
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| Mismatch::new("a whole number in its range", value))
}

fn float(value: &Value) -> Result<f64, Mismatch> {
    match value {
        Value::Integer(number) => Ok(*number as f64),
        Value::Float(number) => Ok(*number),
        other => Err(Mismatch::new("a number", other)),
    }
}

/// Whether every case has a payload and no two payloads are of one kind, so that the payload alone tells the case.
fn is_untagged(variant: &types::Variant) -> bool {
    let kinds: Vec<_> = variant.cases().map(|case| case.ty.as_ref().and_then(kind)).collect();
    kinds.iter().enumerate().all(|(at, kind)| kind.is_some() && !kinds[..at].contains(kind))
}

fn kind(ty: &Type) -> Option<Kind> {
    match ty {
        Type::Bool => Some(Kind::Bool),
        Type::S8
        | Type::U8
        | Type::S16
        | Type::U16
        | Type::S32
        | Type::U32
        | Type::S64
        | Type::U64
        | Type::Float32
        | Type::Float64 => Some(Kind::Number),
        Type::Char | Type::String | Type::Enum(_) => Some(Kind::Text),
        Type::List(list) if list.ty() == Type::U8 => Some(Kind::Bytes),
        Type::List(_) | Type::Tuple(_) | Type::Flags(_) => Some(Kind::List),
        Type::Record(_) | Type::Result(_) => Some(Kind::Record),
        _ => None,
    }
}
