//! Servers of the tests: the loopback server of `polar-mock`, one that speaks HTTP/2 frame by frame, and TLS for both.

mod frames;
mod tls;

pub use frames::{Http2Fault, Http2Server};
pub use polar_mock::server::*;
pub use tls::Tls;
