//! Code as text with a fixed layout: a list is written on one line if it fits, and otherwise with one line for each
//! item.
//!
//! The codec of types consists of macro calls, which prettyplease does not format.

/// Maximum length of a line.
const WIDTH: usize = 116;

/// A piece of an expression.
pub(super) enum Code {
    /// A text on one line.
    Text(String),
    /// Items between an opening and a closing text.
    List(String, Vec<Code>, String),
}

impl Code {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// `(...)`
    pub(super) fn tuple(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List("(".to_owned(), items.into_iter().collect(), ")".to_owned())
    }

    /// `&[...]`
    pub(super) fn array(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List("&[".to_owned(), items.into_iter().collect(), "]".to_owned())
    }

    /// A name and its value, as in a struct expression.
    pub(super) fn named(name: &str, value: Self) -> Self {
        match value {
            Self::Text(text) => Self::Text(format!("{name}: {text}")),
            Self::List(open, items, close) => Self::List(format!("{name}: {open}"), items, close),
        }
    }

    /// A value after a text, as in `Some(value)`.
    pub(super) fn call(function: &str, argument: Self) -> Self {
        match argument {
            Self::Text(text) => Self::Text(format!("{function}({text})")),
            Self::List(open, items, close) => Self::List(format!("{function}({open}"), items, format!("{close})")),
        }
    }

    /// `&value`
    pub(super) fn referenced(self) -> Self {
        match self {
            Self::Text(text) => Self::Text(format!("&{text}")),
            Self::List(open, items, close) => Self::List(format!("&{open}"), items, close),
        }
    }

    /// `Name { field: value }`
    pub(super) fn object(name: &str, fields: impl IntoIterator<Item = Self>) -> Self {
        Self::List(format!("{name} {{"), fields.into_iter().collect(), "}".to_owned())
    }

    fn flat(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(open, items, close) => {
                let items: Vec<_> = items.iter().map(Self::flat).collect();
                let space = if close.starts_with('}') && !items.is_empty() { " " } else { "" };
                format!("{open}{space}{}{space}{close}", items.join(", "))
            }
        }
    }

    /// Writes it after the present content of the line, followed by a comma.
    pub(super) fn write(&self, indent: usize, out: &mut String) {
        out.push_str(&" ".repeat(indent));
        let flat = self.flat();
        match self {
            Self::List(open, items, close) if indent + flat.len() > WIDTH => {
                out.push_str(open);
                out.push('\n');
                items.iter().for_each(|item| item.write(indent + 4, out));
                out.push_str(&" ".repeat(indent));
                out.push_str(close);
            }
            _ => out.push_str(&flat),
        }
        // The rest of a struct expression is not followed by a comma.
        out.push_str(if flat.starts_with("..") { "\n" } else { ",\n" });
    }
}

/// A text as a Rust literal.
pub(super) fn literal(text: &str) -> String {
    proc_macro2::Literal::string(text).to_string()
}

/// Texts as Rust literals in an array.
pub(super) fn literals<'a>(texts: impl IntoIterator<Item = &'a String>) -> Code {
    Code::array(texts.into_iter().map(|text| Code::Text(literal(text))))
}

/// A text, indented by a level.
pub(super) fn indented(text: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
    text.lines().map(line).collect()
}
