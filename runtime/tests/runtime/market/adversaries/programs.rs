//! A program of two passes that does what programs may not, where it reads a word that says so.

use crate::market::world::{World, PROVIDER};
use mutirao_machine_core::Program;
use mutirao_machine_prover::Computed;
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};
use mutirao_runtime::{constants::currency::MUT, Balance};
use mutirao_types::{OfferTerms, Workgroup};
use std::ops::Range;

const SOURCE: &str = "
struct Params {
	chunks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> row: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<u32>;
@group(0) @binding(3) var<storage, read_write> next: array<u32>;

@compute @workgroup_size(48)
fn relay(
	@builtin(global_invocation_id) id: vec3<u32>,
	@builtin(workgroup_id) group: vec3<u32>,
	@builtin(local_invocation_index) local: u32,
) {
	let here = row[id.x];
	var made = here * 3u + row[id.x + 48u];
	if here == 0x80000001u {
		next[group.x * 48u] = local;
	}
	if here == 0x80000002u {
		for (var i = 0u; i != 0xffffffffu; i++) {
			made += i;
		}
	}
	if here == 0x80000003u {
		for (var i = 0u; i < params.chunks; i++) {
			made += table[i * 256u];
		}
	}
	next[id.x] = made;
}
";

const MANIFEST: &str = r#"
[program]
name = "relay"

[parameters]
groups = { min = 1, max = 1000 }
chunks = { min = 1, max = 2000 }
fuel = { min = 1, max = 1000000 }

[buffers]
x = { role = "input", words = "groups * 48" }
t = { role = "input", words = "chunks * 256" }
y = { words = "groups * 48" }
z = { role = "output", words = "groups * 48" }

[[passes]]
entry = "relay"
bind = { row = "x", table = "t", next = "y" }
workgroups = ["groups"]
slice = { y = "48" }
fuel = "fuel"

[[passes]]
entry = "relay"
bind = { row = "y", table = "t", next = "z" }
workgroups = ["groups"]
slice = { z = "48" }
fuel = "2 * fuel"
"#;

/// Words of a slice: no whole number of slices fits into a chunk.
pub(super) const LANES: usize = 48;
/// An invocation that reads this stores where another one does.
pub(super) const RACE: u32 = 0x8000_0001;
/// One that reads this takes more steps than are declared.
pub(super) const OVERRUN: u32 = 0x8000_0002;
/// One that reads this reads every chunk of the table.
pub(super) const READS: u32 = 0x8000_0003;

/// The program's buffers, in the order of the manifest.
pub(super) const X: usize = 0;
pub(super) const Y: usize = 2;
pub(super) const Z: usize = 3;

/// Steps that a workgroup of pass 0 declares; those of pass 1 declare twice as many.
const FUEL: u32 = 6_000;
/// Enough to read a long table.
const LONG_FUEL: u32 = 500_000;
/// A price of which neither a half nor a tenth nor a fiftieth is whole.
const ODD_PRICE: Balance = MUT / 2 + 7;

pub(super) const fn workgroup(pass: u16, number: u32) -> Workgroup {
	Workgroup { pass, number }
}

/// A chain on which jobs of so many workgroups a pass can be posted, many at once.
pub(super) fn relay(groups: u32) -> World {
	world(&[groups, 1, FUEL])
}

/// The same, with a table of so many chunks and the fuel to read it.
pub(super) fn relay_with_table(groups: u32, chunks: u32) -> World {
	world(&[groups, chunks, LONG_FUEL])
}

fn world(parameters: &[u32]) -> World {
	let manifest = Manifest::parse(MANIFEST).expect("the manifest is valid");
	let compiled = compile(&manifest, SOURCE).expect("the source is valid");
	let program = Program::new(compiled.definition).expect("the program is valid");
	let mut world = World::with_program(program, parameters);
	let terms = OfferTerms {
		price_per_gigastep: 0,
		minimum_price: ODD_PRICE,
		maximum_price: MUT,
		capacity: 1_000,
		expires: 10_000,
	};
	let offer = world.offer;
	world.chain.ok(PROVIDER, pallet_providers::Call::change_offer { offer, terms });
	world
}

/// A job's buffers as words. Changing them is lying.
#[derive(Clone)]
pub(super) struct Rows {
	pub(super) x: Vec<u32>,
	pub(super) y: Vec<u32>,
	pub(super) z: Vec<u32>,
}

impl Rows {
	/// Honest work; another seed is another job's.
	pub(super) fn new(groups: u32, seed: u32) -> Self {
		let words = groups as usize * LANES;
		Self::of((0..words as u32).map(|at| at * 7 + 1 + seed * 1_001).collect())
	}

	/// What a GPU makes of a row. It does not notice faults.
	pub(super) fn of(x: Vec<u32>) -> Self {
		let y = next(&x);
		Self { z: next(&y), y, x }
	}

	/// One wrong word in the slice of a workgroup. The second pass goes on from what the first one says.
	pub(super) fn lie(mut self, at: Workgroup) -> Self {
		let word = slice(at.number).end - 1;
		if at.pass == 0 {
			self.y[word] ^= 1;
			self.z = next(&self.y);
		} else {
			self.z[word] ^= 1;
		}
		self
	}

	/// Inputs on which a workgroup of pass 0 is at fault, and no other.
	pub(super) fn with_fault(groups: u32, number: u32, trigger: u32) -> Self {
		let mut x = Self::new(groups, 0).x;
		x[slice(number).start + 3] = trigger;
		Self::of(x)
	}

	/// Inputs on which a workgroup of pass 1 is, but not its last one.
	pub(super) fn with_late_fault(groups: u32, number: u32, trigger: u32) -> Self {
		let mut x = Self::new(groups, 0).x;
		let at = slice(number).start + 3;
		x[at + LANES] = trigger.wrapping_sub(x[at].wrapping_mul(3));
		Self::of(x)
	}

	pub(super) fn computed(&self, world: &World) -> Computed {
		let table: Vec<u32> = (0..256 * world.parameters[1]).collect();
		let buffers = [&self.x, &table, &self.y, &self.z].map(|words| bytes(words)).to_vec();
		Computed::from_buffers(world.program.clone(), &world.parameters, buffers).unwrap()
	}
}

pub(super) fn next(row: &[u32]) -> Vec<u32> {
	let beyond = |at: usize| row.get(at + LANES).copied().unwrap_or(0);
	let word = |(at, here): (usize, &u32)| here.wrapping_mul(3).wrapping_add(beyond(at));
	row.iter().enumerate().map(word).collect()
}

/// The places of a workgroup's slice in a row.
pub(super) fn slice(number: u32) -> Range<usize> {
	let start = number as usize * LANES;
	start..start + LANES
}

fn bytes(words: &[u32]) -> Vec<u8> {
	words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn what_the_tests_take_for_honest_is_what_the_machine_computes() {
	let world = relay(5);
	let rows = Rows::new(5, 3);
	let mine = rows.computed(&world);
	let inputs = [X, 1].map(|buffer| mine.buffer(buffer).to_vec()).to_vec();
	let computed = Computed::by_vm(world.program.clone(), &world.parameters, inputs).unwrap();
	for buffer in [Y, Z] {
		assert_eq!(computed.buffer(buffer), mine.buffer(buffer));
	}
}
