//! How an icon looks, in 24 x 24 cells: two that people would take for each other lie upon each other nearly everywhere.
//!
//! An icon is drawn into a small square, whatever size it says it has. What stands on it is told from what it stands on,
//! a tile of one colour or nothing, cut out and asked how dense it is. This stays when an icon is moved, made larger, put
//! on a tile or coloured anew. Two are laid upon each other, moved by a cell at most, and correlated: once over all of them,
//! once over what is within the outline, where a stop sign and a letter in a circle differ.

use std::{fmt, io::Cursor, str::FromStr};

use image::{ImageReader, Limits, imageops::FilterType};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};

/// Pixels of a side of the square.
const SIDE: u32 = 96;
/// The most pixels of a side of a picture that is read.
const MOST_SIDE: u32 = 4096;
/// The most bytes a picture takes while it is read.
const MOST_BYTES: u64 = 256 << 20;
/// Cells of a side of what is compared.
const CELLS: usize = 24;
/// By how many cells two are moved against each other.
const MOST_SHIFT: isize = 1;
/// Up to which they are taken for each other, of 100. The tests below argue both.
const NEAR: u32 = 20;
/// The same of what is within the outline.
const NEAR_WITHIN: u32 = 13;
/// Colours of one tile differ by no more, of 255.
const SAME_COLOUR: u8 = 24;

/// How dense each cell is, of 15, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look(Vec<u8>);

impl Look {
    /// The look of a picture; none if it shows nothing that could be told apart.
    pub(crate) fn of(path: &str, bytes: &[u8]) -> Result<Option<Self>, Unreadable> {
        let is_svg = path.rsplit_once('.').is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("svg"));
        let picture = if is_svg { drawn(bytes) } else { read(bytes) }?;
        Ok(picture.and_then(|picture| picture.look()))
    }

    /// How far two are apart, of 100, if people would take one for the other.
    pub(crate) fn resembles(&self, other: &Self) -> Option<u32> {
        let (whole, within) = self.apart(other);
        (whole <= NEAR && within <= NEAR_WITHIN).then_some(whole)
    }

    /// How far two are apart, of 100, where they lie upon each other best: all of them, and what is within the outline.
    fn apart(&self, other: &Self) -> (u32, u32) {
        let shifts = || (-MOST_SHIFT..=MOST_SHIFT).flat_map(|x| (-MOST_SHIFT..=MOST_SHIFT).map(move |y| (x, y)));
        let (one, other) = (self.soft(), other.soft());
        let least = |within: usize| shifts().map(|shift| apart(&one, &other, shift, within)).min().unwrap_or(100);
        (least(0), least(CELLS / 5))
    }

    /// Each cell with those beside it, so that a line which lies half a cell off is near.
    fn soft(&self) -> Vec<f32> {
        let at = |x: isize, y: isize| {
            let is_in = |at: isize| (0..CELLS as isize).contains(&at);
            let cell = (is_in(x) && is_in(y)).then(|| self.0.get(y as usize * CELLS + x as usize)).flatten();
            f32::from(cell.copied().unwrap_or_default())
        };
        let cells = (0..CELLS as isize).flat_map(|y| (0..CELLS as isize).map(move |x| (x, y)));
        let weights = [(-1, 1.0), (0, 2.0), (1, 1.0)];
        cells
            .map(|(x, y)| {
                weights
                    .iter()
                    .flat_map(|(down, row)| weights.iter().map(move |(right, column)| (right, down, row * column)))
                    .map(|(right, down, weight)| at(x + right, y + down) * weight)
                    .sum()
            })
            .collect()
    }
}

/// One minus the correlation, of 100, of the cells that are at least so far from the edge.
fn apart(one: &[f32], other: &[f32], (right, down): (isize, isize), from: usize) -> u32 {
    let range = from as isize..(CELLS - from) as isize;
    let at = |cells: &[f32], x: isize, y: isize| {
        let is_in = (0..CELLS as isize).contains(&x) && (0..CELLS as isize).contains(&y);
        is_in.then(|| cells.get(y as usize * CELLS + x as usize)).flatten().copied().unwrap_or_default()
    };
    let pairs: Vec<(f32, f32)> = range
        .clone()
        .flat_map(|y| range.clone().map(move |x| (x, y)))
        .map(|(x, y)| (at(one, x, y), at(other, x + right, y + down)))
        .collect();
    let count = pairs.len() as f32;
    let (sum, other_sum) = pairs.iter().fold((0.0, 0.0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
    let (mean, other_mean) = (sum / count, other_sum / count);
    let (mut both, mut own, mut its) = (0.0, 0.0, 0.0);
    for (one, other) in pairs {
        let (one, other) = (one - mean, other - other_mean);
        both += one * other;
        own += one * one;
        its += other * other;
    }
    // Two that are empty there agree, and one that is empty does not agree with one that is not.
    match (own > count, its > count) {
        (false, false) => 0,
        (true, true) => ((1.0 - both / (own * its).sqrt()).clamp(0.0, 1.0) * 100.0).round() as u32,
        _ => 100,
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|cell| write!(f, "{cell:x}"))
    }
}

impl FromStr for Look {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let cells: Option<Vec<u8>> = text.chars().map(|cell| cell.to_digit(16).map(|cell| cell as u8)).collect();
        cells.filter(|cells| cells.len() == CELLS * CELLS).map(Self).ok_or(())
    }
}

/// The whole of a picture, or a part of it, is not seen here as a browser shows it.
#[derive(Debug)]
pub(crate) struct Unreadable;

/// A square of pixels: red, green, blue and how opaque each is, of 255, not multiplied.
struct Picture(Vec<[u8; 4]>);

fn drawn(bytes: &[u8]) -> Result<Option<Picture>, Unreadable> {
    let has = |name: &[u8]| bytes.windows(name.len()).any(|part| part == name);
    // Fonts, pictures in pictures and pages in pictures are not drawn here.
    if [&b"<text"[..], b"<image", b"<foreignObject"].into_iter().any(has) {
        return Err(Unreadable);
    }
    let tree = match Tree::from_data(bytes, &Options::default()) {
        Ok(tree) => tree,
        Err(resvg::usvg::Error::InvalidSize) => return Ok(None),
        Err(_) => return Err(Unreadable),
    };
    let size = tree.size();
    let scale = SIDE as f32 / size.width().max(size.height());
    let middle = |length: f32| (SIDE as f32 - length * scale) / 2.0;
    let place = Transform::from_row(scale, 0.0, 0.0, scale, middle(size.width()), middle(size.height()));
    let mut canvas = Pixmap::new(SIDE, SIDE).ok_or(Unreadable)?;
    resvg::render(&tree, place, &mut canvas.as_mut());
    let plain = canvas.pixels().iter().map(|pixel| pixel.demultiply());
    Ok(Some(Picture(plain.map(|pixel| [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]).collect())))
}

fn read(bytes: &[u8]) -> Result<Option<Picture>, Unreadable> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|_| Unreadable)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MOST_SIDE), Some(MOST_SIDE));
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let whole = reader.decode().map_err(|_| Unreadable)?;
    let small = whole.resize(SIDE, SIDE, FilterType::Triangle).to_rgba8();
    let mut square = image::RgbaImage::new(SIDE, SIDE);
    let middle = |length: u32| i64::from((SIDE - length.min(SIDE)) / 2);
    image::imageops::replace(&mut square, &small, middle(small.width()), middle(small.height()));
    Ok(Some(Picture(square.pixels().map(|pixel| pixel.0).collect())))
}

/// A part of a square, in pixels: the first column and row, and those after the last.
#[derive(Clone, Copy)]
struct Area {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Area {
    /// The smallest with everything that is meant in it.
    fn around(is_meant: impl Fn(usize, usize) -> bool) -> Option<Self> {
        let side = SIDE as usize;
        let columns: Vec<_> = (0..side).filter(|x| (0..side).any(|y| is_meant(*x, y))).collect();
        let rows: Vec<_> = (0..side).filter(|y| (0..side).any(|x| is_meant(x, *y))).collect();
        let (left, right) = (*columns.first()?, columns.last()? + 1);
        Some(Self { left, right, top: *rows.first()?, bottom: rows.last()? + 1 })
    }

    /// The square around it, with the same middle.
    fn square(self) -> Square {
        let (wide, tall) = ((self.right - self.left) as f32, (self.bottom - self.top) as f32);
        let side = wide.max(tall);
        Square { left: self.left as f32 - (side - wide) / 2.0, top: self.top as f32 - (side - tall) / 2.0, side }
    }

    fn points(self) -> impl Iterator<Item = (usize, usize)> {
        (self.top..self.bottom).flat_map(move |y| (self.left..self.right).map(move |x| (x, y)))
    }
}

/// A square, in pixels, which may reach beyond the picture.
#[derive(Clone, Copy)]
struct Square {
    left: f32,
    top: f32,
    side: f32,
}

impl Picture {
    fn at(&self, x: usize, y: usize) -> [u8; 4] {
        self.0.get(y * SIDE as usize + x).copied().unwrap_or_default()
    }

    fn look(&self) -> Option<Look> {
        let whole = Area::around(|x, y| self.at(x, y)[3] > 40)?;
        let by = (whole.right - whole.left).min(whole.bottom - whole.top) / 24;
        let depths = self.depths();
        let depth = |x: usize, y: usize| depths.get(y * SIDE as usize + x).copied().unwrap_or_default();
        let is_solid = self.is_solid(whole);
        let ring = whole.points().filter(|(x, y)| (by + 1..by + 3).contains(&depth(*x, *y)));
        let tile = is_solid.then(|| self.tile(whole, ring.map(|(x, y)| self.at(x, y)).collect())).flatten();
        // A shape on which nothing stands is no tile.
        let tile = tile.filter(|tile| {
            let is_other = |[red, green, blue, _]: [u8; 4]| far([red, green, blue], *tile) > SAME_COLOUR;
            whole.points().any(|(x, y)| depth(x, y) > by && is_other(self.at(x, y)))
        });
        // What frames a tile is no part of what stands on it.
        let is_meant = |x: usize, y: usize| tile.is_none() || depth(x, y) > by;
        let seen: Vec<_> = whole.points().map(|(x, y)| self.at(x, y)).filter(|it| it[3] > 128).map(grey).collect();
        // What stands on nothing is seen on what it is told from best.
        let ground = if seen.iter().sum::<f32>() < 128.0 * seen.len() as f32 { 255.0 } else { 0.0 };
        let (least, most) = seen.iter().fold((255.0_f32, 0.0_f32), |ends, grey| (ends.0.min(*grey), ends.1.max(*grey)));
        let is_many = most - least > f32::from(SAME_COLOUR);
        let ink = |x: usize, y: usize| {
            let pixel @ [red, green, blue, alpha] = self.at(x, y);
            let (alpha, light) = (f32::from(alpha) / 255.0, (grey(pixel) - ground).abs() / 255.0);
            match tile {
                _ if !is_meant(x, y) => 0.0,
                Some(tile) => f32::from(far([red, green, blue], tile)) / 255.0 * alpha,
                None if is_solid && is_many => light,
                None => alpha * (1.0 + light) / 2.0,
            }
        };
        let most = whole.points().map(|(x, y)| ink(x, y)).fold(0.0, f32::max);
        if most * 255.0 <= f32::from(SAME_COLOUR) {
            return None;
        }
        let ink = |x: usize, y: usize| ink(x, y) / most;
        let area = Area::around(|x, y| ink(x, y) > 0.25)?;
        Some(Look(cells(area.square(), ink)))
    }

    /// How many pixels each lies within what is opaque, over corners too.
    fn depths(&self) -> Vec<usize> {
        let side = SIDE as usize;
        let mut depths: Vec<usize> = self.0.iter().map(|pixel| if pixel[3] > 200 { side } else { 0 }).collect();
        let mut pass = |places: &mut dyn Iterator<Item = usize>, beside: [(isize, isize); 4]| {
            for place in places {
                let (x, y) = (place % side, place / side);
                let at = |(right, down): (isize, isize)| {
                    let (x, y) = (x.wrapping_add_signed(right), y.wrapping_add_signed(down));
                    if x < side && y < side { depths.get(y * side + x).copied().unwrap_or_default() } else { 0 }
                };
                let least = beside.map(at).into_iter().min().unwrap_or_default();
                if let Some(depth) = depths.get_mut(place) {
                    *depth = (least + 1).min(*depth);
                }
            }
        };
        pass(&mut (0..side * side), [(-1, 0), (-1, -1), (0, -1), (1, -1)]);
        pass(&mut (0..side * side).rev(), [(1, 0), (1, 1), (0, 1), (-1, 1)]);
        depths
    }

    /// Whether nearly all of an area is opaque.
    fn is_solid(&self, whole: Area) -> bool {
        let all = (whole.right - whole.left) * (whole.bottom - whole.top);
        whole.points().filter(|(x, y)| self.at(*x, *y)[3] > 200).count() * 10 >= all * 7
    }

    /// The colour of what an icon stands on, if it stands on something of one colour; given what is near its edge.
    fn tile(&self, whole: Area, ring: Vec<[u8; 4]>) -> Option<[u8; 3]> {
        let middle = |channel: usize| {
            let mut values: Vec<u8> = ring.iter().map(|pixel| pixel[channel]).collect();
            values.sort_unstable();
            values.get(values.len() / 2).copied()
        };
        let tile = [middle(0)?, middle(1)?, middle(2)?];
        let is_tile = |pixel: [u8; 4]| pixel[3] > 200 && far([pixel[0], pixel[1], pixel[2]], tile) <= SAME_COLOUR;
        let same = ring.iter().filter(|pixel| is_tile(**pixel)).count();
        let covered = whole.points().filter(|(x, y)| is_tile(self.at(*x, *y))).count();
        let all = (whole.right - whole.left) * (whole.bottom - whole.top);
        (same * 4 >= ring.len() * 3 && covered * 10 >= all * 4).then_some(tile)
    }
}

fn far(one: [u8; 3], other: [u8; 3]) -> u8 {
    one.iter().zip(other).map(|(one, other)| one.abs_diff(other)).max().unwrap_or(0)
}

fn grey([red, green, blue, _]: [u8; 4]) -> f32 {
    0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)
}

/// The cells of a square, each with how dense it is.
fn cells(square: Square, ink: impl Fn(usize, usize) -> f32) -> Vec<u8> {
    /// Points of a side of a cell at which it is asked.
    const POINTS: usize = 4;
    let step = square.side / (CELLS * POINTS) as f32;
    let at = |from: f32, point: usize| (from + (point as f32 + 0.5) * step).floor();
    let value = |x: f32, y: f32| {
        let is_in = |at: f32| (0.0..SIDE as f32).contains(&at);
        if is_in(x) && is_in(y) { ink(x as usize, y as usize) } else { 0.0 }
    };
    let mut cells = Vec::with_capacity(CELLS * CELLS);
    for cell in 0..CELLS * CELLS {
        let (column, row) = (cell % CELLS * POINTS, cell / CELLS * POINTS);
        let points = (0..POINTS * POINTS).map(|point| (column + point % POINTS, row + point / POINTS));
        let sum: f32 = points.map(|(x, y)| value(at(square.left, x), at(square.top, y))).sum();
        cells.push((sum / (POINTS * POINTS) as f32 * 15.0).round() as u8);
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Icons as departments draw them, and the signs of the console: of two with the same motif, one.
    fn icons() -> Vec<(String, String)> {
        let sample = |name: &str| {
            let path = format!("{}/../../samples/{name}/common/icon.svg", env!("CARGO_MANIFEST_DIR"));
            (name.to_owned(), std::fs::read_to_string(path).unwrap())
        };
        let samples = ["benefit-estimator", "certificate-printer", "document-scan", "residence-permit", "queue-board"];
        let signs = [include_str!("../../templates/icons.svg"), include_str!("../../templates/events.svg")];
        let drawn = signs.into_iter().flat_map(|all| all.split("<symbol id=\"").skip(1)).filter_map(|symbol| {
            let (name, rest) = symbol.split_once('"')?;
            let (_, rest) = rest.split_once('>')?;
            let (lines, _) = rest.split_once("</symbol>")?;
            let same_motif = ["idcard", "print", "scan"].contains(&name);
            (!same_motif).then(|| (name.to_owned(), svg(&format!("<g {LINES}>{lines}</g>"))))
        });
        samples.map(sample).into_iter().chain(drawn).collect()
    }

    const LINES: &str =
        "fill=\"none\" stroke=\"#0d6656\" stroke-width=\"1.75\" stroke-linecap=\"round\" stroke-linejoin=\"round\"";

    fn svg(inner: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"24\" height=\"24\" viewBox=\"0 0 24 24\">{inner}</svg>"
        )
    }

    fn look(icon: &str) -> Look {
        Look::of("icon.svg", icon.as_bytes()).unwrap().unwrap()
    }

    /// What somebody does who wants to be taken for another: the lines of an icon, in a group that is changed.
    fn variants(icon: &str) -> Vec<(&'static str, String)> {
        let inner = icon.split_once('>').unwrap().1.rsplit_once("</svg>").unwrap().0;
        let group = |how: &str| format!("<g {LINES} transform=\"{how}\">{inner}</g>");
        let on = |ground: &str| svg(&format!("{ground}{}", group("translate(4 4) scale(.66)")));
        let white = |icon: String| icon.replace("#0d6656", "#ffffff");
        let blue = group("").replace("#0d6656", "#2d6cdf");
        vec![
            ("blue", svg(&blue)),
            ("pale", svg(&blue.replace("#2d6cdf", "#f0c040"))),
            ("moved", svg(&group("translate(.8 .6)"))),
            ("smaller", on("")),
            ("on a tile", white(on("<rect width=\"24\" height=\"24\" rx=\"5\" fill=\"#113355\"/>"))),
            ("on a round tile", white(on("<circle cx=\"12\" cy=\"12\" r=\"12\" fill=\"#883322\"/>"))),
            (
                "framed",
                on(
                    "<rect x=\".3\" y=\".3\" width=\"23.4\" height=\"23.4\" fill=\"#fff\" stroke=\"#000\" stroke-width=\".6\"/>",
                ),
            ),
            ("thinner", svg(&group("").replace("1.75", "1.5"))),
            ("stretched", svg(&group("translate(0 .6) scale(1 .95)"))),
        ]
    }

    #[test]
    fn different_icons_are_not_taken_for_each_other() {
        let icons = icons();
        assert!(icons.len() > 35, "{}", icons.len());
        let looks: Vec<_> = icons.iter().map(|(name, icon)| (name, look(icon))).collect();
        for (at, (name, one)) in looks.iter().enumerate() {
            for (other_name, other) in looks.iter().skip(at + 1) {
                assert_eq!(one.resembles(other), None, "{name} {other_name}");
            }
        }
        // Nearest of all: a sign of two strokes in an outline, and the margin between the two tests of this file.
        let of = |name: &str| &looks.iter().find(|(it, _)| *it == name).unwrap().1;
        assert_eq!(of("stop").apart(of("info")), (10, 17));
        let motif = look(&svg(&format!(
            "<g {LINES}><rect x='3' y='5.5' width='18' height='13' rx='2'/><circle cx='8.5' cy='11' r='2'/><path d='M5.5 16c.6-1.6 1.700-2.200 3-2.200s2.400.6 3 2.200M14.5 10.200h3.800M14.5 14h3.800'/></g>"
        )));
        let permit = looks.iter().find(|(name, _)| *name == "residence-permit").unwrap();
        assert!(motif.resembles(&permit.1).is_some(), "drawn anew by another hand {:?}", motif.apart(&permit.1));
    }

    #[test]
    fn an_icon_that_was_changed_a_little_is_found() {
        let mut missed = Vec::new();
        for (name, icon) in icons() {
            let own = look(&icon);
            for (how, variant) in variants(&icon) {
                let seen = Look::of("icon.svg", variant.as_bytes()).unwrap();
                if seen.and_then(|seen| own.resembles(&seen)).is_none() {
                    missed.push(format!("{name} {how}"));
                }
            }
        }
        assert_eq!(missed, Vec::<String>::new());
    }

    #[test]
    fn a_picture_in_pixels_is_the_same_as_its_drawing() {
        for (name, icon) in icons().into_iter().take(5) {
            let tree = Tree::from_data(icon.as_bytes(), &Options::default()).unwrap();
            let mut canvas = Pixmap::new(192, 192).unwrap();
            resvg::render(&tree, Transform::from_scale(8.0, 8.0), &mut canvas.as_mut());
            let plain: Vec<u8> = canvas
                .pixels()
                .iter()
                .flat_map(|pixel| {
                    let pixel = pixel.demultiply();
                    [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
                })
                .collect();
            let picture = image::RgbaImage::from_raw(192, 192, plain).unwrap();
            let mut on_white = image::RgbaImage::from_pixel(192, 192, image::Rgba([255; 4]));
            image::imageops::overlay(&mut on_white, &picture, 0, 0);
            let on_white = image::DynamicImage::from(on_white).to_rgb8();
            let formats = [image::ImageFormat::Png, image::ImageFormat::WebP, image::ImageFormat::Gif];
            let mut jpeg = Cursor::new(Vec::new());
            on_white.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
            let read = Look::of("icon.jpg", jpeg.get_ref()).unwrap().unwrap();
            assert!(read.resembles(&look(&icon)).is_some(), "{name} JPEG on white");
            for format in formats {
                let mut file = Cursor::new(Vec::new());
                picture.write_to(&mut file, format).unwrap();
                let read = Look::of("icon.png", file.get_ref()).unwrap().unwrap();
                assert!(read.resembles(&look(&icon)).is_some(), "{name} {format:?}");
            }
        }
    }

    #[test]
    fn what_is_too_large_or_says_nothing_is_not_compared() {
        let huge = svg("<rect width=\"9\" height=\"9\"/>").replace("width=\"24\"", "width=\"2000000000\"");
        assert!(Look::of("icon.svg", huge.as_bytes()).is_ok());
        assert_eq!(Look::of("icon.svg", svg("").as_bytes()).unwrap(), None);
        assert_eq!(Look::of("icon.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap(), None);
        let mut bomb = Cursor::new(Vec::new());
        image::GrayImage::new(5000, 5000).write_to(&mut bomb, image::ImageFormat::Png).unwrap();
        assert!(bomb.get_ref().len() < 1_000_000, "25 million pixels in few bytes");
        assert!(Look::of("icon.png", bomb.get_ref()).is_err());
        for unseen in ["<text>1</text>", "<image href=\"data:,\"/>", "<foreignObject/>"] {
            assert!(Look::of("icon.svg", svg(unseen).as_bytes()).is_err(), "{unseen}");
        }
        assert!(Look::of("icon.svg", b"<svg").is_err() && Look::of("icon.png", b"PNG").is_err());
    }

    #[test]
    fn a_look_is_kept_as_text() {
        let (_, icon) = &icons()[0];
        assert_eq!(look(icon).to_string().parse(), Ok(look(icon)));
        for other in ["x".to_owned(), "0".repeat(575), "g".repeat(576)] {
            assert_eq!(other.parse::<Look>(), Err(()));
        }
    }
}
