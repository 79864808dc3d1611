//! Helpers of the tests: the document as data, instances of its schemas, a fault server and an authorization server
//! on loopback, a subscriber that records spans, a call of every operation, comparison of round trips, and the decode
//! policy as a model.

pub mod arguments;
pub mod cases;
pub mod dispatch;
pub mod document;
pub mod equal;
pub mod inputs;
pub mod instance;
pub mod kept;
pub mod mutation;
pub mod outline;
pub mod path;
pub mod policy;
pub mod projection;
pub mod recordings;
pub mod sample;
pub mod server;
pub mod spans;
pub mod unions;

pub use polar_mock::{authorization, wire};
