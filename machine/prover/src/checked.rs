//! Re-execution of many workgroups: what is worst of what they show.

use mutirao_types::Workgroup;

use crate::{Check, Computed, Error};

/// What came of computing workgroups again.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Checked {
	/// Workgroups that were computed again.
	pub workgroups: u64,
	/// One that is not right, and how it is not. Wrong words go before a fault: they are the provider's
	/// doing, and a buyer may put a fault into a program.
	pub found: Option<(Workgroup, Check)>,
}

impl Checked {
	/// Whether every workgroup was right.
	pub fn is_right(&self) -> bool {
		self.found.is_none()
	}

	/// Whether a workgroup has other words than the VM: nothing else can be worse.
	pub fn is_wrong(&self) -> bool {
		matches!(self.found, Some((_, Check::Wrong { .. })))
	}

	/// What is not right, in words.
	pub fn wrong(&self) -> Option<String> {
		let (Workgroup { pass, number }, check) = self.found?;
		let place = format!("pass {pass}, workgroup {number}");
		match check {
			Check::Right => None,
			Check::Wrong { buffer, word } => {
				Some(format!("{place}: word {word} of buffer {buffer} is not the VM's"))
			}
			Check::Fault(fault) => Some(format!("{place}: {fault}")),
		}
	}

	/// Both together. Of two findings that are equally bad, this one's stays.
	#[must_use]
	pub fn and(self, other: Self) -> Self {
		let found = match other.is_wrong() && !self.is_wrong() {
			true => other.found,
			false => self.found.or(other.found),
		};
		Self { workgroups: self.workgroups.saturating_add(other.workgroups), found }
	}
}

impl Computed {
	/// All workgroups, by pass, then by number.
	pub fn workgroups(&self) -> impl Iterator<Item = Workgroup> + '_ {
		let passes = (0u16..).zip(&self.summary().passes);
		passes.flat_map(|(pass, resolved)| {
			(0..resolved.workgroup_count).map(move |number| Workgroup { pass, number })
		})
	}

	/// Re-executes workgroups, as [`Self::check`] does, until one has wrong words or there are no more.
	/// One that faults does not end it: behind a fault there may be a lie.
	///
	/// # Errors
	///
	/// As for [`Self::check`].
	pub fn check_all(
		&self,
		workgroups: impl IntoIterator<Item = Workgroup>,
	) -> Result<Checked, Error> {
		let mut all = Checked::default();
		for workgroup in workgroups {
			let check = self.check(workgroup)?;
			let found = (check != Check::Right).then_some((workgroup, check));
			all = all.and(Checked { workgroups: 1, found });
			if all.is_wrong() {
				break;
			}
		}
		Ok(all)
	}
}

#[cfg(test)]
mod tests {
	use mutirao_machine_core::Program;
	use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

	use super::*;

	const MANIFEST: &str = "[program]\nname = \"one\"\n[parameters]\nguilty = {}\n\
		[buffers]\ny = { role = \"output\", words = \"4 * 64\" }\n\
		[[passes]]\nentry = \"main\"\nworkgroups = [\"4\"]\nslice = { y = \"64\" }\n\
		fuel = \"10000\"\n";

	/// Four workgroups that write zeros; one of them runs out of fuel.
	fn with_fault_at(guilty: u32, bytes: Vec<u8>) -> Computed {
		let source = "struct P { guilty: u32 }
			@group(0) @binding(0) var<uniform> p: P;
			@group(0) @binding(1) var<storage, read_write> y: array<u32>;
			@compute @workgroup_size(64)
			fn main(@builtin(workgroup_id) g: vec3<u32>, @builtin(local_invocation_index) i: u32) {
				var n = select(0u, 50000u, g.x == p.guilty);
				while n > 0u { n--; }
				y[g.x * 64u + i] = n;
			}";
		let compiled = compile(&Manifest::parse(MANIFEST).unwrap(), source).unwrap();
		let program = Program::new(compiled.definition).unwrap();
		Computed::from_buffers(program, &[guilty], vec![bytes]).unwrap()
	}

	#[test]
	fn a_lie_is_found_behind_a_fault_and_goes_before_it() {
		let zeros = vec![0; 1_024];
		let honest = with_fault_at(1, zeros.clone());
		let checked = honest.check_all(honest.workgroups()).unwrap();
		let at = |number| Workgroup { pass: 0, number };
		assert!(matches!(checked.found, Some((found, Check::Fault(_))) if found == at(1)));
		assert_eq!((checked.workgroups, checked.is_wrong(), checked.is_right()), (4, false, false));

		for (guilty, lie) in [(0, 3), (3, 0), (1, 2)] {
			let mut bytes = zeros.clone();
			bytes[lie as usize * 256 + 20] = 1;
			let lying = with_fault_at(guilty, bytes);
			let checked = lying.check_all(lying.workgroups()).unwrap();
			let word = lie * 64 + 5;
			assert_eq!(checked.found, Some((at(lie), Check::Wrong { buffer: 0, word })));
			assert_eq!(checked.workgroups, u64::from(lie) + 1, "a lie ends it");
		}
	}

	#[test]
	fn what_is_worse_stays_whichever_comes_first() {
		let at = |number| Workgroup { pass: 0, number };
		let of = |number, check| Checked { workgroups: 1, found: Some((at(number), check)) };
		let guilty = with_fault_at(0, vec![0; 1_024]);
		let fault = of(0, guilty.check(at(0)).unwrap());
		let (wrong, right) =
			(of(2, Check::Wrong { buffer: 0, word: 130 }), Checked { workgroups: 1, found: None });
		for (first, second) in [(fault, wrong), (wrong, fault), (right, wrong), (wrong, right)] {
			assert_eq!(first.and(second), Checked { workgroups: 2, ..wrong });
		}
		assert_eq!(right.and(fault).and(of(9, Check::Right)), Checked { workgroups: 3, ..fault });
	}
}
