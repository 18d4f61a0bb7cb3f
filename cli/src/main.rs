//! The mutirao command line.
fn main() {}
