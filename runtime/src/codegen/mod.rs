//! The contract with generated code.

mod api_request;
