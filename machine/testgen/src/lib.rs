//! Random valid programs for the kernel machine, and a slow, obvious interpreter to compare with.
//!
//! A case is named by its seed. Every executor must give every case the same bytes:
//!
//! ```
//! use mutirao_machine_testgen::{Case, Outcome};
//!
//! let case = Case::generate(7);
//! let program = case.program();
//! assert_eq!(case.run_vm(&program), case.run_reference(&program));
//! # assert!(!matches!(case.run_vm(&program), Outcome::Void));
//! ```

mod case;
mod generate;
mod late_fault;
pub mod reference;
pub mod wgsl;

pub use case::{Case, Finished, Outcome};
pub use late_fault::LateFault;
