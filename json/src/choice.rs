//! The outcome of a decision between the variants of a union.

/// What is known about a value.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    Variant(usize),
    /// A variant for which `open` and `fallbacks` decide if the value does not fit.
    Guess(usize),
    /// A variant, or another one if the value does not fit.
    Either(usize, usize),
    /// A variant, or unknown if the value does not fit.
    VariantOrUnknown(usize, String),
    Unknown(Option<String>),
}

/// A variant that a property outside the union determines.
pub(crate) type Told = Choice;
