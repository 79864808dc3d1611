//! JSONPaths as segments, as far as overlays use them.

use std::fmt;

use serde_json::Value;
use serde_json_path::JsonPath;

/// A JSONPath (RFC 9535).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<Segment>);

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// One name, or one of several.
    Names(Vec<String>),
    /// Anything else, as written: a wildcard, an index, a filter.
    Other(String),
}

impl Path {
    /// Parses a path. An invalid path gives segments that match nothing.
    pub(super) fn parse(text: &str) -> Self {
        let mut segments = Vec::new();
        let mut rest = text.strip_prefix('$').unwrap_or(text);
        while !rest.is_empty() {
            let end = segment_end(rest);
            let (segment, after) = rest.split_at(end);
            segments.push(Segment::parse(segment));
            rest = after;
        }
        Self(segments)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn segment(&self, index: usize) -> Option<&Segment> {
        self.0.get(index)
    }

    /// The path of the first segments.
    pub(super) fn first(&self, count: usize) -> Self {
        Self(self.0.iter().take(count).cloned().collect())
    }

    /// The path with another name in place of a segment.
    pub(super) fn with_name(&self, index: usize, name: &str) -> Self {
        let mut path = self.clone();
        if let Some(segment) = path.0.get_mut(index) {
            *segment = Segment::Names(vec![name.to_owned()]);
        }
        path
    }

    /// One path for each name, if a segment has several.
    pub(super) fn alternatives(&self) -> Vec<Self> {
        let several = self.0.iter().position(|segment| matches!(segment, Segment::Names(names) if names.len() > 1));
        match several.and_then(|index| Some((index, self.0.get(index)?))) {
            Some((index, Segment::Names(names))) => {
                names.iter().flat_map(|name| self.with_name(index, name).alternatives()).collect()
            }
            _ => vec![self.clone()],
        }
    }

    /// Returns whether it matches anything.
    pub(super) fn exists(&self, document: &Value) -> bool {
        JsonPath::parse(&self.to_string()).is_ok_and(|path| !path.query(document).is_empty())
    }

    /// Returns the keys of the matched objects.
    pub(super) fn keys(&self, document: &Value) -> Vec<String> {
        let Ok(path) = JsonPath::parse(&self.to_string()) else { return Vec::new() };
        let nodes = path.query(document);
        let mut keys: Vec<String> =
            nodes.iter().filter_map(|node| node.as_object()).flat_map(|object| object.keys().cloned()).collect();
        keys.sort();
        keys.dedup();
        keys
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        let other = || Self::Other(text.to_owned());
        if let Some(name) = text.strip_prefix('.').filter(|name| !name.starts_with('.') && *name != "*") {
            return Self::Names(vec![name.to_owned()]);
        }
        let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) else { return other() };
        quoted_names(inner).map_or_else(other, Self::Names)
    }
}

/// `'a', "b"`
fn quoted_names(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text.trim();
    loop {
        let quote = rest.chars().next().filter(|character| "'\"".contains(*character))?;
        let mut name = String::new();
        let mut characters = rest.char_indices().skip(1);
        let end = loop {
            let (index, character) = characters.next()?;
            match character {
                '\\' => name.push(characters.next()?.1),
                character if character == quote => break index,
                character => name.push(character),
            }
        };
        names.push(name);
        rest = rest.get(end + 1..)?.trim_start();
        if rest.is_empty() {
            return Some(names);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

/// Returns the end of the segment at the start of a text.
fn segment_end(text: &str) -> usize {
    if text.starts_with('[') {
        return bracket_end(text);
    }
    let start = text.len() - text.trim_start_matches('.').len();
    // `..[` continues with a bracket.
    if text[start..].starts_with('[') {
        return start + bracket_end(&text[start..]);
    }
    text[start..].find(['.', '[']).map_or(text.len(), |length| start + length).max(1)
}

fn bracket_end(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut characters = text.char_indices();
    while let Some((index, character)) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => {
                characters.next();
            }
            (Some(open), character) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, '[') => depth += 1,
            (None, ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.0.iter().try_for_each(|segment| segment.fmt(f))
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |name: &String| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let quoted = |name: &String| format!("'{}'", name.replace('\\', "\\\\").replace('\'', "\\'"));
        match self {
            Self::Names(names) => match names.as_slice() {
                [name] if is_plain(name) => write!(f, ".{name}"),
                names => write!(f, "[{}]", names.iter().map(quoted).collect::<Vec<_>>().join(", ")),
            },
            Self::Other(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn paths_are_written_as_they_were_read() {
        for text in [
            "$",
            "$.components.schemas.Order",
            "$.paths['/v1/orders/{id}'].get.responses['200']",
            "$.components.schemas['A', 'B'].properties",
            "$.paths.*.*.parameters[?@.name == 'a[b]'].schema",
            "$..['a', 'b'][0]",
            "$.a['it\\'s']",
        ] {
            assert_eq!(Path::parse(text).to_string(), text);
        }
    }

    #[test]
    fn several_names_are_several_paths() {
        let paths: Vec<_> =
            Path::parse("$.a['b', 'c'].d['e', 'f']").alternatives().iter().map(ToString::to_string).collect();
        assert_eq!(paths, ["$.a.b.d.e", "$.a.b.d.f", "$.a.c.d.e", "$.a.c.d.f"]);
    }
}
