//! The logic of the app: on which day something that takes a number of working days is ready.

mod calendar;

use guichet_guest::{App, log};
use serde::{Deserialize, Serialize};

use crate::calendar::Day;

/// What a page passes to `guichet.logic.call("ready", …)`.
#[derive(Deserialize)]
struct Question {
    from: String,
    days: u32,
}

/// What the page gets back.
#[derive(Serialize)]
struct Answer {
    ready: String,
    total: u32,
    weekend: u32,
}

/// An error is the name of the words that the page shows.
async fn ready(question: Question) -> Result<Answer, &'static str> {
    let from: Day = question.from.parse().map_err(|()| "problem.from")?;
    if !(1..=250).contains(&question.days) {
        return Err("problem.days");
    }
    let mut day = from;
    let (mut left, mut total, mut weekend) = (question.days, 0, 0);
    while left > 0 {
        day = day.next();
        total += 1;
        if day.is_weekend() {
            weekend += 1;
        } else {
            left -= 1;
        }
    }
    log::info(&format!("{} working days take {total} days", question.days));
    Ok(Answer { ready: day.to_string(), total, weekend })
}

guichet_guest::export!(|| App::new().handler("ready", ready));
