// SHA-256 (FIPS 180-4) of many records of one length, one digest a record.
//
// Records lie one after another. Bytes in buffers are little-endian words, SHA-256 works on
// big-endian ones: words are swapped when read and when written.

struct Params {
	records: u32,
	// Length of a record in bytes, a multiple of 4.
	record_bytes: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> records: array<u32>;
@group(0) @binding(2) var<storage, read_write> digests: array<u32>;

const K = array<u32, 64>(
	0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u,
	0xab1c5ed5u, 0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu,
	0x9bdc06a7u, 0xc19bf174u, 0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu,
	0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau, 0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u,
	0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u, 0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu,
	0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u, 0xa2bfe8a1u, 0xa81a664bu,
	0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u, 0x19a4c116u,
	0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
	0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u,
	0xc67178f2u,
);

fn swap_bytes(x: u32) -> u32 {
	return (x << 24u) | ((x & 0xff00u) << 8u) | ((x >> 8u) & 0xff00u) | (x >> 24u);
}

fn rotate_right(x: u32, bits: u32) -> u32 {
	return (x >> bits) | (x << (32u - bits));
}

// Word `at` of the padded message of record `record`; `words` is the record's own length.
fn message_word(record: u32, at: u32, words: u32, padded_words: u32) -> u32 {
	if at < words {
		return swap_bytes(records[record * words + at]);
	}
	if at == words {
		return 0x80000000u;
	}
	if at == padded_words - 1u {
		return params.record_bytes * 8u;
	}
	return 0u;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
	let record = id.x;
	if record >= params.records {
		return;
	}
	let words = params.record_bytes / 4u;
	// The message, one word with the padding's first bit, two with the length.
	let padded_words = (words + 3u + 15u) / 16u * 16u;

	var state = array<u32, 8>(
		0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
		0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
	);
	for (var block = 0u; block < padded_words; block += 16u) {
		var w: array<u32, 16>;
		var a = state[0];
		var b = state[1];
		var c = state[2];
		var d = state[3];
		var e = state[4];
		var f = state[5];
		var g = state[6];
		var h = state[7];
		for (var t = 0u; t < 64u; t++) {
			// The schedule needs its last sixteen words only.
			let slot = t & 15u;
			var scheduled: u32;
			if t < 16u {
				scheduled = message_word(record, block + t, words, padded_words);
			} else {
				let w2 = w[(t + 14u) & 15u];
				let w15 = w[(t + 1u) & 15u];
				let s0 = rotate_right(w15, 7u) ^ rotate_right(w15, 18u) ^ (w15 >> 3u);
				let s1 = rotate_right(w2, 17u) ^ rotate_right(w2, 19u) ^ (w2 >> 10u);
				scheduled = w[slot] + s0 + w[(t + 9u) & 15u] + s1;
			}
			w[slot] = scheduled;

			let sum1 = rotate_right(e, 6u) ^ rotate_right(e, 11u) ^ rotate_right(e, 25u);
			let choice = (e & f) ^ (~e & g);
			let t1 = h + sum1 + choice + K[t] + scheduled;
			let sum0 = rotate_right(a, 2u) ^ rotate_right(a, 13u) ^ rotate_right(a, 22u);
			let majority = (a & b) ^ (a & c) ^ (b & c);
			h = g;
			g = f;
			f = e;
			e = d + t1;
			d = c;
			c = b;
			b = a;
			a = t1 + sum0 + majority;
		}
		state[0] += a;
		state[1] += b;
		state[2] += c;
		state[3] += d;
		state[4] += e;
		state[5] += f;
		state[6] += g;
		state[7] += h;
	}
	for (var i = 0u; i < 8u; i++) {
		digests[record * 8u + i] = swap_bytes(state[i]);
	}
}
