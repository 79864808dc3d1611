// Instances of schemas by json-schema-faker, and whether Ajv takes them.
//
//   node instances.mjs make DIR      reads document.json and types.json, writes instances.jsonl
//   node instances.mjs validate DIR  reads document.json, types.json and recoded.jsonl, writes refused.jsonl
//
// types.json: [{"name", "schema"}]. A line is {"name", "profile", "value"}, with "taken" (whether Ajv takes it) in
// instances.jsonl and with "why" (it does not) in refused.jsonl.

import fs from "node:fs";
import { isIP } from "node:net";
import path from "node:path";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { createGeneratorSync, registerFormat } from "json-schema-faker";

const RANDOM_SEEDS = 10;
const EDGE_SEEDS = 8;
const DEPTH = 24;

// What a format allows, the unusual included.
const FORMATS = {
  "date-time": [
    "2026-10-01T12:30:00Z",
    "2026-10-01T12:30:00.250Z",
    "2024-02-29T23:59:59.123456Z",
    "2026-10-01T00:00:00.123456789+14:00",
    "1969-12-31T18:30:00-05:45",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
  ],
  date: ["2026-10-01", "2024-02-29", "0001-01-01", "9999-12-31"],
  uuid4: ["6ba7b810-9dad-41d1-80b4-00c04fd430c8", "ffffffff-ffff-4fff-bfff-ffffffffffff", "F47AC10B-58CC-4372-A567-0E02B2C3D479"],
  uuid: ["00000000-0000-0000-0000-000000000000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
  email: ["a@example.com", "first.last+tag@sub.example.co"],
  uri: ["https://example.com/a?b=c#d", "http://localhost:8080/", "https://example.com/%C3%A4"],
  ipvanyaddress: ["192.0.2.1", "255.255.255.255", "::1", "2001:db8::ff00:42:8329"],
};
const TEXTS = ["", "a", "é 漢字 🦀", "\u0000\u001f\"\\/\u2028\ufeff", "null", " ", "{}"];
const DECIMALS = ["0", "12.50", "-1", "+0.000000000001", "99999.999999999999"];
const INTEGERS = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
const NUMBERS = [0, 0.1, -0.1, 1.5, 1e-9, 1e21, 123456789.125, -1e15];

for (const [format, values] of Object.entries(FORMATS)) {
  registerFormat(format, (random) => values[random.int(0, values.length - 1)]);
}

const length = (text) => [...text].length;

function within(schema, value) {
  return (
    value >= (schema.minimum ?? -Infinity) &&
    value <= (schema.maximum ?? Infinity) &&
    value > (schema.exclusiveMinimum ?? -Infinity) &&
    value < (schema.exclusiveMaximum ?? Infinity)
  );
}

/** A schema that allows the extreme values of another one and nothing else. */
function edge(schema) {
  if (schema.enum || "const" in schema) return schema;
  if (schema.type === "string" && !schema.format && !schema.pattern) {
    const { minLength = 0, maxLength = 1000 } = schema;
    const texts = [...TEXTS, "é".repeat(minLength), "x".repeat(maxLength)];
    return { enum: texts.filter((text) => length(text) >= minLength && length(text) <= maxLength) };
  }
  if (schema.type === "integer" || schema.type === "number") {
    const step = schema.type === "integer" ? 1 : 0.5;
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
    const bounds = [minimum, maximum, exclusiveMinimum + step, exclusiveMaximum - step].filter(Number.isFinite);
    const values = [...bounds, ...(schema.type === "integer" ? INTEGERS : NUMBERS)];
    return { enum: values.filter((value) => within(schema, value)) };
  }
  return schema;
}

/**
 * A schema as a profile wants it: narrower than it was, so that its instances are instances of the other one.
 * `self` is the reference to the component that it stands in.
 */
function narrow(schema, profile, self) {
  if (Array.isArray(schema)) {
    const items = ["most", "nulls", "empty"].includes(profile) ? schema.filter((item) => !self || item?.$ref !== self) : schema;
    return items.map((item) => narrow(item, profile, self));
  }
  if (schema === null || typeof schema !== "object") return schema;
  if (profile === "nulls" && schema.anyOf?.some((member) => member.type === "null")) return { type: "null" };
  let made = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties") {
      made[key] = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, narrow(inner, profile, self)]));
    } else {
      made[key] = ["enum", "const", "default", "example", "examples"].includes(key) ? value : narrow(value, profile, self);
    }
  }
  // Look-around, which the generator does not know.
  if (made.pattern?.includes("(?!")) return { enum: DECIMALS };
  if (profile === "empty" && made.type === "array" && !made.minItems) made.maxItems = 0;
  if (profile === "edges") made = edge(made);
  const { additionalProperties } = made;
  if (["edges", "most"].includes(profile) && additionalProperties && typeof additionalProperties === "object") {
    const names = made.propertyNames?.enum ?? (made.propertyNames?.$ref ? [] : ["clé 🔑", "a b", "x"]);
    const more = Object.fromEntries(names.slice(0, 3).map((name) => [name, additionalProperties]));
    made.properties = { ...more, ...made.properties };
    if (Object.keys(made.properties).length === Object.keys(more).length) made.required = Object.keys(more);
  }
  return made;
}

function narrowAll(components, profile) {
  const schemas = Object.entries(components.schemas);
  const made = schemas.map(([name, schema]) => [name, narrow(schema, profile, `#/components/schemas/${name}`)]);
  return { schemas: Object.fromEntries(made) };
}

/** An instance. It is made as a member, because the generator takes the root for data if it has only unknown keywords. */
function generate(schema, components, options) {
  const root = { type: "object", properties: { made: schema }, required: ["made"], components };
  return createGeneratorSync({ maxDepth: DEPTH, ...options }).generate(root).made;
}

/** For each member of a union a schema of it alone, and for each value of an enumeration. */
function members(schema, document) {
  const target = resolve(schema, document);
  for (const keyword of ["oneOf", "anyOf"]) {
    if (target[keyword]) return target[keyword];
  }
  return (target.enum ?? []).map((value) => ({ const: value }));
}

function resolve(schema, document) {
  if (!schema.$ref) return schema;
  const parts = schema.$ref.slice(2).split("/");
  const found = parts.reduce((at, part) => at[part.replaceAll("~1", "/").replaceAll("~0", "~")], document);
  return resolve(found, document);
}

function validators(document, types) {
  const ajv = new Ajv({ strict: false, validateFormats: true });
  addFormats(ajv);
  ajv.addFormat("uuid4", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i);
  ajv.addFormat("ipvanyaddress", (text) => isIP(text) !== 0);
  ajv.addFormat("password", true);
  ajv.addSchema({ $id: "http://document/", components: document.components });
  const found = new Map();
  for (const { name, schema } of types) {
    const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"http://document/#/');
    found.set(name, ajv.compile(JSON.parse(text)));
  }
  return found;
}

function* made(document, types) {
  const profiles = {
    least: { seeds: 2, options: { optionalsProbability: 0 } },
    most: { seeds: 3, options: { alwaysFakeOptionals: true } },
    nulls: { seeds: 1, options: { alwaysFakeOptionals: true } },
    empty: { seeds: 2, options: { alwaysFakeOptionals: true } },
    edges: { seeds: EDGE_SEEDS, options: { optionalsProbability: 0.8 } },
    random: { seeds: RANDOM_SEEDS, options: { optionalsProbability: 0.5 } },
    members: { seeds: 2, options: { optionalsProbability: 0.5 } },
  };
  for (const [profile, { seeds, options }] of Object.entries(profiles)) {
    const components = narrowAll(document.components, profile);
    for (const { name, schema } of types) {
      for (const wanted of profile === "members" ? members(schema, document) : [schema]) {
        const narrowed = narrow(wanted, profile);
        for (let seed = 1; seed <= seeds; seed += 1) {
          yield { name, profile, value: generate(narrowed, components, { seed, ...options }) };
        }
      }
    }
  }
}

const [, , action, directory] = process.argv;
const file = (name) => path.join(directory, name);
const read = (name) => JSON.parse(fs.readFileSync(file(name), "utf8"));
const document = read("document.json");
const types = read("types.json");
const validatorOf = validators(document, types);

if (action === "make") {
  const out = fs.openSync(file("instances.jsonl"), "w");
  for (const instance of made(document, types)) {
    const taken = validatorOf.get(instance.name)(instance.value);
    fs.writeSync(out, JSON.stringify({ ...instance, taken }) + "\n");
  }
  fs.closeSync(out);
} else {
  const out = fs.openSync(file("refused.jsonl"), "w");
  for (const line of fs.readFileSync(file("recoded.jsonl"), "utf8").split("\n").filter(Boolean)) {
    const instance = JSON.parse(line);
    const validator = validatorOf.get(instance.name);
    if (!validator(instance.value)) {
      const why = validator.errors.map((error) => `${error.instancePath}: ${error.message}`).join("; ");
      fs.writeSync(out, JSON.stringify({ ...instance, why }) + "\n");
    }
  }
  fs.closeSync(out);
}
