//! Settings of the generator.

/// Settings of the generator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The document's path for the header of every file, relative to the repository.
    pub source: String,
    /// Name and version of the generated crate, the start of its user agent: `polar-client/0.1.0`.
    pub agent: String,
    /// Names of the pages in the crate's directory `guide`, without `.md`: each becomes a module of the documentation.
    pub guides: Vec<String>,
}
