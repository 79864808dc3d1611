//! `cargo xtask docs`

mod wording;

use std::fs;
use std::path::Path;

use polar_codegen::descriptions::{self, Descriptions, Entry, Report, Subject, Text};
use polar_codegen::{Diagnostic, Diagnostics, Input};

use crate::cli;
use crate::error::CommandError;
use crate::generation::{Inputs, root, shown};
use crate::table::columns;
use wording::Phrases;

/// Phrases that any text about the field may contain, one a line; `#` begins a comment.
const ALLOWED: &str = "spec/docs/allowed-phrases.txt";

/// Most entries that share a text.
const SHARED: usize = 8;

pub(crate) fn run(options: &cli::Docs) -> Result<String, CommandError> {
    let official = options.official.as_deref().map(Official::read).transpose()?.unwrap_or_default();
    let (report, found) = Inputs::find(&options.input).read(|input| review(input, &official))?;
    let mut lines: Vec<_> = report.entries.iter().filter(|entry| entry.text.is_none()).map(missing).collect();
    lines.extend(found.iter().map(located));
    let mut text = totals(&report.entries);
    match &options.official {
        Some(_) if official.phrases.is_some() => {}
        Some(missing) => text.push_str(&format!("\nskipped: the directory {} does not exist\n", missing.display())),
        None => text.push_str("\nskipped: the comparison with official documents: name them with --official DIR\n"),
    }
    if lines.is_empty() {
        return Ok(text);
    }
    let message = format!(
        "the descriptions are incomplete or wrong ({}):\n{}\n{}",
        lines.len(),
        lines.join("\n"),
        text.trim_end()
    );
    Err(CommandError::new(message, "edit the files in spec/docs and run `cargo xtask docs` again"))
}

/// The phrases of the official documents. Without the documents there are none.
#[derive(Default)]
struct Official {
    phrases: Option<Phrases>,
}

impl Official {
    fn read(folder: &Path) -> Result<Self, CommandError> {
        if !folder.is_dir() {
            return Ok(Self { phrases: None });
        }
        let failed =
            |error| CommandError::file("read the directory", folder, &error, "name another one with --official DIR");
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(failed)?;
        let mut phrases = Phrases::new(&fs::read_to_string(root().join(ALLOWED)).unwrap_or_default());
        for path in entries.into_iter().map(|entry| entry.path()) {
            if path.extension().is_some_and(|extension| extension == "json") {
                let read = |path: &Path| Ok(serde_json::from_slice(&fs::read(path)?)?);
                let document = read(&path).map_err(|error| {
                    CommandError::file("read the document", &path, &error, "leave only OpenAPI documents in the folder")
                })?;
                phrases.learn(&document);
            }
        }
        Ok(Self { phrases: Some(phrases) })
    }
}

/// Returns which items have a description, and everything that is wrong with the texts.
fn review(input: &Input<'_>, official: &Official) -> Result<(Report, Diagnostics), Diagnostics> {
    let report = polar_codegen::described(input)?;
    let read = descriptions::read(input.docs).map_err(|errors| Diagnostics::default().and(errors))?;
    let mut found = report.stale.clone();
    found.extend(fillers(&read));
    found.extend(repeated(&read));
    found.extend(official.phrases.iter().flat_map(|phrases| copied(&read, phrases)));
    Ok((report, found))
}

/// Texts that only repeat the name of their item.
fn fillers(read: &Descriptions<'_>) -> Vec<Diagnostic> {
    let filler = |path: &[String], text: &Text| {
        let name = match path {
            [.., name, keyword] if ["summary", "description"].contains(&keyword.as_str()) => name,
            [.., name] => name,
            [] => return None,
        };
        let message = || format!("the text of `{name}` only repeats the name: {}", text.text);
        wording::is_filler(name, &text.text).then(|| read.error(text.file, path, message()))
    };
    let described = read.texts.iter().filter(|(path, _)| !is_value(path) && !is_explained(read, path));
    described.filter_map(|(path, text)| filler(path, text)).collect()
}

/// Values often need no other words: `monthly`, `Europe/Paris`.
fn is_value(path: &[String]) -> bool {
    matches!(path, [_, _, group, _] if group == "values")
}

/// A summary may be short if a description follows it.
fn is_explained(read: &Descriptions<'_>, path: &[String]) -> bool {
    let [section, id, keyword] = path else { return false };
    let description = [section, id, "description"].map(str::to_owned);
    keyword == "summary" && read.texts.contains_key(description.as_slice())
}

/// Texts that so many entries share that they are too general.
fn repeated(read: &Descriptions<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (text, count) in wording::counts(read.texts.values().map(|text| text.text.as_str())) {
        let first = read.texts.iter().find(|(path, other)| other.text == text && !is_value(path));
        if let Some((path, written)) = first.filter(|_| count > SHARED) {
            found.push(read.error(written.file, path, format!("{count} entries share one text: {text}")));
        }
    }
    found
}

/// Texts that repeat a part of the official documents.
fn copied(read: &Descriptions<'_>, phrases: &Phrases) -> Vec<Diagnostic> {
    let copied = |(path, text): (&Vec<String>, &Text)| {
        let phrase = phrases.shared(&text.text)?;
        Some(read.error(text.file, path, format!("the official documents contain this, too: {phrase}")))
    };
    read.texts.iter().filter_map(copied).collect()
}

/// A line about an item without a description.
pub(crate) fn missing(entry: &Entry) -> String {
    let Entry { subject, key, name, .. } = entry;
    match name {
        Some(name) => format!("  {subject} `{name}` of `{key}` has no description"),
        None => format!("  {subject} `{key}` has no description"),
    }
}

/// A line about a problem of a text.
pub(crate) fn located(diagnostic: &Diagnostic) -> String {
    let position = diagnostic.position.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
    format!("  {}{position}: {}", shown(Path::new(&diagnostic.file)), diagnostic.message)
}

/// How much of each kind has a description.
fn totals(entries: &[Entry]) -> String {
    let row = |subject: Subject| {
        let all: Vec<_> = entries.iter().filter(|entry| entry.subject == subject).collect();
        let described = all.iter().filter(|entry| entry.text.is_some()).count();
        [subject.plural().to_owned(), format!("{described} of {}", all.len())]
    };
    format!("described\n{}", columns(&Subject::ALL.map(row).map(|[name, count]| [format!("  {name}"), count])))
}
