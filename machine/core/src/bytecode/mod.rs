//! The bytecode: plain data, built by a compiler, checked by [`crate::Program::new`].
//!
//! docs/protocol/bytecode.md is the specification; these types are its vocabulary.

mod definition;
mod expression;
mod functions;
pub mod limits;
mod lines;
mod operation;

pub use definition::{
	Access, Binding, Buffer, Definition, Kernel, Parameter, Pass, Role, WorkgroupArray,
};
pub use expression::{ArithmeticError, Expression, Term};
pub use functions::{
	AtomicFunction, BinaryFunction, Compare, QuaternaryFunction, TernaryFunction, UnaryFunction,
};
pub use lines::{LineEntry, LineTable};
pub use operation::{BuiltIn, Condition, Memory, Operand, Operation, Register};
