//! What an OpenAPI document may hold, as tables: each kind of object, its members, their shape and what becomes of them.
//!
//! Checking, normalization and the comparison with the typed document all walk by these tables, so that a construct
//! is known to all of them or to none.

use super::preserved;

/// The kinds of objects in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    Info,
    Contact,
    License,
    Server,
    ServerVariable,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    MediaType,
    Response,
    Header,
    Example,
    Components,
    Schema,
    Discriminator,
    ExternalDocs,
    SecurityScheme,
    Flows,
    Flow,
    Tag,
}

/// What the value of a member looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Any value.
    Any,
    Text,
    Flag,
    /// Not negative and whole; `50.0` counts as whole.
    Count,
    Number,
    /// A number (3.1) or a boolean (3.0).
    NumberOrFlag,
    /// The name of a type, or a list of them.
    Types,
    List,
    Texts,
    TextMap,
    /// A list of `{scheme: [scope]}`.
    Security,
    One(Kind),
    Many(Kind),
    /// Names of the document's own to objects.
    Map(Kind),
    /// The same, but names that start with `x-` are extensions.
    MapAndExtensions(Kind),
}

/// What becomes of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It shapes the generated code.
    Modelled,
    /// It reaches the documentation, or is kept for whoever asks.
    Docs,
    /// The typed document has no place for it: it is kept under this name.
    Preserved(&'static str),
    /// It is left out, knowingly: it says nothing about the data.
    Dropped,
    /// The generated code would be wrong about it.
    Unmodelled,
}

/// One row of the tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) fate: Fate,
}

const fn modelled(name: &'static str, shape: Shape) -> Member {
    Member { name, shape, fate: Fate::Modelled }
}

const fn docs(name: &'static str, shape: Shape) -> Member {
    Member { name, shape, fate: Fate::Docs }
}

const fn preserved(name: &'static str, shape: Shape, key: &'static str) -> Member {
    Member { name, shape, fate: Fate::Preserved(key) }
}

const fn dropped(name: &'static str) -> Member {
    Member { name, shape: Shape::Text, fate: Fate::Dropped }
}

const fn unmodelled(name: &'static str) -> Member {
    Member { name, shape: Shape::Any, fate: Fate::Unmodelled }
}

/// What becomes of each keyword of a schema.
///
/// Dropped: `$comment` talks to the author, and `$id` and `$schema` name the schema and its dialect for tools that
/// load several files, which this generator does not.
const SCHEMA: &[Member] = &[
    modelled("$ref", Shape::Text),
    modelled("type", Shape::Types),
    modelled("nullable", Shape::Flag),
    modelled("format", Shape::Text),
    modelled("enum", Shape::List),
    modelled("const", Shape::Any),
    modelled("default", Shape::Any),
    modelled("minLength", Shape::Count),
    modelled("maxLength", Shape::Count),
    modelled("pattern", Shape::Text),
    modelled("minimum", Shape::Number),
    modelled("maximum", Shape::Number),
    modelled("exclusiveMinimum", Shape::NumberOrFlag),
    modelled("exclusiveMaximum", Shape::NumberOrFlag),
    modelled("multipleOf", Shape::Number),
    modelled("properties", Shape::Map(Kind::Schema)),
    modelled("required", Shape::Texts),
    modelled("additionalProperties", Shape::One(Kind::Schema)),
    modelled("propertyNames", Shape::One(Kind::Schema)),
    modelled("patternProperties", Shape::Map(Kind::Schema)),
    modelled("minProperties", Shape::Count),
    modelled("maxProperties", Shape::Count),
    modelled("items", Shape::One(Kind::Schema)),
    modelled("prefixItems", Shape::Many(Kind::Schema)),
    modelled("minItems", Shape::Count),
    modelled("maxItems", Shape::Count),
    modelled("uniqueItems", Shape::Flag),
    modelled("allOf", Shape::Many(Kind::Schema)),
    modelled("anyOf", Shape::Many(Kind::Schema)),
    modelled("oneOf", Shape::Many(Kind::Schema)),
    modelled("discriminator", Shape::One(Kind::Discriminator)),
    modelled("readOnly", Shape::Flag),
    modelled("writeOnly", Shape::Flag),
    modelled("deprecated", Shape::Flag),
    docs("title", Shape::Text),
    docs("description", Shape::Text),
    docs("example", Shape::Any),
    docs("externalDocs", Shape::One(Kind::ExternalDocs)),
    preserved("examples", Shape::List, preserved::EXAMPLES),
    preserved("contentEncoding", Shape::Text, preserved::CONTENT_ENCODING),
    preserved("contentMediaType", Shape::Text, preserved::CONTENT_MEDIA_TYPE),
    preserved("enumNames", Shape::Any, preserved::ENUM_NAMES),
    preserved("xml", Shape::Any, preserved::XML),
    dropped("$comment"),
    dropped("$id"),
    dropped("$schema"),
    unmodelled("not"),
    unmodelled("if"),
    unmodelled("then"),
    unmodelled("else"),
    unmodelled("dependentRequired"),
    unmodelled("dependentSchemas"),
    unmodelled("dependencies"),
    unmodelled("unevaluatedProperties"),
    unmodelled("unevaluatedItems"),
    unmodelled("additionalItems"),
    unmodelled("contains"),
    unmodelled("minContains"),
    unmodelled("maxContains"),
    unmodelled("contentSchema"),
    unmodelled("definitions"),
    unmodelled("$defs"),
    unmodelled("$anchor"),
    unmodelled("$dynamicAnchor"),
    unmodelled("$dynamicRef"),
    unmodelled("$recursiveAnchor"),
    unmodelled("$recursiveRef"),
    unmodelled("$vocabulary"),
];

const DOCUMENT: &[Member] = &[
    modelled("openapi", Shape::Text),
    docs("info", Shape::One(Kind::Info)),
    modelled("servers", Shape::Many(Kind::Server)),
    modelled("paths", Shape::MapAndExtensions(Kind::PathItem)),
    modelled("webhooks", Shape::Map(Kind::PathItem)),
    modelled("components", Shape::One(Kind::Components)),
    modelled("security", Shape::Security),
    docs("tags", Shape::Many(Kind::Tag)),
    docs("externalDocs", Shape::One(Kind::ExternalDocs)),
    preserved("jsonSchemaDialect", Shape::Text, preserved::DIALECT),
];

const INFO: &[Member] = &[
    docs("title", Shape::Text),
    docs("version", Shape::Text),
    docs("description", Shape::Text),
    docs("termsOfService", Shape::Text),
    docs("contact", Shape::One(Kind::Contact)),
    docs("license", Shape::One(Kind::License)),
    preserved("summary", Shape::Text, preserved::SUMMARY),
];

const CONTACT: &[Member] = &[docs("name", Shape::Text), docs("url", Shape::Text), docs("email", Shape::Text)];

const LICENSE: &[Member] =
    &[docs("name", Shape::Text), docs("url", Shape::Text), preserved("identifier", Shape::Text, preserved::IDENTIFIER)];

const SERVER: &[Member] = &[
    modelled("url", Shape::Text),
    docs("description", Shape::Text),
    modelled("variables", Shape::Map(Kind::ServerVariable)),
];

const SERVER_VARIABLE: &[Member] =
    &[modelled("default", Shape::Text), modelled("enum", Shape::Texts), docs("description", Shape::Text)];

const PATH_ITEM: &[Member] = &[
    docs("summary", Shape::Text),
    docs("description", Shape::Text),
    modelled("parameters", Shape::Many(Kind::Parameter)),
    modelled("get", Shape::One(Kind::Operation)),
    modelled("put", Shape::One(Kind::Operation)),
    modelled("post", Shape::One(Kind::Operation)),
    modelled("delete", Shape::One(Kind::Operation)),
    modelled("options", Shape::One(Kind::Operation)),
    modelled("head", Shape::One(Kind::Operation)),
    modelled("patch", Shape::One(Kind::Operation)),
    modelled("trace", Shape::One(Kind::Operation)),
    unmodelled("servers"),
    unmodelled("$ref"),
];

const OPERATION: &[Member] = &[
    docs("tags", Shape::Texts),
    docs("summary", Shape::Text),
    docs("description", Shape::Text),
    docs("externalDocs", Shape::One(Kind::ExternalDocs)),
    modelled("operationId", Shape::Text),
    modelled("parameters", Shape::Many(Kind::Parameter)),
    modelled("requestBody", Shape::One(Kind::RequestBody)),
    modelled("responses", Shape::MapAndExtensions(Kind::Response)),
    modelled("deprecated", Shape::Flag),
    modelled("security", Shape::Security),
    unmodelled("callbacks"),
    unmodelled("servers"),
];

const PARAMETER: &[Member] = &[
    modelled("name", Shape::Text),
    modelled("in", Shape::Text),
    docs("description", Shape::Text),
    modelled("required", Shape::Flag),
    docs("deprecated", Shape::Flag),
    modelled("style", Shape::Text),
    modelled("explode", Shape::Flag),
    modelled("schema", Shape::One(Kind::Schema)),
    docs("example", Shape::Any),
    docs("examples", Shape::Map(Kind::Example)),
    docs("allowEmptyValue", Shape::Flag),
    modelled("allowReserved", Shape::Flag),
    unmodelled("content"),
];

const REQUEST_BODY: &[Member] = &[
    docs("description", Shape::Text),
    modelled("required", Shape::Flag),
    modelled("content", Shape::Map(Kind::MediaType)),
];

const MEDIA_TYPE: &[Member] = &[
    modelled("schema", Shape::One(Kind::Schema)),
    docs("example", Shape::Any),
    docs("examples", Shape::Map(Kind::Example)),
    unmodelled("encoding"),
];

const RESPONSE: &[Member] = &[
    docs("description", Shape::Text),
    modelled("headers", Shape::Map(Kind::Header)),
    modelled("content", Shape::Map(Kind::MediaType)),
    unmodelled("links"),
];

const HEADER: &[Member] = &[
    docs("description", Shape::Text),
    modelled("required", Shape::Flag),
    docs("deprecated", Shape::Flag),
    docs("style", Shape::Text),
    modelled("schema", Shape::One(Kind::Schema)),
    docs("example", Shape::Any),
    docs("examples", Shape::Map(Kind::Example)),
    unmodelled("explode"),
    unmodelled("content"),
];

const EXAMPLE: &[Member] = &[
    docs("summary", Shape::Text),
    docs("description", Shape::Text),
    docs("value", Shape::Any),
    docs("externalValue", Shape::Text),
];

const COMPONENTS: &[Member] = &[
    modelled("schemas", Shape::Map(Kind::Schema)),
    modelled("responses", Shape::Map(Kind::Response)),
    modelled("parameters", Shape::Map(Kind::Parameter)),
    docs("examples", Shape::Map(Kind::Example)),
    modelled("requestBodies", Shape::Map(Kind::RequestBody)),
    modelled("headers", Shape::Map(Kind::Header)),
    modelled("securitySchemes", Shape::Map(Kind::SecurityScheme)),
    unmodelled("links"),
    unmodelled("callbacks"),
    unmodelled("pathItems"),
];

const DISCRIMINATOR: &[Member] = &[modelled("propertyName", Shape::Text), modelled("mapping", Shape::TextMap)];

const EXTERNAL_DOCS: &[Member] = &[docs("url", Shape::Text), docs("description", Shape::Text)];

const SECURITY_SCHEME: &[Member] = &[
    modelled("type", Shape::Text),
    docs("description", Shape::Text),
    modelled("name", Shape::Text),
    modelled("in", Shape::Text),
    modelled("scheme", Shape::Text),
    docs("bearerFormat", Shape::Text),
    modelled("flows", Shape::One(Kind::Flows)),
    modelled("openIdConnectUrl", Shape::Text),
];

const FLOWS: &[Member] = &[
    modelled("implicit", Shape::One(Kind::Flow)),
    modelled("password", Shape::One(Kind::Flow)),
    modelled("clientCredentials", Shape::One(Kind::Flow)),
    modelled("authorizationCode", Shape::One(Kind::Flow)),
];

const FLOW: &[Member] = &[
    modelled("authorizationUrl", Shape::Text),
    modelled("tokenUrl", Shape::Text),
    modelled("refreshUrl", Shape::Text),
    modelled("scopes", Shape::TextMap),
];

const TAG: &[Member] = &[
    docs("name", Shape::Text),
    docs("description", Shape::Text),
    docs("externalDocs", Shape::One(Kind::ExternalDocs)),
];

impl Kind {
    pub(super) const fn members(self) -> &'static [Member] {
        match self {
            Self::Document => DOCUMENT,
            Self::Info => INFO,
            Self::Contact => CONTACT,
            Self::License => LICENSE,
            Self::Server => SERVER,
            Self::ServerVariable => SERVER_VARIABLE,
            Self::PathItem => PATH_ITEM,
            Self::Operation => OPERATION,
            Self::Parameter => PARAMETER,
            Self::RequestBody => REQUEST_BODY,
            Self::MediaType => MEDIA_TYPE,
            Self::Response => RESPONSE,
            Self::Header => HEADER,
            Self::Example => EXAMPLE,
            Self::Components => COMPONENTS,
            Self::Schema => SCHEMA,
            Self::Discriminator => DISCRIMINATOR,
            Self::ExternalDocs => EXTERNAL_DOCS,
            Self::SecurityScheme => SECURITY_SCHEME,
            Self::Flows => FLOWS,
            Self::Flow => FLOW,
            Self::Tag => TAG,
        }
    }

    pub(super) fn member(self, name: &str) -> Option<&'static Member> {
        self.members().iter().find(|member| member.name == name)
    }

    /// Members without which the object means nothing.
    pub(super) const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Document => &["info"],
            Self::Info => &["title", "version"],
            Self::License | Self::Tag => &["name"],
            Self::Server | Self::ExternalDocs => &["url"],
            Self::ServerVariable => &["default"],
            Self::Parameter => &["name", "in"],
            Self::Discriminator => &["propertyName"],
            Self::SecurityScheme => &["type"],
            Self::Flow => &["scopes"],
            _ => &[],
        }
    }

    /// Whether a `$ref` may stand in the object's place.
    pub(super) const fn can_be_reference(self) -> bool {
        matches!(
            self,
            Self::Schema
                | Self::Parameter
                | Self::RequestBody
                | Self::Response
                | Self::Header
                | Self::Example
                | Self::SecurityScheme
        )
    }

    /// The kind's name, with an article.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Document => "the document",
            Self::Info => "`info`",
            Self::Contact => "a contact",
            Self::License => "a licence",
            Self::Server => "a server",
            Self::ServerVariable => "a server variable",
            Self::PathItem => "a path item",
            Self::Operation => "an operation",
            Self::Parameter => "a parameter",
            Self::RequestBody => "a request body",
            Self::MediaType => "a media type",
            Self::Response => "a response",
            Self::Header => "a header",
            Self::Example => "an example",
            Self::Components => "`components`",
            Self::Schema => "a schema",
            Self::Discriminator => "a discriminator",
            Self::ExternalDocs => "`externalDocs`",
            Self::SecurityScheme => "a security scheme",
            Self::Flows => "`flows`",
            Self::Flow => "an OAuth flow",
            Self::Tag => "a tag",
        }
    }
}
