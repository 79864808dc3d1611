//! Time and ids that a test can control.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// A clock that follows the system's, or is stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    fixed: Option<DateTime<Utc>>,
    ahead: Duration,
}

impl Clock {
    /// Creates a clock that follows the system's.
    pub(crate) fn system() -> Self {
        Self { fixed: None, ahead: Duration::ZERO }
    }

    /// Creates a clock that changes only by [`advance`](Self::advance).
    pub(crate) fn fixed(time: DateTime<Utc>) -> Self {
        Self { fixed: Some(time), ahead: Duration::ZERO }
    }

    /// Returns the current time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.fixed.unwrap_or_else(Utc::now) + self.ahead
    }

    /// Moves the clock.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead += by;
    }
}

/// A source of UUIDs: the same seed gives the same ids.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    seed: u64,
    made: u64,
}

impl Ids {
    /// Creates a source with this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, made: 0 }
    }

    /// Returns a new UUID of version 4.
    pub(crate) fn next_id(&mut self) -> String {
        self.made += 1;
        // SplitMix64: well distributed, and without repetition for one seed.
        let mixed = |value: u64| {
            let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            value ^ (value >> 31)
        };
        let state = self.seed.wrapping_add(self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let bytes = u128::from(mixed(state)) << 64 | u128::from(mixed(state ^ 0x5851_f42d_4c95_7f2d));
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid().to_string()
    }
}
