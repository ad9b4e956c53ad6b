//! A query's JSON, with its filter.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    tracekeep_fuzz::check("query", input);
});
