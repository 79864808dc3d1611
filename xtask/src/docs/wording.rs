//! Checks of texts that do not depend on their meaning.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use polar_codegen::words::{self, singular};
use serde_json::Value;

/// Number of consecutive words that two texts have in common only if one was copied.
const SHARED_WORDS: usize = 12;

/// Shorter texts may be shared by any number of entries.
const SHORT_CHARS: usize = 25;

/// Words without information.
const EMPTY_WORDS: &[&str] = &["a", "an", "the", "of", "this", "that", "its", "is", "to", "s"];

/// Returns whether all words of a text are in the name.
pub(super) fn is_filler(name: &str, text: &str) -> bool {
    let name: BTreeSet<_> = words::split(name).iter().map(|word| singular(&word.to_lowercase())).collect();
    let said = words_of(text).into_iter().filter(|word| !EMPTY_WORDS.contains(&word.as_str()));
    said.map(|word| singular(&word)).all(|word| name.contains(&word))
}

/// Counts the uses of each text that is long enough.
pub(super) fn counts<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for text in texts.filter(|text| text.chars().count() > SHORT_CHARS) {
        *counts.entry(text).or_default() += 1;
    }
    counts
}

/// Lower-case words.
fn words_of(text: &str) -> Vec<String> {
    let is_inside = |c: char| c.is_alphanumeric() || c == '_' || c == '\'';
    text.to_lowercase().split(|c| !is_inside(c)).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// All phrases of some texts, and the allowed ones.
pub(super) struct Phrases {
    known: HashSet<String>,
    allowed: Vec<String>,
}

impl Phrases {
    /// Creates it without texts. `allowed` has one phrase per line.
    pub(super) fn new(allowed: &str) -> Self {
        let lines = allowed.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self { known: HashSet::new(), allowed: lines.map(|line| words_of(line).join(" ")).collect() }
    }

    /// Adds the texts of an OpenAPI document.
    pub(super) fn learn(&mut self, document: &Value) {
        match document {
            Value::Object(members) => {
                for (name, value) in members {
                    match value {
                        Value::String(text) if ["description", "summary", "title"].contains(&name.as_str()) => {
                            self.known.extend(words_of(text).windows(SHARED_WORDS).map(|words| words.join(" ")));
                        }
                        value => self.learn(value),
                    }
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.learn(element)),
            _ => {}
        }
    }

    /// Returns the first phrase of a text that is known and not allowed.
    pub(super) fn shared(&self, text: &str) -> Option<String> {
        let words = words_of(text);
        let phrases = words.windows(SHARED_WORDS).map(|words| words.join(" "));
        let is_allowed = |phrase: &str| self.allowed.iter().any(|allowed| phrase.contains(allowed.as_str()));
        phrases.into_iter().find(|phrase| self.known.contains(phrase) && !is_allowed(phrase))
    }
}
