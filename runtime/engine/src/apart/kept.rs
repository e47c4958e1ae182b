//! Code that was authenticated a moment ago is not read and hashed again.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use super::Code;

/// In bytes. It is the host's memory, shared with every process that runs the code.
const MOST_BYTES: u64 = 16 << 20;

/// The code that was asked for last, by its name. Nobody can change sealed memory, so what was believed once stays true.
#[derive(Default)]
pub(crate) struct Kept(Mutex<VecDeque<(String, Code)>>);

impl Kept {
    pub(crate) fn get(&self, name: &str) -> Option<Code> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(each, _)| each == name)?;
        let last = kept.remove(at)?;
        let code = last.1.clone();
        kept.push_front(last);
        Some(code)
    }

    /// Keeps it, and lets go of what was not asked for longest until there is room. Code without room is not kept.
    pub(crate) fn put(&self, name: &str, code: &Code) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(each, _)| each != name);
        kept.push_front((name.to_owned(), code.clone()));
        let mut room = MOST_BYTES;
        kept.retain(|(_, code)| {
            code.bytes().ok().and_then(|bytes| room.checked_sub(bytes)).map(|left| room = left).is_some()
        });
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn code(bytes: u64) -> Code {
        let mut room = Code::room().unwrap();
        room.set_len(bytes).unwrap();
        room.write_all(b"code").unwrap();
        Code::seal(room).unwrap()
    }

    fn is_kept(kept: &Kept, names: &[&str]) -> Vec<bool> {
        names.iter().map(|name| kept.get(name).is_some()).collect()
    }

    #[test]
    fn the_very_memory_is_given_again() {
        let (kept, one) = (Kept::default(), code(4));
        kept.put("one", &one);
        assert!(std::ptr::eq(kept.get("one").unwrap().file(), one.file()));
        assert!(kept.get("two").is_none());
    }

    #[test]
    fn what_was_not_asked_for_longest_goes_first() {
        let kept = Kept::default();
        for name in ["one", "two", "three"] {
            kept.put(name, &code(MOST_BYTES / 3));
        }
        assert!(kept.get("one").is_some());
        kept.put("four", &code(MOST_BYTES / 3));
        assert_eq!(is_kept(&kept, &["one", "two", "three", "four"]), [true, false, true, true]);
    }

    #[test]
    fn what_has_no_room_is_not_kept_and_drives_nothing_else_out() {
        let kept = Kept::default();
        kept.put("small", &code(4));
        kept.put("large", &code(MOST_BYTES + 1));
        assert_eq!(is_kept(&kept, &["small", "large"]), [true, false]);
    }
}
