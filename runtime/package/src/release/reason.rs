//! Why something is held back or taken back, in the words of those who did it: text that strangers read, so it is checked.

/// Most characters of a reason.
pub const MOST_REASON: usize = 500;

/// Whether a text is one plain paragraph of 1 to 500 characters: nothing that breaks lines, hides, or turns the direction
/// of the text around it.
pub fn is_plain_reason(text: &str) -> bool {
    let length = text.chars().count();
    length > 0 && length <= MOST_REASON && text.trim() == text && text.chars().all(is_plain)
}

/// As much of a text as may be shown as a reason: what is not plain becomes a space.
pub fn shown_reason(text: &str) -> String {
    let plain = text.chars().take(MOST_REASON).map(|c| if is_plain(c) { c } else { ' ' });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_plain(c: char) -> bool {
    let hides_or_turns = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !hides_or_turns
}
