//! Devices: an executor child a task, on whatever Vulkan adapter this machine has; the VM; and what
//! happens when a device lies, crashes, hangs or does not fit.

mod catalogue;
mod confinement;
mod failures;
mod fitting;
mod lies;
mod support;
