//! The devices of this machine: what runs a job's program, and what keeps a device that is wrong from
//! serving.
//!
//! A [`Device`] runs one [`Task`] at a time and leaves every buffer that the program's passes write in
//! a folder, with its outboard. [`ProcessDevice`] drives a GPU in a child process of its own, which
//! can be killed, has no network, and is gone after the task. [`VmDevice`] is the native VM. A [`Pool`]
//! lends devices, one task at a time, and keeps those that are broken in [quarantine](Records::quarantine).
//!
//! Nothing that a device writes is believed: [`self_check()`] runs random workgroups again, on the VM,
//! before the worker answers for a result with its provider's stake.

mod blame;
mod child;
pub mod conformance;
mod device;
mod dialogue;
mod error;
pub mod executor;
pub mod faulty;
mod output;
mod pool;
mod process;
mod records;
mod replies;
mod self_check;
mod vm;
mod wire;

pub(crate) use blame::reads_inputs_only;
pub use device::{Device, DeviceInfo, Finished, Progress, Stage, StageTimes, Task, Written};
pub use dialogue::{list, Listed, ProcessOptions};
pub use error::{DeviceError, Suspicion, Unfit};
pub use pool::{Lease, Pool, PoolError, State};
pub use process::ProcessDevice;
pub use records::{Quarantined, Records};
pub(crate) use self_check::draw;
pub use self_check::{self_check, SelfCheck};
pub use vm::VmDevice;
