//! One small kernel for each thing that GPUs and drivers get wrong, over edge values.

/// A feature and the statements that exercise it, over words `a`, `b`, `c` of edge values; `put`
/// writes the next of four words.
pub(crate) struct Feature {
	pub(crate) name: &'static str,
	/// Declarations before the entry point.
	pub(crate) declarations: &'static str,
	pub(crate) body: &'static str,
}

const fn feature(name: &'static str, declarations: &'static str, body: &'static str) -> Feature {
	Feature { name, declarations, body }
}

/// Words that arithmetic goes wrong at, and a few ordinary ones.
pub(crate) const EDGE_VALUES: [u32; 24] = [
	0,
	1,
	2,
	3,
	7,
	8,
	31,
	32,
	33,
	63,
	64,
	127,
	128,
	255,
	256,
	0x7fff,
	0x8000,
	0xffff,
	0x1234_5678,
	0x7fff_ffff,
	0x8000_0000,
	0x8000_0001,
	0xffff_fffe,
	0xffff_ffff,
];

/// Invocations of each feature's kernel: all pairs of edge values, filled up to whole workgroups.
pub(crate) const INVOCATIONS: u32 = 576;
/// Words that each invocation writes.
pub(crate) const WORDS: u32 = 4;

/// The manifest of every feature's kernel.
pub(crate) const MANIFEST: &str = r#"
[program]
name = "feature"

[parameters]
n = { min = 1 }

[buffers]
x = { role = "input", words = "n * 3" }
y = { role = "output", words = "n * 4" }

[[passes]]
entry = "main"
workgroups = ["n / 64"]
slice = { y = "256" }
fuel = "4000000000"
"#;

/// The kernel with these declarations and statements.
pub(crate) fn source(declarations: &str, body: &str) -> String {
	format!(
		"struct Params {{ n: u32 }}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
{declarations}
@compute @workgroup_size(64)
fn main(
	@builtin(workgroup_id) group: vec3<u32>,
	@builtin(local_invocation_index) lane: u32,
	@builtin(global_invocation_id) id: vec3<u32>,
) {{
	let i = id.x;
	let a = x[i];
	let b = x[i + params.n];
	let c = x[i + params.n * 2u];
	let sa = i32(a);
	let sb = i32(b);
	let sc = i32(c);
	var r = vec4<u32>();
	{body}
	y[i * 4u] = r.x;
	y[i * 4u + 1u] = r.y;
	y[i * 4u + 2u] = r.z;
	y[i * 4u + 3u] = r.w;
}}
"
	)
}

/// All features.
pub(crate) const FEATURES: &[Feature] = &[
	feature("wrapping arithmetic", "", "r = vec4(a + b, a - b, a * b, u32(-sa));"),
	feature("unsigned division", "", "r = vec4(a / b, a % b, a / 7u, a % 10u);"),
	feature("signed division", "", "r = vec4(u32(sa / sb), u32(sa % sb), u32(sa / -3), u32(sa % 10));"),
	feature(
		"shifts",
		"",
		"r = vec4(a << (b & 255u), a >> (b & 255u), u32(sa >> (b & 255u)), (a << 13u) | (a >> 19u));",
	),
	feature("comparisons", "", "r = vec4(u32(a < b), u32(sa < sb), u32(a <= b), u32(sa <= sb));"),
	feature("minimum and maximum", "", "r = vec4(min(a, b), max(a, b), u32(min(sa, sb)), u32(max(sa, sb)));"),
	feature("clamp", "", "r = vec4(clamp(a, b, c), u32(clamp(sa, sb, sc)), u32(abs(sa)), u32(sign(sa)));"),
	feature(
		"bit counts",
		"",
		"r = vec4(countOneBits(a), countLeadingZeros(a), countTrailingZeros(a), reverseBits(a));",
	),
	feature(
		"first bits",
		"",
		"r = vec4(firstLeadingBit(a), u32(firstLeadingBit(sa)), firstTrailingBit(a), ~a);",
	),
	feature(
		"extractBits",
		"",
		"r = vec4(extractBits(c, a, b), u32(extractBits(sc, a, b)), extractBits(c, b, 32u), \
		 u32(extractBits(sc, 5u, 9u)));",
	),
	feature(
		"insertBits",
		"",
		"r = vec4(insertBits(c, 0x5a5a5a5au, a, b), insertBits(a, b, 3u, 7u), insertBits(a, b, c, 32u), \
		 insertBits(a, b, 0u, c));",
	),
	feature(
		"dot4",
		"",
		"r = vec4(u32(dot4I8Packed(a, b)), dot4U8Packed(a, b), u32(dot4I8Packed(a, c) + sb), \
		 dot4U8Packed(~a, b) + c);",
	),
	feature(
		"pack and unpack",
		"",
		"r = vec4(pack4xI8(vec4(sa, sb, sc, 1)), pack4xU8Clamp(vec4(a, b, c, 256u)), \
		 pack4xI8Clamp(vec4(sa, sb, sc, -200)), dot(unpack4xU8(a), unpack4xU8(b)) + \
		 u32(dot(unpack4xI8(a), unpack4xI8(c))));",
	),
	feature("select", "", "r = select(vec4(a), vec4(b, c, a, 1u), vec4(a < b, sa < 0, b == c, any(vec2(a == 0u, b == 0u))));"),
	feature(
		"reads out of bounds",
		"",
		"r = vec4(x[a], x[params.n * 3u + (b & 3u)], x[i + 0x40000000u], x[b * 4u + c]);",
	),
	feature(
		"writes outside the slice",
		"",
		"y[(group.x + 1u) * 256u + (a & 0xffffu)] = 0xdeadu; y[i * 4u + 256u] = 0xdeadu; y[group.x * 256u - 1u] = 0xdeadu; r = vec4(b);",
	),
	feature(
		"reads outside the slice",
		"",
		"y[i * 4u] = a + 1u; r = vec4(y[i * 4u], y[i * 4u + 256u], y[(group.x + 1u) * 256u], y[a | 0x10000u]);",
	),
	feature(
		"workgroup memory and barriers",
		"var<workgroup> shared_words: array<u32, 64>;",
		"shared_words[lane] = a ^ b; workgroupBarrier(); r.x = shared_words[63u - lane]; \
		 r.y = shared_words[(lane + c) % 64u]; workgroupBarrier(); \
		 for (var half = 32u; half > 0u; half >>= 1u) { if lane < half { shared_words[lane] += \
		 shared_words[lane + half]; } workgroupBarrier(); } r.z = shared_words[0];",
	),
	feature(
		"workgroup memory starts at zero",
		"var<workgroup> fresh: array<u32, 128>;",
		"r = vec4(fresh[lane], fresh[lane + 64u], fresh[a], 1u);",
	),
	feature(
		"atomics on u32",
		"var<workgroup> totals: array<atomic<u32>, 6>;",
		"atomicAdd(&totals[0], a); atomicMax(&totals[1], b); atomicOr(&totals[2], c); \
		 atomicXor(&totals[3], a); atomicSub(&totals[4], b); atomicAdd(&totals[5u + (b & 0xfffffff8u)], 1u); \
		 workgroupBarrier(); r = vec4(atomicLoad(&totals[0]), atomicLoad(&totals[1]), \
		 atomicLoad(&totals[2]) + atomicLoad(&totals[5]), atomicLoad(&totals[3]) ^ atomicLoad(&totals[4]));",
	),
	feature(
		"atomics on i32",
		"var<workgroup> extremes: array<atomic<i32>, 3>;",
		"atomicMin(&extremes[0], sa); atomicMax(&extremes[1], sb); atomicAnd(&extremes[2], sc); \
		 workgroupBarrier(); r = vec4(u32(atomicLoad(&extremes[0])), u32(atomicLoad(&extremes[1])), \
		 u32(atomicLoad(&extremes[2])), 0u);",
	),
	feature(
		"private arrays",
		"",
		"var p: array<u32, 9>; for (var k = 0u; k < 9u; k++) { p[k] = a + k * b; } \
		 p[c] = 77u; r = vec4(p[a], p[b % 9u], p[c], p[(a + 3u) % 9u]);",
	),
	feature(
		"constant tables",
		"const T = array<u32, 7>(2u, 3u, 5u, 7u, 11u, 13u, 17u);",
		"r = vec4(T[a], T[b % 7u], T[c & 7u], T[6]);",
	),
	feature(
		"loops, break and continue",
		"",
		"var k = 0u; loop { if k >= (a & 15u) { break; } k++; if (k & 1u) == 0u { continue; } r.x += k * b; } \
		 while r.y < (b & 31u) { r.y += 3u; } var m = 0u; loop { r.z += m; continuing { m++; break if m > (c & 7u); } } \
		 for (var u = 0u; u < (a & 3u); u++) { for (var v = 0u; v < (b & 3u); v++) { if u == v { break; } r.w += u * 4u + v; } }",
	),
	feature(
		"switch",
		"",
		"switch a & 7u { case 0u: { r.x = b; } case 1u, 2u: { if b == c { break; } r.x = 2u; } \
		 case 5u: { r.y = 5u; } default: { r.z = a; } } \
		 for (var k = 0u; k < 6u; k++) { switch (k + b) & 3u { case 0u: { continue; } case 1u: { r.w += 1u; } \
		 default: { r.w += 16u; break; } } r.w += 256u; }",
	),
	feature(
		"early returns of functions",
		"fn f(p: u32, q: u32) -> u32 { if p == 0u { return q; } if p < q { if q > 9u { return 1u; } return 2u; } \
		 for (var k = 0u; k < 5u; k++) { if ((p >> k) & 1u) == 1u { return k + 100u; } } return p - q; }",
		"r = vec4(f(a, b), f(b, a), f(a & 7u, b & 7u), f(c, 0u));",
	),
	feature(
		"short-circuit logic",
		"fn g(p: u32) -> bool { return x[p % 9u] > 3u; }",
		"r = vec4(u32(a > 3u && g(b)), u32(a > 3u || g(c)), u32((a == b) != (b == c)), u32(!(sa < sb)));",
	),
	feature(
		"structs and vectors",
		"struct P { v: vec3<u32>, s: i32, m: array<vec2<u32>, 2> } \
		 fn turn(p: ptr<function, P>) { (*p).v = (*p).v.zxy; (*p).m[1].x += u32((*p).s); }",
		"var p: P; p.v = vec3(a, b, c); p.s = sa; p.m[0] = vec2(b, c); turn(&p); \
		 r = vec4(p.v.x, p.v.y + p.m[1].x, p.m[0].y ^ p.v.z, p.m[lane & 1u].x);",
	),
];
