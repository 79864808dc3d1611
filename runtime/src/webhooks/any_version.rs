//! Payloads of several versions of the API, told apart by their `api_version`.

use crate::codec::{self, DecodeError};

/// The property of a payload that names its version.
const API_VERSION: &str = "api_version";

/// Reads a payload.
#[doc(hidden)]
pub type DecodePayload<T> = fn(&[u8]) -> Result<T, DecodeError>;

/// A version of the API that a generated crate has, and how a payload of it is read.
///
/// Made by the macro `any_version_payload` in generated code.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct PayloadVersion<T> {
    /// Name of the version.
    pub version: &'static str,
    /// The Cargo feature that enables it.
    pub feature: &'static str,
    /// The reader; `None` if the feature is not enabled.
    pub decode: Option<DecodePayload<T>>,
}

/// Decodes a payload by the version that it names. The first version is that of payloads which name none.
#[doc(hidden)]
pub fn decode_any_version<T>(body: &[u8], versions: &[PayloadVersion<T>]) -> Result<T, DecodeError> {
    let named = codec::string_property(body, API_VERSION);
    let found = match &named {
        Some(named) => versions.iter().find(|known| known.version == *named),
        None => versions.first(),
    };
    let decode = found.and_then(|known| known.decode);
    match (decode, found, named) {
        (Some(decode), ..) => decode(body),
        (None, Some(PayloadVersion { version, feature, .. }), _) => {
            let message = format!("version {version} needs the feature `{feature}` of the crate, which is not enabled");
            Err(DecodeError::at(API_VERSION, message))
        }
        (None, None, named) => {
            let known: Vec<_> = versions.iter().map(|known| known.version).collect();
            let message = match named.filter(|named| is_version(named)) {
                Some(named) => format!("version {named} is not one that this release of the crate knows"),
                None => "this is not a version of the API".to_owned(),
            };
            Err(DecodeError::at(API_VERSION, format!("{message}; it knows {}", known.join(", "))))
        }
    }
}

/// Whether a text has the form of a version, as in `2026-10`. Another text from outside is not repeated.
fn is_version(text: &str) -> bool {
    matches!(text.as_bytes(), [year @ .., b'-', a, b] if year.len() == 4
        && year.iter().chain([a, b]).all(u8::is_ascii_digit))
}

/// Implements what reads and writes the payload of any version.
#[macro_export]
macro_rules! any_version_payload {
    ($name:ident {
        $default:ident($default_body:ty) = $default_version:literal,
        $($(#[$cfg:meta])* $variant:ident($body:ty) = $version:literal if $feature:literal,)*
    }) => {
        impl $name {
            /// The version of the API that the payload was read as.
            #[must_use]
            pub fn api_version(&self) -> &'static str {
                match self {
                    Self::$default(_) => $default_version,
                    $($(#[$cfg])* Self::$variant(_) => $version,)*
                }
            }
        }

        impl $crate::codegen::webhooks::WebhookBody for $name {
            const API_VERSIONS: &'static [&'static str] = &[$default_version $(, $version)*];

            fn decode(body: &[u8]) -> ::core::result::Result<Self, $crate::codec::DecodeError> {
                $crate::codegen::webhooks::decode_any_version(body, &[
                    $crate::codegen::webhooks::PayloadVersion {
                        version: $default_version,
                        feature: "default",
                        decode: ::core::option::Option::Some(|body| {
                            $crate::codec::decode(body).map(Self::$default)
                        }),
                    },
                    $($crate::codegen::webhooks::PayloadVersion {
                        version: $version,
                        feature: $feature,
                        decode: {
                            // Without the feature there is no variant, and this list is empty.
                            let decode: &[$crate::codegen::webhooks::DecodePayload<Self>] = &[
                                $(#[$cfg])*
                                |body| $crate::codec::decode(body).map(Self::$variant),
                            ];
                            decode.first().copied()
                        },
                    },)*
                ])
            }
        }

        impl<'de> $crate::codec::Deserialize<'de> for $name {
            fn deserialize<D: $crate::codec::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::codec::deserialize_text(deserializer, |text| {
                    <Self as $crate::codegen::webhooks::WebhookBody>::decode(text.as_bytes())
                })
            }
        }

        impl $crate::codec::Serialize for $name {
            fn serialize<S: $crate::codec::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                match self {
                    Self::$default(payload) => $crate::codec::Serialize::serialize(payload, serializer),
                    $($(#[$cfg])* Self::$variant(payload) => {
                        $crate::codec::Serialize::serialize(payload, serializer)
                    })*
                }
            }
        }

        impl ::core::convert::From<$default_body> for $name {
            fn from(payload: $default_body) -> Self {
                Self::$default(payload)
            }
        }

        $(
            $(#[$cfg])*
            impl ::core::convert::From<$body> for $name {
                fn from(payload: $body) -> Self {
                    Self::$variant(payload)
                }
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    #![allow(unreachable_pub, reason = "the macro is made for public types")]

    use super::*;

    const VERSIONS: &[PayloadVersion<&str>] = &[
        PayloadVersion { version: "2026-10", feature: "default", decode: Some(|_| Ok("2026-10")) },
        PayloadVersion { version: "2026-04", feature: "v2026-04", decode: None },
        PayloadVersion { version: "2027-01", feature: "v2027-01", decode: Some(|_| Ok("2027-01")) },
    ];

    /// As generated code has it: a feature is enabled, and another one is not.
    #[derive(Clone, Debug, PartialEq)]
    enum Payload {
        Default(bool),
        #[cfg(not(test))]
        Off(i64),
        #[cfg(test)]
        On(String),
    }

    any_version_payload! {
        Payload {
            Default(bool) = "2026-10",
            #[cfg(not(test))]
            Off(i64) = "2026-04" if "v2026-04",
            #[cfg(test)]
            On(String) = "2027-01" if "v2027-01",
        }
    }

    #[test]
    fn a_variant_without_its_feature_is_left_out() {
        let decode = |text: &str| <Payload as crate::webhooks::WebhookBody>::decode(text.as_bytes());
        assert_eq!(decode("true"), Ok(Payload::Default(true)));
        let error = decode(r#"{"api_version": "2026-04"}"#).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("needs the feature `v2026-04`")));
        let error = decode(r#"{"api_version": "2027-01"}"#).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("expected a string")), "it is read as a text");
        assert_eq!(Payload::from("a".to_owned()).api_version(), "2027-01");
    }

    fn decoded(body: &str) -> Result<&str, String> {
        decode_any_version(body.as_bytes(), VERSIONS).map_err(|error| error.to_string())
    }

    #[test]
    fn the_version_of_the_payload_chooses_the_reader() {
        assert_eq!(decoded(r#"{"api_version": "2027-01"}"#), Ok("2027-01"));
        assert_eq!(decoded(r#"{"api_version": "2026-10"}"#), Ok("2026-10"));
        assert_eq!(decoded("{}"), Ok("2026-10"), "older endpoints name no version");
        assert_eq!(decoded(r#"{"api_version": null}"#), Ok("2026-10"));
    }

    #[test]
    fn a_version_without_its_feature_names_the_feature() {
        assert_eq!(
            decoded(r#"{"api_version": "2026-04"}"#),
            Err("at `api_version`: version 2026-04 needs the feature `v2026-04` of the crate, which is not enabled"
                .into())
        );
    }

    #[test]
    fn an_unknown_version_is_an_error_that_repeats_no_other_text() {
        assert_eq!(
            decoded(r#"{"api_version": "2028-04"}"#),
            Err(
                "at `api_version`: version 2028-04 is not one that this release of the crate knows; it knows 2026-10, \
                 2026-04, 2027-01"
                    .into()
            )
        );
        let error = decoded(r#"{"api_version": "polar_oat_secret"}"#);
        assert_eq!(
            error,
            Err("at `api_version`: this is not a version of the API; it knows 2026-10, 2026-04, 2027-01".into())
        );
    }
}
