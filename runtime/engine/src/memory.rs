//! Linear memories of our own making, so that one can be written to an image and begin from one.

use std::{
    cell::RefCell,
    ffi::c_void,
    fs::File,
    io,
    ptr::{self, NonNull},
    slice,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rustix::{
    mm::{MapFlags, MprotectFlags, ProtFlags, mmap, mmap_anonymous, mprotect, munmap},
    param::page_size,
};
use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

/// Address space of one linear memory.
///
/// Invariant: from `base` on, `reserved` bytes are mapped by this value alone; the first `bytes` of them can be read and
/// written, the others not at all.
pub(crate) struct Area {
    base: NonNull<c_void>,
    reserved: usize,
    bytes: AtomicUsize,
}

/// What wasmtime holds of an area.
struct Linear(Arc<Area>);

/// Makes the memories of every instance of an engine.
pub(crate) struct Memories;

#[derive(Default)]
struct Birth {
    /// How large the next memory must be at once.
    at_least: usize,
    areas: Vec<Arc<Area>>,
}

thread_local! {
    /// wasmtime asks for memories on the thread that instantiates, and does not say for which instance.
    static BIRTH: RefCell<Birth> = RefCell::default();
}

/// Runs what makes an instance, whose first memory is to have at least so many bytes, and gives the areas it got.
pub(crate) fn attend<R>(at_least: usize, instantiate: impl FnOnce() -> R) -> (R, Vec<Arc<Area>>) {
    BIRTH.set(Birth { at_least, areas: Vec::new() });
    let made = instantiate();
    (made, BIRTH.take().areas)
}

impl Area {
    fn reserve(bytes: usize) -> io::Result<Self> {
        // SAFETY: a new mapping at a place that the system chooses takes nothing from anybody.
        #[expect(unsafe_code, reason = "mapping memory")]
        let base = unsafe {
            mmap_anonymous(ptr::null_mut(), bytes, ProtFlags::empty(), MapFlags::PRIVATE | MapFlags::NORESERVE)
        }?;
        let base = NonNull::new(base).ok_or_else(|| io::Error::other("mapped at address zero"))?;
        Ok(Self { base, reserved: bytes, bytes: AtomicUsize::new(0) })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Acquire)
    }

    fn grow_to(&self, bytes: usize) -> io::Result<()> {
        let old = self.bytes();
        if bytes > self.reserved || bytes < old || !bytes.is_multiple_of(page_size()) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        // SAFETY: `old..bytes` lies in this area, was not accessible before, and is zero.
        #[expect(unsafe_code, reason = "making mapped memory accessible")]
        unsafe { mprotect(self.base.as_ptr().byte_add(old), bytes - old, MprotectFlags::READ | MprotectFlags::WRITE) }?;
        self.bytes.store(bytes, Ordering::Release);
        Ok(())
    }

    /// Replaces what is in the memory by a part of a file, copied page by page when it is written to.
    ///
    /// No guest may have run in this memory yet. The file must hold so many bytes from `at` on, a multiple of the page
    /// size.
    pub(crate) fn begin_from(&self, file: &File, at: u64, bytes: usize) -> io::Result<()> {
        if bytes != self.bytes() {
            return Err(io::Error::other("the memory is of another size"));
        }
        // SAFETY: the range is this area's and accessible, and stays so; no reference into it exists, as wasmtime makes
        // them only while a guest or a host call runs, and a linear memory may hold any bytes.
        #[expect(unsafe_code, reason = "mapping a file over memory that is ours")]
        let mapped = unsafe {
            let (protection, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE | MapFlags::FIXED);
            mmap(self.base.as_ptr(), bytes, protection, flags, file, at)
        };
        mapped?;
        Ok(())
    }

    /// Shows what is in the memory. The guest must not run meanwhile: whoever calls this holds its store.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: so many bytes are mapped and accessible as long as `self` lives, and nothing writes to them meanwhile.
        #[expect(unsafe_code, reason = "reading mapped memory")]
        look(unsafe { slice::from_raw_parts(self.base.as_ptr().cast(), self.bytes()) })
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's alone, and whoever used it held this value.
        #[expect(unsafe_code, reason = "unmapping what was mapped")]
        let unmapped = unsafe { munmap(self.base.as_ptr(), self.reserved) };
        if let Err(error) = unmapped {
            tracing::error!(%error, "a linear memory could not be unmapped");
        }
    }
}

// SAFETY: an area is an address and numbers; who may read or write there is decided by whoever holds the store.
#[expect(unsafe_code, reason = "a pointer is neither by itself")]
unsafe impl Send for Area {}
// SAFETY: as above; its size is atomic.
#[expect(unsafe_code, reason = "a pointer is neither by itself")]
unsafe impl Sync for Area {}

// SAFETY: the memory begins at a page, never moves, grows by whole pages up to what was reserved with the guard behind it,
// is zero when made, and is unmapped only after wasmtime has dropped this value.
#[expect(unsafe_code, reason = "wasmtime trusts what this says")]
unsafe impl LinearMemory for Linear {
    fn byte_size(&self) -> usize {
        self.0.bytes()
    }

    fn byte_capacity(&self) -> usize {
        self.0.reserved
    }

    fn grow_to(&mut self, bytes: usize) -> wasmtime::Result<()> {
        Ok(self.0.grow_to(bytes)?)
    }

    fn as_ptr(&self) -> *mut u8 {
        self.0.base.as_ptr().cast()
    }
}

// SAFETY: every memory has the reservation and the guard that wasmtime asks for, see `LinearMemory`. It is written to from
// outside only before a guest runs in it (`Area::begin_from`).
#[expect(unsafe_code, reason = "wasmtime trusts what this makes")]
unsafe impl MemoryCreator for Memories {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        BIRTH.with_borrow_mut(|birth| {
            let reserved = reserved.unwrap_or(minimum).max(minimum);
            let area = reserved.checked_add(guard).ok_or(io::ErrorKind::OutOfMemory.into()).and_then(Area::reserve);
            let area = Arc::new(area.map_err(|error| error.to_string())?);
            let bytes = minimum.max(std::mem::take(&mut birth.at_least)).min(reserved);
            area.grow_to(bytes).map_err(|error| error.to_string())?;
            birth.areas.push(Arc::clone(&area));
            Ok(Box::new(Linear(area)) as Box<dyn LinearMemory>)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const PAGE: usize = 64 << 10;

    fn area(pages: usize) -> Area {
        let area = Area::reserve(8 * PAGE).unwrap();
        area.grow_to(pages * PAGE).unwrap();
        area
    }

    #[test]
    fn a_memory_is_zero_and_grows_to_its_reservation() {
        let area = area(1);
        area.grow_to(2 * PAGE).unwrap();
        assert!(area.read(|bytes| bytes.len() == 2 * PAGE && bytes.iter().all(|byte| *byte == 0)));
        for bytes in [PAGE, 2 * PAGE + 1, 9 * PAGE] {
            area.grow_to(bytes).unwrap_err();
        }
        area.grow_to(8 * PAGE).unwrap();
    }

    #[test]
    fn a_memory_begins_from_a_file_and_leaves_the_file_alone() {
        let mut file = tempfile::tempfile().unwrap();
        let mut contents = vec![0; 3 * PAGE];
        contents[PAGE] = 1;
        contents[3 * PAGE - 1] = 2;
        file.write_all(&contents).unwrap();
        let (one, other) = (area(2), area(2));
        for area in [&one, &other] {
            area.begin_from(&file, PAGE as u64, 2 * PAGE).unwrap();
        }
        // SAFETY: the byte is in an accessible part of an area that nobody else uses.
        #[expect(unsafe_code, reason = "writing as a guest would")]
        unsafe {
            one.base.as_ptr().cast::<u8>().write(9);
        }
        assert_eq!(one.read(|bytes| (bytes[0], bytes[2 * PAGE - 1])), (9, 2));
        assert_eq!(other.read(|bytes| (bytes[0], bytes[2 * PAGE - 1])), (1, 2));
        other.grow_to(3 * PAGE).unwrap();
        assert_eq!(other.read(|bytes| bytes[2 * PAGE]), 0);
    }

    #[test]
    fn a_file_of_another_size_is_not_taken() {
        area(2).begin_from(&tempfile::tempfile().unwrap(), 0, PAGE).unwrap_err();
    }

    #[test]
    fn whoever_makes_an_instance_gets_its_memories() {
        let ty = || MemoryType::new(1, None);
        let make = || Memories.new_memory(ty(), PAGE, None, Some(4 * PAGE), PAGE).unwrap().byte_size();
        assert_eq!(attend(3 * PAGE, || [make(), make()]).0, [3 * PAGE, PAGE]);
        assert_eq!(attend(0, make).1.len(), 1);
        assert_eq!(attend(0, || ()).1.len(), 0);
    }
}
