//! Keeping personal data out of what a journal has of pages.
//!
//! A page's redactor is one of its own: what somebody types letter by letter would otherwise become tokens in the lines about
//! the logic, where a replay could not find them again. It knows all that the logic's has found.

use serde_json::Value as Json;

use super::{LEAST_BYTES, MOST_VALUES, Redactor};

/// Tokens of pages are numbered from here, so that they are no tokens of the logic's.
const FIRST_OF_PAGES: u64 = 500_000_000;
/// Stands for what is no text and belongs to somebody.
const SOMETHING: &str = "~personal-0~";
/// Attributes that say to a person what a text would.
const SPOKEN: [&str; 6] = ["value", "title", "alt", "aria-label", "aria-valuetext", "placeholder"];

impl Redactor {
    /// One for the pages of a session.
    pub(in crate::journal) fn of_pages(declared: &[String]) -> Self {
        Self { last: FIRST_OF_PAGES, ..Self::new(declared) }
    }

    /// Takes over the tokens that another has given.
    pub(in crate::journal) fn learn(&mut self, other: &Self) {
        if !self.is_asked() || other.tokens.len() == self.learned {
            return;
        }
        self.learned = other.tokens.len();
        for (text, token) in &other.tokens {
            if !self.tokens.contains_key(text) {
                self.tokens.insert(text.clone(), token.clone());
                self.seek(text);
            }
        }
    }

    /// Whether there is more that belongs to somebody than is looked for: then nothing may be written any more.
    pub(in crate::journal) fn is_full(&self) -> bool {
        self.sought.len() >= MOST_VALUES
    }

    /// A JSON text that the host tells a page. All of it is personal if it answers what reads a declared key.
    pub(in crate::journal) fn told(&mut self, json: &str, is_personal: bool) -> Json {
        let mut told: Json = serde_json::from_str(&self.text(json, false, 0)).unwrap_or_default();
        if is_personal && let Some(ok) = told.get_mut("ok") {
            let text = self.text(&ok.to_string(), true, 0);
            *ok = serde_json::from_str(&text).unwrap_or_else(|_| Json::from(text));
        }
        told
    }

    /// Whether a key of the storage is one of the declared ones.
    pub(in crate::journal) fn is_declared_key(&self, key: &str) -> bool {
        self.prefixes.iter().any(|prefix| key.starts_with(prefix))
    }

    /// The query of a page.
    pub(in crate::journal) fn page_query(&mut self, query: &str) -> String {
        if self.is_asked() { self.query(query) } else { query.to_owned() }
    }

    /// What a person has done: what was entered belongs to somebody if the field has a declared name, or says so itself.
    pub(in crate::journal) fn deed(&mut self, deed: &mut Json) {
        let is_personal = self.names_control(&deed["name"]) || deed["personal"] == true;
        if let Some(members) = deed.as_object_mut() {
            members.remove("name");
            members.remove("personal");
            if let Some(Json::String(value)) = members.get_mut("value") {
                *value = self.shown(value, is_personal);
            }
        }
    }

    /// What a page shows.
    pub(in crate::journal) fn tree(&mut self, tree: &mut Json, is_personal: bool) {
        let node = match tree {
            Json::String(text) => {
                *text = self.shown(text, is_personal);
                return;
            }
            Json::Object(node) => node,
            _ => return,
        };
        let is_marked = node.remove("personal").is_some_and(|mark| mark == true);
        let is_named = node.contains_key("now")
            && node
                .get("attributes")
                .is_some_and(|all| self.names_control(&all["name"]) || self.names_control(&all["id"]));
        let is_personal = is_personal || is_marked || is_named;
        for (name, value) in node.get_mut("attributes").and_then(Json::as_object_mut).into_iter().flatten() {
            if let Json::String(text) = value {
                *text = self.shown(text, is_personal && SPOKEN.contains(&name.as_str()));
            }
        }
        for (_, value) in node.get_mut("now").and_then(Json::as_object_mut).into_iter().flatten() {
            match value {
                Json::String(text) => *text = self.shown(text, is_personal),
                other if is_personal => *other = Json::from(SOMETHING),
                _ => {}
            }
        }
        for child in node.get_mut("children").and_then(Json::as_array_mut).into_iter().flatten() {
            self.tree(child, is_personal);
        }
    }

    fn shown(&mut self, text: &str, is_personal: bool) -> String {
        if is_personal {
            return self.token(text);
        }
        // Short ones are not looked for inside a text, but may be all of it.
        match self.tokens.get(text) {
            Some(token) => token.clone(),
            None => self.address(text, 0),
        }
    }

    /// A field of a form is often called as the member of the same meaning, but for its hyphens.
    fn names_control(&self, name: &Json) -> bool {
        name.as_str().is_some_and(|name| self.names.contains(name) || self.names.contains(&name.replace('-', "_")))
    }

    pub(super) fn seek(&mut self, text: &str) {
        if text.len() >= LEAST_BYTES && self.sought.len() < MOST_VALUES {
            let at = self.sought.partition_point(|known| known.len() > text.len());
            self.sought.insert(at, text.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn redactor() -> Redactor {
        Redactor::of_pages(&["name", "id_number", "storage:draft/"].map(str::to_owned))
    }

    fn deed(redactor: &mut Redactor, mut deed: Json) -> Json {
        redactor.deed(&mut deed);
        deed
    }

    fn tree(redactor: &mut Redactor, mut tree: Json) -> Json {
        redactor.tree(&mut tree, false);
        tree
    }

    #[test]
    fn what_is_typed_into_a_declared_field_is_a_token_wherever_the_page_shows_it() {
        let mut redactor = redactor();
        let typed = json!({"do": "input", "at": [1], "name": "id-number", "value": "110101199003077774"});
        let token = "~personal-500000001~";
        assert_eq!(deed(&mut redactor, typed), json!({"do": "input", "at": [1], "value": token}));
        let shown = json!({"tag": "main", "attributes": {"title": "of 110101199003077774"}, "children": [
            "No. 110101199003077774.",
            {"tag": "input", "attributes": {"name": "id-number", "id": "id-number"}, "now": {"value": "110101199003077774"}},
        ]});
        assert_eq!(
            tree(&mut redactor, shown),
            json!({"tag": "main", "attributes": {"title": format!("of {token}")}, "children": [
                format!("No. {token}."),
                {"tag": "input", "attributes": {"name": "id-number", "id": "id-number"}, "now": {"value": token}},
            ]})
        );
    }

    #[test]
    fn what_a_page_marks_is_personal_with_all_that_is_in_it() {
        let mut redactor = redactor();
        let shown = json!({"tag": "dl", "personal": true, "children": [
            {"tag": "dd", "attributes": {"class": "a", "title": "1101 0119"}, "children": ["1101 0119"]},
            {"tag": "input", "now": {"checked": true}},
        ]});
        let token = "~personal-500000001~";
        assert_eq!(
            tree(&mut redactor, shown),
            json!({"tag": "dl", "children": [
                {"tag": "dd", "attributes": {"class": "a", "title": token}, "children": [token]},
                {"tag": "input", "now": {"checked": "~personal-0~"}},
            ]})
        );
        assert_eq!(
            deed(&mut redactor, json!({"do": "input", "personal": true, "value": "Bo"})),
            json!({"do": "input", "value": "~personal-500000002~"})
        );
        assert_eq!(
            tree(&mut redactor, json!("Bo")),
            json!("~personal-500000002~"),
            "a short one that is all of a text"
        );
        assert_eq!(tree(&mut redactor, json!("Bore")), json!("Bore"));
    }

    #[test]
    fn what_the_logic_has_found_is_known_and_the_logic_s_numbers_stay_its_own() {
        let mut logic = Redactor::new(&["name".to_owned(), "storage:draft/".to_owned()]);
        assert_eq!(logic.words(r#"{"name":"Ada Lovelace"}"#), r#"{"name":"~personal-1~"}"#);
        let mut pages = redactor();
        pages.deed(&mut json!({"do": "input", "name": "name", "value": "Ada Lovela"}));
        pages.learn(&logic);
        assert_eq!(tree(&mut pages, json!("for Ada Lovelace")), json!("for ~personal-1~"));
        assert_eq!(logic.words(r#"{"name":"Somebody"}"#), r#"{"name":"~personal-2~"}"#);
    }

    #[test]
    fn an_answer_that_reads_a_declared_key_is_all_personal() {
        let mut redactor = redactor();
        assert!(redactor.is_declared_key("draft/1") && !redactor.is_declared_key("drafts"));
        let told = redactor.told(r#"{"id":7,"ok":{"a":"secret"}}"#, true);
        assert_eq!(told, json!({"id": 7, "ok": {"a": "~personal-500000001~"}}));
        assert_eq!(redactor.told(r#"{"update":{"name":"Ada"}}"#, false)["update"]["name"], "~personal-500000002~");
    }

    #[test]
    fn without_a_declaration_only_what_the_page_marks_is_personal() {
        let mut redactor = Redactor::of_pages(&[]);
        assert_eq!(
            tree(&mut redactor, json!({"tag": "p", "children": ["Ada"]})),
            json!({"tag": "p", "children": ["Ada"]})
        );
        assert_eq!(redactor.told(r#"{"update":{"name":"Ada"}}"#, false), json!({"update": {"name": "Ada"}}));
        let token = "~personal-500000001~";
        assert_eq!(
            tree(&mut redactor, json!({"tag": "p", "personal": true, "children": ["Ada"]})),
            json!({"tag": "p", "children": [token]})
        );
        assert_eq!(redactor.told(r#"{"update":{"name":"Ada"}}"#, false), json!({"update": {"name": "Ada"}}));
    }
}
