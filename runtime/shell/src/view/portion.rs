//! How much of a file goes to a page at once.
//!
//! WebKitGTK (2.50) reads what a scheme answers in portions of 8 KiB and sends each as one message, and of a message that is
//! longer than 4 KiB it makes a piece of shared memory, which both sides map, copy and unmap: a portion that goes into the
//! message itself costs less. Nothing says how large a portion should be, but a stream may give less than is asked
//! for.
//!
//! And it asks for the next portion when it has the last, which GIO answers in another turn of the event loop: each
//! portion would wake a thread that sends it, a thread that receives it, and this one again. What is asked for while a
//! portion is taken is answered in the same turn, a number of times.

use std::{
    cell::{Cell, RefCell},
    ffi::{c_int, c_void},
    ptr,
    sync::OnceLock,
};

use gtk::{
    gio::ffi::{
        GAsyncReadyCallback, GAsyncResult, GCancellable, GInputStream, GInputStreamClass,
        g_cancellable_set_error_if_cancelled, g_memory_input_stream_get_type, g_task_new, g_task_return_error,
        g_task_return_int,
    },
    glib::ffi::GError,
    glib::gobject_ffi::{GObject, g_object_unref, g_type_class_ref},
};

/// Bytes that go into a message of 4 KiB beside what else is in it.
const PORTION: usize = 3_800;

/// Portions that are taken in one turn of the event loop: a quarter of a megabyte, half a millisecond.
const MOST: usize = 64;

/// How a stream is read.
type Read = unsafe extern "C" fn(*mut GInputStream, *mut c_void, usize, *mut GCancellable, *mut *mut GError) -> isize;

/// How somebody asks for what is in a stream.
type ReadAsync =
    unsafe extern "C" fn(*mut GInputStream, *mut u8, usize, c_int, *mut GCancellable, GAsyncReadyCallback, *mut c_void);

/// What GIO itself does.
struct Gio {
    read: Read,
    read_async: ReadAsync,
}

static GIO: OnceLock<Gio> = OnceLock::new();

thread_local! {
    /// The turn of this thread's event loop in which somebody takes a portion.
    static TURN: Turn = const { Turn { left: Cell::new(0), asked: RefCell::new(None) } };
}

struct Turn {
    /// How many portions more may be taken in it; none outside of one.
    left: Cell<usize>,
    /// What was asked for while a portion was taken.
    asked: RefCell<Option<Asked>>,
}

/// Who has asked for what.
struct Asked {
    stream: *mut GInputStream,
    buffer: *mut u8,
    count: usize,
    cancellable: *mut GCancellable,
    then: Then,
}

/// What is called with the answer, and what it is called with.
#[derive(Clone, Copy)]
struct Then {
    callback: GAsyncReadyCallback,
    data: *mut c_void,
}

/// From now on what lies in memory is read in portions, several in a turn. To be called when GTK has begun, before there is a
/// view.
pub(crate) fn read_in_portions() {
    // SAFETY: the class is GIO's own and stays, for the reference is not given back; nobody reads such a stream yet.
    #[expect(unsafe_code, reason = "glib has no safe way to another's class")]
    let class = unsafe { &mut *g_type_class_ref(g_memory_input_stream_get_type()).cast::<GInputStreamClass>() };
    let (Some(read), Some(read_async)) = (class.read_fn, class.read_async) else { return };
    if GIO.set(Gio { read, read_async }).is_ok() {
        class.read_fn = Some(read_portion);
        class.read_async = Some(ask);
    }
}

#[expect(unsafe_code, reason = "it stands in for GIO's own function")]
unsafe extern "C" fn read_portion(
    stream: *mut GInputStream,
    buffer: *mut c_void,
    count: usize,
    cancellable: *mut GCancellable,
    error: *mut *mut GError,
) -> isize {
    let Some(gio) = GIO.get() else { return -1 };
    // SAFETY: all is handed on as it came, and less is asked for than there is room.
    unsafe { (gio.read)(stream, buffer, count.min(PORTION), cancellable, error) }
}

/// Notes what is asked for in a turn; the first time, and after enough, GIO answers in another turn.
#[expect(unsafe_code, reason = "it stands in for GIO's own function")]
unsafe extern "C" fn ask(
    stream: *mut GInputStream,
    buffer: *mut u8,
    count: usize,
    priority: c_int,
    cancellable: *mut GCancellable,
    callback: GAsyncReadyCallback,
    data: *mut c_void,
) {
    let Some(gio) = GIO.get() else { return };
    let then = Then { callback, data };
    let is_noted = TURN.with(|turn| {
        let mut asked = turn.asked.borrow_mut();
        let has_room = turn.left.get() > 0 && asked.is_none();
        if has_room {
            turn.left.set(turn.left.get() - 1);
            *asked = Some(Asked { stream, buffer, count, cancellable, then });
        }
        has_room
    });
    if !is_noted {
        let then = Box::into_raw(Box::new(then)).cast();
        // SAFETY: all is handed on as it came but for who is called, which is `begin_turn`, once, with what it takes for itself.
        unsafe { (gio.read_async)(stream, buffer, count, priority, cancellable, Some(begin_turn), then) }
    }
}

/// Somebody gets a portion, and what is asked for meanwhile.
#[expect(unsafe_code, reason = "GIO calls it")]
unsafe extern "C" fn begin_turn(stream: *mut GObject, result: *mut GAsyncResult, then: *mut c_void) {
    // SAFETY: `ask` has made it, for this one call.
    let then = unsafe { Box::from_raw(then.cast::<Then>()) };
    let outer = TURN.with(|turn| turn.left.replace(MOST));
    if let Some(callback) = then.callback {
        // SAFETY: it is called as GIO would have called it.
        unsafe { callback(stream, result, then.data) };
    }
    while let Some(asked) = TURN.with(|turn| turn.asked.take()) {
        // SAFETY: it was asked for by `ask`, and is answered once, before anything else can be done with the stream.
        unsafe { answer(asked) };
    }
    TURN.with(|turn| turn.left.set(outer));
}

/// Reads a portion and calls whoever has asked for it, as GIO would in the next turn.
#[expect(unsafe_code, reason = "glib has no safe way to answer for a stream of another's class")]
unsafe fn answer(Asked { stream, buffer, count, cancellable, then }: Asked) {
    let mut error = ptr::null_mut();
    // SAFETY: whoever asks keeps the buffer, and GIO the stream, until the answer is there; the task is given back here, and
    // refers to the stream itself.
    unsafe {
        let task = g_task_new(stream.cast(), cancellable, None, ptr::null_mut());
        let is_over = g_cancellable_set_error_if_cancelled(cancellable, &raw mut error) != 0;
        let read = if is_over { -1 } else { read_portion(stream, buffer.cast(), count, cancellable, &raw mut error) };
        if read < 0 {
            g_task_return_error(task, error);
        } else {
            g_task_return_int(task, read);
        }
        if let Some(callback) = then.callback {
            callback(stream.cast(), task.cast(), then.data);
        }
        g_object_unref(task.cast());
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use gtk::{gio, glib, prelude::*};

    use super::*;

    /// What a page would have been given of so many bytes in each turn of the event loop.
    fn turns(bytes: &glib::Bytes, cancel_after: usize) -> (Vec<Vec<usize>>, Vec<u8>, Option<glib::Error>) {
        struct Taken {
            stream: gio::MemoryInputStream,
            cancellable: gio::Cancellable,
            cancel_after: usize,
            turns: RefCell<Vec<Vec<usize>>>,
            bytes: RefCell<Vec<u8>>,
            end: RefCell<Option<Result<(), glib::Error>>>,
        }
        fn take(taken: &Rc<Taken>) {
            let then = Rc::clone(taken);
            let is_asked = Rc::new(Cell::new(false));
            let asked = Rc::clone(&is_asked);
            taken.stream.read_async(vec![0; 8192], glib::Priority::DEFAULT, Some(&taken.cancellable), move |read| {
                assert!(asked.get(), "an answer comes after the question has been asked");
                match read {
                    Ok((_, 0)) => drop(then.end.replace(Some(Ok(())))),
                    Ok((buffer, count)) => {
                        then.turns.borrow_mut().last_mut().unwrap().push(count);
                        then.bytes.borrow_mut().extend(&buffer[..count]);
                        if then.turns.borrow().concat().len() == then.cancel_after {
                            then.cancellable.cancel();
                        }
                        take(&then);
                    }
                    Err((_, error)) => drop(then.end.replace(Some(Err(error)))),
                }
            });
            is_asked.set(true);
        }
        let context = glib::MainContext::new();
        context
            .with_thread_default(|| {
                let taken = Rc::new(Taken {
                    stream: gio::MemoryInputStream::from_bytes(bytes),
                    cancellable: gio::Cancellable::new(),
                    cancel_after,
                    turns: RefCell::default(),
                    bytes: RefCell::default(),
                    end: RefCell::default(),
                });
                take(&taken);
                while taken.end.borrow().is_none() {
                    taken.turns.borrow_mut().push(Vec::new());
                    context.iteration(true);
                }
                let turns = taken.turns.take().into_iter().filter(|turn| !turn.is_empty()).collect();
                (turns, taken.bytes.take(), taken.end.take().and_then(Result::err))
            })
            .unwrap()
    }

    #[test]
    fn what_is_asked_for_meanwhile_is_answered_in_the_same_turn() {
        read_in_portions();
        let bytes: Vec<u8> = (0..PORTION * 130 + 10).map(|number| number as u8).collect();
        let (turns, taken, error) = turns(&glib::Bytes::from(&bytes), usize::MAX);
        assert_eq!((taken == bytes, error), (true, None));
        let portions: Vec<usize> = turns.iter().map(Vec::len).collect();
        assert_eq!(portions, [1 + MOST, 1 + MOST, 1], "and so many in a turn, for others want one too");
    }

    #[test]
    fn who_does_not_want_it_any_more_is_told_so() {
        read_in_portions();
        let (turns, taken, error) = turns(&glib::Bytes::from(&vec![7; PORTION * 10]), 3);
        assert_eq!((turns.concat(), taken.len()), (vec![PORTION; 3], 3 * PORTION));
        assert!(error.is_some_and(|error| error.matches(gio::IOErrorEnum::Cancelled)));
    }

    #[test]
    fn what_lies_in_memory_is_read_in_portions_and_whole() {
        read_in_portions();
        let bytes: Vec<u8> = (0..10_000_u32).map(|number| number as u8).collect();
        let stream = gio::MemoryInputStream::from_bytes(&glib::Bytes::from(&bytes));
        let portion = stream.read_bytes(8192, gio::Cancellable::NONE).unwrap();
        assert_eq!(portion.len(), PORTION);
        let mut rest = vec![0; 8192];
        let (read, error) = stream.read_all(&mut rest, gio::Cancellable::NONE).unwrap();
        assert_eq!((portion.len() + read, error), (bytes.len(), None));
        assert_eq!([&portion, &rest[..read]].concat(), bytes);
    }
}
