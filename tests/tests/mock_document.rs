//! The document that `polar-mock` compiles in.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::path::Path;
use std::{env, fs};

use polar_testkit::document::Document;
use polar_testkit::projection::text;

/// Refreshed like a snapshot: `INSTA_UPDATE=always cargo test -p polar-tests --test mock_document`.
#[test]
fn the_mock_server_has_the_document_of_the_client() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mock/src/document.json");
    let expected = text(&Document::load().unwrap());
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &expected).unwrap();
    }
    let message = "mock/src/document.json is out of date: run `INSTA_UPDATE=always cargo test -p polar-tests --test mock_document`";
    assert!(fs::read_to_string(&path).unwrap_or_default() == expected, "{message}");
}
