//! From text to a validated module that holds only what the exact machine has.

mod diagnostic;
mod parse;
mod refuse;
mod rule;
mod scan;

pub use diagnostic::{Diagnostic, Place, SourceSpan};
pub use parse::{on_deep_stack, parse, Parsed, STACK_BYTES};
pub use rule::Rule;
pub use scan::{check_shape, MAX_ELSE_IF, MAX_NESTING, MAX_OPERATORS, MAX_SOURCE_BYTES};
