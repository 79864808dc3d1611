//! What the client adds to a call: processor time, allocations and waiting, beside reqwest alone.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use futures_util::future::try_join_all;

use crate::Options;
use crate::budget::{Budget, budgets};
use crate::child::own_cpu;
use crate::clients::{Client, Who, runtime};
use crate::counted::{Call, ask};
use crate::server::Server;
use crate::spread::{Spread, table};

/// How many products an answer has: a page, and next to nothing.
const SIZES: [usize; 2] = [10, 0];

/// How many calls a round makes one after the other. The system counts processor time in small steps.
const CALLS: usize = 1_000;

/// How many callers there are at once, and how many calls each makes in a round.
const CALLERS: usize = 64;
const CALLS_EACH: usize = 20;

/// How many calls more there are in the second of two runs under valgrind.
const COUNTED: usize = 100;

/// What a client took in one round.
#[derive(Clone, Copy, Debug)]
struct Round {
    /// Microseconds of the processor for one call.
    cpu: f64,
    /// Microseconds until the answer, for the middle call and for the last but one of a hundred.
    alone: [f64; 2],
    crowded: [f64; 2],
}

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let rounds = options.rounds(9);
    let sizes: Vec<String> = SIZES.iter().map(usize::to_string).collect();
    let words: Vec<&str> = std::iter::once("call").chain(sizes.iter().map(String::as_str)).collect();
    let counted: Vec<Call> = ask(&words)?;
    let mut text = options.heading("call", rounds, &["reqwest", "hyper", "polar-sh"]);
    let mut limits = Vec::new();
    let (mut rows, mut instructions_of) = (Vec::new(), Vec::new());
    for items in SIZES {
        let all = measure(items, rounds)?;
        let count = |who: Who| {
            let found = counted.iter().find(|one| one.items == items && one.who == who.name());
            found.map_or(f64::NAN, |one| one.allocations)
        };
        let bare = &all[1].1;
        for (who, ours) in &all {
            rows.push(row(items, *who, ours, bare, count(*who)));
        }
        let (ours, theirs) = (instructions(Who::Ours, items)?, instructions(Who::Bare, items)?);
        instructions_of.push([
            shown(items).to_owned(),
            format!("{ours:.0}"),
            format!("{theirs:.0}"),
            format!("{:.3}×", ours / theirs),
        ]);
        let more = (ours / theirs - 1.0) * 100.0;
        limits.push(
            Budget::at_most(format!("instructions over bare reqwest, {}", shown(items)), 10.0, more, " %").digits(1),
        );
        let more = count(Who::Ours) - count(Who::Bare);
        limits
            .push(Budget::at_most(format!("allocations over bare reqwest, {}", shown(items)), 0.0, more, "").digits(1));
    }
    let head = [
        "answer",
        "client",
        "CPU of a call, µs",
        "CPU to bare",
        "allocations",
        "p50 and p99, one at a time, µs",
        "p50 and p99, 64 at once, µs",
    ];
    // Writing to a String does not fail.
    let _ = write!(text, "\n{}\n", table(head, &rows));
    let head = ["answer", "instructions of a call, ours", "bare reqwest", "ours to bare"];
    let _ = write!(text, "{}\n{}", table(head, &instructions_of), budgets(&limits));
    Ok(text)
}

/// Instructions of one call, as cachegrind counts them in this process; the server is another one.
fn instructions(who: Who, items: usize) -> Result<f64, String> {
    let own = std::env::current_exe().map_err(|error| format!("can't find the own program: {error}"))?;
    let run = |count: usize| {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]).arg(&own);
        valgrind.args(["calls", who.name(), &items.to_string(), &count.to_string()]).stdin(Stdio::null());
        let output = valgrind.output().map_err(|error| format!("can't run valgrind: {error}; install it"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let refs = said.lines().find_map(|line| line.split_once("refs:"));
        let refs = refs.and_then(|(_, count)| count.trim().replace(',', "").parse::<f64>().ok());
        refs.filter(|_| output.status.success()).ok_or_else(|| format!("valgrind says:\n{said}"))
    };
    // The first calls make the connection.
    Ok((run(2 * COUNTED)? - run(COUNTED)?) / COUNTED as f64)
}

/// Makes calls, for valgrind to count.
pub(crate) fn make(who: &str, items: usize, count: usize) -> Result<String, String> {
    let who = Who::ALL.into_iter().find(|known| known.name() == who).ok_or("no client of that name")?;
    let server = Server::start(items, items)?;
    let client = who.client(&server.url)?;
    runtime()?.block_on(calls(&client, count))?;
    Ok(String::new())
}

fn measure(items: usize, rounds: usize) -> Result<Vec<(Who, Vec<Round>)>, String> {
    let server = Server::start(items, items)?;
    let runtime = runtime()?;
    let mut clients = Vec::new();
    for who in Who::ALL {
        clients.push((who, who.client(&server.url)?, Vec::new()));
    }
    // The first round makes the connections.
    for round in 0..=rounds {
        // Each begins once in a while, so that none has a place of its own.
        let first = round % clients.len();
        clients.rotate_left(first);
        for (_, client, taken) in &mut clients {
            let one = runtime.block_on(once(client))?;
            if round > 0 {
                taken.push(one);
            }
        }
        clients.rotate_right(first);
    }
    Ok(clients.into_iter().map(|(who, _, taken)| (who, taken)).collect())
}

async fn once(client: &Client) -> Result<Round, String> {
    let before = own_cpu()?;
    let alone = calls(client, CALLS).await?;
    let cpu = (own_cpu()? - before).as_secs_f64() * 1e6 / CALLS as f64;
    let callers = (0..CALLERS).map(|_| calls(client, CALLS_EACH));
    let crowded = try_join_all(callers).await?.concat();
    Ok(Round { cpu, alone: percentiles(alone), crowded: percentiles(crowded) })
}

/// Microseconds that each of some calls took, one after the other.
async fn calls(client: &Client, count: usize) -> Result<Vec<f64>, String> {
    let mut taken = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        client.call().await?;
        taken.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(taken)
}

fn percentiles(mut taken: Vec<f64>) -> [f64; 2] {
    taken.sort_by(f64::total_cmp);
    let at = |percent: usize| taken.get(taken.len() * percent / 100).copied().unwrap_or_default();
    [at(50), at(99)]
}

fn figures(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> Vec<f64> {
    rounds.iter().map(figure).collect()
}

fn row(items: usize, who: Who, taken: &[Round], bare: &[Round], allocations: f64) -> [String; 7] {
    let median = |figure: fn(&Round) -> f64| Spread::of(figures(taken, figure)).median;
    let cpu = |one: &Round| one.cpu;
    [
        shown(items).to_owned(),
        who.name().to_owned(),
        Spread::of(figures(taken, cpu)).show(1, ""),
        Spread::of_ratios(&figures(taken, cpu), &figures(bare, cpu)).show(3, "×"),
        format!("{allocations:.1}"),
        format!("{:.0}, {:.0}", median(|one| one.alone[0]), median(|one| one.alone[1])),
        format!("{:.0}, {:.0}", median(|one| one.crowded[0]), median(|one| one.crowded[1])),
    ]
}

fn shown(items: usize) -> &'static str {
    if items == 0 { "an empty page" } else { "a page of 10" }
}

#[cfg(test)]
mod tests {
    use super::percentiles;

    #[test]
    fn percentiles_are_of_the_sorted_figures() {
        assert_eq!(percentiles((0..200).rev().map(f64::from).collect()), [100.0, 198.0]);
        assert_eq!(percentiles(Vec::new()), [0.0, 0.0]);
    }
}
