//! `code`: what one maker writes, another reads.

use guichet_contract::{Ask, Consent, DevicePolicy, Failure, Grants, Services, Value};
use guichet_services::{Device, Memory, Rehearsed};

/// Pixels of a module.
const SCALE: usize = 4;

fn call(services: &dyn Services, function: &str, arguments: Vec<Value>) -> Result<Value, Failure> {
    let nothing = Grants::intersect("a.b".parse().unwrap(), &[], &[], &DevicePolicy::default(), &Consent::default());
    match Ask::decode("code", function, arguments)? {
        Ask::Service(call) => call.perform(&nothing, services),
        Ask::Session(call) => panic!("{call:?} belongs to the session"),
    }
}

fn make(services: &dyn Services, text: &str) -> Result<Value, Failure> {
    call(services, "make", vec![Value::Text(text.to_owned())])
}

fn picture(width: usize, grey: Vec<u8>) -> Value {
    let width = Value::Integer(width.try_into().unwrap());
    Value::Record([("width".to_owned(), width), ("grey".to_owned(), Value::Bytes(grey))].into())
}

fn read(services: &dyn Services, width: usize, grey: Vec<u8>) -> Result<Vec<String>, Failure> {
    match call(services, "read", vec![picture(width, grey)])? {
        Value::List(texts) => Ok(texts.into_iter().map(|text| format!("{text:?}")).collect()),
        other => panic!("{other:?} is no list"),
    }
}

/// The modules of an SVG of ours, drawn: its width in pixels and its greys.
fn drawn(svg: &str) -> (usize, Vec<u8>) {
    let width = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse::<usize>().unwrap();
    let dark = svg.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut grey = vec![230; (width * SCALE) * (width * SCALE)];
    for module in dark.split('M').filter(|module| !module.is_empty()) {
        let (x, rest) = module.split_once(' ').unwrap();
        let (x, y) = (x.parse::<usize>().unwrap(), rest.split('h').next().unwrap().parse::<usize>().unwrap());
        for (dy, dx) in (0..SCALE).flat_map(|dy| (0..SCALE).map(move |dx| (dy, dx))) {
            grey[(y * SCALE + dy) * width * SCALE + x * SCALE + dx] = 20;
        }
    }
    (width * SCALE, grey)
}

#[test]
fn what_is_made_is_read_on_every_terminal_without_a_permission() {
    let all: [&dyn Services; 3] = [&Memory::default(), &Rehearsed::default(), &Device::new("/nowhere".into())];
    for services in all {
        for text in ["guichet://miniapp/gov.example.permit", "居住证 3301"] {
            let Value::Text(svg) = make(services, text).unwrap() else { panic!("no text") };
            let (width, grey) = drawn(&svg);
            assert_eq!(read(services, width, grey).unwrap(), [format!("{:?}", Value::Text(text.to_owned()))]);
        }
    }
}

#[test]
fn two_codes_in_one_picture_are_two_texts() {
    let services = Memory::default();
    let [one, two] = ["first", "other"].map(|text| match make(&services, text).unwrap() {
        Value::Text(svg) => drawn(&svg),
        other => panic!("{other:?}"),
    });
    assert_eq!(one.0, two.0);
    let rows = one.1.chunks(one.0).zip(two.1.chunks(two.0));
    let both = rows.flat_map(|(one, two)| [one, two].concat()).collect();
    let mut texts = read(&services, one.0 * 2, both).unwrap();
    texts.sort();
    assert_eq!(texts, [r#"Text("first")"#, r#"Text("other")"#]);
}

/// Rows of a bar code of these modules (1 is dark), with its light border: the width, and the greys.
fn barred(modules: &[u8], pixels: usize) -> (usize, Vec<u8>) {
    let border = [0; 10];
    let row = [&border, modules, &border].concat();
    let row: Vec<u8> = row.iter().flat_map(|dark| vec![230 - 210 * dark; pixels]).collect();
    (row.len(), row.repeat(12))
}

/// A row of the bars of an SVG of ours: its width in pixels, and a picture of them.
fn bars_drawn(svg: &str, pixels: usize) -> (usize, Vec<u8>) {
    let width = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse::<usize>().unwrap();
    let dark = svg.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut row = vec![230; width * pixels];
    for bar in dark.split('M').filter(|bar| !bar.is_empty()) {
        let (x, rest) = bar.split_once(" 0h").unwrap();
        let (x, wide) = (x.parse::<usize>().unwrap(), rest.split('v').next().unwrap().parse::<usize>().unwrap());
        row[x * pixels..(x + wide) * pixels].fill(20);
    }
    (row.len(), row.repeat(12))
}

/// The picture, turned by a quarter.
fn turned(width: usize, grey: &[u8]) -> (usize, Vec<u8>) {
    let height = grey.len() / width;
    let pixel = |at: usize| grey[(height - 1 - at % height) * width + at / height];
    (height, (0..grey.len()).map(pixel).collect())
}

/// Texts as another maker's writer says them (`À`, `Ɓ` and `Ć` choose the sets), and as they are read.
const CODE_128: [(&str, &str); 4] = [
    ("ƁCase 2026-0042/b", "Case 2026-0042/b"),
    ("Ć330106199001", "330106199001"),
    ("ÀFILE\u{9}7", "FILE\u{9}7"),
    ("ƁWaiting no. Ć0117Ɓ, hall B", "Waiting no. 0117, hall B"),
];

#[test]
fn bar_codes_of_another_maker_are_read_lying_standing_and_upside_down() {
    use barcoders::sym::{code128::Code128, ean13::EAN13};
    let ean = |digits: &str| (EAN13::new(digits).unwrap().encode(), digits.to_owned());
    let mut all: Vec<_> =
        CODE_128.iter().map(|(text, read)| (Code128::new(text).unwrap().encode(), (*read).to_owned())).collect();
    // One of each first digit, which is not drawn but said by the others.
    all.extend(
        ["0012345678905", "1234567890128", "2345678901234", "3456789012340", "4006381333931", "5901234123457"].map(ean),
    );
    all.extend(["6901234567892", "7351353000005", "8711253001202", "9783161484100"].map(ean));
    for (modules, text) in all {
        for pixels in [2, 3] {
            let (width, grey) = barred(&modules, pixels);
            let expected = Ok(vec![format!("{:?}", Value::Text(text.clone()))]);
            let mut picture = (width, grey);
            for turn in 0..4 {
                assert_eq!(
                    read(&Memory::default(), picture.0, picture.1.clone()),
                    expected,
                    "{pixels} pixels, turn {turn}"
                );
                picture = turned(picture.0, &picture.1);
            }
        }
    }
}

#[test]
fn bar_codes_that_are_made_are_read_byte_for_byte_on_every_terminal() {
    let printable: Vec<char> = (' '..='~').collect();
    let all: Vec<String> = printable.chunks(48).map(|some| some.iter().collect()).collect();
    let code128 = ["A", " ", "12", "12345", "33010619900101", "Case 2026-0042/b", "A1234567B", "No 7 of 12345678"];
    let longest = "W1234567x0".repeat(8);
    let texts = code128.into_iter().chain([longest.as_str()]).chain(all.iter().map(String::as_str));
    let asked = texts.map(|text| (text, text.to_owned(), "code128"));
    // Without its check digit, and with it.
    let goods = [("400638133393", "4006381333931"), ("9783161484100", "9783161484100")];
    let asked = asked.chain(goods.map(|(text, read)| (text, read.to_owned(), "ean13")));
    let terminals: [&dyn Services; 3] = [&Memory::default(), &Rehearsed::default(), &Device::new("/nowhere".into())];
    for ((text, expected, bars), services) in asked.zip(terminals.into_iter().cycle()) {
        let arguments = [text, bars].map(|argument| Value::Text(argument.to_owned())).to_vec();
        let Value::Text(svg) = call(services, "make-bars", arguments).unwrap() else { panic!("no text") };
        for pixels in [1, 2, 3] {
            let (width, grey) = bars_drawn(&svg, pixels);
            let expected = Ok(vec![format!("{:?}", Value::Text(expected.clone()))]);
            assert_eq!(read(services, width, grey), expected, "{bars} {text:?} at {pixels} pixels");
        }
    }
}

#[test]
fn a_bar_code_that_is_damaged_or_cut_off_is_none() {
    let modules = barcoders::sym::code128::Code128::new("ƁCase 2026").unwrap().encode();
    let services = Memory::default();
    let mut unread = 0;
    for at in 0..modules.len() {
        // An edge too far is made good where the text is certain all the same; it never makes another text.
        let mut damaged = modules.clone();
        damaged[at] ^= 1;
        let (width, grey) = barred(&damaged, 3);
        let texts = read(&services, width, grey).unwrap();
        assert!(texts.iter().all(|text| text == r#"Text("Case 2026")"#), "module {at}: {texts:?}");
        unread += usize::from(texts.is_empty());
        let (width, grey) = barred(&modules[..at], 3);
        assert_eq!(read(&services, width, grey), Ok(vec![]), "cut at module {at}");
    }
    assert!(unread * 2 > modules.len(), "{unread} of {} were seen to be damaged", modules.len());
    // One line of it is not enough.
    let (width, grey) = barred(&modules, 3);
    assert_eq!(read(&services, width, grey[..width].to_vec()), Ok(vec![]));
}

#[test]
fn where_there_is_no_code_there_is_no_text() {
    let services = Memory::default();
    // Noise from a fixed beginning.
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    for (width, grey) in [
        (1, vec![0]),
        (100, vec![255; 10_000]),
        (512, (0..512 * 512).map(|_| noise()).collect()),
        (1, vec![0; 1 << 20]),
    ] {
        assert_eq!(read(&services, width, grey), Ok(vec![]), "{width}");
    }
}

#[test]
fn what_cannot_be_is_said() {
    let services = Memory::default();
    let why = |result: Result<Vec<String>, Failure>| result.unwrap_err().to_string();
    insta::assert_snapshot!(why(read(&services, 3, vec![0; 10])), @"code.read: width must be the pixels of one of its whole rows");
    insta::assert_snapshot!(why(read(&services, 0, vec![0; 10])), @"code.read: width must be the pixels of one of its whole rows");
    insta::assert_snapshot!(why(read(&services, 1, vec![0; (1 << 20) + 1])), @"code.read: grey must be one byte for each pixel, and at most 1 MiB");
    insta::assert_snapshot!(make(&services, "").unwrap_err(), @"code.make: text must be 1 to 2000 bytes long");
    let bars = |text: &str, bars: &str| {
        let arguments = [text, bars].map(|argument| Value::Text(argument.to_owned())).to_vec();
        call(&services, "make-bars", arguments).unwrap_err()
    };
    insta::assert_snapshot!(bars("A", "qr"), @"code.make-bars: bars must be code128 or ean13");
    insta::assert_snapshot!(bars("证", "code128"), @"code.make-bars: text must be 1 to 80 printable characters of ASCII");
    insta::assert_snapshot!(bars("40063813339", "ean13"), @"code.make-bars: text must be 12 digits, or 13 with the check digit");
    insta::assert_snapshot!(bars("4006381333932", "ean13"), @"code/check-digit: the last digit is not the one that the others have; hint: leave it out, and it is added");
    for wrong in ["", "\n", &"x".repeat(81)] {
        assert_eq!(bars(wrong, "code128").case(), "invalid", "{wrong:?}");
    }
    assert!(make(&services, &"x".repeat(2_000)).is_ok(), "the longest text has a code");
    assert!(make(&services, &"证".repeat(666)).is_ok());
}
