//! The body of `POST /api/scores`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    tracekeep_fuzz::check("model_cost", input);
});
