//! Why an event was not recorded, and problems in the background.

use std::error::Error as StdError;
use std::time::Duration;
use std::{fmt, io};

use polar_client::Error;
use polar_client::models::EventCreate;

/// Why an event was not recorded. It contains the event. `Debug` does not show the event, which may be long.
pub struct RecordError {
    kind: Kind,
    event: Box<EventCreate>,
}

#[derive(Debug)]
pub(super) enum Kind {
    Full,
    Closed,
    Unsupported,
    Spool(io::Error),
}

impl RecordError {
    pub(super) fn new(kind: Kind, event: EventCreate) -> Self {
        Self { kind, event: Box::new(event) }
    }

    /// The recorder has no room for the event, and is set not to wait. The event is counted as dropped.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self.kind, Kind::Full)
    }

    /// The recorder was shut down.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.kind, Kind::Closed)
    }

    /// The event could not be written to the spool, for example because the disk is full.
    #[must_use]
    pub fn is_spool(&self) -> bool {
        matches!(self.kind, Kind::Spool(_))
    }

    /// Returns the event, with the external identifier that the recorder gave it. It is safe to record it again.
    #[must_use]
    pub fn into_event(self) -> EventCreate {
        *self.event
    }
}

impl fmt::Debug for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordError").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Full => f.write_str("the usage recorder is full; increase its capacity or let `record` wait"),
            Kind::Closed => f.write_str("the usage recorder was shut down"),
            Kind::Unsupported => f.write_str("the event has no customer; create it with `UsageEvent`"),
            Kind::Spool(error) => write!(f, "the event was not written to the spool: {error}"),
        }
    }
}

impl StdError for RecordError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            Kind::Spool(error) => Some(error),
            _ => None,
        }
    }
}

/// A problem in the background, for [`on_problem`](super::UsageRecorderBuilder::on_problem).
#[derive(Debug)]
#[non_exhaustive]
pub enum UsageProblem<'a> {
    /// The server rejected this event and accepted the others. The recorder drops it.
    Rejected {
        /// The event, with its external identifier.
        event: &'a EventCreate,
        /// The reason that the server gives.
        reason: &'a str,
    },
    /// A request failed. Its events stay in the queue and are sent again.
    Failed {
        /// Why it failed.
        error: &'a Error,
        /// When they are sent again.
        retry_in: Duration,
    },
    /// The spool can't be read. The recorder tries again.
    Spool {
        /// Why not.
        error: &'a io::Error,
        /// When it tries again.
        retry_in: Duration,
    },
}
