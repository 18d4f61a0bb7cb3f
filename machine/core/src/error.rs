//! Why a program is refused: where, what, and what to do about it.

use core::fmt;

use thiserror::Error;

use crate::bytecode::ArithmeticError;

/// A part of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
	/// The program as a whole.
	Program,
	/// A parameter, by index.
	Parameter(usize),
	/// A buffer, by index.
	Buffer(usize),
	/// A kernel, by index.
	Kernel(usize),
	/// An operation of a kernel's code, both by index.
	Operation(usize, usize),
	/// A pass, by index.
	Pass(usize),
}

impl fmt::Display for Place {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Program => write!(f, "program"),
			Self::Parameter(index) => write!(f, "parameter {index}"),
			Self::Buffer(index) => write!(f, "buffer {index}"),
			Self::Kernel(index) => write!(f, "kernel {index}"),
			Self::Operation(kernel, index) => write!(f, "kernel {kernel}, operation {index}"),
			Self::Pass(index) => write!(f, "pass {index}"),
		}
	}
}

/// Something of which a program may have or name only so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
	/// Bytes of a name.
	NameBytes,
	/// Parameters.
	Parameters,
	/// Buffers.
	Buffers,
	/// Kernels.
	Kernels,
	/// Passes.
	Passes,
	/// Buffers that a pass binds.
	Slots,
	/// Arguments of a kernel.
	Arguments,
	/// Registers of a kernel.
	Registers,
	/// Invocations of a workgroup.
	Invocations,
	/// Arrays of one kind of memory.
	Arrays,
	/// Words of workgroup memory.
	WorkgroupWords,
	/// Words of private memory.
	PrivateWords,
	/// Blocks that are open at once.
	Nesting,
	/// Terms of an expression.
	Terms,
	/// Values on an expression's stack.
	Stack,
	/// Words of one load.
	LoadWords,
}

impl fmt::Display for Limited {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::NameBytes => "bytes in a name",
			Self::Parameters => "parameters",
			Self::Buffers => "buffers",
			Self::Kernels => "kernels",
			Self::Passes => "passes",
			Self::Slots => "buffers in a pass",
			Self::Arguments => "arguments",
			Self::Registers => "registers",
			Self::Invocations => "invocations",
			Self::Arrays => "arrays",
			Self::WorkgroupWords => "words of workgroup memory",
			Self::PrivateWords => "words of private memory",
			Self::Nesting => "nested blocks",
			Self::Terms => "terms in an expression",
			Self::Stack => "pending values in an expression",
			Self::LoadWords => "words in a load",
		})
	}
}

/// Something that is named by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexed {
	/// A register below the kernel's declared number.
	Register,
	/// An argument of the kernel.
	Argument,
	/// A slot of the kernel.
	Slot,
	/// A workgroup array.
	WorkgroupArray,
	/// A private array.
	PrivateArray,
	/// A table of constants.
	Constants,
	/// A parameter of the program.
	Parameter,
	/// A buffer of the program.
	Buffer,
	/// A kernel of the program.
	Kernel,
}

impl fmt::Display for Indexed {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Register => "register",
			Self::Argument => "argument",
			Self::Slot => "slot",
			Self::WorkgroupArray => "workgroup array",
			Self::PrivateArray => "private array",
			Self::Constants => "constant table",
			Self::Parameter => "parameter",
			Self::Buffer => "buffer",
			Self::Kernel => "kernel",
		})
	}
}

/// What is wrong with a part of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Reason {
	/// More of something than the machine has.
	#[error("{found} {what}, at most {most} are allowed")]
	TooMany {
		/// Of what.
		what: Limited,
		/// How many there are.
		found: usize,
		/// How many there may be.
		most: usize,
	},
	/// Nothing where at least one is needed.
	#[error("no {0}, at least one is needed")]
	Empty(Limited),
	/// An index of something that is not declared.
	#[error("there is no {what} {index}; {declared} are declared")]
	Undeclared {
		/// Of what.
		what: Indexed,
		/// The index.
		index: usize,
		/// How many there are.
		declared: usize,
	},
	/// A name that is not `[A-Za-z_][A-Za-z0-9_]*`.
	#[error("a name is letters, digits and `_`, and starts with no digit")]
	Name,
	/// A name that another parameter or buffer has.
	#[error("the name is taken; give each parameter and each buffer its own")]
	NameTaken,
	/// A parameter whose least value is above its greatest.
	#[error("the least value is above the greatest")]
	EmptyRange,
	/// Terms that do not form one value.
	#[error("the terms do not form one value; check the expression's operators")]
	Expression,
	/// A marker without its block.
	#[error("`Else`, `Continuing` or `End` closes no open block of its kind")]
	Unopened,
	/// A block without its end.
	#[error("{0} blocks are not closed; add `End`")]
	Unclosed(usize),
	/// `Break`, `BreakIf` or `Continue` outside a loop's body.
	#[error("only a loop's body can be left; move this into one")]
	OutsideLoop,
	/// In a continuing block, something that leaves it elsewhere than at its end.
	#[error("a continuing block is left by a `BreakIf` at its end, or not at all")]
	LeavesContinuing,
	/// A load of no words.
	#[error("a load of no words")]
	EmptyLoad,
	/// A store to memory that is only read.
	#[error("this memory is only read; bind the buffer for writing or use another array")]
	ReadOnly,
	/// An atomic operation on an array that is not declared atomic.
	#[error("the array is not declared atomic")]
	NotAtomic,
	/// A barrier that not every invocation may reach together.
	#[error(
		"not every invocation of the workgroup may reach this barrier; move it out of the \
		 branches and loops that depend on the invocation"
	)]
	DivergentBarrier,
	/// Code whose control flow is too entangled for the barrier check's budget.
	#[error("too many nested loops to check the barriers; unnest the loops")]
	Entangled,
	/// A pass that gives another number of bindings than its kernel has slots.
	#[error("{found} bindings for {slots} slots")]
	Bindings {
		/// Bindings of the pass.
		found: usize,
		/// Slots of the kernel.
		slots: usize,
	},
	/// A pass that gives another number of arguments than its kernel takes.
	#[error("{found} arguments, the kernel takes {wanted}")]
	Arguments {
		/// Arguments of the pass.
		found: usize,
		/// Arguments of the kernel.
		wanted: usize,
	},
	/// A binding for reading in a slot for writing, or the other way round.
	#[error("slot {0} is bound for the other kind of access")]
	Access(usize),
	/// A pass that writes an input.
	#[error("buffer {0} is an input; inputs are only read")]
	WritesInput(usize),
	/// A second slot or pass that writes a buffer.
	#[error("buffer {0} is already written; one slot of one pass writes a buffer")]
	WrittenTwice(usize),
	/// A pass that reads what no earlier pass wrote.
	#[error("buffer {0} is read before a pass has written it")]
	ReadTooEarly(usize),
	/// A buffer that is no input and that no pass writes.
	#[error("no pass writes this buffer; remove it or make it an input")]
	NeverWritten,
}

/// Why a [`crate::bytecode::Definition`] is no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{place}: {reason}")]
pub struct ValidateError {
	/// Where.
	pub place: Place,
	/// What is wrong there.
	pub reason: Reason,
}

/// Why bytes are no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
	/// Longer than [`crate::bytecode::limits::MAX_PROGRAM_BYTES`].
	#[error("a program of {0} bytes; 65,536 are allowed")]
	TooLong(usize),
	/// Another version of the bytecode, or no bytes at all.
	#[error("bytecode version {0:?}; this machine runs version 1")]
	Version(Option<u8>),
	/// Not the SCALE encoding of a definition; the offset is where decoding stopped.
	#[error("not bytecode at byte {0}; the file may be cut off or damaged")]
	Malformed(usize),
	/// Bytes after the end.
	#[error("{0} bytes after the program's end")]
	Trailing(usize),
	/// A definition that breaks a rule.
	#[error(transparent)]
	Rejected(#[from] ValidateError),
}

/// Why a program cannot run with some parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParameterError {
	/// Another number of values than the program has parameters.
	#[error("{found} parameter values, the program takes {wanted}")]
	Count {
		/// Values given.
		found: usize,
		/// Parameters of the program.
		wanted: usize,
	},
	/// A value outside its bounds.
	#[error("parameter {index} is {value}; it may be {min} to {max}")]
	OutOfRange {
		/// Index of the parameter.
		index: usize,
		/// The value given.
		value: u32,
		/// The least allowed.
		min: u32,
		/// The greatest allowed.
		max: u32,
	},
	/// An expression that has no value.
	#[error("{place}: {reason}")]
	Arithmetic {
		/// Whose expression.
		place: Place,
		/// Why.
		reason: ArithmeticError,
	},
	/// A value that does not fit where it is used.
	#[error("{place}: {what} of {value}; it may be {min} to {max}")]
	Bounds {
		/// Whose value.
		place: Place,
		/// What it is.
		what: &'static str,
		/// The value.
		value: u64,
		/// The least allowed.
		min: u64,
		/// The greatest allowed.
		max: u64,
	},
	/// A written buffer that its workgroups do not fill exactly.
	#[error(
		"pass {pass}: {workgroups} workgroups with a slice of {slice} words do not fill buffer \
		 {buffer} of {words} words exactly; make its length workgroups times slice"
	)]
	Unfilled {
		/// The pass that writes it.
		pass: usize,
		/// The buffer.
		buffer: usize,
		/// Workgroups of the pass.
		workgroups: u32,
		/// Words of one workgroup.
		slice: u32,
		/// Words of the buffer.
		words: u32,
	},
	/// No such pass.
	#[error("there is no pass {0}")]
	NoSuchPass(usize),
	/// Declared steps above 2^64 - 1.
	#[error("the declared steps exceed 64 bits")]
	Steps,
}
