//! The environments of Polar.

use std::fmt;
use std::str::FromStr;

/// One of Polar's isolated environments, each with its own accounts and tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// Production, with real money.
    #[default]
    Production,
    /// Sandbox, for tests.
    Sandbox,
}

impl Environment {
    /// Returns the name in lower case: `production` or `sandbox`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Sandbox => "sandbox",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = UnknownEnvironment;

    /// Parses the lower-case name, for example from an environment variable.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "production" => Ok(Self::Production),
            "sandbox" => Ok(Self::Sandbox),
            _ => Err(UnknownEnvironment(name.to_owned())),
        }
    }
}

/// The error for a text that is not the name of an [`Environment`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEnvironment(String);

impl fmt::Display for UnknownEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown environment {:?}, expected \"production\" or \"sandbox\"", self.0)
    }
}

impl std::error::Error for UnknownEnvironment {}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn environments_read_back_what_they_print() {
        for environment in [Environment::Production, Environment::Sandbox] {
            assert_eq!(environment.to_string().parse(), Ok(environment));
        }
        assert_eq!(
            "staging".parse::<Environment>().unwrap_err().to_string(),
            "unknown environment \"staging\", expected \"production\" or \"sandbox\""
        );
    }
}
