//! Where which key lies. Pure: rows of keys, in half-keys, as wide as one another.

use crate::field::Keys;

/// How many half-keys wide letters and numbers are.
pub(super) const LETTERS: i32 = 20;
pub(super) const NUMBERS: i32 = 8;

/// What a keyboard shows of its signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sheet {
    /// Small letters.
    #[default]
    Small,
    /// One capital letter, then small ones again.
    Capitals,
    /// What is neither letter nor digit.
    Signs,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Types this.
    Char(char),
    /// Takes back what was typed last.
    Back,
    /// Says that the field is done, as the return key does.
    Enter,
    /// Turns to another sheet.
    Turn(Sheet),
    /// Letters, where there were only digits.
    Letters,
    /// Puts the keyboard away.
    Away,
}

/// The rows of a layout: keys and their widths. Every row is as wide as the others; one that is not begins further in.
pub(super) fn rows(keys: Keys, sheet: Sheet) -> Vec<Vec<(Key, i32)>> {
    match keys {
        Keys::Latin => letters(sheet),
        Keys::Number => numbers('-', Some('.')),
        Keys::Id => numbers('X', None),
    }
}

fn letters(sheet: Sheet) -> Vec<Vec<(Key, i32)>> {
    let [first, second, third] = match sheet {
        Sheet::Small => ["qwertyuiop", "asdfghjkl", "zxcvbnm"],
        Sheet::Capitals => ["QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"],
        Sheet::Signs => ["@#%&*+=()/", "-_:;\"'!?~", "[]{}<>|"],
    };
    let shift = if sheet == Sheet::Capitals { Sheet::Small } else { Sheet::Capitals };
    let signs = if sheet == Sheet::Signs { Sheet::Small } else { Sheet::Signs };
    let mut last = vec![(Key::Turn(shift), 3)];
    last.extend(line(third));
    last.push((Key::Back, 3));
    let below = vec![
        (Key::Turn(signs), 3),
        (Key::Char(','), 2),
        (Key::Char(' '), 6),
        (Key::Char('.'), 2),
        (Key::Away, 3),
        (Key::Enter, 4),
    ];
    vec![line("1234567890"), line(first), line(second), last, below]
}

fn numbers(left: char, right: Option<char>) -> Vec<Vec<(Key, i32)>> {
    let with = |digits, key| line(digits).into_iter().chain([(key, 2)]).collect();
    let mut below = line(&format!("{left}0"));
    below.extend(right.map(|right| (Key::Char(right), 2)));
    below.push((Key::Letters, if right.is_some() { 2 } else { 4 }));
    vec![with("123", Key::Back), with("456", Key::Away), with("789", Key::Enter), below]
}

fn line(chars: &str) -> Vec<(Key, i32)> {
    chars.chars().map(|char| (Key::Char(char), 2)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn typed(keys: Keys, sheets: &[Sheet]) -> BTreeSet<char> {
        let all = sheets.iter().flat_map(|sheet| rows(keys, *sheet)).flatten();
        all.filter_map(|(key, _)| if let Key::Char(char) = key { Some(char) } else { None }).collect()
    }

    #[test]
    fn every_sign_of_ascii_that_a_form_may_want_can_be_typed() {
        let all = typed(Keys::Latin, &[Sheet::Small, Sheet::Capitals, Sheet::Signs]);
        let missing: String = (' '..='~').filter(|char| !all.contains(char)).collect();
        assert_eq!(missing, "$\\^`", "and these no form asks for");
    }

    #[test]
    fn a_row_fits_the_others() {
        for sheet in [Sheet::Small, Sheet::Capitals, Sheet::Signs] {
            let widths: Vec<i32> =
                rows(Keys::Latin, sheet).iter().map(|row| row.iter().map(|key| key.1).sum()).collect();
            assert_eq!(widths, [20, 20, 18, 20, 20], "{sheet:?}");
        }
        for keys in [Keys::Number, Keys::Id] {
            assert!(rows(keys, Sheet::Small).iter().all(|row| row.iter().map(|key| key.1).sum::<i32>() == NUMBERS));
        }
    }

    #[test]
    fn the_number_of_a_card_is_typed_on_one_sheet() {
        assert_eq!(typed(Keys::Id, &[Sheet::Small]), "0123456789X".chars().collect());
        assert_eq!(typed(Keys::Number, &[Sheet::Small]), "0123456789-.".chars().collect());
    }
}
