//! Operations: what is sent and what comes back.

use super::types::{Docs, Type};

/// HTTP methods that the document uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `PUT`
    Put,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
    /// `PATCH`
    Patch,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
    /// `TRACE`
    Trace,
}

impl Method {
    /// As it stands in a request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
        }
    }
}

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
    /// What a success answers.
    pub answer: Answer,
    /// Documented errors by status.
    pub errors: Vec<Documented>,
    /// Alternatives of authentication; empty where none is needed.
    pub security: Vec<Security>,
    /// What makes a request safe to send twice, where the method does not say it.
    pub repeat: Option<Repeat>,
    /// How the list is paged.
    pub pagination: Option<Pagination>,
    /// Position in [`super::Api::resources`].
    pub resource: usize,
    /// Identifier of the method.
    pub method_name: String,
    /// Identifier of the request type.
    pub request_type: String,
    /// Name of the type that stands for the operation itself.
    pub marker: String,
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
}

/// Media types of request bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

/// A request body.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Encoding.
    pub media_type: MediaType,
    /// Type.
    pub ty: Type,
    /// Whether it must be sent.
    pub required: bool,
}

/// What a success answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Status as the document writes it.
    pub status: String,
    /// Body.
    pub body: AnswerBody,
}

/// Body of a success.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerBody {
    /// JSON of a type.
    Json(Type),
    /// Text of a media type.
    Text(String),
    /// None that is worth reading.
    Empty,
}

/// An error that the document announces.
#[derive(Clone, Debug, PartialEq)]
pub struct Documented {
    /// Status as the document writes it.
    pub status: String,
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

/// A request is safe to send twice when each element of a list in its body carries a member that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Name of the list in the body.
    pub list: String,
    /// Name of the member.
    pub member: String,
}

/// How a list is paged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pagination {
    /// Query parameters `page` (from one) and `limit`.
    PageLimit,
}
