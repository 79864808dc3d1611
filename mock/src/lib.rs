//! A Polar for tests: [`MockPolar`] keeps products, customers, checkouts, orders and subscriptions, and delivers signed
//! webhooks, on the loopback interface and without an account.
//!
//! | module | what it is |
//! |---|---|
//! | [`MockPolar`] | the stateful server |
//! | [`Example`] | replies and signed webhooks, for tests that set each of them |
//! | [`Fault`] | faults of requests and webhooks |
//! | [`server`] | the HTTP server: loopback, HTTP/1.1 and HTTP/2, faults at any byte |
//! | [`authorization`] | the authorization server, which can be started on its own |

pub mod authorization;
mod clock;
mod delivery;
mod document;
mod example;
mod fault;
mod operations;
mod pages;
mod polar;
mod seed;
pub mod server;
mod shape;
mod validate;
pub mod wire;
mod world;

pub use example::{Example, SignedWebhook};
pub use fault::Fault;
pub use polar::{MockPolar, MockPolarBuilder};
