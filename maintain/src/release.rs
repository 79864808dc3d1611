//! Conditions of a release.

use std::collections::BTreeSet;

/// A package of the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether it follows the switch `workspace.package.publish`.
    pub is_published: bool,
    /// Its description, in one line.
    pub description: Option<String>,
    /// Its license, as an SPDX expression.
    pub license: Option<String>,
    /// The oldest Rust version that compiles it.
    pub rust_version: Option<String>,
    /// Other packages that it depends on, with the accepted versions, without dev-dependencies.
    pub dependencies: Vec<(String, String)>,
    /// The files in the package.
    pub files: BTreeSet<String>,
    /// Why cargo cannot list the files.
    pub listing_error: Option<String>,
    /// Its file `LICENSE`.
    pub license_text: Option<String>,
    /// Keywords and categories, by which users find it.
    pub topics: [Vec<String>; 2],
    /// Whether docs.rs documents all features of it, and says which item needs which.
    pub is_documented_whole: bool,
}

/// Facts about the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `workspace.package.version`.
    pub version: String,
    /// `workspace.package.rust-version`.
    pub rust_version: String,
    /// `workspace.package.publish`.
    pub is_publishable: bool,
    /// All packages.
    pub packages: Vec<Package>,
    /// `CHANGELOG.md`.
    pub changelog: String,
    /// `LICENSE`.
    pub license_text: String,
    /// The version policy.
    pub policy: String,
    /// The workflow of the continuous integration.
    pub workflow: String,
    /// API versions with a file in `spec/`.
    pub api_versions: Vec<String>,
    /// New public names that are not approved.
    pub unapproved_names: Vec<String>,
}

/// The result of a check. It passed if there is no problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The condition that is checked.
    pub title: &'static str,
    /// The problems, each with what to do.
    pub problems: Vec<String>,
}

/// Runs all checks, in the order of a checklist.
#[must_use]
pub fn check(facts: &Facts) -> Vec<Check> {
    let check = |title, problems| Check { title, problems };
    vec![
        check("all packages have the same version", versions(facts)),
        check("our crates depend on each other by exact versions", exact(facts)),
        check("published crates depend on published crates only", unpublished(facts)),
        check("published crates have description, license and Rust version", metadata(facts)),
        check("published crates have keywords, categories and settings for docs.rs", topics(facts)),
        check("published crates have README and LICENSE", files(facts)),
        check("CHANGELOG.md has an entry for the version", changelog(facts)),
        check("the version policy and the CI know the Rust version and the API versions", policy(facts)),
        check("all public names are approved", names(facts)),
    ]
}

fn published(facts: &Facts) -> impl Iterator<Item = &Package> {
    facts.packages.iter().filter(|package| package.is_published)
}

fn versions(facts: &Facts) -> Vec<String> {
    let other = facts.packages.iter().filter(|package| package.version != facts.version);
    let mut problems: Vec<_> = other
        .map(|package| {
            format!(
                "{} has version {}, not {}: use `version.workspace = true`",
                package.name, package.version, facts.version
            )
        })
        .collect();
    if published(facts).next().is_none() {
        problems.push("no package follows the switch: set `publish.workspace = true` in those to publish".to_owned());
    }
    problems
}

fn exact(facts: &Facts) -> Vec<String> {
    let names: BTreeSet<&str> = published(facts).map(|package| package.name.as_str()).collect();
    let wanted = format!("={}", facts.version);
    let mut problems = Vec::new();
    for package in published(facts) {
        for (name, accepted) in package.dependencies.iter().filter(|(name, _)| names.contains(name.as_str())) {
            if *accepted != wanted {
                problems
                    .push(format!("{} accepts {name} {accepted}: require `{wanted}` in the workspace", package.name));
            }
        }
    }
    problems
}

fn unpublished(facts: &Facts) -> Vec<String> {
    let private: BTreeSet<&str> =
        facts.packages.iter().filter(|package| !package.is_published).map(|package| package.name.as_str()).collect();
    let mut problems = Vec::new();
    for package in published(facts) {
        for (name, _) in package.dependencies.iter().filter(|(name, _)| private.contains(name.as_str())) {
            problems.push(format!("{} depends on {name}, which is not published", package.name));
        }
    }
    problems
}

fn metadata(facts: &Facts) -> Vec<String> {
    let mut problems = Vec::new();
    for package in published(facts) {
        if package.description.as_ref().is_none_or(|text| text.trim().is_empty()) {
            problems.push(format!("{} has no description", package.name));
        }
        if package.license.is_none() {
            problems.push(format!("{} has no license: use `license.workspace = true`", package.name));
        }
        if package.rust_version.as_deref() != Some(&facts.rust_version) {
            problems.push(format!("{} has no Rust version: use `rust-version.workspace = true`", package.name));
        }
    }
    problems
}

fn topics(facts: &Facts) -> Vec<String> {
    let mut problems = Vec::new();
    for package in published(facts) {
        for (name, words) in ["keywords", "categories"].into_iter().zip(&package.topics) {
            if words.is_empty() {
                problems.push(format!("{} has no {name}: use `{name}.workspace = true`", package.name));
            }
        }
        if !package.is_documented_whole {
            let settings = "`all-features = true` and `rustdoc-args = [\"--cfg\", \"docsrs\"]`";
            problems.push(format!("{} needs {settings} in [package.metadata.docs.rs]", package.name));
        }
    }
    problems
}

fn files(facts: &Facts) -> Vec<String> {
    let mut problems = Vec::new();
    for package in published(facts) {
        if let Some(error) = &package.listing_error {
            problems.push(format!("{} cannot be packaged: {error}", package.name));
            continue;
        }
        for name in ["README.md", "LICENSE"] {
            if !package.files.contains(name) {
                problems.push(format!("{} has no {name} in its package", package.name));
            }
        }
        if package.license_text.as_ref().is_some_and(|text| *text != facts.license_text) {
            problems.push(format!("the LICENSE of {} differs from that of the repository: copy it", package.name));
        }
    }
    problems
}

fn changelog(facts: &Facts) -> Vec<String> {
    let heading = format!("## [{}]", facts.version);
    let mut lines = facts.changelog.lines().skip_while(|line| !line.starts_with(&heading));
    let Some(found) = lines.next() else {
        return vec![format!("CHANGELOG.md has no heading `{heading}`: `cargo xtask update` proposes an entry")];
    };
    let mut problems = Vec::new();
    if !lines.take_while(|line| !line.starts_with("## ")).any(|line| line.starts_with("- ")) {
        problems.push(format!("the entry `{heading}` of CHANGELOG.md is empty"));
    }
    let date = found[heading.len()..].trim_start_matches([' ', '-']);
    let is_date =
        date.len() == 10 && date.split('-').map(str::len).eq([4, 2, 2]) && !date.contains(char::is_alphabetic);
    if !is_date && (facts.is_publishable || date != "unreleased") {
        problems.push(format!("the entry `{heading}` of CHANGELOG.md has no date: write `{heading} - YYYY-MM-DD`"));
    }
    problems
}

fn policy(facts: &Facts) -> Vec<String> {
    let mut problems = Vec::new();
    for (file, text) in [("docs/versions.md", &facts.policy), (".github/workflows/ci.yml", &facts.workflow)] {
        if !text.contains(&facts.rust_version) {
            problems.push(format!("{file} does not name Rust {}", facts.rust_version));
        }
    }
    for version in facts.api_versions.iter().filter(|version| !facts.policy.contains(version.as_str())) {
        problems.push(format!("docs/versions.md does not name the API version {version}"));
    }
    problems
}

fn names(facts: &Facts) -> Vec<String> {
    match facts.unapproved_names.len() {
        0 => Vec::new(),
        count => vec![format!(
            "{count} names in spec/names.lock are new, such as {}: review them, then `cargo xtask names --approve`",
            facts.unapproved_names[0]
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, Package, check};

    fn package(name: &str, dependency: Option<(&str, &str)>) -> Package {
        Package {
            name: name.to_owned(),
            version: "0.2.0".to_owned(),
            is_published: true,
            description: Some("A client.".to_owned()),
            license: Some("Apache-2.0".to_owned()),
            rust_version: Some("1.89".to_owned()),
            dependencies: dependency
                .into_iter()
                .map(|(name, accepted)| (name.to_owned(), accepted.to_owned()))
                .collect(),
            files: ["README.md", "LICENSE"].map(str::to_owned).into(),
            listing_error: None,
            license_text: Some("License".to_owned()),
            topics: [vec!["billing".to_owned()], vec!["api-bindings".to_owned()]],
            is_documented_whole: true,
        }
    }

    fn facts() -> Facts {
        Facts {
            version: "0.2.0".to_owned(),
            rust_version: "1.89".to_owned(),
            is_publishable: true,
            packages: vec![package("client", Some(("runtime", "=0.2.0"))), package("runtime", None)],
            changelog: "# Changelog\n\n## [0.2.0] - 2026-11-25\n\n### Added\n\n- All.\n\n## [0.1.0] - 2026-01-01\n"
                .to_owned(),
            license_text: "License".to_owned(),
            policy: "Rust 1.89, API 2026-10".to_owned(),
            workflow: "toolchain: 1.89.0".to_owned(),
            api_versions: vec!["2026-10".to_owned()],
            unapproved_names: Vec::new(),
        }
    }

    /// Returns the problems after a change.
    fn problems(change: impl Fn(&mut Facts)) -> Vec<String> {
        let mut facts = facts();
        change(&mut facts);
        check(&facts).into_iter().flat_map(|check| check.problems).collect()
    }

    #[test]
    fn a_repository_in_order_has_no_problems() {
        assert_eq!(problems(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn each_problem_is_found() {
        type Case<'a> = (&'a dyn Fn(&mut Facts), &'a str);
        let cases: [Case<'_>; 18] = [
            (&|facts| facts.packages[0].listing_error = Some("no".to_owned()), "client cannot be packaged: no"),
            (&|facts| facts.packages[1].version = "0.1.0".to_owned(), "runtime has version 0.1.0, not 0.2.0"),
            (&|facts| facts.packages[0].dependencies[0].1 = "^0.2.0".to_owned(), "client accepts runtime ^0.2.0"),
            (&|facts| facts.packages[1].is_published = false, "client depends on runtime, which is not published"),
            (&|facts| facts.packages[0].description = None, "client has no description"),
            (&|facts| facts.packages[0].license = None, "client has no license"),
            (&|facts| facts.packages[0].rust_version = Some("1.90".to_owned()), "client has no Rust version"),
            (&|facts| facts.packages[0].topics[1].clear(), "client has no categories"),
            (&|facts| facts.packages[0].is_documented_whole = false, "client needs `all-features = true` and"),
            (&|facts| facts.packages[0].files.clear(), "client has no README.md in its package"),
            (&|facts| facts.packages[0].license_text = Some(String::new()), "the LICENSE of client differs"),
            (&|facts| facts.changelog.clear(), "CHANGELOG.md has no heading `## [0.2.0]`"),
            (
                &|facts| facts.changelog = "## [0.2.0] - 2026-11-25\n## [0.1.0]\n- A.".to_owned(),
                "the entry `## [0.2.0]` of CHANGELOG.md is empty",
            ),
            (
                &|facts| facts.changelog = "## [0.2.0] - unreleased\n- A.".to_owned(),
                "the entry `## [0.2.0]` of CHANGELOG.md has no date",
            ),
            (&|facts| facts.policy = "Rust 1.89".to_owned(), "docs/versions.md does not name the API version 2026-10"),
            (&|facts| facts.policy = "2026-10".to_owned(), "docs/versions.md does not name Rust 1.89"),
            (&|facts| facts.workflow.clear(), ".github/workflows/ci.yml does not name Rust 1.89"),
            (
                &|facts| facts.unapproved_names = vec!["type A".to_owned()],
                "1 names in spec/names.lock are new, such as type A",
            ),
        ];
        for (change, expected) in cases {
            let found = problems(change);
            assert!(found.iter().any(|problem| problem.starts_with(expected)), "{expected} in {found:?}");
        }
    }

    #[test]
    fn an_entry_needs_no_date_while_nothing_can_be_published() {
        let unreleased = "## [0.2.0] - unreleased\n- A.".to_owned();
        let found = problems(|facts| {
            facts.changelog.clone_from(&unreleased);
            facts.is_publishable = false;
        });
        assert_eq!(found, Vec::<String>::new());
    }
}
