//! Instances of every schema by an independent generator: decoded, encoded, compared, and validated by an independent
//! validator.

use std::collections::BTreeMap;
use std::path::Path;

use polar_testkit::dispatch::{DEFINITIONS, recode};
use polar_testkit::document::Document;
use polar_testkit::equal::{Rules, difference};
use serde_json::{Value, json};

use crate::Report;
use crate::tool;

const SCRIPT: &str = "instances.mjs";

/// Kinds of instances as named by the script, with their descriptions.
const PROFILES: [(&str, &str); 7] = [
    ("least", "all that is optional left out"),
    ("most", "everything there"),
    ("nulls", "null wherever that is allowed"),
    ("empty", "empty lists"),
    ("edges", "bounds, odd texts and keys"),
    ("random", "at random"),
    ("members", "each member of a union, each value of an enumeration"),
];

#[derive(Default)]
struct Tally {
    tried: usize,
    decoded: usize,
    same: usize,
    valid: usize,
}

pub(crate) fn run(document: &Document) -> Result<Report, String> {
    let scratch = tool::scratch()?;
    let mut problems = Vec::new();
    let mut types = Vec::new();
    for definition in DEFINITIONS {
        match document.definition(definition) {
            Some(schema) => types.push(json!({"name": definition.name, "schema": schema})),
            None => problems.push(format!("{}: no schema at {}", definition.name, definition.pointer)),
        }
    }
    tool::write(&scratch.path().join("document.json"), document.at("").to_string().as_bytes())?;
    tool::write(&scratch.path().join("types.json"), Value::from(types).to_string().as_bytes())?;
    script("make", scratch.path())?;

    let mut tallies: BTreeMap<&str, Tally> = PROFILES.iter().map(|(name, _)| (*name, Tally::default())).collect();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut refused = 0;
    let constants = document.optional_constants();
    let told_by_parent = document.told_by_parent();
    let mut recoded = String::new();
    for line in tool::lines(&scratch.path().join("instances.jsonl"))? {
        let (name, profile) = (text(&line, "name"), text(&line, "profile"));
        let definition = DEFINITIONS.iter().find(|definition| definition.name == name);
        let definition = definition.ok_or_else(|| format!("{SCRIPT} made an instance of `{name}`"))?;
        let tally = tallies.get_mut(profile).ok_or_else(|| format!("{SCRIPT} has a profile `{profile}`"))?;
        if line["taken"] != true {
            refused += 1;
            continue;
        }
        *seen.entry(definition.name).or_default() += 1;
        tally.tried += 1;
        let came = &line["value"];
        let went = match recode(name, &came.to_string()) {
            // The generators do not know tags outside of a union: its value may have the properties of another variant.
            Ok(again) if !again.kept.iter().all(|kept| told_by_parent.contains(kept.of.as_str())) => {
                problems.push(format!("{name} ({profile}) is decoded, in part as something unknown\n  {came}"));
                again.value
            }
            Ok(again) => again.value,
            Err(error) => {
                problems.push(format!("{name} ({profile}) is not decoded: {error}\n  {came}"));
                continue;
            }
        };
        tally.decoded += 1;
        let rules = Rules { nulls_merge: !definition.sent, constants: &constants, ..Rules::default() };
        match difference(came, &went, rules) {
            Some(difference) => problems.push(format!("{name} ({profile}) is lossy: {difference}\n  {came}")),
            None => tally.same += 1,
        }
        tally.valid += 1;
        recoded.push_str(&format!("{}\n", json!({"name": name, "profile": profile, "value": went})));
    }
    tool::write(&scratch.path().join("recoded.jsonl"), recoded.as_bytes())?;
    script("validate", scratch.path())?;
    for line in tool::lines(&scratch.path().join("refused.jsonl"))? {
        let (name, profile) = (text(&line, "name"), text(&line, "profile"));
        problems
            .push(format!("{name} ({profile}) is invalid when written again: {}\n  {}", line["why"], line["value"]));
        tallies
            .entry(PROFILES.iter().find(|(known, _)| *known == profile).map_or("", |(known, _)| known))
            .or_default()
            .valid -= 1;
    }
    for definition in DEFINITIONS {
        if !seen.contains_key(definition.name) {
            problems.push(format!("{}: no valid instance was made", definition.name));
        }
    }
    Ok(Report { section: section(&tallies, &seen, refused, &problems)?, problems })
}

fn text<'a>(line: &'a Value, name: &str) -> &'a str {
    line[name].as_str().unwrap_or_default()
}

fn script(action: &str, directory: &Path) -> Result<(), String> {
    let directory = directory.to_str().ok_or("the temporary directory has no name in Unicode")?;
    tool::run(Path::new("node"), &[SCRIPT, action, directory]).map(|_| ())
}

fn section(
    tallies: &BTreeMap<&str, Tally>,
    seen: &BTreeMap<&str, usize>,
    refused: usize,
    problems: &[String],
) -> Result<String, String> {
    let row = |words: &str, tally: &Tally| {
        format!("| {words} | {} | {} | {} | {} |\n", tally.tried, tally.decoded, tally.same, tally.valid)
    };
    let total = tallies.values().fold(Tally::default(), |sum, tally| Tally {
        tried: sum.tried + tally.tried,
        decoded: sum.decoded + tally.decoded,
        same: sum.same + tally.same,
        valid: sum.valid + tally.valid,
    });
    let rows: String = PROFILES.iter().filter_map(|(name, words)| Some(row(words, tallies.get(name)?))).collect();
    let (least, most) = (seen.values().min().unwrap_or(&0), seen.values().max().unwrap_or(&0));
    let each: Vec<String> = seen.iter().map(|(name, count)| format!("`{name}` {count}")).collect();
    let each = each.join(", ");
    Ok(format!(
        "`json-schema-faker` {} makes instances of the schema of each of the {} types, with fixed seeds; `ajv` {}, with \
         `ajv-formats` {}, says which of them are valid: {} are, between {least} and {most} for each type, and {refused} \
         are left out. Each valid one is decoded, encoded, compared with what it was, and validated by `ajv` again.\n\n\
         | instances | tried | decoded | came back the same | valid again |\n|---|---|---|---|---|\n{rows}{}\n\
         Problems: {}.\n\n<details><summary>Instances of each type</summary>\n\n{each}\n\n</details>\n",
        tool::npm_version("json-schema-faker")?,
        DEFINITIONS.len(),
        tool::npm_version("ajv")?,
        tool::npm_version("ajv-formats")?,
        total.tried,
        row("**all**", &total),
        problems.len(),
    ))
}
