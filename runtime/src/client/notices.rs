//! Notices that a client logs once.

use std::sync::atomic::{AtomicBool, Ordering};

/// A notice that is logged once for each client and its clones.
#[derive(Clone, Copy)]
pub(crate) enum Notice {
    /// The API marks an operation or the version as deprecated.
    Deprecation,
    /// The API rejects the token.
    RejectedToken,
}

/// The notices that were logged.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    deprecation: AtomicBool,
    rejected_token: AtomicBool,
}

impl Notices {
    /// Returns `true` only for the first call.
    pub(crate) fn is_new(&self, notice: Notice) -> bool {
        let told = match notice {
            Notice::Deprecation => &self.deprecation,
            Notice::RejectedToken => &self.rejected_token,
        };
        !told.swap(true, Ordering::Relaxed)
    }
}
