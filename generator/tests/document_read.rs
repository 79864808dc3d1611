//! Errors in files that cannot be parsed.
#![allow(clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use std::time::{Duration, Instant};

use polar_codegen::document::read::{MAX_BYTES, read};
use serde_json::json;

const ASK: &str = "\n  hint: check that this is the right file; it must be an object in JSON or YAML";
const FIX: &str = "\n  hint: fix the syntax; text that starts with `{` or `[` is parsed as JSON, any other as YAML";
const QUOTE: &str = "\n  hint: put the key in quotes";
const TWICE: &str = "\n  hint: remove one of them; only one can be kept";
const DEEP: &str = "\n  hint: look for a missing closing bracket; no API description needs this depth";
const ALIASES: &str = "error: the YAML aliases repeat far more data than the file contains";

fn refusal(bytes: &[u8]) -> String {
    match read("api", bytes) {
        Ok(value) => format!("read as {value}"),
        Err(diagnostic) => diagnostic.to_string(),
    }
}

#[test]
fn messages_of_files_that_are_no_documents() {
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "error: the file is empty\n  at api", ASK),
        (b" \n\t", "error: the file is empty\n  at api", ASK),
        (b"\xef\xbb\xbf", "error: the file is empty\n  at api", ASK),
        (b"# only a comment", "error: the top level is null, not an object\n  at api", ASK),
        (b"just text", "error: the top level is a string, not an object\n  at api", ASK),
        (b"[1, 2]", "error: the top level is an array, not an object\n  at api", ASK),
        (b"- a\n- b", "error: the top level is an array, not an object\n  at api", ASK),
        (
            b"a: 1\nb: \xffx",
            "error: byte 8 is not UTF-8\n  at api:2:4",
            "\n  hint: save the file with the encoding UTF-8",
        ),
        (b"{\"a\": 1,}", "error: not valid JSON: trailing comma\n  at api:1:9", FIX),
        (b"{\"a\": 1", "error: not valid JSON: EOF while parsing an object\n  at api:1:7", FIX),
        (b"{a: 1}", "error: not valid JSON: key must be a string\n  at api:1:2", FIX),
        (b"{\"a\": 1} {}", "error: not valid JSON: trailing characters\n  at api:1:10", FIX),
        (b"{\"a\": 1e999}", "error: not valid JSON: number out of range\n  at api:1:11", FIX),
        (
            b"a: [1\nb: 2",
            "error: not valid YAML: did not find expected ',' or ']', while parsing a flow sequence at line 1 column 4\n  at api:2:2",
            FIX,
        ),
        (b"a: b: c", "error: not valid YAML: mapping values are not allowed in this context\n  at api:1:5", FIX),
        (b"a: *x", "error: not valid YAML: unknown anchor\n  at api:1:4", FIX),
        (
            b"a: 1\n---\nb: 2",
            "error: the file contains more than one YAML document\n  at api",
            "\n  hint: keep one document, without a second `---`",
        ),
        (b"a: .nan", "error: the number NaN is not valid in JSON\n  at api:1:4", ""),
        (
            b"a: !tag x",
            "error: a YAML tag is not supported\n  at api:1:4",
            "\n  hint: write the value without its `!tag`",
        ),
        (
            b"a: 99999999999999999999",
            "error: the integer 99999999999999999999 needs more than 64 bits\n  at api:1:4",
            "\n  hint: put it in quotes if it is a text",
        ),
        (
            b"a: &x {b: 1}\nc:\n  <<: *x",
            "error: a YAML merge key (`<<`) is not supported\n  at api:3:3",
            "\n  hint: write the properties out, or use `$ref`",
        ),
        (b"{\"a\": {\"b\": 1,\n \"b\": 2}}", "error: the object contains the key `b` twice\n  at api:2:4", TWICE),
        (b"a:\n  b: 1\n  c: 2\n  b: 3", "error: the object contains the key `b` twice\n  at api:4:3", TWICE),
        (b"200: a\n'200': b", "error: the object contains the key `200` twice\n  at api:2:1", TWICE),
        (b"true: a", "error: the key of a property is the boolean `true`, not a string\n  at api:1:1", QUOTE),
        (b"1.5: a", "error: the key of a property is the number 1.5, not a string\n  at api:1:1", QUOTE),
        (b"~: a", "error: the key of a property is null, not a string\n  at api:1:1", QUOTE),
        (b"? [a]\n: b", "error: the key of a property is an array, not a string\n  at api:1:3", QUOTE),
        (b"? {a: b}\n: b", "error: the key of a property is an object, not a string\n  at api:1:3", QUOTE),
    ];
    for (bytes, message, hint) in cases {
        assert_eq!(refusal(bytes), format!("{message}{hint}"), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn large_files_are_refused_before_parsing() {
    let bytes = vec![b' '; MAX_BYTES + 1];
    assert_eq!(
        refusal(&bytes),
        "error: the file has more than 16777216 bytes, the maximum\n  at api\n  hint: check that this is the right file; it must be an object in JSON or YAML"
    );
}

#[test]
fn yaml_and_json_give_the_same_data() {
    let expected =
        json!({"z": {"200": null, "a": [1, -2, 1.5]}, "b": "2020-01-01", "c": "yes", "d": "0123", "e": true});
    let yaml = "\u{feff}z:\n  200: ~\n  a: [1, -2, 1.5]\nb: 2020-01-01\nc: yes\nd: 0123\ne: true\n";
    for text in [yaml, &expected.to_string()] {
        let value = read("api", text.as_bytes()).expect("a document");
        assert_eq!(value.to_string(), expected.to_string());
    }
}

#[test]
fn honest_aliases_are_data_like_any_other() {
    let value = read("api", b"a: &x {b: [1, 2]}\nc: *x\n").expect("a document");
    assert_eq!(value, json!({"a": {"b": [1, 2]}, "c": {"b": [1, 2]}}));
}

#[test]
fn nesting_without_end_ends_with_one_message() {
    for depth in [10_000, 1_000_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let cases = [
            ("json array", format!("{open}{close}")),
            ("json array, never closed", open.clone()),
            ("json object", "{\"a\":".repeat(depth)),
            ("yaml flow sequence", format!("a: {open}{close}")),
            ("yaml flow mapping", format!("a: {}", "{a: ".repeat(depth))),
            ("yaml flow, one to a line", format!("a:\n{}", " [\n".repeat(depth))),
            ("yaml block sequence", format!("a:\n{}x", "- ".repeat(depth))),
            ("yaml block key", format!("{}x", "? ".repeat(depth))),
        ];
        for (name, text) in cases {
            let begun = Instant::now();
            let message = refusal(text.as_bytes());
            assert!(begun.elapsed() < Duration::from_secs(20), "{name} {depth} took {:?}", begun.elapsed());
            if name == "yaml block key" {
                assert!(message.starts_with("error: the key of a property is an object"), "{message}");
            } else {
                assert!(message.starts_with("error: nested more than 100 levels deep\n  at api:"), "{name}: {message}");
                assert!(message.ends_with(DEEP), "{name}: {message}");
            }
        }
    }
}

#[test]
fn brackets_in_texts_do_not_add_up() {
    let text: String = (0..3000).map(|line| format!("k{line}: a pattern such as [ or {{ stands here\n")).collect();
    assert!(read("api", text.as_bytes()).is_ok());
}

#[test]
fn a_hundred_levels_are_read_and_no_more() {
    let nested = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert!(read("api", nested(100).as_bytes()).is_ok());
    assert!(refusal(nested(101).as_bytes()).starts_with("error: nested more than 100 levels deep\n  at api:1:"));
}

#[test]
fn alias_bombs_end_soon() {
    let laughs = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        let below = level - 1;
        text + &format!("a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]\n")
    });
    let quadratic = format!("a: &a [{}]\nb: [{}]\n", "1,".repeat(20_000), "*a,".repeat(20_000));
    let long = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(500_000), "*a,".repeat(50_000));
    let keys = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(500_000), "{*a : 1},".repeat(50_000));
    for text in [laughs, quadratic, long, keys] {
        let begun = Instant::now();
        let message = refusal(text.as_bytes());
        assert!(message.starts_with(ALIASES), "{message}");
        assert!(begun.elapsed() < Duration::from_secs(20), "took {:?}", begun.elapsed());
    }
}

/// The two parts of a document in block style are parsed at the same time, which must have no effect on the result.
#[test]
fn a_document_is_one_whoever_reads_its_parts() {
    let written = |text: &str| read("api", text.as_bytes()).expect("a document").to_string();
    assert_eq!(written("b: 1\ncomponents:\n  c: 2\na: 3\n"), r#"{"b":1,"components":{"c":2},"a":3}"#);
    assert_eq!(written("a: &x [1]\ncomponents: *x\n"), r#"{"a":[1],"components":[1]}"#);
    assert_eq!(written("a: |\n  b\ncomponents: 2\n"), r#"{"a":"b\n","components":2}"#);

    let twice = refusal(b"a: 1\ncomponents: 2\na: 3\n");
    assert!(twice.starts_with("error: the object contains the key `a` twice\n  at api:3:1"), "{twice}");
    for wrong in ["a: 1\n...\ncomponents: 2\n", "a: [1\ncomponents: 2\n", "a\ncomponents: 2\n"] {
        let refused = refusal(wrong.as_bytes());
        assert!(refused.starts_with("error: ") && refused.contains("YAML"), "{wrong}: {refused}");
    }
}
