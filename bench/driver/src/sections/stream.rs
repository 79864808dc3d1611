//! Long lists: what they take, and that memory does not grow with them.

use std::fmt::Write as _;
use std::time::Instant;

use crate::Options;
use crate::budget::{Budget, budgets};
use crate::clients::{Who, runtime};
use crate::counted::{Stream, ask};
use crate::server::Server;
use crate::spread::{Spread, table};

/// How many items the lists have.
const LENGTHS: [usize; 3] = [1_000, 10_000, 100_000];

/// The length whose items are timed: long enough for the first connection not to count.
const TIMED: usize = 10_000;

const SIDES: [Who; 2] = [Who::Ours, Who::Bare];

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let rounds = options.rounds(5);
    let lengths: Vec<String> = LENGTHS.iter().map(usize::to_string).collect();
    let words: Vec<&str> = std::iter::once("stream").chain(lengths.iter().map(String::as_str)).collect();
    let counted: Vec<Stream> = ask(&words)?;
    let peak = |who: Who, items: usize| {
        let found = counted.iter().find(|one| one.who == who.name() && one.items == items);
        found.map_or(f64::NAN, |one| one.peak as f64)
    };
    let mut text = options.heading("stream", rounds, &["reqwest"]);
    let rows: Vec<_> = LENGTHS
        .iter()
        .map(|&items| {
            let kilobytes = |who| format!("{:.0}", peak(who, items) / 1e3);
            [items.to_string(), kilobytes(Who::Ours), kilobytes(Who::Bare)]
        })
        .collect();
    let head = ["items, in pages of 100", "largest heap with `.items()`, KB", "with a loop over bare reqwest, KB"];
    // Writing to a String does not fail.
    let _ = write!(text, "\n{}", table(head, &rows));

    let times = times(rounds)?;
    let each = |times: &[f64]| Spread::of(times.iter().map(|time| time * 1e6 / TIMED as f64)).show(2, "");
    let ratio = Spread::of_ratios(&times[0], &times[1]);
    let row = [each(&times[0]), each(&times[1]), ratio.show(3, "×")];
    let head = ["an item of ours, µs", "of bare reqwest, µs", "time of ours to it"];
    let _ = write!(text, "\n{}", table(head, &[row]));

    let [short, .., long] = LENGTHS;
    let growth = peak(Who::Ours, long) / peak(Who::Ours, short);
    let limit = Budget::at_most(format!("heap for {long} items to that for {short}"), 1.1, growth, "×");
    let _ = write!(text, "\n{}", budgets(&[limit]));
    Ok(text)
}

/// Seconds for the whole list, of each side, round by round.
fn times(rounds: usize) -> Result<[Vec<f64>; 2], String> {
    let server = Server::start(100, TIMED)?;
    let runtime = runtime()?;
    let mut times = [Vec::new(), Vec::new()];
    // The first round makes the connections.
    for round in 0..=rounds {
        for (who, times) in SIDES.iter().zip(&mut times) {
            let client = who.client(&server.url)?;
            let start = Instant::now();
            let seen = runtime.block_on(client.stream())?;
            if seen != TIMED {
                return Err(format!("{} saw {seen} items of {TIMED}", who.name()));
            }
            if round > 0 {
                times.push(start.elapsed().as_secs_f64());
            }
        }
    }
    Ok(times)
}
