//! Lists as streams of pages and items.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use futures_core::Stream;

use crate::error::{Error, ErrorInner};
use crate::request::Request;
use crate::response::{RawResponse, ResponseError};
use crate::send::Call;

/// Query parameter for the number of a page, which starts at one.
const PAGE: &str = "page";

/// A page of a list.
pub trait Page {
    /// The type of the items.
    type Item;

    /// Returns the facts about the whole list.
    fn page_info(&self) -> PageInfo;

    /// Returns the items. Empty if the page has a structure that this version of the crate does not know.
    fn into_items(self) -> Option<Vec<Self::Item>>;
}

/// Facts about a list, from one of its pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageInfo {
    /// The number of items on this page.
    pub count: usize,
    /// The number of items of the list.
    pub total_count: Option<u64>,
    /// The number of the last page. Zero if the list is empty.
    pub max_page: Option<u64>,
    /// Whether there is a page after this one.
    pub has_next_page: Option<bool>,
}

impl PageInfo {
    /// Creates the facts from a page with counts. A negative total is treated as unknown.
    #[must_use]
    pub fn counted(count: usize, total_count: i64, max_page: i64) -> Self {
        let max_page = Some(u64::try_from(max_page).unwrap_or_default());
        Self { count, total_count: u64::try_from(total_count).ok(), max_page, has_next_page: None }
    }

    /// Creates the facts from a page that only says whether there is another one.
    #[must_use]
    pub fn cursor(count: usize, has_next_page: bool) -> Self {
        Self { count, has_next_page: Some(has_next_page), ..Self::default() }
    }

    /// Returns the number of the page after `page`. An empty page is always the last one.
    fn after(self, page: u64) -> Option<u64> {
        let ends =
            self.count == 0 || self.max_page.is_some_and(|last| page >= last) || self.has_next_page == Some(false);
        (!ends).then(|| page.saturating_add(1))
    }
}

/// The pages of a list, from the one that the request sets (the first one by default) to the last.
///
/// A page is fetched when it is polled. After an error there are no more pages; [`Pages::page`] returns where to
/// continue.
#[must_use = "pages are fetched when they are polled"]
#[doc(alias("pagination", "paginate"))]
pub struct Pages<T, B> {
    request: Request,
    read: fn(&RawResponse) -> Result<T, ResponseError>,
    /// The page that is fetched now or next.
    page: u64,
    ended: bool,
    ahead: bool,
    total: Option<u64>,
    coming: Option<Coming<T, B>>,
}

/// A page, with its response.
type Fetched<T, B> = Result<(T, RawResponse), Error<B>>;

enum Coming<T, B> {
    Call(Call<T, B>),
    Here(Fetched<T, B>),
}

impl<T: Page, B> Pages<T, B> {
    #[doc(hidden)]
    pub fn __new(mut request: Request, read: fn(&RawResponse) -> Result<T, ResponseError>) -> Self {
        let page = match request.query_value(PAGE).map(str::parse) {
            None => 1,
            Some(Ok(page)) => page,
            Some(Err(_)) => {
                request.refuse("query parameter `page`: the first page is 1");
                1
            }
        };
        Self { request, read, page, ended: false, ahead: false, total: None, coming: None }
    }

    /// Fetches one page ahead while the current one is processed.
    pub fn prefetch(mut self) -> Self {
        self.ahead = true;
        self
    }

    /// Returns the number of the next page. To continue there later, set it in a new request.
    #[must_use]
    pub fn page(&self) -> u64 {
        self.page
    }

    /// Returns the number of items of the list, after the first page that reports it.
    #[must_use]
    pub fn total_count(&self) -> Option<u64> {
        self.total
    }

    /// Returns the next page.
    #[expect(clippy::should_implement_trait, reason = "a stream has the async method of that name")]
    pub fn next(&mut self) -> impl Future<Output = Option<Result<T, Error<B>>>> {
        NextPage(self)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Error<B>>>> {
        match self.poll_answer(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Ready(Some(Ok((page, _)))) => Poll::Ready(Some(Ok(page))),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error))),
        }
    }

    /// Returns the next page, with its response.
    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Option<Fetched<T, B>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let coming = match self.coming.take() {
            Some(coming) => coming,
            None => self.call(),
        };
        let result = match coming {
            Coming::Here(result) => result,
            Coming::Call(mut call) => match call.poll_answer(cx) {
                Poll::Ready(result) => result,
                Poll::Pending => {
                    self.coming = Some(Coming::Call(call));
                    return Poll::Pending;
                }
            },
        };
        match &result {
            Ok((page, _)) => self.step(page.page_info(), cx),
            Err(_) => self.ended = true,
        }
        Poll::Ready(Some(result))
    }

    fn step(&mut self, about: PageInfo, cx: &mut Context<'_>) {
        self.total = about.total_count.or(self.total);
        match about.after(self.page) {
            Some(next) => self.page = next,
            None => self.ended = true,
        }
        if self.ahead && !self.ended {
            // The first poll sends the request; the result is kept until it is needed.
            self.coming = Some(match self.call() {
                Coming::Call(mut call) => match call.poll_answer(cx) {
                    Poll::Ready(result) => Coming::Here(result),
                    Poll::Pending => Coming::Call(call),
                },
                here => here,
            });
        }
    }

    fn call(&self) -> Coming<T, B> {
        Coming::Call(request_of(&self.request, self.page).call(self.read))
    }
}

/// Not generic, so that it is compiled in this crate, and not in each program.
fn request_of(list: &Request, page: u64) -> Request {
    let mut request = list.clone();
    request.query(PAGE, &page);
    request
}

/// The future of the next page.
struct NextPage<'a, T, B>(&'a mut Pages<T, B>);

impl<T: Page, B> Future for NextPage<'_, T, B> {
    type Output = Option<Result<T, Error<B>>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().0.poll(cx)
    }
}

impl<T: Page, B> Stream for Pages<T, B> {
    type Item = Result<T, Error<B>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(cx)
    }
}

// Nothing in it is pinned: futures of calls are boxed.
impl<T, B> Unpin for Pages<T, B> {}

impl<T, B> fmt::Debug for Pages<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("request", &self.request)
            .field("page", &self.page)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// The items of a list, over all its pages.
///
/// A page is fetched when its first item is polled. After an error there are no more items.
#[must_use = "items are fetched when they are polled"]
#[doc(alias("pagination", "iterator", "stream", "list_all"))]
pub struct Items<T: Page, B> {
    pages: Pages<T, B>,
    here: vec::IntoIter<T::Item>,
    given: u64,
}

impl<T: Page, B> Items<T, B> {
    #[doc(hidden)]
    pub fn __new(pages: Pages<T, B>) -> Self {
        Self { pages, here: Vec::new().into_iter(), given: 0 }
    }

    /// Fetches one page ahead while the items of the current one are processed.
    pub fn prefetch(mut self) -> Self {
        self.pages.ahead = true;
        self
    }

    /// Returns the number of the next page, which follows the items that were already fetched.
    #[must_use]
    pub fn page(&self) -> u64 {
        self.pages.page
    }

    /// Returns the number of items of the list, after the first page that reports it.
    #[must_use]
    pub fn total_count(&self) -> Option<u64> {
        self.pages.total
    }

    /// Returns the next item.
    #[expect(clippy::should_implement_trait, reason = "a stream has the async method of that name")]
    pub fn next(&mut self) -> impl Future<Output = Option<Result<T::Item, Error<B>>>> {
        NextItem(self)
    }

    /// Collects all items that are left: into a `Vec`, a set, or another collection.
    ///
    /// # Errors
    /// A page could not be fetched. The items before it are dropped.
    pub async fn try_collect<C: Default + Extend<T::Item>>(mut self) -> Result<C, Error<B>> {
        let mut items = C::default();
        while let Some(item) = self.next().await {
            items.extend([item?]);
        }
        Ok(items)
    }

    /// Ends the list and returns whether it had not ended before.
    ///
    /// In a blocking program, the iterator's own method of this name is behind `by_ref()`.
    ///
    /// # Errors
    /// A page could not be fetched, or the function returned an error. The items after it are not visited.
    // With `AsyncFnMut` in place of `FnMut`, a task that calls this would not be `Send`.
    pub async fn try_for_each<E, F, Fut>(mut self, mut each: F) -> Result<(), E>
    where
        E: From<Error<B>>,
        F: FnMut(T::Item) -> Fut,
        Fut: Future<Output = Result<(), E>>,
    {
        while let Some(item) = self.next().await {
            each(item?).await?;
        }
        Ok(())
    }

    /// Ends the list and says whether it had not ended before.
    #[cfg(feature = "blocking")]
    pub(crate) fn end(&mut self) -> bool {
        !std::mem::replace(&mut self.pages.ended, true)
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn request(&self) -> &Request {
        &self.pages.request
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T::Item, Error<B>>>> {
        loop {
            if let Some(item) = self.here.next() {
                self.given += 1;
                return Poll::Ready(Some(Ok(item)));
            }
            match self.pages.poll_answer(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok((page, answer)))) => match page.into_items() {
                    Some(items) => self.here = items.into_iter(),
                    None => {
                        self.pages.ended = true;
                        return Poll::Ready(Some(Err(unknown_page(answer).into())));
                    }
                },
            }
        }
    }
}

fn unknown_page(answer: RawResponse) -> Box<ErrorInner> {
    let problem = "the page has a structure that this version of the crate does not know";
    ErrorInner::unreadable(answer, ResponseError::unexpected(problem))
}

/// The future of the next item.
struct NextItem<'a, T: Page, B>(&'a mut Items<T, B>);

impl<T: Page, B> Future for NextItem<'_, T, B> {
    type Output = Option<Result<T::Item, Error<B>>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().0.poll(cx)
    }
}

impl<T: Page, B> Stream for Items<T, B> {
    type Item = Result<T::Item, Error<B>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(cx)
    }

    /// The lower bound is the number of fetched items. The upper bound is the total of the list, which is right as long
    /// as no item is added.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.pages.total.map(|total| total.saturating_sub(self.given));
        let most =
            if self.pages.ended { Some(self.here.len()) } else { left.and_then(|left| usize::try_from(left).ok()) };
        (self.here.len(), most.map(|most| most.max(self.here.len())))
    }
}

impl<T: Page, B> Unpin for Items<T, B> {}

impl<T: Page, B> fmt::Debug for Items<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).field("here", &self.here.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_where_its_pages_say_so() {
        assert_eq!(PageInfo::counted(10, 25, 3).after(1), Some(2));
        assert_eq!(PageInfo::counted(5, 25, 3).after(3), None);
        assert_eq!(PageInfo::counted(0, 0, 0).after(1), None);
        assert_eq!(PageInfo::counted(0, 25, 3).after(1), None);
        assert_eq!(PageInfo::cursor(10, true).after(7), Some(8));
        assert_eq!(PageInfo::cursor(10, false).after(7), None);
        assert_eq!(PageInfo { count: 3, ..PageInfo::default() }.after(1), Some(2));
    }
}
