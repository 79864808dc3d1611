//! What a caller of the generator decides.

/// What a caller of the generator decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The document's path as it stands in the header of every file, relative to the repository.
    pub source: String,
    /// Name and version of the generated crate, the start of its user agent: `polar-client/0.1.0`.
    pub agent: String,
    /// The tasks that the crate's first page leads to: what to do, and links to where it starts.
    pub tasks: &'static [(&'static str, &'static str)],
    /// Names of the pages in the crate's directory `guide`, without `.md`: each becomes a module of the documentation.
    pub guides: Vec<String>,
}
