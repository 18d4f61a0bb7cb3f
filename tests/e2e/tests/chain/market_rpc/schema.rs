//! Checks answers against the OpenRPC document that the node serves.
//!
//! Only the keywords that the document uses are known. Any other is refused, so that the document
//! cannot promise what is not checked.

use anyhow::{bail, ensure, Context, Result};
use serde_json::Value;

/// What describes a value and does not bound it. A pattern says for people what a format says here.
const WORDS: [&str; 2] = ["description", "pattern"];

/// The document.
pub(super) struct Document(pub(super) Value);

impl Document {
	/// The description of a method.
	pub(super) fn method(&self, name: &str) -> Result<&Value> {
		let methods = self.0["methods"].as_array().context("the document has no methods")?;
		methods
			.iter()
			.find(|method| method["name"] == name)
			.with_context(|| format!("{name} is not in the document"))
	}

	/// All its methods' names.
	pub(super) fn names(&self) -> Vec<&str> {
		let methods = self.0["methods"].as_array().into_iter().flatten();
		methods.filter_map(|method| method["name"].as_str()).collect()
	}

	/// A result is what the method's schema says.
	pub(super) fn check_result(&self, method: &str, result: &Value) -> Result<()> {
		self.check(&self.method(method)?["result"]["schema"], result, method)
	}

	/// Positional parameters are what the method's schemas say.
	pub(super) fn check_params(&self, method: &str, params: &[Value]) -> Result<()> {
		let known = self.method(method)?["params"].as_array().context("no params")?;
		ensure!(params.len() <= known.len(), "{method} has fewer parameters than {params:?}");
		for (index, param) in known.iter().enumerate() {
			match params.get(index).filter(|value| !value.is_null()) {
				Some(value) => self.check(&param["schema"], value, method)?,
				None => ensure!(param["required"] == false, "{method} needs {}", param["name"]),
			}
		}
		Ok(())
	}

	/// A subscription's message is what the subscribing method's schema says.
	pub(super) fn check_message(&self, method: &str, message: &Value) -> Result<()> {
		self.check(&self.method(method)?["x-notification"]["schema"], message, method)
	}

	/// A method may answer with this code.
	pub(super) fn check_code(&self, method: &str, code: i32) -> Result<()> {
		let errors = self.method(method)?["errors"].as_array().context("no errors")?;
		for error in errors {
			if self.resolve(error)?["code"] == code {
				return Ok(());
			}
		}
		bail!("{method} answered with {code}, which the document does not say it may")
	}

	fn resolve<'a>(&'a self, schema: &'a Value) -> Result<&'a Value> {
		let Some(reference) = schema["$ref"].as_str() else { return Ok(schema) };
		let path = reference.strip_prefix('#').context("a reference into another document")?;
		self.0.pointer(path).with_context(|| format!("{reference} leads nowhere"))
	}

	/// A value is what a schema says.
	fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<()> {
		let schema = self.resolve(schema)?;
		let keywords = schema.as_object().with_context(|| format!("{at} has no schema"))?;
		for (keyword, rule) in keywords {
			let keyword = keyword.as_str();
			match keyword {
				"type" => ensure!(is_of_type(rule, value), "{at} is no {rule}: {value}"),
				"enum" => ensure!(has(rule, value), "{at} is none of {rule}: {value}"),
				"format" => ensure!(is_of_format(rule, value)?, "{at} is no {rule}: {value}"),
				"minimum" => {
					ensure!(value.as_u64() >= rule.as_u64(), "{at} is less than {rule}: {value}");
				}
				"maximum" => {
					ensure!(value.as_u64() <= rule.as_u64(), "{at} is more than {rule}: {value}");
				}
				"maxItems" => {
					let items = value.as_array().map(|items| items.len() as u64);
					ensure!(items <= rule.as_u64(), "{at} has more items than {rule}");
				}
				"items" => {
					for (index, item) in value.as_array().into_iter().flatten().enumerate() {
						self.check(rule, item, &format!("{at}[{index}]"))?;
					}
				}
				"oneOf" => self.check_one_of(rule, value, at)?,
				"properties" => self.check_properties(rule, value, at)?,
				"required" => {
					for name in rule.as_array().into_iter().flatten() {
						let name = name.as_str().context("a name")?;
						ensure!(value.get(name).is_some(), "{at} has no {name}");
					}
				}
				"additionalProperties" => {
					ensure!(*rule == false, "{at}: only `false` is known");
					for name in value.as_object().into_iter().flat_map(|object| object.keys()) {
						ensure!(schema["properties"].get(name).is_some(), "{at} has {name} too");
					}
				}
				word => ensure!(WORDS.contains(&word), "{at}: the keyword {word} is not known"),
			}
		}
		Ok(())
	}

	fn check_properties(&self, properties: &Value, value: &Value, at: &str) -> Result<()> {
		for (name, schema) in properties.as_object().into_iter().flatten() {
			if let Some(value) = value.get(name) {
				self.check(schema, value, &format!("{at}.{name}"))?;
			}
		}
		Ok(())
	}

	fn check_one_of(&self, schemas: &Value, value: &Value, at: &str) -> Result<()> {
		let schemas = schemas.as_array().context("a list")?;
		let failures: Vec<_> =
			schemas.iter().filter_map(|schema| self.check(schema, value, at).err()).collect();
		ensure!(
			failures.len() + 1 == schemas.len(),
			"{at} is not exactly one of {} kinds: {value} ({failures:?})",
			schemas.len()
		);
		Ok(())
	}
}

fn has(list: &Value, value: &Value) -> bool {
	list.as_array().is_some_and(|list| list.contains(value))
}

fn is_of_type(name: &Value, value: &Value) -> bool {
	match name.as_str() {
		Some("object") => value.is_object(),
		Some("array") => value.is_array(),
		Some("string") => value.is_string(),
		Some("integer") => value.is_u64(),
		Some("boolean") => value.is_boolean(),
		Some("null") => value.is_null(),
		_ => false,
	}
}

fn is_of_format(name: &Value, value: &Value) -> Result<bool> {
	let Some(text) = value.as_str() else { return Ok(false) };
	Ok(match name.as_str() {
		Some("hex32") => {
			let is_lower_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
			text.strip_prefix("0x")
				.is_some_and(|hex| hex.len() == 64 && hex.chars().all(is_lower_hex))
		}
		Some("decimal") => text.parse::<u128>().is_ok_and(|number| number.to_string() == text),
		// How every address of prefix 4711 begins.
		Some("ss58") => text.len() == 49 && text.starts_with("gZ"),
		Some("region") => {
			let parts: Vec<_> = text.split('-').collect();
			matches!(parts.as_slice(), [country] | [country, _] if country.len() == 2)
		}
		_ => bail!("the format {name} is not known"),
	})
}
