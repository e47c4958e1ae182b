//! What a person has entered, read into a household or into what is not right with it.

use serde::{Deserialize, Serialize};

use crate::rules::{Area, Yuan};

/// More people than this are for a clerk, not for an estimate.
const MOST_MEMBERS: u32 = 12;
/// No amount above this is meant.
const MOST_YUAN: Yuan = 1_000_000;

/// The fields of the form, as text. What is left out is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// `urban` or `rural`.
    pub area: String,
    /// People of 18 and older.
    pub adults: String,
    /// Of these, 70 and older.
    pub elders: String,
    /// Children under three.
    pub babies: String,
    /// Children from three to 17.
    pub children: String,
    /// Anyone with a severe disability.
    pub disabled: String,
    /// What all earn in a month.
    pub income: String,
    /// Rent for a month.
    pub rent: String,
    /// Savings of all.
    pub savings: String,
}

/// A field that is not right, and a key of the words that say why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The field's name.
    pub field: &'static str,
    /// The key.
    pub problem: &'static str,
}

/// A household that can be reckoned with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Household {
    pub(crate) area: Area,
    pub(crate) adults: u32,
    pub(crate) elders: u32,
    pub(crate) babies: u32,
    pub(crate) children: u32,
    pub(crate) disabled: u32,
    pub(crate) income: Yuan,
    pub(crate) rent: Yuan,
    pub(crate) savings: Yuan,
}

impl Household {
    /// Everybody.
    pub fn members(&self) -> u32 {
        self.adults + self.babies + self.children
    }

    /// The same household with another income.
    pub fn earning(self, income: Yuan) -> Self {
        Self { income, ..self }
    }
}

impl Fields {
    /// Reads all fields, or says for each what is not right, in the order of the form.
    pub fn read(&self) -> Result<Household, Vec<Problem>> {
        let mut problems = Vec::new();
        let area = match self.area.as_str() {
            "urban" => Area::Urban,
            "rural" => Area::Rural,
            _ => {
                problems.push(Problem { field: "area", problem: "area_missing" });
                Area::Urban
            }
        };
        let mut count = |field, text: &str| read_into(&mut problems, field, text, MOST_MEMBERS, "count");
        let (adults, elders) = (count("adults", &self.adults), count("elders", &self.elders));
        let (babies, children) = (count("babies", &self.babies), count("children", &self.children));
        let disabled = count("disabled", &self.disabled);
        let mut amount = |field, text: &str| read_into(&mut problems, field, text, MOST_YUAN, "amount");
        let (income, rent, savings) =
            (amount("income", &self.income), amount("rent", &self.rent), amount("savings", &self.savings));
        let household = Household { area, adults, elders, babies, children, disabled, income, rent, savings };

        let mut refuse_if = |wrong: bool, field, problem| {
            if wrong && problems.iter().all(|known| known.field != field) {
                problems.push(Problem { field, problem });
            }
        };
        refuse_if(adults == 0, "adults", "no_adult");
        refuse_if(household.members() > MOST_MEMBERS, "adults", "too_many");
        refuse_if(elders > adults, "elders", "more_than_adults");
        refuse_if(disabled > household.members(), "disabled", "more_than_members");
        problems.sort_by_key(|problem| ORDER.iter().position(|field| *field == problem.field));
        if problems.is_empty() { Ok(household) } else { Err(problems) }
    }
}

const ORDER: [&str; 9] = ["area", "adults", "elders", "babies", "children", "disabled", "income", "rent", "savings"];

fn read_into(problems: &mut Vec<Problem>, field: &'static str, text: &str, most: u32, problem: &'static str) -> u32 {
    match whole(text) {
        Some(number) if number <= most => number,
        _ => {
            problems.push(Problem { field, problem });
            0
        }
    }
}

/// A whole number as people write it: empty is none, and `3,500`, `３５００ 元`, `¥3500`, `3500.00` are 3500.
fn whole(text: &str) -> Option<u32> {
    let plain: String =
        text.chars().map(narrow).filter(|c| !c.is_whitespace() && !matches!(c, ',' | '¥' | '元')).collect();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, "0"));
    if plain.is_empty() {
        return Some(0);
    }
    let is_figures = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_figures(whole) || !is_figures(fraction) {
        return None;
    }
    let is_part = fraction.bytes().any(|byte| byte != b'0');
    whole.parse::<u32>().ok()?.checked_add(u32::from(is_part))
}

/// The half-width form of a character of a Chinese keyboard.
fn narrow(c: char) -> char {
    match c {
        '，' => ',',
        '。' => '.',
        '￥' => '¥',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(change: impl FnOnce(&mut Fields)) -> Fields {
        let mut fields = Fields { area: "urban".to_owned(), adults: "2".to_owned(), ..Fields::default() };
        change(&mut fields);
        fields
    }

    fn problems(change: impl FnOnce(&mut Fields)) -> Vec<(&'static str, &'static str)> {
        let problems = fields(change).read().err().unwrap_or_default();
        problems.into_iter().map(|problem| (problem.field, problem.problem)).collect()
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, amount) in [
            ("", 0),
            ("0", 0),
            ("3500", 3500),
            ("3,500", 3500),
            (" 3 500 ", 3500),
            ("３５００元", 3500),
            ("¥3500", 3500),
            ("￥3，500", 3500),
            ("3500.00", 3500),
            ("3500.01", 3501),
            ("3500。5", 3501),
        ] {
            assert_eq!(whole(text), Some(amount), "{text}");
        }
        for text in ["-1", "abc", "3.5.1", "1e4", "3500.", ".5", "99999999999", "三千"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_left_out_is_none() {
        let household = fields(|_| {}).read().unwrap();
        assert_eq!((household.members(), household.income, household.rent, household.savings), (2, 0, 0, 0));
    }

    #[test]
    fn problems_come_in_the_order_of_the_form() {
        let all = |fields: &mut Fields| {
            *fields = Fields {
                area: "sea".to_owned(),
                savings: "x".to_owned(),
                income: "-".to_owned(),
                children: "13".to_owned(),
                ..Fields::default()
            };
        };
        let expected = [
            ("area", "area_missing"),
            ("adults", "no_adult"),
            ("children", "count"),
            ("income", "amount"),
            ("savings", "amount"),
        ];
        assert_eq!(problems(all), expected);
    }

    #[test]
    fn people_must_add_up() {
        assert_eq!(problems(|fields| fields.elders = "3".to_owned()), [("elders", "more_than_adults")]);
        assert_eq!(problems(|fields| fields.disabled = "3".to_owned()), [("disabled", "more_than_members")]);
        assert_eq!(problems(|fields| fields.children = "11".to_owned()), [("adults", "too_many")]);
        assert_eq!(problems(|fields| fields.children = "10".to_owned()), []);
        assert_eq!(problems(|fields| fields.rent = "1000001".to_owned()), [("rent", "amount")]);
    }
}
