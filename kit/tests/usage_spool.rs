//! The usage recorder's spool: processes that are killed, and restarts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use polar_client_kit::usage::{SpoolOptions, UsageEvent, UsageRecorder, UsageRecorderBuilder};
use support::ledger::Ledger;

/// Tells a process of this test that it is the one to be killed.
const CHILD: &str = "POLAR_KIT_SPOOL";

fn recorder(ledger: &Ledger, directory: &Path) -> UsageRecorderBuilder {
    let options = SpoolOptions::new(directory).segment_bytes(2000);
    UsageRecorder::builder(&ledger.polar()).batch_size(10).batch_interval(Duration::from_millis(1)).spool(options)
}

fn event(name: impl ToString) -> UsageEvent {
    UsageEvent::for_external_customer(name.to_string(), "ada")
}

/// Not a test of its own: the process that [`a_killed_process_loses_no_event`] kills. It records without an end while the
/// server is down, and says how far it is.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Some(directory) = std::env::var_os(CHILD) else { return };
    let ledger = Ledger::default();
    ledger.down(true);
    let recorder = recorder(&ledger, Path::new(&directory)).start().unwrap();
    for index in 0_u64.. {
        recorder.record(event(index)).await.unwrap();
        println!("recorded {index}");
        std::io::stdout().flush().unwrap();
    }
}

#[tokio::test]
async fn a_killed_process_loses_no_event() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut last = 0;
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    for line in lines {
        let Some(index) = line.split("recorded ").nth(1).and_then(|index| index.parse::<u64>().ok()) else { continue };
        last = index;
        if index == 250 {
            // In the middle of something: the process goes on recording.
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(last >= 250);

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
