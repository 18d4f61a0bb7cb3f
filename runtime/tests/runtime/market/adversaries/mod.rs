//! Every way to cheat that we know of, and what it costs everybody, to the last planck.

mod challengers;
mod copies;
mod detection;
mod faults;
mod free_rides;
mod lies;
mod money;
mod programs;
mod randomness;
mod stages;
mod time;
mod transcripts;
mod witnesses;

type ProofError = pallet_attestations::Error<mutirao_runtime::Runtime>;
