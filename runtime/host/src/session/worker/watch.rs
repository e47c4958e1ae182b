//! What a developer sees of the calls that pass the door.

use std::{sync::Arc, time::Instant};

use guichet_contract::{Failure, Value, clipboard};

use super::{
    super::{
        door::Passed,
        event::SessionEvent,
        rehearsal::{Decision, HostCall, Outcome},
        waiting::{Asker, Slow},
    },
    Worker,
};

/// Longest arguments and results that are told, in bytes.
const MOST_BYTES: usize = 600;

impl Worker {
    /// Asks the door. In a developer's window what is decided is told as well.
    pub(super) fn ask(
        &mut self,
        asker: Asker,
        interface: &str,
        function: &str,
        arguments: Vec<Value>,
    ) -> Result<Passed, Failure> {
        let is_touched = self.touched.is_some_and(|at| at.elapsed() < clipboard::TOUCH);
        let page = asker.page();
        if self.running.rehearsal.is_none() {
            return self.door.ask(interface, function, arguments, page, is_touched);
        }
        let begun = Instant::now();
        let call = self.call(asker, interface, function, &arguments);
        let passed = self.door.ask(interface, function, arguments, page, is_touched);
        let result = match &passed {
            Ok(Passed::Session(_)) => {
                let none = HostCall { decision: Decision::Free, permission: None, reason: None, ..call };
                self.told(HostCall { outcome: Some(outcome(begun, &Ok(Value::Null))), ..none });
                return passed;
            }
            Ok(Passed::Answered(value)) => Ok(value.clone()),
            Ok(Passed::Waits(_)) => {
                self.told(call.clone());
                return passed.map(|passed| self.watched(passed, call, begun));
            }
            Err(failure) => Err(failure.clone()),
        };
        self.told(decided(call, begun, &result));
        passed
    }

    fn call(&mut self, asker: Asker, interface: &str, function: &str, arguments: &[Value]) -> HostCall {
        self.calls += 1;
        let wanted = format!("host:{interface}");
        let request = self.running.manifest.req_permissions.iter().find(|request| {
            let rest = request.permission.name.as_str().strip_prefix(&wanted);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        HostCall {
            number: self.calls,
            page: asker.page(),
            function: format!("{interface}.{function}"),
            arguments: shortened(&arguments.iter().map(Value::to_json).collect::<serde_json::Value>().to_string()),
            decision: Decision::Waits,
            permission: Some(request.map_or(wanted, |request| request.permission.name.to_string())),
            reason: request.and_then(|request| request.reason.clone()),
            outcome: None,
        }
    }

    fn watched(&self, passed: Passed, call: HostCall, begun: Instant) -> Passed {
        let Passed::Waits(Slow { interface, stop, perform }) = passed else { return passed };
        let sink = Arc::clone(&self.sink);
        let perform = Box::new(move || {
            let result = perform();
            sink(SessionEvent::Asked(decided(call, begun, &result)));
            result
        });
        Passed::Waits(Slow { interface, stop, perform })
    }

    fn told(&self, call: HostCall) {
        (self.sink)(SessionEvent::Asked(call));
    }
}

fn decided(call: HostCall, begun: Instant, result: &Result<Value, Failure>) -> HostCall {
    let decision = match result {
        Err(Failure::Denied(_)) => Decision::Denied,
        Err(Failure::Invalid(_)) => Decision::Invalid,
        Ok(_) | Err(Failure::Unavailable(_)) => Decision::Granted,
    };
    HostCall { decision, outcome: Some(outcome(begun, result)), ..call }
}

fn outcome(begun: Instant, result: &Result<Value, Failure>) -> Outcome {
    let result = match result {
        Ok(value) => Ok(shortened(&value.to_json().to_string())),
        Err(failure) => Err(failure.to_string()),
    };
    Outcome { result, took: begun.elapsed() }
}

fn shortened(text: &str) -> String {
    let end = text.floor_char_boundary(MOST_BYTES.min(text.len()));
    let cut = text.get(..end).unwrap_or_default();
    if end < text.len() { format!("{cut}…") } else { cut.to_owned() }
}
