//! The department's figures for one year. Amounts are whole yuan a month unless a name says otherwise.

use serde::{Deserialize, Serialize};

/// Whole yuan.
pub type Yuan = u32;

/// Where a household lives decides its minimum standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// In one of the city's districts.
    Urban,
    /// In a county or a village.
    Rural,
}

/// How much of a recognized rent is paid up to an income, both in percent.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RentBracket {
    /// Countable income for each person, in percent of the standard, up to and including this.
    pub income_percent: u32,
    /// Share of the recognized rent that is paid.
    pub paid_percent: u32,
}

/// Everything the calculation takes from the department rather than from the household.
#[derive(Clone, Debug, Serialize)]
pub struct Rules {
    /// The year these figures are for.
    pub year: u32,
    /// Minimum living standard for one person in the districts.
    pub standard_urban: Yuan,
    /// Minimum living standard for one person outside them.
    pub standard_rural: Yuan,
    /// This share of the income does not count, since working costs money…
    pub deduction_percent: u32,
    /// …but at most so much for each adult under 70.
    pub deduction_most: Yuan,
    /// Savings up to so many months of the standard do not matter.
    pub savings_months: u32,
    /// A household up to this percentage of the standard is on the edge: it gets half the supplements.
    pub edge_percent: u32,
    /// On top of the allowance for each child under 18, in percent of the standard.
    pub child_percent: u32,
    /// For each person of 70 or older.
    pub elder_percent: u32,
    /// For each person with a severe disability.
    pub disabled_percent: u32,
    /// The highest rent that is recognized, by the number of people: one, two, three, four.
    pub rent_most: [Yuan; 4],
    /// For each further person.
    pub rent_more: Yuan,
    /// From the lowest income to the highest; above the last nothing is paid.
    pub rent_brackets: [RentBracket; 3],
    /// For each child under three, whatever the income.
    pub childcare: Yuan,
}

impl Rules {
    /// The figures in force.
    pub const fn current() -> Self {
        Self {
            year: 2026,
            standard_urban: 1_160,
            standard_rural: 920,
            deduction_percent: 15,
            deduction_most: 400,
            savings_months: 24,
            edge_percent: 150,
            child_percent: 20,
            elder_percent: 30,
            disabled_percent: 40,
            rent_most: [600, 900, 1_150, 1_350],
            rent_more: 150,
            rent_brackets: [
                RentBracket { income_percent: 100, paid_percent: 90 },
                RentBracket { income_percent: 150, paid_percent: 70 },
                RentBracket { income_percent: 200, paid_percent: 40 },
            ],
            childcare: 300,
        }
    }

    /// The minimum living standard for one person.
    pub fn standard(&self, area: Area) -> Yuan {
        match area {
            Area::Urban => self.standard_urban,
            Area::Rural => self.standard_rural,
        }
    }

    /// The highest rent that is recognized for so many people.
    pub fn recognized_rent(&self, members: u32) -> Yuan {
        let listed = self.rent_most.len() as u32;
        let index = members.clamp(1, listed) as usize - 1;
        self.rent_most.get(index).copied().unwrap_or_default() + members.saturating_sub(listed) * self.rent_more
    }
}

/// A percentage of an amount, rounded up to a whole yuan: the department rounds in the household's favour.
pub fn percent_of(percent: u32, amount: Yuan) -> Yuan {
    (u64::from(amount) * u64::from(percent)).div_ceil(100).try_into().unwrap_or(Yuan::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rent_grows_with_the_household() {
        let rules = Rules::current();
        let rents: Vec<_> = [1, 2, 3, 4, 5, 6, 12].map(|members| rules.recognized_rent(members)).to_vec();
        assert_eq!(rents, [600, 900, 1_150, 1_350, 1_500, 1_650, 2_550]);
    }

    #[test]
    fn percentages_round_up() {
        assert_eq!(percent_of(15, 0), 0);
        assert_eq!(percent_of(15, 1_000), 150);
        assert_eq!(percent_of(15, 1_001), 151);
        assert_eq!(percent_of(100, Yuan::MAX), Yuan::MAX);
        assert_eq!(percent_of(200, Yuan::MAX), Yuan::MAX);
    }
}
