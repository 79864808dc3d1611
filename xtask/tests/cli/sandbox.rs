//! A directory of its own for each test, and the command run in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use polar_codegen::repository::{DOCUMENT, others};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The command.
pub(crate) const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

/// The repository that the command is built from.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository")
}

/// A small document without a fault.
pub(crate) fn shop() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/v1/products/{id}": {"get": {
            "operationId": "products:get",
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "A product.", "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Product"}
            }}}}
        }}},
        "components": {"schemas": {"Product": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}}
        }}}
    })
}

/// The same with members set, each at a JSON pointer whose last name may be new.
pub(crate) fn shop_with(members: &[(&str, Value)]) -> String {
    let mut document = shop();
    for (pointer, value) in members {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {parent}"));
        parent[name.replace("~1", "/")] = value.clone();
    }
    document.to_string()
}

/// What a run of the command gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let run = Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        assert!(!run.err.contains("panicked"), "{}", run.err);
        run
    }

    /// The run succeeded without complaint; its words.
    pub(crate) fn done(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// The run failed and printed nothing else; its complaint.
    pub(crate) fn failed(self) -> String {
        assert_eq!((self.code, self.out.as_str()), (Some(1), ""), "{}", self.err);
        self.err
    }
}

/// What is in a directory, by path: the bytes of a file, the target of a link.
pub(crate) type Listing = BTreeMap<String, Vec<u8>>;

pub(crate) struct Sandbox(TempDir);

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    /// With the document as `shop.json`.
    pub(crate) fn with(document: &str) -> Self {
        let sandbox = Self::new();
        sandbox.write("shop.json", document);
        sandbox
    }

    /// With a crate generated in `out`.
    pub(crate) fn generated() -> Self {
        let sandbox = Self::with(&shop().to_string());
        sandbox.regenerate(&[]).done();
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// Writes the documents of a repository: this one as the default version, and the same as the other versions.
    pub(crate) fn write_versions(&self, document: &str) {
        self.write(DOCUMENT, document);
        for version in others() {
            let mut other: Value = serde_json::from_str(document).expect("JSON");
            let name = version.document.trim_start_matches("spec/polar-").trim_end_matches(".yaml");
            other["info"]["version"] = json!(name);
            self.write(version.document, other.to_string());
        }
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).expect("a file");
    }

    /// A command in this directory, taken for one of a repository here whose crate `xtask` is.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.0.path()).env("CARGO_MANIFEST_DIR", self.path("xtask")).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(XTASK).args(arguments).output().expect("the command"))
    }

    /// `regenerate` of `shop.json` to `out`.
    pub(crate) fn regenerate(&self, more: &[&str]) -> Run {
        self.run(&[&["regenerate", "--spec", "shop.json", "--out", "out"], more].concat())
    }

    /// The complaint of a run that leaves everything as it was.
    pub(crate) fn refusal(&self, arguments: &[&str]) -> String {
        let before = self.listing();
        let complaint = self.run(arguments).failed();
        assert!(before == self.listing(), "something was written: {complaint}");
        let here = self.0.path().display().to_string();
        assert!(!complaint.contains(&here), "a path that nobody gave: {complaint}");
        without_positions(&complaint)
    }

    /// The same, of `regenerate` of `shop.json` to `out`.
    pub(crate) fn regenerate_refusal(&self) -> String {
        self.refusal(&["regenerate", "--spec", "shop.json", "--out", "out"])
    }

    pub(crate) fn listing(&self) -> Listing {
        self.listing_of("")
    }

    pub(crate) fn listing_of(&self, name: &str) -> Listing {
        let base = self.path(name);
        let (mut found, mut open) = (Listing::new(), vec![base.clone()]);
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                let kind = path.symlink_metadata().expect("an entry").file_type();
                let content = if kind.is_dir() {
                    open.push(path.clone());
                    b"directory".to_vec()
                } else if kind.is_symlink() {
                    path.read_link().expect("a link").into_os_string().into_encoded_bytes()
                } else if kind.is_file() {
                    fs::read(&path).expect("a file")
                } else {
                    b"other".to_vec()
                };
                let name = path.strip_prefix(&base).expect("below").to_str().expect("UTF-8");
                found.insert(name.to_owned(), content);
            }
        }
        found
    }
}

/// A report without the lines and columns in front of pointers, which say where a test has put what it is about.
fn without_positions(report: &str) -> String {
    let shortened = |line: &str| {
        let Some((file, pointer)) = line.split_once('#').filter(|_| line.starts_with("  at ")) else {
            return line.to_owned();
        };
        let file = file.trim_end_matches(|c: char| c == ':' || c.is_ascii_digit());
        format!("{file}#{pointer}")
    };
    report.split('\n').map(shortened).collect::<Vec<_>>().join("\n")
}
