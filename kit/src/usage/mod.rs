//! Usage events: recorded immediately, sent in the background.
//!
//! A [`UsageRecorder`] adds events to a bounded queue and sends them in batches. No event is lost or counted twice if
//! the program ends with [`UsageRecorder::shutdown`], or stores its events in a spool:
//!
//! - Each event gets an external identifier when it is recorded. Polar stores one event for each identifier, so that a
//!   request can be repeated after a timeout or a crash.
//! - While the server is down, events wait, and requests are repeated without a limit and with growing delays.
//! - If the queue is full, [`record`](UsageRecorder::record) waits, or returns an error if you prefer that
//!   ([`Overflow`]).
//! - An event that Polar rejects does not block the others: the batch is split, and the rejected event is reported
//!   ([`UsageProblem::Rejected`]).
//! - With [`SpoolOptions`], events are on disk before `record` returns. The next start of the program sends the events
//!   that are left. A full disk is an error of `record`, which contains the event.
//!
//! ```no_run
//! use polar_client::Polar;
//! use polar_client_kit::usage::{SpoolOptions, UsageEvent, UsageProblem, UsageRecorder};
//!
//! # async fn example(polar: Polar) -> Result<(), Box<dyn std::error::Error>> {
//! let recorder = UsageRecorder::builder(&polar)
//!     .spool(SpoolOptions::new("usage-spool"))
//!     .on_problem(|problem| {
//!         if let UsageProblem::Rejected { event, reason } = problem {
//!             eprintln!("{:?} was rejected: {reason}", event.name());
//!         }
//!     })
//!     .start()?;
//!
//! recorder.record(UsageEvent::for_external_customer("render", "user_42").metadata([("pages", 3)])).await?;
//!
//! let end = recorder.shutdown().await;
//! println!("{} events stored, {} left on disk", end.metrics.inserted, end.metrics.pending);
//! # Ok(())
//! # }
//! ```
//!
//! It needs a tokio runtime with timers.

mod error;
mod event;
mod metrics;
mod queue;
mod recorder;
mod refusal;
mod spool;
mod strategies;
mod worker;

#[cfg(test)]
mod tests;

pub use error::{RecordError, UsageProblem};
pub use event::UsageEvent;
pub use metrics::UsageMetrics;
pub use recorder::{Overflow, UsageRecorder, UsageRecorderBuilder, UsageShutdown};
pub use spool::SpoolOptions;
pub use strategies::{LlmCall, Metered};
