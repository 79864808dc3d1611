//! Short sorted lists.

/// A few items in order, without duplicates. A set, or a sort for lists of any length, would add much more code to a
/// program.
pub fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut sorted = Vec::new();
    for item in items {
        if let Err(place) = sorted.binary_search(&item) {
            sorted.insert(place, item);
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_in_order_and_there_once() {
        assert_eq!(sorted(["b", "c", "a", "b"]), ["a", "b", "c"]);
        assert_eq!(sorted::<u8>([]), []);
    }
}
