//! What the host side of one session's logic remembers: numbers, limits and what came out so far.

use std::{collections::BTreeMap, mem, sync::Arc};

use guichet_contract::{Failure, Value};
use wasmtime::ResourceLimiter;

use crate::{Budget, Ended, Output, convert::weight};

/// What an output weighs besides its names and arguments.
pub(crate) const OUTPUT_BYTES: usize = 128;
const TABLE_ELEMENTS: usize = 1 << 16;

/// Finds the source text at a path of a package; none if the package has none there.
pub type Sources = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The WIT name of a function that is called or told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) interface: String,
    pub(crate) name: String,
}

/// The host side of one session's logic.
pub(crate) struct State {
    budget: Budget,
    sources: Sources,
    /// Whether `boot` is over.
    started: bool,
    last_call: u32,
    /// Started and neither completed nor forgotten.
    pending: BTreeMap<u32, Arc<Function>>,
    /// What completed in the present event, until it is taken.
    completion: Option<Completion>,
    outputs: Vec<Output>,
    output_bytes: usize,
    memory_bytes: usize,
    memory_refused: bool,
}

struct Completion {
    call: u32,
    function: Arc<Function>,
    result: Result<Value, Failure>,
}

impl State {
    pub(crate) fn new(budget: Budget, sources: Sources) -> Self {
        Self {
            budget,
            sources,
            started: false,
            last_call: 0,
            pending: BTreeMap::new(),
            completion: None,
            outputs: Vec::new(),
            output_bytes: 0,
            memory_bytes: 0,
            memory_refused: false,
        }
    }

    pub(crate) fn budget(&self) -> Budget {
        self.budget
    }

    pub(crate) fn source(&self, path: &str) -> Option<String> {
        (self.sources)(path)
    }

    /// `boot` is over: from now on calls may start.
    pub(crate) fn start(&mut self) {
        self.started = true;
        self.memory_refused = false;
    }

    /// The same, in a memory of so many bytes that an image filled, after the app has said this while it was loaded.
    pub(crate) fn start_from(&mut self, memory_bytes: usize, said: &[Output]) -> Result<(), Ended> {
        self.memory_bytes = memory_bytes;
        said.iter().try_for_each(|output| self.put(output.clone()))?;
        self.start();
        Ok(())
    }

    /// What was put out in the present event so far.
    pub(crate) fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// Whether no call was started yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.last_call == 0 && self.completion.is_none()
    }

    pub(crate) fn has_started(&self) -> bool {
        self.started
    }

    /// Readies a completion to be taken; false if nobody waits for it.
    pub(crate) fn complete(&mut self, call: u32, result: Result<Value, Failure>) -> bool {
        let Some(function) = self.pending.remove(&call) else { return false };
        self.completion = Some(Completion { call, function, result });
        true
    }

    /// Numbers a call and puts it out.
    pub(crate) fn call(&mut self, function: &Arc<Function>, arguments: Vec<Value>) -> Result<u32, Ended> {
        if !self.started {
            return Err(Ended::Contract(format!(
                "{function} was called while the code was being loaded, before `launched`"
            )));
        }
        if self.pending.len() >= self.budget.pending_calls {
            return Err(Ended::TooManyCalls(self.budget.pending_calls));
        }
        let call = self.last_call.checked_add(1).ok_or(Ended::TooManyCalls(self.budget.pending_calls))?;
        self.last_call = call;
        self.pending.insert(call, function.clone());
        let Function { interface, name } = function.as_ref();
        self.put(Output::Start { call, interface: interface.clone(), function: name.clone(), arguments })?;
        Ok(call)
    }

    /// Puts out something that needs no answer.
    pub(crate) fn tell(&mut self, function: &Function, arguments: Vec<Value>) -> Result<(), Ended> {
        let Function { interface, name } = function;
        self.put(Output::Tell { interface: interface.clone(), function: name.clone(), arguments })
    }

    /// Forgets a call, if it is still pending.
    pub(crate) fn forget(&mut self, call: u32) -> Result<(), Ended> {
        if self.pending.remove(&call).is_none() {
            return Ok(());
        }
        self.put(Output::Forget { call })
    }

    /// Takes the completion of a call; it must be the one of the present event, and of the function that started it.
    pub(crate) fn take(&mut self, function: &Function, call: u32) -> Result<Result<Value, Failure>, Ended> {
        match self.completion.take_if(|completion| completion.call == call && *completion.function == *function) {
            Some(completion) => Ok(completion.result),
            None => Err(Ended::Contract(format!(
                "{function}-result was asked for call {call}, which has not just completed"
            ))),
        }
    }

    /// Ends an event that went well: everything it put out.
    pub(crate) fn finish(&mut self) -> Vec<Output> {
        self.completion = None;
        self.output_bytes = 0;
        self.memory_refused = false;
        mem::take(&mut self.outputs)
    }

    /// Ends an event that went wrong: what the app wrote to its console, and nothing else.
    pub(crate) fn last_words(&mut self) -> Vec<Output> {
        let mut words = self.finish();
        words.retain(|output| matches!(output, Output::Tell { interface, .. } if interface == "log"));
        words
    }

    /// What the guest last reported as a fault, and where, if it reported anything in this event.
    pub(crate) fn last_report(&self) -> Option<String> {
        self.outputs.iter().rev().find_map(|output| match output {
            Output::Tell { interface, function, arguments } if interface == "log" && function == "report" => {
                fault(arguments)
            }
            _ => None,
        })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    pub(crate) fn memory_was_refused(&self) -> bool {
        self.memory_refused
    }

    fn put(&mut self, output: Output) -> Result<(), Ended> {
        // A guest chooses the names of what it imports, so they weigh too.
        let weight = match &output {
            Output::Start { interface, function, arguments, .. } | Output::Tell { interface, function, arguments } => {
                interface.len() + function.len() + arguments.iter().map(weight).sum::<usize>()
            }
            Output::Forget { .. } => 0,
        };
        self.output_bytes += OUTPUT_BYTES + weight;
        if self.output_bytes > self.budget.output_bytes {
            return Err(Ended::TooMuchOutput(self.budget.output_bytes));
        }
        self.outputs.push(output);
        Ok(())
    }
}

/// `message at src/lib.rs:1:2` of a `log.fault`.
fn fault(arguments: &[Value]) -> Option<String> {
    let [Value::Record(fault)] = arguments else { return None };
    match (fault.get("message")?, fault.get("stack")?) {
        (Value::Text(message), Value::Text(stack)) => Some(format!("{message} {}", stack.trim()).trim_end().to_owned()),
        _ => None,
    }
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let together = self.memory_bytes.saturating_sub(current).saturating_add(desired);
        if together > self.budget.memory_bytes {
            self.memory_refused = true;
            return Ok(false);
        }
        self.memory_bytes = together;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        32
    }

    fn tables(&self) -> usize {
        32
    }

    fn memories(&self) -> usize {
        4
    }
}

impl std::fmt::Display for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.interface, self.name)
    }
}
