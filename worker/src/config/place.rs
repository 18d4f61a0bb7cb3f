//! Where in a file a setting stands.

use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

use toml::de::{DeArray, DeTable, DeValue};

/// The settings of a file by their path, such as `data.listen` or `device.0.offer`, with the bytes that
/// they take.
pub(super) struct Places {
	spans: BTreeMap<String, Range<usize>>,
	/// The bytes of their keys.
	keys: Vec<(Range<usize>, String)>,
	/// Where each line begins.
	lines: Vec<usize>,
}

impl Places {
	/// Of a text that is TOML; none of any other.
	pub(super) fn of(text: &str) -> Self {
		let mut places = Self { spans: BTreeMap::new(), keys: Vec::new(), lines: Vec::new() };
		if let Ok(table) = DeTable::parse(text) {
			places.visit_table("", table.get_ref());
		}
		let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
		places.lines = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
		places
	}

	/// The line of a byte, from 1.
	pub(super) fn line(&self, at: usize) -> usize {
		self.lines.partition_point(|start| *start <= at)
	}

	/// The line of a setting, or of the nearest table around it.
	pub(super) fn line_of(&self, path: &str) -> Option<usize> {
		let mut path = path;
		loop {
			if let Some(span) = self.spans.get(path) {
				return Some(self.line(span.start));
			}
			path = path.rsplit_once('.')?.0;
		}
	}

	/// Whether the file sets it.
	pub(super) fn has(&self, path: &str) -> bool {
		self.spans.contains_key(path)
	}

	/// The bytes of a setting's value, or of a table's header.
	pub(super) fn span(&self, path: &str) -> Option<Range<usize>> {
		self.spans.get(path).cloned()
	}

	/// The innermost setting around a byte.
	pub(super) fn path_at(&self, at: usize) -> Option<&str> {
		let keys = self.keys.iter().filter(|(span, _)| span.contains(&at));
		let key = keys.map(|(_, path)| path.as_str()).next();
		let around = self.spans.iter().filter(|(_, span)| span.contains(&at) || span.start == at);
		// A list of one table has the table's bytes: the longer path is the inner one.
		let value = around.min_by_key(|(path, span)| (span.len(), Reverse(path.len())));
		let value = value.map(|(path, _)| path.as_str());
		// The header of a table in a list is a key of the list, and the table's first bytes.
		[key, value].into_iter().flatten().max_by_key(|path| path.len())
	}

	fn visit_table(&mut self, path: &str, table: &DeTable<'_>) {
		for (key, value) in table {
			let path = match path {
				"" => key.get_ref().to_string(),
				path => format!("{path}.{}", key.get_ref()),
			};
			self.keys.push((key.span(), path.clone()));
			self.spans.insert(path.clone(), value.span());
			match value.get_ref() {
				DeValue::Table(table) => self.visit_table(&path, table),
				DeValue::Array(array) => self.visit_array(&path, array),
				_ => {}
			}
		}
	}

	fn visit_array(&mut self, path: &str, array: &DeArray<'_>) {
		for (number, value) in array.iter().enumerate() {
			let path = format!("{path}.{number}");
			self.spans.insert(path.clone(), value.span());
			if let DeValue::Table(table) = value.get_ref() {
				self.visit_table(&path, table);
			}
		}
	}
}
