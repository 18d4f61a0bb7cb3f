//! What the exact machine does not have is refused, at its place, with a reason and a hint.

use mutirao_machine_wgsl::{
	compile::{compile, CompileError},
	front::{Diagnostic, Rule},
	manifest::Manifest,
};

const MANIFEST: &str = r#"
[program]
name = "test"
[parameters]
n = { min = 64 }
[buffers]
x = { role = "input", words = "n" }
y = { role = "output", words = "n" }
[[passes]]
entry = "main"
workgroups = ["n / 64"]
slice = { y = "64" }
fuel = "1000000"
"#;

fn manifest() -> Manifest {
	Manifest::parse(MANIFEST).expect("the manifest is right")
}

/// A kernel with these declarations and statements.
fn kernel(declarations: &str, body: &str) -> String {
	format!(
		"@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
{declarations}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {{
{body}
	y[id.x] = x[id.x];
}}
"
	)
}

fn refusal(source: &str) -> Diagnostic {
	match compile(&manifest(), source) {
		Err(CompileError::Source(diagnostic)) => diagnostic,
		other => panic!("expected a refusal of {source}\ngot {other:?}"),
	}
}

#[track_caller]
fn refused(rule: Rule, declarations: &str, body: &str) -> Diagnostic {
	let diagnostic = refusal(&kernel(declarations, body));
	assert_eq!(diagnostic.rule, rule, "{diagnostic}");
	diagnostic
}

#[test]
fn what_every_refusal_starts_from_compiles() {
	compile(&manifest(), &kernel("", "")).expect("compiles");
}

#[test]
fn floats_are_refused_with_their_place_and_a_hint() {
	let diagnostic = refused(Rule::Float, "", "\tlet f = f32(x[0]) * 2.5;");
	let place = diagnostic.place.clone().expect("has a place");
	assert_eq!(place.line, 6);
	let shown = diagnostic.to_string();
	assert!(shown.contains("6 | \tlet f = f32(x[0]) * 2.5;"), "{shown}");
	assert!(shown.contains('^') && shown.contains("hint: "), "{shown}");
	refused(Rule::Float, "", "\tvar f: f32;");
	refused(Rule::Float, "var<private> f: vec2<f32>;", "\tf.x = f.y;");
	refused(Rule::Float, "", "\tlet f = sqrt(4.0);");
	refused(Rule::Float, "", "\tlet f = unpack2x16float(x[0]);");
	refused(
		Rule::Matrix,
		"struct S { m: mat2x2<f32> } var<private> s: S;",
		"\ts.m[0].x = s.m[1].x;",
	);
}

#[test]
fn other_widths_are_refused() {
	refused(Rule::IntegerWidth, "", "\tlet w = u64(x[0]);");
	refused(Rule::IntegerWidth, "", "\tlet w = 5lu;");
}

#[test]
fn atomics_are_refused_where_their_order_shows() {
	let shared = "var<workgroup> total: atomic<u32>;";
	refused(Rule::AtomicResult, shared, "\tlet old = atomicAdd(&total, 1u); y[old] = 1u;");
	refused(Rule::AtomicExchange, shared, "\tatomicExchange(&total, 1u);");
	refused(Rule::AtomicExchange, shared, "\tlet r = atomicCompareExchangeWeak(&total, 1u, 2u);");
	refused(
		Rule::StorageAtomic,
		"@group(0) @binding(3) var<storage, read_write> z: array<atomic<u32>>;",
		"\tatomicAdd(&z[0], 1u);",
	);
	compile(&manifest(), &kernel(shared, "\tatomicAdd(&total, 1u);")).expect("is exact");
	compile(&manifest(), &kernel(shared, "\tlet unused = atomicAdd(&total, 1u);"))
		.expect("is exact");
}

#[test]
fn subgroups_are_refused() {
	refused(Rule::Subgroup, "", "\tlet s = subgroupAdd(x[0]);");
	refused(Rule::Subgroup, "", "\tlet s = subgroupBroadcastFirst(x[0]);");
	refused(Rule::Subgroup, "", "\tsubgroupBarrier();");
}

#[test]
fn resources_and_overrides_are_refused() {
	refused(
		Rule::Resource,
		"@group(0) @binding(3) var t: texture_2d<f32>;",
		"\tlet p = textureLoad(t, vec2(0u), 0);",
	);
	refused(
		Rule::Resource,
		"@group(0) @binding(3) var t: texture_2d<u32>;",
		"\tlet p = textureLoad(t, vec2(0u), 0);",
	);
	refused(Rule::Override, "override k: u32 = 3u;", "\tlet p = k;");
}

#[test]
fn the_uniform_is_one_struct_of_scalars() {
	refused(Rule::Uniform, "@group(0) @binding(0) var<uniform> n: u32;", "\ty[0] = n;");
	refused(
		Rule::Uniform,
		"struct P { n: vec4<u32> } @group(0) @binding(0) var<uniform> params: P;",
		"\ty[0] = params.n.x;",
	);
}

#[test]
fn a_barrier_that_not_all_invocations_reach_is_refused() {
	let shared = "var<workgroup> w: array<u32, 64>;";
	let source = kernel(shared, "\tif lane < 3u { workgroupBarrier(); } w[lane] = 1u;");
	let refused = match compile(&manifest(), &source) {
		Err(_) => true,
		Ok(compiled) => mutirao_machine_core::Program::new(compiled.definition).is_err(),
	};
	assert!(refused, "a divergent barrier passed");
}

#[test]
fn limits_are_refused() {
	refused(Rule::Limit, "", "\tlet big = array<u32, 300>(); y[lane] = big[lane];");
	let doubling = |depth: u32| {
		let mut functions = "fn f0(v: u32) -> u32 { return v * 3u + 1u; }".to_owned();
		for level in 1..=depth {
			let inner = level - 1;
			functions += &format!(
				"fn f{level}(v: u32) -> u32 {{ return f{inner}(v) + f{inner}(v + 1u); }}\n"
			);
		}
		refused(Rule::Limit, &functions, &format!("\ty[0] = f{depth}(x[0]);"))
	};
	doubling(16);
	doubling(24);
}

#[test]
fn syntax_errors_point_at_their_place() {
	let diagnostic = refused(Rule::Wgsl, "", "\tlet a = ;");
	assert_eq!(diagnostic.place.expect("has a place").line, 6);
	let diagnostic = refused(Rule::Wgsl, "", "\tlet a: i32 = 1u;");
	assert_eq!(diagnostic.place.expect("has a place").line, 6);
}

#[test]
fn manifest_errors_name_their_key() {
	let error = |from: &str, to: &str| {
		let text = MANIFEST.replace(from, to);
		let manifest = match Manifest::parse(&text) {
			Ok(manifest) => manifest,
			Err(error) => return error.to_string(),
		};
		compile(&manifest, &kernel("", "")).expect_err("is refused").to_string()
	};
	assert!(error("n / 64", "m / 64").contains("`m` is not one of [parameters]"));
	assert!(error("entry = \"main\"", "entry = \"nain\"")
		.contains("no entry point `nain`; it has: main"));
	assert!(error("y = \"64\"", "z = \"64\"").contains("passes[0].slice"));
	assert!(error("slice", "slize").starts_with("line 12: unknown field `slize`"));
	assert!(error("fuel = \"1000000\"", "fuel = \"1000000 *\"").contains("passes[0].fuel"));
	assert!(error("[[passes]]", "[[passes]]\nwith = { q = \"1\" }").contains("with.q"));
	assert!(error("[[passes]]", "[[passes]]\nbind = { q = \"x\" }").contains("bind.q"));
}
