//! What a lowered kernel expects to be bound, all in group 0.

/// The job's numbers: a uniform array of [`JOB_VECTORS`] `vec4<u32>`.
pub const JOB_BINDING: u32 = 0;
/// The constant tables, one after another: a uniform array of `vec4<u32>`; bound if there are any.
pub const TABLES_BINDING: u32 = 1;
/// The status words, all zero before: [`STATUS_WORKGROUPS`] and, if these count together, one for each
/// workgroup from [`FIRST_OF_SLAB`] on. Bound if the kernel has loops.
pub const STATUS_BINDING: u32 = 2;
/// The buffer in slot `i` is at this binding plus `i`. What is bound ends with zeros up to a
/// multiple of 16 bytes.
pub const FIRST_SLOT_BINDING: u32 = 3;

/// Words of the job's numbers.
pub const JOB_WORDS: usize = 64;
/// Vectors of the job's numbers.
pub const JOB_VECTORS: u32 = JOB_WORDS as u32 / 4;

/// Word of the job's numbers: workgroups in x; y and z follow.
pub const WORKGROUPS: usize = 0;
/// Word: the number of the dispatch's first workgroup.
pub const FIRST_WORKGROUP: usize = 3;
/// Word: workgroups in x of the dispatch.
pub const DISPATCH_X: usize = 4;
/// Word: units of a portion, from 1 to [`MOST_PORTION_UNITS`]. Invocations hand in whole portions.
pub const PORTION_UNITS: usize = 5;
/// Word: the number of the first workgroup that has a status word.
pub const FIRST_OF_SLAB: usize = 6;
/// Word: iterations of the loop that tells whether the device still runs loops, more than 1.
pub const CANARY_TURNS: usize = 7;
/// Word: length in words of the buffer in slot 0; the other slots follow.
pub const SLOT_WORDS: usize = 8;
/// Word: words of slot 0 that one workgroup owns; the other slots follow.
pub const SLICE_WORDS: usize = 16;
/// Word: the first argument; the others follow.
pub const ARGUMENTS: usize = 24;
/// Word: what the count of units of one invocation starts with, if each counts alone; it exceeds its
/// fuel when the count is [`TOO_MANY`].
pub const FIRST_UNIT: usize = 58;
/// Word: the most portions of one invocation that its fuel allows.
pub const MOST_PORTIONS: usize = 56;
/// Word: the most portions that it allows the invocations of a workgroup together.
pub const MOST_WORKGROUP_PORTIONS: usize = 57;

/// At such a count, or more, an invocation that counts alone stops.
pub const TOO_MANY: u32 = 1 << 31;

/// The most units of a portion. What a kernel counts between two looks at the count is less than
/// 2^30, so the sum is a word.
pub const MOST_PORTION_UNITS: u32 = 1 << 30;

/// Status word: set by an invocation that stopped because it, or its workgroup, exceeds the fuel.
pub const STATUS_FUEL: u32 = 0;
/// Status word: set by an invocation whose loops the device has stopped.
pub const STATUS_ITERATIONS: u32 = 1;
/// Status word: the portions of the first workgroup; those of the others follow.
pub const STATUS_WORKGROUPS: u32 = 2;
