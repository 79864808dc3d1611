//! What the tests of the generated client share: the document as data, instances of its schemas, a server on the
//! loopback interface that does what it is told, one that signs users in, a subscriber that writes down, a call to every
//! operation, what it means that a value came back as it was, and what the decode policy makes of any value.

pub mod arguments;
pub mod authorization;
pub mod cases;
pub mod dispatch;
pub mod document;
pub mod equal;
pub mod instance;
pub mod kept;
pub mod mutation;
pub mod outline;
pub mod path;
pub mod policy;
pub mod recordings;
pub mod sample;
pub mod server;
pub mod spans;
pub mod unions;
pub mod wire;
