//! Schemas: each becomes a use of a type, and a definition if it needs a name.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use openapiv3::{
    AdditionalProperties, AnySchema, ArrayType, ObjectType, ReferenceOr, Schema, SchemaData, SchemaKind, StringFormat,
    StringType, Type as SchemaType, VariantOrUnknownOrEmpty,
};
use serde_json::Value;

use super::all_of::{Merge, Preview};
use super::facts;
use super::not_a_component;
use super::parent_tags;
use super::place::Place;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::document::preserved;
use crate::ir::{
    Alias, Argument, Const, Docs, Enum, EnumValue, FeatureSet, Field, Module, Origin, Presence, Shape, Struct, Type,
    TypeDef, TypeId, Usage, Wrapper,
};
use crate::pointer;

/// Maximum nesting of schemas. No real API comes near; without a limit, a long chain would overflow the stack.
pub(super) const MAX_DEPTH: usize = 2_000;

/// A use of a schema.
#[derive(Clone, Debug)]
pub(super) struct Used {
    pub(super) ty: Type,
    pub(super) nullable: bool,
    pub(super) constant: Option<Const>,
    pub(super) docs: Docs,
    pub(super) redacted: bool,
    /// The values that are allowed, if they are fewer than those of the type.
    pub(super) narrowed: Option<Vec<Const>>,
}

impl Used {
    pub(super) fn plain(ty: Type, docs: Docs) -> Self {
        Self { ty, nullable: false, constant: None, docs, redacted: false, narrowed: None }
    }

    /// Returns the type including null, for places without a presence of their own.
    pub(super) fn into_type(self) -> Type {
        match (self.nullable, self.ty) {
            (true, ty @ (Type::Any | Type::Nullable(_))) | (false, ty) => ty,
            (true, ty) => Type::Nullable(Box::new(ty)),
        }
    }
}

/// The discriminator of a union, until its variants are distinguished.
#[derive(Clone, Debug)]
pub(super) struct Discriminator {
    pub(super) property: String,
    /// Values of the tag and the component schemas that they refer to.
    pub(super) mapping: Vec<(String, String)>,
}

enum Component {
    Pending,
    Done(Used),
}

/// Converts schemas into types, each component once.
pub(super) struct Schemas<'a> {
    pub(super) components: Option<&'a IndexMap<String, ReferenceOr<Schema>>>,
    /// Version of the document.
    version: &'a str,
    seen: HashMap<&'a str, Component>,
    /// Number of components around the current one.
    depth: usize,
    inline: HashMap<String, TypeId>,
    /// Component schemas that are enumerations, by their values.
    enums: HashMap<String, TypeId>,
    pub(super) types: Vec<TypeDef>,
    pub(super) aliases: Vec<Alias>,
    pub(super) discriminators: HashMap<TypeId, Discriminator>,
    /// Objects with several parts by allOf.
    pub(super) merges: Vec<Merge>,
    /// Previews of components that allOf refers to.
    pub(super) previews: HashMap<&'a str, Preview>,
    /// Number of components around the current preview.
    pub(super) preview_depth: usize,
    /// Unions whose variant is determined by a property beside them.
    pub(super) told_by_parent: HashSet<TypeId>,
    pub(super) diagnostics: Diagnostics,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(components: Option<&'a IndexMap<String, ReferenceOr<Schema>>>, version: &'a str) -> Self {
        Self {
            components,
            version,
            seen: HashMap::new(),
            depth: 0,
            inline: HashMap::new(),
            enums: HashMap::new(),
            types: Vec::new(),
            aliases: Vec::new(),
            discriminators: HashMap::new(),
            merges: Vec::new(),
            previews: HashMap::new(),
            preview_depth: 0,
            told_by_parent: HashSet::new(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// Returns the component schemas without a reference.
    pub(super) fn unreferenced(&self) -> Vec<String> {
        let names = self.components.into_iter().flat_map(IndexMap::keys);
        names.filter(|name| !self.seen.contains_key(name.as_str())).cloned().collect()
    }

    /// Returns the definition of a component by name, whether or not something refers to it.
    pub(super) fn named_component(&mut self, name: &str) -> Option<TypeId> {
        let (name, schema) = self.components?.get_key_value(name)?;
        match self.component(name, schema, &Place::component(name)).ty {
            Type::Named(id) => Some(id),
            _ => None,
        }
    }

    /// Creates a definition that combines many parts of the document.
    pub(super) fn synthesize(&mut self, name: &str, docs: Docs, shape: Shape) -> TypeId {
        self.push(Origin::Synthesized(name.to_owned()), vec![name.to_owned()], docs, shape)
    }

    pub(super) fn boxed(&mut self, schema: &'a ReferenceOr<Box<Schema>>, place: &Place) -> Used {
        match schema {
            ReferenceOr::Reference { reference } => self.reference(reference, place),
            ReferenceOr::Item(schema) => self.schema(schema, place, None),
        }
    }

    pub(super) fn used(&mut self, schema: &'a ReferenceOr<Schema>, place: &Place) -> Used {
        match schema {
            ReferenceOr::Reference { reference } => self.reference(reference, place),
            ReferenceOr::Item(schema) => self.schema(schema, place, None),
        }
    }

    fn reference(&mut self, reference: &str, place: &Place) -> Used {
        let found = component_name(reference)
            .and_then(|name| self.components.and_then(|components| components.get_key_value(&name)));
        match found {
            Some((name, schema)) => self.component(name, schema, place),
            None => {
                self.diagnostics.push(not_a_component(place, reference));
                Used::plain(Type::Any, Docs::default())
            }
        }
    }

    /// Returns the use of a component. Its docs stay with its definition.
    fn component(&mut self, name: &'a str, schema: &'a ReferenceOr<Schema>, from: &Place) -> Used {
        match self.seen.get(name) {
            Some(Component::Done(used)) => return used.clone(),
            Some(Component::Pending) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        pointer::to_schema(name),
                        format!("`{name}` contains itself without an object in between"),
                    )
                    .hint(format!("{} refers to it; only objects can be recursive", from.pointer)),
                );
                return Used::plain(Type::Any, Docs::default());
            }
            None => {}
        }
        let place = Place::component(name);
        if self.depth == MAX_DEPTH {
            let message = format!("`{name}` is nested in {MAX_DEPTH} other schemas, the maximum");
            let hint = "reduce the nesting in the overlay: replace one of the schemas by `{}`";
            self.diagnostics.push(place.error(message).hint(hint).binding());
            return Used::plain(Type::Any, Docs::default());
        }
        self.seen.insert(name, Component::Pending);
        self.depth += 1;
        let used = match schema {
            ReferenceOr::Reference { reference } => self.reference(reference, &place),
            ReferenceOr::Item(schema) => self.schema(schema, &place, Some(name)),
        };
        self.depth -= 1;
        let used = Used { docs: Docs::default(), ..used };
        if !matches!(used.ty, Type::Named(id) if self.types[id.0].component() == Some(name)) {
            self.aliases.push(Alias { component: name.to_owned(), ty: used.clone().into_type() });
        }
        self.seen.insert(name, Component::Done(used.clone()));
        used
    }

    fn schema(&mut self, schema: &'a Schema, place: &Place, component: Option<&'a str>) -> Used {
        let place = &place.moved(preserved::pointer(&schema.schema_data.extensions));
        let data = &schema.schema_data;
        let mut docs = facts::docs(schema);
        let constant = preserved::constant(&data.extensions).and_then(|value| self.constant(value, place));
        let mut used = if preserved::is_null_only(&data.extensions) {
            Used { constant: Some(Const::Null), ..Used::plain(Type::Any, docs.clone()) }
        } else {
            let inner = self.kind(schema, place, component, &docs, constant.is_some());
            if component.is_none() {
                docs.facts.extend(inner.docs.facts);
                docs.description = docs.description.or(inner.docs.description);
            }
            Used { docs, ..inner }
        };
        let is_union = matches!(schema.schema_kind, SchemaKind::OneOf { .. } | SchemaKind::AnyOf { .. });
        if data.discriminator.is_some() && !is_union {
            self.diagnostics.push(
                place
                    .below(&["discriminator"])
                    .error("a discriminator distinguishes variants, and the schema has none")
                    .hint("add a oneOf with the variants in the overlay, or remove the discriminator there"),
            );
        }
        used.nullable |= data.nullable;
        used.constant = constant.or(used.constant);
        used.redacted |= facts::redacted(data);
        used
    }

    fn kind(
        &mut self,
        schema: &'a Schema,
        place: &Place,
        component: Option<&'a str>,
        docs: &Docs,
        fixed: bool,
    ) -> Used {
        match &schema.schema_kind {
            SchemaKind::Type(SchemaType::String(string)) => self.string(string, place, component, docs, fixed),
            SchemaKind::Type(SchemaType::Integer(_)) => Used::plain(Type::Integer, Docs::default()),
            SchemaKind::Type(SchemaType::Number(_)) => Used::plain(Type::Number, Docs::default()),
            SchemaKind::Type(SchemaType::Boolean(_)) => Used::plain(Type::Boolean, Docs::default()),
            SchemaKind::Type(SchemaType::Array(array)) => self.array(array, schema, place),
            SchemaKind::Type(SchemaType::Object(object)) => self.object(object, schema, place, component, docs),
            SchemaKind::AnyOf { any_of: variants } => self.union(variants, "anyOf", schema, place, component, docs),
            SchemaKind::OneOf { one_of: variants } => self.union(variants, "oneOf", schema, place, component, docs),
            SchemaKind::AllOf { all_of } => self.all_of(all_of, place, component, docs),
            // Bounds beside a combination apply to each of its variants; they are facts for the doc comment.
            SchemaKind::Any(any) if any.properties.is_empty() => {
                match (any.all_of.is_empty(), any.any_of.is_empty(), any.one_of.is_empty()) {
                    (true, true, true) => Used::plain(Type::Any, Docs::default()),
                    (false, true, true) => self.all_of(&any.all_of, place, component, docs),
                    (true, false, true) => self.union(&any.any_of, "anyOf", schema, place, component, docs),
                    (true, true, false) => self.union(&any.one_of, "oneOf", schema, place, component, docs),
                    _ => self.unsupported(place),
                }
            }
            SchemaKind::Any(_) | SchemaKind::Not { .. } => self.unsupported(place),
        }
    }

    fn unsupported(&mut self, place: &Place) -> Used {
        self.diagnostics.push(
            place
                .error("this combination of keywords is not supported")
                .hint("give the schema a `type`, or accept the pointer in the overlay under x-accept"),
        );
        Used::plain(Type::Any, Docs::default())
    }

    fn constant(&mut self, value: &Value, place: &Place) -> Option<Const> {
        let constant = Const::from_json(value);
        if constant.is_none() {
            self.diagnostics.push(
                place.error("a const of this type is not supported").hint("only strings, integers, booleans and null"),
            );
        }
        constant
    }

    fn string(
        &mut self,
        string: &StringType,
        place: &Place,
        component: Option<&'a str>,
        docs: &Docs,
        fixed: bool,
    ) -> Used {
        let values: Vec<_> = string.enumeration.iter().flatten().cloned().collect();
        if !values.is_empty() && !fixed {
            return self.enumeration(values, place, component, docs);
        }
        let ty = match &string.format {
            VariantOrUnknownOrEmpty::Item(StringFormat::DateTime) => Type::DateTime,
            VariantOrUnknownOrEmpty::Item(StringFormat::Date) => Type::Date,
            VariantOrUnknownOrEmpty::Item(StringFormat::Password) => Type::Secret,
            VariantOrUnknownOrEmpty::Unknown(format) if format == "uuid" || format == "uuid4" => Type::Uuid,
            _ => Type::String,
        };
        Used::plain(ty, Docs::default())
    }

    fn enumeration(&mut self, values: Vec<String>, place: &Place, component: Option<&'a str>, docs: &Docs) -> Used {
        let mut seen = HashSet::new();
        let (values, repeated): (Vec<_>, Vec<_>) = values.into_iter().partition(|value| seen.insert(value.clone()));
        if let Some(value) = repeated.first() {
            let message = format!("the value `{value}` is listed more than once");
            self.diagnostics.push(Diagnostic::note(place.below(&["enum"]).pointer, message));
        }
        let shape = Shape::Enum(Enum {
            values: values.into_iter().map(|wire| EnumValue { wire, name: String::new(), description: None }).collect(),
        });
        let values = format!("{shape:?}");
        if component.is_none()
            && let Some(id) = self.enums.get(&values)
        {
            return Used::plain(Type::Named(*id), Docs::default());
        }
        let key = format!("{:?} {values}", place.context.last());
        let used = self.define(shape, place, component, docs, key);
        if let (Some(_), Type::Named(id)) = (component, &used.ty) {
            self.enums.entry(values).or_insert(*id);
        }
        used
    }

    fn array(&mut self, array: &'a ArrayType, schema: &Schema, place: &Place) -> Used {
        if let Some(items) = preserved::prefix_items(&schema.schema_data.extensions) {
            let items = items
                .iter()
                .enumerate()
                .map(|(index, item)| self.preserved(item, &place.below(&["prefixItems", &index.to_string()])))
                .collect();
            return Used::plain(Type::Tuple(items), Docs::default());
        }
        let element = array.items.as_ref().map_or(Type::Any, |items| self.boxed(items, &place.element()).into_type());
        Used::plain(Type::List(Box::new(element)), Docs::default())
    }

    /// Converts a schema inside of a preserved keyword, which is not a schema in the typed document.
    fn preserved(&mut self, schema: &ReferenceOr<Schema>, place: &Place) -> Type {
        match schema {
            ReferenceOr::Reference { reference } => self.reference(reference, place).into_type(),
            ReferenceOr::Item(item) if item.schema_data.nullable => {
                let data = SchemaData { nullable: false, ..item.schema_data.clone() };
                let plain = Schema { schema_data: data, schema_kind: item.schema_kind.clone() };
                Type::Nullable(Box::new(self.preserved(&ReferenceOr::Item(plain), place)))
            }
            ReferenceOr::Item(item) => match &item.schema_kind {
                SchemaKind::Type(SchemaType::String(string)) if string.enumeration.is_empty() => {
                    self.string(string, place, None, &Docs::default(), false).ty
                }
                SchemaKind::Type(SchemaType::Integer(_)) => Type::Integer,
                SchemaKind::Type(SchemaType::Number(_)) => Type::Number,
                SchemaKind::Type(SchemaType::Boolean(_)) => Type::Boolean,
                SchemaKind::Any(any) if *any == AnySchema::default() => Type::Any,
                _ => {
                    self.diagnostics.push(
                        place
                            .error("an inline schema of this kind is not supported here")
                            .hint("make it a component schema and refer to it"),
                    );
                    Type::Any
                }
            },
        }
    }

    fn object(
        &mut self,
        object: &'a ObjectType,
        schema: &Schema,
        place: &Place,
        component: Option<&'a str>,
        docs: &Docs,
    ) -> Used {
        let additional = match &object.additional_properties {
            None | Some(AdditionalProperties::Any(false)) => None,
            Some(AdditionalProperties::Any(true)) => Some(Type::Any),
            Some(AdditionalProperties::Schema(schema)) => {
                Some(self.used(schema, &place.below(&["additionalProperties"]).named("value")).into_type())
            }
        };
        let closed = matches!(object.additional_properties, Some(AdditionalProperties::Any(false)));
        if object.properties.is_empty() && (additional.is_some() || (component.is_none() && !closed)) {
            let names = preserved::property_names(&schema.schema_data.extensions);
            let key = names.map_or(Type::String, |names| self.key(&names, place));
            let value = additional.unwrap_or(Type::Any);
            return Used::plain(Type::Map(Box::new(key), Box::new(value)), Docs::default());
        }
        // Inserted before the properties are read, because one of them may refer to it.
        let used = component.map(|name| {
            let used = self.define(Shape::Struct(Struct::default()), place, component, docs, name.to_owned());
            self.claim(name, &used);
            used
        });
        let fields = self.fields(object, place);
        let session = facts::session(&schema.schema_data, place, &mut self.diagnostics);
        let shape = Shape::Struct(Struct { fields, additional, session, default: None });
        match used {
            Some(used) => {
                if let Type::Named(id) = used.ty {
                    self.types[id.0].shape = shape;
                }
                used
            }
            None => {
                let key = format!("{} {shape:?}", place.pointer);
                self.define(shape, place, None, docs, key)
            }
        }
    }

    /// Makes a component available to references before it was read.
    pub(super) fn claim(&mut self, name: &'a str, used: &Used) {
        self.seen.insert(name, Component::Done(Used { docs: Docs::default(), ..used.clone() }));
    }

    /// Returns the type of the keys of a map: an enumeration, or strings of any content.
    fn key(&mut self, names: &ReferenceOr<Schema>, place: &Place) -> Type {
        let place = place.below(&["propertyNames"]).named("key");
        let ty = match names {
            ReferenceOr::Reference { reference } => self.reference(reference, &place).ty,
            ReferenceOr::Item(Schema { schema_kind: SchemaKind::Type(SchemaType::String(string)), .. })
                if !string.enumeration.is_empty() =>
            {
                let values = string.enumeration.iter().flatten().cloned().collect();
                self.enumeration(values, &place, None, &Docs::default()).ty
            }
            // Any other type that is not a string allows no key.
            ReferenceOr::Item(Schema { schema_kind: SchemaKind::Type(kind), .. }) => match kind {
                SchemaType::String(_) => Type::String,
                _ => Type::Integer,
            },
            ReferenceOr::Item(_) => Type::String,
        };
        match &ty {
            Type::Named(id) if matches!(self.types[id.0].shape, Shape::Enum(_)) => ty,
            Type::Any | Type::String | Type::Secret | Type::Uuid | Type::DateTime | Type::Date => Type::String,
            _ => {
                let message = "names of properties are strings, which this schema does not allow";
                let hint = "use strings or an enum in the overlay, or remove `propertyNames` there";
                self.diagnostics.push(place.error(message).hint(hint));
                Type::String
            }
        }
    }

    fn fields(&mut self, object: &'a ObjectType, place: &Place) -> Vec<Field> {
        let mut fields = Vec::with_capacity(object.properties.len());
        let all_required: HashSet<&String> = object.required.iter().collect();
        for (wire, schema) in &object.properties {
            let place = place.below(&["properties", wire]).named(wire);
            let used = self.boxed(schema, &place);
            let parent_tag = schema
                .as_item()
                .and_then(|schema| parent_tags::read(&schema.schema_data, &place, &mut self.diagnostics));
            if let (Some(_), Type::Named(union)) = (&parent_tag, &used.ty) {
                self.told_by_parent.insert(*union);
            }
            let required = all_required.contains(wire);
            let fixed = used.constant.clone().filter(|_| !used.nullable);
            let mut field = Field {
                wire: wire.clone(),
                name: String::new(),
                docs: used.docs,
                presence: Presence::new(required, used.nullable),
                wrapper: Wrapper::default(),
                argument: Argument::default(),
                ty: used.ty,
                constant: fixed,
                redacted: used.redacted,
                boxed: false,
                narrowed: used.narrowed,
                parent_tag,
                direction: schema.as_item().map(|schema| facts::direction(&schema.schema_data)).unwrap_or_default(),
                preset: None,
            };
            if let ReferenceOr::Item(schema) = schema {
                let data = &schema.schema_data;
                field.preset = facts::preset(data, &field, &self.types, self.version, &place, &mut self.diagnostics);
            }
            fields.push(field);
        }
        fields
    }

    pub(super) fn define(
        &mut self,
        shape: Shape,
        place: &Place,
        component: Option<&str>,
        docs: &Docs,
        key: String,
    ) -> Used {
        if component.is_none()
            && let Some(id) = self.inline.get(&key)
        {
            return Used::plain(Type::Named(*id), Docs::default());
        }
        let pointer = place.pointer.clone();
        let origin = match component {
            Some(name) => Origin::Component { name: name.to_owned(), pointer },
            None => Origin::Inline(pointer),
        };
        let id = self.push(origin, place.context.clone(), docs.clone(), shape);
        if component.is_none() {
            self.inline.insert(key, id);
        }
        Used::plain(Type::Named(id), Docs::default())
    }

    fn push(&mut self, origin: Origin, context: Vec<String>, docs: Docs, shape: Shape) -> TypeId {
        let id = TypeId(self.types.len());
        self.types.push(TypeDef {
            origin,
            context,
            docs,
            shape,
            usage: Usage::default(),
            feature_set: FeatureSet::default(),
            name: String::new(),
            module: Module::Models(String::new()),
        });
        id
    }
}

/// Returns the name in `#/components/schemas/NAME`.
pub(super) fn component_name(reference: &str) -> Option<String> {
    pointer::component(reference, pointer::SCHEMAS)
}
