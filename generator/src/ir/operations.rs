//! Operations: what is sent and what comes back.

use super::arguments::Argument;
use super::examples::Example;
use super::responses::{Output, Status, Success};
use super::types::{Docs, Type};
use crate::http::Method;

/// One call that the API offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// `operationId`.
    pub id: String,
    /// Where the document defines it.
    pub pointer: String,
    /// HTTP method.
    pub method: Method,
    /// Path template.
    pub path: String,
    /// Tags, for operations whose id names no resource.
    pub tags: Vec<String>,
    /// Doc comment.
    pub docs: Docs,
    /// Path parameters in the order of the template.
    pub path_parameters: Vec<Parameter>,
    /// Query parameters.
    pub query: Vec<Parameter>,
    /// Header parameters.
    pub headers: Vec<Parameter>,
    /// Request body.
    pub body: Option<Body>,
    /// Documented successes, ordered by status.
    pub successes: Vec<Success>,
    /// What the operation gives back.
    pub output: Output,
    /// Media types of the successes, for the header `Accept`.
    pub accept: Vec<String>,
    /// Documented errors by status.
    pub errors: Vec<Documented>,
    /// Alternatives of authentication; empty where none is needed.
    pub security: Vec<Security>,
    /// The condition under which a request is idempotent although its method is not.
    pub idempotency: Option<Idempotency>,
    /// How the list is paged.
    pub pagination: Option<Pagination>,
    /// Position in [`super::Api::resources`].
    pub resource: usize,
    /// Identifier of the method.
    pub method_name: String,
    /// Identifier of the request type.
    pub request_type: String,
    /// Name of the type that stands for the operation itself.
    pub operation_type: String,
    /// Other names under which a search finds it.
    pub aliases: Vec<String>,
    /// A call of it, if one can be shown.
    pub example: Option<Example>,
}

impl Operation {
    /// Types of the JSON bodies of all successes.
    pub fn success_types(&self) -> impl Iterator<Item = &Type> {
        self.successes.iter().filter_map(|success| success.body.json())
    }

    /// Whether a request that is sent twice may create or charge something twice.
    pub fn may_act_twice(&self) -> bool {
        self.method == Method::Post && self.idempotency.is_none()
    }
}

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Name on the wire.
    pub wire: String,
    /// Identifier.
    pub name: String,
    /// Where the document defines it.
    pub pointer: String,
    /// Doc comment.
    pub docs: Docs,
    /// Type, without null: an absent parameter is the same as a null one.
    pub ty: Type,
    /// Whether it must be given.
    pub required: bool,
    /// How functions take its value.
    pub argument: Argument,
    /// Whether the requests of all lists have it, so that its setter is theirs.
    pub is_shared: bool,
}

/// How a request body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

/// A request body.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// How it is written.
    pub encoding: Encoding,
    /// Type.
    pub ty: Type,
    /// Whether it must be sent.
    pub required: bool,
    /// How functions take it.
    pub argument: Argument,
}

/// An error that the document announces.
#[derive(Clone, Debug, PartialEq)]
pub struct Documented {
    /// Statuses.
    pub status: Status,
    /// Body, where it is described.
    pub ty: Option<Type>,
}

/// One way to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// Name of the security scheme.
    pub scheme: String,
    /// Scopes of which one suffices.
    pub scopes: Vec<String>,
}

/// A request is idempotent if each element of a list in its body has a property that identifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Name of the list in the body.
    pub list: String,
    /// Name of the property that each element must have.
    pub property: String,
}

/// How a list is paged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pagination {
    /// Query parameters `page` (from one) and `limit`.
    PageLimit,
}
