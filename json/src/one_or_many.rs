//! Parameters that take one value or several values.

/// One value or a list of values, as accepted by the filters of list operations.
///
/// Converts from a value, an `Option`, a `Vec`, an array or a slice. Texts come as `&str`, `String` or `&String`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OneOrMany<T> {
    /// One value.
    One(T),
    /// A list.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// Returns the values.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl<T> From<T> for OneOrMany<T> {
    fn from(value: T) -> Self {
        Self::One(value)
    }
}

impl<T> From<Vec<T>> for OneOrMany<T> {
    fn from(values: Vec<T>) -> Self {
        Self::Many(values)
    }
}

impl<T, const N: usize> From<[T; N]> for OneOrMany<T> {
    fn from(values: [T; N]) -> Self {
        Self::Many(values.into())
    }
}

impl<T: Clone> From<&[T]> for OneOrMany<T> {
    fn from(values: &[T]) -> Self {
        Self::Many(values.into())
    }
}

crate::serde_traits!(OneOrMany<T>);
