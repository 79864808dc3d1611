//! Items as an iterator, for programs without async code.

use super::{Items, Page};
use crate::error::Error;
use crate::send::blocking::runtime;

/// The items of a list as an iterator. Each page is fetched by a call that blocks.
impl<T: Page, B> Iterator for Items<T, B> {
    type Item = Result<T::Item, Error<B>>;

    fn next(&mut self) -> Option<Self::Item> {
        match runtime() {
            Ok(runtime) => runtime.block_on(Items::next(self)),
            Err(problem) => self.end().then(|| Err(self.request().invalid(problem.to_owned()))),
        }
    }
}
