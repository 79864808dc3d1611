//! Counts what happens on the heap, for `bench-driver`, which measures time with an allocator that does not count.

use std::process::ExitCode;

use bench_driver::counted::{Heap, run};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words, count) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn count(work: &mut dyn FnMut()) -> Heap {
    let info = allocation_counter::measure(work);
    Heap { allocations: info.count_total, peak: info.bytes_max }
}
