//! Events between recording and sending: in memory, or in a spool on disk.

use std::collections::VecDeque;
use std::io;

use polar_client::models::EventCreate;
use serde::{Deserialize, Serialize};

use super::spool::Spool;

/// An event in the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) event: EventCreate,
    /// Whether the recorder set the time of the event.
    pub(super) stamped: bool,
}

/// Why an event was not accepted.
#[derive(Debug)]
pub(super) enum PushError {
    Full,
    Closed,
    Disk(io::Error),
}

/// A bounded queue. An event leaves it only after the server has responded.
pub(super) enum Queue {
    Memory {
        entries: VecDeque<Entry>,
        capacity: usize,
    },
    Disk(Spool),
    /// Shut down: the next recorder can use the spool.
    Closed,
}

impl Queue {
    pub(super) fn memory(capacity: usize) -> Self {
        Self::Memory { entries: VecDeque::new(), capacity: capacity.max(1) }
    }

    /// Whether its methods block on the disk.
    pub(super) fn blocks(&self) -> bool {
        matches!(self, Self::Disk(_))
    }

    pub(super) fn push(&mut self, entry: &Entry) -> Result<(), PushError> {
        match self {
            Self::Memory { entries, capacity } if entries.len() < *capacity => entries.push_back(entry.clone()),
            Self::Memory { .. } => return Err(PushError::Full),
            Self::Disk(spool) => return spool.push(entry),
            Self::Closed => return Err(PushError::Closed),
        }
        Ok(())
    }

    /// Returns up to `count` events from the front and leaves them in the queue.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<Vec<Entry>> {
        match self {
            Self::Memory { entries, .. } => Ok(entries.iter().take(count).cloned().collect()),
            Self::Disk(spool) => spool.peek(count),
            Self::Closed => Ok(Vec::new()),
        }
    }

    /// Removes the events of the last [`peek`](Self::peek).
    pub(super) fn advance(&mut self, count: usize) -> io::Result<()> {
        match self {
            Self::Memory { entries, .. } => {
                entries.drain(..count.min(entries.len()));
                Ok(())
            }
            Self::Disk(spool) => spool.advance(),
            Self::Closed => Ok(()),
        }
    }
}
