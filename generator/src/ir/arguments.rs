//! How functions of the generated crate take their arguments.

/// How a value of a type is passed as an argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Argument {
    /// As the value itself.
    #[default]
    Value,
    /// As anything that converts into it.
    Into,
    /// As an iterator over the items of a list, each passed in its own way.
    Items(Box<Argument>),
    /// As an iterator over the entries of a map: how keys and values are passed.
    Entries(Box<Argument>, Box<Argument>),
    /// As a value with a text, because it is sent in a path or a header.
    Text(TextForm),
}

/// The source of the text of a value in a path or a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextForm {
    /// It is a string.
    Str,
    /// From `Display`.
    Display,
    /// From `Debug`: a time has another text in `Display` than in JSON.
    Debug,
}

/// What converts into a union.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// The content of a variant.
    Content,
    /// A string slice.
    Str,
    /// A literal without a suffix.
    I32,
}
