//! As much of a WebSocket's server as a test needs (RFC 6455): whole text frames, no extensions.

use base64::{engine::general_purpose::STANDARD, Engine as _};
use std::io;
use tokio::{
	io::{AsyncReadExt as _, AsyncWriteExt as _},
	net::TcpStream,
};

/// What the standard puts behind a client's key.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

/// An open one.
pub(super) struct Socket(TcpStream);

impl Socket {
	/// Answers a client's handshake.
	pub(super) async fn open(mut stream: TcpStream) -> io::Result<Self> {
		let mut head = Vec::new();
		while !head.ends_with(b"\r\n\r\n") {
			head.push(stream.read_u8().await?);
		}
		let head = String::from_utf8_lossy(&head).into_owned();
		let mut lines = head.lines().filter_map(|line| line.split_once(": "));
		let key = lines.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"));
		let key = key.map(|(_, key)| key.trim()).ok_or(io::ErrorKind::InvalidData)?;
		let accept = STANDARD.encode(sha1(format!("{key}{GUID}").as_bytes()));
		let answer = format!(
			"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
			 Sec-WebSocket-Accept: {accept}\r\n\r\n"
		);
		stream.write_all(answer.as_bytes()).await?;
		Ok(Self(stream))
	}

	/// The next text; `None`: the client has gone.
	pub(super) async fn next(&mut self) -> io::Result<Option<String>> {
		loop {
			let kind = self.0.read_u8().await?;
			let length = match self.0.read_u8().await? & 0x7f {
				126 => u64::from(self.0.read_u16().await?),
				127 => self.0.read_u64().await?,
				length => u64::from(length),
			};
			let mut mask = [0; 4];
			self.0.read_exact(&mut mask).await?;
			let mut bytes = vec![0; usize::try_from(length).expect("it is short")];
			self.0.read_exact(&mut bytes).await?;
			bytes.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
			match kind {
				TEXT => return Ok(Some(String::from_utf8(bytes).expect("it is JSON"))),
				CLOSE => return Ok(None),
				// Pings need no answer in a test.
				_ => {}
			}
		}
	}

	/// Sends a text.
	pub(super) async fn send(&mut self, text: &str) -> io::Result<()> {
		let mut frame = vec![TEXT, 127];
		frame.extend((text.len() as u64).to_be_bytes());
		frame.extend(text.as_bytes());
		self.0.write_all(&frame).await
	}
}

/// SHA-1, which only the handshake asks for.
fn sha1(message: &[u8]) -> [u8; 20] {
	let mut padded = message.to_vec();
	padded.push(0x80);
	while padded.len() % 64 != 56 {
		padded.push(0);
	}
	padded.extend((message.len() as u64 * 8).to_be_bytes());
	let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
	for block in padded.chunks_exact(64) {
		let mut words: Vec<u32> = block
			.chunks_exact(4)
			.map(|word| u32::from_be_bytes(word.try_into().expect("it has four bytes")))
			.collect();
		for at in 16..80 {
			let word = words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16];
			words.push(word.rotate_left(1));
		}
		let [mut a, mut b, mut c, mut d, mut e] = state;
		for (at, word) in words.into_iter().enumerate() {
			let (mixed, constant) = match at {
				0..20 => ((b & c) | (!b & d), 0x5a82_7999u32),
				20..40 => (b ^ c ^ d, 0x6ed9_eba1),
				40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
				_ => (b ^ c ^ d, 0xca62_c1d6),
			};
			let sum = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e);
			let next = sum.wrapping_add(constant).wrapping_add(word);
			(a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
		}
		for (state, word) in state.iter_mut().zip([a, b, c, d, e]) {
			*state = state.wrapping_add(word);
		}
	}
	let mut digest = [0; 20];
	for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
		bytes.copy_from_slice(&word.to_be_bytes());
	}
	digest
}

#[test]
fn the_handshake_is_the_standards_example() {
	let digest = sha1(format!("dGhlIHNhbXBsZSBub25jZQ=={GUID}").as_bytes());
	assert_eq!(STANDARD.encode(digest), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}
