//! What a lowered kernel expects to be bound, all in group 0.

/// The job's numbers: a uniform array of [`JOB_VECTORS`] `vec4<u32>`.
pub const JOB_BINDING: u32 = 0;
/// The constant tables, one after another: a uniform array of `vec4<u32>`; bound if there are any.
pub const TABLES_BINDING: u32 = 1;
/// One word that a workgroup sets when its loops ran longer than the job's loop budget; bound if
/// the kernel has loops.
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
/// Word: how many iterations the loops of one invocation may make in all.
pub const LOOP_BUDGET: usize = 5;
/// Word: length in words of the buffer in slot 0; the other slots follow.
pub const SLOT_WORDS: usize = 8;
/// Word: words of slot 0 that one workgroup owns; the other slots follow.
pub const SLICE_WORDS: usize = 16;
/// Word: the first argument; the others follow.
pub const ARGUMENTS: usize = 24;
