//! What is counted by a program with an allocator that counts, which is slower, and so not the one that is timed.

use std::process::Command;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::child;
use crate::clients::{Who, runtime};
use crate::competitors::subjects;
use crate::server::Server;

/// What happened on the heap meanwhile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heap {
    /// How many times memory was asked for.
    pub allocations: u64,
    /// The most bytes that were alive at once.
    pub peak: u64,
}

/// Runs something and says what it did on the heap. It is handed in, because a library with a counting allocator is in
/// every program that names it.
pub type Counter = fn(&mut dyn FnMut()) -> Heap;

/// Allocations of one competitor with one subject.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Codec {
    pub(crate) subject: String,
    pub(crate) competitor: String,
    pub(crate) decode: u64,
    pub(crate) encode: Option<u64>,
}

/// Allocations of one call.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Call {
    pub(crate) who: String,
    pub(crate) items: usize,
    pub(crate) allocations: f64,
}

/// The heap at its largest while a list is gone through.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Stream {
    pub(crate) who: String,
    pub(crate) items: usize,
    pub(crate) peak: u64,
}

/// How many calls are counted.
const CALLS: u32 = 200;

/// The counting program: prints what it counted as JSON.
///
/// # Errors
/// The words name nothing that can be counted, or it could not be done.
pub fn run(words: &[String], counter: Counter) -> Result<String, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["decode"] => json(&codecs(counter)),
        ["call", sizes @ ..] => json(&calls(&numbers(sizes)?, counter)?),
        ["stream", lengths @ ..] => json(&streams(&numbers(lengths)?, counter)?),
        _ => Err("say decode, call SIZE... or stream LENGTH...".to_owned()),
    }
}

/// Asks the counting program, which is built together with this one.
pub(crate) fn ask<T: DeserializeOwned>(words: &[&str]) -> Result<T, String> {
    let own = std::env::current_exe().map_err(|error| format!("can't find the own program: {error}"))?;
    let program = own.with_file_name("allocations").with_extension(own.extension().unwrap_or_default());
    let said = child::said(Command::new(program).args(words))?;
    serde_json::from_str(&said).map_err(|error| format!("the counting program said nonsense: {error}"))
}

fn codecs(counter: Counter) -> Vec<Codec> {
    let mut counted = Vec::new();
    for subject in subjects() {
        for competitor in &subject.competitors {
            let count = |work: &dyn Fn()| counter(&mut || work()).allocations;
            counted.push(Codec {
                subject: subject.name.clone(),
                competitor: competitor.name.to_owned(),
                decode: count(&competitor.decode),
                encode: competitor.encode.as_ref().map(|encode| count(encode)),
            });
        }
    }
    counted
}

fn calls(sizes: &[usize], counter: Counter) -> Result<Vec<Call>, String> {
    let runtime = runtime()?;
    let mut counted = Vec::new();
    for &items in sizes {
        let server = Server::start(items, items)?;
        for who in Who::ALL {
            let client = who.client(&server.url)?;
            let call = || runtime.block_on(client.call());
            // The first calls make connections.
            (0..10).try_for_each(|_| call().map(drop))?;
            let mut outcome = Ok(());
            let heap = counter(&mut || outcome = (0..CALLS).try_for_each(|_| call().map(drop)));
            outcome?;
            let allocations = heap.allocations as f64 / f64::from(CALLS);
            counted.push(Call { who: who.name().to_owned(), items, allocations });
        }
    }
    Ok(counted)
}

fn streams(lengths: &[usize], counter: Counter) -> Result<Vec<Stream>, String> {
    let runtime = runtime()?;
    let mut counted = Vec::new();
    for &items in lengths {
        let server = Server::start(100, items)?;
        for who in [Who::Ours, Who::Bare] {
            let client = who.client(&server.url)?;
            let mut outcome = Ok(0);
            let heap = counter(&mut || outcome = runtime.block_on(client.stream()));
            let seen = outcome?;
            if seen != items {
                return Err(format!("{} saw {seen} items of {items}", who.name()));
            }
            counted.push(Stream { who: who.name().to_owned(), items, peak: heap.peak });
        }
    }
    Ok(counted)
}

fn numbers(words: &[&str]) -> Result<Vec<usize>, String> {
    words.iter().map(|word| word.parse().map_err(|error| format!("`{word}` is no number: {error}"))).collect()
}

fn json<T: Serialize>(value: &T) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}
