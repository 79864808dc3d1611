//! A recorder whose disk is full.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use polar_client::Polar;
use polar_client::mock::{MockTransport, Reply};
use polar_client::serde_json::{Value, json};

use super::queue::Queue;
use super::spool::{CreateFile, SegmentFile, Spool};
use super::{SpoolOptions, UsageEvent, UsageRecorder};

/// A file on a disk that holds `limit` bytes: a write stops halfway and fails, as it does if the disk is full.
struct Quota {
    file: File,
    directory: PathBuf,
    limit: u64,
}

impl Write for Quota {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let files = std::fs::read_dir(&self.directory)?;
        let used: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
        let left = usize::try_from(self.limit.saturating_sub(used)).unwrap();
        if left == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.write(&bytes[..left.min(bytes.len())])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SegmentFile for Quota {
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
}

fn quota(directory: &Path, limit: u64) -> CreateFile {
    let directory = directory.to_owned();
    Arc::new(move |path| {
        let file = OpenOptions::new().append(true).create_new(true).open(path)?;
        Ok(Box::new(Quota { file, directory: directory.clone(), limit }))
    })
}

fn event(index: u32) -> UsageEvent {
    UsageEvent::for_external_customer(format!("event {index}"), "ada")
}

#[tokio::test]
async fn a_full_disk_refuses_events_until_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let mock = MockTransport::new();
    let polar = Polar::builder().access_token("polar_oat_test").transport(mock.clone()).build().unwrap();
    let (spool, _) = Spool::open_with(SpoolOptions::new(directory.path()), quota(directory.path(), 2000)).unwrap();
    let recorder =
        UsageRecorder::builder(&polar).batch_interval(Duration::from_secs(3600)).start_with(Queue::Disk(spool), 0);

    let mut taken = 0;
    let error = loop {
        match recorder.record(event(taken)).await {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(taken > 3 && error.is_spool());
    assert_eq!(error.to_string(), "the event was not written to the spool: no storage space");
    let refused = error.into_event();
    assert!(recorder.record(refused.clone()).await.unwrap_err().is_spool(), "it stays full");

    // The server takes what is on disk, which frees the space; then the refused event fits.
    mock.on("events:ingest", Reply::json(200, &json!({"inserted": taken, "duplicates": 0})));
    mock.on("events:ingest", Reply::json(200, &json!({"inserted": 1, "duplicates": 0})));
    recorder.flush().await;
    recorder.record(refused).await.unwrap();
    let end = recorder.shutdown().await;
    assert_eq!((end.metrics.sent, end.metrics.pending), (u64::from(taken) + 1, 0));
    let sent = mock.sent();
    let names = |index: usize| {
        let body: Value = sent[index].json().unwrap();
        body["events"].as_array().unwrap().iter().map(|event| event["name"].clone()).collect::<Vec<_>>()
    };
    let expected: Vec<_> = (0..taken).map(|index| json!(format!("event {index}"))).collect();
    assert_eq!((names(0), names(1)), (expected, vec![json!(format!("event {taken}"))]));
}

#[tokio::test]
async fn the_limit_of_a_spool_is_backpressure() {
    let directory = tempfile::tempdir().unwrap();
    let mock = MockTransport::new();
    mock.on("events:ingest", Reply::json(200, &json!({"inserted": 1, "duplicates": 0})));
    let polar = Polar::builder().access_token("polar_oat_test").transport(mock).build().unwrap();
    let options = SpoolOptions::new(directory.path()).max_bytes(400).sync(true);
    let recorder =
        UsageRecorder::builder(&polar).batch_interval(Duration::from_secs(3600)).spool(options).start().unwrap();
    let mut taken = 0;
    while recorder.try_record(event(taken)).is_ok() {
        taken += 1;
    }
    assert!(taken >= 1 && recorder.metrics().dropped == 1);
    let waiting = tokio::spawn({
        let recorder = recorder.clone();
        async move { recorder.record(event(9)).await }
    });
    recorder.flush().await;
    waiting.await.unwrap().unwrap();
    assert_eq!(recorder.shutdown().await.metrics.sent, u64::from(taken) + 1);
}
