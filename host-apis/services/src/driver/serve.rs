//! The other end: what a driver written in Rust is made of.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    os::{fd::AsFd as _, unix::net::UnixStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use guichet_contract::Value;

use super::{Answer, Hello, Question, Refusal, VERSION};

/// How often a driver comes to itself while it is asked nothing.
const OFTEN: Duration = Duration::from_millis(200);

/// What a vendor writes.
pub trait Performs {
    /// Performs a call of the WIT, such as `print.submit`.
    fn perform(&mut self, call: &str, arguments: Vec<Value>) -> Result<Value, Refusal>;

    /// Goes on with what is under way: after each call, and five times a second.
    fn go_on(&mut self) {}
}

impl Refusal {
    /// A class without its interface, and words for whoever looks after the device.
    pub fn new(class: &str, what: &str) -> Self {
        Self { class: class.to_owned(), what: what.to_owned() }
    }
}

/// Answers every question of the host on standard input, which is a socket, until the host has no more.
pub fn serve(name: &str, parts: &[&str], driver: &mut impl Performs) -> io::Result<()> {
    let mut socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let questions = BufReader::new(socket.try_clone()?);
    let mut say = |line: Vec<u8>| socket.write_all(&line).and_then(|()| socket.write_all(b"\n"));
    let parts = parts.iter().map(|part| (*part).to_owned()).collect();
    say(serde_json::to_vec(&Hello { version: VERSION, name: name.to_owned(), parts })?)?;
    let (heard, lines) = mpsc::channel();
    thread::Builder::new().name("questions".to_owned()).spawn(move || {
        for line in questions.lines().map_while(Result::ok) {
            if heard.send(line).is_err() {
                return;
            }
        }
    })?;
    loop {
        match lines.recv_timeout(OFTEN) {
            Ok(line) => {
                let Question { id, call, arguments } = serde_json::from_str(&line)?;
                let arguments = arguments.into_iter().map(Value::from_json).collect();
                let answer = match driver.perform(&call, arguments) {
                    Ok(value) => Answer { id, ok: Some(value.to_json()), refusal: None },
                    Err(refusal) => Answer { id, ok: None, refusal: Some(refusal) },
                };
                say(serde_json::to_vec(&answer)?)?;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
        }
        driver.go_on();
    }
}
