//! A manifest and its WGSL to a program.
//!
//! Story: the source is parsed and checked once; each pass names an entry point, and its global
//! variables are matched with the manifest's buffers by name; passes that use one entry point with
//! the same slots share its code.

use std::collections::BTreeMap;

use mutirao_machine_core::bytecode::{
	Access, Binding, Buffer, Definition, Expression, LineEntry, LineTable, Parameter, Pass, Role,
	Term,
};
use naga::{AddressSpace, GlobalVariable, Handle, StorageAccess, TypeInner};
use thiserror::Error;

use crate::{
	emit::{emit, Interface},
	front::{on_deep_stack, parse, Diagnostic, Parsed, Rule},
	lower::{lower, Bindings},
	manifest::{
		expression::{self, Operator},
		BufferRole, Manifest, ManifestError, PassSection,
	},
	optimise::optimise,
};

/// Why a kernel does not compile.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CompileError {
	/// The manifest is wrong.
	#[error("manifest: {0}")]
	Manifest(#[from] ManifestError),
	/// The source is refused.
	#[error("{0}")]
	Source(#[from] Diagnostic),
}

/// A compiled kernel, before the machine's own validation.
#[derive(Clone, Debug)]
pub struct Compiled {
	/// The program.
	pub definition: Definition,
	/// Where its operations come from.
	pub lines: LineTable,
	/// For each pass, how the author's own source is bound, to run it without lowering.
	pub source_passes: Vec<SourcePass>,
}

/// How a pass runs from the author's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePass {
	/// The entry point.
	pub entry: String,
	/// `@binding` of the uniform struct, if the entry point uses one.
	pub uniform: Option<u32>,
	/// `@binding` of the variable in each slot.
	pub slots: Vec<u32>,
}

/// Compiles a manifest and its source.
///
/// # Errors
///
/// If either is refused; source errors say where.
pub fn compile(manifest: &Manifest, source: &str) -> Result<Compiled, CompileError> {
	let mut definition = declare(manifest)?;
	let mut lines = LineTable::default();
	let mut failure = None;
	let mut source_passes = Vec::new();
	let passes = on_deep_stack(|| {
		let parsed = parse(source)?;
		let mut compiler = Compiler {
			manifest,
			source,
			parsed: &parsed,
			kernels: BTreeMap::new(),
			definition: &mut definition,
			lines: &mut lines.kernels,
			source_passes: &mut source_passes,
		};
		let passes: Result<Vec<Pass>, CompileError> =
			manifest.passes.iter().enumerate().map(|(at, pass)| compiler.pass(at, pass)).collect();
		match passes {
			Ok(passes) => Ok(passes),
			Err(CompileError::Source(diagnostic)) => Err(diagnostic),
			Err(CompileError::Manifest(error)) => {
				failure = Some(error);
				Ok(Vec::new())
			}
		}
	})?;
	if let Some(error) = failure {
		return Err(error.into());
	}
	definition.passes = passes;
	Ok(Compiled { definition, lines, source_passes })
}

/// Parameters and buffers.
fn declare(manifest: &Manifest) -> Result<Definition, ManifestError> {
	let mut definition = Definition::default();
	for (name, section) in &manifest.parameters.0 {
		if section.min > section.max {
			let at = format!("parameters.{name}");
			return Err(ManifestError::new(at, "min is greater than max"));
		}
		let (min, max) = (section.min, section.max);
		definition.parameters.push(Parameter { name: name.clone(), min, max });
	}
	for (name, section) in &manifest.buffers.0 {
		let words = translate(manifest, &section.words, || format!("buffers.{name}.words"))?;
		let role = match section.role {
			BufferRole::Input => Role::Input,
			BufferRole::Intermediate => Role::Intermediate,
			BufferRole::Output => Role::Output,
		};
		definition.buffers.push(Buffer { name: name.clone(), role, words });
	}
	if manifest.passes.is_empty() {
		return Err(ManifestError::new("passes", "a program needs at least one pass"));
	}
	Ok(definition)
}

fn translate(
	manifest: &Manifest,
	text: &str,
	at: impl Fn() -> String,
) -> Result<Expression, ManifestError> {
	let parsed = expression::parse(text).map_err(|error| ManifestError::new(at(), error))?;
	let mut terms = Vec::new();
	push_terms(manifest, &parsed, &mut terms).map_err(|reason| ManifestError::new(at(), reason))?;
	Ok(Expression(terms))
}

fn push_terms(
	manifest: &Manifest,
	expression: &expression::Expression,
	terms: &mut Vec<Term>,
) -> Result<(), String> {
	use expression::Expression as E;
	match expression {
		E::Number(number) => terms.push(Term::Constant(*number)),
		E::Name(name) => {
			let index = manifest.parameter(name).and_then(|index| u8::try_from(index).ok());
			match index {
				Some(index) => terms.push(Term::Parameter(index)),
				None => return Err(format!("`{name}` is not one of [parameters]")),
			}
		}
		E::Binary(operator, left, right) => {
			push_terms(manifest, left, terms)?;
			push_terms(manifest, right, terms)?;
			terms.push(match operator {
				Operator::Add => Term::Add,
				Operator::Sub => Term::Sub,
				Operator::Mul => Term::Mul,
				Operator::Div => Term::Div,
				Operator::CeilDiv => Term::CeilDiv,
				Operator::Min => Term::Min,
				Operator::Max => Term::Max,
			});
		}
	}
	Ok(())
}

struct Compiler<'a> {
	manifest: &'a Manifest,
	source: &'a str,
	parsed: &'a Parsed,
	/// Kernel by entry point.
	kernels: BTreeMap<usize, u8>,
	definition: &'a mut Definition,
	lines: &'a mut Vec<Vec<LineEntry>>,
	source_passes: &'a mut Vec<SourcePass>,
}

impl Compiler<'_> {
	fn pass(&mut self, number: usize, section: &PassSection) -> Result<Pass, CompileError> {
		let at = |key: &str| format!("passes[{number}].{key}");
		let module = &self.parsed.module;
		let entry = module.entry_points.iter().position(|entry| entry.name == section.entry);
		let Some(entry) = entry else {
			let names: Vec<&str> =
				module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
			let reason = format!(
				"the source has no entry point `{}`; it has: {}",
				section.entry,
				names.join(", ")
			);
			return Err(ManifestError::new(at("entry"), reason).into());
		};
		let used = self.used_buffers(entry);
		let bindings = self.bindings(number, section, &used)?;
		let arguments = self.arguments(number, section, entry)?;
		let kernel = match self.kernels.get(&entry) {
			Some(kernel) => *kernel,
			None => self.kernel(entry, &used, arguments.len())?,
		};
		let source_pass = self.source_pass(entry, &used);
		self.source_passes.push(source_pass);
		let mut workgroups = [(); 3].map(|()| Expression::constant(1));
		if section.workgroups.is_empty() || section.workgroups.len() > 3 {
			let reason = "give one, two or three workgroup counts";
			return Err(ManifestError::new(at("workgroups"), reason).into());
		}
		for (to, text) in workgroups.iter_mut().zip(&section.workgroups) {
			*to = translate(self.manifest, text, || at("workgroups"))?;
		}
		let fuel = translate(self.manifest, &section.fuel, || at("fuel"))?;
		Ok(Pass { kernel, bindings, arguments, workgroups, fuel })
	}

	/// The storage variables that an entry point uses, in the order of their declaration.
	fn used_buffers(&self, entry: usize) -> Vec<(Handle<GlobalVariable>, Access)> {
		let info = self.parsed.info.get_entry_point(entry);
		let variables = self.parsed.module.global_variables.iter();
		variables
			.filter(|(handle, _)| !info[*handle].is_empty())
			.filter_map(|(handle, variable)| match variable.space {
				AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => {
					Some((handle, Access::Write))
				}
				AddressSpace::Storage { .. } => Some((handle, Access::Read)),
				_ => None,
			})
			.collect()
	}

	fn source_pass(&self, entry: usize, used: &[(Handle<GlobalVariable>, Access)]) -> SourcePass {
		let module = &self.parsed.module;
		let info = self.parsed.info.get_entry_point(entry);
		let binding = |variable: &GlobalVariable| {
			variable.binding.as_ref().map_or(0, |resource| resource.binding)
		};
		let uniform = module.global_variables.iter().find(|(handle, variable)| {
			variable.space == AddressSpace::Uniform && !info[*handle].is_empty()
		});
		SourcePass {
			entry: module.entry_points[entry].name.clone(),
			uniform: uniform.map(|(_, variable)| binding(variable)),
			slots: used
				.iter()
				.map(|(handle, _)| binding(&module.global_variables[*handle]))
				.collect(),
		}
	}

	fn bindings(
		&self,
		number: usize,
		section: &PassSection,
		used: &[(Handle<GlobalVariable>, Access)],
	) -> Result<Vec<Binding>, CompileError> {
		let mut sliced: Vec<&str> = Vec::new();
		let mut bound: Vec<&str> = Vec::new();
		let mut bindings = Vec::new();
		for (handle, access) in used {
			let variable = &self.parsed.module.global_variables[*handle];
			let name = variable.name.as_deref().unwrap_or_default();
			bound.push(name);
			let buffer_name = section.bind.get(name).map_or(name, String::as_str);
			let at = format!("passes[{number}].bind.{name}");
			let index =
				self.manifest.buffer(buffer_name).and_then(|index| u8::try_from(index).ok());
			let Some(buffer) = index else {
				let reason = format!("`{buffer_name}` is not one of [buffers]");
				return Err(ManifestError::new(at, reason).into());
			};
			if *access == Access::Read {
				bindings.push(Binding::Read { buffer });
				continue;
			}
			let Some(slice) = section.slice.get(buffer_name) else {
				let reason = format!(
					"the pass writes `{buffer_name}`: say how many words of it \
					one workgroup owns"
				);
				return Err(ManifestError::new(format!("passes[{number}].slice"), reason).into());
			};
			sliced.push(buffer_name);
			let at = || format!("passes[{number}].slice.{buffer_name}");
			let slice = translate(self.manifest, slice, at)?;
			bindings.push(Binding::Write { buffer, slice });
		}
		check_all_used(number, "slice", section.slice.keys(), &sliced, "a buffer it writes")?;
		check_all_used(number, "bind", section.bind.keys(), &bound, "a variable it uses")?;
		Ok(bindings)
	}

	/// One expression for each member of the uniform struct, if the entry point uses one.
	fn arguments(
		&self,
		number: usize,
		section: &PassSection,
		entry: usize,
	) -> Result<Vec<Expression>, CompileError> {
		let info = self.parsed.info.get_entry_point(entry);
		let module = &self.parsed.module;
		let mut uniforms = module.global_variables.iter().filter(|(handle, variable)| {
			variable.space == AddressSpace::Uniform && !info[*handle].is_empty()
		});
		let first = uniforms.next();
		if let Some((second, _)) = uniforms.next() {
			let span = module.global_variables.get_span(second);
			let reason = "an entry point uses two uniform variables";
			return Err(Diagnostic::new(Rule::Uniform, reason, self.source, span).into());
		}
		let mut names: Vec<&str> = Vec::new();
		if let Some((handle, variable)) = first {
			let TypeInner::Struct { members, .. } = &module.types[variable.ty].inner else {
				let span = module.global_variables.get_span(handle);
				let reason = "the uniform variable is not a struct";
				return Err(Diagnostic::new(Rule::Uniform, reason, self.source, span).into());
			};
			names.extend(members.iter().filter_map(|member| member.name.as_deref()));
		}
		check_all_used(number, "with", section.with.keys(), &names, "a member of its uniform")?;
		let expressions = names.into_iter().map(|name| match section.with.get(name) {
			Some(text) => {
				translate(self.manifest, text, || format!("passes[{number}].with.{name}"))
			}
			None => translate(self.manifest, name, || format!("passes[{number}].with.{name}")),
		});
		Ok(expressions.collect::<Result<_, _>>()?)
	}

	fn kernel(
		&mut self,
		entry: usize,
		used: &[(Handle<GlobalVariable>, Access)],
		arguments: usize,
	) -> Result<u8, CompileError> {
		let limit = |reason: &str| Diagnostic::whole(Rule::Limit, reason);
		let mut bindings = Bindings { entry, ..Bindings::default() };
		for (slot, (handle, _)) in used.iter().enumerate() {
			let slot = u8::try_from(slot).map_err(|_| limit("more than 256 buffers"))?;
			bindings.buffers.insert(*handle, slot);
		}
		let mut lowered = lower(self.parsed, self.source, &bindings)?;
		optimise(&mut lowered);
		let interface = Interface {
			workgroup_size: self.parsed.module.entry_points[entry].workgroup_size,
			arguments: u8::try_from(arguments).map_err(|_| limit("more than 255 parameters"))?,
			slots: used.iter().map(|(_, access)| *access).collect(),
		};
		let emitted = emit(&lowered, interface, self.source)?;
		let number = u8::try_from(self.definition.kernels.len())
			.map_err(|_| limit("more than 256 kernels"))?;
		self.definition.kernels.push(emitted.kernel);
		self.lines.push(emitted.lines);
		self.kernels.insert(entry, number);
		Ok(number)
	}
}

fn check_all_used<'a>(
	number: usize,
	key: &str,
	mut given: impl Iterator<Item = &'a String>,
	known: &[&str],
	what: &str,
) -> Result<(), ManifestError> {
	match given.find(|name| !known.contains(&name.as_str())) {
		Some(name) => Err(ManifestError::new(
			format!("passes[{number}].{key}.{name}"),
			format!("`{name}` is not {what}"),
		)),
		None => Ok(()),
	}
}
