//! Operations: their requests and responses.

use super::arguments::Argument;
use super::responses::{Output, Status, Success};
use super::types::{Docs, Type};
use crate::http::Method;

/// An operation of the API.
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
    /// Its result.
    pub output: Output,
    /// Media types of the successes, for the header `Accept`.
    pub accept: Vec<String>,
    /// Documented errors by status.
    pub errors: Vec<Documented>,
    /// Alternative ways to authenticate; empty if none is needed.
    pub security: Vec<Security>,
    /// The condition under which a request is idempotent although its method is not.
    pub idempotency: Option<Idempotency>,
    /// The pagination of the list.
    pub pagination: Option<Pagination>,
    /// Position in [`super::Api::resources`].
    pub resource: usize,
    /// Identifier of the method.
    pub method_name: String,
    /// Identifier of the request type.
    pub request_type: String,
    /// Name of the operation type.
    pub operation_type: String,
}

impl Operation {
    /// Returns the types of the JSON bodies of all successes.
    pub fn success_types(&self) -> impl Iterator<Item = &Type> {
        self.successes.iter().filter_map(|success| success.body.json())
    }

    /// Returns whether a request that is sent twice may create or charge something twice.
    pub fn may_act_twice(&self) -> bool {
        self.method == Method::Post && self.idempotency.is_none()
    }
}

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Name as sent.
    pub wire: String,
    /// Identifier.
    pub name: String,
    /// Where the document defines it.
    pub pointer: String,
    /// Doc comment.
    pub docs: Docs,
    /// Type, without null: an absent parameter is the same as a null one.
    pub ty: Type,
    /// Whether it is required.
    pub required: bool,
    /// How functions take its value.
    pub argument: Argument,
    /// Whether the requests of all lists have it, so that the common type has its setter.
    pub is_shared: bool,
}

/// The format of a request body.
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
    /// The format.
    pub encoding: Encoding,
    /// Type.
    pub ty: Type,
    /// Whether it is required.
    pub required: bool,
    /// How functions take it.
    pub argument: Argument,
}

/// A documented error.
#[derive(Clone, Debug, PartialEq)]
pub struct Documented {
    /// Statuses.
    pub status: Status,
    /// Body, if it is described.
    pub ty: Option<Type>,
}

/// A way to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// Name of the security scheme.
    pub scheme: String,
    /// Scopes, of which one is enough.
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

/// The pagination of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pagination {
    /// Query parameters `page` (from one) and `limit`.
    PageLimit,
}
