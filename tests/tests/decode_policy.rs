//! The decode policy, tested with changes of an instance of every type that the server sends. The document determines
//! the expected results, never the crate.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use polar_client::Polar;
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_testkit::arguments::variants;
use polar_testkit::dispatch::{self, Again, DEFINITIONS, Definition, Recoded, recode};
use polar_testkit::document::Document;
use polar_testkit::equal::{Rules, difference};
use polar_testkit::instance::{Extent, instance};
use polar_testkit::kept::What;
use polar_testkit::mutation::{Kind, Mutation, Subject, subjects};
use polar_testkit::outline::outline;
use polar_testkit::policy::{self, Reading, Refusal};
use polar_testkit::unions::{Told, Unions};
use serde_json::Value;

/// The results of the changes of one kind.
#[derive(Default)]
struct Tally {
    read: usize,
    unknown: usize,
    refused: usize,
    faults: Vec<String>,
}

/// All types that the server sends, except the union of all errors: `Error` reads bodies that it does not match.
fn received() -> Vec<&'static Definition> {
    DEFINITIONS.iter().filter(|one| one.received && one.name != "ApiError").collect()
}

/// The results of all changes, computed once for all tests.
static TALLIES: LazyLock<BTreeMap<Kind, Tally>> = LazyLock::new(|| {
    let document = Document::load().unwrap();
    let received = received();
    let half = received.len() / 2;
    std::thread::scope(|scope| {
        let other = scope.spawn(|| Bench::tallies(&document, &received[half..]));
        let mut tallies = Bench::tallies(&document, &received[..half]);
        for (kind, other) in other.join().unwrap() {
            tallies.entry(kind).or_default().add(other);
        }
        tallies
    })
});

impl Tally {
    fn add(&mut self, other: Self) {
        self.read += other.read;
        self.unknown += other.unknown;
        self.refused += other.refused;
        self.faults.extend(other.faults);
    }
}

type Expected<'a> = Result<Reading<'a>, Refusal>;

struct Bench<'a> {
    unions: Unions<'a>,
    constants: Vec<(&'a str, &'a Value)>,
    /// Names of the types of variants, by the references to them.
    names: BTreeMap<&'a str, String>,
    tallies: BTreeMap<Kind, Tally>,
}

impl<'a> Bench<'a> {
    fn tallies(document: &Document, definitions: &[&Definition]) -> BTreeMap<Kind, Tally> {
        let schemas: Vec<_> = definitions.iter().map(|one| (one.name, document.definition(one).unwrap())).collect();
        let (unions, constants) = (Unions::new(document), document.optional_constants());
        let mut bench = Bench { unions, constants, names: BTreeMap::new(), tallies: BTreeMap::new() };
        schemas.iter().for_each(|(name, schema)| bench.run(name, schema));
        bench.tallies
    }

    fn run(&mut self, name: &str, schema: &'a Value) {
        for Subject { base, mutations } in subjects(&self.unions, schema) {
            let reading = policy::read(&self.unions, schema, &base);
            let again = recode(name, &base.to_string());
            let fault = self.fault(&base, &reading, &again).map(|fault| format!("{name}: {fault}\n  {base}"));
            self.tally(Kind::Unchanged, &reading, fault);
            for Mutation { kind, words, value, text } in mutations {
                let expected = policy::read(&self.unions, schema, &value);
                let changed = recode(name, &text);
                let fault = self.fault(&value, &expected, &changed);
                let fault = fault.or_else(|| moved(kind, (&reading, &again), (&expected, &changed)));
                let fault = fault.map(|fault| format!("{name}, {kind:?} of {words}: {fault}\n  {text}"));
                self.tally(kind, &expected, fault);
            }
        }
    }

    fn tally(&mut self, kind: Kind, expected: &Expected<'_>, fault: Option<String>) {
        let tally = self.tallies.entry(kind).or_default();
        match expected {
            Ok(reading) if reading.unknown.is_empty() => tally.read += 1,
            Ok(_) => tally.unknown += 1,
            Err(_) => tally.refused += 1,
        }
        tally.faults.extend(fault);
    }

    /// What is wrong with what was made of a value.
    fn fault(&mut self, value: &Value, expected: &Expected<'a>, again: &Recoded) -> Option<String> {
        match (expected, again) {
            (Ok(reading), Err(error)) => (!reading.disputed).then(|| format!("is refused: {error}")),
            (Err(refusal), Ok(again)) => Some(format!("{refusal:?} is read: {:?}", outline(&again.shown))),
            (Err(refusal), Err(error)) => (!refusal.is_told_by(error)).then(|| format!("{refusal:?}: {error}")),
            (Ok(reading), Ok(again)) => self.misread(reading, again).or_else(|| {
                let rules = Rules { nulls_merge: true, nulls_appear: true, constants: &self.constants };
                difference(value, &again.value, rules)
            }),
        }
    }

    /// What is not of the type that it has to be of, or can't be seen.
    fn misread(&mut self, reading: &Reading<'a>, again: &Again) -> Option<String> {
        let outline = outline(&again.shown);
        let wrong = reading.variants.iter().find(|variant| !outline.contains(&self.name(variant)));
        // What comes in place of a constant is kept in `extra`, of which `Debug` shows the names.
        let in_extra = again.kept.iter().any(|kept| kept.what == What::Property);
        let hidden = reading.unknown.iter().find(|value| !in_extra && !again.shown.contains(&format!("{value:?}")));
        let unknown = again.unknown().next().is_some() && reading.unknown.is_empty() && !reading.disputed;
        let wrong = wrong.map(|variant| format!("no {variant} in {outline:?}"));
        let hidden = hidden.map(|value| format!("{value:?} can't be seen"));
        wrong.or(hidden).or_else(|| unknown.then(|| format!("is unknown: {outline:?}")))
    }

    /// The name that a type shows: for the page of a list, it differs from the document's.
    fn name(&mut self, reference: &'a str) -> &str {
        let document = self.unions.document();
        self.names.entry(reference).or_insert_with(|| {
            let name = DEFINITIONS.iter().find(|one| one.pointer == reference).map(|one| one.name).unwrap_or_default();
            let least = instance(document, document.at(reference), Extent::Least);
            let again = recode(name, &least.to_string()).unwrap_or_else(|error| panic!("{reference}: {error}"));
            outline(&again.shown)[0].to_owned()
        })
    }
}

/// The parts with another type than before the change.
fn moved(kind: Kind, before: (&Expected<'_>, &Recoded), after: (&Expected<'_>, &Recoded)) -> Option<String> {
    let ((Ok(expected), Ok(was)), (Ok(then), Ok(is))) = (before, after) else { return None };
    let (was, is) = (outline(&was.shown), outline(&is.shown));
    let same = kind.keeps_types() && !expected.undecided && !then.undecided && expected.variants == then.variants;
    (same && was != is).then(|| format!("{was:?} became {is:?}"))
}

/// Panics unless there were at least so many changes of each kind that are read, kept as unknown and refused, and nothing
/// was wrong with any of them.
fn check(wanted: &[(Kind, [usize; 3])]) {
    let mut wrong = Vec::new();
    for (kind, least) in wanted {
        let tally = TALLIES.get(kind).unwrap_or_else(|| panic!("no {kind:?}"));
        let counts = [tally.read, tally.unknown, tally.refused];
        let enough = counts.iter().zip(least).all(|(count, least)| count >= least);
        assert!(enough, "{kind:?}: read, unknown, refused: {counts:?}, not {least:?}");
        if !tally.faults.is_empty() {
            wrong.push(format!("{kind:?}: {} of {counts:?}", tally.faults.len()));
            wrong.extend(tally.faults.iter().take(10).map(|fault| fault.chars().take(500).collect()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_variant_is_read_as_itself() {
    check(&[(Kind::Unchanged, [2000, 0, 0])]);
}

#[test]
fn properties_of_siblings_do_not_change_the_variant() {
    check(&[(Kind::SiblingProperty, [200, 0, 0]), (Kind::SiblingProperties, [200, 0, 0])]);
}

#[test]
fn tags_may_come_last_and_escaped() {
    check(&[(Kind::TagLast, [1000, 0, 0]), (Kind::TagEscaped, [2000, 0, 0])]);
}

#[test]
fn unknown_tags_values_and_properties_are_kept() {
    check(&[(Kind::TagUnknown, [10, 1000, 0]), (Kind::NewValue, [0, 500, 0]), (Kind::NewProperty, [500, 0, 0])]);
}

#[test]
fn missing_and_null_tags_are_errors() {
    check(&[(Kind::TagMissing, [10, 0, 1000]), (Kind::TagNull, [0, 0, 1000])]);
}

#[test]
fn nullable_and_optional_properties_may_be_missing() {
    check(&[(Kind::NullableMissing, [2000, 0, 0]), (Kind::OptionalMissing, [200, 0, 0])]);
}

#[test]
fn absent_nullable_properties_are_written_as_null_if_required() {
    let document = Document::load().unwrap();
    let (mut null, mut absent, mut faults) = (0, 0, Vec::new());
    for definition in received() {
        let schema = document.definition(definition).unwrap();
        let all = document.properties(&schema).filter(|(_, property, _)| document.admits_null(property));
        let nullable: Vec<_> = all.map(|(name, _, required)| (name, required)).collect();
        let mut value = instance(&document, &schema, Extent::Least);
        nullable.iter().for_each(|(name, _)| drop(value.as_object_mut().and_then(|all| all.shift_remove(*name))));
        let written = recode(definition.name, &value.to_string()).map(|again| again.value);
        for (name, required) in nullable {
            let found = written.as_ref().map(|written| written.get(name));
            let right = if required { Ok(Some(&Value::Null)) } else { Ok(None) };
            faults.extend((found != right).then(|| format!("{}.{name}: {found:?}", definition.name)));
            (null, absent) = (null + usize::from(required), absent + usize::from(!required));
        }
    }
    assert!(null > 500 && absent > 50, "{null} required, {absent} optional");
    assert!(faults.is_empty(), "{} wrong\n{}", faults.len(), faults[..faults.len().min(20)].join("\n"));
}

#[test]
fn required_properties_are_errors_if_they_are_missing_or_null() {
    check(&[(Kind::RequiredMissing, [0, 0, 3000]), (Kind::RequiredNull, [0, 0, 3000])]);
}

#[test]
fn properties_of_another_kind_are_errors() {
    check(&[(Kind::OtherKind, [0, 0, 5000])]);
}

#[test]
fn whole_values_of_another_kind_are_errors() {
    check(&[(Kind::Replaced, [100, 0, 5000])]);
}

#[test]
fn tags_are_the_discriminators_of_the_document() {
    let document = Document::load().unwrap();
    let unions = Unions::new(&document);
    let mut count = 0;
    for (name, schema) in document.at("#/components/schemas").as_object().unwrap() {
        if let Some(property) = schema.pointer("/discriminator/propertyName").and_then(Value::as_str) {
            let told = unions.told(&document.variants(schema));
            let Told::Tags(tags) = &*told else { panic!("{name}: {told:?}") };
            assert_eq!(tags.iter().map(|tag| &tag.path[..]).collect::<Vec<_>>(), [[property]], "{name}");
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

#[test]
fn few_unions_are_told_apart_by_structure() {
    let document = Document::load().unwrap();
    let schemas: Vec<_> = received().iter().map(|one| (one.name, document.definition(one).unwrap())).collect();
    let unions = Unions::new(&document);
    let told = |schema| unions.leaves(schema).first().map(|leaf| Told::clone(&leaf.told[0]));
    let all: Vec<_> = schemas.iter().filter_map(|(name, schema)| Some((*name, told(schema)?))).collect();
    let by = |wanted: &dyn Fn(&Told) -> bool| -> Vec<&str> {
        all.iter().filter(|(_, told)| wanted(told)).map(|(name, _)| *name).collect()
    };
    assert!(by(&|told| matches!(told, Told::Tags(_))).len() > 20);
    assert_eq!(by(&|told| matches!(told, Told::Marker(tag) if tag.path == ["legacy"])), ["Price"]);
    let structure = ["BenefitGrantProperties", "CustomFieldValue", "EventPage", "FilterClauseOrFilter", "LocationPart"];
    let mut found = by(&|told| *told == Told::Structure);
    found.sort_unstable();
    assert_eq!(found, [&structure[..], &["MetadataValue", "UserInfo"]].concat());
}

/// Bodies that hardly any operation returns.
const BODIES: [&str; 8] = ["", "null", "{}", "[]", "\"\"", "0", "true", "<html>"];

#[tokio::test]
async fn no_operation_reads_a_body_that_does_not_fit() {
    let document = Document::load().unwrap();
    let unions = Unions::new(&document);
    let mock = MockTransport::new();
    let polar = Polar::builder().access_token("a_token").transport(mock.clone()).build().unwrap();
    let (mut read, mut refused, mut faults) = (0, 0, Vec::new());
    for operation in document.operations() {
        let (status, Some(("application/json", schema))) = operation.success() else { continue };
        let arguments = variants(&document, &operation).swap_remove(0).arguments;
        for body in BODIES {
            mock.on(operation.id, Reply::bytes(status, "application/json", body));
        }
        for body in BODIES {
            let value = serde_json::from_str(body).ok();
            let fits = value.is_some_and(|value: Value| policy::read(&unions, schema, &value).is_ok());
            match dispatch::call(&polar, operation.id, &arguments).await {
                Ok(again) if !fits => faults.push(format!("{}: {body:?} is read as {}", operation.id, again.value)),
                Err(failure) if fits || !failure.to_string().contains(operation.id) => {
                    faults.push(format!("{}: {body:?}: {failure}", operation.id));
                }
                Ok(_) | Err(_) => {}
            }
            (read, refused) = (read + usize::from(fits), refused + usize::from(!fits));
        }
    }
    assert!(read > 0 && refused > 500, "{read} read, {refused} refused");
    assert!(faults.is_empty(), "{} wrong\n{}", faults.len(), faults[..faults.len().min(20)].join("\n"));
}
