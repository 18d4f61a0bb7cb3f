//! Runs whole programs: on a GPU through wgpu, or natively on the VM.
//!
//! Both give, for the same program, parameters and inputs, the same bytes in every buffer.

mod adapter;
mod budget;
pub mod conformance;
mod device;
mod direct;
mod dispatch;
mod error;
mod features;
mod host;
mod job;
mod lifetimes;
mod memory;
mod pace;
mod probe;
mod run;
mod starved;
mod stream;
mod timing;
pub mod vm;

pub use adapter::{list, AdapterSummary};
pub use device::Gpu;
pub use direct::Direct;
pub use dispatch::{split, Dispatch};
pub use error::GpuError;
pub use host::{Host, RunProgress, SLAB_BYTES};
pub use job::{Job, JobError, Outputs};
pub use run::{PassTime, Prepared};
pub use timing::{compare_times, Times};
