//! Bar codes in a picture: Code 128 (ISO/IEC 15417) and EAN-13 (ISO/IEC 15420), as they lie or stand.
//!
//! A line through the picture becomes runs of light and dark. What has a light border, begins and ends as a code does and
//! has the right check character is one; what only one line shows is none.

use std::collections::BTreeMap;

use guichet_contract::code::Picture;

/// How many lines are looked at each way.
const LINES: usize = 40;
/// How many lines have to say the same.
const AGREE: usize = 2;
/// Most characters of a Code 128, with the first and the check character.
const LONGEST: usize = 100;
/// Least light before and behind a code, in modules. The standards ask for more, and printers for less.
const QUIET: usize = 5;
/// Least difference of light and dark.
const CONTRAST: u8 = 48;

/// The widths of each character of Code 128, beginning with a bar; the last three begin a code.
const CODE_128: [[u8; 6]; 106] = widths(
    b"212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211\
221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311\
211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131311123311321331121312113312311\
332111314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112\
134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113114311411113411311\
113141114131311141411131211412211214211232",
);
const STOP: [u8; 7] = [2, 3, 3, 1, 1, 1, 2];

/// The widths of each digit of EAN-13, of set A (light first) and C (dark first); set B has them the other way round.
const DIGITS: [[u8; 4]; 10] = widths(b"3211222121221411113212311114131212133112");
/// Which of the six digits of the left half are of set B, by the digit that is not drawn.
const FIRST: [u8; 10] =
    [0b000000, 0b001011, 0b001101, 0b001110, 0b010011, 0b011001, 0b011100, 0b010101, 0b010110, 0b011010];

const fn widths<const N: usize, const ALL: usize>(digits: &[u8]) -> [[u8; N]; ALL] {
    assert!(digits.len() == N * ALL);
    let mut all = [[0; N]; ALL];
    let mut at = 0;
    while at < digits.len() {
        all[at / N][at % N] = digits[at] - b'0';
        at += 1;
    }
    all
}

/// The texts of the bar codes in a picture, each once.
pub(super) fn read(picture: &Picture) -> Vec<String> {
    let (width, height) = (picture.width(), picture.height());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let rows = spread(height).map(|y| (0..width).map(|x| picture.pixel(x, y)).collect::<Vec<u8>>());
    let columns = spread(width).map(|x| (0..height).map(|y| picture.pixel(x, y)).collect());
    for line in rows.chain(columns) {
        for text in codes(&line) {
            *seen.entry(text).or_default() += 1;
        }
    }
    seen.into_iter().filter(|(_, lines)| *lines >= AGREE).map(|(text, _)| text).collect()
}

/// So many lines of all, as far from each other as they can be.
fn spread(all: usize) -> impl Iterator<Item = usize> {
    let lines = all.min(LINES);
    (0..lines).map(move |line| (2 * line + 1) * all / (2 * lines))
}

/// The codes on one line, in either direction.
fn codes(line: &[u8]) -> Vec<String> {
    let (darkest, lightest) =
        line.iter().fold((u8::MAX, 0), |(least, most), pixel| (least.min(*pixel), most.max(*pixel)));
    if lightest.saturating_sub(darkest) < CONTRAST {
        return Vec::new();
    }
    let mut runs = runs(line, darkest + (lightest - darkest) / 2);
    let mut found = of_runs(&runs);
    runs.reverse();
    found.extend(of_runs(&runs));
    found.sort();
    found.dedup();
    found
}

/// How long it is light, dark, light…; the first and the last are light, and may be nothing.
fn runs(line: &[u8], threshold: u8) -> Vec<usize> {
    let mut runs = vec![0];
    let mut dark = false;
    for pixel in line {
        if (*pixel <= threshold) != dark {
            dark = !dark;
            runs.push(0);
        }
        if let Some(last) = runs.last_mut() {
            *last += 1;
        }
    }
    if dark {
        runs.push(0);
    }
    runs
}

fn of_runs(runs: &[usize]) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 1;
    while let Some([before, code @ ..]) = runs.get(at - 1..) {
        match code_128(*before, code).or_else(|| ean_13(*before, code)) {
            Some((text, took)) => {
                found.push(text);
                at += took + 1;
            }
            None => at += 2,
        }
    }
    found
}

/// How far the first runs are from a pattern, in a hundredth of a module; none if one of them is another width.
fn distance<const N: usize>(runs: &[usize], pattern: &[u8; N]) -> Option<usize> {
    let runs = runs.get(..N)?;
    let modules: usize = pattern.iter().map(|width| usize::from(*width)).sum();
    let whole: usize = runs.iter().sum();
    let mut distance = 0;
    for (run, width) in runs.iter().zip(pattern) {
        let off = (run * modules * 100 / whole.max(1)).abs_diff(usize::from(*width) * 100);
        if off > 70 {
            return None;
        }
        distance += off;
    }
    (distance <= modules * 25).then_some(distance)
}

/// Which of these patterns the runs are.
fn which<const N: usize>(runs: &[usize], patterns: &[[u8; N]]) -> Option<(usize, usize)> {
    let all = patterns.iter().enumerate().filter_map(|(value, pattern)| Some((value, distance(runs, pattern)?)));
    all.min_by_key(|(_, distance)| *distance)
}

/// Whether it is light for long enough, where so many modules are so long.
fn is_quiet(light: Option<usize>, length: usize, modules: usize) -> bool {
    light.is_some_and(|light| light * modules >= QUIET * length)
}

/// The text of a Code 128 that begins here, and how many runs it takes.
fn code_128(before: usize, runs: &[usize]) -> Option<(String, usize)> {
    let first = runs.get(..6)?;
    if !is_quiet(Some(before), first.iter().sum(), 11) {
        return None;
    }
    let (start @ 103..=105, _) = which(first, &CODE_128)? else { return None };
    let mut values = vec![start];
    loop {
        let rest = runs.get(values.len() * 6..)?;
        if distance(rest, &STOP).is_some() {
            let stop: usize = rest.iter().take(7).sum();
            let took = values.len() * 6 + 7;
            return is_quiet(rest.get(7).copied(), stop, 13)
                .then(|| text_128(&values))
                .flatten()
                .map(|text| (text, took));
        }
        match which(rest, &CODE_128)? {
            (value @ 0..=102, _) if values.len() < LONGEST => values.push(value),
            _ => return None,
        }
    }
}

/// What the characters of a Code 128 say, from the first to the check character.
fn text_128(values: &[usize]) -> Option<String> {
    let (check, values) = values.split_last()?;
    let (start, data) = values.split_first()?;
    let sum: usize = data.iter().enumerate().map(|(at, value)| (at + 1) * value).sum();
    if (start + sum) % 103 != *check {
        return None;
    }
    let mut set = *start;
    let mut once = None;
    let mut text = String::new();
    for (at, &value) in data.iter().enumerate() {
        let now = once.take().unwrap_or(set);
        match (now, value) {
            // The first says that the text is one of GS1, the others part its elements.
            (_, 102) if at == 0 => {}
            (_, 102) => text.push('\u{1d}'),
            (105, 0..=99) => text += &format!("{value:02}"),
            (105, 100) | (103, 100) => set = 104,
            (105, 101) | (104, 101) => set = 103,
            (103 | 104, 99) => set = 105,
            (103, 98) => once = Some(104),
            (104, 98) => once = Some(103),
            (103, 64..=95) => text.push(char::from(u8::try_from(value - 64).ok()?)),
            (103 | 104, 0..=95) => text.push(char::from(u8::try_from(value + 32).ok()?)),
            // What is said to a reader, and characters beyond ASCII.
            _ => return None,
        }
    }
    (!text.is_empty()).then_some(text)
}

/// The digits of an EAN-13 that begins here, and how many runs it takes.
fn ean_13(before: usize, runs: &[usize]) -> Option<(String, usize)> {
    let code = runs.get(..59)?;
    let length: usize = code.iter().sum();
    if !is_quiet(Some(before), length, 95) || !is_quiet(runs.get(59).copied(), length, 95) {
        return None;
    }
    distance(code, &[1; 3])?;
    distance(code.get(27..)?, &[1; 5])?;
    distance(code.get(56..)?, &[1; 3])?;
    let mut digits = vec![0];
    let mut sets = 0;
    for runs in code.get(3..27)?.chunks(4) {
        let mirrored = DIGITS.map(|[a, b, c, d]| [d, c, b, a]);
        let (a, b) = (which(runs, &DIGITS), which(runs, &mirrored));
        let of_b = b.is_some_and(|(_, b)| a.is_none_or(|(_, a)| b < a));
        digits.push(if of_b { b } else { a }?.0);
        sets = sets << 1 | u8::from(of_b);
    }
    for runs in code.get(32..56)?.chunks(4) {
        digits.push(which(runs, &DIGITS)?.0);
    }
    *digits.first_mut()? = FIRST.iter().position(|known| *known == sets)?;
    let sum: usize = digits.iter().enumerate().map(|(at, digit)| if at % 2 == 0 { *digit } else { 3 * digit }).sum();
    sum.is_multiple_of(10).then(|| (digits.iter().map(ToString::to_string).collect(), 59))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_eleven_modules_of_its_own() {
        let mut known: Vec<_> = CODE_128.into();
        assert!(known.iter().all(|widths| widths.iter().sum::<u8>() == 11));
        assert!(known.iter().all(|[a, _, b, _, c, _]| (a + b + c) % 2 == 0), "bars are an even number of modules");
        known.sort();
        known.dedup();
        assert_eq!(known.len(), 106);
        assert!(DIGITS.iter().all(|widths| widths.iter().sum::<u8>() == 7));
    }

    #[test]
    fn runs_begin_and_end_with_light() {
        assert_eq!(runs(&[9, 9, 0, 9, 0], 4), [2, 1, 1, 1, 0]);
        assert_eq!(runs(&[0, 0], 4), [0, 2, 0]);
        assert_eq!(runs(&[], 4), [0]);
    }

    #[test]
    fn a_text_needs_its_check_character() {
        // `Wikipedia` in set B, whose check character is 88.
        let mut values = vec![104, 55, 73, 75, 73, 80, 69, 68, 73, 65, 88];
        assert_eq!(text_128(&values).as_deref(), Some("Wikipedia"));
        values[10] = 87;
        assert_eq!(text_128(&values), None);
        assert_eq!(text_128(&[104, 1]), None, "there is nothing to say");
        assert_eq!(text_128(&[]), None);
    }
}
