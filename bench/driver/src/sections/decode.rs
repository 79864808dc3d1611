//! Reading and writing pages, beside the types of others.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::Options;
use crate::budget::{Budget, budgets};
use crate::competitors::{Competitor, OURS, PEER, Subject, VALUE, subjects};
use crate::counted::{Codec, ask};
use crate::spread::{Spread, table};

/// How long one competitor works at a time.
const SLICE: Duration = Duration::from_millis(20);

/// Seconds that each competitor took for a subject, round by round.
type Times = Vec<Vec<f64>>;

/// A direction: the work of a competitor, if it does that, and how often it allocates.
struct Direction {
    title: &'static str,
    work: fn(&Competitor) -> Option<&dyn Fn()>,
    allocations: fn(&Codec) -> Option<u64>,
}

const DECODE: Direction = Direction {
    title: "Decode",
    work: |competitor| Some(&competitor.decode),
    allocations: |counted| Some(counted.decode),
};

const ENCODE: Direction = Direction {
    title: "Encode",
    work: |competitor| competitor.encode.as_deref(),
    allocations: |counted| counted.encode,
};

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let rounds = options.rounds(25);
    let counted: Vec<Codec> = ask(&["decode"])?;
    let subjects = subjects();
    let mut text = options.heading("decode", rounds, &["polar-api", "serde_json", "chrono", "uuid"]);
    let mut limits = Vec::new();
    for direction in [DECODE, ENCODE] {
        let mut rows = Vec::new();
        for subject in &subjects {
            let times = times(subject, rounds, direction.work);
            rows.extend(compare(subject, &times, &counted, direction.allocations));
            limits.extend(limit(&direction, subject, &times));
        }
        let head =
            ["what", "beside", "time of ours to theirs", "MB/s, ours and theirs", "allocations, ours and theirs"];
        // Writing to a String does not fail.
        let _ = write!(text, "\n{}:\n\n{}", direction.title, table(head, &rows));
    }
    for (subject, (name, why)) in subjects.iter().flat_map(|all| all.failed.iter().map(move |failed| (all, failed))) {
        let _ = write!(text, "\nThe types of {name} can't read the {}: {why}.\n", subject.name);
    }
    let _ = write!(text, "\n{}", budgets(&limits));
    Ok(text)
}

/// The competitors take turns, each beginning a round once in a while, so that none has a place of its own.
fn times(subject: &Subject, rounds: usize, work: fn(&Competitor) -> Option<&dyn Fn()>) -> Times {
    let works: Vec<_> = subject.competitors.iter().map(work).collect();
    let repeats: Vec<u32> = works.iter().map(|work| work.map_or(0, repeats)).collect();
    let mut times = vec![Vec::new(); works.len()];
    for round in 0..rounds {
        for turn in 0..works.len() {
            let who = (round + turn) % works.len();
            if let Some(work) = works[who] {
                times[who].push(seconds(work, repeats[who]));
            }
        }
    }
    times
}

/// How often something has to be done to take a slice of time; done so, it is also warm.
fn repeats(work: &dyn Fn()) -> u32 {
    let start = Instant::now();
    let mut done = 0;
    while start.elapsed() < SLICE {
        work();
        done += 1;
    }
    done
}

fn seconds(work: &dyn Fn(), repeats: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..repeats {
        work();
    }
    start.elapsed().as_secs_f64() / f64::from(repeats)
}

fn compare(
    subject: &Subject,
    times: &Times,
    counted: &[Codec],
    allocations: fn(&Codec) -> Option<u64>,
) -> Vec<[String; 5]> {
    let count = |name: &str| {
        let found = counted.iter().find(|one| one.subject == subject.name && one.competitor == name);
        found.and_then(allocations).map_or_else(|| "?".to_owned(), |count| count.to_string())
    };
    let speed = |times: &[f64]| subject.bytes as f64 / Spread::of(times.iter().copied()).median / 1e6;
    let Some(ours) = side(subject, times, OURS) else { return Vec::new() };
    let others = subject.competitors.iter().zip(times).filter(|(one, times)| one.name != OURS && !times.is_empty());
    let rows = others.map(|(other, theirs)| {
        [
            format!("{}, {} KB", subject.name, subject.bytes / 1000),
            other.name.to_owned(),
            Spread::of_ratios(ours, theirs).show(2, "×"),
            format!("{:.0}, {:.0}", speed(ours), speed(theirs)),
            format!("{}, {}", count(OURS), count(other.name)),
        ]
    });
    rows.collect()
}

fn limit(direction: &Direction, subject: &Subject, times: &Times) -> Vec<Budget> {
    let Some(ours) = side(subject, times, OURS) else { return Vec::new() };
    let ratio = |name| Some(Spread::of_ratios(ours, side(subject, times, name)?).median);
    let what = direction.title.to_lowercase();
    let peer = ratio(PEER)
        .map(|ratio| Budget::at_most(format!("{what} {}: time beside polar-api", subject.name), 1.0, ratio, "×"));
    // Writing a tree of values is writing its texts.
    let value = (direction.title == DECODE.title)
        .then(|| ratio(VALUE))
        .flatten()
        .map(|ratio| Budget::at_least(format!("decode {}: speed beside `Value`", subject.name), 2.0, 1.0 / ratio, "×"));
    peer.into_iter().chain(value).collect()
}

fn side<'a>(subject: &Subject, times: &'a Times, name: &str) -> Option<&'a [f64]> {
    let place = subject.competitors.iter().position(|one| one.name == name)?;
    times.get(place).map(Vec::as_slice)
}
