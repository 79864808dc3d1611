//! Servers in memory that tests break on purpose.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[cfg(feature = "entitlements")]
pub mod customers;
pub mod ledger;
