//! Ready-made parts for programs that bill through Polar.
//!
//! Each part is behind a feature and uses the public API of [`polar_client`] only, so that you can read it as an
//! example and replace it.
//!
//! | feature | part |
//! |---|---|
//! | `recovery` | [`recovery`]: webhook events that were missed during an outage |
//! | `usage` | [`usage`]: usage events, recorded at once and sent in the background |

#[cfg(feature = "recovery")]
pub mod recovery;
#[cfg(feature = "usage")]
pub mod usage;
