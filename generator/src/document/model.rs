//! The keywords of an OpenAPI document, as tables: each kind of object, its keywords, their values and how they are
//! treated.
//!
//! The check, the normalization and the comparison with the typed document all use these tables, so that a construct is
//! known to all of them or to none.

use super::preserved;
use crate::http::Method;

/// The kinds of objects in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectKind {
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

/// The type of a keyword's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueType {
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
    One(ObjectKind),
    Many(ObjectKind),
    /// A map from names in the document to objects.
    Map(ObjectKind),
    /// The same, but names that start with `x-` are extensions.
    MapAndExtensions(ObjectKind),
}

/// How a keyword is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It affects the generated code.
    Supported,
    /// It becomes documentation, or is kept for later layers.
    Docs,
    /// The typed document has no field for it: it is preserved under this key.
    Preserved(&'static str),
    /// It is ignored on purpose: it does not describe the data.
    Dropped,
    /// It is not supported: the generated code would be wrong.
    Unsupported,
}

/// A row of the tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyword {
    pub(super) name: &'static str,
    pub(super) value_type: ValueType,
    pub(super) fate: Fate,
}

const fn supported(name: &'static str, value_type: ValueType) -> Keyword {
    Keyword { name, value_type, fate: Fate::Supported }
}

const fn docs(name: &'static str, value_type: ValueType) -> Keyword {
    Keyword { name, value_type, fate: Fate::Docs }
}

const fn preserved(name: &'static str, value_type: ValueType, key: &'static str) -> Keyword {
    Keyword { name, value_type, fate: Fate::Preserved(key) }
}

const fn dropped(name: &'static str, value_type: ValueType) -> Keyword {
    Keyword { name, value_type, fate: Fate::Dropped }
}

const fn unsupported(name: &'static str) -> Keyword {
    Keyword { name, value_type: ValueType::Any, fate: Fate::Unsupported }
}

/// How each keyword of a schema is treated.
///
/// Ignored: `$comment` is for authors, `$id` and `$schema` are for tools that load several files, which this generator
/// does not, and the generated crate does not use `examples`, `enumNames` and `xml`.
const SCHEMA: &[Keyword] = &[
    supported("$ref", ValueType::Text),
    supported("type", ValueType::Types),
    supported("nullable", ValueType::Flag),
    supported("format", ValueType::Text),
    supported("enum", ValueType::List),
    supported("const", ValueType::Any),
    supported("default", ValueType::Any),
    supported("minLength", ValueType::Count),
    supported("maxLength", ValueType::Count),
    supported("pattern", ValueType::Text),
    supported("minimum", ValueType::Number),
    supported("maximum", ValueType::Number),
    supported("exclusiveMinimum", ValueType::NumberOrFlag),
    supported("exclusiveMaximum", ValueType::NumberOrFlag),
    supported("multipleOf", ValueType::Number),
    supported("properties", ValueType::Map(ObjectKind::Schema)),
    supported("required", ValueType::Texts),
    supported("additionalProperties", ValueType::One(ObjectKind::Schema)),
    preserved("propertyNames", ValueType::One(ObjectKind::Schema), preserved::PROPERTY_NAMES),
    supported("patternProperties", ValueType::Map(ObjectKind::Schema)),
    supported("minProperties", ValueType::Count),
    supported("maxProperties", ValueType::Count),
    supported("items", ValueType::One(ObjectKind::Schema)),
    supported("prefixItems", ValueType::Many(ObjectKind::Schema)),
    supported("minItems", ValueType::Count),
    supported("maxItems", ValueType::Count),
    supported("uniqueItems", ValueType::Flag),
    supported("allOf", ValueType::Many(ObjectKind::Schema)),
    supported("anyOf", ValueType::Many(ObjectKind::Schema)),
    supported("oneOf", ValueType::Many(ObjectKind::Schema)),
    supported("discriminator", ValueType::One(ObjectKind::Discriminator)),
    supported("readOnly", ValueType::Flag),
    supported("writeOnly", ValueType::Flag),
    supported("deprecated", ValueType::Flag),
    docs("title", ValueType::Text),
    docs("description", ValueType::Text),
    docs("example", ValueType::Any),
    docs("externalDocs", ValueType::One(ObjectKind::ExternalDocs)),
    preserved("contentEncoding", ValueType::Text, preserved::CONTENT_ENCODING),
    preserved("contentMediaType", ValueType::Text, preserved::CONTENT_MEDIA_TYPE),
    dropped("examples", ValueType::List),
    dropped("enumNames", ValueType::Any),
    dropped("xml", ValueType::Any),
    dropped("$comment", ValueType::Text),
    dropped("$id", ValueType::Text),
    dropped("$schema", ValueType::Text),
    unsupported("not"),
    unsupported("if"),
    unsupported("then"),
    unsupported("else"),
    unsupported("dependentRequired"),
    unsupported("dependentSchemas"),
    unsupported("dependencies"),
    unsupported("unevaluatedProperties"),
    unsupported("unevaluatedItems"),
    unsupported("additionalItems"),
    unsupported("contains"),
    unsupported("minContains"),
    unsupported("maxContains"),
    unsupported("contentSchema"),
    unsupported("definitions"),
    unsupported("$defs"),
    unsupported("$anchor"),
    unsupported("$dynamicAnchor"),
    unsupported("$dynamicRef"),
    unsupported("$recursiveAnchor"),
    unsupported("$recursiveRef"),
    unsupported("$vocabulary"),
];

const DOCUMENT: &[Keyword] = &[
    supported("openapi", ValueType::Text),
    docs("info", ValueType::One(ObjectKind::Info)),
    supported("servers", ValueType::Many(ObjectKind::Server)),
    supported("paths", ValueType::MapAndExtensions(ObjectKind::PathItem)),
    supported("webhooks", ValueType::Map(ObjectKind::PathItem)),
    supported("components", ValueType::One(ObjectKind::Components)),
    supported("security", ValueType::Security),
    docs("tags", ValueType::Many(ObjectKind::Tag)),
    docs("externalDocs", ValueType::One(ObjectKind::ExternalDocs)),
    dropped("jsonSchemaDialect", ValueType::Text),
];

const INFO: &[Keyword] = &[
    docs("title", ValueType::Text),
    docs("version", ValueType::Text),
    docs("description", ValueType::Text),
    docs("termsOfService", ValueType::Text),
    docs("contact", ValueType::One(ObjectKind::Contact)),
    docs("license", ValueType::One(ObjectKind::License)),
    dropped("summary", ValueType::Text),
];

const CONTACT: &[Keyword] =
    &[docs("name", ValueType::Text), docs("url", ValueType::Text), docs("email", ValueType::Text)];

const LICENSE: &[Keyword] =
    &[docs("name", ValueType::Text), docs("url", ValueType::Text), dropped("identifier", ValueType::Text)];

const SERVER: &[Keyword] = &[
    supported("url", ValueType::Text),
    docs("description", ValueType::Text),
    supported("variables", ValueType::Map(ObjectKind::ServerVariable)),
];

const SERVER_VARIABLE: &[Keyword] =
    &[supported("default", ValueType::Text), supported("enum", ValueType::Texts), docs("description", ValueType::Text)];

const PATH_ITEM: &[Keyword] = &[
    docs("summary", ValueType::Text),
    docs("description", ValueType::Text),
    supported("parameters", ValueType::Many(ObjectKind::Parameter)),
    supported(Method::Get.keyword(), ValueType::One(ObjectKind::Operation)),
    supported(Method::Put.keyword(), ValueType::One(ObjectKind::Operation)),
    supported(Method::Post.keyword(), ValueType::One(ObjectKind::Operation)),
    supported(Method::Delete.keyword(), ValueType::One(ObjectKind::Operation)),
    supported(Method::Options.keyword(), ValueType::One(ObjectKind::Operation)),
    supported(Method::Head.keyword(), ValueType::One(ObjectKind::Operation)),
    supported(Method::Patch.keyword(), ValueType::One(ObjectKind::Operation)),
    supported(Method::Trace.keyword(), ValueType::One(ObjectKind::Operation)),
    unsupported("servers"),
    unsupported("$ref"),
];

const OPERATION: &[Keyword] = &[
    docs("tags", ValueType::Texts),
    docs("summary", ValueType::Text),
    docs("description", ValueType::Text),
    docs("externalDocs", ValueType::One(ObjectKind::ExternalDocs)),
    supported("operationId", ValueType::Text),
    supported("parameters", ValueType::Many(ObjectKind::Parameter)),
    supported("requestBody", ValueType::One(ObjectKind::RequestBody)),
    supported("responses", ValueType::MapAndExtensions(ObjectKind::Response)),
    supported("deprecated", ValueType::Flag),
    supported("security", ValueType::Security),
    unsupported("callbacks"),
    unsupported("servers"),
];

const PARAMETER: &[Keyword] = &[
    supported("name", ValueType::Text),
    supported("in", ValueType::Text),
    docs("description", ValueType::Text),
    supported("required", ValueType::Flag),
    docs("deprecated", ValueType::Flag),
    supported("style", ValueType::Text),
    supported("explode", ValueType::Flag),
    supported("schema", ValueType::One(ObjectKind::Schema)),
    docs("example", ValueType::Any),
    docs("examples", ValueType::Map(ObjectKind::Example)),
    docs("allowEmptyValue", ValueType::Flag),
    supported("allowReserved", ValueType::Flag),
    unsupported("content"),
];

const REQUEST_BODY: &[Keyword] = &[
    docs("description", ValueType::Text),
    supported("required", ValueType::Flag),
    supported("content", ValueType::Map(ObjectKind::MediaType)),
];

const MEDIA_TYPE: &[Keyword] = &[
    supported("schema", ValueType::One(ObjectKind::Schema)),
    docs("example", ValueType::Any),
    docs("examples", ValueType::Map(ObjectKind::Example)),
    unsupported("encoding"),
];

const RESPONSE: &[Keyword] = &[
    docs("description", ValueType::Text),
    supported("headers", ValueType::Map(ObjectKind::Header)),
    supported("content", ValueType::Map(ObjectKind::MediaType)),
    unsupported("links"),
];

const HEADER: &[Keyword] = &[
    docs("description", ValueType::Text),
    supported("required", ValueType::Flag),
    docs("deprecated", ValueType::Flag),
    docs("style", ValueType::Text),
    supported("schema", ValueType::One(ObjectKind::Schema)),
    docs("example", ValueType::Any),
    docs("examples", ValueType::Map(ObjectKind::Example)),
    unsupported("explode"),
    unsupported("content"),
];

const EXAMPLE: &[Keyword] = &[
    docs("summary", ValueType::Text),
    docs("description", ValueType::Text),
    docs("value", ValueType::Any),
    docs("externalValue", ValueType::Text),
];

const COMPONENTS: &[Keyword] = &[
    supported("schemas", ValueType::Map(ObjectKind::Schema)),
    supported("responses", ValueType::Map(ObjectKind::Response)),
    supported("parameters", ValueType::Map(ObjectKind::Parameter)),
    docs("examples", ValueType::Map(ObjectKind::Example)),
    supported("requestBodies", ValueType::Map(ObjectKind::RequestBody)),
    supported("headers", ValueType::Map(ObjectKind::Header)),
    supported("securitySchemes", ValueType::Map(ObjectKind::SecurityScheme)),
    unsupported("links"),
    unsupported("callbacks"),
    unsupported("pathItems"),
];

const DISCRIMINATOR: &[Keyword] =
    &[supported("propertyName", ValueType::Text), supported("mapping", ValueType::TextMap)];

const EXTERNAL_DOCS: &[Keyword] = &[docs("url", ValueType::Text), docs("description", ValueType::Text)];

const SECURITY_SCHEME: &[Keyword] = &[
    supported("type", ValueType::Text),
    docs("description", ValueType::Text),
    supported("name", ValueType::Text),
    supported("in", ValueType::Text),
    supported("scheme", ValueType::Text),
    docs("bearerFormat", ValueType::Text),
    supported("flows", ValueType::One(ObjectKind::Flows)),
    supported("openIdConnectUrl", ValueType::Text),
];

const FLOWS: &[Keyword] = &[
    supported("implicit", ValueType::One(ObjectKind::Flow)),
    supported("password", ValueType::One(ObjectKind::Flow)),
    supported("clientCredentials", ValueType::One(ObjectKind::Flow)),
    supported("authorizationCode", ValueType::One(ObjectKind::Flow)),
];

const FLOW: &[Keyword] = &[
    supported("authorizationUrl", ValueType::Text),
    supported("tokenUrl", ValueType::Text),
    supported("refreshUrl", ValueType::Text),
    supported("scopes", ValueType::TextMap),
];

const TAG: &[Keyword] = &[
    docs("name", ValueType::Text),
    docs("description", ValueType::Text),
    docs("externalDocs", ValueType::One(ObjectKind::ExternalDocs)),
];

impl ObjectKind {
    pub(super) const fn keywords(self) -> &'static [Keyword] {
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

    pub(super) fn keyword(self, name: &str) -> Option<&'static Keyword> {
        self.keywords().iter().find(|keyword| keyword.name == name)
    }

    /// Required keywords of each kind.
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

    /// Returns whether a `$ref` may replace the object.
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
