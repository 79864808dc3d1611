//! Names that emitted code takes from the runtime and from the standard library, and names that it defines.
//!
//! `emit` writes imports from these lists, and the naming pass keeps names of the document apart from them: a name is
//! reserved because it is emitted. A test in `tests/` compares the lists with `codegen` of the runtime and with the
//! generated crate.

/// Items of the runtime that the root of the crate exports for its users.
pub const ROOT: &[&str] = &[
    "AccessToken",
    "Call",
    "CallWithResponse",
    "Environment",
    "ErrorBody",
    "Items",
    "ListPage",
    "Operation",
    "Page",
    "PageInfo",
    "Pages",
    "RateLimit",
    "Response",
    "RetryBudget",
    "RetryPolicy",
    "TokenKind",
    "TokenProvider",
    "Transport",
    "TransportError",
    "token_kinds",
];

/// Types of values in models, which the root exports and every module imports.
pub const VALUES: &[&str] = &["Extra", "Nullable", "Number", "OneOrMany", "Secret", "Unknown", "UnknownValue"];

/// Crates whose types are in the public API, which the root exports.
pub const CRATES: &[&str] = &["chrono", "serde_json", "uuid"];

/// Types of other crates that every module imports, by the crate.
pub const CRATE_TYPES: &[(&str, &[&str])] = &[("chrono", &["DateTime", "NaiveDate", "Utc"]), ("uuid", &["Uuid"])];

/// Other items of the runtime that every module imports.
pub const PRELUDE: &[&str] = &["PageMeta"];

/// Types of the runtime that modules of operations import, if they use them.
pub const OPERATIONS: &[&str] =
    &["Client", "Endpoint", "Idempotency", "Paged", "RawResponse", "Request", "ResponseError", "SecurityRequirement"];

/// Types that emitted code always defines.
pub const DEFINED: &[&str] = &["ApiRequest", "Builder", "Error", "Polar", "ScopeSet"];

/// Types, traits and variants of the standard library that emitted code names without a path.
pub const STANDARD: &[&str] = &[
    "AsRef",
    "BTreeMap",
    "Box",
    "Clone",
    "Default",
    "Err",
    "From",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Result",
    "Some",
    "String",
    "ToOwned",
    "Vec",
];

/// Methods of `ApiRequest`, its field, and methods that every request gets from a trait or from its body.
pub const REQUEST_METHODS: &[&str] = &[
    "access_token",
    "attempt_timeout",
    "body",
    "build",
    "clone",
    "header",
    "into_future",
    "items",
    "new",
    "organization",
    "pages",
    "raw",
    "request",
    "retry_policy",
    "send_blocking",
    "send_with_response",
    "timeout",
];

/// Functions of the client and of the handles of resources.
pub const CLIENT_METHODS: &[&str] =
    &["as_ref", "builder", "clone", "from_env", "new", "with_access_token", "with_token_provider"];

/// Fields and functions of every model.
pub const MODEL_FIELDS: &[&str] = &["additional_properties", "clone", "extra", "new"];

/// Returns whether emitted code uses the name for something other than a type of the document.
pub fn is_reserved_type(name: &str) -> bool {
    let of_crates = CRATE_TYPES.iter().flat_map(|(_, types)| *types);
    let lists = [ROOT, VALUES, PRELUDE, OPERATIONS, DEFINED, STANDARD];
    lists.into_iter().flatten().chain(of_crates).any(|reserved| *reserved == name)
}
