//! One module for each section of the page.

pub(crate) mod call;
pub(crate) mod compile;
pub(crate) mod decode;
pub(crate) mod generate;
pub(crate) mod size;
pub(crate) mod stream;
pub(crate) mod versions;
