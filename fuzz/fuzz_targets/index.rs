//! The index of a segment.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    tracekeep_fuzz::check("index", input);
});
