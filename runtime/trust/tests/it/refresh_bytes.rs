//! What an update costs a device: bounds, and no dependence on more than they say.

#[path = "../../examples/refresh_bytes.rs"]
#[allow(dead_code, reason = "its main is not called")]
mod measured;

use measured::measure;

#[test]
fn one_release_among_ten_thousand_apps_costs_at_most_64_kib() {
    let figures = measure(10_000, 100).unwrap();
    assert!(figures.returning.plain <= 64 << 10, "{figures:?}");
    assert!(figures.returning.wire <= 16 << 10, "{figures:?}");
    assert!(figures.first.wire < figures.first.plain / 3, "{figures:?}");
}

#[test]
fn one_release_in_a_department_of_two_thousand_apps_costs_one_bin() {
    let figures = measure(2_000, 1).unwrap();
    // The two lists are 700 000 bytes; what is fetched is a bin, and 64 more lines of the snapshot.
    assert!(figures.first.plain > 700_000 && figures.returning.plain <= 32 << 10, "{figures:?}");
}

#[test]
fn a_further_department_costs_at_most_150_bytes() {
    // The same number of apps in each department.
    let (fewer, more) = (measure(500, 50).unwrap(), measure(1_500, 150).unwrap());
    let each = |fewer: usize, more: usize| (more - fewer).div_ceil(100);
    let wire = each(fewer.returning.wire, more.returning.wire);
    assert!(wire <= 150, "{wire} bytes, {fewer:?}, {more:?}");
}
