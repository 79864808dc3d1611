//! Recordings of the real server, replayed with the client.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a failing test may panic, and one without data says so")]

use polar_testkit::cases::{Case, check_case};
use polar_testkit::document::Document;
use polar_testkit::recordings::{Recording, Summary, folder};

#[tokio::test]
async fn every_recording_is_sent_and_read_as_recorded() {
    let Some(folder) = folder("recordings") else {
        println!("skipped: no ../shared/recordings");
        return;
    };
    let recordings = Recording::read_all(&folder).unwrap();
    assert!(!recordings.is_empty());
    let summary = Summary::of(&recordings).await.unwrap();
    let problems = &summary.problems;
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    assert_eq!(summary.newer.failed, 0);
}

#[tokio::test]
async fn every_reported_payload_is_taken_as_expected() {
    let Some(folder) = folder("cases") else {
        println!("skipped: no ../shared/cases");
        return;
    };
    let document = Document::load().unwrap();
    let mut problems = Vec::new();
    for case in Case::read_all(&folder).unwrap() {
        problems.extend(check_case(&document, &folder, &case).await.err().map(|why| format!("{}: {why}", case.file)));
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
