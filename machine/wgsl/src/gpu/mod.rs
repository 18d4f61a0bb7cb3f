//! Bytecode to a `naga::Module` whose every operation is what the VM's is.
//!
//! Registers become function variables, which drivers put back in registers. Where protocol.md says
//! what happens and drivers do not, the module says it: masks, guards and windows are in the code.
//! A kernel with loops counts what it costs, and stops, saying so, when it exceeds the job's fuel; and
//! where the driver has a limit of iterations, it says whether the driver has stopped it silently.

mod arithmetic;
mod builder;
mod canary;
mod control;
mod facts;
mod fuel;
pub mod layout;
mod memory;
mod meter;
mod vectors;

use mutirao_machine_core::{
	bytecode::{Access, AtomicFunction, BuiltIn, Kernel, Memory, Operand, Operation},
	Program,
};
use naga::{
	AddressSpace, ArraySize, Binding, EntryPoint, Expression, FunctionArgument, GlobalVariable,
	Handle, Module, ResourceBinding, Scalar, ShaderStage, Span, StorageAccess, Type, TypeInner,
	VectorSize,
};
use thiserror::Error;

use self::builder::{Builder, Value};
pub use self::meter::Counting;

/// A kernel for a GPU.
#[derive(Clone, Debug)]
pub struct GpuKernel {
	/// The module; its entry point is `main`.
	pub module: Module,
	/// The words of the constant tables, to be bound at [`layout::TABLES_BINDING`] if any.
	pub tables: Vec<u32>,
	/// Whether the kernel has loops and takes status words.
	pub has_loops: bool,
	/// How each slot is used.
	pub slots: Vec<Access>,
}

/// Why a kernel has no GPU form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GpuError {
	/// There is no such kernel.
	#[error("the program has no kernel {0}")]
	NoSuchKernel(usize),
}

/// Lowers one kernel of a program. For a device that limits the iterations of an invocation's loops,
/// they are counted [`Counting::Alone`].
///
/// # Errors
///
/// If there is no such kernel.
pub fn lower_kernel(
	program: &Program,
	kernel: usize,
	counting: Counting,
) -> Result<GpuKernel, GpuError> {
	let code = program.definition().kernels.get(kernel);
	let code = code.ok_or(GpuError::NoSuchKernel(kernel))?;
	Ok(KernelLowerer::new(code).run(counting))
}

struct Types {
	u32: Handle<Type>,
	i32: Handle<Type>,
	vec2: Handle<Type>,
	vec3: Handle<Type>,
	vec4: Handle<Type>,
}

/// A buffer as the code sees it.
struct Slot {
	array: Value,
	/// Length in words.
	words: Value,
	/// Index of the last word.
	last: Value,
	/// For a written buffer: the slice's first word, its length, and its last word.
	window: Option<(Value, Value, Value)>,
}

struct KernelLowerer<'a> {
	kernel: &'a Kernel,
	facts: facts::Facts,
	vectors: vectors::Vectors,
	/// The operation that is being lowered.
	at: usize,
	module: Module,
	types: Types,
	b: Builder,
	registers: Vec<Value>,
	slots: Vec<Slot>,
	/// Each array, and whether its atomics are of `i32`.
	workgroup: Vec<(Value, bool)>,
	private: Vec<Value>,
	tables: Option<Value>,
	table_starts: Vec<u32>,
	job: Option<Value>,
	job_variable: Option<Handle<GlobalVariable>>,
	workgroup_id: [Option<Value>; 3],
	workgroup_number: Option<Value>,
	local_id: Option<Value>,
	local_index: Option<Value>,
	/// What a kernel with loops counts.
	meter: Option<meter::Meter>,
}

impl<'a> KernelLowerer<'a> {
	fn new(kernel: &'a Kernel) -> Self {
		let mut module = Module::default();
		let mut insert = |inner| module.types.insert(Type { name: None, inner }, Span::UNDEFINED);
		let vector = |size| TypeInner::Vector { size, scalar: Scalar::U32 };
		let types = Types {
			u32: insert(TypeInner::Scalar(Scalar::U32)),
			i32: insert(TypeInner::Scalar(Scalar::I32)),
			vec2: insert(vector(VectorSize::Bi)),
			vec3: insert(vector(VectorSize::Tri)),
			vec4: insert(vector(VectorSize::Quad)),
		};
		let facts = facts::gather(kernel);
		Self {
			kernel,
			vectors: vectors::Vectors::find(kernel, &facts),
			facts,
			at: 0,
			module,
			types,
			b: Builder::new(),
			registers: Vec::new(),
			slots: Vec::new(),
			workgroup: Vec::new(),
			private: Vec::new(),
			tables: None,
			table_starts: Vec::new(),
			job: None,
			job_variable: None,
			workgroup_id: [None; 3],
			workgroup_number: None,
			local_id: None,
			local_index: None,
			meter: None,
		}
	}

	fn run(mut self, counting: Counting) -> GpuKernel {
		let kernel = self.kernel;
		self.declare_arguments();
		self.declare_job();
		self.declare_slots();
		let tables = self.declare_tables();
		self.declare_arrays();
		for register in 0..kernel.registers {
			let variable = self.b.variable(format!("r{register}"), self.types.u32, true);
			self.registers.push(variable);
		}
		self.declare_meter(counting);
		self.code();
		let mut function = std::mem::replace(&mut self.b, Builder::new()).finish();
		let has_loops = self.meter.is_some();
		if let (Counting::Alone, Some(job), Some(meter)) =
			(counting, self.job_variable, &self.meter)
		{
			let globals = canary::Globals { job, status: meter.variable };
			function = self.with_canary(function, globals);
		}
		let size = kernel.workgroup_size.map(u32::from);
		self.module.entry_points.push(EntryPoint {
			name: "main".into(),
			stage: ShaderStage::Compute,
			early_depth_test: None,
			workgroup_size: size,
			workgroup_size_overrides: None,
			function,
			mesh_info: None,
			task_payload: None,
			incoming_ray_payload: None,
		});
		GpuKernel { module: self.module, tables, has_loops, slots: kernel.slots.clone() }
	}

	fn declare_arguments(&mut self) {
		let mut argument = |name: &str, ty, builtin| {
			let arguments = &mut self.b.function.arguments;
			arguments.push(FunctionArgument {
				name: Some(name.into()),
				ty,
				binding: Some(Binding::BuiltIn(builtin)),
			});
			let index = arguments.len() as u32 - 1;
			self.b.name(Expression::FunctionArgument(index))
		};
		let group = argument("group", self.types.vec3, naga::BuiltIn::WorkGroupId);
		let local = argument("local", self.types.vec3, naga::BuiltIn::LocalInvocationId);
		let index = argument("index", self.types.u32, naga::BuiltIn::LocalInvocationIndex);
		self.workgroup_id[0] = Some(group);
		self.local_id = Some(local);
		self.local_index = Some(index);
	}

	fn global(
		&mut self,
		name: String,
		space: AddressSpace,
		binding: Option<u32>,
		ty: Handle<Type>,
	) -> (Handle<GlobalVariable>, Value) {
		let binding = binding.map(|binding| ResourceBinding { group: 0, binding });
		let variable = GlobalVariable {
			name: Some(name),
			space,
			binding,
			ty,
			init: None,
			memory_decorations: naga::MemoryDecorations::empty(),
		};
		let handle = self.module.global_variables.append(variable, Span::UNDEFINED);
		(handle, self.b.name(Expression::GlobalVariable(handle)))
	}

	fn array_type(&mut self, base: Handle<Type>, words: Option<u32>, stride: u32) -> Handle<Type> {
		let size = words
			.and_then(std::num::NonZeroU32::new)
			.map_or(ArraySize::Dynamic, ArraySize::Constant);
		let inner = TypeInner::Array { base, size, stride };
		self.module.types.insert(Type { name: None, inner }, Span::UNDEFINED)
	}

	/// A vector of so many words, or one word.
	fn vector_type(&self, width: u32) -> Handle<Type> {
		match width {
			4 => self.types.vec4,
			2 => self.types.vec2,
			_ => self.types.u32,
		}
	}

	/// One word of the job's numbers.
	fn job_word(&mut self, word: usize) -> Value {
		let Some(job) = self.job else {
			return self.b.number(0);
		};
		let vector = self.b.access_index(job, (word / 4) as u32);
		let word = self.b.access_index(vector, (word % 4) as u32);
		self.b.load(word)
	}

	/// The job's numbers, and the number of this workgroup with its place in the pass.
	fn declare_job(&mut self) {
		use naga::BinaryOperator as Op;
		let ty = self.array_type(self.types.vec4, Some(layout::JOB_VECTORS), 16);
		let (variable, job) =
			self.global("job".into(), AddressSpace::Uniform, Some(layout::JOB_BINDING), ty);
		self.job = Some(job);
		self.job_variable = Some(variable);
		let Some(group) = self.workgroup_id[0] else {
			return;
		};
		let x = self.b.access_index(group, 0);
		let y = self.b.access_index(group, 1);
		let row = self.job_word(layout::DISPATCH_X);
		let first = self.job_word(layout::FIRST_WORKGROUP);
		let before = self.b.op(Op::Multiply, y, row);
		let number = self.b.op(Op::Add, before, x);
		let number = self.b.op(Op::Add, first, number);
		self.workgroup_number = Some(number);
		let nx = self.job_word(layout::WORKGROUPS);
		let ny = self.job_word(layout::WORKGROUPS + 1);
		let rows = self.b.op(Op::Divide, number, nx);
		self.workgroup_id = [
			Some(self.b.op(Op::Modulo, number, nx)),
			Some(self.b.op(Op::Modulo, rows, ny)),
			Some(self.b.op(Op::Divide, rows, ny)),
		];
		for (slot, access) in self.kernel.slots.iter().enumerate() {
			let words = self.job_word(layout::SLOT_WORDS + slot);
			let last = self.b.op_with(Op::Subtract, words, 1);
			let window = (*access == Access::Write).then(|| {
				let length = self.job_word(layout::SLICE_WORDS + slot);
				let start = self.b.op(Op::Multiply, number, length);
				let before_end = self.b.op_with(Op::Subtract, length, 1);
				(start, length, self.b.op(Op::Add, start, before_end))
			});
			// The array is declared after its numbers are known.
			self.slots.push(Slot { array: words, words, last, window });
		}
	}

	fn declare_slots(&mut self) {
		for (slot, access) in self.kernel.slots.iter().enumerate() {
			let access = match access {
				Access::Read => StorageAccess::LOAD,
				Access::Write => StorageAccess::LOAD | StorageAccess::STORE,
			};
			let space = AddressSpace::Storage { access };
			let binding = layout::FIRST_SLOT_BINDING + slot as u32;
			let width = self.vectors.width(Memory::Buffer(slot as u8));
			let ty = self.array_type(self.vector_type(width), None, 4 * width);
			self.slots[slot].array = self.global(format!("slot{slot}"), space, Some(binding), ty).1;
		}
	}

	fn declare_tables(&mut self) -> Vec<u32> {
		let mut words = Vec::new();
		for table in &self.kernel.constants {
			self.table_starts.push(words.len() as u32);
			words.extend(table);
		}
		if !words.is_empty() {
			words.resize(words.len().next_multiple_of(4), 0);
			let ty = self.array_type(self.types.vec4, Some(words.len() as u32 / 4), 16);
			let binding = Some(layout::TABLES_BINDING);
			self.tables = Some(self.global("tables".into(), AddressSpace::Uniform, binding, ty).1);
		}
		words
	}

	fn declare_arrays(&mut self) {
		for (number, array) in self.kernel.workgroup_arrays.iter().enumerate() {
			// An array takes the signedness of its minima and maxima, if it has but one.
			let orders = |wanted: [AtomicFunction; 2]| {
				self.kernel.code.iter().any(|operation| {
					matches!(operation, Operation::Atomic { function, array, .. }
						if usize::from(*array) == number && wanted.contains(function))
				})
			};
			let signed = orders([AtomicFunction::MinI32, AtomicFunction::MaxI32])
				&& !orders([AtomicFunction::MinU32, AtomicFunction::MaxU32]);
			let width = self.vectors.width(Memory::Workgroup(number as u8));
			let base = match (array.atomic, signed) {
				(false, _) => self.vector_type(width),
				(true, signed) => {
					let scalar = if signed { Scalar::I32 } else { Scalar::U32 };
					let inner = TypeInner::Atomic(scalar);
					self.module.types.insert(Type { name: None, inner }, Span::UNDEFINED)
				}
			};
			let ty = self.array_type(base, Some(array.words / width), 4 * width);
			let name = format!("shared{number}");
			let (_, variable) = self.global(name, AddressSpace::WorkGroup, None, ty);
			self.workgroup.push((variable, array.atomic && signed));
		}
		for (number, words) in self.kernel.private_arrays.iter().enumerate() {
			let ty = self.array_type(self.types.u32, Some(u32::from(*words)), 4);
			let variable = self.b.variable(format!("private{number}"), ty, true);
			self.private.push(variable);
		}
	}

	fn operand(&mut self, operand: Operand) -> Value {
		match operand {
			Operand::Immediate(value) => self.b.number(value),
			Operand::Register(register) => self.b.load(self.registers[usize::from(register)]),
		}
	}

	fn set(&mut self, register: u8, value: Value) {
		self.b.store(self.registers[usize::from(register)], value);
	}

	fn builtin(&mut self, value: BuiltIn) -> Value {
		let zero = |this: &mut Self, value: Option<Value>| match value {
			Some(value) => value,
			None => this.b.number(0),
		};
		match value {
			BuiltIn::WorkgroupIdX => zero(self, self.workgroup_id[0]),
			BuiltIn::WorkgroupIdY => zero(self, self.workgroup_id[1]),
			BuiltIn::WorkgroupIdZ => zero(self, self.workgroup_id[2]),
			BuiltIn::WorkgroupsX => self.job_word(layout::WORKGROUPS),
			BuiltIn::WorkgroupsY => self.job_word(layout::WORKGROUPS + 1),
			BuiltIn::WorkgroupsZ => self.job_word(layout::WORKGROUPS + 2),
			BuiltIn::LocalIdX => self.local_part(0),
			BuiltIn::LocalIdY => self.local_part(1),
			BuiltIn::LocalIdZ => self.local_part(2),
			BuiltIn::LocalIndex => zero(self, self.local_index),
			BuiltIn::Argument(argument) => self.job_word(layout::ARGUMENTS + usize::from(argument)),
			BuiltIn::BufferWords(slot) => self.slots[usize::from(slot)].words,
		}
	}

	fn local_part(&mut self, axis: u32) -> Value {
		match self.local_id {
			Some(local) => self.b.access_index(local, axis),
			None => self.b.number(0),
		}
	}
}
