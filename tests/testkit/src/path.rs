//! Places in JSON values.

/// A place in a JSON value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// JSON pointer.
    pub pointer: String,
    /// As in decode errors: `items[0].amount`, empty for the whole value.
    pub shown: String,
}

impl Path {
    /// A property of the object at this place.
    #[must_use]
    pub fn property(&self, name: &str) -> Self {
        let dot = if self.shown.is_empty() { "" } else { "." };
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("{}/{escaped}", self.pointer), shown: format!("{}{dot}{name}", self.shown) }
    }

    /// A property of a property of the object at this place.
    #[must_use]
    pub fn below(&self, names: &[String]) -> Self {
        names.iter().fold(self.clone(), |path, name| path.property(name))
    }

    /// An element of the array at this place.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        Self { pointer: format!("{}/{index}", self.pointer), shown: format!("{}[{index}]", self.shown) }
    }
}
