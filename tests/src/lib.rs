//! What the tests of the generated client share: the document as data, instances of its schemas, a server on the
//! loopback interface, and a call to every operation.

pub mod document;
pub mod driver;
pub mod instance;
pub mod server;
