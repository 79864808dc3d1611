//! The usage recorder's spool: processes that are killed, and restarts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use polar_client::Polar;
use polar_client_kit::usage::{SpoolOptions, UsageEvent, UsageRecorder, UsageRecorderBuilder};
use support::ledger::Ledger;

/// Tells a process of this test that it is the one to be killed.
const CHILD: &str = "POLAR_KIT_SPOOL";

fn recorder(ledger: &Ledger, directory: &Path) -> UsageRecorderBuilder {
    recorder_of(&ledger.polar(), directory)
}

fn recorder_of(polar: &Polar, directory: &Path) -> UsageRecorderBuilder {
    let options = SpoolOptions::new(directory).segment_bytes(2000);
    let builder = UsageRecorder::builder(polar).batch_size(10).batch_interval(Duration::from_millis(1));
    builder.backoff(Duration::from_millis(2), Duration::from_millis(20)).spool(options)
}

/// Starts the process, kills it after this many events, and returns the last index that it reported.
fn kill_after(events: u64, directory: &Path, server: Option<&str>) -> u64 {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(CHILD, directory).stdout(Stdio::piped());
    command.envs(server.map(|url| (SERVER, url)));
    let mut child = command.spawn().unwrap();
    let mut last = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let Some(index) = line.split("recorded ").nth(1).and_then(|index| index.parse().ok()) else { continue };
        last = index;
        if index == events {
            // In the middle of something: the process goes on recording.
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(last >= events);
    last
}

fn event(name: impl ToString) -> UsageEvent {
    UsageEvent::for_external_customer(name.to_string(), "ada")
}

/// Tells that process where the server is. Without it, the server is down.
const SERVER: &str = "POLAR_KIT_SERVER";

/// Not a test of its own: the process that others kill. It records without an end, and says how far it is.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Some(directory) = std::env::var_os(CHILD) else { return };
    let polar = match std::env::var(SERVER) {
        Ok(url) => Polar::builder().access_token("polar_oat_test").base_url(url).build().unwrap(),
        Err(_) => {
            let ledger = Ledger::default();
            ledger.down(true);
            ledger.polar()
        }
    };
    let recorder = recorder_of(&polar, Path::new(&directory)).start().unwrap();
    for index in 0_u64.. {
        recorder.record(event(index)).await.unwrap();
        println!("recorded {index}");
        std::io::stdout().flush().unwrap();
    }
}

#[tokio::test]
async fn a_killed_process_loses_no_event() {
    let directory = tempfile::tempdir().unwrap();
    let last = kill_after(250, directory.path(), None);
    let ledger = Ledger::default();
    let recorder = recorder(&ledger, directory.path()).start().unwrap();
    let end = recorder.shutdown().await;
    let names = ledger.names();
    for index in 0..=last {
        assert!(names.contains(&index.to_string()), "event {index} was recorded and is lost");
    }
    // The last one may be on disk although the process was killed before it could say so.
    assert!((last + 1..=last + 2).contains(&(names.len() as u64)), "{} of {last}", names.len());
    assert_eq!((end.metrics.recovered, end.metrics.pending), (names.len() as u64, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_are_killed_while_they_send_lose_and_repeat_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = Ledger::default();
    let server = ledger.serve().await;
    let mut reported = BTreeMap::new();
    for kill in 0..10_u64 {
        ledger.chaos((kill % 2 == 1).then_some(kill));
        let (path, server) = (directory.path().to_owned(), server.clone());
        let killed = tokio::task::spawn_blocking(move || kill_after(50 + 37 * kill, &path, Some(&server)));
        for index in 0..=killed.await.unwrap() {
            *reported.entry(index.to_string()).or_insert(0) += 1;
        }
    }
    ledger.chaos(None);
    let recorder = recorder(&ledger, directory.path()).start().unwrap();
    let end = recorder.shutdown().await;
    let mut stored = BTreeMap::new();
    for name in ledger.names() {
        *stored.entry(name).or_insert(0) += 1;
    }
    let total = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
    for (name, count) in &reported {
        assert!(stored.get(name) >= Some(count), "event {name} was recorded {count} times, stored {stored:?}");
    }
    // Each process may have recorded one event more than it could report.
    assert!(total(&stored) <= total(&reported) + 10, "{} of {}", total(&stored), total(&reported));
    let (requests, sent) = (ledger.batches().len(), ledger.batches().iter().sum::<usize>());
    println!(
        "10 kills: {} reported, {} stored in {requests} requests with {sent} events, {} left for the last start",
        total(&reported),
        total(&stored),
        end.metrics.recovered
    );
}

#[tokio::test]
async fn events_that_were_sent_before_a_crash_count_once() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = Ledger::default();
    let first = recorder(&ledger, directory.path()).batch_interval(Duration::from_secs(3600)).start().unwrap();
    for index in 0..5 {
        first.record(event(index)).await.unwrap();
    }
    // The files of a process that dies after the server's answer and before it deletes them.
    let copies: Vec<_> = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|name| name == "jsonl"))
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    first.shutdown().await;
    drop(first);
    assert_eq!(ledger.stored().len(), 5);
    for (path, bytes) in copies {
        std::fs::write(path, bytes).unwrap();
    }
    let second = recorder(&ledger, directory.path()).start().unwrap();
    let end = second.shutdown().await;
    assert_eq!(ledger.stored().len(), 5);
    assert_eq!(
        (end.metrics.recovered, end.metrics.inserted, end.metrics.duplicates, end.metrics.pending),
        (5, 0, 5, 0)
    );
}

#[tokio::test]
async fn a_spool_has_one_recorder_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = Ledger::default();
    let first = recorder(&ledger, directory.path()).start().unwrap();
    let error = recorder(&ledger, directory.path()).start().unwrap_err();
    assert!(error.to_string().contains("another recorder uses this spool"), "{error}");
    first.shutdown().await;
    drop(first);
    recorder(&ledger, directory.path()).start().unwrap();
}

#[tokio::test]
async fn files_are_deleted_once_their_events_are_stored() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = Ledger::default();
    let recorder = recorder(&ledger, directory.path()).start().unwrap();
    for index in 0..100 {
        recorder.record(event(index)).await.unwrap();
    }
    let end = recorder.shutdown().await;
    assert_eq!((end.metrics.inserted, end.metrics.duplicates, ledger.stored().len()), (100, 0, 100));
    let files: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["lock"]);
}

#[tokio::test]
async fn a_torn_line_is_skipped() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = Ledger::default();
    ledger.down(true);
    let first = recorder(&ledger, directory.path()).shutdown_deadline(Duration::ZERO).start().unwrap();
    first.record(event("whole")).await.unwrap();
    first.shutdown().await;
    drop(first);
    let file = directory.path().join("00000001.jsonl");
    let mut file = std::fs::OpenOptions::new().append(true).open(file).unwrap();
    file.write_all(b"{\"event\":{\"name\":\"to").unwrap();
    ledger.down(false);
    let second = recorder(&ledger, directory.path()).start().unwrap();
    second.record(event("next")).await.unwrap();
    second.shutdown().await;
    assert_eq!(ledger.names(), ["next", "whole"]);
}
