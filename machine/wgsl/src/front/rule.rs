//! What the exact machine does not take, each with a way out.

/// The rule that a refused source breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
	/// Not WGSL, or WGSL that does not type-check.
	Wgsl,
	/// The source is too large or too deeply nested to be read safely.
	SourceSize,
	/// A floating-point type, literal or operation.
	Float,
	/// An integer that is not 32 bits wide.
	IntegerWidth,
	/// A matrix type.
	Matrix,
	/// A subgroup operation.
	Subgroup,
	/// An atomic operation whose result is used.
	AtomicResult,
	/// An atomic that is exchanged, compared, loaded or stored.
	AtomicExchange,
	/// An atomic in a storage buffer.
	StorageAtomic,
	/// A texture, sampler, ray query or other resource that is not a buffer.
	Resource,
	/// A pointer that is not resolved at compile time.
	Pointer,
	/// A pipeline-overridable constant.
	Override,
	/// A global variable in an address space or of a type that kernels do not have.
	GlobalVariable,
	/// A uniform variable that is not a struct of `u32` and `i32` parameters.
	Uniform,
	/// A type that has no exact meaning in a buffer or in workgroup memory.
	Type,
	/// A barrier that not all invocations of the workgroup may reach.
	Barrier,
	/// A built-in value that kernels do not have.
	BuiltIn,
	/// A built-in function that kernels do not have.
	Function,
	/// An entry point that is missing, or not a compute shader.
	EntryPoint,
	/// Something else that the machine does not have.
	Unsupported,
	/// The compiled kernel exceeds a limit of the machine.
	Limit,
	/// The source and the manifest disagree.
	Manifest,
}

impl Rule {
	/// What the author may do instead; empty if the reason says it all.
	pub const fn hint(self) -> &'static str {
		match self {
			Self::Wgsl => "",
			Self::SourceSize => {
				"split long expressions with `let`, use `switch` or a table for long `else if` \
				 chains, and keep the source small"
			}
			Self::Float => {
				"GPUs may round, fuse and flush floats differently, so the chain could not check \
				 them: use fixed-point i32 or u32 (see the mandelbrot kernel)"
			}
			Self::IntegerWidth => "use i32 or u32; keep 64-bit values as two u32 words",
			Self::Matrix => "use an array of vectors, or pack four int8 in a u32 for dot4I8Packed",
			Self::Subgroup => {
				"the subgroup's size differs between GPUs: use workgroup memory and \
				 workgroupBarrier()"
			}
			Self::AtomicResult => {
				"the value an atomic returns depends on the order in which invocations run: ignore \
				 it, and read the total after a barrier from a plain variable"
			}
			Self::AtomicExchange => {
				"only atomicAdd, atomicSub, atomicMin, atomicMax, atomicAnd, atomicOr and \
				 atomicXor have one result in every order; read with atomicLoad only after a \
				 barrier"
			}
			Self::StorageAtomic => {
				"accumulate in `var<workgroup>` and let one invocation write the result to the \
				 workgroup's slice; sum the slices in another pass"
			}
			Self::Resource => "kernels read and write storage buffers only",
			Self::Pointer => "pass the value, or index the variable directly",
			Self::Override => "declare it as a member of the uniform struct, or as `const`",
			Self::GlobalVariable => {
				"use `var<storage>` for buffers, one `var<uniform>` for parameters, \
				 `var<workgroup>` and `var<private>`"
			}
			Self::Uniform => {
				"write `struct Params { n: u32 }` and `@group(0) @binding(0) var<uniform> params: \
				 Params;` with one member for each parameter"
			}
			Self::Type => "use u32, i32, vectors of them, and arrays and structs of these",
			Self::Barrier => {
				"move the barrier out of `if`, `switch` and loops whose condition differs between \
				 invocations"
			}
			Self::BuiltIn => {
				"kernels have global_invocation_id, local_invocation_id, local_invocation_index, \
				 workgroup_id and num_workgroups"
			}
			Self::Function => "see docs/kernels.md for the built-in functions that kernels have",
			Self::EntryPoint => "write `@compute @workgroup_size(64) fn main(...)`",
			Self::Unsupported => "see docs/kernels.md for what kernels may contain",
			Self::Limit => "make the kernel smaller, or split it in passes",
			Self::Manifest => "make manifest.toml and the WGSL say the same",
		}
	}
}
