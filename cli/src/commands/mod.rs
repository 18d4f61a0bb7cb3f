//! The commands.

pub(crate) mod kernel;
