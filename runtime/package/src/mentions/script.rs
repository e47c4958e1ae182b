//! The words of a script: just enough of JavaScript's grammar to tell code from comments, strings and regular expressions.
//!
//! Nothing is run and nothing is resolved. Where only a parser could tell a regular expression from a division, what
//! stands before decides, as in all such readers; a wrong guess ends at the line's end.

/// A word of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A name or a keyword.
    Name(&'a str),
    /// A string without its quotes, escapes as they are written; a template that has no `${`.
    Text(&'a str),
    /// Any other sign; `?.` is one.
    Sign(&'a str),
    /// A number, a regular expression, or a part of a template.
    Other,
}

/// The words of a script, comments left out.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut reader = Reader { text, at: 0, tokens: Vec::new(), braces: Vec::new() };
    while reader.next() {}
    reader.tokens
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token<'a>>,
    /// For each open brace whether it is a template's `${`.
    braces: Vec<bool>,
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$' | '\u{200c}' | '\u{200d}')
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Reads one word, or skips space or a comment; `false` at the end.
    fn next(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return false };
        if first.is_whitespace() || first == '\u{feff}' {
            self.at += first.len_utf8();
        } else if rest.starts_with("//") || rest.starts_with("<!--") || rest.starts_with("#!") && self.at == 0 {
            self.at += rest.find(['\n', '\r', '\u{2028}', '\u{2029}']).unwrap_or(rest.len());
        } else if let Some(comment) = rest.strip_prefix("/*") {
            self.at += comment.find("*/").map_or(rest.len(), |end| end + 4);
        } else if first.is_ascii_digit() {
            let is_fraction = |at: usize| rest[at + 1..].starts_with(|c: char| c.is_ascii_digit());
            let mut ends = rest.char_indices().filter(|(at, c)| !(is_name(*c) || *c == '.' && is_fraction(*at)));
            self.at += ends.next().map_or(rest.len(), |(at, _)| at);
            self.tokens.push(Token::Other);
        } else if is_name(first) || first == '\\' {
            let length = rest.find(|c| !is_name(c) && !matches!(c, '\\')).unwrap_or(rest.len()).max(1);
            self.at += length;
            self.tokens.push(Token::Name(&rest[..length]));
        } else if first == '"' || first == '\'' {
            self.string(first);
        } else if first == '`' {
            self.at += 1;
            self.template(true);
        } else if first == '/' && self.regular_expression_may_begin() {
            self.regular_expression();
        } else {
            self.sign(first);
        }
        true
    }

    fn sign(&mut self, first: char) {
        let rest = self.rest();
        // `a ?.5 : b` is a number.
        let is_optional = rest.starts_with("?.") && !rest[2..].starts_with(|c: char| c.is_ascii_digit());
        let sign = if is_optional { "?." } else { &rest[..first.len_utf8()] };
        self.at += sign.len();
        match sign {
            "{" => self.braces.push(false),
            "}" if self.braces.pop() == Some(true) => return self.template(false),
            _ => {}
        }
        self.tokens.push(Token::Sign(sign));
    }

    /// A string ends at its quote, or at the line's end, where it is broken.
    fn string(&mut self, quote: char) {
        let body = &self.rest()[1..];
        let end = end_of(body, |c| c == quote || c == '\n');
        self.tokens.push(Token::Text(&body[..end]));
        self.at += 1 + end + usize::from(body[end..].starts_with(quote));
    }

    /// The text of a template up to its end or to the next `${`.
    fn template(&mut self, is_beginning: bool) {
        let body = self.rest();
        let mut from = 0;
        loop {
            let end = from + end_of(&body[from..], |c| c == '`' || c == '$');
            let found = &body[end..];
            if found.starts_with("${") {
                self.at += end + 2;
                self.braces.push(true);
                self.tokens.push(Token::Other);
                return;
            }
            if found.starts_with('$') {
                from = end + 1;
                continue;
            }
            self.at += end + usize::from(found.starts_with('`'));
            self.tokens.push(if is_beginning { Token::Text(&body[..end]) } else { Token::Other });
            return;
        }
    }

    /// After a value a `/` divides.
    fn regular_expression_may_begin(&self) -> bool {
        const BEFORE_A_VALUE: [&str; 12] =
            ["return", "typeof", "case", "in", "of", "do", "else", "instanceof", "new", "void", "delete", "await"];
        match self.tokens.last() {
            None => true,
            Some(Token::Name(name)) => BEFORE_A_VALUE.contains(name),
            Some(Token::Sign(sign)) => !matches!(*sign, ")" | "]" | "}"),
            Some(Token::Text(_) | Token::Other) => false,
        }
    }

    fn regular_expression(&mut self) {
        let body = &self.rest()[1..];
        let mut in_class = false;
        let end = end_of(body, |c| {
            match c {
                '[' => in_class = true,
                ']' => in_class = false,
                _ => {}
            }
            c == '\n' || c == '/' && !in_class
        });
        self.at += 1 + end + usize::from(body[end..].starts_with('/'));
        self.tokens.push(Token::Other);
    }
}

/// Where something ends, escaped characters skipped.
fn end_of(text: &str, mut ends: impl FnMut(char) -> bool) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if ends(character) {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and strings; everything else is left out.
    fn words(text: &str) -> Vec<&str> {
        let word = |token| match token {
            Token::Name(word) | Token::Text(word) => Some(word),
            _ => None,
        };
        tokens(text).into_iter().filter_map(word).collect()
    }

    #[test]
    fn code_is_told_from_comments_strings_and_patterns() {
        assert_eq!(words("a // b\n/* c\nd */ e <!-- f\ng"), ["a", "e", "g"]);
        assert_eq!(words(r#"x = "it's \" here" + 'y'"#), ["x", r#"it's \" here"#, "y"]);
        assert_eq!(words("x = /a'[/\"]b/g.test(y) / z / w"), ["x", "g", "test", "y", "z", "w"]);
        assert_eq!(words("return /guichet/.test(a)"), ["return", "test", "a"]);
        assert_eq!(words("a = b / c; d = '/'"), ["a", "b", "c", "d", "/"]);
        assert_eq!(words("#!/usr/bin/env x\na"), ["a"]);
        assert_eq!(words("1.5e3.toString() + 0xff"), ["toString"]);
    }

    #[test]
    fn templates_hold_code() {
        assert_eq!(words("`plain`"), ["plain"]);
        assert_eq!(words("`a ${b.c({d: `e ${f}`})} g $h` + i"), ["b", "c", "d", "f", "i"]);
        assert_eq!(words(r"`\${a} \` b` + c"), [r"\${a} \` b", "c"]);
    }

    #[test]
    fn whatever_is_cut_off_ends() {
        for text in ["\"a", "'", "`a ${b", "`", "/* a", "/a[", "a\\", "}", "?.", "\u{feff}", "é.ü", "\"\\", "//"] {
            let _ = tokens(text);
        }
        assert_eq!(words("\"broken\nnext"), ["broken", "next"]);
    }
}
