//! Servers in memory that tests break on purpose.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]

#[cfg(feature = "entitlements")]
pub mod customers;
pub mod ledger;
