//! A printer behind a vendor's driver.

use std::sync::{Mutex, PoisonError};

use guichet_contract::{
    Value,
    print::{Condition, Document, Form, Job, Order, Printer},
};

use super::{PrinterPart, Trouble};
use crate::driver::{Driver, Trouble as OfDriver};

/// A printer behind a driver that performs `print`.
#[derive(Debug)]
pub struct Driven {
    name: String,
    driver: Driver,
    takes: Mutex<Vec<Form>>,
}

impl Driven {
    /// The printer that this driver stands for, under this name.
    pub fn new(name: &str, driver: Driver) -> Self {
        Self { name: name.to_owned(), driver, takes: Mutex::default() }
    }

    fn ask(&self, function: &str, argument: Value) -> Result<Value, Trouble> {
        let arguments = if argument == Value::Null { Vec::new() } else { vec![argument] };
        self.driver.ask(&format!("print.{function}"), arguments).map_err(|trouble| match trouble {
            OfDriver::Gone => Trouble::Unreachable,
            OfDriver::Refused(refusal) => match refusal.class.as_str() {
                "busy" => Trouble::Busy,
                "form" => Trouble::Form,
                "unknown-job" => Trouble::UnknownJob,
                "unreachable" => Trouble::Unreachable,
                _ => Trouble::Refused(refusal.in_one_line()),
            },
        })
    }
}

impl PrinterPart for Driven {
    fn name(&self) -> &str {
        &self.name
    }

    fn look(&self) -> Printer {
        let found = match self.ask("printers", Value::Null) {
            // A driver stands for one printer; what it is called here, the terminal says.
            Ok(Value::List(printers)) => printers.into_iter().next().and_then(Printer::of),
            _ => None,
        };
        let mut last = self.takes.lock().unwrap_or_else(PoisonError::into_inner);
        let condition = match found {
            Some(Printer { condition, takes, .. }) => {
                *last = takes;
                condition
            }
            None => Condition::Unreachable,
        };
        Printer { name: self.name.clone(), condition, takes: last.clone() }
    }

    fn submit(&self, document: &Document, copies: u32) -> Result<u32, Trouble> {
        let order = Order { document: document.clone(), printer: None, copies };
        match self.ask("submit", order.into())? {
            Value::Integer(job) => u32::try_from(job).map_err(|_| Trouble::Unreachable),
            _ => Err(Trouble::Unreachable),
        }
    }

    fn status(&self, job: u32) -> Result<Job, Trouble> {
        let answer = self.ask("status", Value::Integer(job.into()))?;
        Job::of(answer).ok_or(Trouble::Unreachable)
    }

    fn cancel(&self, job: u32) -> Result<(), Trouble> {
        self.ask("cancel", Value::Integer(job.into())).map(drop)
    }
}
