//! Personal data in addresses, where most of what people write is percent-encoded.
//!
//! A part of an address is written anew only if it had something personal in it, and then always in the same way: logic that
//! puts a token where the value had been may encode it as it likes, and its replay writes the same.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{MOST_LAYERS, Redactor};

/// What stays as it is in a part of an address: the unreserved characters of RFC 3986.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Redactor {
    /// A text that may be an address, or have one in it.
    pub(super) fn address(&mut self, text: &str, layer: u32) -> String {
        let text = self.sought_in(text);
        if layer >= MOST_LAYERS || !text.contains(['%', '?']) {
            return text;
        }
        let (before, after) = text.split_once('?').map_or((text.as_str(), None), |(path, query)| (path, Some(query)));
        let path = self.parts(before, '/', layer);
        match after {
            Some(query) => format!("{path}?{}", self.parameters(query, layer)),
            None => path,
        }
    }

    /// The query of an address, without its question mark.
    pub(super) fn query(&mut self, query: &str) -> String {
        let query = self.sought_in(query);
        self.parameters(&query, 0)
    }

    fn parameters(&mut self, query: &str, layer: u32) -> String {
        let (query, fragment) = query.split_once('#').map_or((query, None), |(query, rest)| (query, Some(rest)));
        let parameter = |parameter: &str| match parameter.split_once('=') {
            Some((name, value)) => {
                let is_personal = self.names.contains(&decoded(name));
                format!("{}={}", self.part(name, false, layer), self.part(value, is_personal, layer))
            }
            None => self.part(parameter, false, layer),
        };
        let query = query.split('&').map(parameter).collect::<Vec<_>>().join("&");
        match fragment {
            Some(fragment) => format!("{query}#{}", self.parameters(fragment, layer)),
            None => query,
        }
    }

    fn parts(&mut self, text: &str, between: char, layer: u32) -> String {
        let parts: Vec<_> = text.split(between).map(|part| self.part(part, false, layer)).collect();
        parts.join(&between.to_string())
    }

    fn part(&mut self, part: &str, is_personal: bool, layer: u32) -> String {
        let plain = decoded(part);
        let redacted = self.text(&plain, is_personal, layer + 1);
        if redacted == plain && (plain == part || !plain.contains("~personal-")) {
            part.to_owned()
        } else {
            utf8_percent_encode(&redacted, UNRESERVED).to_string()
        }
    }
}

fn decoded(part: &str) -> String {
    percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use guichet_engine::Event;

    use super::super::tests::{asked, redactor, told};

    #[test]
    fn a_query_is_redacted_in_its_own_writing() {
        let mut redactor = redactor();
        let launched = |query: &str| Event::Launched {
            route: "pages/a".to_owned(),
            query: query.to_owned(),
            lang: "en".to_owned(),
            dir: "ltr".to_owned(),
            referrer: String::new(),
            seed: (1, 2),
        };
        let query = "name=%E5%BC%A0%E4%B8%89&step=2&note=%E5%BC%A0%E4%B8%89+here&plain=a+b&flag";
        let wanted = "name=~personal-1~&step=2&note=~personal-1~%20here&plain=a+b&flag";
        assert_eq!(redactor.event(&launched(query)), launched(wanted));
    }

    #[test]
    fn a_value_is_found_in_addresses_that_logic_puts_out() {
        let mut redactor = redactor();
        asked(&mut redactor, r#"{"name":"张 三","id":42}"#);
        let is = |redactor: &mut _, text: &str, wanted: &str| assert_eq!(told(redactor, text), wanted);
        // As encodeURIComponent, URLSearchParams and others write it.
        for written in ["%E5%BC%A0%20%E4%B8%89", "%E5%BC%A0+%E4%B8%89", "%e5%bc%a0%20%e4%b8%89", "张%20三", "张 三"]
        {
            is(&mut redactor, &format!("pages/a?who={written}&step=2"), "pages/a?who=~personal-1~&step=2");
            is(&mut redactor, &format!("https://a.example/{written}/b"), "https://a.example/~personal-1~/b");
            is(&mut redactor, &format!("/a?q=1#{written}"), "/a?q=1#~personal-1~");
            is(&mut redactor, &format!(r#"{{"to":"/a?{written}"}}"#), r#"{"to":"/a?~personal-1~"}"#);
        }
        is(
            &mut redactor,
            "/a?next=%2Fb%3Fwho%3D%25E5%25BC%25A0%2520%25E4%25B8%2589",
            "/a?next=%2Fb%3Fwho%3D~personal-1~",
        );
        is(&mut redactor, "/a?name=Somebody+else", "/a?name=~personal-3~");
    }

    /// A replay's logic puts out tokens where the session's had put out values, in whatever writing.
    #[test]
    fn a_token_in_an_address_is_what_the_value_became() {
        let mut redactor = redactor();
        asked(&mut redactor, r#"{"name":"张 三"}"#);
        let written = ["%E5%BC%A0+%E4%B8%89+here", "%E5%BC%A0%20%E4%B8%89%20here"];
        let replayed = ["%7Epersonal-1%7E+here", "~personal-1~%20here"];
        for text in written.iter().chain(&replayed) {
            assert_eq!(told(&mut redactor, &format!("/a?q={text}")), "/a?q=~personal-1~%20here");
        }
    }

    #[test]
    fn what_has_nothing_personal_keeps_its_writing() {
        let mut redactor = redactor();
        asked(&mut redactor, r#"{"name":"张 三"}"#);
        for text in ["100% of it? Yes, a+b = c & d%2", "/a?x=%41+b&&=&y#%42", "https://a.example/%e5%bc%a0?"] {
            assert_eq!(told(&mut redactor, text), text);
        }
        assert_eq!(told(&mut redactor, "Is 张 三 here? = 张 三, 100%"), "Is ~personal-1~ here? = ~personal-1~, 100%");
    }
}
