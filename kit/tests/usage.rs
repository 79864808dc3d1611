//! The usage recorder against a server that fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use polar_client::serde_json::json;
use polar_client::uuid::Uuid;
use polar_client_kit::usage::{LlmCall, Overflow, UsageEvent, UsageProblem, UsageRecorder, UsageRecorderBuilder};
use support::ledger::{Fault, Ledger};
use tokio::io::AsyncReadExt as _;
use tokio::time::{advance, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

fn recorder(ledger: &Ledger) -> UsageRecorderBuilder {
    UsageRecorder::builder(&ledger.polar())
}

fn event(name: impl ToString) -> UsageEvent {
    UsageEvent::for_external_customer(name.to_string(), "ada").metadata([("pages", 3)])
}

#[tokio::test(start_paused = true)]
async fn full_batches_leave_at_once_and_others_in_time() {
    let ledger = Ledger::default();
    let recorder = recorder(&ledger).batch_size(3).batch_interval(5 * SECOND).start().unwrap();
    for index in 0..7 {
        recorder.record(event(index)).await.unwrap();
    }
    sleep(SECOND).await;
    assert_eq!(ledger.batches(), [3, 3]);
    sleep(5 * SECOND).await;
    assert_eq!(ledger.batches(), [3, 3, 1]);
    assert_eq!(ledger.stored().values().next().unwrap()["metadata"], json!({"pages": 3}));
}

#[tokio::test(start_paused = true)]
async fn an_outage_loses_nothing_and_counts_nothing_twice() {
    let ledger = Ledger::default();
    ledger.down(true);
    let recorder = recorder(&ledger).batch_size(50).batch_interval(SECOND).start().unwrap();
    for index in 0..1000 {
        recorder.record(event(index)).await.unwrap();
    }
    advance(600 * SECOND).await;
    sleep(600 * SECOND).await;
    assert_eq!((ledger.stored().len(), recorder.metrics().pending), (0, 1000));

    // After the outage, some requests are carried out without the recorder's knowledge, and others fail.
    ledger.down(false);
    ledger.fail([Fault::LostResponse, Fault::Status(503), Fault::Status(500), Fault::LostResponse, Fault::Status(429)]);
    recorder.flush().await;
    let metrics = recorder.metrics();
    assert_eq!(ledger.stored().len(), 1000);
    assert_eq!((metrics.sent, metrics.inserted + metrics.duplicates), (1000, 1000));
    assert!(metrics.duplicates > 0 && metrics.failed_requests > 0 && metrics.pending == 0);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_keeps_events() {
    let ledger = Ledger::default();
    ledger.fail([401, 403, 404, 500].map(Fault::Status));
    let recorder = recorder(&ledger).start().unwrap();
    recorder.record(event("kept")).await.unwrap();
    recorder.flush().await;
    assert_eq!(ledger.names(), ["kept"]);
    assert_eq!(recorder.metrics().failed_requests, 4);
}

#[tokio::test(start_paused = true)]
async fn a_refused_event_does_not_block_the_others() {
    let ledger = Ledger::default();
    ledger.reject("bad");
    let rejected = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&rejected);
    let recorder = recorder(&ledger)
        .on_problem(move |problem| {
            if let UsageProblem::Rejected { event, reason } = problem {
                seen.lock().unwrap().push(format!("{}: {reason}", event.name().unwrap()));
            }
        })
        .start()
        .unwrap();
    for name in ["a", "bad", "b", "bad", "c"] {
        recorder.record(event(name)).await.unwrap();
    }
    recorder.flush().await;
    assert_eq!(ledger.names(), ["a", "b", "c"]);
    assert_eq!(*rejected.lock().unwrap(), vec!["bad: customer_id: Customer does not exist."; 2]);
    let metrics = recorder.metrics();
    assert_eq!((metrics.sent, metrics.rejected, metrics.pending), (3, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_report_that_panics_does_not_stop_sending() {
    let ledger = Ledger::default();
    ledger.reject("bad");
    let recorder = recorder(&ledger).on_problem(|_| panic!("told by the test")).start().unwrap();
    recorder.record(event("bad")).await.unwrap();
    recorder.record(event("good")).await.unwrap();
    recorder.flush().await;
    assert_eq!(ledger.names(), ["good"]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_too_large_is_halved() {
    let ledger = Ledger::default();
    ledger.at_most(3);
    let recorder = recorder(&ledger).start().unwrap();
    for index in 0..8 {
        recorder.record(event(index)).await.unwrap();
    }
    recorder.flush().await;
    assert_eq!(ledger.batches(), [8, 4, 2, 2, 4, 2, 2]);
    assert_eq!((ledger.stored().len(), recorder.metrics().rejected), (8, 0));
}

#[tokio::test(start_paused = true)]
async fn a_clock_ahead_of_the_servers_costs_no_event() {
    let ledger = Ledger::default();
    ledger.reject_times();
    let recorder = recorder(&ledger).start().unwrap();
    recorder.record(event("stamped by the recorder")).await.unwrap();
    recorder.record(event("own time").timestamp("2099-01-01T00:00:00Z".parse().unwrap())).await.unwrap();
    recorder.flush().await;
    assert_eq!(ledger.names(), ["stamped by the recorder"]);
    assert_eq!(recorder.metrics().rejected, 1, "a time of the caller's is not changed");
}

#[tokio::test(start_paused = true)]
async fn a_full_recorder_waits_for_room() {
    let ledger = Ledger::default();
    ledger.down(true);
    let recorder = recorder(&ledger).capacity(2).start().unwrap();
    recorder.record(event(0)).await.unwrap();
    recorder.record(event(1)).await.unwrap();
    assert!(timeout(60 * SECOND, recorder.record(event(2))).await.is_err());
    ledger.down(false);
    timeout(120 * SECOND, recorder.record(event(3))).await.unwrap().unwrap();
    recorder.flush().await;
    assert_eq!(ledger.names(), ["0", "1", "3"]);
    assert_eq!(recorder.metrics().dropped, 0);
}

#[tokio::test(start_paused = true)]
async fn a_full_recorder_does_not_wait_for_a_full_batch() {
    let ledger = Ledger::default();
    let recorder = recorder(&ledger).capacity(2).batch_interval(3600 * SECOND).start().unwrap();
    for index in 0..5 {
        timeout(SECOND, recorder.record(event(index))).await.unwrap().unwrap();
    }
    assert_eq!(ledger.batches(), [2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_full_recorder_drops_the_newest_if_told_to() {
    let ledger = Ledger::default();
    ledger.down(true);
    let recorder = recorder(&ledger).capacity(1).overflow(Overflow::DropNewest).start().unwrap();
    recorder.record(event(0)).await.unwrap();
    let error = recorder.record(event(1)).await.unwrap_err();
    assert!(error.is_full() && error.into_event().name() == Some("1"));
    let metrics = recorder.metrics();
    assert_eq!((metrics.recorded, metrics.dropped, metrics.pending), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn shutdown_sends_what_is_left() {
    let ledger = Ledger::default();
    let recorder = recorder(&ledger).batch_interval(3600 * SECOND).start().unwrap();
    recorder.record(event(0)).await.unwrap();
    let end = recorder.shutdown().await;
    assert_eq!((end.metrics.inserted, end.unsent.len()), (1, 0));
    assert!(recorder.record(event(1)).await.unwrap_err().is_closed());
}

#[tokio::test(start_paused = true)]
async fn shutdown_gives_back_what_it_can_not_send() {
    let ledger = Ledger::default();
    ledger.down(true);
    let recorder = recorder(&ledger).shutdown_deadline(10 * SECOND).start().unwrap();
    recorder.record(event(0)).await.unwrap();
    let end = timeout(11 * SECOND, recorder.shutdown()).await.unwrap();
    assert_eq!((end.metrics.pending, end.unsent.len()), (1, 1));

    // The next recorder can take them: they have their identifiers.
    ledger.down(false);
    let recorder = UsageRecorder::builder(&ledger.polar()).start().unwrap();
    for event in end.unsent {
        recorder.record(event).await.unwrap();
    }
    assert_eq!(recorder.shutdown().await.metrics.inserted, 1);
}

#[tokio::test(start_paused = true)]
async fn an_identifier_of_the_caller_is_kept() {
    let ledger = Ledger::default();
    let recorder = recorder(&ledger).start().unwrap();
    for _ in 0..2 {
        recorder.record(event("job").external_id("job-1")).await.unwrap();
    }
    recorder.record(UsageEvent::for_customer("job", Uuid::from_u128(7))).await.unwrap();
    let end = recorder.shutdown().await;
    assert!(ledger.stored().contains_key("job-1"));
    assert_eq!((end.metrics.inserted, end.metrics.duplicates), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn the_last_handle_ends_the_task_after_sending() {
    let ledger = Ledger::default();
    let recorder = recorder(&ledger).batch_interval(3600 * SECOND).start().unwrap();
    recorder.record(event(0)).await.unwrap();
    drop(recorder);
    sleep(SECOND).await;
    assert_eq!(ledger.stored().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn strategies_write_the_metadata_of_the_official_library() {
    let ledger = Ledger::default();
    let recorder = recorder(&ledger).start().unwrap();
    let output = recorder.record_elapsed(event("time"), sleep(1500 * Duration::from_millis(1))).await;
    assert!(output.is_ok());

    let mut reader = recorder.meter(&b"0123456789"[..], event("read"));
    let mut text = String::new();
    reader.read_to_string(&mut text).await.unwrap();
    assert_eq!((text.len(), reader.bytes()), (10, 10));
    reader.finish().await.unwrap();

    // A reader that is dropped halfway counts what was read.
    let mut dropped = recorder.meter(&b"0123456789"[..], event("dropped"));
    dropped.read_exact(&mut [0; 4]).await.unwrap();
    drop(dropped);

    let call = LlmCall::new("openai", "gpt-4o", 120, 480).cached_input_tokens(100).cost("0.25");
    recorder.record(event("llm").llm_call(call)).await.unwrap();
    recorder.shutdown().await;

    let metadata = |name: &str| {
        let stored = ledger.stored();
        stored.values().find(|event| event["name"] == name).map(|event| event["metadata"].clone()).unwrap()
    };
    assert_eq!(metadata("time"), json!({"pages": 3, "deltaTime": 1500.0, "strategy": "DeltaTime"}));
    assert_eq!(metadata("read"), json!({"pages": 3, "bytes": 10, "strategy": "Stream"}));
    assert_eq!(metadata("dropped")["bytes"], 4);
    assert_eq!(
        metadata("llm"),
        json!({
            "pages": 3, "inputTokens": 120, "cachedInputTokens": 100, "outputTokens": 480, "totalTokens": 600,
            "model": "gpt-4o", "provider": "openai", "strategy": "LLM",
            "_cost": {"amount": "0.25", "currency": "usd"},
            "_llm": {
                "vendor": "openai", "model": "gpt-4o", "input_tokens": 120, "cached_input_tokens": 100,
                "output_tokens": 480, "total_tokens": 600,
            },
        })
    );
}

#[tokio::test(start_paused = true)]
async fn random_faults_lose_nothing_and_count_nothing_twice() {
    let (mut stored, mut rejected, mut failed, mut duplicates) = (0, 0, 0, 0);
    for seed in 0..20 {
        let ledger = Ledger::default();
        ledger.chaos(Some(seed));
        ledger.reject("bad");
        let recorder = recorder(&ledger).batch_size(20).capacity(100).start().unwrap();
        for index in 0..1000 {
            let name = if index % 97 == 5 { "bad".to_owned() } else { index.to_string() };
            recorder.record(event(name)).await.unwrap();
        }
        recorder.flush().await;
        let metrics = recorder.metrics();
        let good: Vec<_> = (0..1000).filter(|index| index % 97 != 5).map(|index| index.to_string()).collect();
        let names = ledger.names();
        assert!(good.iter().all(|name| names.binary_search(name).is_ok()), "seed {seed}");
        assert_eq!((names.len(), metrics.sent, metrics.rejected), (good.len(), good.len() as u64, 11), "seed {seed}");
        assert_eq!(metrics.inserted + metrics.duplicates, metrics.sent, "seed {seed}");
        stored += names.len();
        rejected += metrics.rejected;
        failed += metrics.failed_requests;
        duplicates += metrics.duplicates;
    }
    println!("{stored} stored, {rejected} rejected, {failed} failed requests, {duplicates} duplicates recognized");
}
