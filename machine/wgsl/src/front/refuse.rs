//! Refuses what the exact machine does not have, with the author's words in mind: these checks run
//! before naga's validator, whose reasons are about WGSL and not about this machine.

use naga::{
	AddressSpace, AtomicFunction, Block, Expression, Function, Handle, Literal, MathFunction,
	Module, ScalarKind, Span, Statement, Type, TypeInner,
};

use super::{diagnostic::Diagnostic, rule::Rule};

/// A rule, its reason, and where in the source.
struct Refusal(Rule, String, Span);

type Check = Result<(), Refusal>;

fn refuse<T>(rule: Rule, reason: impl Into<String>, span: Span) -> Result<T, Refusal> {
	Err(Refusal(rule, reason.into(), span))
}

/// Checks the whole module.
///
/// # Errors
///
/// The first construct that the exact machine does not have.
pub(super) fn check_module(module: &Module, source: &str) -> Result<(), Diagnostic> {
	check(module).map_err(|Refusal(rule, reason, span)| Diagnostic::new(rule, reason, source, span))
}

fn check(module: &Module) -> Check {
	if let Some((handle, constant)) = module.overrides.iter().next() {
		let name = constant.name.as_deref().unwrap_or("override");
		let reason = format!("`{name}` is an override: a kernel has one code for all parameters");
		return refuse(Rule::Override, reason, module.overrides.get_span(handle));
	}
	for (handle, function) in module.functions.iter() {
		check_function(module, function, module.functions.get_span(handle))?;
	}
	for entry in &module.entry_points {
		if entry.stage != naga::ShaderStage::Compute {
			let reason = format!("`{}` is not a compute shader", entry.name);
			return refuse(Rule::EntryPoint, reason, Span::UNDEFINED);
		}
		check_function(module, &entry.function, Span::UNDEFINED)?;
	}
	check_globals(module)?;
	for (handle, ty) in module.types.iter() {
		check_type(module, ty, module.types.get_span(handle))?;
	}
	Ok(())
}

fn check_globals(module: &Module) -> Check {
	for (handle, variable) in module.global_variables.iter() {
		let span = module.global_variables.get_span(handle);
		check_type(module, &module.types[variable.ty], span)?;
		match variable.space {
			AddressSpace::Storage { .. } if holds_atomic(module, variable.ty) => {
				let reason = "an atomic in a storage buffer: other workgroups could see it change";
				return refuse(Rule::StorageAtomic, reason, span);
			}
			AddressSpace::Private
			| AddressSpace::WorkGroup
			| AddressSpace::Uniform
			| AddressSpace::Storage { .. } => {}
			_ => {
				let reason = "a kernel has no variables in this address space";
				return refuse(Rule::GlobalVariable, reason, span);
			}
		}
	}
	Ok(())
}

/// Whether a value of this type contains an atomic. Types nest at most as deep as the source does.
fn holds_atomic(module: &Module, ty: Handle<Type>) -> bool {
	match &module.types[ty].inner {
		TypeInner::Atomic(_) => true,
		TypeInner::Array { base, .. } => holds_atomic(module, *base),
		TypeInner::Struct { members, .. } => {
			members.iter().any(|member| holds_atomic(module, member.ty))
		}
		_ => false,
	}
}

fn check_type(module: &Module, ty: &Type, span: Span) -> Check {
	match &ty.inner {
		TypeInner::Scalar(scalar)
		| TypeInner::Vector { scalar, .. }
		| TypeInner::Atomic(scalar) => check_scalar(*scalar, span),
		TypeInner::ValuePointer { scalar, .. } => check_scalar(*scalar, span),
		TypeInner::Matrix { .. } => refuse(Rule::Matrix, "matrices hold floats", span),
		TypeInner::Pointer { .. } => Ok(()),
		TypeInner::Array { base, .. } => check_type(module, &module.types[*base], span),
		TypeInner::Struct { members, .. } => {
			members.iter().try_for_each(|member| check_type(module, &module.types[member.ty], span))
		}
		TypeInner::CooperativeMatrix { .. } => {
			refuse(Rule::Matrix, "cooperative matrices round as each GPU likes", span)
		}
		_ => refuse(Rule::Resource, "a resource that is not a buffer", span),
	}
}

fn check_scalar(scalar: naga::Scalar, span: Span) -> Check {
	match scalar.kind {
		// Abstract numbers become concrete where they are used.
		ScalarKind::AbstractInt | ScalarKind::AbstractFloat | ScalarKind::Bool => Ok(()),
		ScalarKind::Float => refuse(Rule::Float, "floats are not in the exact machine", span),
		ScalarKind::Sint | ScalarKind::Uint if scalar.width != 4 => {
			refuse(Rule::IntegerWidth, "integers are 32 bits wide in the exact machine", span)
		}
		ScalarKind::Sint | ScalarKind::Uint => Ok(()),
	}
}

fn check_function(module: &Module, function: &Function, span: Span) -> Check {
	for (handle, expression) in function.expressions.iter() {
		check_expression(module, expression, function.expressions.get_span(handle))?;
	}
	for argument in &function.arguments {
		check_type(module, &module.types[argument.ty], span)?;
	}
	if let Some(result) = &function.result {
		check_type(module, &module.types[result.ty], span)?;
	}
	for (handle, variable) in function.local_variables.iter() {
		let span = function.local_variables.get_span(handle);
		check_type(module, &module.types[variable.ty], span)?;
	}
	check_block(function, &function.body)
}

fn check_expression(module: &Module, expression: &Expression, span: Span) -> Check {
	match expression {
		Expression::Literal(Literal::F16(_) | Literal::F32(_) | Literal::F64(_)) => {
			refuse(Rule::Float, "a floating-point number", span)
		}
		Expression::Literal(
			Literal::I64(_) | Literal::U64(_) | Literal::I16(_) | Literal::U16(_),
		) => refuse(Rule::IntegerWidth, "an integer that is not 32 bits wide", span),
		Expression::ZeroValue(ty) | Expression::Compose { ty, .. } => {
			check_type(module, &module.types[*ty], span)
		}
		Expression::As { kind: ScalarKind::Float, .. } => {
			refuse(Rule::Float, "a conversion to a floating-point type", span)
		}
		Expression::As { convert: Some(width), kind, .. }
			if *width != 4 && *kind != ScalarKind::Bool =>
		{
			refuse(Rule::IntegerWidth, "a conversion to an integer that is not 32 bits wide", span)
		}
		Expression::Math { fun, .. } => check_math(*fun, span),
		Expression::ImageSample { .. }
		| Expression::ImageLoad { .. }
		| Expression::ImageQuery { .. } => refuse(Rule::Resource, "a texture operation", span),
		Expression::Derivative { .. } => {
			refuse(Rule::Function, "derivatives exist in fragment shaders only", span)
		}
		Expression::SubgroupBallotResult | Expression::SubgroupOperationResult { .. } => {
			refuse(Rule::Subgroup, "a subgroup operation", span)
		}
		Expression::CooperativeLoad { .. } | Expression::CooperativeMultiplyAdd { .. } => {
			refuse(Rule::Matrix, "a cooperative matrix operation", span)
		}
		Expression::RayQueryVertexPositions { .. }
		| Expression::RayQueryProceedResult
		| Expression::RayQueryGetIntersection { .. } => refuse(Rule::Resource, "a ray query", span),
		_ => Ok(()),
	}
}

fn check_math(function: MathFunction, span: Span) -> Check {
	use MathFunction as M;
	match function {
		M::Abs
		| M::Min
		| M::Max
		| M::Clamp
		| M::Sign
		| M::Dot
		| M::Dot4I8Packed
		| M::Dot4U8Packed
		| M::CountTrailingZeros
		| M::CountLeadingZeros
		| M::CountOneBits
		| M::ReverseBits
		| M::ExtractBits
		| M::InsertBits
		| M::FirstTrailingBit
		| M::FirstLeadingBit
		| M::Pack4xI8
		| M::Pack4xU8
		| M::Pack4xI8Clamp
		| M::Pack4xU8Clamp
		| M::Unpack4xI8
		| M::Unpack4xU8 => Ok(()),
		_ => refuse(Rule::Float, format!("{function:?} works on floats"), span),
	}
}

fn check_block(function: &Function, block: &Block) -> Check {
	for (statement, span) in block.span_iter() {
		check_statement(function, statement, *span)?;
	}
	Ok(())
}

fn check_statement(function: &Function, statement: &Statement, span: Span) -> Check {
	match statement {
		Statement::Block(block) => check_block(function, block),
		Statement::If { accept, reject, .. } => {
			check_block(function, accept)?;
			check_block(function, reject)
		}
		Statement::Switch { cases, .. } => {
			cases.iter().try_for_each(|case| check_block(function, &case.body))
		}
		Statement::Loop { body, continuing, .. } => {
			check_block(function, body)?;
			check_block(function, continuing)
		}
		Statement::Atomic { fun: AtomicFunction::Exchange { .. }, .. } => {
			refuse(Rule::AtomicExchange, "an exchange depends on the order of invocations", span)
		}
		Statement::SubgroupBallot { .. }
		| Statement::SubgroupGather { .. }
		| Statement::SubgroupCollectiveOperation { .. } => {
			refuse(Rule::Subgroup, "a subgroup operation", span)
		}
		Statement::ControlBarrier(barrier) | Statement::MemoryBarrier(barrier) => {
			check_barrier(*barrier, span)
		}
		Statement::ImageStore { .. } | Statement::ImageAtomic { .. } => {
			refuse(Rule::Resource, "a texture operation", span)
		}
		Statement::RayQuery { .. } | Statement::RayPipelineFunction(_) => {
			refuse(Rule::Resource, "a ray query", span)
		}
		Statement::CooperativeStore { .. } => {
			refuse(Rule::Matrix, "a cooperative matrix operation", span)
		}
		Statement::Kill => refuse(Rule::Function, "`discard` is for fragment shaders", span),
		Statement::Emit(_)
		| Statement::Break
		| Statement::Continue
		| Statement::Return { .. }
		| Statement::Store { .. }
		| Statement::Atomic { .. }
		| Statement::WorkGroupUniformLoad { .. }
		| Statement::Call { .. } => Ok(()),
	}
}

fn check_barrier(barrier: naga::Barrier, span: Span) -> Check {
	if barrier.contains(naga::Barrier::SUB_GROUP) {
		return refuse(Rule::Subgroup, "a subgroup barrier", span);
	}
	if barrier.contains(naga::Barrier::TEXTURE) {
		return refuse(Rule::Resource, "a texture barrier", span);
	}
	Ok(())
}
