//! The card program of the simulator and of tests: an applet that says whose card it is, and until when.

/// Its identifier: `F0`, "GUICHET", 0001.
const APPLET: &[u8] = b"\xf0GUICHET\x00\x01";
/// Its files: who holds it, its number, and the day after which it is nothing.
const HOLDER: [u8; 2] = [0x01, 0x01];
const NUMBER: [u8; 2] = [0x01, 0x02];
const EXPIRY: [u8; 2] = [0x01, 0x03];

/// Status words (ISO 7816-4).
const DONE: [u8; 2] = [0x90, 0x00];
const NOT_FOUND: [u8; 2] = [0x6a, 0x82];
const BEYOND: [u8; 2] = [0x6b, 0x00];
const NOT_ALLOWED: [u8; 2] = [0x69, 0x86];
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];
const NO_SUCH_COMMAND: [u8; 2] = [0x6d, 0x00];

/// The program of one card, and where it stands.
#[derive(Clone, Debug)]
pub struct Program {
    holder: String,
    number: String,
    expiry: String,
    is_selected: bool,
    file: Option<[u8; 2]>,
}

impl Program {
    /// Its applet, as a scope lists it.
    pub const APPLET: &str = "F0475549434845540001";

    /// What a card tells a reader first: T=1, nothing else.
    pub const ATR: [u8; 5] = [0x3b, 0x80, 0x80, 0x01, 0x01];

    /// The card of somebody, until a day such as `2031-12-31`.
    pub fn new(holder: &str, number: &str, expiry: &str) -> Self {
        let [holder, number, expiry] = [holder, number, expiry].map(str::to_owned);
        Self { holder, number, expiry, is_selected: false, file: None }
    }

    /// Power off and on.
    pub fn reset(&mut self) {
        (self.is_selected, self.file) = (false, None);
    }

    /// Performs a command APDU; the response APDU.
    pub fn perform(&mut self, command: &[u8]) -> Vec<u8> {
        let [_, instruction, p1, p2, rest @ ..] = command else { return WRONG_LENGTH.to_vec() };
        match (instruction, p1) {
            (0xa4, 0x04) => self.select(data(rest)),
            (0xa4, 0x02) if self.is_selected => self.open(data(rest)),
            (0xb0, _) if self.is_selected => self.read(u16::from_be_bytes([*p1, *p2]), rest.first().copied()),
            (0xa4 | 0xb0, _) => NOT_ALLOWED.to_vec(),
            _ => NO_SUCH_COMMAND.to_vec(),
        }
    }

    fn select(&mut self, name: &[u8]) -> Vec<u8> {
        self.reset();
        if name != APPLET {
            return NOT_FOUND.to_vec();
        }
        self.is_selected = true;
        // File control information with the name of the applet.
        let length = APPLET.len() as u8;
        [&[0x6f, length + 2, 0x84, length][..], APPLET, &DONE].concat()
    }

    fn open(&mut self, file: &[u8]) -> Vec<u8> {
        match [HOLDER, NUMBER, EXPIRY].into_iter().find(|known| known == file) {
            Some(file) => {
                self.file = Some(file);
                DONE.to_vec()
            }
            None => NOT_FOUND.to_vec(),
        }
    }

    fn read(&self, offset: u16, most: Option<u8>) -> Vec<u8> {
        let text = match self.file {
            Some(HOLDER) => &self.holder,
            Some(NUMBER) => &self.number,
            Some(EXPIRY) => &self.expiry,
            _ => return NOT_ALLOWED.to_vec(),
        };
        let Some(rest) = text.as_bytes().get(usize::from(offset)..) else { return BEYOND.to_vec() };
        // 0 is 256.
        let most = usize::from(most.unwrap_or_default().wrapping_sub(1)) + 1;
        [rest.get(..most).unwrap_or(rest), &DONE].concat()
    }
}

/// The data field of a short command.
fn data(rest: &[u8]) -> &[u8] {
    match rest.split_first() {
        Some((length, rest)) => rest.get(..usize::from(*length)).unwrap_or_default(),
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_whose_it_is() {
        let mut card = Program::new("王小明", "110105", "2031-12-31");
        assert_eq!(card.perform(&[0, 0xb0, 0, 0, 0]), NOT_ALLOWED, "nothing is selected");
        let select = [&[0, 0xa4, 0x04, 0, 10][..], APPLET, &[0]].concat();
        assert_eq!(card.perform(&select), b"\x6f\x0c\x84\x0a\xf0GUICHET\x00\x01\x90\x00");
        assert_eq!(card.perform(&[0, 0xb0, 0, 0, 0]), NOT_ALLOWED, "no file is open");
        assert_eq!(card.perform(&[0, 0xa4, 0x02, 0x0c, 2, 1, 1]), DONE);
        assert_eq!(card.perform(&[0, 0xb0, 0, 0, 0]), ["王小明".as_bytes(), &DONE].concat());
        assert_eq!(card.perform(&[0, 0xb0, 0, 3, 3]), ["小".as_bytes(), &DONE].concat());
        assert_eq!(card.perform(&[0, 0xb0, 0, 99, 3]), BEYOND);
        assert_eq!(card.perform(&[0, 0xa4, 0x02, 0x0c, 2, 9, 9]), NOT_FOUND);
        assert_eq!(card.perform(&[0, 0x20, 0, 0]), NO_SUCH_COMMAND);
        card.reset();
        assert_eq!(card.perform(&[0, 0xa4, 0x02, 0x0c, 2, 1, 1]), NOT_ALLOWED);
        assert_eq!(card.perform(&[0, 0xa4, 0x04, 0, 5, 0xa0, 0, 0, 0, 3]), NOT_FOUND);
    }
}
