//! Arguments of setters of optional properties.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::nullable::Nullable;
use crate::one_or_many::OneOrMany;
use crate::secret::Secret;

/// The argument of a setter: a value or an `Option` of it. `None` leaves the property out.
///
/// Texts come as `&str`, `String`, `&String`, or an `Option` of one of them; an enumeration takes them, too.
///
/// ```
/// use polar_client_json::{Optional, optional};
///
/// fn setter(name: impl Into<Optional<String>>) -> Option<String> {
///     optional(name)
/// }
///
/// assert_eq!(setter("Ada"), Some("Ada".to_owned()));
/// assert_eq!(setter(None::<&str>), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Optional<T>(Option<T>);

/// Converts the argument of a setter.
#[inline]
pub fn optional<T>(argument: impl Into<Optional<T>>) -> Option<T> {
    argument.into().0
}

/// A type that any text converts into: an open enumeration or a secret.
pub trait FromText: for<'a> From<&'a str> {}

impl FromText for Secret {}

impl<T> From<T> for Optional<T> {
    fn from(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T> From<Option<T>> for Optional<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

/// Conversions of texts into what a setter takes.
macro_rules! texts {
    ($ty:ident) => {
        texts!($ty, &'a str);
        texts!($ty, &'a String);
        texts!($ty, Cow<'a, str>);

        impl<T: FromText> From<String> for $ty<T> {
            fn from(text: String) -> Self {
                Self::from(T::from(&*text))
            }
        }

        impl<T: FromText> From<Option<String>> for $ty<T> {
            fn from(text: Option<String>) -> Self {
                Self::from(text.map(|text| T::from(&*text)))
            }
        }
    };
    ($ty:ident, $text:ty) => {
        impl<'a> From<$text> for $ty<String> {
            fn from(text: $text) -> Self {
                Self::from(String::from(text))
            }
        }

        impl<'a> From<Option<$text>> for $ty<String> {
            fn from(text: Option<$text>) -> Self {
                Self::from(text.map(String::from))
            }
        }

        impl<'a, T: FromText> From<$text> for $ty<T> {
            fn from(text: $text) -> Self {
                Self::from(T::from(&*text))
            }
        }

        impl<'a, T: FromText> From<Option<$text>> for $ty<T> {
            fn from(text: Option<$text>) -> Self {
                Self::from(text.map(|text| T::from(&*text)))
            }
        }
    };
}

texts!(Nullable);
texts!(Optional);
texts!(OneOrMany);

impl<T, U: Into<T>, const N: usize> From<[U; N]> for Nullable<Vec<T>> {
    fn from(items: [U; N]) -> Self {
        Self::Value(items.into_iter().map(Into::into).collect())
    }
}

impl<K: Ord, V, A: Into<K>, B: Into<V>, const N: usize> From<[(A, B); N]> for Nullable<BTreeMap<K, V>> {
    fn from(entries: [(A, B); N]) -> Self {
        Self::Value(crate::map(entries))
    }
}

/// No value is an empty list, with which a list operation does not filter.
impl<T> From<Option<T>> for OneOrMany<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(|| Self::Many(Vec::new()), Self::One)
    }
}

/// Conversions of lists of texts.
macro_rules! lists {
    ($($text:ty),*) => {$(
        impl<'a, const N: usize> From<[$text; N]> for OneOrMany<String> {
            fn from(texts: [$text; N]) -> Self {
                Self::Many(texts.into_iter().map(String::from).collect())
            }
        }

        impl<'a> From<Vec<$text>> for OneOrMany<String> {
            fn from(texts: Vec<$text>) -> Self {
                Self::Many(texts.into_iter().map(String::from).collect())
            }
        }

        impl<'a, T: FromText, const N: usize> From<[$text; N]> for OneOrMany<T> {
            fn from(texts: [$text; N]) -> Self {
                Self::Many(texts.iter().map(|text| T::from(text)).collect())
            }
        }

        impl<'a, T: FromText> From<Vec<$text>> for OneOrMany<T> {
            fn from(texts: Vec<$text>) -> Self {
                Self::Many(texts.iter().map(|text| T::from(text)).collect())
            }
        }
    )*};
}

lists!(&'a str, &'a String);

#[cfg(test)]
mod tests {
    use super::*;

    fn nullable<T>(argument: impl Into<Nullable<T>>) -> Nullable<T> {
        argument.into()
    }

    fn many<T>(argument: impl Into<OneOrMany<T>>) -> OneOrMany<T> {
        argument.into()
    }

    #[test]
    fn texts_come_in_every_form() {
        let (text, owned) = ("Ada", "Ada".to_owned());
        let expected = Some(owned.clone());
        let all: [Option<String>; 7] = [
            optional(text),
            optional(&owned),
            optional(owned.clone()),
            optional(Some(text)),
            optional(Some(&owned)),
            optional(expected.clone()),
            optional(Cow::Borrowed(text)),
        ];
        assert!(all.iter().all(|value| *value == expected));
        assert_eq!(optional::<String>(None::<&str>), None);
        assert_eq!(nullable::<String>(Some(text)), Nullable::Value(owned));
        assert_eq!(nullable::<String>(None::<&str>), Nullable::Null);
    }

    #[test]
    fn other_values_come_with_and_without_an_option() {
        assert_eq!((optional(7), optional(Some(7)), optional(None)), (Some(7), Some(7), None::<i64>));
        assert_eq!(nullable::<i64>(None), Nullable::Null);
    }

    #[test]
    fn lists_and_maps_come_as_arrays() {
        assert_eq!(nullable::<Vec<String>>(["a"]), Nullable::Value(vec!["a".to_owned()]));
        let map: Nullable<BTreeMap<String, i64>> = nullable([("a", 1)]);
        assert_eq!(map, Nullable::Value(BTreeMap::from([("a".to_owned(), 1)])));
    }

    #[test]
    fn one_value_or_many_come_as_texts() {
        assert_eq!(many::<String>(["a", "b"]).as_slice(), ["a", "b"]);
        assert_eq!(many::<String>(vec!["a"]).as_slice(), ["a"]);
        assert_eq!(many::<String>("a").as_slice(), ["a"]);
        assert!(many::<i64>(None).as_slice().is_empty());
        assert!(many::<String>(None::<&str>).as_slice().is_empty());
        assert_eq!(many::<Secret>(["a"]).as_slice()[0].expose(), "a");
    }
}
