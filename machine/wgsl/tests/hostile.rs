//! Hostile sources end in an error, soon, and never in a crash.

use std::time::{Duration, Instant};

use mutirao_machine_core::Program;
use mutirao_machine_wgsl::{compile::compile, manifest::Manifest};

const MANIFEST: &str = r#"
[program]
name = "hostile"
[buffers]
y = { role = "output", words = "64" }
[[passes]]
entry = "main"
workgroups = ["1"]
slice = { y = "64" }
fuel = "1000000"
"#;

/// A machine under load is slow; a source that blows up takes minutes or all memory.
const MOST_TIME: Duration = Duration::from_secs(20);

fn kernel(declarations: &str, body: &str) -> String {
	format!(
		"@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n{declarations}\n\
		 @compute @workgroup_size(64)\nfn main(@builtin(local_invocation_index) i: u32) {{\n\
		 var x = i;\n{body}\ny[i] = x;\n}}\n"
	)
}

/// Whether the source becomes a program; fails if that takes too long.
fn compiles(name: &str, source: &str) -> bool {
	let manifest = Manifest::parse(MANIFEST).expect("the manifest is right");
	let start = Instant::now();
	let result = compile(&manifest, source)
		.map_err(|error| error.to_string())
		.and_then(|compiled| Program::new(compiled.definition).map_err(|error| error.to_string()));
	let elapsed = start.elapsed();
	println!("{name}: {:?} in {elapsed:?}", result.as_ref().map(|_| ()));
	assert!(elapsed < MOST_TIME, "{name} took {elapsed:?}");
	result.is_ok()
}

fn refused(name: &str, source: &str) {
	assert!(!compiles(name, source), "{name} became a program");
}

#[test]
fn long_chains_of_operators_are_refused() {
	for length in [300, 4_000, 20_000, 30_000] {
		refused("unary minus", &kernel("", &format!("x = u32({} 1i);", "- ".repeat(length))));
		refused("not", &kernel("", &format!("x = {}1u;", "~".repeat(length))));
		refused("sum", &kernel("", &format!("x = x{};", "+x".repeat(length))));
		refused("shift", &kernel("", &format!("x = x{};", "|x".repeat(length))));
		refused("comparison", &kernel("", &format!("let b = true{};", "&&true".repeat(length))));
		refused("member", &kernel("", &format!("x = x{};", ".x".repeat(length))));
		refused("index", &kernel("", &format!("x = x{};", "[0]".repeat(length))));
	}
}

#[test]
fn deep_nesting_is_refused() {
	for depth in [70, 200, 5_000] {
		let (open, close) = ("(".repeat(depth), ")".repeat(depth));
		refused("parentheses", &kernel("", &format!("x = {open}x{close};")));
		let (open, close) = ("{".repeat(depth), "}".repeat(depth));
		refused("braces", &kernel("", &format!("{open}{close}")));
		let open = "if x > 0u {".repeat(depth);
		refused("if", &kernel("", &format!("{open}{close}")));
		let open = "loop {".repeat(depth);
		refused("loop", &kernel("", &format!("{open}{close}")));
		let nested = format!("{}u32{}", "array<".repeat(depth), ", 1>".repeat(depth));
		// Harmless if it is small: one word.
		compiles("array types", &kernel(&format!("var<private> p: {nested};"), "x = 1u;"));
	}
}

#[test]
fn nested_loops_up_to_the_caps_compile_or_are_refused_in_time() {
	let nest = |depth: usize, body: &str| {
		let open: String =
			(0..depth).map(|d| format!("for (var v{d} = 0u; v{d} < 16u; v{d}++) {{ ")).collect();
		format!("{open}{body}{}", "}".repeat(depth))
	};
	for depth in [2, 8, 20, 30, 40] {
		compiles("constant loops", &kernel("", &nest(depth, "x += 1u;")));
		compiles(
			"loops with arrays",
			&kernel("", &format!("var p: array<u32, 9>; {}", nest(depth, "p[x] += x;"))),
		);
	}
}

#[test]
fn long_else_if_chains_are_refused() {
	for links in [70, 2_000, 10_000] {
		refused(
			"else if",
			&kernel(
				"",
				&format!(
					"if x == 0u {{ x = 1u; }}{}",
					" else if x == 1u { x = 2u; }".repeat(links)
				),
			),
		);
		refused(
			"empty else if",
			&kernel("", &format!("if x == 0u {{}}{}", " else if x == 1u {}".repeat(links))),
		);
	}
}

#[test]
fn no_comment_hides_what_is_refused() {
	let chain = format!("x = {}1u;", "~".repeat(300));
	for end in ["\n", "\u{b}", "\u{c}", "\r", "\u{85}", "\u{2028}", "\u{2029}"] {
		refused("line comment", &kernel("", &format!("//{end}{chain}")));
		assert!(compiles("line comment", &kernel("", &format!("//{chain}{end}"))));
	}
	for comment in ["/**/", "/*/**/*/", "/***/", "/*/ */", "/* // */"] {
		refused("block comment", &kernel("", &format!("{comment}{chain}")));
	}
}

#[test]
fn a_doubling_call_chain_is_refused() {
	for depth in [15, 18, 40] {
		let mut functions = "fn f0(v: u32) -> u32 { return v ^ (v >> 1u); }\n".to_owned();
		for level in 1..=depth {
			let inner = level - 1;
			functions +=
				&format!("fn f{level}(v: u32) -> u32 {{ return f{inner}(f{inner}(v)); }}\n");
		}
		refused("doubling", &kernel(&functions, &format!("x = f{depth}(x);")));
	}
}

#[test]
fn giant_types_are_refused() {
	let mut structs = "struct S0 { a: u32, b: u32 }\n".to_owned();
	for level in 1..=20 {
		let inner = level - 1;
		structs += &format!("struct S{level} {{ a: S{inner}, b: S{inner} }}\n");
	}
	refused(
		"doubling structs",
		&kernel(&structs, "var s: S20; x = s.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.b;"),
	);
	for words in ["100000", "1000000", "100000000", "4294967295"] {
		refused("private", &kernel(&format!("var<private> p: array<u32, {words}>;"), "x = p[x];"));
		refused("local", &kernel("", &format!("var p: array<u32, {words}>; x = p[x];")));
		refused(
			"workgroup",
			&kernel(&format!("var<workgroup> p: array<u32, {words}>;"), "x = p[x];"),
		);
		refused("value", &kernel("", &format!("x = array<u32, {words}>()[x];")));
		refused("const", &kernel(&format!("const T = array<u32, {words}>();"), "x = T[x];"));
	}
}

#[test]
fn many_statements_end_in_time() {
	for count in [500, 2_000, 20_000] {
		compiles("dependent", &kernel("", &"x = x * 3u + 1u;\n".repeat(count)));
		compiles("branches", &kernel("", &"if x > 1u { x += 2u; }\n".repeat(count)));
		let many: String = (0..count).map(|v| format!("let v{v} = x * {v}u;\n")).collect();
		compiles("values", &kernel("", &many));
	}
}

#[test]
fn rubbish_is_refused() {
	for source in
		["", "\0", "/*", "/* /* */", "@", "fn", "é ∀ \u{202e}", "fn main() {", "}}}}", "\"", "var<"]
	{
		refused("rubbish", source);
	}
	refused("recursion", &kernel("fn f(v: u32) -> u32 { return f(v); }", "x = f(x);"));
	refused("too long", &kernel("", &" ".repeat(70_000)));
}
