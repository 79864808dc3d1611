//! The code in the repository's pages, compiled as doctests. The guide of the crate is compiled with the crate.
#![cfg(doctest)]

macro_rules! pages {
    ($($name:ident: $path:literal,)*) => {
        $(#[doc = include_str!(concat!("../../", $path))]
        pub mod $name {})*
    };
}

pages! {
    readme: "README.md",
    contributing: "CONTRIBUTING.md",
    architecture: "ARCHITECTURE.md",
    security: "SECURITY.md",
    changelog: "CHANGELOG.md",
    auth: "auth/README.md",
    client: "generated/README.md",
    json: "json/README.md",
    kit: "kit/README.md",
    mock: "mock/README.md",
    runtime: "runtime/README.md",
    sqlite: "sqlite/README.md",
    saas: "examples/saas/README.md",
    benchmarks: "docs/benchmarks.md",
    comparison: "docs/comparison.md",
    fidelity: "docs/fidelity.md",
    guides: "docs/guides.md",
    releasing: "docs/releasing.md",
    reliability: "docs/reliability.md",
    versions: "docs/versions.md",
}
