//! The codec of types: how they are read and written, and the traits that follow from their structure.

use proc_macro2::TokenStream;

use super::text::{Code, indented, literal, literals};
use super::{Context, features};
use crate::ir::{
    Const, Decision, Enum, JsonKind, Module, Reading, Shape, Signature, Struct, Tag, TypeDef, TypeId, Union, Unlisted,
};

impl Context<'_> {
    /// The codec file of a module; `None` if the runtime has all its types.
    pub(super) fn codec_file(&self, module: &Module) -> Option<String> {
        let mut entries: Vec<_> = self.types_in(module).iter().filter_map(|id| self.entry(*id)).collect();
        if *module == Module::Webhooks {
            entries.extend(self.webhook_bodies().map(printed));
            entries.extend(self.versions_with_webhooks().map(super::any_version::codec));
        }
        let head = format!("//! How these types are read and written.\n\nuse {}::prelude::*;\n", self.base_text());
        let own = printed(self.own_names(module));
        (!entries.is_empty()).then(|| format!("{head}{own}\n{}", entries.join("\n")))
    }

    /// The codec of a type, under its condition.
    fn entry(&self, id: TypeId) -> Option<String> {
        let def = self.api.get(id);
        let own = match &def.shape {
            _ if self.is_alias(id) => return None,
            Shape::Struct(object) => self.model(def, object),
            Shape::Enum(listed) => open_enum(def, listed),
            Shape::Union(union) => self.variants(def, union),
        };
        let more = printed(self.traits(id));
        let condition = features::condition(&def.feature_set);
        Some(match (more.is_empty(), condition) {
            (true, condition) => format!("{}{own}", condition.unwrap_or_default()),
            (false, None) => format!("{own}\n{more}"),
            (false, Some(condition)) => {
                format!("{condition}const _: () = {{\n{}\n{}}};\n", indented(&own), indented(&more))
            }
        })
    }

    fn model(&self, def: &TypeDef, object: &Struct) -> String {
        let mut out = format!("codec::model! {{\n    {} {{\n", def.name);
        let fields: Vec<_> = object.fields.iter().filter(|field| field.constant.is_none()).collect();
        for field in &fields {
            let optional = if field.presence.is_required() { "" } else { " optional" };
            let secret = if field.redacted { " secret" } else { "" };
            out.push_str(&format!("        {}: {}{optional}{secret},\n", field.name, literal(&field.wire)));
        }
        let rest = if object.additional.is_some() { "additional_properties" } else { "extra" };
        out.push_str(&format!("        ..{rest}\n    }}\n"));
        let is_plain = |name: &str| !name.contains(|c: char| c == '"' || c == '\\' || c < ' ');
        if !fields.iter().all(|field| is_plain(&field.wire)) {
            out.push_str("    plain: false,\n");
        }
        let constants = object.fields.iter().filter_map(|field| {
            let value = constant(field.constant.as_ref()?);
            let required = field.presence.is_required();
            let fields = [
                Code::text(format!("name: {}", literal(&field.wire))),
                Code::text(format!("value: {value}")),
                Code::text(format!("required: {required}")),
            ];
            Some(Code::object("codec::Constant", fields))
        });
        listed("constants", constants.collect(), &mut out);
        let tags = fields.iter().enumerate().filter_map(|(index, field)| {
            let told = field.parent_tag.as_ref()?;
            let cases = told.cases.iter();
            let cases = cases.map(|case| Code::text(format!("({}, {})", literal(&case.value), case.variant)));
            Some(Code::object(
                "codec::ParentTag",
                [
                    Code::text(format!("field: {index}")),
                    Code::named("path", literals(&told.path)),
                    Code::named("cases", Code::array(cases)),
                ],
            ))
        });
        listed("parent_tags", tags.collect(), &mut out);
        out.push_str("}\n");
        out
    }

    fn variants(&self, def: &TypeDef, union: &Union) -> String {
        let mut out = format!("codec::union! {{\n    {} {{\n", def.name);
        for (index, held) in union.variants.iter().enumerate() {
            let value = held.constant.as_ref().map(|value| format!(" = {}", constant(value)));
            out.push_str(&format!("        {index} => {}{},\n", held.name, value.unwrap_or_default()));
        }
        out.push_str("    }\n");
        Code::named("decision", decision(&union.decision)).write(4, &mut out);
        let variants = || union.variants.iter().enumerate();
        let open = variants().filter(|(_, held)| held.reading == Reading::ContentOrUnknown);
        listed("open", open.map(|(index, _)| Code::text(index.to_string())).collect(), &mut out);
        let fallbacks = variants().filter_map(|(index, held)| {
            let Reading::Among(others) = &held.reading else { return None };
            let others: Vec<_> = others.iter().map(ToString::to_string).collect();
            Some(Code::text(format!("({index}, &[{}])", others.join(", "))))
        });
        listed("fallbacks", fallbacks.collect(), &mut out);
        out.push_str("}\n");
        out
    }
}

fn open_enum(def: &TypeDef, listed: &Enum) -> String {
    let values = listed.values.iter().map(|value| format!("        {} = {},\n", value.name, literal(&value.wire)));
    format!("codec::open_enum! {{\n    {} {{\n{}    }}\n}}\n", def.name, values.collect::<String>())
}

/// A named list, if it has items.
fn listed(name: &str, items: Vec<Code>, out: &mut String) {
    if !items.is_empty() {
        Code::named(name, Code::array(items)).write(4, out);
    }
}

fn decision(of: &Decision) -> Code {
    match of {
        Decision::Variant(index) => Code::text(format!("codec::Decision::Variant({index})")),
        Decision::ByKind { objects, others } => Code::object(
            "codec::Decision::ByKind",
            [
                Code::named("objects", decision(objects).referenced()),
                Code::named("others", decision(others).referenced()),
            ],
        ),
        Decision::Tag(tag) => Code::call("codec::Decision::Tag", by_tag(tag)),
        Decision::Structure(signatures) => {
            Code::call("codec::Decision::Structure", Code::array(signatures.iter().map(shape)))
        }
    }
}

fn by_tag(tag: &Tag) -> Code {
    let unlisted = match tag.unlisted {
        Unlisted::Unknown => "Unknown".to_owned(),
        Unlisted::Absent => "Absent".to_owned(),
        Unlisted::VariantOrUnknown(index) => format!("VariantOrUnknown({index})"),
        Unlisted::Variant(index) => format!("Variant({index})"),
    };
    let cases = tag.cases.iter().map(|case| {
        let values: Vec<_> = case.values.iter().map(Const::to_tag).collect();
        Code::tuple([literals(&values), decision(&case.decision)])
    });
    let absent = match &tag.absent {
        Some(absent) => Code::call("Some", decision(absent).referenced()),
        None => Code::text("None"),
    };
    Code::object(
        "codec::Tag",
        [
            Code::named("path", literals(&tag.path)),
            Code::text(format!("is_text: {}", tag.is_text)),
            Code::named("cases", Code::array(cases)),
            Code::text(format!("unlisted: codec::Unlisted::{unlisted}")),
            Code::named("absent", absent),
        ],
    )
}

fn shape(signature: &Signature) -> Code {
    let own: Vec<_> = signature.required.iter().filter(|path| path.len() == 1).flatten().collect();
    let nested: Vec<_> = signature.required.iter().filter(|path| path.len() > 1).map(literals).collect();
    let others: Vec<_> = signature.declared.iter().filter(|name| !own.contains(name)).collect();
    let values = signature.values.iter().map(|(name, values)| {
        let values: Vec<_> = values.iter().map(Const::to_json).collect();
        Code::tuple([Code::text(literal(name)), literals(&values)])
    });
    let values: Vec<_> = values.collect();
    let mut fields = vec![
        Code::text(format!("variant: {}", signature.variant)),
        Code::text(format!("kind: {}", kind(signature.kind))),
    ];
    fields.extend(signature.element.map(|element| Code::text(format!("element: Some({})", kind(element)))));
    let lists = [
        ("required", own.into_iter().map(|name| Code::text(literal(name))).collect()),
        ("nested", nested),
        ("optional", others.into_iter().map(|name| Code::text(literal(name))).collect()),
        ("values", values),
    ];
    let lists = lists.into_iter().filter(|(_, items): &(_, Vec<_>)| !items.is_empty());
    fields.extend(lists.map(|(name, items)| Code::named(name, Code::array(items))));
    fields.push(Code::text("..codec::VariantShape::EMPTY"));
    Code::object("codec::VariantShape", fields)
}

fn kind(kind: JsonKind) -> &'static str {
    match kind {
        JsonKind::Boolean => "codec::JsonKind::Boolean",
        JsonKind::Integer => "codec::JsonKind::Integer",
        JsonKind::Number => "codec::JsonKind::Number",
        JsonKind::String => "codec::JsonKind::String",
        JsonKind::Array => "codec::JsonKind::Array",
        JsonKind::Object => "codec::JsonKind::Object",
    }
}

fn constant(constant: &Const) -> String {
    match constant {
        Const::String(text) => format!("codec::Const::String({})", literal(text)),
        Const::Boolean(truth) => format!("codec::Const::Boolean({truth})"),
        Const::Integer(number) => format!("codec::Const::Integer({number})"),
        Const::Null => "codec::Const::Null".to_owned(),
    }
}

/// Formats items like prettyplease.
fn printed(items: TokenStream) -> String {
    match syn::parse2::<syn::File>(items) {
        Ok(file) => super::file::spaced(&prettyplease::unparse(&file)),
        // The text of the file can't be parsed either, which is reported.
        Err(error) => error.to_string(),
    }
}
