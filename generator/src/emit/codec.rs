//! What the compiler reads of a type: how it is read and written, and traits that follow from its shape.

use proc_macro2::TokenStream;

use super::text::{Code, indented, literal, literals};
use super::{Context, Home, features};
use crate::ir::{
    Const, Decision, Enum, Kind, Member, Shape, Signature, Struct, Tag, Type, TypeDef, TypeId, Union,
};

impl Context<'_> {
    /// The file beside the definitions of `home` that reads and writes them; nothing if the runtime has them all.
    pub(super) fn codec_file(&self, home: &Home<'_>) -> Option<String> {
        let mut entries: Vec<_> = self.types_at(home).into_iter().filter_map(|id| self.entry(id)).collect();
        if *home == Home::Webhooks {
            entries.extend(super::models::webhook_bodies(self.api).map(printed));
        }
        let head = "//! How these types are read and written.\n\nuse crate::prelude::*;\n";
        let own = printed(self.own_names(home));
        (!entries.is_empty()).then(|| format!("{head}{own}\n{}", entries.join("\n")))
    }

    /// All of a type, under its condition.
    fn entry(&self, id: TypeId) -> Option<String> {
        let def = self.api.get(id);
        let own = match &def.shape {
            _ if self.is_alias(id) => return None,
            Shape::Struct(object) => self.model(def, object),
            Shape::Enum(listed) => open_enum(def, listed),
            Shape::Union(union) => self.variants(def, union),
        };
        let more = printed(self.traits(id));
        let condition = features::condition(&def.reach);
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
            let Type::Named(id) = &field.ty else { return None };
            if !matches!(self.api.get(*id).shape, Shape::Union(_)) {
                return None;
            }
            let cases = told.cases.iter();
            let cases = cases.map(|case| Code::text(format!("({}, {})", literal(&case.value), case.member)));
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
        for (index, member) in union.members.iter().enumerate() {
            let value = member.constant.as_ref().map(|value| format!(" = {}", constant(value)));
            out.push_str(&format!("        {index} => {}{},\n", member.name, value.unwrap_or_default()));
        }
        out.push_str("    }\n");
        Code::named("decision", decision(&union.decision)).write(4, &mut out);
        let members = || union.members.iter().enumerate();
        let open = members().filter(|(_, member)| is_open(union, member));
        listed("open", open.map(|(index, _)| Code::text(index.to_string())).collect(), &mut out);
        let fallbacks = members().filter(|(_, member)| !member.fallbacks.is_empty()).map(|(index, member)| {
            let others: Vec<_> = member.fallbacks.iter().map(ToString::to_string).collect();
            Code::text(format!("({index}, &[{}])", others.join(", ")))
        });
        listed("fallbacks", fallbacks.collect(), &mut out);
        out.push_str("}\n");
        out
    }
}

/// Whether a value that does not fit the variant is kept as unknown: a constant that the server added since has the kind
/// of a formatted text, and a tag beside the union may be one that the crate does not know.
fn is_open(union: &Union, member: &Member) -> bool {
    let has_constants = || union.members.iter().any(|member| member.constant.is_some());
    let is_formatted = matches!(member.ty, Type::DateTime | Type::Date | Type::Uuid);
    member.constant.is_none() && (union.told_by_parent || is_formatted && has_constants())
}

fn open_enum(def: &TypeDef, listed: &Enum) -> String {
    let values = listed.values.iter().map(|value| format!("        {} = {},\n", value.name, literal(&value.wire)));
    format!("codec::open_enum! {{\n    {} {{\n{}    }}\n}}\n", def.name, values.collect::<String>())
}

/// A list under a name, if it has items.
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
            [Code::named("objects", decision(objects).referenced()), Code::named("others", decision(others).referenced())],
        ),
        Decision::Tag(tag) => Code::call("codec::Decision::Tag", by_tag(tag)),
        Decision::Structure(signatures) => {
            Code::call("codec::Decision::Structure", Code::array(signatures.iter().map(shape)))
        }
    }
}

fn by_tag(tag: &Tag) -> Code {
    let is_text = tag.cases.iter().flat_map(|case| &case.values).all(|value| matches!(value, Const::String(_)));
    let others = match (tag.otherwise, &tag.absent) {
        (Some(other), _) => format!("Variant({other})"),
        (None, Some(absent)) if tag.absent_takes_others => match **absent {
            Decision::Variant(index) if !tag.is_marker() => format!("VariantOrUnknown({index})"),
            _ => "Absent".to_owned(),
        },
        _ => "Unknown".to_owned(),
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
            Code::text(format!("is_text: {is_text}")),
            Code::named("cases", Code::array(cases)),
            Code::text(format!("others: codec::Others::{others}")),
            Code::named("absent", absent),
        ],
    )
}

fn shape(signature: &Signature) -> Code {
    let own: Vec<_> = signature.required.iter().filter(|path| path.len() == 1).flatten().collect();
    let below: Vec<_> = signature.required.iter().filter(|path| path.len() > 1).map(literals).collect();
    let others: Vec<_> = signature.declared.iter().filter(|name| !own.contains(name)).collect();
    let values = signature.values.iter().map(|(name, values)| {
        let values: Vec<_> = values.iter().map(Const::to_json).collect();
        Code::tuple([Code::text(literal(name)), literals(&values)])
    });
    let values: Vec<_> = values.collect();
    let mut fields = vec![
        Code::text(format!("variant: {}", signature.member)),
        Code::text(format!("kind: {}", kind(signature.kind))),
    ];
    fields.extend(signature.element.map(|element| Code::text(format!("element: Some({})", kind(element)))));
    let lists = [
        ("required", own.into_iter().map(|name| Code::text(literal(name))).collect()),
        ("below", below),
        ("optional", others.into_iter().map(|name| Code::text(literal(name))).collect()),
        ("values", values),
    ];
    let lists = lists.into_iter().filter(|(_, items): &(_, Vec<_>)| !items.is_empty());
    fields.extend(lists.map(|(name, items)| Code::named(name, Code::array(items))));
    fields.push(Code::text("..codec::Shape::EMPTY"));
    Code::object("codec::Shape", fields)
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "codec::Kind::Boolean",
        Kind::Integer => "codec::Kind::Integer",
        Kind::Number => "codec::Kind::Number",
        Kind::String => "codec::Kind::String",
        Kind::Array => "codec::Kind::Array",
        Kind::Object => "codec::Kind::Object",
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

/// Items in the layout of prettyplease.
fn printed(items: TokenStream) -> String {
    match syn::parse2::<syn::File>(items) {
        Ok(file) => super::file::spaced(&prettyplease::unparse(&file)),
        // The text of the file does not parse either, and says so.
        Err(error) => error.to_string(),
    }
}
