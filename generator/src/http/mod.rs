//! What HTTP says and a document repeats: the methods and the media types.

mod media_type;
mod method;

pub use media_type::MediaType;
pub use method::Method;
