//! Writes the YAML of the files in `spec/`.
//!
//! The style is fixed, so that a second import changes nothing: two spaces, lists not indented, lines broken after 100
//! columns, quotes only for texts that a YAML 1.1 or 1.2 parser would read as something else.

use serde_json::{Map, Value};

/// Column after which a long text continues on the next line.
const WIDTH: usize = 100;

/// Writes a document. The version in `info` is always in double quotes: unquoted it looks like a date.
#[must_use]
pub fn write(document: &Map<String, Value>) -> String {
    let mut writer = Writer { out: String::new(), column: 0 };
    writer.map(document, 0, true);
    writer.out
}

struct Writer {
    out: String,
    /// Characters in the current line.
    column: usize,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }

    /// Writes the entries of a map. The first one continues the current line if `continues` is set.
    fn entries(&mut self, map: &Map<String, Value>, indent: usize, continues: bool, is_document: bool) {
        for (index, (key, value)) in map.iter().enumerate() {
            if index > 0 || !continues {
                self.indent(indent);
            }
            self.push(&single_line(key));
            self.push(":");
            match value {
                Value::Object(map) if !map.is_empty() => {
                    self.line();
                    if is_document && key == "info" {
                        self.info(map, indent + 2)
                    } else {
                        self.map(map, indent + 2, false)
                    }
                }
                Value::Array(list) if !list.is_empty() => {
                    self.line();
                    self.list(list, indent, false);
                }
                scalar => {
                    self.push(" ");
                    self.scalar(scalar, indent + 2);
                    self.line();
                }
            }
        }
    }

    fn map(&mut self, map: &Map<String, Value>, indent: usize, is_document: bool) {
        self.entries(map, indent, false, is_document);
    }

    fn info(&mut self, info: &Map<String, Value>, indent: usize) {
        for (key, value) in info {
            match value {
                Value::String(version) if key == "version" => {
                    self.indent(indent);
                    self.push("version: ");
                    self.push(&double_quoted(version));
                    self.line();
                }
                value => self.map(&Map::from_iter([(key.clone(), value.clone())]), indent, false),
            }
        }
    }

    fn list(&mut self, list: &[Value], indent: usize, continues: bool) {
        for (index, value) in list.iter().enumerate() {
            if index > 0 || !continues {
                self.indent(indent);
            }
            self.push("- ");
            match value {
                Value::Object(map) if !map.is_empty() => self.entries(map, indent + 2, true, false),
                Value::Array(list) if !list.is_empty() => self.list(list, indent + 2, true),
                scalar => {
                    self.scalar(scalar, indent + 2);
                    self.line();
                }
            }
        }
    }

    /// Writes a value on one line. A long text continues at `indent`.
    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(_) => self.push("{}"),
            Value::Array(_) => self.push("[]"),
            Value::String(text) => self.text(text, indent),
            other => self.push(&other.to_string()),
        }
    }

    fn text(&mut self, text: &str, indent: usize) {
        match style(text) {
            Style::Plain => self.folded(text, indent),
            Style::Single => {
                self.push("'");
                self.folded(&text.replace('\'', "''"), indent);
                self.push("'");
            }
            Style::Double => self.push(&double_quoted(text)),
        }
    }

    /// A line break between two words is read as a space.
    fn folded(&mut self, text: &str, indent: usize) {
        let mut words = text.split(' ').peekable();
        while let Some(word) = words.next() {
            self.push(word);
            let Some(next) = words.peek() else { break };
            // Only a single space may become a line break.
            if self.column > WIDTH && !word.is_empty() && !next.is_empty() {
                self.line();
                self.indent(indent);
            } else {
                self.push(" ");
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
}

fn style(text: &str) -> Style {
    let is_printable = |c: char| !c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    if !text.chars().all(is_printable) {
        return Style::Double;
    }
    if is_indicator(text) || reads_as_other(text) { Style::Single } else { Style::Plain }
}

/// Returns whether a plain text would be read as structure, or lose something.
fn is_indicator(text: &str) -> bool {
    let mut characters = text.chars();
    let (Some(first), second) = (characters.next(), characters.next()) else { return true };
    "#,[]{}&*!|>'\"%@`".contains(first)
        || ("?:-".contains(first) && second.is_none_or(|c| c == ' '))
        || text.starts_with("---")
        || text.starts_with("...")
        || text.starts_with(' ')
        || text.ends_with([' ', ':'])
        || text.contains(": ")
        || text.contains(" #")
}

/// Returns whether a plain text would be read as null, a boolean, a number or a date.
fn reads_as_other(text: &str) -> bool {
    const WORDS: [&str; 9] = ["yes", "no", "true", "false", "on", "off", "null", "~", ""];
    let is_cased = |word: &str| {
        let capital = word.get(..1).map(|first| first.to_uppercase() + &word[1..]).unwrap_or_default();
        text == word || text == word.to_uppercase() || text == capital
    };
    WORDS.into_iter().any(is_cased) || matches!(text, "=" | "<<") || is_number(text) || is_date(text)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(digits.to_lowercase().as_str(), ".inf" | ".nan") {
        return true;
    }
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let of_base = |prefix: &str, base: u32| {
        plain.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_digit(base)))
    };
    let starts =
        plain.starts_with(|c: char| c.is_ascii_digit() || c == '.') && plain.contains(|c: char| c.is_ascii_digit());
    // YAML 1.1 reads `1:30` in base 60.
    let is_sexagesimal = || plain.contains(':') && plain.split(':').all(|part| part.parse::<f64>().is_ok());
    starts
        && (plain.parse::<f64>().is_ok()
            || is_sexagesimal()
            || of_base("0x", 16)
            || of_base("0b", 2)
            || of_base("0o", 8))
}

/// `2026-10-01`, with or without a time.
fn is_date(text: &str) -> bool {
    let Some(date) = text.get(..10) else { return false };
    let pattern = date.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    pattern && text[10..].chars().all(|c| c.is_ascii_digit() || "Tt :.Z+-".contains(c))
}

/// A key, which must not be broken.
fn single_line(text: &str) -> String {
    match style(text) {
        Style::Plain => text.to_owned(),
        Style::Single => format!("'{}'", text.replace('\'', "''")),
        Style::Double => double_quoted(text),
    }
}

fn double_quoted(text: &str) -> String {
    // The escapes of JSON are valid in YAML, too.
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

    use polar_codegen::document::read::read;
    use serde_json::{Value, json};

    use super::write;

    fn written(value: &Value) -> String {
        write(value.as_object().unwrap())
    }

    #[test]
    fn texts_are_quoted_only_if_they_must_be() {
        let value = json!({
            "plain": ["2026-10", "-created_at", "a:b", "uuid4", "^a[b]$", "it's", "x #y".replace(' ', "_"), "1.2.3"],
            "quoted": ["null", "NO", "1", "1.5", "0x1f", "2026-10-01", "", "#/a", "a: b", "a #b", "- a", " a", "*", "1:30"],
            "200": {},
            "line": "a\nb",
        });
        let expected = "plain:\n- 2026-10\n- -created_at\n- a:b\n- uuid4\n- ^a[b]$\n- it's\n- x_#y\n- 1.2.3\nquoted:\n- 'null'\n- 'NO'\n\
                        - '1'\n- '1.5'\n- '0x1f'\n- '2026-10-01'\n- ''\n- '#/a'\n- 'a: b'\n- 'a #b'\n- '- a'\n- ' a'\n- '*'\n- '1:30'\n\
                        '200': {}\nline: \"a\\nb\"\n";
        assert_eq!(written(&value), expected);
    }

    #[test]
    fn nested_lists_and_maps_read_back() {
        let value = json!({
            "info": {"title": "A", "version": "2026-10", "x": {"y": [1]}},
            "list": [[1, [2]], [{"a": {"b": []}}, {}], null, true, -1.0],
            "tab": "a\tb", "quote": "'a'", "both": "\"a': \u{2028}", "unicode": "ü",
            "deep": {"a": {"b": {"c": [{"d": "e", "f": [{"g": "h"}]}]}}},
        });
        let text = written(&value);
        assert!(
            text.starts_with(
                "info:\n  title: A\n  version: \"2026-10\"\n  x:\n    y:\n    - 1\nlist:\n- - 1\n  - - 2\n- - a:\n"
            ),
            "{text}"
        );
        assert_eq!(read("a.yaml", text.as_bytes()).unwrap(), value);
    }

    #[test]
    fn long_texts_break_after_a_hundred_columns() {
        let long = ["word"; 60].join(" ");
        let value = json!({"a": {"plain": long, "quoted": format!("# {long}"), "spaces": long.replace(' ', "  ")}});
        let text = written(&value);
        assert!(text.lines().take(3).all(|line| line.len() <= 106), "{text}");
        assert!(text.contains(" word\n    word "), "{text}");
        assert_eq!(read("a.yaml", text.as_bytes()).unwrap(), value);
    }
}
