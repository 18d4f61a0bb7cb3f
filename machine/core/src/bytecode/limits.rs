//! The machine's limits. Each is checked when a program is decoded or its parameters are resolved.

/// First byte of every encoded program.
pub const VERSION: u8 = 1;
/// Longest encoded program, in bytes.
pub const MAX_PROGRAM_BYTES: usize = 64 * 1024;
/// Deepest nesting of blocks: `If` and `Loop` operations that are open at once.
pub const MAX_NESTING: usize = 32;
/// Most registers of a kernel.
pub const MAX_REGISTERS: u16 = 256;
/// Most invocations in a workgroup.
pub const MAX_INVOCATIONS: u32 = 256;
/// Most words of workgroup memory of a kernel, over all its arrays (16 KiB).
pub const MAX_WORKGROUP_WORDS: u32 = 4 * 1024;
/// Most arrays of each of workgroup, private and constant memory in a kernel.
pub const MAX_ARRAYS: usize = 32;
/// Most words of private memory of one invocation, over all its arrays (2 KiB).
pub const MAX_PRIVATE_WORDS: u32 = 512;
/// Most buffers that a pass binds.
pub const MAX_BINDINGS: usize = 8;
/// Most arguments of a kernel.
pub const MAX_ARGUMENTS: usize = 32;
/// Most kernels of a program.
pub const MAX_KERNELS: usize = 256;
/// Most passes of a program.
pub const MAX_PASSES: usize = 256;
/// Most buffers of a program.
pub const MAX_BUFFERS: usize = 256;
/// Most parameters of a program.
pub const MAX_PARAMETERS: usize = 32;
/// Longest name of a parameter or buffer, in bytes.
pub const MAX_NAME_BYTES: usize = 32;
/// Most terms of an expression.
pub const MAX_TERMS: usize = 64;
/// Most values that an expression keeps on its stack.
pub const MAX_STACK: usize = 16;
/// Most chunks that one workgroup may read, over all its pass's buffers (1 MiB): what a witness can
/// hold. It depends on data, so it is not checked on decoding; a workgroup that reads more is the
/// program's fault.
pub const MAX_WITNESS_CHUNKS: usize = 1024;
/// Most words that one workgroup owns, over all buffers that its pass writes (64 KiB).
pub const MAX_SLICE_WORDS: u32 = 16 * 1024;
