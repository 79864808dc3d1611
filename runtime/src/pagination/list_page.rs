//! The page type of most lists.

use super::{Page, PageInfo};
use crate::codec::Extra;

/// A page of a list: items, and facts about the whole list.
///
/// A response with exactly these two properties is an alias of this type.
#[non_exhaustive]
pub struct ListPage<T, P> {
    /// The items on this page.
    pub items: Vec<T>,
    /// Facts about the whole list.
    pub pagination: P,
    /// Properties that this version of the crate does not declare.
    pub extra: Extra,
}

/// The property `pagination` of a page.
pub trait PageMeta {
    /// Returns the facts about the list from a page with `count` items.
    fn page_info(&self, count: usize) -> PageInfo;
}

crate::codec::model! {
    ListPage<T, P> {
        items: "items",
        pagination: "pagination",
        ..extra
    }
}

impl<T, P: PageMeta> Page for ListPage<T, P> {
    type Item = T;

    #[inline]
    fn page_info(&self) -> PageInfo {
        self.pagination.page_info(self.items.len())
    }

    #[inline]
    fn into_items(self) -> Option<Vec<T>> {
        Some(self.items)
    }
}
