//! Recordings of the real server and payloads after public reports: sent, decoded, encoded again and compared.

use std::collections::BTreeMap;
use std::path::Path;

use polar_testkit::cases::{Became, Case, check_case};
use polar_testkit::document::Document;
use polar_testkit::recordings::{Recording, Summary, Tally};

use crate::Report;

/// Runs on a directory of recordings and on one of cases.
pub(crate) fn run(document: &Document, recordings: &Path, cases_folder: &Path) -> Result<Report, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("can't start tokio: {error}"))?;
    let recordings = Recording::read_all(recordings)?;
    let mut summary = runtime.block_on(Summary::of(&recordings))?;
    let mut cases = Cases::default();
    for case in Case::read_all(cases_folder)? {
        match runtime.block_on(check_case(document, cases_folder, &case)) {
            Ok(became) => cases.count(case, became),
            Err(why) => {
                cases.unexpected += 1;
                summary.problems.push(format!("{}: {why}", case.file));
            }
        }
    }
    Ok(Report { section: section(&summary, &cases), problems: summary.problems })
}

/// The results of the cases.
#[derive(Default)]
struct Cases {
    equal: usize,
    undeclared: usize,
    unknown: usize,
    rejected: BTreeMap<String, String>,
    errors: usize,
    unexpected: usize,
}

impl Cases {
    fn count(&mut self, case: Case, became: Became) {
        match became {
            Became::Equal => self.equal += 1,
            Became::Undeclared => self.undeclared += 1,
            Became::Unknown => self.unknown += 1,
            Became::Rejected(why) => drop(self.rejected.insert(case.file, why)),
            Became::Error => self.errors += 1,
        }
    }

    fn row(&self) -> String {
        let Self { equal, undeclared, unknown, rejected, errors, unexpected } = self;
        let rejected = rejected.len();
        let all = equal + undeclared + unknown + rejected + errors + unexpected;
        format!("| {all} | {equal} | {undeclared} | {unknown} | {rejected} | {errors} | {unexpected} |\n")
    }
}

fn section(summary: &Summary, cases: &Cases) -> String {
    let row = |words: &str, tally: Tally| {
        let Tally { played, equal, undeclared, unknown, failed } = tally;
        format!("| {words} | {played} | {equal} | {undeclared} | {unknown} | {failed} |\n")
    };
    let not_sent = summary.not_sent.iter();
    let not_sent: String = not_sent
        .map(|(operation, (count, reason))| format!(" {count} of `{operation}` are not sent: {reason}"))
        .collect();
    let requests = summary.sent + summary.refused + summary.not_sent.values().map(|(count, _)| count).sum::<usize>();
    format!(
        "Recordings are answers and webhooks of the real server of August 2026. Each is played to the client, which calls \
         the operation with the recorded arguments, or verifies the webhook; it is decoded as the type of its operation \
         and status, encoded and compared. \"As of 2026-10\" adds the members that 2026-10 requires and that server did not send \
         yet.\n\n\
         | recordings | played | equal | equal but for undeclared properties | with unknown values | failed |\n\
         |---|---|---|---|---|---|\n{}{}\n\
         Of {requests} recorded requests, the client sends {} with the same method, path, query and body. {} have \
         arguments that the types of the crate do not admit, and the API refuses them too.{not_sent} Left out, because \
         the document has no such operation: {}.\n\n\
         Payloads after public reports, each with an expectation:\n\n\
         | payloads | equal | equal but for undeclared properties | with unknown values | rejected as expected | error bodies read as expected | not as expected |\n\
         |---|---|---|---|---|---|---|\n{}\n\
         Problems: {}.\n{}{}{}{}",
        row("as recorded", summary.raw),
        row("as of 2026-10", summary.newer),
        summary.sent,
        summary.refused,
        list(summary.left_out.iter()),
        cases.row(),
        summary.problems.len(),
        unknown(summary),
        undeclared(summary),
        failed("Recordings that fail as recorded", "recording", &summary.failed),
        failed("Payloads that are rejected as expected", "payload", &cases.rejected),
    )
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn details(summary: &str, head: &str, rows: String) -> String {
    let columns = head.matches('|').count() - 1;
    format!("\n<details><summary>{summary}</summary>\n\n{head}\n|{}\n{rows}\n</details>\n", "---|".repeat(columns))
}

fn unknown(summary: &Summary) -> String {
    let rows = summary.unknown.iter().map(|((path, value), (names, reason))| {
        let place = if path.is_empty() { "error body".to_owned() } else { format!("`{path}`") };
        let value = value.as_ref().map_or_else(|| "none".to_owned(), |value| format!("`{value}`"));
        format!("| {place} | {value} | {} | {reason} |\n", list(names.iter()))
    });
    details("Unknown values", "| place | value or tag | recordings | reason |", rows.collect())
}

fn undeclared(summary: &Summary) -> String {
    let rows = summary.undeclared.iter().map(|(name, properties)| {
        let listed: Vec<_> = properties.iter().map(|(property, (count, _))| format!("`{property}` {count}")).collect();
        let example = properties.values().next().map(|(_, path)| path.as_str()).unwrap_or_default();
        format!("| `{name}` | {} | `{example}` |\n", listed.join(", "))
    });
    let head = "| type | properties, each with the number of recordings | path in one of them |";
    details("Undeclared properties", head, rows.collect())
}

fn failed(summary: &str, what: &str, failed: &BTreeMap<String, String>) -> String {
    let rows = failed.iter().map(|(name, why)| {
        let start = ["at `", "missing field", "invalid type"].iter().filter_map(|sign| why.find(sign)).min();
        let why = why.get(start.unwrap_or_default()..).unwrap_or(why);
        format!("| `{name}` | {} |\n", without_excerpt(why).replace('|', "\\|"))
    });
    details(summary, &format!("| {what} | error |"), rows.collect())
}

/// An error without the value that was found, which is data of others.
fn without_excerpt(why: &str) -> String {
    match why.split_once(" (found ") {
        Some((before, rest)) => format!("{before}{}", rest.split_once(')').map_or("", |(_, after)| after)),
        None => why.to_owned(),
    }
}
