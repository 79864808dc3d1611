//! A subscriber that records the fields of all spans and events.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The recorded lines, one for a span, an event or a record.
///
/// A span is `name in parent field=value ...`, a record `record name field=value ...`.
#[derive(Clone, Default)]
pub struct Collector {
    lines: Arc<Mutex<Vec<String>>>,
    /// Names of the spans, by their ids.
    names: Arc<Mutex<Vec<&'static str>>>,
}

impl Collector {
    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn name(&self, id: &Id) -> &'static str {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        usize::try_from(id.into_u64()).ok().and_then(|id| names.get(id.checked_sub(1)?).copied()).unwrap_or_default()
    }

    fn keep(&self, name: &str, visit: impl FnOnce(&mut Line)) {
        let mut line = Line(name.to_owned());
        visit(&mut line);
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line.0);
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let name = span.metadata().name();
        let parent = span.parent().map(|parent| format!(" in {}", self.name(parent))).unwrap_or_default();
        self.keep(&format!("{name}{parent}"), |line| span.record(line));
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.push(name);
        Id::from_u64(names.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        self.keep(&format!("record {}", self.name(id)), |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.keep("event", |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
