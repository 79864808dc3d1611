//! The command as its users run it: arguments in; exit code, words and files out.
#![allow(clippy::expect_used, clippy::panic, reason = "a failing test may panic")]
// They use a shell, links and limits of the system.
#![cfg(unix)]

mod diff;
mod docs;
mod documents;
mod import;
#[cfg(target_os = "linux")]
mod limits;
mod names;
mod output;
mod ownership;
mod release;
mod repository;
mod sandbox;
mod scopes;
mod update;
mod usage;
