//! A few threads that serve files, so that the thread that draws never waits for a disk.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

type Job = Box<dyn FnOnce() + Send>;

/// Threads that take jobs in turn; they end with the last handle.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Mutex<Sender<Job>>>);

impl Pool {
    /// Starts this many threads.
    pub(crate) fn start(threads: usize) -> io::Result<Self> {
        let (sender, receiver) = channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..threads {
            let receiver = Arc::clone(&receiver);
            thread::Builder::new().name(format!("serve-{number}")).spawn(move || work(&receiver))?;
        }
        Ok(Self(Arc::new(Mutex::new(sender))))
    }

    /// Has a job done by the next free thread.
    pub(crate) fn run(&self, job: impl FnOnce() + Send + 'static) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.send(Box::new(job)).is_err() {
            tracing::error!("no thread is left to serve files");
        }
    }
}

fn work(receiver: &Mutex<Receiver<Job>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}
