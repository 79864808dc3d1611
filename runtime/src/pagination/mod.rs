//! Lists: pages and items as streams.
//!
//! Owns [`Pages`] and [`Items`], the trait [`Page`] of list responses and the usual one, [`ListPage`]. Leaves to others how
//! a page is fetched (`send`).
//!
//! Invariant: a page is fetched when it is needed, or one page ahead if the caller asked for that. After an error or
//! the last page no request is sent.

#[cfg(feature = "blocking")]
mod blocking;
mod list_page;
mod paged;
mod pages;

pub use list_page::{ListPage, PageMeta};
pub use paged::Paged;
pub use pages::{Items, Page, PageInfo, Pages};
