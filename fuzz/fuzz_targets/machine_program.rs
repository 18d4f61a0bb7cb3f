//! Decode, validate and run a program.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	let _ = mutirao_fuzz::machine_program(bytes);
});
