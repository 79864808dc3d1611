//! An example for each operation: a call with the required values, and with others that the descriptions select.
//!
//! Texts, numbers and constants come from the descriptions, by the name of a property or parameter. Identifiers and
//! secrets are variables, because a program has them from elsewhere.

use crate::ir::{
    Api, Argument, Conversion, Enum, Example, ExampleCall, ExampleField, ExampleResult, ExampleText, ExampleValue,
    ExampleVariable, Field, Operation, Output, Parameter, Presence, ResponseBody, Shape, Struct, TextForm, Type,
    TypeId, Union, Variant, Wrapper,
};
use crate::words;

/// A placeholder for a text without a value in the descriptions.
const GAP: &str = "...";

/// Fields that identify an object, best first.
const TELLING: &[&str] = &["url", "customer_portal_url", "name", "email", "slug", "status", "display_key", "label"];

/// Words at the end of a type's name that do not describe its values.
const FORMS: &[&str] = &["public", "read", "response", "schema"];

/// Maximum number of values in one example, including those that are tried and discarded.
const VALUES: usize = 1000;

/// Maximum number of words in a type's name that is also the name of a variable.
const SHORT: usize = 2;

/// Adds an example to each operation, unless it has a handwritten one or its arguments can't be created.
pub(super) fn run(api: &mut Api) {
    let examples: Vec<_> = api.operations.iter().map(|operation| example(api, operation)).collect();
    for (operation, example) in api.operations.iter_mut().zip(examples) {
        operation.example = example;
    }
}

fn example(api: &Api, operation: &Operation) -> Option<Example> {
    if let Some(written) = &operation.docs.example {
        return Some(Example::Written(written.text.clone()));
    }
    let path = accessors(api, operation.resource);
    let subject = words::singular(path.last().map_or("", String::as_str).trim_start_matches("r#"));
    let parts: Vec<_> = operation.path.split('/').filter(|part| !part.is_empty()).collect();
    let mut maker =
        Maker { api, subject, parts, variables: Vec::new(), open: Vec::new(), left: VALUES, has_gaps: false };
    let (arguments, setters) = maker.call(operation)?;
    let result = maker.result(operation);
    Some(Example::Call(ExampleCall {
        path: path.into_iter().chain([operation.method_name.clone()]).collect(),
        variables: maker.variables,
        arguments,
        setters,
        result,
        has_gaps: maker.has_gaps,
    }))
}

/// Returns the accessors from the client to a resource.
fn accessors(api: &Api, resource: usize) -> Vec<String> {
    let resource = &api.resources[resource];
    let mut path = resource.parent.map(|parent| accessors(api, parent)).unwrap_or_default();
    path.push(resource.accessor.clone());
    path
}

/// How a value is taken.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// By an argument.
    Argument(&'a Argument),
    /// As a value of exactly the type.
    Exact,
}

/// Setters by name, with their values.
type Setters = Vec<(String, ExampleValue)>;

struct Maker<'a> {
    api: &'a Api,
    /// The object of the operation, in the singular.
    subject: String,
    /// The parts of its path.
    parts: Vec<&'a str>,
    variables: Vec<ExampleVariable>,
    /// Definitions that are being created. None contains itself.
    open: Vec<TypeId>,
    /// Number of values that may still be created: types that need each other have too many combinations to try them
    /// all.
    left: usize,
    has_gaps: bool,
}

impl Maker<'_> {
    fn call(&mut self, operation: &Operation) -> Option<(Vec<ExampleValue>, Setters)> {
        let mut arguments = Vec::new();
        let queries = operation.query.iter().filter(|parameter| parameter.required);
        let headers = operation.headers.iter().filter(|parameter| parameter.required);
        for parameter in operation.path_parameters.iter().chain(queries).chain(headers) {
            arguments.push(self.parameter(parameter)?);
        }
        let mut setters = Vec::new();
        let optional = operation.query.iter().chain(&operation.headers).filter(|parameter| !parameter.required);
        for parameter in optional.filter(|parameter| is_shown(parameter.docs.example.as_ref())) {
            setters.push((parameter.name.clone(), self.parameter(parameter)?));
        }
        if let Some(body) = &operation.body {
            let value = self.value(&body.ty, Place::Argument(&body.argument), "body", None)?;
            if body.required {
                arguments.push(self.changed(value, &body.ty)?);
            } else {
                setters.push(("body".to_owned(), value));
            }
        }
        Some((arguments, setters))
    }

    fn parameter(&mut self, parameter: &Parameter) -> Option<ExampleValue> {
        let place = match &parameter.argument {
            Argument::Text(TextForm::Display | TextForm::Debug) => Place::Exact,
            argument => Place::Argument(argument),
        };
        self.value(parameter.ty.without_null(), place, &parameter.wire, parameter.docs.example.as_ref())
    }

    /// Returns a body in which something is set, because an empty one shows nothing.
    fn changed(&mut self, body: ExampleValue, ty: &Type) -> Option<ExampleValue> {
        let ExampleValue::Object(id, arguments, setters) = &body else { return Some(body) };
        let Shape::Struct(object) = &self.api.get(*id).shape else { return Some(body) };
        if !arguments.is_empty() || !setters.is_empty() || !matches!(ty, Type::Named(_)) {
            return Some(body);
        }
        let settable = || object.fields.iter().filter(|field| field.constant.is_none() && !field.docs.deprecated);
        let chosen = settable()
            .find(|field| field.docs.example.is_some())
            .or_else(|| settable().find(|field| matches!(field.ty, Type::Boolean | Type::Integer | Type::Named(_))));
        let Some(chosen) = chosen else { return Some(body) };
        let setter = (chosen.name.clone(), self.setter(chosen)?);
        Some(ExampleValue::Object(*id, Vec::new(), vec![setter]))
    }

    fn object(&mut self, id: TypeId, object: &Struct) -> Option<ExampleValue> {
        let fields = object.fields.iter().filter(|field| field.constant.is_none());
        let (mut arguments, mut setters) = (Vec::new(), Vec::new());
        for field in fields {
            if field.presence.is_required() {
                arguments.push(self.required(field)?);
            } else if is_shown(field.docs.example.as_ref()) {
                setters.push((field.name.clone(), self.setter(field)?));
            }
        }
        Some(ExampleValue::Object(id, arguments, setters))
    }

    /// The argument of a constructor.
    fn required(&mut self, field: &Field) -> Option<ExampleValue> {
        let example = field.docs.example.as_ref();
        match (field.wrapper, field.presence) {
            (Wrapper::Option, Presence::RequiredNullable) => {
                let value = self.value(&field.ty, Place::Exact, &field.wire, example);
                Some(ExampleValue::Option(value.map(Box::new)))
            }
            _ => self.value(&field.ty, Place::Argument(&field.argument), &field.wire, example),
        }
    }

    fn setter(&mut self, field: &Field) -> Option<ExampleValue> {
        let example = field.docs.example.as_ref();
        match (field.wrapper, &field.ty) {
            (Wrapper::Nullable, Type::String) => {
                self.value(&field.ty, Place::Argument(&Argument::Into), &field.wire, example)
            }
            (Wrapper::Nullable, _) if !field.boxed => self.value(&field.ty, Place::Exact, &field.wire, example),
            (Wrapper::Nullable, _) => None,
            _ => self.value(&field.ty, Place::Argument(&field.argument), &field.wire, example),
        }
    }

    fn value(
        &mut self,
        ty: &Type,
        place: Place<'_>,
        wire: &str,
        example: Option<&ExampleText>,
    ) -> Option<ExampleValue> {
        self.left = self.left.checked_sub(1)?;
        let text = example.map(|example| example.text.as_str());
        let is_exact = matches!(place, Place::Exact);
        Some(match ty {
            Type::String => {
                let text = self.text(text);
                if is_exact { ExampleValue::String(text) } else { ExampleValue::Str(text) }
            }
            Type::Secret => {
                let name = self.variable(wire, true);
                if is_exact { ExampleValue::Secret(name) } else { ExampleValue::Variable(name) }
            }
            Type::Uuid => ExampleValue::Variable(self.variable(wire, false)),
            Type::Any => ExampleValue::Json(text.unwrap_or("{}").to_owned()),
            Type::DateTime => ExampleValue::DateTime(self.text(text)),
            Type::Date => ExampleValue::Date(self.text(text)),
            Type::Integer => ExampleValue::Integer(self.parsed(text).unwrap_or(1)),
            Type::Number => ExampleValue::Number(self.parsed(text).unwrap_or(1.0)),
            Type::IntegerOrNumber if is_exact => ExampleValue::IntegerOrNumber(self.parsed(text).unwrap_or(1)),
            Type::IntegerOrNumber => ExampleValue::Integer(self.parsed(text).unwrap_or(1)),
            Type::Boolean => ExampleValue::Boolean(text.is_none_or(|text| text == "true")),
            Type::List(inner) => match place {
                Place::Argument(Argument::Items(items)) => {
                    ExampleValue::Array(vec![self.value(inner, Place::Argument(items), wire, example)?])
                }
                _ => ExampleValue::List(vec![self.value(inner, Place::Exact, wire, example)?]),
            },
            Type::Tuple(items) => {
                let items: Option<_> = items.iter().map(|item| self.value(item, Place::Exact, wire, example)).collect();
                ExampleValue::Tuple(items?)
            }
            Type::Map(key, value) => {
                let (entry, content) = example.map(|example| split(&example.text)).unzip();
                let (is_argument, keys, values) = match place {
                    Place::Argument(Argument::Entries(keys, values)) => {
                        (true, Place::Argument(keys), Place::Argument(values))
                    }
                    _ => (false, Place::Exact, Place::Exact),
                };
                let key = self.value(key, keys, wire, entry.as_ref())?;
                let value = self.value(value, values, wire, content.as_ref())?;
                match is_argument {
                    true => ExampleValue::Array(vec![ExampleValue::Tuple(vec![key, value])]),
                    false => ExampleValue::Map(Box::new(key), Box::new(value)),
                }
            }
            Type::OneOrMany(inner) => {
                let place = match (place, &**inner) {
                    (Place::Argument(_), Type::String) => place,
                    _ => Place::Exact,
                };
                let value = self.value(inner, place, wire, example)?;
                if is_exact { ExampleValue::OneOrMany(Box::new(value)) } else { value }
            }
            Type::Nullable(inner) => {
                ExampleValue::Option(Some(Box::new(self.value(inner, Place::Exact, wire, example)?)))
            }
            Type::Named(id) => return self.named(*id, place, text),
        })
    }

    fn named(&mut self, id: TypeId, place: Place<'_>, text: Option<&str>) -> Option<ExampleValue> {
        if self.open.contains(&id) {
            return None;
        }
        self.open.push(id);
        let value = match &self.api.get(id).shape {
            Shape::Struct(object) => self.object(id, object),
            Shape::Enum(listed) => enumerated(id, listed, text),
            Shape::Union(union) => self.union(id, union, place, text),
        };
        self.open.pop();
        value
    }

    /// Returns the variant with this name, or the first that can be created.
    fn union(&mut self, id: TypeId, union: &Union, place: Place<'_>, text: Option<&str>) -> Option<ExampleValue> {
        let takes = matches!(place, Place::Argument(Argument::Into));
        let mut variants: Vec<&Variant> = union.variants.iter().collect();
        variants.sort_by_key(|variant| text != Some(variant.name.as_str()));
        let text = text.filter(|text| !union.variants.iter().any(|variant| variant.name == **text));
        let example = text.map(|text| ExampleText { text: text.to_owned(), is_shown: false });
        variants.into_iter().find_map(|variant| {
            if variant.constant.is_some() {
                return Some(ExampleValue::Variant(id, variant.name.clone(), None));
            }
            let literal = match (&variant.ty, takes) {
                (Type::String, true) => variant.conversions.contains(&Conversion::Str),
                (Type::Integer, true) => variant.conversions.contains(&Conversion::I32),
                _ => false,
            };
            let inner = if literal { Place::Argument(&Argument::Into) } else { Place::Exact };
            let (variables, has_gaps) = (self.variables.len(), self.has_gaps);
            let Some(value) = self.value(&variant.ty, inner, &variant.context, example.as_ref()) else {
                self.variables.truncate(variables);
                self.has_gaps = has_gaps;
                return None;
            };
            if literal || takes && variant.conversions.contains(&Conversion::Content) {
                return Some(value);
            }
            Some(ExampleValue::Variant(id, variant.name.clone(), Some((Box::new(value), variant.boxed))))
        })
    }

    fn text(&mut self, text: Option<&str>) -> String {
        self.has_gaps |= text.is_none();
        text.unwrap_or(GAP).to_owned()
    }

    /// Returns the number in a text. Without a text, any number is fine.
    fn parsed<T: std::str::FromStr>(&mut self, text: Option<&str>) -> Option<T> {
        let number = text?.parse().ok();
        self.has_gaps |= number.is_none();
        number
    }

    /// Returns the variable for a property or parameter: `product_id` for the `id` of a product or in a path of
    /// `products`.
    fn variable(&mut self, wire: &str, is_text: bool) -> String {
        let parts: Vec<_> = words::split(wire).iter().map(|word| word.to_lowercase()).collect();
        let wire = parts.join("_");
        let name = match wire.as_str() {
            "id" | "" => format!("{}_id", words::singular(&self.named_by("{id}").unwrap_or(self.subject.clone()))),
            name if is_text || name.ends_with("_id") => name.to_owned(),
            name => format!("{}_id", words::singular(name.trim_end_matches("_ids"))),
        };
        let variable = ExampleVariable { name: name.clone(), is_text };
        if !self.variables.contains(&variable) {
            self.variables.push(variable);
        }
        name
    }

    /// Returns the segment of the path before another one: `endpoints` in `/v1/webhooks/endpoints/{id}`.
    fn named_by(&self, part: &str) -> Option<String> {
        let at = self.parts.iter().position(|other| *other == part)?;
        let before = self.parts.get(at.checked_sub(1)?)?;
        (!before.starts_with('{')).then(|| before.replace('-', "_"))
    }

    fn result(&self, operation: &Operation) -> ExampleResult {
        match &operation.output {
            Output::ByStatus { name, .. } => {
                let variant =
                    |success: &crate::ir::Success| (success.name.clone(), success.body != ResponseBody::Empty);
                let module = self.api.resources[operation.resource].module.clone();
                ExampleResult::ByStatus(module, name.clone(), operation.successes.iter().map(variant).collect())
            }
            Output::Body(ResponseBody::Empty) => ExampleResult::Nothing,
            Output::Body(ResponseBody::Text(media)) => {
                let name = media.rsplit('/').next().unwrap_or_default();
                ExampleResult::Value(if name == "csv" { name } else { "text" }.to_owned(), ExampleField::Text)
            }
            Output::Body(ResponseBody::Json(ty)) => {
                let page = self.api.pages.iter().find(|page| *ty == Type::Named(page.ty));
                match page.filter(|_| operation.pagination.is_some()) {
                    Some(page) => {
                        let all = self.parts.last().map(|part| part.replace('-', "_")).unwrap_or_default();
                        let (all, one) = match words::singular(&all) {
                            one if one != all && words::is_identifier(&one) => (all, one),
                            _ => ("items".to_owned(), "item".to_owned()),
                        };
                        ExampleResult::Items(all, one, self.shown(&page.item))
                    }
                    None => ExampleResult::Value(self.result_name(ty), self.shown(ty)),
                }
            }
        }
    }

    /// Returns the variable for a result: the name of its type if that is short, or of the object of the operation.
    fn result_name(&self, ty: &Type) -> String {
        let Type::Named(id) = ty else { return "response".to_owned() };
        let mut name: Vec<_> = words::split(&self.api.get(*id).name).iter().map(|word| word.to_lowercase()).collect();
        while name.len() > 1 && name.last().is_some_and(|last| FORMS.contains(&last.as_str())) {
            name.pop();
        }
        let joined = name.join("_");
        match name.len() <= SHORT {
            true => variable_name(&joined),
            false if !self.subject.is_empty() && joined.starts_with(&self.subject) => variable_name(&self.subject),
            false => "response".to_owned(),
        }
    }

    /// Returns what an example prints of a value: the field that identifies it.
    fn shown(&self, ty: &Type) -> ExampleField {
        let Type::Named(id) = ty else { return ExampleField::Whole };
        let Shape::Struct(object) = &self.api.get(*id).shape else { return ExampleField::Whole };
        let is_plain = |field: &&Field| field.wrapper == Wrapper::Plain && field.constant.is_none() && !field.redacted;
        let is_text = |field: &&Field| match &field.ty {
            Type::String => true,
            Type::Named(id) => matches!(self.api.get(*id).shape, Shape::Enum(_)),
            _ => false,
        };
        let fields: Vec<_> = object.fields.iter().filter(is_plain).collect();
        let telling = TELLING.iter().find_map(|name| fields.iter().find(|field| field.wire == *name && is_text(field)));
        let id = || fields.iter().find(|field| field.wire == "id" && field.ty == Type::Uuid);
        match telling.or_else(id) {
            Some(field) => ExampleField::Field(field.name.clone()),
            None => ExampleField::Whole,
        }
    }
}

/// Returns a text that can be the name of a variable.
fn variable_name(name: &str) -> String {
    if words::is_identifier(name) { name.to_owned() } else { "response".to_owned() }
}

fn is_shown(example: Option<&ExampleText>) -> bool {
    example.is_some_and(|example| example.is_shown)
}

/// Returns the value with this text, or the first one.
fn enumerated(id: TypeId, listed: &Enum, text: Option<&str>) -> Option<ExampleValue> {
    let named = listed.values.iter().find(|value| text == Some(value.wire.as_str()));
    let value = named.or_else(|| listed.values.first())?;
    Some(ExampleValue::Variant(id, value.name.clone(), None))
}

/// Key and value of `key=value`.
fn split(text: &str) -> (ExampleText, ExampleText) {
    let (key, value) = text.split_once('=').unwrap_or((text, text));
    let text = |text: &str| ExampleText { text: text.to_owned(), is_shown: false };
    (text(key), text(value))
}
