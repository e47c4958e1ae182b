//! The members of one JSON object, taken by name and type; what is dropped is noted.

use serde_json::{Map, Value};

use super::{ManifestFault, ManifestRefusal, Note};

/// One object of the manifest while it is read.
pub(super) struct Members<'a> {
    object: &'a Map<String, Value>,
    place: String,
    notes: &'a mut Vec<Note>,
}

impl<'a> Members<'a> {
    pub(super) fn new(object: &'a Map<String, Value>, place: String, notes: &'a mut Vec<Note>) -> Self {
        Self { object, place, notes }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name)
    }

    pub(super) fn place(&self, name: &str) -> String {
        format!("{}/{}", self.place, name.replace('~', "~0").replace('/', "~1"))
    }

    pub(super) fn refuse(&self, name: &str, fault: ManifestFault) -> ManifestRefusal {
        ManifestRefusal { place: self.place(name), fault }
    }

    pub(super) fn note(&mut self, name: &str, what: impl Into<String>) {
        let place = self.place(name);
        self.note_at(place, what);
    }

    pub(super) fn note_at(&mut self, place: String, what: impl Into<String>) {
        self.notes.push(Note { place, what: what.into() });
    }

    /// Another object below this one.
    pub(super) fn below<'b>(&'b mut self, object: &'b Map<String, Value>, place: String) -> Members<'b> {
        Members { object, place, notes: self.notes }
    }

    pub(super) fn required(&self, name: &str) -> Result<&'a Value, ManifestRefusal> {
        self.get(name).ok_or_else(|| self.refuse(name, ManifestFault::MissingMember))
    }

    pub(super) fn required_text(&self, name: &str) -> Result<&'a str, ManifestRefusal> {
        let value = self.required(name)?;
        value.as_str().ok_or_else(|| self.refuse(name, ManifestFault::WrongType("a text")))
    }

    pub(super) fn required_object(&self, name: &str) -> Result<&'a Map<String, Value>, ManifestRefusal> {
        let value = self.required(name)?;
        value.as_object().ok_or_else(|| self.refuse(name, ManifestFault::WrongType("an object")))
    }

    pub(super) fn required_list(&self, name: &str) -> Result<&'a [Value], ManifestRefusal> {
        let value = self.required(name)?;
        value.as_array().map(Vec::as_slice).ok_or_else(|| self.refuse(name, ManifestFault::WrongType("a list")))
    }

    /// A member that is dropped unless `read` accepts it.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        wanted: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        let read = read(value);
        if read.is_none() {
            self.note(name, format!("ignored, because it is not {wanted}"));
        }
        read
    }

    pub(super) fn optional_text(&mut self, name: &str) -> Option<String> {
        self.optional(name, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// Whether a member that was read is there and was not dropped.
    pub(super) fn counts(&self, name: &str) -> bool {
        let place = self.place(name);
        self.get(name).is_some() && !self.notes.iter().any(|note| note.place == place)
    }

    /// Notes the members that nobody reads.
    pub(super) fn note_unknown(&mut self, known: &[&str]) {
        let unknown: Vec<_> = self.object.keys().filter(|name| !known.contains(&name.as_str())).collect();
        for name in unknown {
            self.note(name, "ignored, because it is not a member we know");
        }
    }
}

/// A JSON number that is whole: `1` and `1.0`.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value.as_i64() {
        Some(number) => Some(number),
        None => {
            value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 9e15).map(|number| number as i64)
        }
    }
}
