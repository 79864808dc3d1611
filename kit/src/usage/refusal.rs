//! The meaning of a failed request for each of its events.

use std::collections::BTreeMap;

use polar_client::Error;
use polar_client::serde_json::{self, Value};

use super::queue::Entry;

/// The meaning of a failed request for its events.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// The server has received them, but its response could not be read.
    Taken,
    /// One or more of them are invalid.
    Refused,
    /// None of them is invalid: the server is down, or the token is wrong.
    Later,
}

pub(super) fn verdict(error: &Error) -> Verdict {
    if error.is_decode() {
        return Verdict::Taken;
    }
    match error.status().map(|status| status.as_u16()) {
        Some(400 | 413 | 422) => Verdict::Refused,
        _ => Verdict::Later,
    }
}

/// An event that the server rejected.
#[derive(Debug, PartialEq)]
pub(super) struct Rejection {
    pub(super) entry: Entry,
    pub(super) reason: String,
    /// Whether the time of the event is invalid: it is in the future, by the server's clock.
    pub(super) timestamp: bool,
}

/// How to split a rejected batch: drop some events, and send the others in these parts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Split {
    pub(super) rejected: Vec<Rejection>,
    pub(super) parts: Vec<Vec<Entry>>,
}

/// Splits a rejected batch by the indices in the server's response, or in halves if there are none.
pub(super) fn split(batch: Vec<Entry>, body: &[u8], message: &str) -> Split {
    let faults = faults(body, batch.len());
    let mut split = Split::default();
    if faults.is_empty() {
        return match <[Entry; 1]>::try_from(batch) {
            Ok([entry]) => {
                split.rejected.push(Rejection { entry, reason: message.to_owned(), timestamp: false });
                split
            }
            Err(mut batch) => {
                let rest = batch.split_off(batch.len() / 2);
                split.parts = vec![batch, rest];
                split
            }
        };
    }
    let mut rest = Vec::new();
    for (index, entry) in batch.into_iter().enumerate() {
        match faults.get(&index) {
            Some(fault) => {
                let Fault { reason, timestamp } = fault.clone();
                split.rejected.push(Rejection { entry, reason, timestamp });
            }
            None => rest.push(entry),
        }
    }
    if !rest.is_empty() {
        split.parts.push(rest);
    }
    split
}

#[derive(Clone, Debug, Default)]
struct Fault {
    reason: String,
    timestamp: bool,
}

/// Reads the indices of events in the response: `loc` is `["body", "events", 3, ...]`.
fn faults(body: &[u8], count: usize) -> BTreeMap<usize, Fault> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut faults: BTreeMap<usize, Fault> = BTreeMap::new();
    for detail in body["detail"].as_array().into_iter().flatten() {
        let Some(location) = detail["loc"].as_array() else { continue };
        let Some(list) = location.iter().position(|part| part == "events") else { continue };
        let index = location.get(list + 1).and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
        let Some(index) = index.filter(|index| *index < count) else { continue };
        let fault = faults.entry(index).or_default();
        let property = location.last().and_then(Value::as_str).unwrap_or_default();
        fault.timestamp |= property == "timestamp";
        let separator = if fault.reason.is_empty() { "" } else { "; " };
        let message = detail["msg"].as_str().unwrap_or("refused");
        if fault.reason.len() < 500 {
            fault.reason += &format!("{separator}{property}: {message}");
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::usage::UsageEvent;
    use polar_client::serde_json::json;

    fn batch(count: usize) -> Vec<Entry> {
        let entry = |index| Entry {
            event: UsageEvent::for_external_customer(format!("event {index}"), "ada").into_inner(),
            stamped: true,
        };
        (0..count).map(entry).collect()
    }

    fn names(entries: &[Entry]) -> Vec<String> {
        entries.iter().map(|entry| entry.event.name().unwrap().to_string()).collect()
    }

    #[test]
    fn indices_in_the_answer_reject_only_those_events() {
        let body = json!({"error": "RequestValidationError", "detail": [
            {"loc": ["body", "events", 1, "EventCreateExternalCustomer", "timestamp"], "msg": "Timestamp must be in the past."},
            {"loc": ["body", "events", 3, "customer_id"], "msg": "Customer does not exist."},
            {"loc": ["body", "events", 9, "name"], "msg": "there is no such event"},
        ]});
        let split = split(batch(4), body.to_string().as_bytes(), "");
        assert_eq!(split.parts.iter().map(|part| names(part)).collect::<Vec<_>>(), [["event 0", "event 2"]]);
        let rejected: Vec<_> =
            split.rejected.iter().map(|rejection| (&*rejection.reason, rejection.timestamp)).collect();
        assert_eq!(
            rejected,
            [("timestamp: Timestamp must be in the past.", true), ("customer_id: Customer does not exist.", false)]
        );
    }

    #[test]
    fn a_batch_without_indices_is_halved_down_to_one() {
        let halves = split(batch(5), b"<html>", "too large");
        assert_eq!(halves.parts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 3]);
        assert!(halves.rejected.is_empty());
        let one = split(batch(1), b"", "too large");
        assert!(one.parts.is_empty());
        assert_eq!(one.rejected[0].reason, "too large");
    }
}
