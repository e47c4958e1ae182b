//! Texts of an app's author as a person is shown them: bounded, and without what hides, or turns the text around it.

/// Most characters of a name.
pub const MOST_NAME: usize = 64;
/// Most characters of any other text.
pub const MOST_TEXT: usize = 1000;

/// As much of a name as is shown: one line of at most [`MOST_NAME`] characters. It may be empty.
///
/// Two names that look alike are for reviewers to see; beside a name there is always its department's, which the security
/// office lists.
pub fn shown_name(name: &str) -> String {
    shown(name, MOST_NAME)
}

/// As much as is shown of what an author says, at most [`MOST_TEXT`] characters.
pub fn shown_text(text: &str) -> String {
    shown(text, MOST_TEXT)
}

fn shown(text: &str, most: usize) -> String {
    // Spaces are counted after they were joined, and no more is read than could be shown.
    let plain: String = text.chars().take(most * 4).map(|c| if is_plain(c) { c } else { ' ' }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.chars().count() <= most {
        return plain;
    }
    let kept: String = plain.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

/// Whether a character stands for itself. Joiners (U+200C, U+200D) do: some scripts cannot be written without them.
fn is_plain(c: char) -> bool {
    let hides_or_turns = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !hides_or_turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_turns_nothing_around_it() {
        assert_eq!(shown_name(" 居住证  办理 "), "居住证 办理");
        assert_eq!(shown_name("Permit\u{202e}timreP\u{202c}"), "Permit timreP");
        assert_eq!(
            shown_name("Tax\u{2066}\u{200f}\nverified by the Residence office"),
            "Tax verified by the Residence office"
        );
        assert_eq!(shown_name("نامه\u{200c}ها"), "نامه\u{200c}ها", "Persian needs the joiner");
        assert_eq!(shown_name("\u{202e}\u{2060}\u{3164}"), "");
    }

    #[test]
    fn a_name_without_end_has_one() {
        let long = shown_name(&"name ".repeat(1000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (64, true), "{long}");
        assert_eq!(shown_name(&"n".repeat(64)), "n".repeat(64));
        assert_eq!(shown_name(&format!("{}end", " ".repeat(100_000))), "");
        assert_eq!(shown_text(&"word ".repeat(1000)).chars().count(), MOST_TEXT);
    }
}
