//! The page that most lists come in.

use super::{Page, PageInfo};
use crate::codec::Extra;

/// A page of a list: items, and what it says about the whole list.
///
/// An answer that has just these two members is another name for this type.
#[non_exhaustive]
pub struct ListPage<T, P> {
    /// The items on this page.
    pub items: Vec<T>,
    /// What the page says about the whole list.
    pub pagination: P,
    /// Members that this version of the crate does not declare.
    pub extra: Extra,
}

/// What stands under `pagination`.
pub trait PageMeta {
    /// What it says about the list of which a page has `count` items.
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
