//! How long a kernel may loop, as far as its code and its fuel tell.
//!
//! Some drivers silently stop the loops of an invocation after some iterations. A device that was found to do
//! so ([`crate::gpu::DeviceInfo::loop_limit`]) fails a job whose loops get there, and whoever took the
//! job pays for it. Each whole iteration costs what its body does unconditionally, and fuel bounds what a workgroup
//! may spend: so it bounds iterations.

use mutirao_machine_core::{
	bytecode::{Kernel, Operation},
	cost::{units, MIN_LANES},
	Program, Summary,
};

/// The most iterations that an invocation may make, over all loops of a pass; 0 if there are no loops.
/// Never too few; more than can happen where iterations cost more than what is certain.
pub(super) fn most_iterations(program: &Program, summary: &Summary) -> u64 {
	let definition = program.definition();
	let of_pass = summary.passes.iter().map(|pass| {
		let kernel = definition.passes.get(pass.pass).map(|pass| usize::from(pass.kernel));
		let kernel = kernel.and_then(|kernel| definition.kernels.get(kernel));
		kernel.map_or(0, |kernel| in_kernel(kernel, pass.fuel))
	});
	of_pass.max().unwrap_or(0)
}

/// A block of code that is open.
enum Block {
	Branch,
	Loop(Body),
}

/// A loop's body, as far as it was read.
struct Body {
	/// Steps of a whole iteration, for one lane, at least. Going on to the next one is charged as an end.
	units: u64,
	/// Iterations that break off: one of this loop, and those of the loops in it. Each whole iteration
	/// comes with as many at most, itself in place of the first.
	broken: u64,
	/// Whether it has a barrier. All lanes must be there, so all of them pay.
	uniform: bool,
	/// Whether some lanes have gone on to the next iteration: what follows is not certain.
	continued: bool,
}

impl Body {
	/// The most iterations of this loop and of what breaks off in it, if it has all the fuel.
	fn most(&self, lanes: u64, fuel: u64) -> u64 {
		let least = u64::from(MIN_LANES);
		let paying = if self.uniform { lanes.max(least) } else { least };
		let whole = fuel.checked_div(self.units.saturating_mul(paying)).unwrap_or(fuel);
		whole.saturating_add(1).saturating_mul(self.broken)
	}
}

fn in_kernel(kernel: &Kernel, fuel: u64) -> u64 {
	let lanes: u64 = kernel.workgroup_size.iter().map(|side| u64::from(*side)).product();
	let (mut open, mut loops, mut most): (Vec<Block>, u64, u64) = (Vec::new(), 0, 0);
	for operation in &kernel.code {
		match operation {
			Operation::Loop => {
				loops = loops.saturating_add(1);
				let units = u64::from(units(&Operation::End)).max(1);
				open.push(Block::Loop(Body { units, broken: 1, uniform: false, continued: false }));
				continue;
			}
			Operation::End => {
				let Some(Block::Loop(body)) = open.pop() else { continue };
				most = most.max(body.most(lanes, fuel));
				if let Some(around) = innermost(&mut open) {
					around.broken = around.broken.saturating_add(body.broken);
				}
				continue;
			}
			Operation::Continue => {
				if let Some(around) = innermost(&mut open) {
					around.continued = true;
				}
			}
			Operation::Continuing => {
				if let Some(around) = innermost(&mut open) {
					around.continued = false;
				}
			}
			_ => {}
		}
		if let Some(Block::Loop(body)) = open.last_mut().filter(|_| is_charged(operation)) {
			if !body.continued {
				body.uniform |= matches!(operation, Operation::Barrier);
				body.units = body.units.saturating_add(units(operation).into());
			}
		}
		if matches!(operation, Operation::If(_)) {
			open.push(Block::Branch);
		}
	}
	match loops {
		0 => 0,
		loops => most.saturating_add(loops),
	}
}

/// Whether an operation is charged wherever it is reached. What marks blocks is left out.
fn is_charged(operation: &Operation) -> bool {
	!matches!(operation, Operation::Else | Operation::Continue | Operation::Continuing)
}

/// The loop around the place that was reached.
fn innermost(open: &mut [Block]) -> Option<&mut Body> {
	open.iter_mut().rev().find_map(|block| match block {
		Block::Loop(body) => Some(body),
		Block::Branch => None,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use mutirao_machine_core::{run_resolved, ByteBuffers};
	use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

	/// A workgroup of so many invocations that runs `body` with `p.turns`.
	fn program(lanes: u32, body: &str) -> Program {
		let manifest = format!(
			"[program]\nname = \"loops\"\n[parameters]\nturns = {{}}\nfuel = {{ min = 1 }}\n\
			 [buffers]\ny = {{ role = \"output\", words = \"{lanes}\" }}\n\
			 [[passes]]\nentry = \"main\"\nworkgroups = [\"1\"]\nslice = {{ y = \"{lanes}\" }}\n\
			 fuel = \"fuel\"\n"
		);
		let source = format!(
			"struct P {{ turns: u32, fuel: u32 }}
			@group(0) @binding(0) var<uniform> p: P;
			@group(0) @binding(1) var<storage, read_write> y: array<u32>;
			@compute @workgroup_size({lanes})
			fn main(@builtin(local_invocation_index) i: u32) {{
				var sum = i;
				{body}
				y[i] = sum;
			}}"
		);
		let compiled = compile(&Manifest::parse(&manifest).unwrap(), &source).unwrap();
		Program::new(compiled.definition).unwrap()
	}

	/// What is said of the program if its fuel is just what it takes for so many turns.
	fn said(program: &Program, turns: u32) -> u64 {
		let summary = program.summary(&[turns, u32::MAX]).unwrap();
		let ran = run_resolved(program, &summary.passes[0], 0, &ByteBuffers::new(&[&[][..]]));
		let fuel = u32::try_from(ran.unwrap().steps).unwrap();
		most_iterations(program, &program.summary(&[turns, fuel]).unwrap())
	}

	#[test]
	fn a_kernel_without_loops_makes_no_iterations() {
		assert_eq!(said(&program(64, "sum = sum * 3u;"), 5), 0);
	}

	#[test]
	fn what_fuel_allows_is_never_less_than_what_is_done_and_not_much_more() {
		const PLAIN: &str = "for (var a = 0u; a < p.turns; a++) { sum = sum * 3u + a; }";
		const NESTED: &str = "for (var a = 0u; a < p.turns / 100u; a++) {
			for (var b = 0u; b < 100u; b++) { sum = sum * 3u + b; }
		}";
		const CONTINUED: &str = "for (var a = 0u; a < p.turns; a++) {
			if (a % 2u == 0u) { continue; }
			for (var b = 0u; b < 1u; b++) { sum = sum * 3u + b; }
		}";
		for (body, factor) in [(PLAIN, 2), (NESTED, 4), (CONTINUED, 8)] {
			let few = program(16, body);
			for turns in [0, 100, 10_000] {
				let (said, done) = (said(&few, turns), u64::from(turns));
				assert!(said >= done, "{body}: {said} of {done}");
				assert!(said <= factor * done + 16, "{body}: {said} of {done}");
			}
		}
	}

	#[test]
	fn iterations_of_many_lanes_cost_more_and_are_counted_for_each() {
		let body = "for (var a = 0u; a < p.turns; a++) { sum = sum * 3u + a; }";
		let said = said(&program(64, body), 1_000);
		assert!((1_000..8_000).contains(&said), "all four sixteenths could be one lane's: {said}");
		let body = "for (var a = 0u; a < p.turns; a++) { sum = sum * 3u + a; workgroupBarrier(); }";
		let said = self::said(&program(64, body), 1_000);
		assert!((1_000..2_000).contains(&said), "no lane gets past a barrier by itself: {said}");
	}
}
