//! Generated crates as a workspace that cargo checks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use polar_codegen::Output;

/// Checks crates together, so that what they depend on is compiled once. They must compile without a warning.
pub(crate) fn check(folder: &str, crates: &[(String, Output)]) {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let root = all.join(folder);
    let mut names = Vec::new();
    for (name, output) in crates {
        let package = root.join(name);
        let _ = fs::remove_dir_all(package.join("src"));
        for file in &output.files {
            write(&package.join("src").join(&file.path), &file.text);
        }
        let resources = output.features.iter().map(|feature| feature.name.clone());
        let features: Vec<_> = resources.chain(output.versions.iter().map(|version| version.feature.clone())).collect();
        write(&package.join("Cargo.toml"), &manifest(name, &features));
        names.push(format!("{name:?}"));
    }
    let workspace = format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", names.join(", "));
    write(&root.join("Cargo.toml"), &workspace);
    fs::copy(repository().join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--workspace", "--keep-going", "--message-format=short"])
        .current_dir(&root)
        .env("RUSTFLAGS", "-D warnings")
        .env("CARGO_TARGET_DIR", all.join("crates"))
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "cargo check in {}:\n{}", root.display(), String::from_utf8_lossy(&output.stderr));
}

fn manifest(name: &str, features: &[String]) -> String {
    let names: Vec<_> = features.iter().map(|feature| format!("{feature:?}")).collect();
    let runtime = repository().join("runtime");
    let offered = features_of(&runtime);
    let own = features.iter().filter(|name| !offered.contains(name)).map(|name| format!("{name} = []\n"));
    let passed_on = offered.iter().map(|name| format!("{name} = [\"polar-client-runtime/{name}\"]\n"));
    let declared: String = own.chain(passed_on).collect();
    format!(
        "[package]\nname = \"generated-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [features]\ndefault = [{}]\n{declared}\n\
         [dependencies]\npolar-client-runtime = {{ path = {runtime:?}, default-features = false }}\n",
        names.join(", "),
    )
}

/// What the runtime can do beyond its default, which the generated code may offer under the same name.
fn features_of(runtime: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(runtime.join("Cargo.toml")).unwrap();
    let lines = manifest.lines().skip_while(|line| *line != "[features]").skip(1);
    let keys = lines.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once(" = "));
    keys.map(|(name, _)| name.to_owned()).filter(|name| name != "default" && !name.starts_with('#')).collect()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}
