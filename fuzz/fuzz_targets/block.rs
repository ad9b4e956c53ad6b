//! A block of the journal, and a state of a segment.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    tracekeep_fuzz::check("block", input);
});
