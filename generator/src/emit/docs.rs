//! Doc comments.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;
use proc_macro2::TokenStream;
use quote::quote;

use super::Context;
use crate::ir::{
    Docs, Field, Operation, Output, Parameter, Presence, Preset, Resource, ResponseBody, Status, Success, Type,
    TypeDef, TypeId,
};

/// Maximum length of a line in a doc comment, without its slashes.
const WIDTH: usize = 112;

/// Maximum number of operations that the doc comment of a type names.
const LISTED: usize = 4;

/// Starts and ends a code block.
const FENCE: &str = "```";

/// Paragraphs as doc attributes, wrapped.
pub(super) fn comment(paragraphs: &[String]) -> TokenStream {
    let mut lines = Vec::new();
    for paragraph in paragraphs.iter().filter(|p| !p.trim().is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let mut is_code = false;
        for line in paragraph.trim().lines() {
            if line.trim_start().starts_with(FENCE) {
                is_code = !is_code;
                // Without a language it would be a doctest.
                lines.push(if is_code { format!("{FENCE}text") } else { FENCE.to_owned() });
            } else if is_code {
                lines.push(line.to_owned());
            } else {
                lines.extend(wrap(line));
            }
        }
    }
    let lines = lines.iter().map(|line| attribute_text(line));
    quote!(#(#[doc = #lines])*)
}

/// Returns the doc attribute of a line. Rust does not allow a lone carriage return in a comment. Characters that are
/// invisible, or that change the direction of a text, are written as their code.
pub(super) fn attribute_text(line: &str) -> String {
    let is_hidden =
        |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    let mut text = String::with_capacity(line.len() + 1);
    for c in line.trim_end_matches(' ').chars() {
        if text.is_empty() {
            text.push(' ');
        }
        match c {
            '\r' | '\n' => text.push(' '),
            '\t' => text.push('\t'),
            c if is_hidden(c) => text.extend(c.escape_unicode()),
            c => text.push(c),
        }
    }
    text
}

fn wrap(line: &str) -> Vec<String> {
    let indent = if line.starts_with("- ") { "  " } else { "" };
    let mut lines = vec![String::new()];
    let mut width = 0;
    for word in line.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(last) if last.is_empty() => {
                last.push_str(word);
                width = length;
            }
            Some(last) if width + 1 + length <= WIDTH => {
                last.push(' ');
                last.push_str(word);
                width += 1 + length;
            }
            _ => {
                lines.push(format!("{indent}{word}"));
                width = indent.len() + length;
            }
        }
    }
    lines
}

/// A text of a document may contain what rustdoc reads as a link or a tag; it is escaped.
pub(super) fn plain(text: &str) -> String {
    let mut quoted = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '`' => quoted = !quoted,
            '[' | ']' | '<' | '>' if !quoted => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
}

/// The doc comment of a group of operations.
pub(super) fn resource_docs(resource: &Resource) -> Vec<String> {
    let operations = format!("Operations of `{}`.", resource.path.join(":"));
    resource.description.iter().map(|text| plain(text)).chain([operations]).collect()
}

/// Returns facts as one sentence, if there are any.
fn facts_line(facts: &[String]) -> Option<String> {
    (!facts.is_empty()).then(|| sentence(&facts.join(", ")))
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

/// Other names by which the search finds an item.
pub(super) fn aliases(names: &[String]) -> TokenStream {
    if names.is_empty() { TokenStream::new() } else { quote!(#[doc(alias(#(#names),*))]) }
}

/// Returns `#[deprecated]` if the document says so.
pub(super) fn deprecated(docs: &Docs) -> TokenStream {
    if docs.deprecated { quote!(#[deprecated = "the document marks it as deprecated"]) } else { TokenStream::new() }
}

impl Context<'_> {
    pub(super) fn field_docs(&self, field: &Field) -> TokenStream {
        let is_described = field.docs.description.is_some();
        // The signature shows the type too, so it is described only if there is no other text.
        let mut facts = if is_described { Vec::new() } else { vec![self.type_words(&field.ty)] };
        facts.extend(field.docs.facts.iter().cloned());
        if let Some(Preset::ApiVersion) = field.preset {
            let whose = if self.other().is_some() { "module" } else { "crate" };
            facts.push(format!("preset to the {whose}'s [`API_VERSION`]({}::API_VERSION)", self.base_text()));
        }
        match field.presence {
            _ if is_described => {}
            Presence::Required => {}
            Presence::RequiredNullable => facts.push("may be null".to_owned()),
            Presence::Optional => facts.push("may be absent".to_owned()),
            Presence::OptionalNullable => facts.push("may be absent or null".to_owned()),
        }
        let mut paragraphs: Vec<_> = field.docs.description.iter().map(|text| plain(text)).collect();
        paragraphs.extend(facts_line(&facts));
        comment(&paragraphs)
    }

    /// Returns the doc comment of a parameter's setter; `place` is the kind of parameter.
    pub(super) fn parameter_docs(&self, parameter: &Parameter, place: &str) -> Vec<String> {
        let Parameter { wire, name, docs, ty, .. } = parameter;
        let Some(description) = &docs.description else {
            let facts: Vec<_> = [self.type_words(ty)].into_iter().chain(docs.facts.iter().cloned()).collect();
            return vec![format!("{place} `{wire}`: {}.", facts.join(", "))];
        };
        let mut paragraphs = vec![plain(description)];
        paragraphs.extend(match (name.trim_start_matches("r#") == wire, docs.facts.is_empty()) {
            (true, _) => facts_line(&docs.facts),
            (false, true) => Some(format!("{place} `{wire}`.")),
            (false, false) => Some(format!("{place} `{wire}`: {}.", docs.facts.join(", "))),
        });
        paragraphs
    }

    /// Returns the section on the arguments of a method, as far as they are described. A body is described by its type.
    pub(super) fn argument_docs(&self, operation: &Operation) -> Vec<String> {
        let required = operation.query.iter().chain(&operation.headers).filter(|parameter| parameter.required);
        let item = |parameter: &Parameter| {
            let description = parameter.docs.description.as_deref().map(plain)?;
            let facts = facts_line(&parameter.docs.facts).map(|facts| format!(" {facts}")).unwrap_or_default();
            Some(format!("- `{}`: {description}{facts}", parameter.name.trim_start_matches("r#")))
        };
        let items: Vec<_> = operation.path_parameters.iter().chain(required).filter_map(item).collect();
        if items.is_empty() { Vec::new() } else { vec!["# Arguments".to_owned(), items.join("\n")] }
    }

    fn type_words(&self, ty: &Type) -> String {
        self.api.type_words(ty, &|def| format!("[`{}`]", def.name))
    }

    /// Describes the JSON values of a type that is not a definition, which distinguishes a variant without a name from
    /// the others.
    pub(super) fn json_words(&self, ty: &Type) -> String {
        match ty {
            Type::Any | Type::Named(_) => "Any JSON".to_owned(),
            Type::String | Type::Secret => "A JSON string".to_owned(),
            Type::Uuid => "A JSON string that is a UUID".to_owned(),
            Type::DateTime => "A JSON string that is a time (RFC 3339)".to_owned(),
            Type::Date => "A JSON string that is a date, such as `2026-10-01`".to_owned(),
            Type::Integer => "A JSON number without a fraction".to_owned(),
            Type::Number | Type::IntegerOrNumber => "A JSON number".to_owned(),
            Type::Boolean => "A JSON boolean".to_owned(),
            Type::List(inner) => format!("A JSON array. Items: {}", self.type_words(inner)),
            Type::Tuple(items) => format!("A JSON array of {} items", items.len()),
            Type::Map(_, value) => format!("A JSON object. Values: {}", self.type_words(value)),
            Type::OneOrMany(inner) => format!("One value or a JSON array of them: {}", self.type_words(inner)),
            Type::Nullable(inner) => format!("{}, or null", self.json_words(inner)),
        }
    }

    /// Returns the doc comment of a definition: its text, its uses and its source.
    pub(super) fn type_docs(&self, id: TypeId, more: &[String]) -> TokenStream {
        let def = self.api.get(id);
        let mut paragraphs = vec![match &def.docs.description {
            Some(text) => plain(text),
            None => self.summary(def),
        }];
        paragraphs.extend(self.uses(id));
        paragraphs.extend(facts_line(&def.docs.facts));
        paragraphs.extend(more.iter().cloned());
        if !def.is_synthesized() {
            paragraphs.push(format!("Source: `{}`.", def.pointer()));
        }
        comment(&paragraphs)
    }

    fn summary(&self, def: &TypeDef) -> String {
        let words = crate::words::split(&def.name).join(" ");
        let words = if def.component().is_some() { words } else { words.to_lowercase() };
        sentence(&match (def.usage.input, def.usage.output) {
            (true, false) => format!("{words}, as sent in requests"),
            (false, true) => format!("{words}, as sent by the server"),
            _ => format!("{words}, in requests and responses"),
        })
    }

    fn uses(&self, id: TypeId) -> Option<String> {
        let lists = ["Body", "Response", "Error"].iter().zip(self.index.uses.get(&id)?);
        let uses: Vec<_> = lists.filter_map(|(what, ids)| Some(format!("{what} of {}.", list(ids)?))).collect();
        (!uses.is_empty()).then(|| uses.join(" "))
    }

    /// Returns the doc comment of a method and its request type.
    pub(super) fn operation_docs(&self, operation: &Operation) -> Vec<String> {
        let mut paragraphs: Vec<_> = operation.docs.description.iter().map(|text| plain(text)).collect();
        let line = format!("`{} {}`", operation.method.as_str(), operation.path);
        if paragraphs.is_empty() {
            paragraphs.push(format!("{line}, the operation `{}`.", operation.id));
        } else {
            paragraphs.push(format!("{line}, operation `{}`.", operation.id));
        }
        paragraphs.push(self.successes(operation));
        paragraphs
    }

    fn successes(&self, operation: &Operation) -> String {
        let each = |success: &Success| match success.status {
            Status::Default => self.body_words(&success.body),
            status => format!("{status} {}", self.body_words(&success.body)),
        };
        let all: Vec<_> = operation.successes.iter().map(each).collect();
        let text =
            format!("Responds {}.", if all.is_empty() { "without a body".to_owned() } else { all.join(", or ") });
        match &operation.output {
            Output::Body(_) => text,
            Output::ByStatus { name, .. } => format!("{text} [`{name}`] has a variant for each."),
        }
    }

    fn body_words(&self, body: &ResponseBody) -> String {
        match body {
            ResponseBody::Json(ty) => format!("with {}", self.type_words(ty)),
            ResponseBody::Text(media) => format!("with text (`{media}`)"),
            ResponseBody::Empty => "without a body".to_owned(),
        }
    }

    /// Returns the doc comment of the variant for a success: the meaning of its status, and its body.
    pub(super) fn success_docs(&self, success: &Success) -> TokenStream {
        let status = match (success.status, success.status.reason()) {
            (Status::Code(code), Some(reason)) => format!("Status {code} ({reason})"),
            (Status::Code(code), None) => format!("Status {code}"),
            (Status::Range(_) | Status::Default, _) => "Any other success".to_owned(),
        };
        let words = success.description.as_deref().map(plain);
        let words = words.or_else(|| meaning(success.status).map(str::to_owned));
        let more = match success.status {
            Status::Code(_) => "",
            Status::Range(_) | Status::Default => " `send_with_response()` returns the status.",
        };
        comment(&[words.unwrap_or_default(), format!("{status}, {}.{more}", self.body_words(&success.body))])
    }

    /// Returns the sections on authentication and errors.
    pub(super) fn operation_sections(&self, operation: &Operation) -> Vec<String> {
        let mut paragraphs = vec!["# Authentication".to_owned()];
        if operation.security.is_empty() {
            paragraphs.push("No token is needed, and the client's token is not sent.".to_owned());
        } else {
            let schemes = operation.security.iter().map(|requirement| &requirement.scheme);
            let mut text = format!("Needs a token of the scheme {}", one_of(schemes));
            let scopes = scopes(operation);
            if !scopes.is_empty() {
                text.push_str(&format!(" that has the scope {}", one_of(scopes)));
            }
            paragraphs.push(format!("{text}."));
        }
        paragraphs.push("# Errors".to_owned());
        let mut errors = String::new();
        for error in &operation.errors {
            let status = match error.status {
                Status::Default => "any other status".to_owned(),
                status => status.to_string(),
            };
            match &error.ty {
                Some(ty) => errors.push_str(&format!("- {status}: {}\n", self.type_words(ty))),
                None => errors.push_str(&format!("- {status}\n")),
            }
        }
        errors.push_str("- the errors of any call, see [`Error`]");
        if operation.may_act_twice() {
            errors.push_str(
                "\n- if [`Error::outcome_is_unknown`], it may have been carried out: look for the result before you send it \
                 again",
            );
        }
        paragraphs.push(errors);
        paragraphs
    }
}

/// Returns the names in code font, as alternatives: `` `a`, `b` or `c` ``.
fn one_of<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let mut names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} or {last}", names.join(", ")) }
}

/// Returns the meaning of a success with this status (RFC 9110, section 15.3).
fn meaning(status: Status) -> Option<&'static str> {
    let Status::Code(code) = status else { return None };
    Some(match code {
        200 => "The request succeeded.",
        201 => "The request succeeded and created something.",
        202 => "The server accepted the request and has not finished it yet.",
        204 => "The request succeeded, and there is nothing to return.",
        206 => "The request succeeded, and the body is a part of the content.",
        207 => "The request has several parts, each with its own status in the body.",
        _ => return None,
    })
}

/// Returns all scopes of an operation, without duplicates.
pub(super) fn scopes(operation: &Operation) -> Vec<&String> {
    let scopes: IndexSet<&String> = operation.security.iter().flat_map(|security| &security.scopes).collect();
    scopes.into_iter().collect()
}

/// Ids of the operations that use a definition: in their body, their response, or an error.
pub(super) type Uses<'a> = BTreeMap<TypeId, [Vec<&'a str>; 3]>;

/// Returns the uses of all definitions by operations.
pub(super) fn uses(operations: &[Operation]) -> Uses<'_> {
    let mut uses = Uses::new();
    for operation in operations {
        let body = operation.body.iter().map(|body| &body.ty).collect();
        let answer: Vec<&Type> = operation.success_types().collect();
        let errors = operation.errors.iter().filter_map(|error| error.ty.as_ref()).collect();
        for (place, types) in [body, answer, errors].into_iter().enumerate() {
            let mut named = Vec::new();
            types.iter().for_each(|ty: &&Type| ty.each_named(&mut |id| named.push(id)));
            for id in BTreeSet::from_iter(named) {
                uses.entry(id).or_default()[place].push(&operation.id);
            }
        }
    }
    uses
}

fn list(ids: &[&str]) -> Option<String> {
    let shown = |ids: &[&str]| ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    match ids.len() {
        0 => None,
        n if n > LISTED => Some(format!("{} and {} more", shown(&ids[..LISTED - 1]), n + 1 - LISTED)),
        _ => Some(shown(ids)),
    }
}
