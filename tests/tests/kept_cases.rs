//! Instances that once were read wrongly.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::path::Path;

use polar_tests::driver::recode;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "type")]
    name: String,
    /// What was wrong.
    why: String,
    came: Value,
    went: Value,
}

#[test]
fn what_was_mended_stays_mended() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cases");
    let files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty());
    for file in files {
        let case: Case = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let again = recode(&case.name, &case.came.to_string()).unwrap();
        assert!(again.is_known(), "{}: {}", file.display(), case.why);
        assert_eq!(again.value, case.went, "{}: {}", file.display(), case.why);
    }
}
