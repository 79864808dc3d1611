//! Items as an iterator, for programs without async code.

use super::{Items, Page};
use crate::error::Error;
use crate::send::blocking::runtime;

/// The items of a list, page after page, each fetched by a call that waits.
impl<T: Page, B> Iterator for Items<T, B> {
    type Item = Result<T::Item, Error<B>>;

    fn next(&mut self) -> Option<Self::Item> {
        match runtime() {
            Ok(runtime) => runtime.block_on(Items::next(self)),
            Err(problem) => self.end().then(|| Err(self.request().invalid(problem.to_owned()))),
        }
    }
}
