//! The worker of a provider.

pub mod benchmark;
pub mod chain;
pub mod cli;
pub mod config;
pub mod devices;
mod disk;
pub mod doctor;
pub mod energy;
mod error;
pub mod exit;
pub mod facts;
pub mod fault;
pub mod funds;
pub mod gpu;
pub mod jobs;
pub mod keys;
pub mod measure;
pub mod metrics;
pub mod registration;
pub mod service;
pub mod shutdown;
pub mod status;
pub mod watch;

pub use error::Error;
