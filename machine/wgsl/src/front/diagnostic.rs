//! An error that points into the author's source.

use std::fmt;

use thiserror::Error;

use super::rule::Rule;

/// A place in the source: bytes `start..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceSpan {
	/// The first byte.
	pub start: u32,
	/// The byte after the last one.
	pub end: u32,
}

impl From<naga::Span> for SourceSpan {
	fn from(span: naga::Span) -> Self {
		let range = span.to_range().unwrap_or(0..0);
		Self { start: range.start as u32, end: range.end as u32 }
	}
}

/// Why a kernel is refused, where, and what to do about it.
///
/// `Display` prints the place as `line:column`, the source line with a caret, the reason and a
/// hint.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Diagnostic {
	/// The rule that the source breaks.
	pub rule: Rule,
	/// What is wrong here, in one sentence.
	pub reason: String,
	/// Where, with the first line and column counted from 1; `None` if the whole source is meant.
	pub place: Option<Place>,
}

/// A line and column with the text of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
	/// The line, from 1.
	pub line: u32,
	/// The column in characters, from 1.
	pub column: u32,
	/// How many characters of this line are meant, at least 1.
	pub length: u32,
	/// The line's text.
	pub text: String,
}

/// Longest source line that a diagnostic repeats, in characters.
const SHOWN_CHARACTERS: usize = 160;

impl Diagnostic {
	/// A diagnostic at `span` of `source`.
	pub fn new(
		rule: Rule,
		reason: impl Into<String>,
		source: &str,
		span: impl Into<SourceSpan>,
	) -> Self {
		Self { rule, reason: reason.into(), place: Place::find(source, span.into()) }
	}

	/// A diagnostic about the whole source.
	pub fn whole(rule: Rule, reason: impl Into<String>) -> Self {
		Self { rule, reason: reason.into(), place: None }
	}
}

impl Place {
	/// The place of `span` in `source`; `None` if the span is empty and at the start, which is how
	/// generated code says that it has no place.
	pub fn find(source: &str, span: SourceSpan) -> Option<Self> {
		let start = span.start as usize;
		if span == SourceSpan::default() || !source.is_char_boundary(start) {
			return None;
		}
		let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
		let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
		let line = source[..line_start].matches('\n').count() as u32 + 1;
		let column = source[line_start..start].chars().count() as u32 + 1;
		let end = (span.end as usize).clamp(start, line_end);
		let length = source.get(start..end).map_or(1, |text| text.chars().count().max(1)) as u32;
		let text = source[line_start..line_end].trim_end().to_owned();
		Some(Self { line, column, length, text })
	}
}

impl fmt::Display for Place {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let number = self.line.to_string();
		let gutter = " ".repeat(number.len());
		let shown: String = self.text.chars().take(SHOWN_CHARACTERS).collect();
		let lead: String = shown
			.chars()
			.take(self.column as usize - 1)
			.map(|c| if c == '\t' { '\t' } else { ' ' })
			.collect();
		let room = shown.chars().count().saturating_sub(self.column as usize - 1).max(1);
		let carets = "^".repeat((self.length as usize).min(room));
		writeln!(f, "{gutter} |")?;
		writeln!(f, "{number} | {shown}")?;
		write!(f, "{gutter} | {lead}{carets}")
	}
}

impl fmt::Display for Diagnostic {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match &self.place {
			Some(place) => {
				writeln!(f, "{}:{}: {}", place.line, place.column, self.reason)?;
				write!(f, "{place}")?;
			}
			None => write!(f, "{}", self.reason)?,
		}
		match self.rule.hint() {
			"" => Ok(()),
			hint => write!(f, "\nhint: {hint}"),
		}
	}
}
