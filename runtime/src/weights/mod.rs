//! Weights of calls for which the SDK ships no generated file.

mod equivocation;

pub use equivocation::EquivocationWeight;
