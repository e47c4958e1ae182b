//! Readers behind a driver: a vendor's, or `guichet-driver-pcsc`.

use std::sync::Arc;

use guichet_contract::{Value, card::Reader};

use super::{Link, ReaderPart, Trouble};
use crate::driver::{Driver, Trouble as OfDriver};

/// The readers behind a driver that performs `card`.
#[derive(Debug)]
pub struct Driven {
    driver: Arc<Driver>,
}

impl Driven {
    /// The readers that this driver stands for.
    pub fn new(driver: Driver) -> Self {
        Self { driver: Arc::new(driver) }
    }
}

fn ask(driver: &Driver, function: &str, arguments: Vec<Value>) -> Result<Value, Trouble> {
    driver.ask(&format!("card.{function}"), arguments).map_err(|trouble| match trouble {
        OfDriver::Gone => Trouble::Unreachable,
        OfDriver::Refused(refusal) => match refusal.class.as_str() {
            "no-card" => Trouble::NoCard,
            "removed" => Trouble::Removed,
            "mute" => Trouble::Mute,
            "in-use" => Trouble::InUse,
            "unreachable" => Trouble::Unreachable,
            _ => Trouble::Refused(refusal.in_one_line()),
        },
    })
}

impl ReaderPart for Driven {
    fn readers(&self) -> Result<Vec<Reader>, Trouble> {
        let Value::List(readers) = ask(&self.driver, "readers", Vec::new())? else { return Err(Trouble::Unreachable) };
        readers.into_iter().map(|reader| Reader::of(reader).ok_or(Trouble::Unreachable)).collect()
    }

    fn connect(&self, reader: &str) -> Result<Box<dyn Link>, Trouble> {
        match ask(&self.driver, "connect", vec![Value::Text(reader.to_owned())])? {
            Value::Integer(number) => Ok(Box::new(Taken { driver: Arc::clone(&self.driver), number })),
            _ => Err(Trouble::Unreachable),
        }
    }
}

struct Taken {
    driver: Arc<Driver>,
    number: i64,
}

impl Link for Taken {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Trouble> {
        let arguments = vec![Value::Integer(self.number), Value::Bytes(command.to_vec())];
        match ask(&self.driver, "transmit", arguments)? {
            Value::Bytes(response) => Ok(response),
            _ => Err(Trouble::Unreachable),
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        // A driver that is gone has given the card back.
        let _ = ask(&self.driver, "disconnect", vec![Value::Integer(self.number)]);
    }
}
