//! The outcome of a decision between the variants of a union.

/// What was found out about a value.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    Variant(usize),
    /// A variant that `open` and `fallbacks` say more about.
    Guess(usize),
    /// A variant, or else another one.
    Either(usize, usize),
    /// A variant, or else unknown.
    VariantOrUnknown(usize, String),
    Unknown(Option<String>),
}

/// A variant that a property beside the union tells.
pub(crate) type Told = Choice;
