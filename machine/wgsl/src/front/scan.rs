//! Size and shape limits on WGSL text, checked before a parser sees it.
//!
//! naga limits the nesting of brackets, but not the length of operator and `else if` chains, each
//! link of which costs a stack frame of its parser. This scan is one loop over the bytes: it knows
//! comments and punctuation, nothing else, and refuses what would nest too deep.

use super::{
	diagnostic::{Diagnostic, SourceSpan},
	rule::Rule,
};

/// Largest source, in bytes.
pub const MAX_SOURCE_BYTES: usize = 64 * 1024;
/// Deepest nesting of `(`, `[` and `{` together.
pub const MAX_NESTING: usize = 64;
/// Most operators, brackets and member accesses between two separators (`;`, `,`, `{`, `}`).
pub const MAX_OPERATORS: usize = 256;
/// Longest `else if` chain.
pub const MAX_ELSE_IF: usize = 64;

/// What ends a line, and with it a comment (WGSL, "Blankspace and Line Breaks"). A scan that took less
/// would take code for a comment.
const LINE_BREAKS: [char; 7] = ['\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Refuses a source that is too large or nests too deep.
pub fn check_shape(source: &str) -> Result<(), Diagnostic> {
	if source.len() > MAX_SOURCE_BYTES {
		let reason = format!("the source has {} bytes; the limit is 65,536", source.len());
		return Err(Diagnostic::whole(Rule::SourceSize, reason));
	}
	if let Some(at) = source.find('\0') {
		return Err(error(source, at, "the source holds a NUL character"));
	}
	Scan::new(source).run()
}

fn error(source: &str, at: usize, reason: impl Into<String>) -> Diagnostic {
	let span = SourceSpan { start: at as u32, end: at as u32 + 1 };
	Diagnostic::new(Rule::SourceSize, reason, source, span)
}

struct Scan<'a> {
	source: &'a str,
	at: usize,
	nesting: usize,
	operators: usize,
	/// The last byte that is neither space nor comment.
	previous: u8,
	/// For each nesting depth, the links of the `else if` chain that is open there.
	chains: [usize; MAX_NESTING + 1],
}

impl<'a> Scan<'a> {
	fn new(source: &'a str) -> Self {
		Self {
			source,
			at: 0,
			nesting: 0,
			operators: 0,
			previous: b';',
			chains: [0; MAX_NESTING + 1],
		}
	}

	fn run(mut self) -> Result<(), Diagnostic> {
		let bytes = self.source.as_bytes();
		while let Some(&byte) = bytes.get(self.at) {
			match byte {
				b'/' if matches!(bytes.get(self.at + 1), Some(b'/' | b'*')) => {
					self.skip_comment();
					continue;
				}
				b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
					self.word();
					self.check()?;
					continue;
				}
				_ => self.punctuation(byte),
			}
			if !byte.is_ascii_whitespace() {
				self.previous = byte;
			}
			self.check()?;
			self.at += 1;
		}
		Ok(())
	}

	fn punctuation(&mut self, byte: u8) {
		match byte {
			b'(' | b'[' => {
				self.nesting += 1;
				self.operators += 1;
			}
			b'{' => {
				self.nesting += 1;
				self.operators = 0;
			}
			b')' | b']' => self.nesting = self.nesting.saturating_sub(1),
			b'}' => {
				self.nesting = self.nesting.saturating_sub(1);
				self.operators = 0;
			}
			b';' | b',' => self.operators = 0,
			b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'~' | b'!' | b'<' | b'>'
			| b'=' | b'.' | b'@' => self.operators += 1,
			_ => {}
		}
	}

	/// A chain goes on with each `else`; a word that starts another statement ends it.
	fn word(&mut self) {
		let rest = &self.source[self.at..];
		let end =
			rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
		let chain = &mut self.chains[self.nesting.min(MAX_NESTING)];
		if &rest[..end] == "else" {
			*chain += 1;
		} else if matches!(self.previous, b'}' | b';' | b'{') {
			*chain = 0;
		}
		self.previous = b'a';
		self.at += end;
	}

	fn check(&self) -> Result<(), Diagnostic> {
		let at = self.at.min(self.source.len().saturating_sub(1));
		if self.nesting > MAX_NESTING {
			return Err(error(self.source, at, "brackets nest deeper than 64"));
		}
		if self.operators > MAX_OPERATORS {
			let reason = "more than 256 operators in one expression";
			return Err(error(self.source, at, reason));
		}
		if self.chains.iter().any(|links| *links > MAX_ELSE_IF) {
			return Err(error(self.source, at, "an `else if` chain longer than 64"));
		}
		Ok(())
	}

	/// Comments nest in WGSL (`/* /* */ */`).
	fn skip_comment(&mut self) {
		let bytes = self.source.as_bytes();
		if bytes.get(self.at + 1) == Some(&b'/') {
			let rest = &self.source[self.at..];
			self.at += rest.find(LINE_BREAKS).unwrap_or(rest.len());
			return;
		}
		let mut depth = 0usize;
		while self.at < bytes.len() {
			match (bytes[self.at], bytes.get(self.at + 1)) {
				(b'/', Some(b'*')) => {
					depth += 1;
					self.at += 2;
				}
				(b'*', Some(b'/')) => {
					depth -= 1;
					self.at += 2;
					if depth == 0 {
						return;
					}
				}
				_ => self.at += 1,
			}
		}
	}
}
