// The k vectors with the greatest inner product with a query, for int8 vectors.
//
// `score` scans 256 vectors a workgroup and keeps the best k of them; `merge` takes the best k of
// all that `score` kept for one query. A hit is two words: its score and its vector's number. Hits
// are ordered by score, and equal scores by number, so there is exactly one right answer.

struct Params {
	// Vectors to search.
	vectors: u32,
	// int8 in a vector, a multiple of 4.
	dimensions: u32,
	// Hits for each query.
	k: u32,
	// Hits for each query that `merge` chooses from.
	candidates: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> queries: array<u32>;
@group(0) @binding(2) var<storage, read> base: array<u32>;
@group(0) @binding(3) var<storage, read> kept: array<vec2<i32>>;
@group(0) @binding(4) var<storage, read_write> hits: array<vec2<i32>>;

const NONE = vec2(-0x7fffffff - 1, 0x7fffffff);

// One hit of each invocation; the best of all of them ends in the first.
var<workgroup> best: array<vec2<i32>, 256>;

fn is_better(x: vec2<i32>, y: vec2<i32>) -> bool {
	return x.x > y.x || (x.x == y.x && x.y < y.y);
}

// The best hit that any invocation offers.
fn best_of_workgroup(index: u32, offer: vec2<i32>) -> vec2<i32> {
	best[index] = offer;
	workgroupBarrier();
	for (var half = 128u; half > 0u; half >>= 1u) {
		if index < half && is_better(best[index + half], best[index]) {
			best[index] = best[index + half];
		}
		workgroupBarrier();
	}
	let winner = best[0];
	workgroupBarrier();
	return winner;
}

@compute @workgroup_size(256)
fn score(
	@builtin(workgroup_id) group: vec3<u32>,
	@builtin(num_workgroups) groups: vec3<u32>,
	@builtin(local_invocation_index) index: u32,
) {
	let number = group.x * 256u + index;
	var mine = NONE;
	if number < params.vectors {
		let words = params.dimensions / 4u;
		let query = group.y * words;
		let row = number * words;
		var sum = 0i;
		for (var i = 0u; i < words; i++) {
			sum += dot4I8Packed(queries[query + i], base[row + i]);
		}
		mine = vec2(sum, i32(number));
	}

	let out = (group.y * groups.x + group.x) * params.k;
	for (var rank = 0u; rank < params.k; rank++) {
		let winner = best_of_workgroup(index, mine);
		if mine.y == winner.y {
			mine = NONE;
		}
		if index == 0u {
			hits[out + rank] = winner;
		}
	}
}

@compute @workgroup_size(256)
fn merge(
	@builtin(workgroup_id) group: vec3<u32>,
	@builtin(local_invocation_index) index: u32,
) {
	let first = group.x * params.candidates;
	// The best hit so far; those that are left are worse.
	var last = vec2(0x7fffffff, -1);
	for (var rank = 0u; rank < params.k; rank++) {
		var mine = NONE;
		for (var i = index; i < params.candidates; i += 256u) {
			let hit = kept[first + i];
			if is_better(last, hit) && is_better(hit, mine) {
				mine = hit;
			}
		}
		last = best_of_workgroup(index, mine);
		if index == 0u {
			hits[group.x * params.k + rank] = last;
		}
	}
}
