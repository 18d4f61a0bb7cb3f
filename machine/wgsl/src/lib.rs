//! WGSL and a manifest to the kernel machine's bytecode, and bytecode to naga modules.

pub mod compile;
pub mod emit;
pub mod front;
pub mod gpu;
pub mod lower;
pub mod manifest;
pub mod mir;
pub mod optimise;
