//! WGSL text to a validated `naga::Module`, safely: behind [`check_shape`]'s caps, on a thread
//! whose stack is stated, without the optional capabilities that the exact machine never uses.

use naga::{
	front::wgsl::{Frontend, Options, ParseError},
	valid::{Capabilities, ModuleInfo, ValidationError, ValidationFlags, Validator},
	WithSpan,
};

use super::{diagnostic::Diagnostic, rule::Rule, scan::check_shape};

/// Stack of the thread that parses and compiles. The caps of [`check_shape`] bound the parser's
/// depth to a few hundred frames of about 1 KiB; this leaves a wide margin.
pub const STACK_BYTES: usize = 64 * 1024 * 1024;

/// A module and what naga's validator learned about it.
pub struct Parsed {
	/// The module.
	pub module: naga::Module,
	/// Types of expressions, and uniformity.
	pub info: ModuleInfo,
}

/// Runs `work` on a thread with [`STACK_BYTES`] of stack.
///
/// # Errors
///
/// If the thread cannot be started, or `work` panics, which would be a defect of ours or naga's and
/// must not take the caller down.
pub fn on_deep_stack<T: Send>(
	work: impl FnOnce() -> Result<T, Diagnostic> + Send,
) -> Result<T, Diagnostic> {
	std::thread::scope(|scope| {
		std::thread::Builder::new()
			.name("wgsl".into())
			.stack_size(STACK_BYTES)
			.spawn_scoped(scope, work)
			.map_err(|error| Diagnostic::whole(Rule::Unsupported, error.to_string()))?
			.join()
			.unwrap_or_else(|_| {
				let reason = "the compiler failed on this source; please report it";
				Err(Diagnostic::whole(Rule::Unsupported, reason))
			})
	})
}

/// Parses and validates `source`. Call it within [`on_deep_stack`].
pub fn parse(source: &str) -> Result<Parsed, Diagnostic> {
	check_shape(source)?;
	let mut options = Options::new();
	// What is parsed here but refused later gets our reason instead of naga's.
	options.capabilities = Capabilities::all();
	let module = Frontend::new_with_options(options)
		.parse(source)
		.map_err(|error| from_parse_error(&error, source))?;
	super::refuse::check_module(&module, source)?;
	let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
		.validate(&module)
		.map_err(|error| from_validation_error(&error, source))?;
	Ok(Parsed { module, info })
}

fn from_parse_error(error: &ParseError, source: &str) -> Diagnostic {
	let mut reason = error.message().to_owned();
	let mut labels = error.labels();
	let span = labels.next().map(|(span, label)| {
		if !label.is_empty() && !reason.contains(label) {
			reason = format!("{reason}: {label}");
		}
		span
	});
	for note in error.notes() {
		reason = format!("{reason} ({note})");
	}
	Diagnostic::new(Rule::Wgsl, reason, source, span.unwrap_or_default())
}

fn from_validation_error(error: &WithSpan<ValidationError>, source: &str) -> Diagnostic {
	let mut reason = error.as_inner().to_string();
	let mut cause = std::error::Error::source(error.as_inner());
	while let Some(inner) = cause {
		reason = format!("{reason}: {inner}");
		cause = inner.source();
	}
	let rule = match reason.contains("uniform control flow") || reason.contains("NonUniform") {
		true => Rule::Barrier,
		false => Rule::Wgsl,
	};
	// The last span is the innermost.
	let span = error.spans().last().map(|(span, _)| *span).unwrap_or_default();
	Diagnostic::new(rule, reason, source, span)
}
