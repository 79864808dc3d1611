#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| polar_fuzz::again::<polar_client::models::Checkout>(bytes));
