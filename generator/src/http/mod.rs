//! Terms of HTTP that a document uses: methods and media types.

mod media_type;
mod method;

pub use media_type::MediaType;
pub use method::Method;
