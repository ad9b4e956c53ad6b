//! The body of `POST /api/tracing/start`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    tracekeep_fuzz::check("native_start", input);
});
