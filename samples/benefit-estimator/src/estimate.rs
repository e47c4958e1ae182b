//! The calculation: a household and the rules in, amounts and how they came about out.

use serde::Serialize;

use crate::{
    household::Household,
    rules::{Rules, Yuan, percent_of},
};

/// The four payments, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The minimum living allowance: what is missing to the standard.
    Allowance,
    /// On top of it, for children, old people and people with a severe disability.
    Supplement,
    /// A share of the recognized rent.
    Rent,
    /// For children under three, whatever the income.
    Childcare,
}

/// All payments.
pub const KINDS: [Kind; 4] = [Kind::Allowance, Kind::Supplement, Kind::Rent, Kind::Childcare];

/// What a household would get in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Month {
    /// See [`Kind::Allowance`].
    pub allowance: Yuan,
    /// See [`Kind::Supplement`].
    pub supplement: Yuan,
    /// See [`Kind::Rent`].
    pub rent: Yuan,
    /// See [`Kind::Childcare`].
    pub childcare: Yuan,
}

impl Month {
    /// One of the payments.
    pub fn of(&self, kind: Kind) -> Yuan {
        match kind {
            Kind::Allowance => self.allowance,
            Kind::Supplement => self.supplement,
            Kind::Rent => self.rent,
            Kind::Childcare => self.childcare,
        }
    }

    /// All payments together.
    pub fn total(&self) -> Yuan {
        KINDS.iter().map(|kind| self.of(*kind)).sum()
    }
}

/// The figures between what was entered and what is paid, so that a person can follow the reckoning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// Everybody.
    pub members: u32,
    /// The standard of the whole household.
    pub standard: Yuan,
    /// The part of the income that does not count.
    pub deducted: Yuan,
    /// The part that does.
    pub counted: Yuan,
    /// Countable income in percent of the standard, rounded up.
    pub percent: u32,
    /// The rent that is recognized.
    pub recognized_rent: Yuan,
    /// The share of it that is paid at this income.
    pub rent_percent: u32,
    /// Savings up to this do not matter.
    pub savings_most: Yuan,
    /// Whether there are more savings than that: then only childcare is paid.
    pub saves_too_much: bool,
}

/// The figures that the payments of a household follow from.
pub fn basis(household: &Household, rules: &Rules) -> Basis {
    let members = household.members();
    let standard = rules.standard(household.area) * members;
    let working = household.adults.saturating_sub(household.elders);
    let deducted = percent_of(rules.deduction_percent, household.income).min(rules.deduction_most * working);
    let counted = household.income - deducted;
    let percent = (u64::from(counted) * 100).div_ceil(u64::from(standard).max(1)).try_into().unwrap_or(u32::MAX);
    let bracket = rules.rent_brackets.iter().find(|bracket| percent <= bracket.income_percent);
    let savings_most = standard * rules.savings_months;
    Basis {
        members,
        standard,
        deducted,
        counted,
        percent,
        recognized_rent: household.rent.min(rules.recognized_rent(members)),
        rent_percent: bracket.map_or(0, |bracket| bracket.paid_percent),
        savings_most,
        saves_too_much: household.savings > savings_most,
    }
}

/// What a household would get in a month.
pub fn month(household: &Household, rules: &Rules) -> Month {
    let basis = basis(household, rules);
    let childcare = household.babies * rules.childcare;
    if basis.saves_too_much {
        return Month { childcare, ..Month::default() };
    }
    let full = supplements(household, rules);
    Month {
        allowance: basis.standard.saturating_sub(basis.counted),
        supplement: if basis.counted < basis.standard {
            full
        } else if basis.percent <= rules.edge_percent {
            full.div_ceil(2)
        } else {
            0
        },
        rent: percent_of(basis.rent_percent, basis.recognized_rent),
        childcare,
    }
}

fn supplements(household: &Household, rules: &Rules) -> Yuan {
    let standard = rules.standard(household.area);
    [
        (household.babies + household.children, rules.child_percent),
        (household.elders, rules.elder_percent),
        (household.disabled, rules.disabled_percent),
    ]
    .into_iter()
    .map(|(people, percent)| people * percent_of(percent, standard))
    .sum()
}

/// The highest income at which a payment is still made to this household; none if it never is.
pub fn ends_at(kind: Kind, household: &Household, rules: &Rules) -> Option<Yuan> {
    let is_paid = |income| month(&household.earning(income), rules).of(kind) > 0;
    if !is_paid(0) || is_paid(SEARCH_END) {
        return None;
    }
    // No payment grows with income, so it is paid below one income and not above it.
    let (mut paid, mut unpaid) = (0, SEARCH_END);
    while unpaid - paid > 1 {
        let middle = paid + (unpaid - paid) / 2;
        if is_paid(middle) {
            paid = middle;
        } else {
            unpaid = middle;
        }
    }
    Some(paid)
}

/// No household of the form's size gets anything that ends at a higher income.
const SEARCH_END: Yuan = 200_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Area;

    const RULES: Rules = Rules::current();

    fn alone() -> Household {
        Household {
            area: Area::Urban,
            adults: 1,
            elders: 0,
            babies: 0,
            children: 0,
            disabled: 0,
            income: 0,
            rent: 0,
            savings: 0,
        }
    }

    fn family() -> Household {
        Household { adults: 2, babies: 1, children: 1, income: 3_200, rent: 1_200, ..alone() }
    }

    #[test]
    fn a_person_without_income_gets_the_standard() {
        assert_eq!(month(&alone(), &RULES), Month { allowance: 1_160, ..Month::default() });
        let rural = Household { area: Area::Rural, ..alone() };
        assert_eq!(month(&rural, &RULES).total(), 920);
    }

    #[test]
    fn a_family_is_reckoned_step_by_step() {
        let basis = basis(&family(), &RULES);
        assert_eq!((basis.members, basis.standard), (4, 4_640));
        assert_eq!((basis.deducted, basis.counted, basis.percent), (480, 2_720, 59));
        assert_eq!((basis.recognized_rent, basis.rent_percent), (1_200, 90));
        let month = month(&family(), &RULES);
        assert_eq!(month, Month { allowance: 1_920, supplement: 464, rent: 1_080, childcare: 300 });
        assert_eq!(month.total(), 3_764);
    }

    #[test]
    fn the_deduction_has_a_limit_for_each_working_adult() {
        let deducted =
            |income, adults, elders| basis(&Household { income, adults, elders, ..alone() }, &RULES).deducted;
        assert_eq!(deducted(1_000, 1, 0), 150);
        assert_eq!(deducted(9_000, 1, 0), 400);
        assert_eq!(deducted(9_000, 2, 0), 800);
        assert_eq!(deducted(9_000, 2, 1), 400);
        assert_eq!(deducted(9_000, 1, 1), 0, "nobody here works");
    }

    #[test]
    fn brackets_include_their_upper_end() {
        // One old person: nothing is deducted, so income and countable income are the same.
        let at = |income| {
            let household = Household { elders: 1, rent: 600, income, ..alone() };
            let month = month(&household, &RULES);
            (month.allowance, month.supplement, month.rent)
        };
        assert_eq!(at(1_159), (1, 348, 540));
        assert_eq!(at(1_160), (0, 174, 540), "at the standard: on the edge, rent still in the first bracket");
        assert_eq!(at(1_161), (0, 174, 420));
        assert_eq!(at(1_740), (0, 174, 420));
        assert_eq!(at(1_741), (0, 0, 240));
        assert_eq!(at(2_320), (0, 0, 240));
        assert_eq!(at(2_321), (0, 0, 0));
    }

    #[test]
    fn everybody_counts_for_a_supplement() {
        let household = Household { adults: 2, elders: 1, children: 1, disabled: 1, ..alone() };
        assert_eq!(month(&household, &RULES).supplement, 232 + 348 + 464);
    }

    #[test]
    fn large_savings_leave_childcare_only() {
        let limit = basis(&family(), &RULES).savings_most;
        assert_eq!(limit, 111_360);
        assert_eq!(month(&Household { savings: limit, ..family() }, &RULES).total(), 3_764);
        let rich = Household { savings: limit + 1, ..family() };
        assert_eq!(month(&rich, &RULES), Month { childcare: 300, ..Month::default() });
    }

    #[test]
    fn rent_is_recognized_up_to_a_limit() {
        let rent = |rent| month(&Household { rent, ..alone() }, &RULES).rent;
        assert_eq!((rent(0), rent(500), rent(600), rent(5_000)), (0, 450, 540, 540));
    }

    #[test]
    fn payments_end_where_they_say() {
        let household = family();
        for kind in [Kind::Allowance, Kind::Supplement, Kind::Rent] {
            let end = ends_at(kind, &household, &RULES).unwrap();
            assert!(month(&household.earning(end), &RULES).of(kind) > 0, "{kind:?} at {end}");
            assert_eq!(month(&household.earning(end + 1), &RULES).of(kind), 0, "{kind:?} above {end}");
        }
        assert_eq!(ends_at(Kind::Childcare, &household, &RULES), None, "it does not depend on income");
        assert_eq!(ends_at(Kind::Rent, &Household { rent: 0, ..household }, &RULES), None, "it is never paid");
    }

    #[test]
    fn more_income_never_brings_more_benefit() {
        for area in [Area::Urban, Area::Rural] {
            for (adults, elders, babies, children, disabled) in
                [(1, 0, 0, 0, 0), (1, 1, 0, 0, 1), (2, 0, 1, 1, 0), (3, 2, 0, 2, 2), (12, 0, 0, 0, 12)]
            {
                let household = Household { area, adults, elders, babies, children, disabled, rent: 1_500, ..alone() };
                let mut before = month(&household, &RULES);
                for income in 1..40_000 {
                    let now = month(&household.earning(income), &RULES);
                    for kind in KINDS {
                        assert!(now.of(kind) <= before.of(kind), "{kind:?} grows at {income} for {household:?}");
                    }
                    before = now;
                }
            }
        }
    }

    #[test]
    fn the_largest_amounts_do_not_overflow() {
        let household =
            Household { adults: 12, disabled: 12, income: 1_000_000, rent: 1_000_000, savings: 1_000_000, ..alone() };
        assert_eq!(month(&household, &RULES).total(), 0);
        assert_eq!(month(&household.earning(0), &RULES).total(), 0, "the savings are above the limit");
    }
}
