//! Finding services by words, in Chinese and in English: what is written differs in case, width and accents and means the
//! same, and Chinese is written without spaces.

use guichet_api::life_event;
use guichet_package::manifest::Glaze;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Facts, MOST_ASKED};
use crate::database::catalogue::ReleasedRecord;

/// Worth less than any rank.
const LAST: u32 = 999;

/// Words that somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
}

/// A text in the form in which texts are compared.
fn folded(text: &str) -> String {
    text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect()
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

impl Query {
    /// Splits at everything that is no letter and no digit, and between Chinese and other letters. None if it is too long.
    pub fn new(text: &str) -> Option<Self> {
        if text.chars().count() > MOST_ASKED {
            return None;
        }
        let mut words: Vec<String> = Vec::new();
        let mut last = None;
        for letter in folded(text).chars() {
            let kind = letter.is_alphanumeric().then(|| is_han(letter));
            match (kind, words.last_mut()) {
                (Some(_), Some(word)) if kind == last => word.push(letter),
                (Some(_), _) => words.push(letter.to_string()),
                (None, _) => {}
            }
            last = kind;
        }
        Some(Self { words })
    }

    /// How far from the best a service is, from 0 to 999; none if some word is nowhere in it.
    pub(super) fn rank(&self, record: &ReleasedRecord, facts: &Facts) -> Option<u32> {
        let event = Glaze::ALL.into_iter().find(|glaze| glaze.as_str() == record.glaze).map(life_event);
        let names = record.names.values().map(|name| (name.as_str(), 8));
        let about = facts.descriptions.values().map(|text| (text.as_str(), 2));
        let others = record.department_names.iter().map(|name| (name.as_str(), 3));
        let events = event.into_iter().flatten().map(|words| (words, 3));
        let id = [(record.app_id.as_str(), 1)];
        let fields: Vec<(String, u32)> = names
            .chain(about)
            .chain(others)
            .chain(events)
            .chain(id)
            .map(|(text, worth)| (folded(text), worth * 8))
            .collect();
        let mut score = 0;
        for word in &self.words {
            score += fields.iter().filter_map(|(text, worth)| found(word, text, *worth)).max()?;
        }
        Some(LAST.saturating_sub(score))
    }
}

/// What a word is worth in a text: all where it stands as it is, an eighth where half of its pairs of Chinese letters do.
fn found(word: &str, text: &str, worth: u32) -> Option<u32> {
    if text.contains(word) {
        return Some(worth);
    }
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 || !letters.iter().all(|letter| is_han(*letter)) {
        return None;
    }
    let pairs: Vec<String> = letters.windows(2).map(|pair| pair.iter().collect()).collect();
    let there = pairs.iter().filter(|pair| text.contains(pair.as_str())).count();
    (there * 2 >= pairs.len()).then_some(worth / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(query: &str, text: &str) -> bool {
        let text = folded(text);
        Query::new(query).unwrap().words.iter().all(|word| found(word, &text, 8).is_some())
    }

    #[test]
    fn case_width_accents_and_order_make_no_difference() {
        for (query, text) in [
            ("PERMIT", "Residence permit"),
            ("permit residence", "Residence permit"),
            ("ｐｅｒｍｉｔ", "Residence permit"),
            ("resume", "Mon résumé"),
            ("résumé", "Mon resume"),
            ("", "anything"),
            (" ,。 ", "anything"),
            ("居住证", "续办居住证"),
            ("居住证 pdf", "居住证（ＰＤＦ）"),
            ("PDF居住证", "居住证（ＰＤＦ）"),
            // Half of its pairs are there, though it is not said in these words.
            ("居住证办理", "续办居住证"),
            ("办理居住证", "居住证办理"),
            ("公积金提取", "住房公积金的提取"),
        ] {
            assert!(finds(query, text), "{query} in {text}");
        }
        for (query, text) in [
            ("tax", "Residence permit"),
            ("permit tax", "Residence permit"),
            ("护照", "居住证"),
            ("证居", "居住证"),
            ("居住登记", "居住证办理"),
            ("税务居住", "居住证办理"),
        ] {
            assert!(!finds(query, text), "{query} in {text}");
        }
    }

    #[test]
    fn what_is_too_long_is_no_query() {
        assert!(Query::new(&"证".repeat(MOST_ASKED)).is_some());
        assert_eq!(Query::new(&"证".repeat(MOST_ASKED + 1)), None);
    }
}
