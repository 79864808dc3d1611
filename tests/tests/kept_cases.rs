//! Instances that once were decoded wrongly.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::fs;
use std::path::Path;

use polar_testkit::dispatch::recode;
use polar_testkit::equal::{Rules, difference};
use polar_testkit::outline::outline;
use polar_testkit::policy::Refusal;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "type")]
    name: String,
    /// What was wrong.
    why: String,
    /// The decoded value. Absent is the same as null.
    #[serde(default)]
    came: Value,
    /// The encoded value; if absent, the original one.
    went: Option<Value>,
    /// Names of types in the result.
    #[serde(default)]
    shows: Vec<String>,
    /// The tag of the unknown variant. Without it everything has to be known.
    unknown: Option<String>,
    /// The text of the error, if one is expected.
    refused: Option<Refused>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    place: String,
    names: Vec<String>,
}

/// Returns what is wrong with the result of a case.
fn fault(case: Case) -> Option<String> {
    let again = recode(&case.name, &case.came.to_string());
    if let Some(Refused { place, names }) = case.refused {
        let refusal = Refusal { place, below: true, names };
        return match again {
            Ok(again) => Some(format!("is read: {:?}", outline(&again.shown))),
            Err(error) => (!refusal.is_told_by(&error)).then_some(error),
        };
    }
    let again = match again {
        Ok(again) => again,
        Err(error) => return Some(error),
    };
    let outline = outline(&again.shown);
    let shows = case.shows.iter().all(|name| outline.contains(&name.as_str()));
    let unknown = match &case.unknown {
        Some(tag) => again.unknown().eq([Some(&**tag)]),
        None => again.unknown().next().is_none(),
    };
    let rules = Rules { nulls_merge: true, nulls_appear: true, constants: &[] };
    let wrong = (!shows || !unknown).then(|| format!("is read: {outline:?}"));
    wrong.or_else(|| difference(&case.went.unwrap_or(case.came), &again.value, rules))
}

#[test]
fn what_was_mended_stays_mended() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cases");
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 20);
    let mut faults = Vec::new();
    for file in files {
        let case: Case = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap_or_else(|e| panic!("{file:?}: {e}"));
        let why = case.why.clone();
        let name = file.file_stem().unwrap_or_default().display().to_string();
        faults.extend(fault(case).map(|fault| format!("{name}: {why}\n  {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
